// The fields of a secondary index, in the forms that make one.
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import type { AttributeDefinition, KeyElement } from '../../client/dynamodb';

export type KeyType = 'S' | 'N' | 'B';
export interface KeyDraft {
  name: string;
  type: KeyType;
}
export interface IndexDraft {
  id: number;
  isLocal: boolean;
  name: string;
  hash: KeyDraft;
  range: KeyDraft;
  projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  attributes: string; // with commas
}

export const newIndex = (id: number, isLocal: boolean): IndexDraft => ({
  id,
  isLocal,
  name: '',
  hash: { name: '', type: 'S' },
  range: { name: '', type: 'S' },
  projection: 'ALL',
  attributes: '',
});

const types = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'B', label: 'Binary' },
];

export function KeyFields(props: {
  label: string;
  description?: string;
  value: KeyDraft;
  onChange: (value: KeyDraft) => void;
  placeholder: string;
}) {
  const { value } = props;
  return (
    <ColumnLayout columns={2}>
      <FormField label={props.label} description={props.description}>
        <Input
          value={value.name}
          placeholder={props.placeholder}
          ariaLabel={props.label}
          onChange={({ detail }) => props.onChange({ ...value, name: detail.value })}
        />
      </FormField>
      <FormField label="Type" description={props.description ? '\u00a0' : undefined}>
        <Select
          selectedOption={types.find((t) => t.value === value.type)!}
          options={types}
          ariaLabel={`Type of the ${props.label.toLowerCase()}`}
          onChange={({ detail }) => props.onChange({ ...value, type: detail.selectedOption.value as KeyType })}
        />
      </FormField>
    </ColumnLayout>
  );
}

const projections = [
  { value: 'ALL', label: 'All', description: 'Every attribute of the item' },
  { value: 'KEYS_ONLY', label: 'Keys only', description: 'The keys of the index and of the table' },
  { value: 'INCLUDE', label: 'Include', description: 'The keys, and attributes that you name' },
];

export function IndexFields({ value, onChange }: { value: IndexDraft; onChange: (value: IndexDraft) => void }) {
  return (
    <>
      {!value.isLocal && (
        <KeyFields
          label="Partition key"
          placeholder="Attribute of the index"
          value={value.hash}
          onChange={(hash) => onChange({ ...value, hash })}
        />
      )}
      <KeyFields
        label={value.isLocal ? 'Sort key' : 'Sort key – optional'}
        placeholder="Attribute to sort by"
        value={value.range}
        onChange={(range) => onChange({ ...value, range })}
      />
      <ColumnLayout columns={2}>
        <FormField label="Index name">
          <Input value={value.name} placeholder="by-date" onChange={({ detail }) => onChange({ ...value, name: detail.value })} />
        </FormField>
        <FormField label="Attribute projections">
          <Select
            selectedOption={projections.find((p) => p.value === value.projection)!}
            options={projections}
            ariaLabel="Attribute projections"
            onChange={({ detail }) =>
              onChange({ ...value, projection: detail.selectedOption.value as IndexDraft['projection'] })
            }
          />
        </FormField>
      </ColumnLayout>
      {value.projection === 'INCLUDE' && (
        <FormField label="Attributes" description="With commas between them">
          <Input value={value.attributes} onChange={({ detail }) => onChange({ ...value, attributes: detail.value })} />
        </FormField>
      )}
    </>
  );
}

export function keySchema(hash: string, range: KeyDraft): KeyElement[] {
  const schema: KeyElement[] = [{ AttributeName: hash, KeyType: 'HASH' }];
  if (range.name) schema.push({ AttributeName: range.name, KeyType: 'RANGE' });
  return schema;
}

export function indexInput(draft: IndexDraft, tableHash: string) {
  return {
    IndexName: draft.name,
    KeySchema: keySchema(draft.isLocal ? tableHash : draft.hash.name, draft.range),
    Projection: {
      ProjectionType: draft.projection,
      ...(draft.projection === 'INCLUDE'
        ? { NonKeyAttributes: draft.attributes.split(',').map((name) => name.trim()).filter(Boolean) }
        : {}),
    },
  };
}

// Each attribute once.
export function definitions(keys: KeyDraft[]): AttributeDefinition[] {
  const found = new Map<string, KeyType>();
  for (const key of keys) if (key.name && !found.has(key.name)) found.set(key.name, key.type);
  return [...found].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}
