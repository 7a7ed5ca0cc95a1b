import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { follow, go, href, setQuery, usePlace } from '../../app/router';
import {
  describeTable,
  dynamodb,
  hashKey,
  rangeKey,
  type AttributeDefinition,
  type Item,
  type KeyElement,
  type ReadAnswer,
  type TableDescription,
} from '../../client/dynamodb';
import { Failure } from '../../parts/failure';
import { TableFailure } from '../../parts/table_failure';
import { counted, time } from '../../parts/format';
import { GoButton } from '../../parts/go_link';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { FilterRows } from './filter_rows';
import { condition, keyOperators, Placeholders, valueOf, type Filter, type FilterOperator } from './filters';
import { ItemTable } from './item_table';

export function Explore({ table, asOf }: { table: string; asOf?: string }) {
  const loaded = useLoad((signal) => describeTable(table, signal), [table]);
  return (
    <Page
      title={asOf ? `${table}, as of ${time(asOf)}` : table}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <GoButton href={href(['tables', table])}>Table details</GoButton>
          <GoButton href={href(['tables', table, 'timeline'], { at: asOf })}>Timeline</GoButton>
          {!asOf && (
            <GoButton variant="primary" href={href(['tables', table, 'item'])}>
              Create item
            </GoButton>
          )}
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {asOf && (
          <Alert
            type="info"
            header={`This is the past: ${asOf}`}
            action={
              <Button href={href(['tables', table, 'items'])} onFollow={follow}>
                Back to now
              </Button>
            }
          >
            What you see was committed by that moment. It can be read only; SDKs do the same with the header X-Tidemark-As-Of.
          </Alert>
        )}
        <TableFailure error={loaded.error} table={table} retry={loaded.reload} />
        {loaded.data && <Reader table={loaded.data} asOf={asOf} />}
      </SpaceBetween>
    </Page>
  );
}

// A place to read from: the table or an index.
interface Source {
  name: string;
  schema: KeyElement[];
  isGlobal: boolean;
}

function sourcesOf(table: TableDescription): Source[] {
  return [
    { name: '', schema: table.KeySchema, isGlobal: false },
    ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ name: index.IndexName, schema: index.KeySchema, isGlobal: true })),
    ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ name: index.IndexName, schema: index.KeySchema, isGlobal: false })),
  ];
}

const typeOf = (definitions: AttributeDefinition[], name: string): 'S' | 'N' | 'B' =>
  definitions.find((a) => a.AttributeName === name)?.AttributeType ?? 'S';

const pageSizes = ['25', '50', '100', '300'].map((value) => ({ value, label: `${value} items` }));

interface Request {
  operation: 'Scan' | 'Query';
  input: Record<string, unknown>;
}

