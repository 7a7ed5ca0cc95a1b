// How the console is served, and the two endpoints that were made for it. No browser is needed for these.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { DynamoDBClient, CreateTableCommand, DeleteItemCommand, ListTablesCommand, PutItemCommand, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb';
import http from 'node:http';
import { clientConfig, startServer } from '../support/server.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
let server;
let dynamodb;

before(async () => {
  server = await startServer({ args: ['--console-port', '0'] });
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
});
after(() => server.stop());

// As it travels: fetch() would decompress, follow and add headers of its own.
function ask(url, headers = {}, method = 'GET') {
  return new Promise((resolve, reject) => {
    http.request(url, { method, headers }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces) }));
    }).on('error', reject).end();
  });
}
const admin = (rest) => `${server.endpoint}/_tidemark/${rest}`;

test('the bundle in the tree is of the sources in the tree, and not too large', () => {
  execFileSync('node', [path.join(root, 'console/build.mjs'), '--check']);
  const dist = path.join(root, 'console/dist');
  const sizes = readdirSync(dist).filter((name) => name.endsWith('.gz')).map((name) => statSync(path.join(dist, name)).size);
  assert.ok(sizes.reduce((a, b) => a + b) <= 900_000);
});

test('the page is served with a policy that lets nothing else in, and is asked for again each time', async () => {
  for (const view of ['console/', 'console/tables/Orders/items?index=a', 'console/s3/a%2Fb/%3Cscript%3E']) {
    const page = await ask(admin(view), { 'Accept-Encoding': 'gzip' });
    assert.equal(page.status, 200, view);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(page.headers['cache-control'], 'no-cache');
    assert.match(page.headers['content-security-policy'], /^default-src 'none'; script-src 'self'; style-src 'self'; /);
    assert.match(page.headers['content-security-policy'], /connect-src 'self'; .*frame-ancestors 'none'$/);
    assert.match(gunzipSync(page.body).toString(), /<div id="root">/);
    const again = await ask(admin(view), { 'Accept-Encoding': 'gzip', 'If-None-Match': page.headers.etag });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
  }
  const plain = await ask(admin('console/'));
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.match(plain.body.toString(), /^<!doctype html>/);
});

test('files have names of their content and are kept for good; one that is not there is no page', async () => {
  const html = (await ask(admin('console/'))).body.toString();
  const names = [...html.matchAll(/"\/_tidemark\/(console\/assets\/[^"]+)"/g)].map((match) => match[1]);
  assert.deepEqual(names.map((name) => name.replace(/-[0-9a-f]{12}\./, '.')).sort(), ['console.css', 'console.js', 'frame.css'].map((name) => `console/assets/${name}`));
  const css = (await ask(admin(names.find((name) => /console-\w+\.css/.test(name))))).body.toString();
  const fonts = [...css.matchAll(/url\("?(font-[^")]+)/g)].map((match) => `console/assets/${match[1]}`);
  assert.ok(fonts.length > 0);
  const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', woff2: 'font/woff2' };
  for (const name of [...names, ...fonts]) {
    const file = await ask(admin(name), { 'Accept-Encoding': 'gzip, br' });
    assert.equal(file.status, 200);
    assert.equal(file.headers['content-type'], types[name.split('.').pop()]);
    assert.equal(file.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(file.headers['content-encoding'], 'gzip');
    assert.ok(gunzipSync(file.body).length > 500);
    assert.equal((await ask(admin(name), { 'Accept-Encoding': 'gzip', 'If-None-Match': file.headers.etag })).status, 304);
    const head = await ask(admin(name), { 'Accept-Encoding': 'gzip' }, 'HEAD');
    assert.equal(Number(head.headers['content-length']), file.body.length);
  }
  assert.equal((await ask(admin('console/assets/console-0.js'))).status, 404);
});

test('the short address and the port of its own lead to the console', async () => {
  const short = await ask(admin('console'));
  assert.equal(short.status, 307);
  assert.equal(short.headers.location, '/_tidemark/console/');
  const own = `http://127.0.0.1:${server.consolePort}/`;
  const visit = await ask(own, { Accept: 'text/html,*/*' });
  assert.equal(visit.status, 307);
  assert.equal(visit.headers.location, '/_tidemark/console/');
  // All else is as on the other port.
  const client = new DynamoDBClient(clientConfig(own));
  assert.deepEqual((await client.send(new ListTablesCommand({}))).TableNames.filter((name) => name === 'none'), []);
});

test('a page from elsewhere may not look at the console, nor at the requests', async () => {
  for (const rest of ['console/', 'requests', 'console/server.json']) {
    const answer = await ask(admin(rest), { Origin: 'http://elsewhere.example', 'User-Agent': 'Mozilla/5.0' });
    assert.equal(answer.status, 403, rest);
  }
});

async function createTable(name) {
  await dynamodb.send(new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  }));
  await dynamodb.send(new UpdateContinuousBackupsCommand({
    TableName: name,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  }));
}

