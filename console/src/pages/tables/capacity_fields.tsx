import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';

// The two numbers of provisioned capacity, as they are typed.
export function CapacityFields(props: {
  reads: string;
  writes: string;
  onReads: (reads: string) => void;
  onWrites: (writes: string) => void;
}) {
  return (
    <ColumnLayout columns={2}>
      <FormField label="Read capacity units">
        <Input type="number" value={props.reads} onChange={({ detail }) => props.onReads(detail.value)} />
      </FormField>
      <FormField label="Write capacity units">
        <Input type="number" value={props.writes} onChange={({ detail }) => props.onWrites(detail.value)} />
      </FormField>
    </ColumnLayout>
  );
}
