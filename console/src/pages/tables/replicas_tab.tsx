import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { attempt, tell } from '../../app/notices';
import { dynamodb, type ReplicaDescription, type TableDescription } from '../../client/dynamodb';
import { Confirm } from '../../parts/confirm';
import { DialogForm } from '../../parts/form_frame';
import { Listing } from '../../parts/listing';
import { Status } from '../../parts/status';
import { useSubmit } from '../../parts/use_submit';

// The replicas of a global table in other regions, and making and removing them.
export function ReplicasTab({ table, reload }: { table: TableDescription; reload: () => void }) {
  const [selected, setSelected] = useState<ReplicaDescription | null>(null);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const name = table.TableName;
  const update = (change: object): Promise<unknown> => dynamodb('UpdateTable', { TableName: name, ReplicaUpdates: [change] });
  return (
    <>
      <Listing<ReplicaDescription>
        title="Replicas"
        description="The other regions in which the table is, too: a write to one is a write to all. To see one, choose its region at the top."
        loaded={{ data: table.Replicas ?? [], error: undefined, loading: false, reload }}
        idOf={(replica) => replica.RegionName}
        selected={selected}
        onSelect={setSelected}
        empty={{ title: 'No replicas', text: 'The table is in one region. A replica has what is there, and what is written from then on.' }}
        actions={
          <>
            <Button disabled={!selected} onClick={() => setDeleting(true)}>
              Delete replica
            </Button>
            <Button variant="primary" onClick={() => setCreating(true)}>
              Create replica
            </Button>
          </>
        }
        columns={[
          { id: 'region', header: 'Region', isRowHeader: true, cell: (replica) => replica.RegionName },
          { id: 'status', header: 'Status', cell: (replica) => <Status of={replica.ReplicaStatus} /> },
          { id: 'text', header: 'About it', cell: (replica) => replica.ReplicaStatusDescription ?? '–' },
        ]}
      />
      {creating && <CreateReplica update={update} onClose={() => setCreating(false)} onDone={reload} />}
      {deleting && selected && (
        <Confirm
          title="Delete replica"
          action="Delete"
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            const region = selected.RegionName;
            await attempt(`Deleting the replica in ${region}`, () => update({ Delete: { RegionName: region } }), `The replica in ${region} is being deleted.`);
            setSelected(null);
            reload();
          }}
        >
          <Box>
            The table <Box variant="strong">{name}</Box> in {selected.RegionName} will be gone, with its items there. The other replicas keep theirs.
          </Box>
        </Confirm>
      )}
    </>
  );
}

function CreateReplica(props: { update: (change: object) => Promise<unknown>; onClose: () => void; onDone: () => void }) {
  const [region, setRegion] = useState('');
  const submit = useSubmit(async () => {
    await props.update({ Create: { RegionName: region } });
    tell('success', `The replica in ${region} is being made.`);
    props.onDone();
    props.onClose();
  });
  return (
    <DialogForm title="Create replica" submit={submit} action="Create replica" disabled={!region} onClose={props.onClose}>
      <FormField label="Region" constraintText="One of AWS: eu-west-1">
        <Input value={region} placeholder="eu-west-1" onChange={({ detail }) => setRegion(detail.value)} />
      </FormField>
    </DialogForm>
  );
}
