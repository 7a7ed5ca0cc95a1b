import SpaceBetween from '@cloudscape-design/components/space-between';
import type { TableDescription } from '../../client/dynamodb';
import { ExportList } from '../exports/export_list';
import { ImportList } from '../imports/import_list';

export function TransfersTab({ table }: { table: TableDescription }) {
  return (
    <SpaceBetween size="l">
      <ExportList table={table} />
      <ImportList table={table} />
    </SpaceBetween>
  );
}
