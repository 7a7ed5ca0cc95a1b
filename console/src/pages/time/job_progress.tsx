import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import { href } from '../../app/router';
import { readJob, type Job } from '../../client/tidemark';
import { bytes, count, counted } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { useLoad } from '../../parts/use_load';

export const isRunning = (job: Job | undefined): boolean => job !== undefined && !job.ended;

// What was asked for: a branch is a restore that says so.
export const kindOf = (job: Job): string => job.operation ?? job.kind;

export function percentOf(part: { done?: number; total?: number }): number | undefined {
  return part.total ? Math.min(100, (100 * (part.done ?? 0)) / part.total) : undefined;
}

const measured = (job: Job): string => {
  if (job.done === undefined || job.total === undefined) return counted(job.items ?? 0, 'item');
  return job.measure === 'bytes' ? `${bytes(job.done)} of ${bytes(job.total)}` : `${count(job.done)} of about ${counted(job.total, 'item')}`;
};

export function JobBar({ job }: { job: Job }) {
  const percent = job.status === 'COMPLETED' ? 100 : percentOf(job);
  return percent === undefined ? (
    <Box color="text-body-secondary">{measured(job)}</Box>
  ) : (
    <ProgressBar value={percent} additionalInfo={measured(job)} ariaLabel={`Progress of ${job.id}`} variant="standalone" />
  );
}

// The progress of a job whose id is known, as long as it runs.
export function JobProgress({ id }: { id: string }) {
  const loaded = useLoad((signal) => readJob(id, signal), [id], (job) => (isRunning(job) ? 400 : undefined));
  if (!loaded.data) return null;
  return (
    <Container header={<Header variant="h2">Progress</Header>}>
      <JobBar job={loaded.data} />
      <GoLink href={href(['jobs', id])}>By partition</GoLink>
    </Container>
  );
}
