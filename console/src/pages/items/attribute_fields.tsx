// An item as fields: name, type and value of each attribute, and what is nested below it.
import Button from '@cloudscape-design/components/button';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import Box from '@cloudscape-design/components/box';
import { kindOf, type AttributeKind, type AttributeValue, type Item } from '../../client/dynamodb';

const kinds: { value: AttributeKind; label: string }[] = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'B', label: 'Binary' },
  { value: 'BOOL', label: 'Boolean' },
  { value: 'NULL', label: 'Null' },
  { value: 'SS', label: 'String set' },
  { value: 'NS', label: 'Number set' },
  { value: 'BS', label: 'Binary set' },
  { value: 'L', label: 'List' },
  { value: 'M', label: 'Map' },
];

function emptyOf(kind: AttributeKind): AttributeValue {
  switch (kind) {
    case 'BOOL':
      return { BOOL: true };
    case 'NULL':
      return { NULL: true };
    case 'SS':
      return { SS: [] };
    case 'NS':
      return { NS: [] };
    case 'BS':
      return { BS: [] };
    case 'L':
      return { L: [] };
    case 'M':
      return { M: {} };
    default:
      return { [kind]: '' } as AttributeValue;
  }
}

function ValueField({ value, label, onChange }: { value: AttributeValue; label: string; onChange: (value: AttributeValue) => void }) {
  const kind = kindOf(value);
  const ariaLabel = `Value of ${label}`;
  if ('BOOL' in value) {
    const options = [
      { value: 'true', label: 'True' },
      { value: 'false', label: 'False' },
    ];
    return (
      <Select
        selectedOption={options[value.BOOL ? 0 : 1]}
        options={options}
        ariaLabel={ariaLabel}
        onChange={({ detail }) => onChange({ BOOL: detail.selectedOption.value === 'true' })}
      />
    );
  }
  if ('NULL' in value) return <Box color="text-body-secondary">null</Box>;
  if ('L' in value) return <Box color="text-body-secondary">{value.L.length} values</Box>;
  if ('M' in value) return <Box color="text-body-secondary">{Object.keys(value.M).length} attributes</Box>;
  if (kind === 'SS' || kind === 'NS' || kind === 'BS') {
    const list = Object.values(value)[0] as string[];
    return (
      <Textarea
        value={list.join('\n')}
        rows={Math.min(8, Math.max(2, list.length))}
        ariaLabel={ariaLabel}
        placeholder="One a line"
        onChange={({ detail }) => onChange({ [kind]: detail.value.split('\n') } as unknown as AttributeValue)}
      />
    );
  }
  const text = Object.values(value)[0] as string;
  const set = (next: string): void => onChange({ [kind]: next } as unknown as AttributeValue);
  return text.length > 80 || text.includes('\n') ? (
    <Textarea value={text} rows={4} ariaLabel={ariaLabel} onChange={({ detail }) => set(detail.value)} />
  ) : (
    <Input
      value={text}
      ariaLabel={ariaLabel}
      placeholder={kind === 'B' ? 'Base64' : undefined}
      inputMode={kind === 'N' ? 'decimal' : undefined}
      onChange={({ detail }) => set(detail.value)}
    />
  );
}

function KindField({ value, label, fixed, onChange }: { value: AttributeValue; label: string; fixed?: boolean; onChange: (value: AttributeValue) => void }) {
  const kind = kindOf(value);
  return (
    <Select
      selectedOption={kinds.find((k) => k.value === kind)!}
      options={kinds}
      disabled={fixed}
      ariaLabel={`Type of ${label}`}
      onChange={({ detail }) => {
        const next = detail.selectedOption.value as AttributeKind;
        const old = Object.values(value)[0] as unknown;
        const keeps = typeof old === 'string' && ['S', 'N', 'B'].includes(next);
        onChange(keeps ? ({ [next]: old } as unknown as AttributeValue) : emptyOf(next));
      }}
    />
  );
}

function Nested({ value, onChange }: { value: AttributeValue; onChange: (value: AttributeValue) => void }) {
  if ('M' in value) {
    return (
      <div className="nested">
        <MapFields value={value.M} onChange={(M) => onChange({ M })} />
      </div>
    );
  }
  if (!('L' in value)) return null;
  const list = value.L;
  return (
    <div className="nested">
      {list.map((element, at) => (
        <div key={at}>
          <div className="attribute of-list">
            <Box padding={{ top: 'xxs' }}>[{at}]</Box>
            <KindField
              value={element}
              label={`element ${at}`}
              onChange={(next) => onChange({ L: list.map((old, other) => (other === at ? next : old)) })}
            />
            <ValueField
              value={element}
              label={`element ${at}`}
              onChange={(next) => onChange({ L: list.map((old, other) => (other === at ? next : old)) })}
            />
            <Button
              iconName="close"
              formAction="none"
              ariaLabel={`Remove element ${at}`}
              onClick={() => onChange({ L: list.filter((_, other) => other !== at) })}
            />
          </div>
          <Nested value={element} onChange={(next) => onChange({ L: list.map((old, other) => (other === at ? next : old)) })} />
        </div>
      ))}
      <Button formAction="none" iconName="add-plus" onClick={() => onChange({ L: [...list, { S: '' }] })}>
        Add value
      </Button>
    </div>
  );
}

// `fixedNames` are keys: their names and types stay, and with `keysLocked` their values, too.
export function MapFields(props: {
  value: Item;
  onChange: (value: Item) => void;
  fixedNames?: string[];
  keysLocked?: boolean;
}) {
  const { value, fixedNames = [] } = props;
  const entries = Object.entries(value);
  // The order of the attributes stays while they are renamed.
  const set = (at: number, name: string, next: AttributeValue): void =>
    props.onChange(Object.fromEntries(entries.map((entry, other) => (other === at ? [name, next] : entry))));
  return (
    <>
      {entries.map(([name, attribute], at) => {
        const isFixed = fixedNames.includes(name);
        return (
          <div key={at}>
            <div className="attribute">
              <Input
                value={name}
                disabled={isFixed}
                ariaLabel={`Name of attribute ${at + 1}`}
                onChange={({ detail }) => {
                  if (!(detail.value in value)) set(at, detail.value, attribute);
                }}
              />
              <KindField value={attribute} label={name} fixed={isFixed} onChange={(next) => set(at, name, next)} />
              {isFixed && props.keysLocked ? (
                <Input value={Object.values(attribute)[0] as string} disabled ariaLabel={`Value of ${name}`} />
              ) : (
                <ValueField value={attribute} label={name} onChange={(next) => set(at, name, next)} />
              )}
              {isFixed ? (
                <Box padding={{ top: 'xxs' }} color="text-body-secondary">
                  Key
                </Box>
              ) : (
                <Button
                  iconName="close"
                  formAction="none"
                  ariaLabel={`Remove ${name}`}
                  onClick={() => props.onChange(Object.fromEntries(entries.filter((_, other) => other !== at)))}
                />
              )}
            </div>
            <Nested value={attribute} onChange={(next) => set(at, name, next)} />
          </div>
        );
      })}
      <Button
        formAction="none"
        iconName="add-plus"
        onClick={() => {
          let number = entries.length + 1;
          while (`attribute${number}` in value) number++;
          props.onChange({ ...value, [`attribute${number}`]: { S: '' } });
        }}
      >
        Add attribute
      </Button>
    </>
  );
}
