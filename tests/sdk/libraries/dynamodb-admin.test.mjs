// dynamodb-admin as people run it: a process of its own whose pages and calls are fetched.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { TagResourceCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { startApplication } from '../../support/application.mjs';

const program = path.join(path.dirname(createRequire(import.meta.url).resolve('dynamodb-admin/package.json')), 'dist/dynamodb-admin.js');
let application;
let documents;
let admin;
let url;

before(async () => {
  application = await startApplication();
  documents = DynamoDBDocumentClient.from(application.client);
  admin = spawn(process.execPath, [program, '--host', '127.0.0.1', '--port', '0', '--dynamo-endpoint', application.server.endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
  });
  url = await new Promise((resolve, reject) => {
    admin.once('exit', (code) => reject(new Error(`dynamodb-admin ended with ${code}`)));
    createInterface({ input: admin.stdout }).on('line', (line) => {
      const found = line.match(/listening on (http:\S+)/);
      if (found) resolve(found[1]);
    });
  });
});

after(async () => {
  admin?.removeAllListeners('exit');
  admin?.kill();
  await application.stop();
});

const get = async (path, status = 200) => {
  const answer = await fetch(url + path);
  const text = await answer.text();
  assert.equal(answer.status, status, `${path}: ${text.slice(0, 500)}`);
  return text;
};

const send = async (method, path, body) => {
  const answer = await fetch(url + path, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return text && answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
};

const items = async (query = {}) => JSON.parse(await get(`/tables/Orders/items?${new URLSearchParams(query)}`));

const tables = async () => JSON.parse(await get('/api/tables')).map(({ TableName }) => TableName);

test('a table made in the browser', async () => {
  assert.deepEqual(await tables(), []);
  assert.match(await get('/create-table'), /Create table/i);
  await send('POST', '/create-table', {
    TableDefinition: {
      TableName: 'Orders',
      HashAttributeName: 'customer',
      HashAttributeType: 'S',
      RangeAttributeName: 'number',
      RangeAttributeType: 'N',
      ReadCapacityUnits: 3,
      WriteCapacityUnits: 3,
    },
    SecondaryIndexes: [
      {
        IndexType: 'global',
        IndexName: 'byStatus',
        HashAttributeName: 'status',
        HashAttributeType: 'S',
        ReadCapacityUnits: 3,
        WriteCapacityUnits: 3,
      },
      {
        IndexType: 'local',
        IndexName: 'byTotal',
        HashAttributeName: 'customer',
        HashAttributeType: 'S',
        RangeAttributeName: 'total',
        RangeAttributeType: 'N',
      },
    ],
  });
  assert.match(await get('/'), /Orders/);
  assert.deepEqual(await tables(), ['Orders']);
});

test('the tab of the time to live, before and after', async () => {
  assert.match(await get('/tables/Orders/ttl'), /DISABLED/);
  await application.client.send(
    new UpdateTimeToLiveCommand({ TableName: 'Orders', TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } }),
  );
  await application.client.send(
    new TagResourceCommand({
      ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Orders',
      Tags: [{ Key: 'seen', Value: 'yes' }],
    }),
  );
  const page = await get('/tables/Orders/ttl');
  assert.match(page, /ENABLED/);
  assert.match(page, /expires/);
});

test('items are added, edited, found and removed', async () => {
  assert.match(await get('/tables/Orders/add-item'), /customer/);
  const item = { customer: 'ann', number: 1, status: 'open', total: 10.5, lines: [{ sku: 'a' }], gift: false, note: '' };
  assert.deepEqual(await send('PUT', '/tables/Orders/add-item', item), { customer: 'ann', number: 1 });
  assert.match(await get('/tables/Orders/items/ann,1'), /10\.5/);
  const edited = await send('PUT', '/tables/Orders/items/ann,1', { ...item, status: 'paid' });
  assert.deepEqual(edited, { ...item, status: 'paid' });
  await get('/tables/Orders/items/ann,2', 404);
  const found = await fetch(`${url}/tables/Orders/get?hash=ann&range=1`, { redirect: 'manual' });
  assert.equal(found.headers.get('location'), '/tables/Orders/items/ann,1');
  assert.match(await get('/tables/Orders/get'), /number/);
  await send('DELETE', '/tables/Orders/items/ann,1');
  await get('/tables/Orders/items/ann,1', 404);
});

test('scans and queries page by page', async () => {
  await documents.send(
    new TransactWriteCommand({
      TransactItems: Array.from({ length: 60 }, (_, number) => ({
        Put: { TableName: 'Orders', Item: { customer: 'bob', number, status: number % 2 ? 'odd' : 'even', total: -number } },
      })),
    }),
  );
  assert.match(await get('/tables/Orders'), /byStatus/);
  const seen = [];
  let startKey;
  for (let page = 0; page < 5; ++page) {
    const answer = await items({ pageSize: '25', ...(startKey && { startKey }) });
    seen.push(...answer.Items.map(({ number }) => number));
    if (!answer.nextKey) break;
    startKey = decodeURIComponent(answer.nextKey);
  }
  assert.deepEqual(seen, Array.from({ length: 60 }, (_, number) => number));
  const filtered = await items({ filters: JSON.stringify({ total: { type: 'N', operator: '<', value: '-57' } }) });
  assert.deepEqual(filtered.Items.map(({ number }) => number), [58, 59]);
  const queried = await items({
    operationType: 'query',
    filters: JSON.stringify({
      customer: { type: 'S', operator: '=', value: 'bob' },
      number: { type: 'N', operator: '>=', value: '50' },
    }),
  });
  assert.equal(queried.Items.length, 10);
  const indexed = await items({
    operationType: 'query',
    queryableSelection: 'byStatus',
    pageSize: '100',
    filters: JSON.stringify({ status: { type: 'S', operator: '=', value: 'odd' } }),
  });
  assert.equal(indexed.Items.length, 30);
});

test('settings, purge and removal', async () => {
  await documents.send(new PutCommand({ TableName: 'Orders', Item: { customer: 'cat', number: 1 } }));
  const meta = await get('/tables/Orders/meta');
  assert.match(meta, /byTotal/);
  await send('DELETE', '/tables/Orders/all');
  assert.deepEqual((await items()).Items, []);
  await send('DELETE', '/tables/Orders');
  assert.deepEqual(await tables(), []);
});
