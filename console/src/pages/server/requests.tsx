import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Tabs from '@cloudscape-design/components/tabs';
import { useEffect, useRef, useState } from 'react';
import { readRequests, type RequestRecord } from '../../client/tidemark';
import { Copied } from '../../parts/copied';
import { Failure } from '../../parts/failure';
import { bytes, count, counted } from '../../parts/format';
import { Empty, PAGE_LABELS } from '../../parts/listing';
import { Page } from '../../parts/page';
import { cliCall, sdkCall } from './equivalent_calls';

const KEPT = 1000;
const ON_A_PAGE = 50;
const PAUSE_MS = 500; // the server answers with 200 at most, so 400 a second are shown at most; of the rest, the number
const PAUSE_MS_MAX = 3000; // the server takes nobody to look on who has not asked for 15 seconds

// When what was set has been drawn, or a second later.
const drawn = (): Promise<void> =>
  new Promise((resolve) => {
    window.setTimeout(resolve, 1000);
    requestAnimationFrame(() => window.setTimeout(resolve, 0));
  });

// Who is looked at needs the processor more than who looks: drawing takes about a tenth of one, as long as it takes a third
// of a second at most.
async function pauseAfter(draw: () => void): Promise<number> {
  const before = performance.now();
  draw();
  if (!document.hidden) await drawn();
  return Math.min(Math.max(PAUSE_MS, 9 * (performance.now() - before)), PAUSE_MS_MAX);
}

