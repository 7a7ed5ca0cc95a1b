import { Page } from '../../parts/page';
import { ExportList } from './export_list';

export function Exports() {
  return (
    <Page title="Exports to S3">
      <ExportList />
    </Page>
  );
}
