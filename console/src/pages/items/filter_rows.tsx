import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { operators, type Filter, type FilterOperator } from './filters';

const types = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'B', label: 'Binary' },
  { value: 'BOOL', label: 'Boolean' },
  { value: 'NULL', label: 'Null' },
];

export function FilterRows({ value, onChange }: { value: Filter[]; onChange: (value: Filter[]) => void }) {
  const change = (id: number, next: Partial<Filter>): void =>
    onChange(value.map((filter) => (filter.id === id ? { ...filter, ...next } : filter)));
  return (
    <AttributeEditor<Filter>
      items={value}
      addButtonText="Add filter"
      removeButtonText="Remove"
      empty={<Box color="text-body-secondary">No filters: everything that is read is shown.</Box>}
      onAddButtonClick={() =>
        onChange([
          ...value,
          { id: Math.max(0, ...value.map((f) => f.id)) + 1, attribute: '', type: 'S', operator: '=', value: '', second: '' },
        ])
      }
      onRemoveButtonClick={({ detail }) => onChange(value.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: 'Attribute',
          control: (filter) => (
            <Input
              value={filter.attribute}
              placeholder="name, or a path as in a.b[0]"
              ariaLabel="Attribute"
              onChange={({ detail }) => change(filter.id, { attribute: detail.value })}
            />
          ),
        },
        {
          label: 'Condition',
          control: (filter) => (
            <Select
              selectedOption={operators.find((o) => o.value === filter.operator)!}
              options={operators}
              ariaLabel="Condition"
              onChange={({ detail }) => change(filter.id, { operator: detail.selectedOption.value as FilterOperator })}
            />
          ),
        },
        {
          label: 'Type',
          control: (filter) =>
            filter.operator.startsWith('attribute_') ? null : (
              <Select
                selectedOption={types.find((t) => t.value === filter.type)!}
                options={types}
                ariaLabel="Type"
                onChange={({ detail }) => change(filter.id, { type: detail.selectedOption.value as Filter['type'] })}
              />
            ),
        },
        {
          label: 'Value',
          control: (filter) =>
            filter.operator.startsWith('attribute_') || filter.type === 'NULL' ? null : (
              <SpaceBetween size="xxs">
                <Input value={filter.value} ariaLabel="Value" onChange={({ detail }) => change(filter.id, { value: detail.value })} />
                {filter.operator === 'between' && (
                  <Input
                    value={filter.second}
                    placeholder="and"
                    ariaLabel="Upper end"
                    onChange={({ detail }) => change(filter.id, { second: detail.value })}
                  />
                )}
              </SpaceBetween>
            ),
        },
      ]}
    />
  );
}
