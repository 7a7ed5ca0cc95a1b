// A global table through the AWS SDK for JavaScript v3 with its default settings, a client a region.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand, DeleteItemCommand, DescribeTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand,
  UpdateTableCommand, waitUntilTableExists, waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { clientConfig, startServer } from '../support/server.mjs';

const TableName = 'Orders';
const Key = { pk: { S: 'a' } };
let server;
const regions = {};

before(async () => {
  server = await startServer();
  for (const region of ['us-east-1', 'eu-west-1']) {
    regions[region] = new DynamoDBClient({ ...clientConfig(server.endpoint), region });
  }
});

after(async () => {
  for (const client of Object.values(regions)) client.destroy();
  await server.stop();
});

test('replicas come, are written from both sides, and go', async () => {
  const near = regions['us-east-1'];
  const far = regions['eu-west-1'];
  await near.send(new CreateTableCommand({
    TableName,
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  }));
  await waitUntilTableExists({ client: near, maxWaitTime: 20, minDelay: 1 }, { TableName });
  await near.send(new PutItemCommand({ TableName, Item: { ...Key, v: { N: '1' } } }));
  await near.send(new UpdateTableCommand({ TableName, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }));
  await waitUntilTableExists({ client: far, maxWaitTime: 20, minDelay: 1 }, { TableName });

  const { Table } = await far.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.GlobalTableVersion, '2019.11.21');
  assert.deepEqual(Table.Replicas.map(({ RegionName }) => RegionName), ['us-east-1']);
  assert.deepEqual((await far.send(new GetItemCommand({ TableName, Key }))).Item, { ...Key, v: { N: '1' } });
  await far.send(new PutItemCommand({ TableName, Item: { ...Key, v: { N: '2' } } }));
  assert.deepEqual((await near.send(new GetItemCommand({ TableName, Key }))).Item, { ...Key, v: { N: '2' } });
  await near.send(new DeleteItemCommand({ TableName, Key }));
  assert.equal((await far.send(new GetItemCommand({ TableName, Key }))).Item, undefined);

  await near.send(new UpdateTableCommand({ TableName, ReplicaUpdates: [{ Delete: { RegionName: 'eu-west-1' } }] }));
  await waitUntilTableNotExists({ client: far, maxWaitTime: 20, minDelay: 1 }, { TableName });
  assert.equal((await near.send(new DescribeTableCommand({ TableName }))).Table.Replicas, undefined);
});
