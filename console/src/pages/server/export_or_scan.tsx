import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { go, href } from '../../app/router';
import { listTables } from '../../client/dynamodb';
import { readComparison, type Comparison } from '../../client/tidemark';
import { bytes, count, counted, duration, usd } from '../../parts/format';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Prices } from '../../parts/prices';
import { useLoad } from '../../parts/use_load';

interface Way {
  name: string;
  usd: number;
  units: number;
  requests: number;
  time: string;
}

function waysOf(costs: Comparison): Way[] {
  const scan = (name: string, cost: Comparison['scan']): Way => ({
    name,
    usd: cost.usd,
    units: cost.read_units,
    requests: cost.requests,
    time: cost.seconds_at_least === undefined ? 'unknown' : `at least ${duration(cost.seconds_at_least)}`,
  });
  return [
    {
      name: 'Export to S3',
      usd: costs.export.usd,
      units: costs.export.read_units,
      requests: costs.export.s3_requests,
      time: `about ${duration(costs.export.seconds_about)}`,
    },
    scan('Scan', costs.scan),
    scan('Scan, strongly consistent', costs.consistent_scan),
  ];
}

export function ExportOrScan({ table }: { table?: string }) {
  const tables = useLoad(listTables, []);
  const costs = useLoad(async (signal) => (table ? readComparison(table, signal) : undefined), [table]);
  const options = (tables.data ?? []).map((name) => ({ value: name, label: name }));
  return (
    <Page title="Export or Scan?" description="What it costs to read all of a table, by an export or by a Scan.">
      <SpaceBetween size="l">
        <FormField label="Table">
          <Select
            selectedOption={table ? { value: table, label: table } : null}
            options={options}
            placeholder="Choose a table"
            empty="No tables"
            filteringType="auto"
            onChange={({ detail }) => go(href(['export-or-scan'], { table: detail.selectedOption.value }))}
          />
        </FormField>
        {table && (
          <Listing<Way>
            title="Ways to read it"
            description={costs.data && `${counted(costs.data.items, 'item')}, ${bytes(costs.data.size_bytes)}; cheaper: ${costs.data.cheaper}`}
            loaded={{ ...costs, data: costs.data && waysOf(costs.data) }}
            idOf={(way) => way.name}
            empty={{ title: 'Nothing', text: 'The table is gone.' }}
            columns={[
              { id: 'name', header: 'Way', isRowHeader: true, cell: (way) => way.name },
              { id: 'usd', header: 'Amount', cell: (way) => usd(way.usd) },
              { id: 'units', header: 'Read units', cell: (way) => count(way.units) },
              { id: 'requests', header: 'Requests', cell: (way) => count(way.requests) },
              { id: 'time', header: 'Time', cell: (way) => way.time },
            ]}
          />
        )}
        {costs.data && <Prices of={costs.data} />}
      </SpaceBetween>
    </Page>
  );
}
