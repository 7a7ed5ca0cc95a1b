import { Page } from '../../parts/page';
import { BackupList } from './backup_list';

export function Backups() {
  return (
    <Page title="Backups" description="On-demand backups of all tables. Continuous backups are a table’s point-in-time recovery.">
      <BackupList />
    </Page>
  );
}
