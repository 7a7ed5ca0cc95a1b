// Vector indexes and SearchVectors through the AWS SDK for JavaScript v3 with its default settings. The scores are worked out
// by hand from the definitions of the three distances.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateBackupCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  RestoreTableFromBackupCommand,
  ScanCommand,
  SearchVectorsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { clientConfig, startServer, until } from '../support/server.mjs';

let server;
let client;

before(async () => {
  server = await startServer();
  client = new DynamoDBClient(clientConfig(server.endpoint));
});

after(async () => {
  client.destroy();
  await server.stop();
});

const vector = (...numbers) => numbers.map((number) => ({ N: String(number) }));

const index = (more) => ({
  IndexName: 'near',
  VectorAttribute: { AttributeName: 'v' },
  Projection: { ProjectionType: 'ALL' },
  Dimensions: 2,
  DistanceFunction: 'EUCLIDEAN',
  ...more,
});

async function createTable(TableName, VectorIndexes, attributes = {}) {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: Object.entries({ pk: 'S', ...attributes }).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      ...(VectorIndexes && { VectorIndexes }),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
}

const put = (TableName, pk, more, options) =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, ...more }, ...options }));

const search = (TableName, numbers, more) =>
  client.send(
    new SearchVectorsCommand({ TableName, IndexName: 'near', SearchVector: vector(...numbers), TopK: 10, ...more }),
  );

const found = async (...request) =>
  (await search(...request)).SearchResults.map(({ Item, Score }) => [Item.pk.S, Score]);

const indexesOf = async (TableName) =>
  (await client.send(new DescribeTableCommand({ TableName }))).Table.VectorIndexes ?? [];

const refusal = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return [error.name, error.message];
  }
  return assert.fail('it was not refused');
};

test('the index is described as it was made', async () => {
  await createTable('described', [
    index({
      SearchSchema: [
        { AttributeName: 'tenant', SearchSchemaElementType: 'HASH' },
        { AttributeName: 'colour', SearchSchemaElementType: 'INLINE_FILTER' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] },
      DistanceFunction: 'DOT_PRODUCT',
    }),
  ], { tenant: 'S', colour: 'S' });
  const [described] = await indexesOf('described');
  const { IndexArn, ...rest } = described;
  assert.match(IndexArn, /:table\/described\/index\/near$/);
  assert.deepEqual(rest, {
    IndexName: 'near',
    VectorAttribute: { AttributeName: 'v' },
    SearchSchema: [
      { AttributeName: 'tenant', SearchSchemaElementType: 'HASH' },
      { AttributeName: 'colour', SearchSchemaElementType: 'INLINE_FILTER' },
    ],
    Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title'] },
    Dimensions: 2,
    DistanceFunction: 'DOT_PRODUCT',
    IndexStatus: 'ACTIVE',
    IndexSizeBytes: 0,
    ItemCount: 0,
  });
});

for (const [distance, expected] of [
  // From (3, 4): itself, (0, 0), (6, 8), (-3, -4).
  ['EUCLIDEAN', [['same', 0], ['double', 5], ['zero', 5], ['opposite', 10]]],
  ['DOT_PRODUCT', [['double', 50], ['same', 25], ['zero', 0], ['opposite', -25]]],
  ['COSINE', [['double', 0], ['same', 0], ['zero', 1], ['opposite', 2]]],
]) {
  test(`${distance} scores and sorts as it is defined`, async () => {
    const table = `by-${distance.toLowerCase()}`;
    await createTable(table, [index({ DistanceFunction: distance })]);
    await put(table, 'same', { v: { L: vector(3, 4) } });
    await put(table, 'double', { v: { L: vector(6, 8) } });
    await put(table, 'zero', { v: { L: vector(0, 0) } });
    await put(table, 'opposite', { v: { L: vector(-3, -4) } });
    const all = await found(table, [3, 4]);
    // Which of two of the same score comes first is nobody's promise.
    const order = (list) => [...list].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    assert.deepEqual(order(all), order(expected));
    assert.deepEqual(all.map(([, score]) => score), expected.map(([, score]) => score));
    const [nearest] = await found(table, [3, 4], { TopK: 1 });
    assert.equal(nearest[1], expected[0][1]);
  });
}

