import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { attempt } from '../../app/notices';
import { dynamodb, streams, type Item, type TableDescription } from '../../client/dynamodb';
import { Copied } from '../../parts/copied';
import { time, words } from '../../parts/format';
import { Listing } from '../../parts/listing';
import { Status } from '../../parts/status';
import { useLoad } from '../../parts/use_load';

interface Shard {
  ShardId: string;
  ParentShardId?: string;
  SequenceNumberRange: { StartingSequenceNumber?: string; EndingSequenceNumber?: string };
}
interface StreamRecord {
  eventID: string;
  eventName: string;
  userIdentity?: { PrincipalId: string };
  dynamodb: {
    ApproximateCreationDateTime: number;
    Keys: Item;
    NewImage?: Item;
    OldImage?: Item;
    SequenceNumber: string;
  };
}

const views = [
  { value: 'NEW_AND_OLD_IMAGES', label: 'New and old images' },
  { value: 'NEW_IMAGE', label: 'New image' },
  { value: 'OLD_IMAGE', label: 'Old image' },
  { value: 'KEYS_ONLY', label: 'Key attributes only' },
];

export function StreamsTab({ table, reload }: { table: TableDescription; reload: () => void }) {
  const [view, setView] = useState(views[0]);
  const [shard, setShard] = useState<Shard | null>(null);
  const arn = table.LatestStreamArn;
  const isOn = table.StreamSpecification?.StreamEnabled === true;
  const shards = useLoad((signal) => (arn ? loadShards(arn, signal) : Promise.resolve([])), [arn]);
  const change = (): Promise<unknown> =>
    attempt(
      'Changing the stream',
      () =>
        dynamodb('UpdateTable', {
          TableName: table.TableName,
          StreamSpecification: isOn ? { StreamEnabled: false } : { StreamEnabled: true, StreamViewType: view.value },
        }),
      isOn ? 'The stream is off. What it has can be read for 24 hours.' : 'The stream is on.',
    ).then(reload);
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="What happens to the items of the table, in order, for 24 hours."
            actions={<Button onClick={() => void change()}>{isOn ? 'Turn off' : 'Turn on'}</Button>}
          >
            DynamoDB stream
          </Header>
        }
      >
        <SpaceBetween size="m">
          <KeyValuePairs
            columns={3}
            items={[
              { label: 'Status', value: <Status of={isOn ? 'ENABLED' : 'OFF'} /> },
              { label: 'View type', value: words(table.StreamSpecification?.StreamViewType) },
              { label: 'ARN of the latest stream', value: arn ? <Copied text={arn} /> : '–' },
            ]}
          />
          {!isOn && (
            <FormField label="View type" description="What a record has of the item that changed">
              <Select
                selectedOption={view}
                options={views}
                ariaLabel="View type"
                onChange={({ detail }) => setView(detail.selectedOption as (typeof views)[0])}
              />
            </FormField>
          )}
        </SpaceBetween>
      </Container>
      {arn && (
        <Listing<Shard>
          title="Shards"
          loaded={shards}
          idOf={(found) => found.ShardId}
          selected={shard}
          onSelect={setShard}
          empty={{ title: 'No shards', text: 'What the stream had is older than a day.' }}
          columns={[
            { id: 'id', header: 'Shard', isRowHeader: true, cell: (found) => <span className="mono">{found.ShardId}</span> },
            { id: 'parent', header: 'Goes on from', cell: (found) => <span className="mono">{found.ParentShardId ?? '–'}</span> },
            {
              id: 'state',
              header: 'State',
              cell: (found) => (found.SequenceNumberRange.EndingSequenceNumber ? 'Closed' : 'Open'),
            },
            { id: 'from', header: 'First sequence number', cell: (found) => found.SequenceNumberRange.StartingSequenceNumber },
          ]}
        />
      )}
      {arn && shard && <Records key={shard.ShardId} arn={arn} shard={shard.ShardId} />}
    </SpaceBetween>
  );
}

async function loadShards(arn: string, signal: AbortSignal): Promise<Shard[]> {
  const found: Shard[] = [];
  let start: string | undefined;
  do {
    const page: { StreamDescription: { Shards: Shard[]; LastEvaluatedShardId?: string } } = await streams(
      'DescribeStream',
      { StreamArn: arn, ExclusiveStartShardId: start },
      { signal },
    );
    found.push(...page.StreamDescription.Shards);
    start = page.StreamDescription.LastEvaluatedShardId;
  } while (start && found.length < 1000);
  return found;
}

// The newest records of a shard: it is read to its end, and the last of them are kept.
const KEPT = 200;

async function loadRecords(arn: string, shard: string, signal: AbortSignal): Promise<StreamRecord[]> {
  let iterator: string | undefined = (
    await streams<{ ShardIterator: string }>(
      'GetShardIterator',
      { StreamArn: arn, ShardId: shard, ShardIteratorType: 'TRIM_HORIZON' },
      { signal },
    )
  ).ShardIterator;
  let kept: StreamRecord[] = [];
  for (let page = 0; iterator && page < 200; page++) {
    const answer: { Records: StreamRecord[]; NextShardIterator?: string } = await streams(
      'GetRecords',
      { ShardIterator: iterator, Limit: 1000 },
      { signal },
    );
    if (answer.Records.length === 0) break;
    kept = [...kept, ...answer.Records].slice(-KEPT);
    iterator = answer.NextShardIterator;
  }
  return kept.reverse();
}

function Records({ arn, shard }: { arn: string; shard: string }) {
  const loaded = useLoad((signal) => loadRecords(arn, shard, signal), [arn, shard]);
  const [selected, setSelected] = useState<StreamRecord | null>(null);
  return (
    <SpaceBetween size="l">
      <Listing<StreamRecord>
        title="Newest records"
        description={`The last ${KEPT} at most, the newest first`}
        loaded={loaded}
        idOf={(record) => record.eventID}
        selected={selected}
        onSelect={setSelected}
        empty={{ title: 'No records', text: 'Nothing has happened to the items of this shard within a day.' }}
        columns={[
          { id: 'time', header: 'Time', cell: (record) => time(record.dynamodb.ApproximateCreationDateTime) },
          { id: 'event', header: 'Event', cell: (record) => record.eventName, isRowHeader: true },
          { id: 'keys', header: 'Key', cell: (record) => <span className="mono cell">{JSON.stringify(record.dynamodb.Keys)}</span> },
          { id: 'by', header: 'By', cell: (record) => (record.userIdentity ? 'Time to live' : 'A client') },
          { id: 'number', header: 'Sequence number', cell: (record) => record.dynamodb.SequenceNumber },
        ]}
      />
      {selected && (
        <Container header={<Header variant="h2">Record</Header>}>
          <Box>
            <pre className="text" tabIndex={0} aria-label="Record">
              {JSON.stringify(selected, null, 2)}
            </pre>
          </Box>
        </Container>
      )}
    </SpaceBetween>
  );
}
