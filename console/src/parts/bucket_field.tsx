// A place in S3, typed or browsed for.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { attempt } from '../app/notices';
import { createBucket, listBuckets, listObjects } from '../client/s3';
import { Failure } from './failure';
import { Empty } from './listing';
import { useLoad } from './use_load';

export interface BucketPlace {
  bucket: string;
  prefix: string;
}

export function BucketField(props: {
  value: BucketPlace;
  onChange: (value: BucketPlace) => void;
  bucketLabel: string;
  prefixLabel: string;
  prefixDescription?: string;
  mayCreate?: boolean;
}) {
  const { value } = props;
  const [browsing, setBrowsing] = useState(false);
  return (
    <SpaceBetween size="m">
      <FormField
        label={props.bucketLabel}
        secondaryControl={
          <Button formAction="none" onClick={() => setBrowsing(true)}>
            Browse S3
          </Button>
        }
      >
        <Input value={value.bucket} placeholder="my-bucket" onChange={({ detail }) => props.onChange({ ...value, bucket: detail.value })} />
      </FormField>
      <FormField label={props.prefixLabel} description={props.prefixDescription}>
        <Input value={value.prefix} placeholder="folder/" onChange={({ detail }) => props.onChange({ ...value, prefix: detail.value })} />
      </FormField>
      {browsing && (
        <Browser
          mayCreate={props.mayCreate}
          start={value}
          onClose={() => setBrowsing(false)}
          onChoose={(place) => {
            props.onChange(place);
            setBrowsing(false);
          }}
        />
      )}
    </SpaceBetween>
  );
}

interface Row {
  name: string;
  isFile: boolean;
}

function Browser(props: { start: BucketPlace; mayCreate?: boolean; onChoose: (place: BucketPlace) => void; onClose: () => void }) {
  const [place, setPlace] = useState<BucketPlace>({ bucket: '', prefix: '' });
  const [fresh, setFresh] = useState('');
  const loaded = useLoad<Row[]>(
    async (signal) => {
      if (!place.bucket) return (await listBuckets(signal)).map((bucket) => ({ name: bucket.name, isFile: false }));
      const page = await listObjects(place.bucket, place.prefix, { limit: 200, signal });
      return [
        ...page.prefixes.map((name) => ({ name, isFile: false })),
        ...page.objects.map((object) => ({ name: object.key, isFile: true })),
      ];
    },
    [place],
  );
  const up = (): void => {
    const parts = place.prefix.split('/').filter(Boolean);
    if (parts.length === 0) setPlace({ bucket: '', prefix: '' });
    else setPlace({ ...place, prefix: parts.slice(0, -1).map((part) => part + '/').join('') });
  };
  const enter = (row: Row): void => setPlace(place.bucket ? { ...place, prefix: row.name } : { bucket: row.name, prefix: '' });
  return (
    <Modal
      visible
      size="large"
      header={place.bucket ? `${place.bucket}/${place.prefix}` : 'Buckets'}
      closeAriaLabel="Close"
      onDismiss={props.onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!place.bucket} onClick={() => props.onChoose(place)}>
              Choose this place
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Failure error={loaded.error} retry={loaded.reload} />
        {place.bucket && (
          <Button iconName="angle-up" onClick={up}>
            Up
          </Button>
        )}
        <Table<Row>
          variant="embedded"
          items={loaded.data ?? []}
          loading={loaded.loading && !loaded.data}
          loadingText="Looking"
          ariaLabels={{ tableLabel: 'What there is' } as never}
          columnDefinitions={[
            {
              id: 'name',
              header: 'Name',
              isRowHeader: true,
              cell: (row) =>
                row.isFile ? (
                  row.name.slice(place.prefix.length)
                ) : (
                  <Link variant="secondary" onFollow={() => enter(row)}>
                    {place.bucket ? row.name.slice(place.prefix.length) : row.name}
                  </Link>
                ),
            },
          ]}
          empty={<Empty title={place.bucket ? 'Nothing here' : 'No buckets'} text={place.bucket ? 'An export makes its own folder.' : 'Create one below.'} />}
        />
        {!place.bucket && props.mayCreate && (
          <FormField
            label="New bucket"
            secondaryControl={
              <Button
                disabled={!fresh}
                onClick={() =>
                  void attempt('Creating the bucket', () => createBucket(fresh)).then(() => {
                    setFresh('');
                    loaded.reload();
                  })
                }
              >
                Create
              </Button>
            }
          >
            <Input value={fresh} placeholder="my-bucket" onChange={({ detail }) => setFresh(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
