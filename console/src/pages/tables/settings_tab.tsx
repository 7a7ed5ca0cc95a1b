import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useState } from 'react';
import { attempt } from '../../app/notices';
import { dynamodb, type TableDescription, type Tag } from '../../client/dynamodb';
import { Failure } from '../../parts/failure';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { TagFields, tagsOf, type TagDraft } from './tag_fields';

export function SettingsTab({ table, reload }: { table: TableDescription; reload: () => void }) {
  return (
    <SpaceBetween size="l">
      <Capacity table={table} reload={reload} />
      <TimeToLive name={table.TableName} />
      <Protection table={table} reload={reload} />
      <Tags arn={table.TableArn} />
    </SpaceBetween>
  );
}

function Capacity({ table, reload }: { table: TableDescription; reload: () => void }) {
  const [mode, setMode] = useState(table.BillingModeSummary?.BillingMode ?? 'PROVISIONED');
  const [reads, setReads] = useState(String(table.ProvisionedThroughput?.ReadCapacityUnits || 5));
  const [writes, setWrites] = useState(String(table.ProvisionedThroughput?.WriteCapacityUnits || 5));
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    const throughput = { ReadCapacityUnits: Number(reads), WriteCapacityUnits: Number(writes) };
    const was = table.BillingModeSummary?.BillingMode ?? 'PROVISIONED';
    await attempt(
      'Changing the capacity',
      () =>
        dynamodb('UpdateTable', {
          TableName: table.TableName,
          BillingMode: mode === was ? undefined : mode,
          ProvisionedThroughput: mode === 'PROVISIONED' ? throughput : undefined,
          GlobalSecondaryIndexUpdates:
            mode === 'PROVISIONED' && was !== mode && table.GlobalSecondaryIndexes?.length
              ? table.GlobalSecondaryIndexes.map((index) => ({
                  Update: { IndexName: index.IndexName, ProvisionedThroughput: throughput },
                }))
              : undefined,
        }),
      'The capacity has been changed.',
    );
    setBusy(false);
    reload();
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Limits of throughput are kept and shown; requests are not held to them here."
          actions={
            <Button loading={busy} onClick={() => void save()}>
              Save capacity
            </Button>
          }
        >
          Read and write capacity
        </Header>
      }
    >
      <SpaceBetween size="m">
        <SegmentedControl
          label="Capacity mode"
          selectedId={mode}
          onChange={({ detail }) => setMode(detail.selectedId)}
          options={[
            { id: 'PAY_PER_REQUEST', text: 'On-demand' },
            { id: 'PROVISIONED', text: 'Provisioned' },
          ]}
        />
        {mode === 'PROVISIONED' && (
          <ColumnLayout columns={2}>
            <FormField label="Read capacity units">
              <Input type="number" value={reads} onChange={({ detail }) => setReads(detail.value)} />
            </FormField>
            <FormField label="Write capacity units">
              <Input type="number" value={writes} onChange={({ detail }) => setWrites(detail.value)} />
            </FormField>
          </ColumnLayout>
        )}
      </SpaceBetween>
    </Container>
  );
}

function TimeToLive({ name }: { name: string }) {
  const loaded = useLoad(
    async (signal) =>
      (
        await dynamodb<{ TimeToLiveDescription: { TimeToLiveStatus: string; AttributeName?: string } }>(
          'DescribeTimeToLive',
          { TableName: name },
          { signal },
        )
      ).TimeToLiveDescription,
    [name],
  );
  const [attribute, setAttribute] = useState('');
  const isOn = loaded.data?.TimeToLiveStatus === 'ENABLED';
  const change = async (): Promise<void> => {
    await attempt(
      'Changing the time to live',
      () =>
        dynamodb('UpdateTimeToLive', {
          TableName: name,
          TimeToLiveSpecification: { Enabled: !isOn, AttributeName: isOn ? loaded.data!.AttributeName : attribute },
        }),
      isOn ? 'Time to live is off.' : `Items go when the time in ${attribute} has passed.`,
    );
    loaded.reload();
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Items whose time has passed are deleted. The time stands in an attribute, in seconds since 1970."
          actions={
            <Button disabled={!loaded.data || (!isOn && !attribute)} onClick={() => void change()}>
              {isOn ? 'Turn off' : 'Turn on'}
            </Button>
          }
        >
          Time to live
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Failure error={loaded.error} retry={loaded.reload} />
        <KeyValuePairs
          columns={2}
          items={[
            { label: 'Status', value: <Status of={loaded.data?.TimeToLiveStatus} /> },
            { label: 'Attribute', value: loaded.data?.AttributeName ?? '–' },
          ]}
        />
        {loaded.data && !isOn && (
          <FormField label="Attribute with the time">
            <Input value={attribute} placeholder="expires" onChange={({ detail }) => setAttribute(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

function Protection({ table, reload }: { table: TableDescription; reload: () => void }) {
  return (
    <Container header={<Header variant="h2">Deletion protection</Header>}>
      <Toggle
        checked={table.DeletionProtectionEnabled === true}
        description="The table cannot be deleted while this is on."
        onChange={({ detail }) =>
          void attempt(
            'Changing deletion protection',
            () => dynamodb('UpdateTable', { TableName: table.TableName, DeletionProtectionEnabled: detail.checked }),
            `Deletion protection is ${detail.checked ? 'on' : 'off'}.`,
          ).then(reload)
        }
      >
        Protect this table from deletion
      </Toggle>
    </Container>
  );
}

function Tags({ arn }: { arn: string }) {
  const loaded = useLoad(
    async (signal) => (await dynamodb<{ Tags: Tag[] }>('ListTagsOfResource', { ResourceArn: arn }, { signal })).Tags,
    [arn],
  );
  const [drafts, setDrafts] = useState<TagDraft[]>([]);
  const [busy, setBusy] = useState(false);
  useEffect(() => setDrafts((loaded.data ?? []).map((tag) => ({ key: tag.Key, value: tag.Value }))), [loaded.data]);
  const save = async (): Promise<void> => {
    setBusy(true);
    const wanted = tagsOf(drafts);
    const gone = (loaded.data ?? []).map((tag) => tag.Key).filter((key) => !wanted.some((tag) => tag.Key === key));
    await attempt(
      'Changing the tags',
      async () => {
        if (gone.length) await dynamodbQuiet('UntagResource', { ResourceArn: arn, TagKeys: gone });
        if (wanted.length) await dynamodbQuiet('TagResource', { ResourceArn: arn, Tags: wanted });
      },
      'The tags have been saved.',
    );
    setBusy(false);
    loaded.reload();
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Words that you attach to the table, to find it or to count its costs by."
          actions={
            <Button loading={busy} onClick={() => void save()}>
              Save tags
            </Button>
          }
        >
          Tags
        </Header>
      }
    >
      <Failure error={loaded.error} retry={loaded.reload} />
      {loaded.data ? <TagFields value={drafts} onChange={setDrafts} /> : <Box>Loading tags</Box>}
    </Container>
  );
}

// Operations whose answers are empty.
async function dynamodbQuiet(operation: string, input: object): Promise<void> {
  await dynamodb(operation, input);
}
