// A table over all that there is: filtered, sorted and paged here, with a header that counts.
import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import { follow } from '../app/router';
import { Failure } from './failure';
import type { Loaded } from './use_load';

export const PAGE_LABELS = { nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: (n: number) => `Page ${n}` };

export interface Column<T> extends TableProps.ColumnDefinition<T> {
  id: string;
  sort?: (item: T) => string | number; // sortable by that
}

export interface ListingProps<T> {
  title: string;
  description?: ReactNode;
  info?: ReactNode;
  loaded: Loaded<T[]>;
  columns: Column<T>[];
  idOf: (item: T) => string;
  empty: { title: string; text: ReactNode; action?: ReactNode };
  actions?: ReactNode;
  selected?: T | null; // with `onSelect`: one line can be chosen
  onSelect?: (item: T | null) => void;
  variant?: TableProps.Variant;
  searchText?: (item: T) => string;
  footer?: ReactNode;
  pageSize?: number;
  wrapLines?: boolean; // all of a cell is shown, in as many lines as it needs
  sortBy?: { id: string; descending?: boolean };
}

export function Listing<T>(props: ListingProps<T>) {
  const { loaded } = props;
  const columns = props.columns.map((column) =>
    column.sort
      ? { ...column, sortingField: column.id, sortingComparator: (a: T, b: T) => compare(column.sort!(a), column.sort!(b)) }
      : column,
  );
  const first = props.sortBy && columns.find((column) => column.id === props.sortBy!.id);
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection(loaded.data ?? [], {
    filtering: {
      filteringFunction: (item, text) => matches(item, text, props.searchText),
      empty: <Empty {...props.empty} />,
      noMatch: (
        <Box textAlign="center" color="text-body-secondary" padding="m">
          Nothing here has that text in it.
        </Box>
      ),
    },
    pagination: { pageSize: props.pageSize ?? 25 },
    sorting: first ? { defaultState: { sortingColumn: first, isDescending: props.sortBy?.descending } } : {},
    selection: {},
  });
  const total = loaded.data?.length ?? 0;
  return (
    <SpaceBetween size="m">
      <Failure error={loaded.error} retry={loaded.reload} />
      <Table<T>
        {...collectionProps}
        variant={props.variant ?? 'container'}
        items={items}
        columnDefinitions={columns}
        loading={loaded.loading && !loaded.data}
        loadingText={`Loading ${props.title.toLowerCase()}`}
        trackBy={props.idOf}
        resizableColumns
        wrapLines={props.wrapLines}
        {...(props.onSelect
          ? {
              selectionType: 'single' as const,
              selectedItems: props.selected ? [props.selected] : [],
              onSelectionChange: ({ detail }) => props.onSelect!(detail.selectedItems[0] ?? null),
            }
          : { selectionType: undefined })}
        ariaLabels={{
          tableLabel: props.title,
          selectionGroupLabel: 'Choose one',
          itemSelectionLabel: (_, item) => `Choose ${props.idOf(item)}`,
          activateSortLabel: undefined as never,
        } as TableProps.AriaLabels<T>}
        header={
          <Header
            variant="h2"
            counter={loaded.data ? `(${total})` : undefined}
            description={props.description}
            info={props.info}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel={`Refresh ${props.title.toLowerCase()}`} onClick={loaded.reload} />
                {props.actions}
              </SpaceBetween>
            }
          >
            {props.title}
          </Header>
        }
        filter={
          total > 5 ? (
            <TextFilter
              {...filterProps}
              filteringPlaceholder={`Find ${props.title.toLowerCase()}`}
              filteringAriaLabel={`Find ${props.title.toLowerCase()}`}
              countText={`${filteredItemsCount ?? 0} found`}
            />
          ) : undefined
        }
        pagination={
          total > (props.pageSize ?? 25) ? (
            <Pagination
              {...paginationProps}
              ariaLabels={PAGE_LABELS}
            />
          ) : undefined
        }
        footer={props.footer}
        empty={<Empty {...props.empty} />}
      />
    </SpaceBetween>
  );
}

export function Empty({ title, text, action }: { title: string; text: ReactNode; action?: ReactNode }) {
  return (
    <Box textAlign="center" color="inherit" padding={{ vertical: 'm' }}>
      <Box variant="strong" color="inherit">
        {title}
      </Box>
      <Box variant="p" color="inherit" padding={{ bottom: 's' }}>
        {text}
      </Box>
      {action}
    </Box>
  );
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

function matches<T>(item: T, text: string, of?: (item: T) => string): boolean {
  const shown = of ? of(item) : JSON.stringify(item);
  return shown.toLowerCase().includes(text.toLowerCase());
}

export { follow };