test('requests are kept while somebody looks, with what they said and were answered', async () => {
  await createTable('seen');
  const first = await (await fetch(admin('requests'))).json();
  assert.deepEqual(first, { requests: [], next: 0, lost: 0 }, 'nothing is kept before somebody looks');
  await dynamodb.send(new PutItemCommand({ TableName: 'seen', Item: { pk: { S: 'a' } } }));
  await assert.rejects(dynamodb.send(new PutItemCommand({ TableName: 'unseen', Item: { pk: { S: 'a' } } })));
  await fetch(`${server.endpoint}/some-bucket/key?X-Amz-Signature=secret`);
  const second = await (await fetch(admin('requests?after=0'))).json();
  assert.equal(second.next, 3);
  const [put, refused, object] = second.requests;
  assert.equal(put.operation, 'PutItem');
  assert.equal(put.service, 'dynamodb');
  assert.equal(put.status, 200);
  assert.deepEqual(JSON.parse(put.request), { TableName: 'seen', Item: { pk: { S: 'a' } } });
  assert.equal(put.answer, '{}');
  assert.equal(put.request_bytes, Buffer.byteLength(put.request));
  assert.match(put.request_id, /^[A-Z0-9]{20,}$/);
  assert.equal(refused.status, 400);
  assert.equal(refused.error, 'ResourceNotFoundException');
  assert.match(refused.answer, /ResourceNotFoundException/);
  assert.equal(object.service, 's3');
  assert.equal(object.target, '/some-bucket/key?(signed)', 'what a link is signed with is not shown');
  assert.deepEqual((await (await fetch(admin('requests?after=3'))).json()).requests, []);
});

test('what is kept of requests is bounded: in number, and of each the beginning', async () => {
  const start = (await (await fetch(admin('requests?after=0'))).json()).next;
  // Three bytes a character, so that the cut must not fall between them.
  await dynamodb.send(new PutItemCommand({ TableName: 'seen', Item: { pk: { S: 'big' }, text: { S: '\u20ac'.repeat(60_000) } } }));
  const [big] = (await (await fetch(admin(`requests?after=${start}`))).json()).requests;
  assert.ok(big.request_bytes > 180_000);
  assert.ok(Buffer.byteLength(big.request) <= 16_384 && Buffer.byteLength(big.request) > 16_380);
  assert.ok(!big.request.includes('\ufffd'));
  // More than are kept, also where the client is so fast that some of them are counted alone.
  for (let round = 0; round < 40; round++) {
    await Promise.all(Array.from({ length: 100 }, () => dynamodb.send(new ListTablesCommand({}))));
  }
  const page = await (await fetch(admin('requests?after=0'))).json();
  assert.equal(page.requests.length, 200, 'a page');
  assert.ok(page.lost >= 200, 'older ones have gone, and are counted');
  assert.equal(page.next, page.requests[199].number);
  assert.equal(page.lost, page.next - 200, 'each number is in the answer, or lost');
  assert.equal((await fetch(admin('requests?after=x'))).status, 400);
  assert.equal((await fetch(admin('requests?before=1'))).status, 400);
});

test('of a flood of requests some are kept, and all are counted', async () => {
  let { next } = await (await fetch(admin('requests'))).json();
  while (true) {
    const page = await (await fetch(admin(`requests?after=${next}`))).json();
    if (page.next === next) break;
    next = page.next;
  }
  // No client here is fast enough to be a flood in every tenth of a second, so it is one of several: what matters is the sum.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const one = () => new Promise((resolve, reject) => {
    http.get(`${server.endpoint}/no-such-bucket/x`, { agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
  });
  const SENT = 3000;
  for (let at = 0; at < SENT; at += 300) await Promise.all(Array.from({ length: 300 }, one));
  agent.destroy();
  let shown = 0;
  let lost = 0;
  let last = next;
  for (;;) {
    const page = await (await fetch(admin(`requests?after=${last}`))).json();
    if (page.next === last) break;
    for (const request of page.requests) assert.ok(request.number > last && request.number <= page.next);
    shown += page.requests.length;
    lost += page.lost;
    last = page.next;
  }
  assert.equal(last - next, SENT);
  assert.equal(shown + lost, SENT);
  assert.ok(shown > 0 && shown <= 1000);
});

const sum = (numbers = []) => numbers.reduce((a, b) => a + b, 0);

test('activity counts the writes of a table by who made them, in steps', async () => {
  await createTable('busy');
  await createTable('quiet');
  for (let i = 0; i < 40; i++) await dynamodb.send(new PutItemCommand({ TableName: 'busy', Item: { pk: { S: `${i % 10}` } } }));
  await dynamodb.send(new DeleteItemCommand({ TableName: 'busy', Key: { pk: { S: '1' } } }));
  const early = await (await fetch(admin('tables/busy/activity'))).json();
  assert.equal(sum(early.writes.client), 41);
  assert.equal(early.step_seconds, 1);
  assert.deepEqual((await (await fetch(admin('tables/quiet/activity'))).json()).writes, {});

  // Sealed by now, for the greater part: the same numbers, and those of three days later.
  await server.advance('P3D');
  for (let i = 0; i < 7; i++) await dynamodb.send(new PutItemCommand({ TableName: 'busy', Item: { pk: { S: 'late' }, i: { N: `${i}` } } }));
  const late = await (await fetch(admin('tables/busy/activity?points=100'))).json();
  assert.equal(late.step_seconds % 60, 0);
  assert.ok(late.writes.client.length <= 101);
  // A step may end while either is written.
  assert.equal(sum(late.writes.client.slice(-2)), 7);
  // What is older than a day keeps one change of each item a second.
  const old = sum(late.writes.client.slice(0, 2));
  assert.ok(old >= 10 && old <= 41, `${old}`);
  assert.equal(sum(late.writes.client.slice(2, -2)), 0, 'nothing was written in between');

  const from = new Date(Date.parse(late.to) - 3_600_000).toISOString();
  assert.equal(sum((await (await fetch(admin(`tables/busy/activity?from=${from}`))).json()).writes.client), 7);
  for (const wrong of ['points=0', 'points=2001', 'from=never', 'colour=red', `from=${late.to}&to=${early.from}`]) {
    assert.equal((await fetch(admin(`tables/busy/activity?${wrong}`))).status, 400, wrong);
  }
  assert.equal((await fetch(admin('tables/nobody/activity'))).status, 404);
});
