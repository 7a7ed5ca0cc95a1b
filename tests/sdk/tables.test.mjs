// Tables, their indexes and settings, capacity and the legacy parameters through the AWS SDK for JavaScript v3 with its default
// settings.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeEndpointsCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  ScanCommand,
  TagResourceCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  paginateListTables,
  waitUntilTableExists,
  waitUntilTableNotExists,
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

const attributes = (types) =>
  Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));

const keys = (hash, range = []) => [
  ...hash.map((AttributeName) => ({ AttributeName, KeyType: 'HASH' })),
  ...range.map((AttributeName) => ({ AttributeName, KeyType: 'RANGE' })),
];

const described = async (TableName) => (await client.send(new DescribeTableCommand({ TableName }))).Table;

async function createTable(TableName, more) {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: attributes({ pk: 'S' }),
      KeySchema: keys(['pk']),
      BillingMode: 'PAY_PER_REQUEST',
      ...more,
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  return TableDescription;
}

test('an index is added while items are written, and taken away again', async () => {
  const TableName = 'Growing';
  await createTable(TableName);
  const put = (n) =>
    client.send(
      new PutItemCommand({ TableName, Item: { pk: { S: `i${n}` }, ...(n % 3 && { color: { S: n % 2 ? 'red' : 'blue' } }) } }),
    );
  for (let n = 0; n < 60; ++n) await put(n);
  const { TableDescription } = await client.send(
    new UpdateTableCommand({
      TableName,
      AttributeDefinitions: attributes({ pk: 'S', color: 'S' }),
      GlobalSecondaryIndexUpdates: [
        { Create: { IndexName: 'byColor', KeySchema: keys(['color']), Projection: { ProjectionType: 'KEYS_ONLY' } } },
      ],
    }),
  );
  assert.equal(TableDescription.GlobalSecondaryIndexes[0].IndexStatus, 'CREATING');
  await Promise.all(Array.from({ length: 60 }, (_, n) => put(60 + n)));
  await until(
    async () => (await described(TableName)).GlobalSecondaryIndexes[0].IndexStatus === 'ACTIVE',
    'the index to be active',
  );
  const { Count } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'byColor',
      KeyConditionExpression: 'color = :c',
      ExpressionAttributeValues: { ':c': { S: 'red' } },
    }),
  );
  assert.equal(Count, 40, 'every odd number that three does not divide');
  await client.send(
    new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byColor' } }] }),
  );
  await until(async () => !(await described(TableName)).GlobalSecondaryIndexes, 'the index to go');
  assert.deepEqual((await described(TableName)).AttributeDefinitions, attributes({ pk: 'S' }), 'with its attribute');
});

