// The conditions that a reader fills in, as an expression with placeholders.
import type { AttributeKind, AttributeValue } from '../../client/dynamodb';

export type FilterOperator =
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'between'
  | 'begins_with'
  | 'contains'
  | 'not_contains'
  | 'attribute_exists'
  | 'attribute_not_exists';

export interface Filter {
  id: number;
  attribute: string;
  type: 'S' | 'N' | 'B' | 'BOOL' | 'NULL';
  operator: FilterOperator;
  value: string;
  second: string;
}

export const operators: { value: FilterOperator; label: string }[] = [
  { value: '=', label: 'Equal to' },
  { value: '<>', label: 'Not equal to' },
  { value: '<', label: 'Less than' },
  { value: '<=', label: 'Less than or equal to' },
  { value: '>', label: 'Greater than' },
  { value: '>=', label: 'Greater than or equal to' },
  { value: 'between', label: 'Between' },
  { value: 'begins_with', label: 'Begins with' },
  { value: 'contains', label: 'Contains' },
  { value: 'not_contains', label: 'Does not contain' },
  { value: 'attribute_exists', label: 'Exists' },
  { value: 'attribute_not_exists', label: 'Does not exist' },
];

export const keyOperators = operators.filter((o) => ['=', '<', '<=', '>', '>=', 'between', 'begins_with'].includes(o.value));

export function valueOf(type: AttributeKind, text: string): AttributeValue {
  switch (type) {
    case 'N':
      return { N: text.trim() };
    case 'B':
      return { B: text.trim() };
    case 'BOOL':
      return { BOOL: text.trim().toLowerCase() === 'true' };
    case 'NULL':
      return { NULL: true };
    default:
      return { S: text };
  }
}

// Collects names and values of one request.
export class Placeholders {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};

  // `a.b[0]` is a path, as in an expression.
  name(path: string): string {
    return path
      .split('.')
      .map((step) => {
        const [, name, index] = /^(.*?)((?:\[\d+\])*)$/.exec(step)!;
        const known = Object.entries(this.names).find(([, value]) => value === name)?.[0];
        const holder = known ?? `#n${Object.keys(this.names).length}`;
        this.names[holder] = name;
        return holder + index;
      })
      .join('.');
  }

  // A name in which dots are dots, such as that of a key.
  wholeName(name: string): string {
    const holder = `#n${Object.keys(this.names).length}`;
    this.names[holder] = name;
    return holder;
  }

  value(value: AttributeValue): string {
    const holder = `:v${Object.keys(this.values).length}`;
    this.values[holder] = value;
    return holder;
  }
}

export function condition(
  holders: Placeholders,
  name: string,
  type: AttributeKind,
  operator: FilterOperator,
  value: string,
  second: string,
): string {
  const operand = (text: string): string => holders.value(valueOf(type, text));
  switch (operator) {
    case 'between':
      return `${name} BETWEEN ${operand(value)} AND ${operand(second)}`;
    case 'begins_with':
      return `begins_with(${name}, ${operand(value)})`;
    case 'contains':
      return `contains(${name}, ${operand(value)})`;
    case 'not_contains':
      return `NOT contains(${name}, ${operand(value)})`;
    case 'attribute_exists':
      return `attribute_exists(${name})`;
    case 'attribute_not_exists':
      return `attribute_not_exists(${name})`;
    default:
      return `${name} ${operator} ${operand(value)}`;
  }
}
