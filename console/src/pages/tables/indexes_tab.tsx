import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { attempt } from '../../app/notices';
import { href } from '../../app/router';
import { dynamodb, hashKey, rangeKey, type IndexDescription, type TableDescription } from '../../client/dynamodb';
import { Confirm } from '../../parts/confirm';
import { bytes, count, words } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Status } from '../../parts/status';
import { definitions, IndexFields, indexInput, newIndex } from './index_fields';
import { keyText } from './tables';
import { DialogForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

interface Row extends IndexDescription {
  isLocal: boolean;
}

export function IndexesTab({ table, reload }: { table: TableDescription; reload: () => void }) {
  const [selected, setSelected] = useState<Row | null>(null);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const rows: Row[] = [
    ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ ...index, isLocal: false })),
    ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ ...index, isLocal: true })),
  ];
  return (
    <>
      <Listing<Row>
        title="Indexes"
        loaded={{ data: rows, error: undefined, loading: false, reload }}
        idOf={(row) => row.IndexName}
        selected={selected}
        onSelect={setSelected}
        empty={{
          title: 'No indexes',
          text: 'Without one, items can be queried by the key of the table alone. A global index can be added while the table is in use.',
        }}
        actions={
          <>
            <Button disabled={!selected || selected.isLocal} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setCreating(true)}>
              Create index
            </Button>
          </>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (row) => <GoLink href={href(['tables', table.TableName, 'items'], { index: row.IndexName })}>{row.IndexName}</GoLink>,
          },
          { id: 'kind', header: 'Kind', cell: (row) => (row.isLocal ? 'Local' : 'Global') },
          { id: 'status', header: 'Status', cell: (row) => <Status of={row.IndexStatus ?? 'ACTIVE'} /> },
          { id: 'hash', header: 'Partition key', cell: (row) => keyText(table, hashKey(row.KeySchema)) },
          { id: 'range', header: 'Sort key', cell: (row) => keyText(table, rangeKey(row.KeySchema)) ?? '–' },
          {
            id: 'projection',
            header: 'Attributes',
            cell: (row) => row.Projection.NonKeyAttributes?.join(', ') ?? words(row.Projection.ProjectionType),
          },
          { id: 'items', header: 'Items', cell: (row) => count(row.ItemCount) },
          { id: 'size', header: 'Size', cell: (row) => bytes(row.IndexSizeBytes) },
        ]}
      />
      {creating && <CreateIndex table={table} onClose={() => setCreating(false)} onDone={reload} />}
      {deleting && selected && (
        <Confirm
          title="Delete index"
          action="Delete"
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            await attempt(
              `Deleting ${selected.IndexName}`,
              () =>
                dynamodb('UpdateTable', {
                  TableName: table.TableName,
                  GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: selected.IndexName } }],
                }),
              `The index ${selected.IndexName} is being deleted.`,
            );
            setSelected(null);
            reload();
          }}
        >
          <Box>
            Queries of <Box variant="strong">{selected.IndexName}</Box> will fail from then on. The items stay in the table.
          </Box>
        </Confirm>
      )}
    </>
  );
}

function CreateIndex({ table, onClose, onDone }: { table: TableDescription; onClose: () => void; onDone: () => void }) {
  const [draft, setDraft] = useState(newIndex(1, false));
  const submit = useSubmit(async () => {
    const isProvisioned = table.BillingModeSummary?.BillingMode !== 'PAY_PER_REQUEST';
    await dynamodb('UpdateTable', {
      TableName: table.TableName,
      AttributeDefinitions: definitions([draft.hash, draft.range]),
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            ...indexInput(draft, ''),
            ProvisionedThroughput: isProvisioned ? { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } : undefined,
          },
        },
      ],
    });
    onDone();
    onClose();
  });
  return (
    <DialogForm
      title="Create index"
      size="large"
      submit={submit}
      action="Create index"
      disabled={!draft.name || !draft.hash.name}
      onClose={onClose}
    >
      <IndexFields value={draft} onChange={setDraft} />
    </DialogForm>
  );
}
