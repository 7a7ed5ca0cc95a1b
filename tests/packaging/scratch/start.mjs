// start() from a module: options, clients, the clock, reset, the end.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { connect, start } from 'tidemark';

const table = {
  TableName: 'Orders',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};
const namesAt = async ({ clientConfig }) =>
  (await new DynamoDBClient(clientConfig).send(new ListTablesCommand({}))).TableNames;

const server = await start();
const dynamodb = new DynamoDBClient(server.clientConfig);
await dynamodb.send(new CreateTableCommand(table));
await dynamodb.send(new PutItemCommand({ TableName: 'Orders', Item: { id: { S: 'a' } } }));
assert.deepEqual(await namesAt(server), ['Orders']);
const s3 = new S3Client({ ...server.clientConfig, endpoint: server.s3Endpoint });
await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
assert.equal((await s3.send(new ListBucketsCommand({}))).Buckets.length, 1);

const before = await server.clock.now();
const after = await server.clock.advance('P34D');
assert.ok(Math.abs(after - before - 34 * 86_400_000) < 60_000, `${before} ${after}`);
await server.clock.freeze();
assert.equal(+(await server.clock.now()), +(await server.clock.now()));
await server.clock.unfreeze();
assert.equal((await server.clock.set(new Date(+after + 3_600_000))) - after >= 3_600_000, true);
await assert.rejects(server.clock.advance('yesterday'), /clock answered 400/);

if (process.argv.includes('--reset')) {
  await server.reset();
  assert.deepEqual(await namesAt(server), []);
  assert.equal((await s3.send(new ListBucketsCommand({}))).Buckets?.length ?? 0, 0);
  const account = '000000000007';
  const other = new DynamoDBClient({ ...server.clientConfig, credentials: { accessKeyId: account, secretAccessKey: 'x' } });
  await other.send(new CreateTableCommand(table));
  await dynamodb.send(new CreateTableCommand(table));
  await server.reset(account);
  assert.deepEqual((await other.send(new ListTablesCommand({}))).TableNames, []);
  assert.deepEqual(await namesAt(connect({ endpoint: server.endpoint })), ['Orders']);
}
assert.deepEqual(await server.stop(), { code: 0, signal: null });
assert.deepEqual(await server.stop(), { code: 0, signal: null });

// What is in a folder is there again.
const dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'scratch-')), 'data');
const kept = await start({ dataDir, args: ['--log-level', 'warn'] });
await new DynamoDBClient(kept.clientConfig).send(new CreateTableCommand(table));
await kept.stop();
assert.ok(existsSync(path.join(dataDir, 'FORMAT')));
const again = await start({ dataDir });
assert.deepEqual(await namesAt(again), ['Orders']);
// A port that is taken, a wrong flag: the reason is in the error.
await assert.rejects(start({ port: again.port }), new RegExp(`${again.port}`));
await assert.rejects(start({ args: ['--no-such-flag'] }), /no-such-flag/);
await assert.rejects(start({ dataDir, inMemory: true }), /exclude each other/);
await again.stop();
rmSync(path.dirname(dataDir), { recursive: true });
console.log('started and stopped');