test('items come and go with their vectors', async () => {
  await createTable('changing', [index()]);
  await put('changing', 'a', { v: { L: vector(1, 0) } });
  await put('changing', 'none', {});
  await put('changing', 'short', { v: { L: vector(1) } });
  await put('changing', 'long', { v: { L: vector(1, 2, 3) } });
  await put('changing', 'text', { v: { L: [{ S: '1' }, { N: '2' }] } });
  await put('changing', 'set', { v: { NS: ['1', '2'] } });
  assert.deepEqual(await found('changing', [0, 0]), [['a', 1]]);
  await client.send(
    new UpdateItemCommand({
      TableName: 'changing',
      Key: { pk: { S: 'short' } },
      UpdateExpression: 'SET v = list_append(v, :more)',
      ExpressionAttributeValues: { ':more': { L: vector(1) } },
    }),
  );
  assert.deepEqual(await found('changing', [1, 1]), [['short', 0], ['a', 1]]);
  await client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Delete: { TableName: 'changing', Key: { pk: { S: 'a' } } } },
        { Put: { TableName: 'changing', Item: { pk: { S: 'b' }, v: { L: vector(1, 3) } } } },
      ],
    }),
  );
  assert.deepEqual(await found('changing', [1, 1]), [['short', 0], ['b', 2]]);
  await client.send(
    new UpdateItemCommand({ TableName: 'changing', Key: { pk: { S: 'b' } }, UpdateExpression: 'REMOVE v' }),
  );
  await client.send(new DeleteItemCommand({ TableName: 'changing', Key: { pk: { S: 'short' } } }));
  assert.deepEqual(await found('changing', [1, 1]), []);
  assert.equal((await indexesOf('changing'))[0].ItemCount, 0);
});

test('vectors have the precision of 32 bits in the index, and their own in the table', async () => {
  await createTable('precise', [index()]);
  await put('precise', 'a', { v: { L: vector('0.1234567890123', 0.5) } });
  const { SearchResults } = await search('precise', [0, 0]);
  assert.deepEqual(SearchResults[0].Item.v, { L: vector(String(Math.fround(0.1234567890123)).slice(0, 10), 0.5) });
  const { Items } = await client.send(new ScanCommand({ TableName: 'precise' }));
  assert.deepEqual(Items[0].v, { L: vector('0.1234567890123', 0.5) });
});

test('a search stays within its partition and its filters', async () => {
  await createTable('scoped', [
    index({
      SearchSchema: [
        { AttributeName: 'tenant', SearchSchemaElementType: 'HASH' },
        { AttributeName: 'colour', SearchSchemaElementType: 'INLINE_FILTER' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    }),
  ], { tenant: 'S', colour: 'S' });
  const item = (tenant, colour, ...numbers) => ({
    ...(tenant && { tenant: { S: tenant } }),
    ...(colour && { colour: { S: colour } }),
    v: { L: vector(...numbers) },
    other: { S: 'x' },
  });
  await put('scoped', 'a-red', item('a', 'red', 1, 0));
  await put('scoped', 'a-blue', item('a', 'blue', 2, 0));
  await put('scoped', 'a-plain', item('a', undefined, 3, 0));
  await put('scoped', 'b-red', item('b', 'red', 0, 0));
  await put('scoped', 'nobody', item(undefined, 'red', 0, 0));
  const within = (expression, values, more) =>
    search('scoped', [0, 0], {
      SearchConditionExpression: expression,
      ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])),
      ...more,
    });
  const names = ({ SearchResults }) => SearchResults.map(({ Item }) => Item.pk.S);
  assert.deepEqual(names(await within('tenant = :t', { ':t': 'a' })), ['a-red', 'a-blue', 'a-plain']);
  assert.deepEqual(names(await within('tenant = :t', { ':t': 'c' })), []);
  assert.deepEqual(names(await within(':c = colour AND tenant = :t', { ':t': 'a', ':c': 'blue' })), ['a-blue']);
  const { SearchResults } = await within('tenant = :t', { ':t': 'b' });
  assert.deepEqual(SearchResults, [
    { Item: { pk: { S: 'b-red' }, tenant: { S: 'b' }, colour: { S: 'red' }, v: { L: vector(0, 0) } }, Score: 0 },
  ]);
  const projected = await within('tenant = :t', { ':t': 'b' }, { ProjectionExpression: 'colour, v[1]' });
  assert.deepEqual(projected.SearchResults[0].Item, { colour: { S: 'red' }, v: { L: vector(0) } });

  const invalid = 'ValidationException';
  assert.deepEqual(await refusal(search('scoped', [0, 0])), [
    invalid,
    'SearchConditionExpression must be provided when SearchSchema has a HASH key',
  ]);
  for (const expression of ['tenant = :t AND colour > :c', 'tenant = :t OR colour = :c', 'NOT tenant = :t AND colour = :c']) {
    assert.deepEqual(await refusal(within(expression, { ':t': 'a', ':c': 'b' })), [
      invalid,
      'Invalid SearchConditionExpression: Invalid comparator used in SearchConditionExpression',
    ]);
  }
  assert.deepEqual(await refusal(within('tenant = :t AND shade = :o', { ':t': 'a', ':o': 'x' })), [
    invalid,
    'SearchConditionExpression must not contain any attributes that is not in SearchSchema. Invalid attribute: shade',
  ]);
});

