import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useState } from 'react';
import { follow, href, go } from '../../app/router';
import { describeRecovery, describeTable, hashKey, listTables, rangeKey, type TableDescription } from '../../client/dynamodb';
import { bytes, count } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { DeleteTable } from './delete_table';

interface Row {
  name: string;
  table?: TableDescription;
  recovery?: string;
}

// So many are described at once; of more there are the names.
const DESCRIBED_MAX = 200;

async function loadRows(signal: AbortSignal): Promise<Row[]> {
  const names = await listTables(signal);
  const rows: Row[] = names.map((name) => ({ name }));
  const describe = async (row: Row): Promise<void> => {
    try {
      const [table, recovery] = await Promise.all([describeTable(row.name, signal), describeRecovery(row.name, signal)]);
      row.table = table;
      row.recovery = recovery.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    } catch (error) {
      if (signal.aborted) throw error; // otherwise it was deleted meanwhile
    }
  };
  for (let at = 0; at < Math.min(rows.length, DESCRIBED_MAX); at += 20) {
    await Promise.all(rows.slice(at, at + 20).map(describe));
  }
  return rows;
}

export function Tables() {
  const loaded = useLoad(loadRows, [], (rows) => (rows?.some((row) => row.table && row.table.TableStatus !== 'ACTIVE') ? 1000 : undefined));
  const [selected, setSelected] = useState<Row | null>(null);
  const [deleting, setDeleting] = useState(false);
  return (
    <Page title="Tables">
      <Listing<Row>
        title="Tables"
        loaded={loaded}
        idOf={(row) => row.name}
        searchText={(row) => row.name}
        selected={selected}
        onSelect={setSelected}
        empty={{
          title: 'No tables',
          text: 'A table is a collection of items that have a key. Create one here, with an SDK, or by an import from S3.',
          action: <GoButton href={href(['create-table'])}>Create table</GoButton>,
        }}
        actions={
          <>
            <ButtonDropdown
              disabled={!selected}
              onItemFollow={follow}
              items={
                selected
                  ? [
                      { id: 'explore', text: 'Explore items', href: href(['tables', selected.name, 'items']) },
                      { id: 'timeline', text: 'Timeline', href: href(['tables', selected.name, 'timeline']) },
                      { id: 'export', text: 'Export to S3', href: href(['exports', 'new'], { table: selected.name }) },
                      { id: 'restore', text: 'Restore to a point in time', href: href(['restore'], { table: selected.name }) },
                    ]
                  : []
              }
            >
              Actions
            </ButtonDropdown>
            <Button disabled={!selected} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <Button variant="primary" href={href(['create-table'])} onFollow={follow}>
              Create table
            </Button>
          </>
        }
        sortBy={{ id: 'name' }}
        columns={[
          {
            id: 'name',
            header: 'Name',
            cell: (row) => <GoLink href={href(['tables', row.name])}>{row.name}</GoLink>,
            sort: (row) => row.name,
            isRowHeader: true,
          },
          { id: 'status', header: 'Status', cell: (row) => <Status of={row.table?.TableStatus} />, sort: (row) => row.table?.TableStatus ?? '' },
          {
            id: 'hash',
            header: 'Partition key',
            cell: (row) => row.table && keyText(row.table, hashKey(row.table.KeySchema)),
          },
          { id: 'range', header: 'Sort key', cell: (row) => (row.table && keyText(row.table, rangeKey(row.table.KeySchema))) ?? '–' },
          {
            id: 'indexes',
            header: 'Indexes',
            cell: (row) => (row.table?.GlobalSecondaryIndexes?.length ?? 0) + (row.table?.LocalSecondaryIndexes?.length ?? 0),
          },
          { id: 'items', header: 'Items', cell: (row) => count(row.table?.ItemCount), sort: (row) => row.table?.ItemCount ?? 0 },
          { id: 'size', header: 'Size', cell: (row) => bytes(row.table?.TableSizeBytes), sort: (row) => row.table?.TableSizeBytes ?? 0 },
          { id: 'recovery', header: 'Recovery', cell: (row) => <Status of={row.recovery} /> },
          {
            id: 'stream',
            header: 'Stream',
            cell: (row) => row.table && <Status of={row.table.StreamSpecification?.StreamEnabled ? 'ENABLED' : 'OFF'} />,
          },
          {
            id: 'protection',
            header: 'Deletion protection',
            cell: (row) => row.table && <Status of={row.table.DeletionProtectionEnabled ? 'ENABLED' : 'OFF'} />,
          },
        ]}
      />
      {deleting && selected?.table && (
        <DeleteTable
          table={selected.table}
          onClose={() => setDeleting(false)}
          onDone={() => {
            setSelected(null);
            loaded.reload();
            go(href(['tables']));
          }}
        />
      )}
    </Page>
  );
}

export function keyText(table: TableDescription, name: string | undefined): string | undefined {
  if (!name) return undefined;
  const type = table.AttributeDefinitions.find((a) => a.AttributeName === name)?.AttributeType;
  return `${name} (${{ S: 'String', N: 'Number', B: 'Binary' }[type ?? 'S']})`;
}
