import SpaceBetween from '@cloudscape-design/components/space-between';
import { href } from '../../app/router';
import { listDisk, type DiskTable, type Gone } from '../../client/tidemark';
import { bytes, count } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';

async function loadDisk(signal: AbortSignal): Promise<{ tables: DiskTable[]; gone: Gone[] }> {
  const tables: DiskTable[] = [];
  let gone: Gone[] = [];
  let after: number | undefined;
  do {
    const page = await listDisk(after, signal);
    tables.push(...page.tables);
    gone = [...gone, ...(page.gone ?? [])];
    after = page.next;
  } while (after !== undefined && tables.length < 20_000);
  return { tables, gone };
}

// `stream/arn:…:table/Orders/stream/2026-…` as `the stream of Orders`: who needs the past of a table.
function holderName(who: string): string {
  if (who.startsWith('deleted/')) return 'the backup of a deleted table';
  const [, table, kind, id] = /:table\/([^/]+)\/([a-z]+)\/(.+)$/.exec(who) ?? [];
  if (!table) return who;
  return kind === 'stream' ? `the stream of ${table}` : `${kind} ${id} of ${table}`;
}

const holderNames = (holders: string[]): string => holders.slice(0, 3).map(holderName).join(', ') + (holders.length > 3 ? `, and ${holders.length - 3} more` : '');

const indexBytes = (table: DiskTable): number => table.indexes.reduce((sum, index) => sum + index.state_bytes, 0);

export function Disk() {
  const loaded = useLoad(loadDisk, []);
  return (
    <Page title="Disk use" description="What tables, their indexes and their past take: compressed, in files and in memory.">
      <SpaceBetween size="l">
        <Listing<DiskTable>
          title="Tables on disk"
          loaded={{ ...loaded, data: loaded.data?.tables }}
          idOf={(table) => String(table.id)}
          searchText={(table) => table.name}
          empty={{ title: 'No tables', text: 'Nothing takes space yet.' }}
          columns={[
            {
              id: 'name',
              header: 'Table',
              isRowHeader: true,
              cell: (table) => <GoLink href={href(['tables', table.name])}>{table.name}</GoLink>,
              sort: (table) => table.name,
            },
            { id: 'status', header: 'Status', cell: (table) => <Status of={table.status} /> },
            { id: 'where', header: 'Account and region', cell: (table) => `${table.account_id}, ${table.region}` },
            { id: 'items', header: 'Items', cell: (table) => count(table.items), sort: (table) => table.items },
            { id: 'size', header: 'Size as DynamoDB counts', cell: (table) => bytes(table.size_bytes), sort: (table) => table.size_bytes },
            { id: 'state', header: 'Items on disk', cell: (table) => bytes(table.state_bytes), sort: (table) => table.state_bytes },
            { id: 'indexes', header: 'Indexes on disk', cell: (table) => bytes(indexBytes(table)), sort: indexBytes },
            { id: 'history', header: 'Its past on disk', cell: (table) => bytes(table.history_bytes), sort: (table) => table.history_bytes },
            { id: 'held', header: 'Past held by', cell: (table) => holderNames(table.held_by) || '–' },
          ]}
        />
        <Listing<Gone>
          title="Deleted, and still there"
          description="Somebody holds its past, such as a backup, or its files are about to go"
          loaded={{ ...loaded, error: undefined, data: loaded.data?.gone }}
          idOf={(gone) => String(gone.id)}
          empty={{ title: 'Nothing', text: 'All that was deleted has given its space back.' }}
          columns={[
            { id: 'name', header: 'Table or index', isRowHeader: true, cell: (gone) => gone.name ?? `Number ${gone.id}` },
            { id: 'state', header: 'Items on disk', cell: (gone) => bytes(gone.state_bytes) },
            { id: 'history', header: 'Its past on disk', cell: (gone) => bytes(gone.history_bytes) },
            { id: 'held', header: 'Held by', cell: (gone) => holderNames(gone.held_by) || (gone.awaits_cleaning ? 'Awaits cleaning' : '–') },
          ]}
        />
      </SpaceBetween>
    </Page>
  );
}