test('keys of an index out of several attributes', async () => {
  const TableName = 'Matches';
  await createTable(TableName, {
    AttributeDefinitions: attributes({ pk: 'S', league: 'S', season: 'N', round: 'N', home: 'S' }),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byRound',
        KeySchema: keys(['league', 'season'], ['round', 'home']),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  for (const [n, [round, home]] of [[10, 'b'], [2, 'z'], [2, 'a'], [9, 'q'], [10, 'a']].entries()) {
    await client.send(
      new PutItemCommand({
        TableName,
        Item: {
          pk: { S: `m${n}` },
          league: { S: 'first' },
          season: { N: '2026' },
          round: { N: `${round}` },
          ...(home !== 'q' && { home: { S: home } }),
        },
      }),
    );
  }
  const query = (condition, values = {}, more = {}) =>
    client.send(
      new QueryCommand({
        TableName,
        IndexName: 'byRound',
        KeyConditionExpression: `league = :l AND season = :s${condition}`,
        ExpressionAttributeValues: { ':l': { S: 'first' }, ':s': { N: '2026' }, ...values },
        ...more,
      }),
    );
  const names = ({ Items }) => Items.map(({ round, home }) => round.N + home.S);
  assert.deepEqual(names(await query('')), ['2a', '2z', '10a', '10b'], 'an item without one of them is not in the index');
  const late = await query(' AND round = :r AND home > :h', { ':r': { N: '2' }, ':h': { S: 'b' } });
  assert.deepEqual(names(late), ['2z']);
  const page = await query('', {}, { Limit: 3 });
  assert.deepEqual(Object.keys(page.LastEvaluatedKey).sort(), ['home', 'league', 'pk', 'round', 'season']);
  assert.deepEqual(names(await query('', {}, { ExclusiveStartKey: page.LastEvaluatedKey })), ['10b']);
  await assert.rejects(query(' AND home = :h', { ':h': { S: 'a' } }), {
    name: 'ValidationException',
    message:
      'RANGE key attributes round must have equality conditions specified in the query because a condition is present on key ' +
      'attribute home',
  });
});

test('settings of a table from its creation to its removal', async () => {
  const TableName = 'Settled';
  const created = await createTable(TableName, {
    DeletionProtectionEnabled: true,
    TableClass: 'STANDARD_INFREQUENT_ACCESS',
    SSESpecification: { Enabled: true, SSEType: 'KMS' },
    OnDemandThroughput: { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 },
    Tags: [{ Key: 'a', Value: '1' }],
  });
  const table = await described(TableName);
  assert.equal(table.DeletionProtectionEnabled, true);
  assert.equal(table.TableClassSummary.TableClass, 'STANDARD_INFREQUENT_ACCESS');
  assert.equal(table.SSEDescription.SSEType, 'KMS');
  assert.deepEqual(table.OnDemandThroughput, { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 });
  await client.send(new TagResourceCommand({ ResourceArn: created.TableArn, Tags: [{ Key: 'b', Value: '2' }] }));
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: created.TableArn }));
  assert.equal(Tags.length, 2);
  await client.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' } }),
  );
  const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: created.TableArn }));
  assert.deepEqual(ttl.TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' });
  await assert.rejects(client.send(new DeleteTableCommand({ TableName })), {
    name: 'ValidationException',
    message: 'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  });
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  await until(async () => (await described(TableName)).TableStatus === 'ACTIVE', 'the table to be active');
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  await assert.rejects(described(TableName), ResourceNotFoundException);
});

test('names in order, page by page', async () => {
  await createTable('Zebra');
  await createTable('Aardvark');
  const names = [];
  for await (const page of paginateListTables({ client, pageSize: 1 }, {})) names.push(...page.TableNames);
  assert.deepEqual(names, [...names].sort());
  assert.ok(names.includes('Zebra') && names.includes('Aardvark'));
});

test('limits and the endpoint', async () => {
  const { $metadata, ...limits } = await client.send(new DescribeLimitsCommand({}));
  assert.deepEqual(limits, {
    AccountMaxReadCapacityUnits: 80000,
    AccountMaxWriteCapacityUnits: 80000,
    TableMaxReadCapacityUnits: 40000,
    TableMaxWriteCapacityUnits: 40000,
  });
  const { Endpoints } = await client.send(new DescribeEndpointsCommand({}));
  assert.deepEqual(Endpoints, [{ Address: new URL(server.endpoint).host, CachePeriodInMinutes: 1440 }]);
});

test('capacity of table and indexes', async () => {
  const TableName = 'Metered';
  const { TableArn } = await createTable(TableName, {
    AttributeDefinitions: attributes({ pk: 'S', sk: 'S', g: 'S', l: 'S' }),
    KeySchema: keys(['pk'], ['sk']),
    GlobalSecondaryIndexes: [{ IndexName: 'byG', KeySchema: keys(['g']), Projection: { ProjectionType: 'KEYS_ONLY' } }],
    LocalSecondaryIndexes: [{ IndexName: 'byL', KeySchema: keys(['pk'], ['l']), Projection: { ProjectionType: 'KEYS_ONLY' } }],
  });
  const Key = { pk: { S: 'a' }, sk: { S: 'b' } };
  const big = { S: 'x'.repeat(3000) };
  const put = (Item, more) =>
    client.send(new PutItemCommand({ TableName, Item: { ...Key, ...Item }, ReturnConsumedCapacity: 'INDEXES', ...more }));
  const first = await put({ g: { S: '1' }, l: { S: '1' }, big }, { ReturnItemCollectionMetrics: 'SIZE' });
  assert.deepEqual(first.ConsumedCapacity, {
    TableName,
    CapacityUnits: 5,
    Table: { CapacityUnits: 3 },
    GlobalSecondaryIndexes: { byG: { CapacityUnits: 1 } },
    LocalSecondaryIndexes: { byL: { CapacityUnits: 1 } },
  });
  assert.deepEqual(first.ItemCollectionMetrics, { ItemCollectionKey: { pk: { S: 'a' } }, SizeEstimateRangeGB: [0, 1] });
  assert.deepEqual(
    (await put({ g: { S: '2' }, l: { S: '1' }, big })).ConsumedCapacity,
    {
      TableName,
      CapacityUnits: 5,
      Table: { CapacityUnits: 3 },
      GlobalSecondaryIndexes: { byG: { CapacityUnits: 2 } },
    },
    'another key in an index is a removal and an entry',
  );
  const scan = await client.send(new ScanCommand({ TableName: TableArn, ReturnConsumedCapacity: 'TOTAL' }));
  assert.deepEqual(scan.ConsumedCapacity, { TableName: TableArn, CapacityUnits: 2 }, 'half a unit for each partition');
  const back = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'byL',
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
      Select: 'ALL_ATTRIBUTES',
      ReturnConsumedCapacity: 'INDEXES',
    }),
  );
  assert.deepEqual(back.ConsumedCapacity, {
    TableName,
    CapacityUnits: 1,
    Table: { CapacityUnits: 0.5 },
    LocalSecondaryIndexes: { byL: { CapacityUnits: 0.5 } },
  });
});

