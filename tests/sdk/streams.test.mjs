// Streams through the AWS SDK for JavaScript v3 with its default settings.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { clientConfig, startServer } from '../support/server.mjs';

let server;
let client;
let streams;
let StreamArn;
const TableName = 'Orders';

before(async () => {
  server = await startServer();
  client = new DynamoDBClient(clientConfig(server.endpoint));
  streams = new DynamoDBStreamsClient(clientConfig(server.endpoint));
  const created = await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  StreamArn = created.TableDescription.LatestStreamArn;
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
});

after(() => server.stop());

const shards = async () => (await streams.send(new DescribeStreamCommand({ StreamArn }))).StreamDescription.Shards;

const iterator = async (ShardId, ShardIteratorType, SequenceNumber) =>
  (await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber })))
    .ShardIterator;

test('a stream from its table to its records', async () => {
  const pk = { S: 'a' };
  await client.send(new PutItemCommand({ TableName, Item: { pk, n: { N: '1' }, raw: { B: Uint8Array.of(1, 2) } } }));
  await client.send(new DeleteItemCommand({ TableName, Key: { pk } }));
  const listed = await streams.send(new ListStreamsCommand({ TableName }));
  assert.deepEqual(listed.Streams, [{ StreamArn, TableName, StreamLabel: StreamArn.split('/stream/')[1] }]);
  const [shard] = await shards();
  const page = await streams.send(
    new GetRecordsCommand({ ShardIterator: await iterator(shard.ShardId, 'TRIM_HORIZON') }),
  );
  assert.deepEqual(page.Records.map((record) => record.eventName), ['INSERT', 'REMOVE']);
  const [insert, remove] = page.Records.map((record) => record.dynamodb);
  assert.ok(insert.ApproximateCreationDateTime instanceof Date);
  assert.deepEqual(insert.Keys, { pk });
  assert.deepEqual(insert.NewImage, { pk, n: { N: '1' }, raw: { B: Uint8Array.of(1, 2) } });
  assert.equal(insert.OldImage, undefined);
  assert.deepEqual(remove.OldImage, insert.NewImage);
  assert.ok(page.NextShardIterator);
  const rest = await streams.send(
    new GetRecordsCommand({
      ShardIterator: await iterator(shard.ShardId, 'AFTER_SEQUENCE_NUMBER', insert.SequenceNumber),
    }),
  );
  assert.deepEqual(rest.Records, [page.Records[1]]);
});

test('the clock closes shards, ends iterators and trims', async () => {
  const [shard] = await shards();
  const old = await iterator(shard.ShardId, 'LATEST');
  const first = (
    await streams.send(new GetRecordsCommand({ ShardIterator: await iterator(shard.ShardId, 'TRIM_HORIZON') }))
  ).Records[0].dynamodb.SequenceNumber;
  await server.advance('PT4H');
  await assert.rejects(streams.send(new GetRecordsCommand({ ShardIterator: old })), ExpiredIteratorException);
  const ended = await streams.send(
    new GetRecordsCommand({ ShardIterator: await iterator(shard.ShardId, 'LATEST') }),
  );
  assert.deepEqual(ended.Records, []);
  assert.equal(ended.NextShardIterator, undefined);
  const children = await streams.send(
    new DescribeStreamCommand({ StreamArn, ShardFilter: { Type: 'CHILD_SHARDS', ShardId: shard.ShardId } }),
  );
  assert.equal(children.StreamDescription.Shards.length, 1);
  assert.equal(children.StreamDescription.Shards[0].ParentShardId, shard.ShardId);
  await server.advance('PT21H');
  await assert.rejects(iterator(shard.ShardId, 'AT_SEQUENCE_NUMBER', first), TrimmedDataAccessException);
  await server.advance('PT4H');
  await assert.rejects(iterator(shard.ShardId, 'TRIM_HORIZON'), ResourceNotFoundException);
});

test('a stream that was switched off is read to its end', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'last' } } }));
  await client.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  assert.equal(StreamDescription.StreamStatus, 'DISABLED');
  const last = StreamDescription.Shards.at(-1);
  assert.ok(last.SequenceNumberRange.EndingSequenceNumber);
  const page = await streams.send(
    new GetRecordsCommand({ ShardIterator: await iterator(last.ShardId, 'TRIM_HORIZON') }),
  );
  assert.deepEqual(page.Records.map((record) => record.dynamodb.Keys.pk.S), ['last']);
  assert.equal(page.NextShardIterator, undefined);
});
