import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useEffect, useState } from 'react';
import { attempt, tell } from '../../app/notices';
import { dynamodb, type TableDescription, type Tag } from '../../client/dynamodb';
import { Failure } from '../../parts/failure';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { CapacityFields } from './capacity_fields';
import { TagFields, tagsOf, type TagDraft } from './tag_fields';
import { SectionForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

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
  const submit = useSubmit(async () => {
    const throughput = { ReadCapacityUnits: Number(reads), WriteCapacityUnits: Number(writes) };
    const was = table.BillingModeSummary?.BillingMode ?? 'PROVISIONED';
    await dynamodb('UpdateTable', {
      TableName: table.TableName,
      BillingMode: mode === was ? undefined : mode,
      ProvisionedThroughput: mode === 'PROVISIONED' ? throughput : undefined,
      GlobalSecondaryIndexUpdates:
        mode === 'PROVISIONED' && was !== mode && table.GlobalSecondaryIndexes?.length
          ? table.GlobalSecondaryIndexes.map((index) => ({
              Update: { IndexName: index.IndexName, ProvisionedThroughput: throughput },
            }))
          : undefined,
    });
    tell('success', 'The capacity has been changed.');
    reload();
  });
  return (
    <SectionForm
      title="Read and write capacity"
      description="Limits of throughput are kept and shown; requests are not held to them here."
      submit={submit}
      action="Save capacity"
    >
      <SegmentedControl
        label="Capacity mode"
        selectedId={mode}
        onChange={({ detail }) => setMode(detail.selectedId)}
        options={[
          { id: 'PAY_PER_REQUEST', text: 'On-demand' },
          { id: 'PROVISIONED', text: 'Provisioned' },
        ]}
      />
      {mode === 'PROVISIONED' && <CapacityFields reads={reads} writes={writes} onReads={setReads} onWrites={setWrites} />}
    </SectionForm>
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
  const submit = useSubmit(async () => {
    await dynamodb('UpdateTimeToLive', {
      TableName: name,
      TimeToLiveSpecification: { Enabled: !isOn, AttributeName: isOn ? loaded.data!.AttributeName : attribute },
    });
    tell('success', isOn ? 'Time to live is off.' : `Items go when the time in ${attribute} has passed.`);
    loaded.reload();
  });
  return (
    <SectionForm
      title="Time to live"
      description="Items whose time has passed are deleted. The time stands in an attribute, in seconds since 1970."
      submit={submit}
      action={isOn ? 'Turn off' : 'Turn on'}
      disabled={!loaded.data || (!isOn && !attribute)}
    >
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
    </SectionForm>
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
  useEffect(() => setDrafts((loaded.data ?? []).map((tag) => ({ key: tag.Key, value: tag.Value }))), [loaded.data]);
  const submit = useSubmit(async () => {
    const wanted = tagsOf(drafts);
    const gone = (loaded.data ?? []).map((tag) => tag.Key).filter((key) => !wanted.some((tag) => tag.Key === key));
    if (gone.length) await dynamodb('UntagResource', { ResourceArn: arn, TagKeys: gone });
    if (wanted.length) await dynamodb('TagResource', { ResourceArn: arn, Tags: wanted });
    tell('success', 'The tags have been saved.');
    loaded.reload();
  });
  return (
    <SectionForm
      title="Tags"
      description="Words that you attach to the table, to find it or to count its costs by."
      submit={submit}
      action="Save tags"
      disabled={!loaded.data}
    >
      <Failure error={loaded.error} retry={loaded.reload} />
      {loaded.data ? <TagFields value={drafts} onChange={setDrafts} /> : <Box>Loading tags</Box>}
    </SectionForm>
  );
}
