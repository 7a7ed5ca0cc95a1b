import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { href } from '../../app/router';
import { readDiff, type Change } from '../../client/tidemark';
import { time } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { ChangedAttributes } from './changed_attributes';

const MAX = 2000;

// What distinguishes two moments of a table.
export function Diff({ table, from, to }: { table: string; from: string; to?: string }) {
  const loaded = useLoad((signal) => readDiff(table, from, to, MAX, signal), [table, from, to]);
  return (
    <Page
      title="What changed"
      description={`${table}, between ${time(from)} and ${to ? time(to) : 'now'}`}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <GoButton href={href(['tables', table, 'timeline'], { from, to })}>Timeline</GoButton>
          <GoButton href={href(['exports', 'new'], { table, from, to })}>Export the changes</GoButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {loaded.data?.more && <Alert type="info">There is more: the first {MAX} items that changed are shown. An incremental export has all of them.</Alert>}
        <Listing<Change>
          title="Items that changed"
          loaded={{ ...loaded, data: loaded.data?.lines }}
          idOf={(change) => JSON.stringify(change.key)}
          empty={{ title: 'Nothing changed', text: 'No item was written between the two moments.' }}
          columns={[
            {
              id: 'key',
              header: 'Key',
              isRowHeader: true,
              width: 260,
              cell: (change) => (
                <GoLink href={href(['tables', table, 'history'], { key: JSON.stringify(change.key) })}>
                  <span className="mono">{JSON.stringify(change.key)}</span>
                </GoLink>
              ),
            },
            {
              id: 'what',
              header: 'What',
              width: 110,
              cell: (change) => (change.old === null ? 'Inserted' : change.new === null ? 'Deleted' : 'Changed'),
              sort: (change) => (change.old === null ? 0 : change.new === null ? 2 : 1),
            },
            { id: 'changes', header: 'Attributes', minWidth: 280, cell: (change) => <ChangedAttributes before={change.old} after={change.new} /> },
            { id: 'time', header: 'Last written', cell: (change) => change.time, sort: (change) => change.time },
            { id: 'by', header: 'By', cell: (change) => change.by, sort: (change) => change.by },
          ]}
        />
      </SpaceBetween>
    </Page>
  );
}
