import { follow, href } from '../../app/router';
import Button from '@cloudscape-design/components/button';
import { lastOfArn, tableNameOfArn, type ExportDescription, type ExportSummary, type TableDescription } from '../../client/dynamodb';
import { bytes, count, time } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { describeExport, exportPages } from './described_exports';

// The newest are described; of older ones the list itself says little.
const DESCRIBED_MAX = 50;

async function loadExports(arn: string | undefined, signal: AbortSignal): Promise<ExportDescription[]> {
  const summaries: ExportSummary[] = [];
  for await (const page of exportPages(arn, signal)) {
    summaries.push(...page);
    if (summaries.length >= 1000) break;
  }
  // An export's name begins with its time.
  summaries.sort((a, b) => (lastOfArn(a.ExportArn) < lastOfArn(b.ExportArn) ? 1 : -1));
  return Promise.all(
    summaries.map(async (summary, at) =>
      at < DESCRIBED_MAX
        ? describeExport(summary.ExportArn, signal)
        : ({ ...summary, TableArn: summary.ExportArn.split('/export/')[0], S3Bucket: '' } as ExportDescription),
    ),
  );
}

export const exportKind = (found: ExportSummary): string => (found.ExportType === 'INCREMENTAL_EXPORT' ? 'Incremental' : 'Full');

export function ExportList({ table }: { table?: TableDescription }) {
  const loaded = useLoad(
    (signal) => loadExports(table?.TableArn, signal),
    [table?.TableArn],
    (found) => (found?.some((one) => one.ExportStatus === 'IN_PROGRESS') ? 700 : undefined),
  );
  const formLink = href(['exports', 'new'], { table: table?.TableName });
  return (
    <Listing<ExportDescription>
      title="Exports to S3"
      loaded={loaded}
      idOf={(found) => found.ExportArn}
      empty={{
        title: 'No exports yet',
        text: 'An export writes a table as it was at any moment of its recovery window into a bucket, and reads nothing from the table itself.',
        action: (
          <Button href={formLink} onFollow={follow}>
            Export to S3
          </Button>
        ),
      }}
      actions={
        <Button variant="primary" href={formLink} onFollow={follow}>
          Export to S3
        </Button>
      }
      columns={[
        {
          id: 'id',
          header: 'Export',
          isRowHeader: true,
          cell: (found) => <GoLink href={href(['exports'], { arn: found.ExportArn })}>{lastOfArn(found.ExportArn)}</GoLink>,
          sort: (found) => lastOfArn(found.ExportArn),
        },
        ...(table
          ? []
          : [
              {
                id: 'table',
                header: 'Table',
                cell: (found: ExportDescription) => {
                  const name = tableNameOfArn(found.TableArn);
                  return <GoLink href={href(['tables', name])}>{name}</GoLink>;
                },
                sort: (found: ExportDescription) => tableNameOfArn(found.TableArn),
              },
            ]),
        { id: 'status', header: 'Status', cell: (found) => <Status of={found.ExportStatus} /> },
        { id: 'type', header: 'Type', cell: exportKind },
        {
          id: 'bucket',
          header: 'Bucket',
          cell: (found) => (found.S3Bucket ? <GoLink href={href(['s3', found.S3Bucket], { prefix: found.S3Prefix })}>{found.S3Bucket}</GoLink> : '–'),
        },
        {
          id: 'time',
          header: 'The table as of',
          cell: (found) => time(found.ExportTime ?? found.IncrementalExportSpecification?.ExportToTime),
        },
        { id: 'items', header: 'Items', cell: (found) => count(found.ItemCount) },
        { id: 'size', header: 'Billed size', cell: (found) => bytes(found.BilledSizeBytes) },
      ]}
    />
  );
}
