// The daily operations through the AWS SDK for JavaScript v3.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeGlobalTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  ScanCommand,
  UpdateItemCommand,
  paginateScan,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand as DocQueryCommand } from '@aws-sdk/lib-dynamodb';
import { clientConfig, startServer } from '../support/server.mjs';

let server;
let client;
const TableName = 'Orders';

before(async () => {
  server = await startServer();
  client = new DynamoDBClient(clientConfig(server.endpoint));
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
        { AttributeName: 'status', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-status',
          KeySchema: [
            { AttributeName: 'status', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
});

after(async () => {
  client?.destroy();
  const { code } = await server.stop();
  assert.equal(code, 0, 'a drained server exits with 0');
});

test('all ten attribute types come back as they were', async () => {
  const Item = {
    pk: { S: 'types' },
    sk: { N: '-12.5' },
    string: { S: 'Zürich \u{1F600} "quoted" \\ \n' },
    empty: { S: '' },
    number: { N: '12345678901234567890123456789012345678' },
    tiny: { N: '0.0000001' },
    binary: { B: Uint8Array.from([0, 1, 255]) },
    yes: { BOOL: true },
    nothing: { NULL: true },
    strings: { SS: ['a', 'b'] },
    numbers: { NS: ['-1', '2.5', '10'] },
    binaries: { BS: [Uint8Array.from([1]), Uint8Array.from([2, 3])] },
    list: { L: [{ S: 'x' }, { N: '1' }, { L: [] }] },
    map: { M: { deep: { M: { er: { BOOL: false } } } } },
  };
  await client.send(new PutItemCommand({ TableName, Item }));
  const { Item: found } = await client.send(
    new GetItemCommand({ TableName, Key: { pk: Item.pk, sk: Item.sk }, ConsistentRead: true }),
  );
  assert.deepEqual(found, Item);
});

test('numbers are normalised, also in keys', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'n' }, sk: { N: '1.50E1' }, v: { N: '00042.10' } } }));
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'n' }, sk: { N: '15.0' } } }));
  assert.deepEqual(Item, { pk: { S: 'n' }, sk: { N: '15' }, v: { N: '42.1' } });
});

test('the document client writes and queries plain objects', async () => {
  const documents = DynamoDBDocumentClient.from(client);
  for (const sk of [3, 1, 2]) await documents.send(new PutCommand({ TableName, Item: { pk: 'doc', sk, tags: new Set(['a']) } }));
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { pk: 'doc', sk: 2 } }));
  assert.deepEqual(Item, { pk: 'doc', sk: 2, tags: new Set(['a']) });
  const { Items } = await documents.send(
    new DocQueryCommand({
      TableName,
      KeyConditionExpression: 'pk = :p AND sk BETWEEN :a AND :b',
      ExpressionAttributeValues: { ':p': 'doc', ':a': 2, ':b': 3 },
      ScanIndexForward: false,
    }),
  );
  assert.deepEqual(Items.map((item) => item.sk), [3, 2]);
});

test('a failed condition carries the item and changes nothing', async () => {
  const Key = { pk: { S: 'cond' }, sk: { N: '1' } };
  await client.send(new PutItemCommand({ TableName, Item: { ...Key, v: { N: '1' } } }));
  await assert.rejects(
    client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET v = v + :one',
        ConditionExpression: 'v > :five',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':five': { N: '5' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
    (error) => {
      assert.ok(error instanceof ConditionalCheckFailedException);
      assert.equal(error.message, 'The conditional request failed');
      assert.deepEqual(error.Item, { ...Key, v: { N: '1' } });
      assert.equal(error.$metadata.httpStatusCode, 400);
      return true;
    },
  );
  const { Attributes } = await client.send(
    new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD', ConditionExpression: 'attribute_exists(v)' }),
  );
  assert.deepEqual(Attributes.v, { N: '1' });
});

test('a batch of 25, a get of what it wrote, a query of the index, a filtered parallel scan', async () => {
  const items = Array.from({ length: 25 }, (_, i) => ({
    pk: { S: `batch${i % 5}` },
    sk: { N: String(i) },
    status: { S: i % 2 ? 'odd' : 'even' },
  }));
  const written = await client.send(
    new BatchWriteItemCommand({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } }),
  );
  assert.deepEqual(written.UnprocessedItems, {});
  const got = await client.send(
    new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: items.map(({ pk, sk }) => ({ pk, sk })) } } }),
  );
  const bySk = (a, b) => Number(a.sk.N) - Number(b.sk.N);
  assert.deepEqual(got.Responses[TableName].sort(bySk), items);

  const odd = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-status',
      KeyConditionExpression: '#s = :odd AND sk >= :ten',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':odd': { S: 'odd' }, ':ten': { N: '10' } },
      ReturnConsumedCapacity: 'INDEXES',
    }),
  );
  assert.deepEqual(odd.Items.map((item) => item.sk.N), ['11', '13', '15', '17', '19', '21', '23']);
  assert.equal(odd.ConsumedCapacity.GlobalSecondaryIndexes['by-status'].CapacityUnits, 0.5);

  const found = [];
  for (const Segment of [0, 1, 2]) {
    const pages = paginateScan(
      { client, pageSize: 4 },
      {
        TableName,
        Segment,
        TotalSegments: 3,
        FilterExpression: 'begins_with(pk, :b) AND #s = :even',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':b': { S: 'batch' }, ':even': { S: 'even' } },
      },
    );
    for await (const page of pages) found.push(...page.Items);
  }
  assert.deepEqual(found.sort(bySk), items.filter((item) => item.status.S === 'even'));
});

