import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import { attempt } from '../../app/notices';
import { dynamodb, type TableDescription } from '../../client/dynamodb';
import { counted } from '../../parts/format';
import { Confirm } from '../../parts/confirm';

export function DeleteTable(props: { table: TableDescription; onClose: () => void; onDone: () => void }) {
  const { table } = props;
  const isProtected = table.DeletionProtectionEnabled === true;
  return (
    <Confirm
      title="Delete table"
      action="Delete"
      word="confirm"
      disabled={isProtected}
      onClose={props.onClose}
      onConfirm={async () => {
        const done = await attempt(
          `Deleting ${table.TableName}`,
          () => dynamodb('DeleteTable', { TableName: table.TableName }),
          `The table ${table.TableName} is being deleted.`,
        );
        if (done) props.onDone();
      }}
    >
      {isProtected && (
        <Alert type="warning">Deletion protection is on for this table. Turn it off in the table’s settings first.</Alert>
      )}
      <Box>
        The table <Box variant="strong">{table.TableName}</Box> with its {counted(table.ItemCount, 'item')}, its indexes and its stream
        will be gone. If point-in-time recovery is on, a backup of its last moment is kept for 35 days.
      </Box>
    </Confirm>
  );
}
