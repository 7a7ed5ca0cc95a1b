import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { useEffect, useState } from 'react';
import { attempt, tell } from '../../app/notices';
import { go, href } from '../../app/router';
import { describeRecovery, describeTable, dynamodb, listTables, newToken, type ExportDescription } from '../../client/dynamodb';
import { GoLink } from '../../parts/go_link';
import { BucketField } from '../../parts/bucket_field';
import { time } from '../../parts/format';
import { isWhole, momentOf, MomentInput, secondsOf } from '../../parts/moment_input';
import { Page } from '../../parts/page';
import { faultOf, lastExportedTo, nextPeriod, possibleFrom, type Window } from './next_period';
import { useLoad } from '../../parts/use_load';
import { PageForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

const viewTypes: SelectProps.Option[] = [
  { value: 'NEW_AND_OLD_IMAGES', label: 'New and old images' },
  { value: 'NEW_IMAGE', label: 'New images only' },
];
const formats: SelectProps.Option[] = [
  { value: 'DYNAMODB_JSON', label: 'DynamoDB JSON' },
  { value: 'ION', label: 'Amazon Ion text' },
];

export function ExportForm(props: { table?: string; at?: string; from?: string; to?: string }) {
  const now = new Date();
  const [source, setSource] = useState<SelectProps.Option | null>(props.table ? { value: props.table } : null);
  const [place, setPlace] = useState({ bucket: '', prefix: '' });
  const [type, setType] = useState(props.from ? 'INCREMENTAL_EXPORT' : 'FULL_EXPORT');
  const [when, setWhen] = useState(props.at ? 'chosen' : 'now');
  const [moment, setMoment] = useState(momentOf(props.at ? new Date(props.at) : now));
  const [from, setFrom] = useState(momentOf(props.from ? new Date(props.from) : new Date(now.getTime() - 3_600_000)));
  const [to, setTo] = useState(momentOf(props.to ? new Date(props.to) : now));
  const [view, setView] = useState(viewTypes[0]);
  const [format, setFormat] = useState(formats[0]);

  const tables = useLoad(listTables, []);
  const name = source?.value;
  const recovery = useLoad(
    async (signal) => (name ? (await describeRecovery(name, signal)).PointInTimeRecoveryDescription : undefined),
    [name],
  );
  const window = recovery.data;
  const isOff = window?.PointInTimeRecoveryStatus === 'DISABLED';
  const latest = window?.LatestRestorableDateTime;
  const last = useLoad(async (signal) => (name ? lastExportedTo((await describeTable(name, signal)).TableArn, signal) : undefined), [name]);
  const reach: Window | undefined = latest && !last.loading ? { earliest: window?.EarliestRestorableDateTime ?? latest, latest } : undefined;
  const period = reach && nextPeriod(reach, last.data);
  const isIncrement = type === 'INCREMENTAL_EXPORT';
  const isTooEarly = reach !== undefined && period === undefined;
  const fault = isIncrement && reach && period && isWhole(from) && isWhole(to) ? faultOf(reach, secondsOf(from), secondsOf(to)) : {};
  // The service's clock may be far from the browser's: the fields begin where the window ends.
  useEffect(() => {
    if (!latest) return;
    if (!props.at) setMoment(momentOf(new Date(latest * 1000)));
    if (props.from && !props.to) setTo(momentOf(new Date(latest * 1000)));
  }, [latest]);
  useEffect(() => {
    if (!period || props.from || props.to) return;
    setFrom(momentOf(new Date(period.from * 1000)));
    setTo(momentOf(new Date(period.to * 1000)));
  }, [period?.from, period?.to]);

  const submit = useSubmit(async () => {
    const table = await describeTable(name!);
    const answer = await dynamodb<{ ExportDescription: ExportDescription }>('ExportTableToPointInTime', {
      ClientToken: newToken(),
      TableArn: table.TableArn,
      S3Bucket: place.bucket,
      S3Prefix: place.prefix.replace(/\/+$/, '') || undefined,
      ExportFormat: format.value,
      ExportType: type,
      ExportTime: type === 'FULL_EXPORT' && when === 'chosen' ? secondsOf(moment) : undefined,
      IncrementalExportSpecification:
        type === 'INCREMENTAL_EXPORT'
          ? { ExportFromTime: secondsOf(from), ExportToTime: secondsOf(to), ExportViewType: view.value }
          : undefined,
    });
    tell('success', `The export of ${name} has begun.`);
    go(href(['exports'], { arn: answer.ExportDescription.ExportArn }));
  });
  const turnOn = async (): Promise<void> => {
    await attempt('Turning on recovery', () =>
      dynamodb('UpdateContinuousBackups', { TableName: name, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
    );
    recovery.reload();
  };

  return (
    <Page title="Export to S3" description="The table as it was at a moment, or what changed between two, as files in a bucket.">
      <PageForm
        submit={submit}
        action="Export"
        cancelTo={href(['exports'])}
        disabled={!name || !place.bucket || isOff || !isWhole(moment) || !isWhole(from) || !isWhole(to) || (isIncrement && (isTooEarly || !!fault.from || !!fault.to))}
      >
        <Container header={<Header variant="h2">Source and destination</Header>}>
          <SpaceBetween size="m">
            <FormField label="Source table">
              <Select
                selectedOption={source}
                options={(tables.data ?? []).map((value) => ({ value }))}
                placeholder="Choose a table"
                filteringType="auto"
                empty="There are no tables"
                onChange={({ detail }) => setSource(detail.selectedOption)}
              />
            </FormField>
            {isOff && (
              <Alert
                type="info"
                action={
                  <Button formAction="none" onClick={() => void turnOn()}>
                    Turn on
                  </Button>
                }
              >
                Exports need point-in-time recovery, which is off for this table.
              </Alert>
            )}
            <BucketField
              value={place}
              onChange={setPlace}
              mayCreate
              bucketLabel="Destination bucket"
              prefixLabel="Prefix – optional"
              prefixDescription="A folder AWSDynamoDB with the export in it is made below it."
            />
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">Export settings</Header>}>
          <SpaceBetween size="l">
            <Tiles
              value={type}
              ariaLabel="Type of export"
              onChange={({ detail }) => setType(detail.value)}
              items={[
                { value: 'FULL_EXPORT', label: 'Full export', description: 'All items, as they were at one moment.' },
                {
                  value: 'INCREMENTAL_EXPORT',
                  label: 'Incremental export',
                  description: 'What was inserted, changed and deleted in a period.',
                },
              ]}
            />
            {type === 'FULL_EXPORT' ? (
              <>
                <FormField label="Export from">
                  <RadioGroup
                    value={when}
                    ariaLabel="Export from"
                    onChange={({ detail }) => setWhen(detail.value)}
                    items={[
                      { value: 'now', label: 'Now' },
                      {
                        value: 'chosen',
                        label: 'A point in time',
                        description: latest ? `Between ${time(window?.EarliestRestorableDateTime)} and ${time(latest)}` : undefined,
                      },
                    ]}
                  />
                </FormField>
                {when === 'chosen' && <MomentInput label="Date and time" value={moment} onChange={setMoment} />}
              </>
            ) : (
              <>
                {isTooEarly && (
                  <Alert
                    type="info"
                    action={
                      <Button formAction="none" onClick={recovery.reload}>
                        Look again
                      </Button>
                    }
                  >
                    No incremental export of {name} can be made yet: a period has 15 minutes at least, and its past begins at {time(Math.ceil(reach.earliest))}. The first can be
                    made at {time(possibleFrom(reach, undefined))}, by the service’s <GoLink href={href(['clock'])}>clock</GoLink>.
                  </Alert>
                )}
                {reach && period && !period.follows && last.data !== undefined && last.data >= reach.earliest && (
                  <Alert type="info">
                    The last incremental export ended at {time(last.data)}. The next that follows on it can be made at {time(possibleFrom(reach, last.data))}; what is proposed here
                    overlaps with what has been exported.
                  </Alert>
                )}
                <ColumnLayout columns={2}>
                  <MomentInput label="From" errorText={fault.from} description={period?.follows && secondsOf(from) === period.from ? 'Included; where the last incremental export ended' : 'Included'} value={from} onChange={setFrom} />
                  <MomentInput label="To" errorText={fault.to} description="Excluded; 15 minutes after the start at least" value={to} onChange={setTo} />
                </ColumnLayout>
                <FormField label="View type" description="Of each item that changed: only what it became, or what it was, too">
                  <Select selectedOption={view} options={viewTypes} ariaLabel="View type" onChange={({ detail }) => setView(detail.selectedOption)} />
                </FormField>
              </>
            )}
            <FormField label="File format">
              <Select selectedOption={format} options={formats} ariaLabel="File format" onChange={({ detail }) => setFormat(detail.selectedOption)} />
            </FormField>
          </SpaceBetween>
        </Container>
      </PageForm>
    </Page>
  );
}
