import { href } from '../../app/router';
import { listTables } from '../../client/dynamodb';
import { GoButton, GoLink } from '../../parts/go_link';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { useLoad } from '../../parts/use_load';

// For views that are of one table: which one?
export function TableChooser({ purpose }: { purpose: 'items' | 'timeline' }) {
  const loaded = useLoad(listTables, []);
  const isItems = purpose === 'items';
  return (
    <Page
      title={isItems ? 'Explore items' : 'Timeline'}
      description={
        isItems
          ? 'Scan or query a table, look at its items, edit them.'
          : 'Who wrote how much to a table, when; what it was like at any second; what changed between two.'
      }
    >
      <Listing<string>
        title="Tables"
        loaded={loaded}
        idOf={(name) => name}
        searchText={(name) => name}
        empty={{
          title: 'No tables',
          text: 'There is nothing to look at yet.',
          action: <GoButton href={href(['create-table'])}>Create table</GoButton>,
        }}
        columns={[
          {
            id: 'name',
            header: 'Name',
            isRowHeader: true,
            cell: (name) => <GoLink href={href(['tables', name, purpose])}>{name}</GoLink>,
            sort: (name) => name,
          },
        ]}
      />
    </Page>
  );
}
