import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import type { Tag } from '../../client/dynamodb';

export interface TagDraft {
  key: string;
  value: string;
}

export const tagsOf = (drafts: TagDraft[]): Tag[] =>
  drafts.filter((draft) => draft.key).map((draft) => ({ Key: draft.key, Value: draft.value }));

export function TagFields({ value, onChange }: { value: TagDraft[]; onChange: (value: TagDraft[]) => void }) {
  const change = (index: number, next: Partial<TagDraft>): void =>
    onChange(value.map((tag, at) => (at === index ? { ...tag, ...next } : tag)));
  return (
    <AttributeEditor<TagDraft>
      items={value}
      addButtonText="Add tag"
      removeButtonText="Remove"
      empty={<Box color="text-body-secondary">No tags.</Box>}
      addButtonVariant="normal"
      onAddButtonClick={() => onChange([...value, { key: '', value: '' }])}
      onRemoveButtonClick={({ detail }) => onChange(value.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: 'Key',
          control: (tag, index) => <Input value={tag.key} ariaLabel="Key" onChange={({ detail }) => change(index, { key: detail.value })} />,
        },
        {
          label: 'Value',
          control: (tag, index) => (
            <Input value={tag.value} ariaLabel="Value" onChange={({ detail }) => change(index, { value: detail.value })} />
          ),
        },
      ]}
    />
  );
}
