import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import CollectionPreferences, { type CollectionPreferencesProps } from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useMemo, useState, type ReactNode } from 'react';
import { attempt, tell } from '../../app/notices';
import { follow, href } from '../../app/router';
import { dynamodb, keyOf, shownValue, type Item, type TableDescription } from '../../client/dynamodb';
import { Confirm } from '../../parts/confirm';
import { counted } from '../../parts/format';
import { GoLink } from '../../parts/go_link';
import { Empty } from '../../parts/listing';

// So many attributes have a column of their own, at first.
const COLUMNS_FIRST = 8;

export function ItemTable(props: {
  table?: TableDescription;
  items: Item[] | undefined;
  loading: boolean;
  isPast?: boolean;
  asOf?: string;
  title: string;
  description?: ReactNode;
  empty: { title: string; text: ReactNode; action?: ReactNode };
  paging?: ReactNode;
  onChanged?: () => void;
}) {
  const { table } = props;
  const items = useMemo(() => props.items ?? [], [props.items]);
  const [selected, setSelected] = useState<Item[]>([]);
  const [deleting, setDeleting] = useState(false);
  const [visible, setVisible] = useState<readonly string[] | undefined>();
  const keys = useMemo(() => table?.KeySchema.map((k) => k.AttributeName) ?? [], [table]);
  const names = useMemo(() => {
    const found = new Set<string>(keys);
    for (const item of items) for (const name of Object.keys(item)) found.add(name);
    return [...found];
  }, [items, keys]);
  const shown = visible ?? names.slice(0, Math.max(COLUMNS_FIRST, keys.length));
  const idOf = (item: Item): string => (table ? JSON.stringify(keyOf(item, table.KeySchema)) : JSON.stringify(item));
  const only = selected.length === 1 && table ? selected[0] : undefined;
  const onlyKey = only && table ? JSON.stringify(keyOf(only, table.KeySchema)) : '';

  const remove = async (): Promise<void> => {
    let gone = 0;
    await attempt('Deleting', async () => {
      for (const item of selected) {
        await dynamodb('DeleteItem', { TableName: table!.TableName, Key: keyOf(item, table!.KeySchema) });
        gone++;
      }
    });
    if (gone) tell('success', gone === 1 ? 'The item has been deleted.' : `${counted(gone, 'item')} have been deleted.`);
    setSelected([]);
    props.onChanged?.();
  };

  return (
    <>
      <Table<Item>
        items={items}
        loading={props.loading && !props.items}
        loadingText="Reading items"
        resizableColumns
        wrapLines={false}
        trackBy={idOf}
        selectionType={table && !props.isPast ? 'multi' : undefined}
        selectedItems={selected}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        ariaLabels={{
          tableLabel: props.title,
          selectionGroupLabel: 'Choose items',
          allItemsSelectionLabel: () => 'Choose all items of the page',
          itemSelectionLabel: (_, item) => `Choose ${idOf(item)}`,
        }}
        columnDefinitions={names.map((name) => ({
          id: `a:${name}`,
          header: name,
          minWidth: 110,
          width: 170,
          isRowHeader: name === keys[0],
          cell: (item: Item) =>
            table && name === keys[0] ? (
              <GoLink
                href={
                  props.isPast
                    ? href(['tables', table.TableName, 'history'], { key: idOf(item) })
                    : href(['tables', table.TableName, 'item'], { key: idOf(item) })
                }
              >
                {shownValue(item[name]) || '(empty)'}
              </GoLink>
            ) : (
              <span className="cell" title={shownValue(item[name]).slice(0, 500)}>
                {item[name] === undefined ? '' : shownValue(item[name]).slice(0, 300)}
              </span>
            ),
        }))}
        columnDisplay={names.map((name) => ({ id: `a:${name}`, visible: shown.includes(name) }))}
        preferences={
          names.length > 0 && (
            <CollectionPreferences
              title="Columns"
              confirmLabel="Show these"
              cancelLabel="Cancel"
              preferences={{ visibleContent: shown.map((name) => `a:${name}`) }}
              visibleContentPreference={{
                title: 'Attributes with a column',
                options: [
                  { label: 'Attributes', options: names.map((name) => ({ id: `a:${name}`, label: name, editable: !keys.includes(name) })) },
                ] as CollectionPreferencesProps.VisibleContentOptionsGroup[],
              }}
              onConfirm={({ detail }) => setVisible((detail.visibleContent ?? []).map((id) => id.slice(2)))}
            />
          )
        }
        header={
          <Header
            variant="h2"
            counter={props.items ? `(${items.length})` : undefined}
            description={props.description}
            actions={
              table &&
              !props.isPast && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button iconName="refresh" ariaLabel="Read again" onClick={props.onChanged} />
                  <ButtonDropdown
                    disabled={selected.length === 0}
                    onItemFollow={follow}
                    onItemClick={({ detail }) => detail.id === 'delete' && setDeleting(true)}
                    items={[
                      { id: 'edit', text: 'Edit item', disabled: !only, href: href(['tables', table.TableName, 'item'], { key: onlyKey }) },
                      {
                        id: 'copy',
                        text: 'Duplicate item',
                        disabled: !only,
                        href: href(['tables', table.TableName, 'item'], { copy: onlyKey }),
                      },
                      {
                        id: 'history',
                        text: 'History of the item',
                        disabled: !only,
                        href: href(['tables', table.TableName, 'history'], { key: onlyKey }),
                      },
                      { id: 'delete', text: selected.length > 1 ? `Delete ${counted(selected.length, 'item')}` : 'Delete item' },
                    ]}
                  >
                    Actions
                  </ButtonDropdown>
                </SpaceBetween>
              )
            }
          >
            {props.title}
          </Header>
        }
        pagination={props.paging}
        empty={<Empty {...props.empty} />}
      />
      {deleting && (
        <Confirm title="Delete items" action="Delete" onConfirm={remove} onClose={() => setDeleting(false)}>
          <Box>
            {selected.length === 1 ? 'This item' : `These ${counted(selected.length, 'item')}`} will be gone. While point-in-time recovery is on, the
            timeline still has {selected.length === 1 ? 'it' : 'them'}.
          </Box>
        </Confirm>
      )}
    </>
  );
}
