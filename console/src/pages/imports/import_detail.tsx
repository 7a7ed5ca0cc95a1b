import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { href } from '../../app/router';
import { dynamodb, lastOfArn, logs, tableNameOfArn, type ImportDescription } from '../../client/dynamodb';
import { Copied } from '../../parts/copied';
import { Failure } from '../../parts/failure';
import { bytes, count, elapsed, time, words } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { JobProgress } from '../time/job_progress';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';

export function ImportDetail({ arn }: { arn: string }) {
  const loaded = useLoad(
    async (signal) =>
      (await dynamodb<{ ImportTableDescription: ImportDescription }>('DescribeImport', { ImportArn: arn }, { signal })).ImportTableDescription,
    [arn],
    (found) => (found?.ImportStatus === 'IN_PROGRESS' ? 500 : undefined),
  );
  const found = loaded.data;
  const table = found?.TableCreationParameters?.TableName ?? tableNameOfArn(arn);
  return (
    <Page
      title={`Import ${lastOfArn(arn)}`}
      actions={
        found?.ImportStatus === 'COMPLETED' && (
          <GoButton variant="primary" href={href(['tables', table, 'items'])}>
            Explore the table
          </GoButton>
        )
      }
    >
      <SpaceBetween size="l">
        <Failure error={loaded.error} retry={loaded.reload} />
        {found?.FailureCode && (
          <Alert type="error" header={found.FailureCode}>
            {found.FailureMessage}
          </Alert>
        )}
        {found?.ImportStatus === 'IN_PROGRESS' && <JobProgress id={lastOfArn(arn)} />}
        {found && (
          <Container header={<Header variant="h2">Summary</Header>}>
            <KeyValuePairs
              columns={4}
              items={[
                { label: 'Status', value: <Status of={found.ImportStatus} /> },
                { label: 'Table', value: <GoLink href={href(['tables', table])}>{table}</GoLink> },
                {
                  label: 'Source',
                  value: found.S3BucketSource ? (
                    <GoLink href={href(['s3', found.S3BucketSource.S3Bucket], { prefix: found.S3BucketSource.S3KeyPrefix })}>
                      {`${found.S3BucketSource.S3Bucket}/${found.S3BucketSource.S3KeyPrefix ?? ''}`}
                    </GoLink>
                  ) : (
                    '–'
                  ),
                },
                { label: 'Format', value: `${words(found.InputFormat)}, ${words(found.InputCompressionType)}` },
                { label: 'Items read', value: count(found.ProcessedItemCount) },
                { label: 'Items imported', value: count(found.ImportedItemCount) },
                { label: 'Errors', value: count(found.ErrorCount) },
                { label: 'Size read', value: bytes(found.ProcessedSizeBytes) },
                { label: 'Started', value: time(found.StartTime) },
                { label: 'Took', value: elapsed(found.StartTime, found.EndTime) },
                { label: 'ARN', value: <Copied text={found.ImportArn} /> },
              ]}
            />
          </Container>
        )}
        {found && (found.ErrorCount ?? 0) > 0 && <ErrorLog id={lastOfArn(arn)} />}
      </SpaceBetween>
    </Page>
  );
}

interface LogEvent {
  timestamp: number;
  message: string;
}

interface Line extends LogEvent {
  number: number;
  reason: string;
}

const GROUP = '/aws-dynamodb/imports';

// At most 10,000 lines are kept; a thousand are fetched.
async function loadLog(id: string, signal: AbortSignal): Promise<Line[]> {
  const answer = await logs<{ events: LogEvent[] }>(
    'GetLogEvents',
    { logGroupName: GROUP, logStreamName: `${id}/error`, startFromHead: true, limit: 1000 },
    { signal },
  );
  return answer.events.map((event, number) => ({ ...event, number, reason: reasonOf(event.message) }));
}

function reasonOf(message: string): string {
  try {
    const parsed = JSON.parse(message) as { errorMessages?: string[]; errorMessage?: string };
    return parsed.errorMessages?.join(' ') ?? parsed.errorMessage ?? '';
  } catch {
    return '';
  }
}

function ErrorLog({ id }: { id: string }) {
  const loaded = useLoad((signal) => loadLog(id, signal), [id]);
  return (
    <Listing<Line>
      title="Error log"
      description={`The log group ${GROUP}, stream ${id}/error, as CloudWatch Logs would have it`}
      loaded={loaded}
      idOf={(line) => String(line.number)}
      searchText={(line) => line.message}
      empty={{ title: 'No lines', text: 'The log is gone with the import that it belongs to.' }}
      wrapLines
      columns={[
        { id: 'time', header: 'Time', cell: (line) => time(line.timestamp / 1000), width: 200 },
        { id: 'reason', header: 'What is wrong', cell: (line) => line.reason || '–', isRowHeader: true, width: 420 },
        { id: 'message', header: 'Line', cell: (line) => <span className="mono">{line.message}</span>, width: 640 },
      ]}
    />
  );
}
