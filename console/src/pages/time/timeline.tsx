import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { attempt } from '../../app/notices';
import { go, href, setQuery } from '../../app/router';
import { describeRecovery } from '../../client/dynamodb';
import { branchTable, listJobs, readActivity, rewindTable, type Activity } from '../../client/tidemark';
import { Confirm } from '../../parts/confirm';
import { TableFailure } from '../../parts/table_failure';
import { counted, time } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { Empty } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { loadBackups } from '../backups/backup_list';
import { kindOf } from './job_progress';
import { TimelineChart, type Mark } from './timeline_chart';

const POINTS = 360;

// What happened to the table that has a moment: exports, imports, restores, rewinds, backups.
async function loadMarks(table: string, signal: AbortSignal): Promise<Mark[]> {
  const [jobs, backups] = await Promise.all([listJobs({ table, limit: 200 }, signal), loadBackups(table, signal)]);
  return [
    ...jobs.jobs.map((job) => ({
      time: Date.parse(job.started),
      kind: kindOf(job),
      text: `${kindOf(job)} ${job.id}, ${job.status.toLowerCase().replace('_', ' ')}${job.failure ? `: ${job.failure.code}, ${job.failure.message}` : ''}`,
      href: href(['jobs', job.id]),
      isFailed: job.status === 'FAILED' || job.status === 'CANCELLED',
    })),
    ...backups.map((backup) => ({
      time: backup.BackupCreationDateTime * 1000,
      kind: 'backup',
      text: `backup ${backup.BackupName}`,
      href: href(['backups']),
      isFailed: false,
    })),
  ];
}

export function Timeline({ table, at, from, to }: { table: string; at?: string; from?: string; to?: string }) {
  const activity = useLoad((signal) => readActivity(table, { from, to, points: POINTS }, signal), [table, from, to], () =>
    from || to ? undefined : 5000,
  );
  const marks = useLoad((signal) => loadMarks(table, signal), [table]);
  const recovery = useLoad((signal) => describeRecovery(table, signal), [table]);
  const isOff = recovery.data !== undefined && recovery.data.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus !== 'ENABLED';
  const data = activity.data;
  const cursor = at ? Date.parse(at) : undefined;
  return (
    <Page
      title={`Timeline of ${table}`}
      description="Writes by who made them. Click for a moment, drag for a period; with the keyboard: arrows, and Shift to make it a period."
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <GoButton href={href(['tables', table])}>Table details</GoButton>
          <GoButton href={href(['tables', table, 'items'])}>Items now</GoButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <TableFailure error={activity.error} table={table} retry={activity.reload} />
        <Container
          header={
            <Header
              variant="h2"
              description={data && `${time(data.from)} to ${time(data.to)}: ${counted(totalOf(data), 'write')}, ${stepText(data.step_seconds)} a bar`}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button disabled={!from && !to} onClick={() => setQuery({ from: undefined, to: undefined }, 'push')}>
                    All of it
                  </Button>
                  <Button iconName="refresh" ariaLabel="Refresh" onClick={activity.reload} />
                </SpaceBetween>
              }
            >
              Writes
            </Header>
          }
        >
          {data ? (
            <TimelineChart
              activity={data}
              marks={marks.data ?? []}
              cursor={cursor}
              onCursor={(moment) => setQuery({ at: new Date(moment).toISOString() })}
              onZoom={(first, last) => setQuery({ from: new Date(first).toISOString(), to: new Date(last).toISOString() }, 'push')}
            />
          ) : (
            !activity.error && <Box padding="l">Counting writes</Box>
          )}
          {data && totalOf(data) === 0 && (
            <Empty
              title="No writes here"
              text="Only what is written while point-in-time recovery is on has a past. Turn it on under Backups of the table, write, and come back."
            />
          )}
        </Container>
        {isOff && (
          <Alert type="warning">
            Point-in-time recovery is off for this table, so there is no past to go to.{' '}
            <GoLink href={href(['tables', table], { tab: 'backups' })}>Turn it on under Backups</GoLink>
          </Alert>
        )}
        {at ? (
          <Moment table={table} at={at} previous={from} isOff={isOff} />
        ) : (
          <Alert type="info">Choose a moment in the chart to see the table as it was then, to compare it with now, or to start something from there.</Alert>
        )}
      </SpaceBetween>
    </Page>
  );
}

const totalOf = (activity: Activity): number =>
  Object.values(activity.writes).reduce((sum, counts) => sum + counts.reduce((a, b) => a + b, 0), 0);

function stepText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}

// What can be done with the moment under the cursor.
function Moment({ table, at, previous, isOff }: { table: string; at: string; previous?: string; isOff: boolean }) {
  const [text, setText] = useState(at);
  const [shownFor, setShownFor] = useState(at);
  const [asking, setAsking] = useState<'rewind' | 'branch' | null>(null);
  const [target, setTarget] = useState(`${table}-branch`);
  const unless = { disabled: isOff, disabledReason: 'Point-in-time recovery is off for this table: nothing is kept of its past.' };
  if (shownFor !== at) {
    setShownFor(at);
    setText(at);
  }
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <GoButton variant="primary" href={href(['tables', table, 'items'], { at })} {...unless}>
                See the table as of then
              </GoButton>
            </SpaceBetween>
          }
        >
          {at}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <FormField
          label="Moment"
          description="Exact to the microsecond for a day, to the second before that"
          secondaryControl={
            <Button disabled={Number.isNaN(Date.parse(text)) || text === at} onClick={() => setQuery({ at: text })}>
              Go there
            </Button>
          }
        >
          <Input value={text} ariaLabel="Moment" onChange={({ detail }) => setText(detail.value)} />
        </FormField>
        <SpaceBetween direction="horizontal" size="xs">
          <GoButton href={href(['tables', table, 'diff'], { from: at })} {...unless}>What changed since then</GoButton>
          {previous && (
            <GoButton href={href(['tables', table, 'diff'], { from: previous, to: at })} {...unless}>
              What changed until then
            </GoButton>
          )}
          <GoButton href={href(['exports', 'new'], { table, at })} {...unless}>Export</GoButton>
          <GoButton href={href(['restore'], { table, at })} {...unless}>Restore</GoButton>
          <Button {...unless} onClick={() => setAsking('branch')}>
            Branch
          </Button>
          <Button {...unless} onClick={() => setAsking('rewind')}>
            Rewind
          </Button>
        </SpaceBetween>
      </SpaceBetween>
      {asking === 'rewind' && (
        <Confirm
          title={`Rewind ${table}`}
          action="Rewind"
          word="rewind"
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            const job = await attempt('Rewinding', () => rewindTable(table, at), `${table} is being taken back to ${at}.`);
            if (job) go(href(['jobs', job.id]));
          }}
        >
          <Box>
            Whatever changed since {at} is written back, in place, while the table is in use. The history goes on, so a rewind is undone by
            another one, to a moment before it.
          </Box>
        </Confirm>
      )}
      {asking === 'branch' && (
        <Confirm
          title={`Branch ${table}`}
          action="Branch"
          disabled={!target}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            const job = await attempt('Branching', () => branchTable(table, target, at), `${target} begins as ${table} was at ${at}.`);
            if (job) go(href(['tables', target]));
          }}
        >
          <FormField label="Name of the new table" description={`A writable table that begins as this one was at ${at}`}>
            <Input value={target} onChange={({ detail }) => setTarget(detail.value)} />
          </FormField>
        </Confirm>
      )}
    </Container>
  );
}
