import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { tell } from '../../app/notices';
import { go, href } from '../../app/router';
import { describeRecovery, dynamodb, listTables, tableNameOfArn, type TableDescription } from '../../client/dynamodb';
import { time } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { isWhole, momentOf, MomentInput, secondsOf } from '../../parts/moment_input';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { PageForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

const billings: SelectProps.Option[] = [
  { value: '', label: 'As the source has it' },
  { value: 'PAY_PER_REQUEST', label: 'On-demand' },
  { value: 'PROVISIONED', label: 'Provisioned, 5 read and 5 write units' },
];
const indexChoices: SelectProps.Option[] = [
  { value: 'all', label: 'All indexes' },
  { value: 'none', label: 'No indexes', description: 'Quicker, if the queries do not need them' },
];

// A new table, from a moment of another one's past or from a backup.
export function Restore({ table, backup, at }: { table?: string; backup?: string; at?: string }) {
  const [source, setSource] = useState<SelectProps.Option | null>(table ? { value: table } : null);
  const [latest, setLatest] = useState(at ? 'chosen' : 'latest');
  const [moment, setMoment] = useState(momentOf(at ? new Date(at) : new Date()));
  const [target, setTarget] = useState('');
  const [billing, setBilling] = useState(billings[0]);
  const [indexes, setIndexes] = useState(indexChoices[0]);

  const tables = useLoad((signal) => (table || backup ? Promise.resolve([]) : listTables(signal)), [table, backup]);
  const name = source?.value;
  const recovery = useLoad(
    async (signal) => (name ? (await describeRecovery(name, signal)).PointInTimeRecoveryDescription : undefined),
    [name],
  );
  const window = recovery.data;
  const isOff = window?.PointInTimeRecoveryStatus === 'DISABLED';
  const latestTime = window?.LatestRestorableDateTime;
  useEffect(() => {
    if (!at && latestTime) setMoment(momentOf(new Date(latestTime * 1000)));
  }, [at, latestTime]);

  const submit = useSubmit(async () => {
    const overrides = {
      TargetTableName: target,
      BillingModeOverride: billing.value || undefined,
      ProvisionedThroughputOverride:
        billing.value === 'PROVISIONED' ? { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } : undefined,
      GlobalSecondaryIndexOverride: indexes.value === 'none' ? [] : undefined,
      LocalSecondaryIndexOverride: indexes.value === 'none' ? [] : undefined,
    };
    if (backup) {
      await dynamodb<{ TableDescription: TableDescription }>('RestoreTableFromBackup', { BackupArn: backup, ...overrides });
    } else {
      // A moment that came from the timeline keeps its microseconds as long as nobody changes it.
      const exact = at && momentOf(new Date(at)).date === moment.date && momentOf(new Date(at)).time === moment.time;
      await dynamodb('RestoreTableToPointInTime', {
        SourceTableName: name,
        ...(latest === 'latest'
          ? { UseLatestRestorableTime: true }
          : { RestoreDateTime: exact ? Date.parse(at) / 1000 : secondsOf(moment) }),
        ...overrides,
      });
    }
    tell('success', `The table ${target} is being restored.`);
    go(href(['tables', target]));
  });

  return (
    <Page
      title={backup ? 'Restore from a backup' : 'Restore to a point in time'}
      description="The past comes back as a new table; the one that there is stays as it is."
    >
      <PageForm
        submit={submit}
        action="Restore"
        cancelTo={backup ? href(['backups']) : href(['tables', name ?? ''])}
        disabled={!target || (!backup && (!name || isOff)) || !isWhole(moment)}
      >
        <Container header={<Header variant="h2">From</Header>}>
          <SpaceBetween size="m">
            {backup ? (
              <KeyValuePairs
                columns={2}
                items={[
                  { label: 'Table', value: tableNameOfArn(backup) },
                  { label: 'Backup', value: backup },
                ]}
              />
            ) : (
              <>
                <FormField label="Source table">
                  <Select
                    selectedOption={source}
                    disabled={table !== undefined}
                    options={(tables.data ?? []).map((value) => ({ value }))}
                    placeholder="Choose a table"
                    filteringType="auto"
                    onChange={({ detail }) => setSource(detail.selectedOption)}
                  />
                </FormField>
                {isOff && (
                  <Alert type="info">
                    Point-in-time recovery is off for this table, so nothing of its past is kept.{' '}
                    <GoLink href={href(['tables', name!], { tab: 'backups' })}>Turn it on under Backups</GoLink>
                  </Alert>
                )}
                <FormField label="Moment">
                  <RadioGroup
                    value={latest}
                    ariaLabel="Moment"
                    onChange={({ detail }) => setLatest(detail.value)}
                    items={[
                      { value: 'latest', label: 'Latest', description: latestTime ? time(latestTime) : undefined },
                      {
                        value: 'chosen',
                        label: 'A moment of your choice',
                        description: window?.EarliestRestorableDateTime ? `From ${time(window.EarliestRestorableDateTime)} on` : undefined,
                      },
                    ]}
                  />
                </FormField>
                {latest === 'chosen' && <MomentInput label="Restore date and time" value={moment} onChange={setMoment} />}
              </>
            )}
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">New table</Header>}>
          <SpaceBetween size="m">
            <FormField label="Name of the new table">
              <Input
                value={target}
                placeholder={name ? `${name}-restored` : 'restored'}
                onChange={({ detail }) => setTarget(detail.value)}
              />
            </FormField>
            <FormField label="Capacity">
              <Select
                selectedOption={billing}
                options={billings}
                ariaLabel="Capacity"
                onChange={({ detail }) => setBilling(detail.selectedOption)}
              />
            </FormField>
            <FormField label="Secondary indexes">
              <Select
                selectedOption={indexes}
                options={indexChoices}
                ariaLabel="Secondary indexes"
                onChange={({ detail }) => setIndexes(detail.selectedOption)}
              />
            </FormField>
          </SpaceBetween>
        </Container>
      </PageForm>
    </Page>
  );
}
