import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import { useState } from 'react';
import { tell } from '../../app/notices';
import { attempt } from '../../app/notices';
import { follow, href } from '../../app/router';
import { dynamodb, listTables, type BackupSummary } from '../../client/dynamodb';
import { Confirm } from '../../parts/confirm';
import { bytes, time, words } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { DialogForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

export async function loadBackups(table: string | undefined, signal?: AbortSignal): Promise<BackupSummary[]> {
  const found: BackupSummary[] = [];
  let start: string | undefined;
  do {
    const page: { BackupSummaries: BackupSummary[]; LastEvaluatedBackupArn?: string } = await dynamodb(
      'ListBackups',
      { TableName: table, BackupType: 'ALL', ExclusiveStartBackupArn: start },
      { signal },
    );
    found.push(...page.BackupSummaries);
    start = page.LastEvaluatedBackupArn;
  } while (start && found.length < 5000);
  return found;
}

// On-demand backups, and those that the service made when a table was deleted: of one table, or of all.
export function BackupList({ table }: { table?: string }) {
  const loaded = useLoad((signal) => loadBackups(table, signal), [table]);
  const [selected, setSelected] = useState<BackupSummary | null>(null);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <Listing<BackupSummary>
        title="Backups"
        description="A backup is the table at one moment, for as long as you like. It is made in an instant, whatever the size."
        loaded={loaded}
        idOf={(backup) => backup.BackupArn}
        searchText={(backup) => `${backup.BackupName} ${backup.TableName}`}
        selected={selected}
        onSelect={setSelected}
        sortBy={{ id: 'created', descending: true }}
        empty={{
          title: 'No backups',
          text: 'None has been made yet. One of the service’s own appears when a table with point-in-time recovery is deleted.',
          action: <Button onClick={() => setCreating(true)}>Create backup</Button>,
        }}
        actions={
          <>
            <Button disabled={!selected} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <Button
              disabled={!selected}
              href={selected ? href(['restore'], { backup: selected.BackupArn }) : undefined}
              onFollow={follow}
            >
              Restore
            </Button>
            <Button variant="primary" onClick={() => setCreating(true)}>
              Create backup
            </Button>
          </>
        }
        columns={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (backup) => backup.BackupName, sort: (backup) => backup.BackupName },
          { id: 'status', header: 'Status', cell: (backup) => <Status of={backup.BackupStatus} /> },
          ...(table
            ? []
            : [
                {
                  id: 'table',
                  header: 'Table',
                  cell: (backup: BackupSummary) => <GoLink href={href(['tables', backup.TableName])}>{backup.TableName}</GoLink>,
                  sort: (backup: BackupSummary) => backup.TableName,
                },
              ]),
          {
            id: 'created',
            header: 'Created',
            cell: (backup) => time(backup.BackupCreationDateTime),
            sort: (backup) => backup.BackupCreationDateTime,
          },
          { id: 'type', header: 'Type', cell: (backup) => words(backup.BackupType) },
          { id: 'expires', header: 'Expires', cell: (backup) => time(backup.BackupExpiryDateTime) },
          { id: 'size', header: 'Size', cell: (backup) => bytes(backup.BackupSizeBytes), sort: (backup) => backup.BackupSizeBytes ?? 0 },
        ]}
      />
      {creating && (
        <CreateBackup
          table={table}
          onClose={() => {
            setCreating(false);
            loaded.reload();
          }}
        />
      )}
      {deleting && selected && (
        <Confirm
          title="Delete backup"
          action="Delete"
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            await attempt(
              `Deleting ${selected.BackupName}`,
              () => dynamodb('DeleteBackup', { BackupArn: selected.BackupArn }),
              `The backup ${selected.BackupName} has been deleted.`,
            );
            setSelected(null);
            loaded.reload();
          }}
        >
          <Box>
            The backup <Box variant="strong">{selected.BackupName}</Box> of {selected.TableName} cannot be restored from then on.
          </Box>
        </Confirm>
      )}
    </>
  );
}

function CreateBackup({ table, onClose }: { table?: string; onClose: () => void }) {
  const tables = useLoad((signal) => (table ? Promise.resolve([table]) : listTables(signal)), [table]);
  const [chosen, setChosen] = useState<SelectProps.Option | null>(table ? { value: table } : null);
  const [name, setName] = useState('');
  const submit = useSubmit(async () => {
    await dynamodb('CreateBackup', { TableName: chosen!.value, BackupName: name });
    tell('success', `The backup ${name} of ${chosen!.value} is there.`);
    onClose();
  });
  return (
    <DialogForm
      title="Create backup"
      submit={submit}
      action="Create backup"
      disabled={!chosen || !name}
      onClose={onClose}
    >
      {!table && (
        <FormField label="Table">
          <Select
            selectedOption={chosen}
            options={(tables.data ?? []).map((value) => ({ value }))}
            placeholder="Choose a table"
            filteringType="auto"
            onChange={({ detail }) => setChosen(detail.selectedOption)}
          />
        </FormField>
      )}
      <FormField label="Backup name" constraintText="3 to 255 letters, digits, underscores, hyphens and dots">
        <Input value={name} placeholder="before-migration" onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </DialogForm>
  );
}