test('what a search asks for is judged', async () => {
  await createTable('judged', [index()]);
  const invalid = 'ValidationException';
  for (const [TopK, message] of [
    [101, "Provided TopK value '101' is out of valid range. The value must be between 1 and 100 inclusive"],
    [0, "Provided TopK value '0' is out of valid range. The value must be between 1 and 100 inclusive"],
  ]) {
    assert.deepEqual(await refusal(search('judged', [0, 0], { TopK })), [invalid, message]);
  }
  assert.deepEqual(await refusal(search('judged', [0, 0, 0])), [
    invalid,
    'Input search vector dimension 3 does not match vector index dimension 2',
  ]);
  for (const element of [{ S: '1' }, { N: '1e39' }, { L: [] }]) {
    assert.deepEqual(await refusal(search('judged', [], { SearchVector: [element, { N: '1' }] })), [
      invalid,
      'Search vector contains invalid values. All values in the search vector must be a 32-bit floating-point number attribute',
    ]);
  }
  assert.deepEqual(await refusal(search('judged', [0, 0], { IndexName: 'far' })), [
    invalid,
    'The table does not have the specified index: far',
  ]);
  assert.equal((await refusal(search('no-such-table', [0, 0])))[0], 'ResourceNotFoundException');
});

test('neither Query nor Scan reads it', async () => {
  await createTable('unread', [index()]);
  for (const request of [
    new ScanCommand({ TableName: 'unread', IndexName: 'near' }),
    new QueryCommand({
      TableName: 'unread',
      IndexName: 'near',
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
    }),
  ]) {
    assert.deepEqual(await refusal(client.send(request)), [
      'ValidationException',
      'The table does not have the specified index: near',
    ]);
  }
});

test('bytes are accounted for', async () => {
  await createTable('counted', [index({ Projection: { ProjectionType: 'KEYS_ONLY' } })]);
  const asked = { ReturnConsumedCapacity: 'INDEXES' };
  // pk: 2 + 1 bytes, v: 1 + 2 * 4 bytes.
  const written = await put('counted', 'a', { v: { L: vector(1, 2) }, other: { S: 'x' } }, asked);
  assert.deepEqual(written.ConsumedCapacity, {
    TableName: 'counted',
    CapacityUnits: 1,
    Table: { CapacityUnits: 1 },
    VectorIndexes: { near: { VectorWriteRequestBytes: 12 } },
  });
  // Nothing that the index has of the item changes.
  const again = await put('counted', 'a', { v: { L: vector(1, 2) }, other: { S: 'y' } }, asked);
  assert.equal(again.ConsumedCapacity.VectorIndexes, undefined);
  assert.equal((await indexesOf('counted'))[0].IndexSizeBytes, 12);
  // What is looked at, 8 bytes, and more for what is answered.
  const searched = await search('counted', [0, 0], { ReturnConsumedCapacity: 'TOTAL' });
  assert.deepEqual(Object.keys(searched.ConsumedCapacity), ['VectorSearchRequestBytes']);
  assert.ok(searched.ConsumedCapacity.VectorSearchRequestBytes > 8);
});

