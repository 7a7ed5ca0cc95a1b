import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Alert from '@cloudscape-design/components/alert';
import { href } from '../../app/router';
import { lastOfArn, tableNameOfArn, type ExportDescription } from '../../client/dynamodb';
import { headObject, readObject } from '../../client/s3';
import { Copied } from '../../parts/copied';
import { Failure } from '../../parts/failure';
import { bytes, count, elapsed, time, words } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { JobProgress } from '../time/job_progress';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';
import { exportKind } from './export_list';
import { describeExport } from './described_exports';

interface DataFile {
  itemCount: number;
  md5Checksum: string;
  etag: string;
  dataFileS3Key: string;
}

export function ExportDetail({ arn }: { arn: string }) {
  const loaded = useLoad((signal) => describeExport(arn, signal), [arn], (found) =>
    found?.ExportStatus === 'IN_PROGRESS' ? 500 : undefined,
  );
  const found = loaded.data;
  return (
    <Page
      title={`Export ${lastOfArn(arn)}`}
      actions={
        found && (
          <SpaceBetween direction="horizontal" size="xs">
            <GoButton href={href(['tables', tableNameOfArn(found.TableArn)])}>Table</GoButton>
            {found.ExportStatus === 'COMPLETED' && found.ExportType !== 'INCREMENTAL_EXPORT' && (
              <GoButton href={href(['imports', 'new'], { bucket: found.S3Bucket, prefix: dataPrefix(found) })}>Import it into a new table</GoButton>
            )}
            <GoButton variant="primary" href={href(['s3', found.S3Bucket], { prefix: folderOf(found) })}>
              Open in S3
            </GoButton>
          </SpaceBetween>
        )
      }
    >
      <SpaceBetween size="l">
        <Failure error={loaded.error} retry={loaded.reload} />
        {found?.FailureCode && (
          <Alert type="error" header={found.FailureCode}>
            {found.FailureMessage}
          </Alert>
        )}
        {found?.ExportStatus === 'IN_PROGRESS' && <JobProgress id={lastOfArn(arn)} />}
        {found && <Facts found={found} />}
        {found?.ExportStatus === 'COMPLETED' && <Files found={found} />}
      </SpaceBetween>
    </Page>
  );
}

const folderOf = (found: ExportDescription): string =>
  `${found.S3Prefix ? found.S3Prefix + '/' : ''}AWSDynamoDB/${found.ExportType === 'INCREMENTAL_EXPORT' ? '' : lastOfArn(found.ExportArn) + '/'}`;
const dataPrefix = (found: ExportDescription): string => `${folderOf(found)}data/`;

function Facts({ found }: { found: ExportDescription }) {
  const period = found.IncrementalExportSpecification;
  return (
    <Container header={<Header variant="h2">Summary</Header>}>
      <KeyValuePairs
        columns={4}
        items={[
          { label: 'Status', value: <Status of={found.ExportStatus} /> },
          { label: 'Type', value: exportKind(found) },
          { label: 'Format', value: words(found.ExportFormat) },
          { label: 'Table', value: <GoLink href={href(['tables', tableNameOfArn(found.TableArn)])}>{tableNameOfArn(found.TableArn)}</GoLink> },
          ...(period
            ? [
                { label: 'From', value: time(period.ExportFromTime) },
                { label: 'To', value: time(period.ExportToTime) },
                { label: 'View type', value: words(period.ExportViewType) },
              ]
            : [{ label: 'The table as of', value: time(found.ExportTime) }]),
          { label: 'Items', value: count(found.ItemCount) },
          { label: 'Billed size', value: bytes(found.BilledSizeBytes) },
          { label: 'Started', value: time(found.StartTime) },
          { label: 'Took', value: elapsed(found.StartTime, found.EndTime) },
          { label: 'Bucket', value: <GoLink href={href(['s3', found.S3Bucket])}>{found.S3Bucket}</GoLink> },
          { label: 'Prefix', value: found.S3Prefix || '–' },
          {
            label: 'Manifest',
            value: found.ExportManifest ? (
              <GoLink href={href(['s3', found.S3Bucket, 'object'], { key: found.ExportManifest })}>{found.ExportManifest}</GoLink>
            ) : (
              '–'
            ),
          },
          { label: 'ARN', value: <Copied text={found.ExportArn} /> },
        ]}
      />
    </Container>
  );
}

interface FileRow extends DataFile {
  size?: number;
}

// The files that the manifest lists, with their sizes from the bucket.
async function loadFiles(found: ExportDescription, signal: AbortSignal): Promise<FileRow[]> {
  const summary = JSON.parse(new TextDecoder().decode(await readObject(found.S3Bucket, found.ExportManifest!, { signal }))) as {
    manifestFilesS3Key: string;
  };
  const listed = new TextDecoder().decode(await readObject(found.S3Bucket, summary.manifestFilesS3Key, { signal, bytes: 8 << 20 }));
  const files = listed
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as FileRow);
  const size = async (file: FileRow): Promise<void> => {
    const headers = await headObject(found.S3Bucket, file.dataFileS3Key, signal);
    file.size = Number(headers.find(([name]) => name === 'content-length')?.[1]);
  };
  await Promise.all(files.slice(0, 100).map(size));
  return files;
}

function Files({ found }: { found: ExportDescription }) {
  const loaded = useLoad((signal) => loadFiles(found, signal), [found.ExportArn]);
  return (
    <Listing<FileRow>
      title="Data files"
      description="As the manifest lists them. Each is a gzip of lines, one an item."
      loaded={loaded}
      idOf={(file) => file.dataFileS3Key}
      empty={{ title: 'No files', text: 'There was nothing to export.' }}
      columns={[
        {
          id: 'key',
          header: 'Object',
          isRowHeader: true,
          cell: (file) => (
            <GoLink href={href(['s3', found.S3Bucket, 'object'], { key: file.dataFileS3Key })}>{file.dataFileS3Key.split('/').pop()}</GoLink>
          ),
          sort: (file) => file.dataFileS3Key,
        },
        { id: 'items', header: 'Items', cell: (file) => count(file.itemCount), sort: (file) => file.itemCount },
        { id: 'size', header: 'Size', cell: (file) => bytes(file.size), sort: (file) => file.size ?? 0 },
        { id: 'md5', header: 'MD5', cell: (file) => <span className="mono">{file.md5Checksum}</span> },
      ]}
    />
  );
}
