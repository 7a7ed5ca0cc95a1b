import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableDescription } from '../../client/dynamodb';
import { BackupList } from '../backups/backup_list';
import { RecoveryCard } from '../backups/recovery_card';

export function BackupsTab({ table }: { table: TableDescription }) {
  return (
    <SpaceBetween size="l">
      <RecoveryCard name={table.TableName} />
      <BackupList table={table.TableName} />
    </SpaceBetween>
  );
}
