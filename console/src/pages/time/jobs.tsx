import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { href, setQuery, usePlace } from '../../app/router';
import { listJobs, type Job } from '../../client/tidemark';
import { count, elapsed, time, words } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { isRunning, JobBar, kindOf } from './job_progress';

const kinds = ['', 'export', 'import', 'restore', 'rewind', 'bulk'];

export function Jobs() {
  const { query } = usePlace();
  const kind = query.get('kind') ?? '';
  const [wanted, setWanted] = useState(100);
  const [more, setMore] = useState(false);
  const loaded = useLoad(
    async (signal) => {
      const jobs: Job[] = [];
      let before: string | undefined;
      do {
        const page = await listJobs({ kind, limit: Math.min(1000, wanted - jobs.length), before }, signal);
        jobs.push(...page.jobs);
        before = page.next;
      } while (before && jobs.length < wanted);
      setMore(before !== undefined);
      return jobs;
    },
    [kind, wanted],
    (jobs) => (jobs?.some(isRunning) ? 600 : 5000),
  );
  return (
    <Page title="Jobs" description="Work that goes on after the answer: exports, imports, bulk operations, restores, branches, rewinds.">
      <SpaceBetween size="m">
        <SegmentedControl
          label="Kind of job"
          selectedId={kind}
          onChange={({ detail }) => setQuery({ kind: detail.selectedId || undefined })}
          options={kinds.map((id) => ({ id, text: id ? words(id) : 'All' }))}
        />
        <Listing<Job>
          title="Jobs"
          loaded={loaded}
          idOf={(job) => job.id}
          empty={{ title: 'No jobs', text: 'None has been started yet, or all of them are older than 90 days.' }}
          footer={more ? <Button onClick={() => setWanted(wanted + 1000)}>Show older ones</Button> : undefined}
          columns={[
            { id: 'id', header: 'Job', isRowHeader: true, cell: (job) => <GoLink href={href(['jobs', job.id])}>{job.id}</GoLink> },
            { id: 'kind', header: 'Kind', cell: (job) => words(kindOf(job)), sort: kindOf },
            { id: 'status', header: 'Status', cell: (job) => <Status of={job.status} />, sort: (job) => job.status },
            {
              id: 'table',
              header: 'Table',
              cell: (job) => (job.table ? <GoLink href={href(['tables', job.table])}>{job.table}</GoLink> : '–'),
              sort: (job) => job.table ?? '',
            },
            { id: 'progress', header: 'Progress', minWidth: 220, cell: (job) => <JobBar job={job} /> },
            { id: 'items', header: 'Items', cell: (job) => count(job.items) },
            { id: 'errors', header: 'Errors', cell: (job) => count(job.errors) },
            { id: 'started', header: 'Started', cell: (job) => time(job.started), sort: (job) => job.started },
            { id: 'took', header: 'Took', cell: (job) => elapsed(job.started, job.ended) },
          ]}
        />
      </SpaceBetween>
    </Page>
  );
}
