// What happens next by the service's clock.
import { listDue, type DueTask } from '../../client/tidemark';
import { spoken, time } from '../../parts/format';
import { Listing } from '../../parts/listing';
import { useLoad } from '../../parts/use_load';

const meanings: Record<string, string> = {
  'time to live': 'Items expire',
  'table states': 'A table or an index becomes ready, changed or gone',
  'end of a job': 'A job ends',
  'S3 lifecycle rules': 'Objects of buckets with lifecycle rules expire',
  bill: 'A job that has ended is charged',
};

// What the server looks at again and again, whether there is something to do or not.
const chores: Record<string, string> = {
  'time to live': 'Look for items that have expired',
  'S3 lifecycle rules': 'Look for objects that lifecycle rules expire',
  'backup expiry': 'Remove backups that have expired',
  'old jobs': 'Forget jobs that ended 90 days ago',
  'ends of jobs': 'Write down ends of jobs that could not be written before',
  receipts: 'Forget the tokens of old transactions',
  upkeep: 'Remove what is older than the recovery period',
  fills: 'Go on with new indexes and replicas for which there was no space',
  reclaim: 'Give the space of deleted data back to the disk',
  bill: 'Charge for what has been stored',
};

// What is known to happen first; then the chores, which may find nothing to do.
const inOrder = (due: DueTask[]): DueTask[] => [...due.filter((one) => one.has_work), ...due.filter((one) => !one.has_work)];

export function DueList() {
  const loaded = useLoad(listDue, [], () => 2000);
  const rows = loaded.data && inOrder(loaded.data).map((due, number) => ({ ...due, number }));
  return (
    <Listing<DueTask & { number: number }>
      title="Due next"
      description="What is known to happen, in the order of its times, then what the server looks after regularly"
      loaded={{ ...loaded, data: rows }}
      idOf={(due) => String(due.number)}
      empty={{ title: 'Nothing is due', text: 'Items that expire, tables that become ready and jobs that end will be here.' }}
      columns={[
        { id: 'task', header: 'What', isRowHeader: true, cell: (due) => (due.has_work ? (meanings[due.task] ?? due.task) : (chores[due.task] ?? due.task)) },
        { id: 'time', header: 'When', cell: (due) => time(due.time) },
        { id: 'every', header: 'Then every', cell: (due) => (due.every && spoken(due.every)) || '–' },
      ]}
    />
  );
}