export function Requests() {
  const [records, setRecords] = useState<RequestRecord[]>([]);
  const [lost, setLost] = useState(0);
  const [isPaused, setPaused] = useState(false);
  const [withConsole, setWithConsole] = useState(false);
  const [filter, setFilter] = useState('');
  const [pageNumber, setPageNumber] = useState(1);
  const [selected, setSelected] = useState<RequestRecord | null>(null);
  const [error, setError] = useState<unknown>();
  const next = useRef<number | undefined>(undefined);

  useEffect(() => {
    if (isPaused) return;
    const controller = new AbortController();
    let timer = 0;
    const look = async (): Promise<void> => {
      try {
        const isFirst = next.current === undefined;
        const page = await readRequests(next.current, controller.signal);
        if (controller.signal.aborted) return;
        next.current = page.next;
        const pause = await pauseAfter(() => {
          if (page.requests.length) setRecords((old) => [...old, ...page.requests].slice(-KEPT));
          if (!isFirst && page.lost) setLost((old) => old + page.lost);
          setError(undefined);
        });
        if (controller.signal.aborted) return;
        timer = window.setTimeout(() => void look(), pause);
      } catch (found) {
        if (controller.signal.aborted) return;
        setError(found);
        timer = window.setTimeout(() => void look(), 3000);
      }
    };
    void look();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [isPaused]);

  const words = filter.toLowerCase();
  const found = records
    .filter((record) => withConsole || !record.console)
    .filter((record) => !words || `${record.service} ${record.operation} ${record.target} ${record.error ?? ''} ${record.request}`.toLowerCase().includes(words))
    .reverse();
  const pages = Math.max(1, Math.ceil(found.length / ON_A_PAGE));
  const current = Math.min(pageNumber, pages);

  return (
    <Page title="Live requests" description="What programs ask of DynamoDB and S3, and what they are answered, as it happens. Nothing is kept while nobody looks.">
      <SpaceBetween size="l">
        <Failure error={error} />
        <Table<RequestRecord>
          items={found.slice((current - 1) * ON_A_PAGE, current * ON_A_PAGE)}
          trackBy={(record) => String(record.number)}
          resizableColumns
          wrapLines={false}
          contentDensity="compact"
          selectionType="single"
          selectedItems={selected ? [selected] : []}
          onSelectionChange={({ detail }) => setSelected(detail.selectedItems[0] ?? null)}
          onRowClick={({ detail }) => setSelected(detail.item)}
          ariaLabels={{
            tableLabel: 'Requests',
            selectionGroupLabel: 'Choose one',
            itemSelectionLabel: (_, record) => `Request ${record.number}, ${record.operation}`,
          }}
          columnDefinitions={[
            { id: 'time', header: 'Time', cell: (record) => record.time.slice(11, 23), width: 130 },
            { id: 'service', header: 'Service', cell: (record) => record.service || '–', width: 110 },
            { id: 'operation', header: 'Operation', isRowHeader: true, cell: (record) => record.operation || record.method, width: 200 },
            { id: 'about', header: 'About', cell: (record) => aboutOf(record), width: 260 },
            { id: 'status', header: 'Status', cell: (record) => `${record.status}${record.error ? ` ${record.error}` : ''}`, width: 220 },
            { id: 'ms', header: 'ms', cell: (record) => record.ms.toFixed(2), width: 90 },
            { id: 'in', header: 'In', cell: (record) => bytes(record.request_bytes), width: 100 },
            { id: 'out', header: 'Out', cell: (record) => bytes(record.answer_bytes), width: 100 },
            { id: 'peer', header: 'From', cell: (record) => record.peer, width: 120 },
          ]}
          header={
            <Header
              variant="h2"
              counter={`(${count(found.length)})`}
              description={lost ? `${counted(lost, 'request')} came too fast to be shown and ${lost === 1 ? 'was' : 'were'} left out.` : undefined}
              actions={
                <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                  <Checkbox checked={withConsole} onChange={({ detail }) => setWithConsole(detail.checked)}>
                    The console’s own
                  </Checkbox>
                  <Button onClick={() => setRecords([])}>Clear</Button>
                  <Button iconName={isPaused ? 'play' : 'pause'} onClick={() => setPaused(!isPaused)}>
                    {isPaused ? 'Go on' : 'Pause'}
                  </Button>
                </SpaceBetween>
              }
            >
              Requests
            </Header>
          }
          filter={
            <Input
              type="search"
              value={filter}
              placeholder="Operation, table, error or text of the request"
              ariaLabel="Find requests"
              onChange={({ detail }) => setFilter(detail.value)}
            />
          }
          pagination={
            pages > 1 && (
              <Pagination
                currentPageIndex={current}
                pagesCount={pages}
                onChange={({ detail }) => setPageNumber(detail.currentPageIndex)}
                ariaLabels={PAGE_LABELS}
              />
            )
          }
          empty={<Empty title="Waiting for requests" text={`Point an SDK or the AWS CLI at ${location.origin}, and its requests appear here.`} />}
        />
        {selected && <Detail record={selected} />}
      </SpaceBetween>
    </Page>
  );
}

// The table, or the path, that a request is about.
function aboutOf(record: RequestRecord): string {
  if (record.service !== 's3') {
    const name = /"(?:TableName|TableArn|LogGroupName|logGroupName|StreamArn|ResourceArn|Statement)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(record.request)?.[1];
    if (name) return name;
  }
  return record.target;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Detail({ record }: { record: RequestRecord }) {
  return (
    <Container header={<Header variant="h2">{`${record.operation || record.method}, ${record.status}`}</Header>}>
      <SpaceBetween size="m">
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Time', value: record.time },
            { label: 'Took', value: `${record.ms.toFixed(3)} ms` },
            { label: 'Request', value: `${record.method} ${record.target}` },
            { label: 'Request id', value: record.request_id ? <Copied text={record.request_id} /> : '–' },
          ]}
        />
        <Tabs
          ariaLabel="Of the request"
          tabs={[
            { id: 'request', label: 'Request', content: <Text label="Request" text={pretty(record.request)} total={record.request_bytes} /> },
            { id: 'answer', label: 'Answer', content: <Text label="Answer" text={pretty(record.answer)} total={record.answer_bytes} /> },
            { id: 'cli', label: 'AWS CLI', content: <Text label="AWS CLI" text={cliCall(record)} copy /> },
            { id: 'sdk', label: 'JavaScript SDK', content: <Text label="JavaScript SDK" text={sdkCall(record)} copy /> },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function Text({ label, text, total, copy }: { label: string; text: string; total?: number; copy?: boolean }) {
  return (
    <SpaceBetween size="xs">
      {copy && <Copied text={text} only="button" />}
      <pre className="text" tabIndex={0} aria-label={label}>
        {text || '(nothing, or not text)'}
      </pre>
      {total !== undefined && <Box color="text-body-secondary">{bytes(total)} in all; the first 16 KB are kept.</Box>}
    </SpaceBetween>
  );
}
