import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { attempt, attemptOneOf, clearNotices, tell } from '../../app/notices';
import { href, setQuery } from '../../app/router';
import { deleteObject, listObjects, putObject } from '../../client/s3';
import { Confirm } from '../../parts/confirm';
import { Failure } from '../../parts/failure';
import { bytes, counted, time } from '../../parts/format';
import { GoButton, GoLink } from '../../parts/go_link';
import { Empty } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';

interface Row {
  name: string; // the whole key, or the prefix
  isFolder: boolean;
  size?: number;
  modified?: string;
  storageClass?: string;
}

const PAGE = 100;

export function Objects({ bucket, prefix }: { bucket: string; prefix: string }) {
  const [tokens, setTokens] = useState<(string | undefined)[]>([undefined]);
  const token = tokens[tokens.length - 1];
  const [selected, setSelected] = useState<Row[]>([]);
  const [asking, setAsking] = useState<'upload' | 'delete' | null>(null);
  const [search, setSearch] = useState(prefix);
  const loaded = useLoad(
    async (signal) => {
      const page = await listObjects(bucket, prefix, { token, limit: PAGE, signal });
      const rows: Row[] = [
        ...page.prefixes.map((name) => ({ name, isFolder: true })),
        ...page.objects.map((object) => ({
          name: object.key,
          isFolder: false,
          size: object.size,
          modified: object.modified,
          storageClass: object.storageClass,
        })),
      ];
      return { rows, next: page.next };
    },
    [bucket, prefix, token],
  );
  const folders = prefix.split('/').slice(0, -1);
  const remove = async (): Promise<void> => {
    const done = await attempt('Deleting', async () => {
      for (const row of selected) await deleteObject(bucket, row.name);
      return true;
    });
    if (done) tell('success', selected.length === 1 ? 'The object has been deleted.' : `${counted(selected.length, 'object')} have been deleted.`);
    setSelected([]);
    loaded.reload();
  };
  return (
    <Page
      title={bucket}
      description={
        <span>
          <GoLink href={href(['s3', bucket])}>{bucket}</GoLink>
          {folders.map((folder, at) => (
            <span key={at}>
              {' / '}
              <GoLink href={href(['s3', bucket], { prefix: folders.slice(0, at + 1).join('/') + '/' })}>{folder || '(empty)'}</GoLink>
            </span>
          ))}
        </span>
      }
      actions={<GoButton href={href(['imports', 'new'], { bucket, prefix })}>Import into a table</GoButton>}
    >
      <SpaceBetween size="m">
        <Failure error={loaded.error} retry={loaded.reload} />
        <Table<Row>
          items={loaded.data?.rows ?? []}
          loading={loaded.loading && !loaded.data}
          loadingText="Looking"
          trackBy="name"
          resizableColumns
          selectionType="multi"
          isItemDisabled={(row) => row.isFolder}
          selectedItems={selected}
          onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
          ariaLabels={{
            tableLabel: 'Objects',
            selectionGroupLabel: 'Choose objects',
            allItemsSelectionLabel: () => 'Choose all objects of the page',
            itemSelectionLabel: (_, row) => `Choose ${row.name}`,
          }}
          columnDefinitions={[
            {
              id: 'name',
              header: 'Name',
              isRowHeader: true,
              minWidth: 260,
              cell: (row) =>
                row.isFolder ? (
                  <GoLink href={href(['s3', bucket], { prefix: row.name })}>{row.name.slice(prefix.length) || row.name}</GoLink>
                ) : (
                  <GoLink href={href(['s3', bucket, 'object'], { key: row.name })}>{row.name.slice(prefix.length) || row.name}</GoLink>
                ),
            },
            { id: 'type', header: 'Type', cell: (row) => (row.isFolder ? 'Folder' : typeOf(row.name)) },
            { id: 'modified', header: 'Last modified', cell: (row) => time(row.modified) },
            { id: 'size', header: 'Size', cell: (row) => (row.isFolder ? '–' : bytes(row.size)) },
            { id: 'class', header: 'Storage class', cell: (row) => row.storageClass || '–' },
          ]}
          filter={
            <form
              onSubmit={(event) => {
                event.preventDefault();
                setQuery({ prefix: search || undefined });
              }}
            >
              <Input
                type="search"
                value={search}
                placeholder="Find objects by prefix, then Enter"
                ariaLabel="Prefix"
                onChange={({ detail }) => setSearch(detail.value)}
              />
            </form>
          }
          header={
            <Header
              variant="h2"
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel="Refresh" onClick={loaded.reload} />
                  <Button disabled={selected.length === 0} onClick={() => setAsking('delete')}>
                    Delete
                  </Button>
                  <Button variant="primary" onClick={() => setAsking('upload')}>
                    Upload
                  </Button>
                </SpaceBetween>
              }
            >
              Objects
            </Header>
          }
          pagination={
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              <Button iconName="angle-left" ariaLabel="Previous page" disabled={tokens.length === 1} onClick={() => setTokens(tokens.slice(0, -1))} />
              <Box>Page {tokens.length}</Box>
              <Button
                iconName="angle-right"
                ariaLabel="Next page"
                disabled={!loaded.data?.next}
                onClick={() => setTokens([...tokens, loaded.data!.next])}
              />
            </SpaceBetween>
          }
          empty={
            <Empty
              title={prefix ? 'Nothing here' : 'The bucket is empty'}
              text={prefix ? 'No object has a name that begins so.' : 'Upload a file, export a table into it, or use an S3 client.'}
            />
          }
        />
      </SpaceBetween>
      {asking === 'upload' && (
        <Upload
          bucket={bucket}
          prefix={prefix}
          onClose={() => {
            setAsking(null);
            loaded.reload();
          }}
        />
      )}
      {asking === 'delete' && (
        <Confirm title="Delete objects" action="Delete" onConfirm={remove} onClose={() => setAsking(null)}>
          <Box>{selected.length === 1 ? selected[0].name : counted(selected.length, 'object')} will be gone, unless the bucket keeps versions.</Box>
        </Confirm>
      )}
    </Page>
  );
}

const typeOf = (name: string): string => /\.([a-z0-9]{1,8})$/i.exec(name)?.[1].toLowerCase() ?? '–';

function Upload({ bucket, prefix, onClose }: { bucket: string; prefix: string; onClose: () => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [folder, setFolder] = useState(prefix);
  const upload = async (): Promise<void> => {
    clearNotices();
    for (const file of files) {
      const key = folder + file.name;
      await attemptOneOf(`Uploading ${file.name}`, () => putObject(bucket, key, file), `${key} has been uploaded.`);
    }
  };
  return (
    <Confirm title="Upload" action="Upload" disabled={files.length === 0} onConfirm={upload} onClose={onClose}>
      <SpaceBetween size="m">
        <FormField label="Folder">
          <Input value={folder} placeholder="folder/" onChange={({ detail }) => setFolder(detail.value)} />
        </FormField>
        <FormField label="Files">
          <FileUpload
            multiple
            value={files}
            showFileSize
            onChange={({ detail }) => setFiles(detail.value)}
            i18nStrings={{
              uploadButtonText: (multiple) => (multiple ? 'Choose files' : 'Choose a file'),
              dropzoneText: () => 'Drop files here',
              removeFileAriaLabel: (at) => `Remove file ${at + 1}`,
              limitShowFewer: 'Show fewer files',
              limitShowMore: 'Show more files',
              errorIconAriaLabel: 'Error',
            }}
          />
        </FormField>
      </SpaceBetween>
    </Confirm>
  );
}
