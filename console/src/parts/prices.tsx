import Box from '@cloudscape-design/components/box';
import type { Price, Priced } from '../client/tidemark';
import { quantity } from './format';
import { Listing } from './listing';

// By which prices something was reckoned, and that it is an estimate.
export function Prices({ of }: { of: Priced | undefined }) {
  return (
    <Listing<Price>
      title="Prices"
      description={of && `${of.prices.region}, ${of.prices.date}. ${of.estimate}`}
      loaded={{ data: of?.prices.list, error: undefined, loading: !of, reload: () => undefined }}
      idOf={(price) => price.charge}
      empty={{ title: 'No prices', text: 'The server has none.' }}
      columns={[
        { id: 'charge', header: 'Charge', isRowHeader: true, cell: (price) => price.charge },
        { id: 'usd', header: 'USD', cell: (price) => price.usd },
        { id: 'per', header: 'For', cell: (price) => <Box>{quantity(price.per, price.unit)}</Box> },
        { id: 'date', header: 'Date', cell: (price) => price.date },
      ]}
    />
  );
}
