import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { go, href } from '../../app/router';
import { listMarks, readBill, setMark, type BillLine } from '../../client/tidemark';
import { Failure } from '../../parts/failure';
import { quantity, time, usd } from '../../parts/format';
import { Listing } from '../../parts/listing';
import { Page } from '../../parts/page';
import { Prices } from '../../parts/prices';
import { useLoad } from '../../parts/use_load';

const nameOf = (line: BillLine): string => (line.resource ?? '–') + (line.part ? ` (${line.part})` : '');

export function Bill({ since, label }: { since?: string; label?: string }) {
  const bill = useLoad((signal) => readBill({ since, label }, signal), [since, label]);
  const marks = useLoad(listMarks, []);
  const [name, setName] = useState('');
  const [error, setError] = useState<unknown>();
  const show = (query: { since?: string; label?: string }): void => go(href(['bill'], query));
  const mark = async (): Promise<void> => {
    try {
      await setMark(name);
      setError(undefined);
      marks.reload();
      show({ since: name, label });
    } catch (found) {
      setError(found);
    }
  };
  const sinceOptions = [
    { value: '', label: 'The start, or the last reset' },
    ...(marks.data?.marks ?? []).map((one) => ({ value: one.mark!, label: `${one.mark}, ${time(one.time)}` })),
  ];
  const labelOptions = [
    { value: '', label: 'All requests, and what is kept as time goes by' },
    ...(bill.data?.labels ?? []).map((one) => ({ value: one.label, label: `${one.label}, ${usd(one.usd)}` })),
  ];
  return (
    <Page title="Bill" description="What AWS would have charged for what this server was used for: an estimate by list prices.">
      <SpaceBetween size="l">
        <Failure error={error} />
        <Container>
          <SpaceBetween size="m">
            <KeyValuePairs
              columns={3}
              items={[
                { label: 'Total', value: usd(bill.data?.usd) },
                { label: 'From', value: time(bill.data?.since.time) },
                { label: 'To', value: time(bill.data?.until.time) },
              ]}
            />
            <SpaceBetween direction="horizontal" size="m">
              <FormField label="Since">
                <Select
                  selectedOption={sinceOptions.find((one) => one.value === (since ?? '')) ?? null}
                  options={sinceOptions}
                  onChange={({ detail }) => show({ since: detail.selectedOption.value || undefined, label })}
                />
              </FormField>
              <FormField label="Label">
                <Select
                  selectedOption={labelOptions.find((one) => one.value === (label ?? '')) ?? { value: label, label }}
                  options={labelOptions}
                  onChange={({ detail }) => show({ since, label: detail.selectedOption.value || undefined })}
                />
              </FormField>
              <FormField label="New mark">
                <SpaceBetween direction="horizontal" size="xs">
                  <Input value={name} onChange={({ detail }) => setName(detail.value)} placeholder="before-load" />
                  <Button disabled={!name} onClick={() => void mark()}>
                    Set mark
                  </Button>
                </SpaceBetween>
              </FormField>
            </SpaceBetween>
          </SpaceBetween>
        </Container>
        <Listing<BillLine>
          title="Lines"
          loaded={{ ...bill, data: bill.data?.lines }}
          idOf={(line) => [line.account, line.region, line.resource, line.part, line.operation, line.charge].join('|')}
          searchText={(line) => [line.resource, line.operation, line.charge, line.account, line.region].join(' ')}
          empty={{ title: 'Nothing used', text: 'Requests, jobs, and what is stored as time goes by will be here.' }}
          columns={[
            { id: 'resource', header: 'Table or bucket', isRowHeader: true, cell: nameOf, sort: nameOf },
            { id: 'operation', header: 'Operation', cell: (line) => line.operation ?? 'None: kept as time goes by', sort: (line) => line.operation ?? '' },
            { id: 'charge', header: 'Charge', cell: (line) => line.charge, sort: (line) => line.charge },
            { id: 'quantity', header: 'Quantity', cell: (line) => quantity(line.quantity, line.unit), sort: (line) => line.quantity },
            { id: 'usd', header: 'Amount', cell: (line) => usd(line.usd), sort: (line) => line.usd },
            // What belongs to S3 has none.
            ...(bill.data?.lines.some((line) => line.region)
              ? [{ id: 'region', header: 'Region', cell: (line: BillLine) => line.region ?? '–', sort: (line: BillLine) => line.region ?? '' }]
              : []),
            { id: 'account', header: 'Account', cell: (line) => line.account ?? '–' },
          ]}
        />
        <Prices of={bill.data} />
      </SpaceBetween>
    </Page>
  );
}