function Reader({ table, asOf }: { table: TableDescription; asOf?: string }) {
  const { query } = usePlace();
  const sources = sourcesOf(table).filter((source) => !asOf || !source.isGlobal);
  const sourceName = query.get('index') ?? '';
  const source = sources.find((found) => found.name === sourceName) ?? sources[0];
  const mode = query.get('mode') === 'query' ? 'query' : 'scan';
  const hash = hashKey(source.schema);
  const range = rangeKey(source.schema);
  const [hashValue, setHashValue] = useState(query.get('pk') ?? '');
  const [rangeOperator, setRangeOperator] = useState<SelectProps.Option>(keyOperators[0]);
  const [rangeValue, setRangeValue] = useState('');
  const [rangeSecond, setRangeSecond] = useState('');
  const [isDescending, setDescending] = useState(false);
  const [filters, setFilters] = useState<Filter[]>([]);
  const [projection, setProjection] = useState('');
  const [size, setSize] = useState(pageSizes[1]);

  const requestOf = (): Request => {
    const holders = new Placeholders();
    const conditions: string[] = [];
    if (mode === 'query') {
      const name = holders.wholeName(hash);
      conditions.push(`${name} = ${holders.value(valueOf(typeOf(table.AttributeDefinitions, hash), hashValue))}`);
      if (range && rangeValue !== '') {
        conditions.push(
          condition(
            holders,
            holders.wholeName(range),
            typeOf(table.AttributeDefinitions, range),
            rangeOperator.value as FilterOperator,
            rangeValue,
            rangeSecond,
          ),
        );
      }
    }
    const tests = filters
      .filter((filter) => filter.attribute)
      .map((f) => condition(holders, holders.name(f.attribute), f.type, f.operator, f.value, f.second));
    const shown = projection
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    // The keys come along, so that an item can be opened.
    const keys = table.KeySchema.map((k) => k.AttributeName).filter((name) => !shown.includes(name));
    const projected = shown.length ? [...shown.map((name) => holders.name(name)), ...keys.map((name) => holders.wholeName(name))] : [];
    return {
      operation: mode === 'query' ? 'Query' : 'Scan',
      input: {
        TableName: table.TableName,
        IndexName: source.name || undefined,
        KeyConditionExpression: conditions.length ? conditions.join(' AND ') : undefined,
        FilterExpression: tests.length ? tests.join(' AND ') : undefined,
        ProjectionExpression: projected.length ? projected.join(', ') : undefined,
        ExpressionAttributeNames: Object.keys(holders.names).length ? holders.names : undefined,
        ExpressionAttributeValues: Object.keys(holders.values).length ? holders.values : undefined,
        ScanIndexForward: mode === 'query' && isDescending ? false : undefined,
        ReturnConsumedCapacity: 'TOTAL',
      },
    };
  };

  // What runs is what was there when Run was pressed; a scan runs on its own when the page opens.
  const [running, setRunning] = useState<Request | null>(() => (mode === 'scan' || hashValue ? requestOf() : null));
  const [starts, setStarts] = useState<(Item | undefined)[]>([undefined]);
  const run = (): void => {
    setStarts([undefined]);
    setRunning(requestOf());
  };
  const start = starts[starts.length - 1];
  const page = useLoad(
    (signal) => (running ? readPage(running, Number(size.value), start, asOf, signal) : Promise.resolve(undefined)),
    [running, start, size.value, asOf],
  );

  const sourceOptions = sources.map((found) => ({ value: found.name, label: found.name ? `Index – ${found.name}` : `Table – ${table.TableName}` }));
  const reset = (values: Record<string, string | undefined>): void => {
    setQuery(values);
    setRunning(null);
    setStarts([undefined]);
  };

  return (
    <SpaceBetween size="l">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Container
          header={<Header variant="h2">Scan or query items</Header>}
          footer={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="primary" disabled={mode === 'query' && hashValue === ''}>
                Run
              </Button>
              <Button
                formAction="none"
                onClick={() => {
                  setFilters([]);
                  setProjection('');
                  setHashValue('');
                  setRangeValue('');
                  setDescending(false);
                }}
              >
                Reset
              </Button>
            </SpaceBetween>
          }
        >
          <SpaceBetween size="m">
            <ColumnLayout columns={3}>
              <FormField label="How">
                <SegmentedControl
                  label="How"
                  selectedId={mode}
                  onChange={({ detail }) => reset({ mode: detail.selectedId === 'query' ? 'query' : undefined })}
                  options={[
                    { id: 'scan', text: 'Scan' },
                    { id: 'query', text: 'Query' },
                  ]}
                />
              </FormField>
              <FormField label="Table or index">
                <Select
                  selectedOption={sourceOptions.find((option) => option.value === source.name)!}
                  options={sourceOptions}
                  ariaLabel="Table or index"
                  onChange={({ detail }) => reset({ index: detail.selectedOption.value })}
                />
              </FormField>
              <FormField label="Attributes to show – optional">
                <Input
                  value={projection}
                  placeholder="All; or names with commas"
                  onChange={({ detail }) => setProjection(detail.value)}
                />
              </FormField>
            </ColumnLayout>
            {mode === 'query' && (
              <ColumnLayout columns={2}>
                <FormField label={`${hash} (partition key)`}>
                  <Input value={hashValue} placeholder="Value" onChange={({ detail }) => setHashValue(detail.value)} />
                </FormField>
                {range && (
                  <FormField label={`${range} (sort key) – optional`}>
                    <SpaceBetween size="xs">
                      <Select
                        selectedOption={rangeOperator}
                        options={keyOperators}
                        ariaLabel="Condition on the sort key"
                        onChange={({ detail }) => setRangeOperator(detail.selectedOption)}
                      />
                      <Input
                        value={rangeValue}
                        placeholder="Value"
                        ariaLabel="Value of the sort key"
                        onChange={({ detail }) => setRangeValue(detail.value)}
                      />
                      {rangeOperator.value === 'between' && (
                        <Input
                          value={rangeSecond}
                          placeholder="and"
                          ariaLabel="Upper end of the sort key"
                          onChange={({ detail }) => setRangeSecond(detail.value)}
                        />
                      )}
                      <Toggle checked={isDescending} onChange={({ detail }) => setDescending(detail.checked)}>
                        Descending
                      </Toggle>
                    </SpaceBetween>
                  </FormField>
                )}
              </ColumnLayout>
            )}
            <ExpandableSection headerText="Filters" headerCounter={filters.length ? `(${filters.length})` : undefined}>
              <FilterRows value={filters} onChange={setFilters} />
            </ExpandableSection>
          </SpaceBetween>
        </Container>
      </form>
      <Failure error={page.error} retry={page.reload} />
      <ItemTable
        table={table}
        items={page.data?.items}
        loading={page.loading && running !== null}
        isPast={asOf !== undefined}
        asOf={asOf}
        title="Items returned"
        description={
          page.data &&
          `${page.data.items.length} of ${page.data.scanned} read, ${counted(page.data.units, 'read capacity unit')}${
            page.data.next ? '. There is more.' : '.'
          }`
        }
        onChanged={page.reload}
        empty={
          running === null
            ? { title: 'Nothing asked yet', text: 'Fill in a partition key and press Run.' }
            : table.ItemCount || filters.length
              ? { title: 'No items', text: page.data?.next ? 'None on this page has what the filters ask for. There is more.' : 'None has what you ask for.' }
              : {
                  title: 'The table is empty',
                  text: 'An item is a set of attributes with a key. Programs write them, and so can you.',
                  action: asOf ? undefined : <Button onClick={() => go(href(['tables', table.TableName, 'item']))}>Create item</Button>,
                }
        }
        paging={
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Select
              selectedOption={size}
              options={pageSizes}
              ariaLabel="Page size"
              onChange={({ detail }) => {
                setStarts([undefined]);
                setSize(detail.selectedOption as (typeof pageSizes)[0]);
              }}
            />
            <Button
              iconName="angle-left"
              ariaLabel="Previous page"
              disabled={starts.length === 1}
              onClick={() => setStarts(starts.slice(0, -1))}
            />
            <Box>Page {starts.length}</Box>
            <Button
              iconName="angle-right"
              ariaLabel="Next page"
              disabled={!page.data?.next}
              onClick={() => setStarts([...starts, page.data!.next])}
            />
          </SpaceBetween>
        }
      />
    </SpaceBetween>
  );
}

interface PageOfItems {
  items: Item[];
  scanned: number;
  units: number;
  next?: Item;
}

// Reads on until the page is full, or so much has been looked at.
async function readPage(request: Request, size: number, start: Item | undefined, asOf: string | undefined, signal: AbortSignal): Promise<PageOfItems> {
  const page: PageOfItems = { items: [], scanned: 0, units: 0, next: start };
  for (let turn = 0; turn < 10; turn++) {
    const answer = await dynamodb<ReadAnswer>(
      request.operation,
      { ...request.input, ExclusiveStartKey: page.next, Limit: request.input.FilterExpression ? 300 : size - page.items.length },
      { signal, asOf },
    );
    page.items.push(...answer.Items);
    page.scanned += answer.ScannedCount;
    page.units += answer.ConsumedCapacity?.CapacityUnits ?? 0;
    page.next = answer.LastEvaluatedKey;
    if (!page.next || page.items.length >= size) break;
  }
  return page;
}
