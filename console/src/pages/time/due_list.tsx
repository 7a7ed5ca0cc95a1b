// What happens next by the service's clock.
import { listDue, type DueTask } from '../../client/tidemark';
import { time } from '../../parts/format';
import { Listing } from '../../parts/listing';
import { useLoad } from '../../parts/use_load';

const meanings: Record<string, string> = {
  'time to live': 'Items expire',
  'table states': 'A table or an index becomes ready, changed or gone',
  'end of a job': 'A job ends',
  'S3 lifecycle rules': 'Objects of buckets with lifecycle rules expire',
  bill: 'A job that has ended is charged',
};

// What is known to happen first; then the chores that may find nothing to do.
const inOrder = (due: DueTask[]): DueTask[] => [...due.filter((one) => one.has_work), ...due.filter((one) => !one.has_work)];

export function DueList() {
  const loaded = useLoad(listDue, [], () => 2000);
  const rows = loaded.data && inOrder(loaded.data).map((due, number) => ({ ...due, number }));
  return (
    <Listing<DueTask & { number: number }>
      title="Due next"
      description="What is known to happen, in the order of its times, then the server’s chores"
      loaded={{ ...loaded, data: rows }}
      idOf={(due) => String(due.number)}
      empty={{ title: 'Nothing is due', text: 'Items that expire, tables that become ready and jobs that end will be here.' }}
      columns={[
        { id: 'task', header: 'What', isRowHeader: true, cell: (due) => (due.has_work ? (meanings[due.task] ?? due.task) : `Chore: ${due.task}`) },
        { id: 'time', header: 'When', cell: (due) => time(due.time) },
        { id: 'every', header: 'Looks every', cell: (due) => due.every ?? '–' },
      ]}
    />
  );
}
