import { Page } from '../../parts/page';
import { ImportList } from './import_list';

export function Imports() {
  return (
    <Page title="Imports from S3">
      <ImportList />
    </Page>
  );
}