test('the legacy parameters', async () => {
  const TableName = 'Legacy';
  await createTable(TableName, {
    AttributeDefinitions: attributes({ pk: 'S', sk: 'N' }),
    KeySchema: keys(['pk'], ['sk']),
  });
  const value = (n) => ({ N: `${n}` });
  for (let n = 0; n < 10; ++n) {
    await client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: 'a' }, sk: value(n), even: { BOOL: n % 2 === 0 }, list: { L: [] } },
        Expected: { pk: { Exists: false } },
      }),
    );
  }
  const Key = { pk: { S: 'a' }, sk: value(3) };
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName,
      Key,
      AttributeUpdates: {
        even: { Action: 'DELETE' },
        count: { Action: 'ADD', Value: value(2) },
        list: { Action: 'ADD', Value: { L: [{ S: 'x' }] } },
        name: { Action: 'PUT', Value: { S: 'three' } },
      },
      Expected: {
        even: { ComparisonOperator: 'EQ', AttributeValueList: [{ BOOL: false }] },
        name: { ComparisonOperator: 'NULL' },
      },
      ConditionalOperator: 'AND',
      ReturnValues: 'ALL_NEW',
    }),
  );
  assert.deepEqual(Attributes, { ...Key, count: value(2), list: { L: [{ S: 'x' }] }, name: { S: 'three' } });
  await assert.rejects(
    client.send(
      new UpdateItemCommand({ TableName, Key, AttributeUpdates: {}, Expected: { name: { Value: { S: 'four' } } } }),
    ),
    { name: 'ConditionalCheckFailedException' },
  );
  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      KeyConditions: {
        pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] },
        sk: { ComparisonOperator: 'BETWEEN', AttributeValueList: [value(2), value(8)] },
      },
      QueryFilter: { even: { ComparisonOperator: 'EQ', AttributeValueList: [{ BOOL: true }] } },
      AttributesToGet: ['sk'],
      ScanIndexForward: false,
    }),
  );
  assert.deepEqual(Items, [8, 6, 4, 2].map((n) => ({ sk: value(n) })));
  const { Count } = await client.send(
    new ScanCommand({
      TableName,
      ScanFilter: {
        name: { ComparisonOperator: 'BEGINS_WITH', AttributeValueList: [{ S: 'th' }] },
        sk: { ComparisonOperator: 'IN', AttributeValueList: [value(7), value(9)] },
      },
      ConditionalOperator: 'OR',
    }),
  );
  assert.equal(Count, 3);
  const { Item } = await client.send(new GetItemCommand({ TableName, Key, AttributesToGet: ['name', 'none'] }));
  assert.deepEqual(Item, { name: { S: 'three' } });
});
