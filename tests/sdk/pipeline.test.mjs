// The pipeline of examples/ in JavaScript: it waits for the event of the last manifest, loads DuckDB file by file, and takes a file
// that failed alone again. The result is read with the SQL of docs/pipelines.md.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  DeleteBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { clientConfig, startServer } from '../support/server.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const directory = mkdtempSync(path.join(tmpdir(), 'tidemark-pipeline-'));
const count = 60;
const large = '12345678901234567890.12345678901234567'; // 37 digits
let server;
let port;
let dynamodb;
let s3;

const freePort = () => new Promise((resolve) => {
  const listener = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = listener.address();
    listener.close(() => resolve(free));
  });
});

before(async () => {
  port = await freePort();
  server = await startServer({ args: ['--s3-webhook', `http://127.0.0.1:${port}/`, '--log-level', 'off'] });
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  await dynamodb.send(new CreateTableCommand({
    TableName: 'Orders',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  }));
  await dynamodb.send(new UpdateContinuousBackupsCommand({
    TableName: 'Orders', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  }));
  for (let i = 0; i < count; ++i) {
    await dynamodb.send(new PutItemCommand({
      TableName: 'Orders',
      Item: { id: { S: `o-${i}` }, total: { N: String(i) }, country: { S: ['CH', 'DE', 'FR'][i % 3] }, large: { N: large } },
    }));
  }
  // As who takes the example has it: its packages beside it.
  copyFileSync(path.join(root, 'examples/pipeline/pipeline.mjs'), path.join(directory, 'pipeline.mjs'));
  symlinkSync(path.join(root, 'tests/node_modules'), path.join(directory, 'node_modules'));
});

after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

// The exit code and the lines that it printed.
function pipeline(...args) {
  const child = spawn(process.execPath, ['pipeline.mjs', '--database', 'orders.duckdb', ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, AWS_ENDPOINT_URL: server.endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
  let text = '';
  child.stdout.on('data', (piece) => (text += piece));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, lines: text.trimEnd().split('\n') })));
}

async function statuses(arn) {
  const { Items } = await dynamodb.send(new QueryCommand({
    TableName: 'PipelineFiles',
    KeyConditionExpression: '#export = :arn',
    ExpressionAttributeNames: { '#export': 'export' },
    ExpressionAttributeValues: { ':arn': { S: arn } },
  }));
  return Object.fromEntries(Items.map((item) => [item.file.S, `${item.status.S} ${item.attempts.N}`]));
}

async function rows(sql) {
  const instance = await DuckDBInstance.create(path.join(directory, 'orders.duckdb'));
  const connection = await instance.connect();
  const found = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  instance.closeSync();
  return found;
}

test('an event starts the work, every file is loaded once, and the SQL agrees with the table', async () => {
  // Without the event it would be asked again in ten minutes.
  const done = await pipeline('--table', 'Orders', '--bucket', 'lake', '--listen', String(port), '--poll-seconds', '600', '--parquet', 'orders.parquet');
  assert.equal(done.code, 0);
  assert.equal(done.lines.at(-1), '4 files done, 0 failed, 0 were done before or are with others');
  assert.deepEqual(new Set(Object.values(await statuses(done.lines[0]))), new Set(['DONE 1']));
  const expected = ['CH', 'DE', 'FR'].map((country, at) => [country, count / 3, Array.from({ length: count / 3 }, (_, i) => 3 * i + at).reduce((a, b) => a + b)]);
  for (const from of ['items', `'${directory}/orders.parquet'`]) {
    assert.deepEqual(await rows(`SELECT item->>'$.country.S' AS country, count(*)::INT, sum((item->>'$.total.N')::DECIMAL(38, 2))::INT
                                 FROM ${from} GROUP BY country ORDER BY country`), expected);
    // Documents are the items, exactly.
    const [[document]] = await rows(`SELECT item::VARCHAR FROM ${from} WHERE item->>'$.id.S' = 'o-4'`);
    assert.deepEqual(JSON.parse(document), { id: { S: 'o-4' }, total: { N: '4' }, country: { S: 'DE' }, large: { N: large } });
  }
});

test('a file that failed is taken alone again', async () => {
  const deny = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: '' }] };
  rmSync(path.join(directory, 'orders.duckdb'));
  const first = await pipeline('--table', 'Orders', '--bucket', 'lake', '--prefix', 'second', '--poll-seconds', '0.05');
  assert.equal(first.code, 0);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix: 'second/' }));
  const victim = Contents.map(({ Key }) => Key).find((key) => key.includes('/data/'));

  // The tasks of another run of the same export, which may not read one of its files.
  rmSync(path.join(directory, 'orders.duckdb'));
  for (const file of Object.keys(await statuses(first.lines[0]))) {
    await dynamodb.send(new PutItemCommand({ TableName: 'PipelineFiles', Item: { export: { S: first.lines[0] }, file: { S: file }, status: { S: 'PENDING' }, attempts: { N: '0' } } }));
  }
  deny.Statement[0].Resource = `arn:aws:s3:::lake/${victim}`;
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'lake', Policy: JSON.stringify(deny) }));
  const damaged = await pipeline('--export-arn', first.lines[0]);
  assert.equal(damaged.code, 1);
  assert.equal(damaged.lines.at(-1), '3 files done, 1 failed, 0 were done before or are with others');
  assert.equal((await statuses(first.lines[0]))[victim], 'FAILED 1');

  await s3.send(new DeleteBucketPolicyCommand({ Bucket: 'lake' }));
  const mended = await pipeline('--export-arn', first.lines[0]);
  assert.equal(mended.code, 0);
  assert.equal(mended.lines.at(-1), '1 files done, 0 failed, 3 were done before or are with others');
  assert.deepEqual(Object.values(await statuses(first.lines[0])).sort(), ['DONE 1', 'DONE 1', 'DONE 1', 'DONE 2']);
  assert.deepEqual(await rows('SELECT count(*)::INT FROM items'), [[count]]);
});
