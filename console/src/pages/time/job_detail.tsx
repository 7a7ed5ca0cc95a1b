import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { attempt } from '../../app/notices';
import { href } from '../../app/router';
import { cancelJob, readJob, type JobPart } from '../../client/tidemark';
import { Copied } from '../../parts/copied';
import { Failure } from '../../parts/failure';
import { bytes, count, elapsed, time, words } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { isRunning, JobBar, kindOf, percentOf } from './job_progress';

export function JobDetail({ id }: { id: string }) {
  const loaded = useLoad((signal) => readJob(id, signal), [id], (job) => (isRunning(job) ? 400 : undefined));
  const job = loaded.data;
  const view = job?.kind === 'export' ? 'exports' : job?.kind === 'import' ? 'imports' : undefined;
  return (
    <Page
      title={job ? `${words(kindOf(job))} ${id}` : id}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {view && <GoButton href={href([view], { arn: job!.arn })}>As DynamoDB shows it</GoButton>}
          <Button
            disabled={!isRunning(job)}
            onClick={() => void attempt('Cancelling', () => cancelJob(id), 'The job has been asked to end.').then(loaded.reload)}
          >
            Cancel job
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Failure error={loaded.error} retry={loaded.reload} />
        {job?.failure && (
          <Alert type="error" header={job.failure.code}>
            {job.failure.message}
          </Alert>
        )}
        {job && (
          <Container header={<Header variant="h2">Progress</Header>}>
            <SpaceBetween size="m">
              <JobBar job={job} />
              <KeyValuePairs
                columns={4}
                items={[
                  { label: 'Status', value: <Status of={job.status} /> },
                  { label: 'Phase', value: job.phase ?? '–' },
                  { label: 'Table', value: job.table ? <GoLink href={href(['tables', job.table])}>{job.table}</GoLink> : '–' },
                  { label: 'Items', value: count(job.items) },
                  { label: 'Bytes', value: bytes(job.bytes) },
                  { label: 'Files', value: count(job.files) },
                  { label: 'Errors', value: count(job.errors) },
                  { label: 'Started', value: time(job.started) },
                  { label: 'Took', value: elapsed(job.started, job.ended) },
                  { label: 'Error log', value: job.error_log ?? '–' },
                  { label: 'ARN', value: <Copied text={job.arn} /> },
                ]}
              />
            </SpaceBetween>
          </Container>
        )}
        {job?.parts && (
          <Listing<JobPart>
            title="Parts"
            description="Partitions of the table, or the objects that are read"
            loaded={{ data: job.parts, error: undefined, loading: false, reload: loaded.reload }}
            idOf={(part) => part.name}
            empty={{ title: 'No parts', text: 'The job has not got so far.' }}
            pageSize={64}
            columns={[
              { id: 'name', header: 'Part', isRowHeader: true, cell: (part) => part.name },
              { id: 'state', header: 'State', cell: (part) => <Status of={part.state} /> },
              {
                id: 'progress',
                header: 'Progress',
                minWidth: 200,
                cell: (part) =>
                  percentOf(part) === undefined ? '–' : <ProgressBar variant="standalone" value={percentOf(part)!} ariaLabel={`Progress of ${part.name}`} />,
              },
              { id: 'items', header: 'Items', cell: (part) => count(part.items) },
              { id: 'bytes', header: 'Bytes', cell: (part) => bytes(part.bytes) },
              { id: 'files', header: 'Files', cell: (part) => count(part.files) },
              { id: 'errors', header: 'Errors', cell: (part) => count(part.errors) },
            ]}
          />
        )}
      </SpaceBetween>
    </Page>
  );
}
