import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { attempt } from '../../app/notices';
import { href } from '../../app/router';
import type { Item } from '../../client/dynamodb';
import { readVersions, rewindTable, type Version } from '../../client/tidemark';
import { Confirm } from '../../parts/confirm';
import { GoButton, GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { ChangedAttributes } from './changed_attributes';

interface Row extends Version {
  number: number;
  before: Item | null;
  isFirst: boolean;
}

const MAX = 5000;

// All versions of one item.
export function History({ table, itemKey }: { table: string; itemKey: string }) {
  const loaded = useLoad(
    async (signal) => {
      const { lines, more } = await readVersions(table, JSON.parse(itemKey) as Item, MAX, signal);
      const rows: Row[] = lines.map((version, number) => ({
        ...version,
        number,
        before: number > 0 ? lines[number - 1].item : null,
        isFirst: number === 0,
      }));
      return { rows: rows.reverse(), more };
    },
    [table, itemKey],
  );
  const [selected, setSelected] = useState<Row | null>(null);
  const [taking, setTaking] = useState(false);
  return (
    <Page
      title="History of an item"
      description={<span className="mono">{itemKey}</span>}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <GoButton href={href(['tables', table, 'timeline'])}>Timeline</GoButton>
          <GoButton href={href(['tables', table, 'item'], { key: itemKey })}>The item now</GoButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {loaded.data?.more && <Alert type="info">The first {MAX} versions are shown.</Alert>}
        <Listing<Row>
          title="Versions"
          loaded={{ ...loaded, data: loaded.data?.rows }}
          idOf={(row) => String(row.number)}
          selected={selected}
          onSelect={setSelected}
          empty={{ title: 'No versions', text: 'Nothing is kept of this key: the item was not written while recovery was on.' }}
          actions={
            <Button disabled={!selected} onClick={() => setTaking(true)}>
              Take the item back to this
            </Button>
          }
          columns={[
            {
              id: 'time',
              header: 'Since',
              isRowHeader: true,
              width: 250,
              cell: (row) => <GoLink href={href(['tables', table, 'items'], { at: row.time })}>{row.time}</GoLink>,
            },
            { id: 'by', header: 'By', cell: (row) => row.by, width: 110 },
            {
              id: 'what',
              header: 'What happened',
              width: 130,
              cell: (row) => (row.item === null ? 'Deleted' : row.before === null ? (row.isFirst ? 'Was there, or came' : 'Inserted') : 'Changed'),
            },
            { id: 'changes', header: 'Attributes', minWidth: 300, cell: (row) => <ChangedAttributes before={row.before} after={row.item} /> },
          ]}
        />
      </SpaceBetween>
      {taking && selected && (
        <Confirm
          title="Take the item back"
          action="Take back"
          onClose={() => setTaking(false)}
          onConfirm={async () => {
            await attempt(
              'Taking the item back',
              () => rewindTable(table, selected.time, [JSON.parse(itemKey) as Item]),
              'The item is being taken back; its history goes on.',
            );
            loaded.reload();
          }}
        >
          <Box>The item becomes again what it was at {selected.time}. That is a write like others, and can be undone in the same way.</Box>
        </Confirm>
      )}
    </Page>
  );
}
