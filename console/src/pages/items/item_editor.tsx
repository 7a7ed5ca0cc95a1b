import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Alert from '@cloudscape-design/components/alert';
import { useEffect, useState } from 'react';
import { tell } from '../../app/notices';
import { go, href } from '../../app/router';
import { describeTable, dynamodb, keyOf, type Item, type TableDescription } from '../../client/dynamodb';
import { Failure } from '../../parts/failure';
import { GoButton } from '../../parts/go_link';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';
import { MapFields } from './attribute_fields';
import { PageForm } from '../../parts/form_frame';
import { useSubmit } from '../../parts/use_submit';

interface Start {
  table: TableDescription;
  item: Item;
  isThere: boolean;
}

// A new item, a copy of one, or one that is there: as fields or as DynamoDB JSON.
export function ItemEditor({ table, itemKey, copyOf }: { table: string; itemKey?: string; copyOf?: string }) {
  const loaded = useLoad<Start>(
    async (signal) => {
      const description = await describeTable(table, signal);
      const empty = Object.fromEntries(
        description.KeySchema.map((k) => {
          const type = description.AttributeDefinitions.find((a) => a.AttributeName === k.AttributeName)?.AttributeType ?? 'S';
          return [k.AttributeName, { [type]: '' }];
        }),
      ) as unknown as Item;
      const source = itemKey ?? copyOf;
      if (!source) return { table: description, item: empty, isThere: true };
      const answer = await dynamodb<{ Item?: Item }>(
        'GetItem',
        { TableName: table, Key: JSON.parse(source) as Item, ConsistentRead: true },
        { signal },
      );
      // The keys first: an item has no order of its own.
      return { table: description, item: { ...empty, ...(JSON.parse(source) as Item), ...answer.Item }, isThere: answer.Item !== undefined };
    },
    [table, itemKey, copyOf],
  );
  const title = itemKey ? 'Edit item' : copyOf ? 'Duplicate item' : 'Create item';
  return (
    <Page
      title={title}
      description={`Of the table ${table}`}
      actions={itemKey && <GoButton href={href(['tables', table, 'history'], { key: itemKey })}>History of the item</GoButton>}
    >
      <SpaceBetween size="l">
        <Failure error={loaded.error} retry={loaded.reload} />
        {loaded.data && !loaded.data.isThere && <Alert type="warning">There is no item of this key now. What you save makes one.</Alert>}
        {loaded.data && <Editor start={loaded.data} isEdit={itemKey !== undefined} reload={loaded.reload} />}
      </SpaceBetween>
    </Page>
  );
}

function Editor({ start, isEdit, reload }: { start: Start; isEdit: boolean; reload: () => void }) {
  const [item, setItem] = useState(start.item);
  const [view, setView] = useState('form');
  const [text, setText] = useState('');
  useEffect(() => setItem(start.item), [start.item]);
  const keys = start.table.KeySchema.map((k) => k.AttributeName);
  const name = start.table.TableName;

  const parse = (): Item => {
    const parsed = JSON.parse(text) as Item;
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('An item is an object: {"name": {"S": "value"}}.');
    for (const [attribute, value] of Object.entries(parsed)) {
      if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) {
        throw new Error(`The attribute ${attribute} needs a type and a value: {"S": "text"} or {"N": "1"}.`);
      }
    }
    return parsed;
  };
  const submit = useSubmit(async () => {
    const whole = view === 'json' ? parse() : item;
    const hash = keys[0];
    await dynamodb('PutItem', {
      TableName: name,
      Item: whole,
      // A new item does not replace another one unseen.
      ...(isEdit ? {} : { ConditionExpression: 'attribute_not_exists(#k)', ExpressionAttributeNames: { '#k': hash } }),
    });
    tell('success', isEdit ? 'The item has been saved.' : 'The item has been created.');
    if (isEdit && JSON.stringify(keyOf(whole, start.table.KeySchema)) === JSON.stringify(keyOf(start.item, start.table.KeySchema))) {
      reload();
    } else {
      go(href(['tables', name, 'items']));
    }
  });
  const change = (next: string): void => {
    submit.setError(undefined);
    try {
      if (next === 'json') setText(JSON.stringify(item, null, 2));
      else setItem(parse());
      setView(next);
    } catch (found) {
      submit.setError(found);
    }
  };

  return (
    <PageForm submit={submit} action={isEdit ? 'Save changes' : 'Create item'} cancelTo={href(['tables', name, 'items'])}>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SegmentedControl
                label="How the item is shown"
                selectedId={view}
                onChange={({ detail }) => change(detail.selectedId)}
                options={[
                  { id: 'form', text: 'Form' },
                  { id: 'json', text: 'JSON' },
                ]}
              />
            }
          >
            Attributes
          </Header>
        }
      >
        {view === 'form' ? (
          <MapFields value={item} onChange={setItem} fixedNames={keys} keysLocked={isEdit} />
        ) : (
          <FormField stretch label="DynamoDB JSON" description="Each value says its type: S, N, B, BOOL, NULL, SS, NS, BS, L or M.">
            <div className="mono">
              <Textarea
                value={text}
                rows={Math.min(30, Math.max(12, text.split('\n').length))}
                spellcheck={false}
                ariaLabel="Item as DynamoDB JSON"
                onChange={({ detail }) => setText(detail.value)}
              />
            </div>
          </FormField>
        )}
      </Container>
    </PageForm>
  );
}
