import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { attempt } from '../../app/notices';
import { go, href } from '../../app/router';
import { deleteObject, headObject, isReachable, listVersions, objectLink, readObject, type ObjectVersion } from '../../client/s3';
import { Confirm } from '../../parts/confirm';
import { Copied } from '../../parts/copied';
import { Failure } from '../../parts/failure';
import { bytes, time } from '../../parts/format';
import { GoButton } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { previewOf } from './preview';

export function ObjectDetail({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const folder = objectKey.slice(0, objectKey.lastIndexOf('/') + 1);
  const isOk = isReachable(objectKey);
  const head = useLoad((signal) => (isOk ? headObject(bucket, objectKey, signal) : Promise.resolve([])), [bucket, objectKey]);
  const [deleting, setDeleting] = useState(false);
  const header = (name: string): string | undefined => head.data?.find(([found]) => found === name)?.[1];
  const metadata = head.data?.filter(([name]) => name.startsWith('x-amz-meta-')) ?? [];
  return (
    <Page
      title={objectKey.split('/').pop() || objectKey}
      description={`${bucket}/${objectKey}`}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <GoButton href={href(['s3', bucket], { prefix: folder })}>Its folder</GoButton>
          <Button disabled={!isOk} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button
            variant="primary"
            iconName="download"
            disabled={!isOk || !head.data}
            href={isOk ? objectLink(bucket, objectKey, 3600) : undefined}
            download={objectKey.split('/').pop() || 'object'}
          >
            Download
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {!isOk && (
          <Alert type="info">Browsers change such a name before they ask for it, so the console cannot show this object. Other S3 clients can.</Alert>
        )}
        <Failure error={head.error} retry={head.reload} />
        {isOk && head.data && (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">Object</Header>}>
              <KeyValuePairs
                columns={4}
                items={[
                  { label: 'Size', value: bytes(Number(header('content-length') ?? 0)) },
                  { label: 'Last modified', value: time(header('last-modified')) },
                  { label: 'Content type', value: header('content-type') ?? '–' },
                  { label: 'ETag', value: <span className="mono">{header('etag')}</span> },
                  { label: 'Content encoding', value: header('content-encoding') ?? '–' },
                  { label: 'Version', value: header('x-amz-version-id') ?? '–' },
                  { label: 'Encryption', value: header('x-amz-server-side-encryption') ?? '–' },
                  { label: 'S3 URI', value: <Copied text={`s3://${bucket}/${objectKey}`} /> },
                  ...metadata.map(([name, value]) => ({ label: name, value })),
                ]}
              />
            </Container>
            <Preview bucket={bucket} objectKey={objectKey} size={Number(header('content-length') ?? 0)} />
            <Share bucket={bucket} objectKey={objectKey} />
            <Versions bucket={bucket} objectKey={objectKey} />
          </SpaceBetween>
        )}
      </SpaceBetween>
      {deleting && (
        <Confirm
          title="Delete object"
          action="Delete"
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            const done = await attempt('Deleting', async () => (await deleteObject(bucket, objectKey), true), 'The object has been deleted.');
            if (done) go(href(['s3', bucket], { prefix: folder }));
          }}
        >
          <Box>{objectKey} will be gone, unless the bucket keeps versions.</Box>
        </Confirm>
      )}
    </Page>
  );
}

const PREVIEW_BYTES = 256 << 10;

function Preview({ bucket, objectKey, size }: { bucket: string; objectKey: string; size: number }) {
  const loaded = useLoad(
    async (signal) => previewOf(objectKey, await readObject(bucket, objectKey, { bytes: PREVIEW_BYTES, signal }), size > PREVIEW_BYTES),
    [bucket, objectKey, size],
  );
  const preview = loaded.data;
  return (
    <Container header={<Header variant="h2" description={preview?.about}>Preview</Header>}>
      <Failure error={loaded.error} retry={loaded.reload} />
      {preview?.rows ? (
        <Table<Record<string, string>>
          variant="embedded"
          contentDensity="compact"
          items={preview.rows}
          resizableColumns
          wrapLines={false}
          ariaLabels={{ tableLabel: 'Preview' } as never}
          columnDefinitions={preview.columns!.map((name, at) => ({
            id: String(at),
            header: name,
            minWidth: 110,
            isRowHeader: at === 0,
            cell: (row: Record<string, string>) => <span className="cell">{row[name] ?? ''}</span>,
          }))}
        />
      ) : preview?.text !== undefined ? (
        <pre className="text" tabIndex={0} aria-label="Preview">
          {preview.text || '(empty)'}
        </pre>
      ) : (
        !loaded.error && <Box>Reading</Box>
      )}
    </Container>
  );
}

const lifetimes: SelectProps.Option[] = [
  { value: '300', label: '5 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '43200', label: '12 hours' },
  { value: '604800', label: '7 days' },
];

function Share({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const [lifetime, setLifetime] = useState(lifetimes[1]);
  const [link, setLink] = useState('');
  return (
    <Container header={<Header variant="h2" description="Whoever has it may read the object until it expires.">Presigned link</Header>}>
      <SpaceBetween size="m">
        <FormField
          label="Valid for"
          secondaryControl={<Button onClick={() => setLink(objectLink(bucket, objectKey, Number(lifetime.value)))}>Make a link</Button>}
        >
          <Select selectedOption={lifetime} options={lifetimes} ariaLabel="Valid for" onChange={({ detail }) => setLifetime(detail.selectedOption)} />
        </FormField>
        {link && <Copied text={link} />}
      </SpaceBetween>
    </Container>
  );
}

function Versions({ bucket, objectKey }: { bucket: string; objectKey: string }) {
  const loaded = useLoad((signal) => listVersions(bucket, objectKey, signal), [bucket, objectKey]);
  return (
    <Listing<ObjectVersion>
      title="Versions"
      loaded={loaded}
      idOf={(version) => version.versionId + version.modified}
      empty={{ title: 'No versions', text: 'The object is gone.' }}
      columns={[
        { id: 'id', header: 'Version', isRowHeader: true, cell: (version) => <span className="mono">{version.versionId}</span> },
        { id: 'what', header: 'What', cell: (version) => (version.isDeleteMarker ? 'Delete marker' : version.isLatest ? 'Current' : 'Older') },
        { id: 'modified', header: 'Last modified', cell: (version) => time(version.modified) },
        { id: 'size', header: 'Size', cell: (version) => (version.isDeleteMarker ? '–' : bytes(version.size)) },
      ]}
    />
  );
}
