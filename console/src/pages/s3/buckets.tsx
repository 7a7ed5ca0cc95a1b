import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { attempt } from '../../app/notices';
import { href } from '../../app/router';
import { createBucket, deleteBucket, listBuckets, type Bucket } from '../../client/s3';
import { Confirm } from '../../parts/confirm';
import { time } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';

export function Buckets() {
  const loaded = useLoad(listBuckets, []);
  const [selected, setSelected] = useState<Bucket | null>(null);
  const [asking, setAsking] = useState<'create' | 'delete' | null>(null);
  const [name, setName] = useState('');
  return (
    <Page title="Buckets" description="The S3 of this server. Exports go here, imports come from here.">
      <Listing<Bucket>
        title="Buckets"
        loaded={loaded}
        idOf={(bucket) => bucket.name}
        searchText={(bucket) => bucket.name}
        selected={selected}
        onSelect={setSelected}
        empty={{
          title: 'No buckets',
          text: 'A bucket holds objects: files, each with a name. Exports need one.',
          action: <Button onClick={() => setAsking('create')}>Create bucket</Button>,
        }}
        actions={
          <>
            <Button disabled={!selected} onClick={() => setAsking('delete')}>
              Delete
            </Button>
            <Button variant="primary" onClick={() => setAsking('create')}>
              Create bucket
            </Button>
          </>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (bucket) => <GoLink href={href(['s3', bucket.name])}>{bucket.name}</GoLink>,
            sort: (bucket) => bucket.name,
          },
          { id: 'created', header: 'Created', cell: (bucket) => time(bucket.created), sort: (bucket) => bucket.created },
        ]}
      />
      {asking === 'create' && (
        <Confirm
          title="Create bucket"
          action="Create bucket"
          disabled={!name}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await attempt(`Creating ${name}`, () => createBucket(name), `The bucket ${name} has been created.`);
            setName('');
            loaded.reload();
          }}
        >
          <FormField label="Bucket name" constraintText="3 to 63 lower-case letters, digits, dots and hyphens">
            <Input value={name} placeholder="my-bucket" onChange={({ detail }) => setName(detail.value)} />
          </FormField>
        </Confirm>
      )}
      {asking === 'delete' && selected && (
        <Confirm
          title="Delete bucket"
          action="Delete"
          word={selected.name}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await attempt(`Deleting ${selected.name}`, () => deleteBucket(selected.name), `The bucket ${selected.name} has been deleted.`);
            setSelected(null);
            loaded.reload();
          }}
        >
          <Box>Only an empty bucket can be deleted.</Box>
        </Confirm>
      )}
    </Page>
  );
}