test('pages end at one megabyte', async () => {
  const text = 'x'.repeat(100_000);
  for (let i = 0; i < 12; ++i) {
    await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'large' }, sk: { N: String(i) }, text: { S: text } } }));
  }
  const query = { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'large' } } };
  const first = await client.send(new QueryCommand(query));
  assert.equal(first.Count, 11, 'the item that crosses the line is in');
  assert.deepEqual(first.LastEvaluatedKey, { pk: { S: 'large' }, sk: { N: '10' } });
  const second = await client.send(new QueryCommand({ ...query, ExclusiveStartKey: first.LastEvaluatedKey }));
  assert.deepEqual(second.Items.map((item) => item.sk.N), ['11']);
  assert.equal(second.LastEvaluatedKey, undefined);
});

test('any name of a region is a space of its own', async () => {
  const make = (client) =>
    client.send(
      new CreateTableCommand({
        TableName: 'regional',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  const regions = ['fakeRegion', 'LOCAL', 'local', 'localhost', 'US-EAST-1', 'ddblocal', 'eu-south-2'];
  for (const region of regions) {
    const there = new DynamoDBClient({ ...clientConfig(server.endpoint), region });
    assert.deepEqual((await there.send(new ListTablesCommand({}))).TableNames, [], region);
    const { TableDescription } = await make(there);
    // Libraries that take ARNs apart know these.
    const named = region === 'eu-south-2' ? region : 'ddblocal';
    assert.equal(TableDescription.TableArn, `arn:aws:dynamodb:${named}:000000000000:table/regional`);
    await waitUntilTableExists({ client: there, minDelay: 0.01, maxDelay: 0.05, maxWaitTime: 20 }, { TableName: 'regional' });
    await there.send(new PutItemCommand({ TableName: TableDescription.TableArn, Item: { id: { S: region } } }));
    const { Items } = await there.send(new ScanCommand({ TableName: 'regional' }));
    assert.deepEqual(Items, [{ id: { S: region } }]);
    there.destroy();
  }
});

test('tables of another region or account are apart', async () => {
  const elsewhere = new DynamoDBClient({ ...clientConfig(server.endpoint), region: 'eu-west-1' });
  assert.deepEqual((await elsewhere.send(new ListTablesCommand({}))).TableNames, []);
  const other = new DynamoDBClient({
    ...clientConfig(server.endpoint),
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'x' },
  });
  await other.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'B' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    }),
  );
  const { Table } = await other.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.TableArn, 'arn:aws:dynamodb:us-east-1:123456789012:table/Orders');
  await other.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client: other, maxWaitTime: 20, minDelay: 1 }, { TableName });
  await client.send(new DescribeTableCommand({ TableName }));
});

test('what is not there answers with a typed error', async () => {
  await assert.rejects(client.send(new GetItemCommand({ TableName: 'None', Key: { pk: { S: 'a' } } })), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.equal(error.message, 'Requested resource not found');
    return true;
  });
  await assert.rejects(client.send(new DescribeGlobalTableCommand({ GlobalTableName: 'None' })), {
    name: 'GlobalTableNotFoundException',
  });
});

test('counts and sizes of the table are live', async () => {
  let counted = 0;
  for await (const page of paginateScan({ client }, { TableName, Select: 'COUNT' })) counted += page.Count;
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.ItemCount, counted);
  assert.ok(Table.TableSizeBytes > 1_200_000);
});