test('an index that is added is filled with what is there, and one that is deleted is gone', async () => {
  await createTable('grown');
  for (let number = 0; number < 100; ++number) await put('grown', `item-${number}`, { v: { L: vector(number, 0) } });
  const { TableDescription } = await client.send(
    new UpdateTableCommand({
      TableName: 'grown',
      AttributeDefinitions: [{ AttributeName: 'colour', AttributeType: 'S' }],
      VectorIndexUpdates: [
        { Create: index({ SearchSchema: [{ AttributeName: 'colour', SearchSchemaElementType: 'INLINE_FILTER' }] }) },
      ],
    }),
  );
  assert.equal(TableDescription.TableStatus, 'UPDATING');
  const { IndexStatus, Backfilling } = TableDescription.VectorIndexes[0];
  assert.deepEqual([IndexStatus, Backfilling], ['CREATING', false]);
  await until(async () => (await indexesOf('grown'))[0].IndexStatus === 'ACTIVE', 'the index is ACTIVE');
  const [described] = await indexesOf('grown');
  assert.equal(described.Backfilling, undefined);
  assert.equal(described.ItemCount, 100);
  assert.deepEqual(await found('grown', [50, 0], { TopK: 3 }).then((list) => list[0]), ['item-50', 0]);
  await client.send(
    new UpdateTableCommand({ TableName: 'grown', VectorIndexUpdates: [{ Delete: { IndexName: 'near' } }] }),
  );
  await until(async () => (await indexesOf('grown')).length === 0, 'the index is gone');
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'grown' }));
  assert.deepEqual(Table.AttributeDefinitions.map(({ AttributeName }) => AttributeName), ['pk']);
  await client.send(new DeleteTableCommand({ TableName: 'grown' }));
});

test('a restore takes the indexes over, or leaves them out', async () => {
  await createTable('saved', [index()]);
  await put('saved', 'a', { v: { L: vector(1, 0) } });
  const { BackupDetails } = await client.send(new CreateBackupCommand({ TableName: 'saved', BackupName: 'vectors' }));
  const { BackupDescription } = await client.send(new DescribeBackupCommand({ BackupArn: BackupDetails.BackupArn }));
  assert.deepEqual(BackupDescription.SourceTableFeatureDetails.VectorIndexes, [index()]);
  const restore = async (TargetTableName, VectorIndexOverride) => {
    await client.send(
      new RestoreTableFromBackupCommand({
        TargetTableName,
        BackupArn: BackupDetails.BackupArn,
        ...(VectorIndexOverride && { VectorIndexOverride }),
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: TargetTableName });
  };
  await restore('restored-whole');
  assert.deepEqual(await found('restored-whole', [0, 0]), [['a', 1]]);
  await restore('restored-renamed', [index({ IndexName: 'other' })]);
  assert.deepEqual(await found('restored-renamed', [0, 0], { IndexName: 'other' }), [['a', 1]]);
  await restore('restored-without', []);
  assert.deepEqual(await indexesOf('restored-without'), []);
  assert.equal((await refusal(restore('restored-wrong', [index({ Dimensions: 3 })])))[0], 'ValidationException');
});

test('what an index cannot be is refused', async () => {
  const create = (VectorIndexes, more) =>
    client.send(
      new CreateTableCommand({
        TableName: 'refused',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        VectorIndexes,
        ...more,
      }),
    );
  assert.deepEqual(
    await refusal(create([index({ SearchSchema: [{ AttributeName: 'who', SearchSchemaElementType: 'HASH' }] })])),
    ['ValidationException', 'One element in SearchSchema is not defined in attribute definitions'],
  );
  for (const [why, indexes, more] of [
    ['dimensions', [index({ Dimensions: 0 })]],
    ['more dimensions than there may be', [index({ Dimensions: 4097 })]],
    ['an unknown distance', [index({ DistanceFunction: 'MANHATTAN' })]],
    ['two of a name', [index(), index()]],
    ['two sizes of one attribute', [index(), index({ IndexName: 'other', Dimensions: 3 })]],
    ['provisioned capacity', [index()],
      { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }],
  ]) {
    assert.equal((await refusal(create(indexes, more)))[0], 'ValidationException', why);
  }
});
