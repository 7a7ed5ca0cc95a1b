#!/usr/bin/env node
// Takes a table from DynamoDB into DuckDB and a Parquet file, file by file.
//
//   AWS_ENDPOINT_URL=http://127.0.0.1:8000 node pipeline.mjs --table Orders --bucket lake --database orders.duckdb
//   AWS_ENDPOINT_URL=http://127.0.0.1:8000 node pipeline.mjs --export-arn arn:... --database orders.duckdb   # what is missing of it
//
// Without AWS_ENDPOINT_URL it runs against AWS as it is. It starts an export and waits for it, by asking or, with --listen PORT,
// for the event that its last manifest is written (tidemark serve --s3-webhook http://127.0.0.1:PORT/). It makes one task of each
// data file in the manifest, and writes down in a DynamoDB table how far each task is: who runs it again takes only the files
// that are not done.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeExportCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  PutItemCommand,
  ResourceInUseException,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';

const { values: options } = parseArgs({
  options: {
    table: { type: 'string' },
    bucket: { type: 'string' },
    prefix: { type: 'string' },
    'export-arn': { type: 'string' },
    database: { type: 'string' },
    parquet: { type: 'string' },
    listen: { type: 'string' },
    tasks: { type: 'string', default: '4' },
    'poll-seconds': { type: 'string', default: '10' },
  },
});
if (!options.database || (!options['export-arn'] && !(options.table && options.bucket))) {
  console.error('give --database, and --table and --bucket or --export-arn');
  process.exit(2);
}

const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({ forcePathStyle: Boolean(process.env.AWS_ENDPOINT_URL) });
const statusTable = 'PipelineFiles';
const leaseSeconds = 900; // after that a task that is RUNNING counts as lost

async function makeStatusTable() {
  try {
    await dynamodb.send(new CreateTableCommand({
      TableName: statusTable,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['export', 'file'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: 'export', KeyType: 'HASH' }, { AttributeName: 'file', KeyType: 'RANGE' }],
    }));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: statusTable });
}

async function startExport() {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: options.table }));
  const { ExportDescription } = await dynamodb.send(new ExportTableToPointInTimeCommand({
    TableArn: Table.TableArn, S3Bucket: options.bucket, S3Prefix: options.prefix,
  }));
  return ExportDescription.ExportArn;
}

// Resolves when an event tells of a last manifest. A pipeline on AWS has a queue or a function in this place.
const listen = (port) => new Promise((resolve) => {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    response.end();
    const keys = JSON.parse(text).Records.map((record) => record.s3.object.key);
    if (keys.some((key) => key.endsWith('/manifest-summary.json'))) resolve();
  }).listen(Number(port), '127.0.0.1');
  server.unref();
});

async function waitForExport(ExportArn, told) {
  let seconds = Number(options['poll-seconds']);
  for (;;) {
    const { ExportDescription } = await dynamodb.send(new DescribeExportCommand({ ExportArn }));
    if (ExportDescription.ExportStatus === 'COMPLETED') return ExportDescription;
    if (ExportDescription.ExportStatus === 'FAILED') {
      throw new Error(`the export failed: ${ExportDescription.FailureCode}: ${ExportDescription.FailureMessage}`);
    }
    // An event may be lost, and comes a moment before the export is COMPLETED: it only shortens the wait.
    await Promise.race([
      pause(seconds * 1000),
      ...(told && seconds > 1 ? [told.then(() => { seconds = 0.1; })] : []),
    ]);
  }
}

async function read(Bucket, Key, IfMatch) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, IfMatch }));
  return Buffer.from(await Body.transformToByteArray());
}

// The data files of an export: key, ETag, MD5 and number of items.
async function readManifest({ S3Bucket, ExportManifest }) {
  const summary = JSON.parse(await read(S3Bucket, ExportManifest));
  const lines = (await read(S3Bucket, summary.manifestFilesS3Key)).toString().split('\n');
  const files = lines.filter(Boolean).map((line) => JSON.parse(line));
  const count = files.reduce((sum, file) => sum + file.itemCount, 0);
  if (count !== summary.itemCount) throw new Error('the manifests contradict each other');
  return files;
}

// False where the condition of a write does not hold.
async function holds(command) {
  try {
    await dynamodb.send(command);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

// Makes a PENDING task of a file that is not known yet.
const register = (arn, key) => holds(new PutItemCommand({
  TableName: statusTable,
  Item: { export: { S: arn }, file: { S: key }, status: { S: 'PENDING' }, attempts: { N: '0' } },
  ConditionExpression: 'attribute_not_exists(#file)',
  ExpressionAttributeNames: { '#file': 'file' },
}));

// Whether the task is ours now: nobody has done it, and nobody is at it.
const claim = (arn, key) => holds(new UpdateItemCommand({
  TableName: statusTable,
  Key: { export: { S: arn }, file: { S: key } },
  UpdateExpression: 'SET #status = :running, lease_until = :until ADD attempts :one REMOVE #error',
  ConditionExpression: '#status IN (:pending, :failed) OR (#status = :running AND lease_until < :now)',
  ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
  ExpressionAttributeValues: {
    ':running': { S: 'RUNNING' },
    ':pending': { S: 'PENDING' },
    ':failed': { S: 'FAILED' },
    ':now': { N: String(Math.floor(Date.now() / 1000)) },
    ':until': { N: String(Math.floor(Date.now() / 1000) + leaseSeconds) },
    ':one': { N: '1' },
  },
}));

const report = (arn, key, status, error = '') => dynamodb.send(new UpdateItemCommand({
  TableName: statusTable,
  Key: { export: { S: arn }, file: { S: key } },
  UpdateExpression: 'SET #status = :status, #error = :error',
  ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
  ExpressionAttributeValues: { ':status': { S: status }, ':error': { S: error } },
}));

// The lines of one data file, which must be what the manifest says: the same object, the same bytes, as many items.
async function readLines(bucket, file) {
  const data = await read(bucket, file.dataFileS3Key, file.etag);
  if (createHash('md5').update(data).digest('base64') !== file.md5Checksum) throw new Error('other bytes than the manifest says');
  const text = gunzipSync(data).toString();
  const count = text.split('\n').length - 1;
  if (count !== file.itemCount) throw new Error(`${count} items, the manifest says ${file.itemCount}`);
  return text;
}

// Rows are documents with the file that they came from: a file that is loaded again replaces its rows.
async function loadFile(connection, scratch, key, text) {
  const quoted = (value) => `'${value.replaceAll("'", "''")}'`;
  const local = path.join(scratch, path.basename(key, '.gz'));
  writeFileSync(local, text);
  await connection.run('BEGIN');
  await connection.run(`DELETE FROM items WHERE file = ${quoted(key)}`);
  if (text) {
    await connection.run(`INSERT INTO items SELECT ${quoted(key)}, json->'Item' FROM read_json_objects(${quoted(local)},
                          format = 'newline_delimited')`);
  }
  await connection.run('COMMIT');
  rmSync(local);
}

const told = options.listen ? listen(options.listen) : undefined;
await makeStatusTable();
const arn = options['export-arn'] ?? (await startExport());
console.log(arn);
const description = await waitForExport(arn, told);
const files = await readManifest(description);
const mine = [];
for (const file of files) {
  await register(arn, file.dataFileS3Key);
  if (await claim(arn, file.dataFileS3Key)) mine.push(file);
}

const scratch = mkdtempSync(path.join(tmpdir(), 'pipeline-'));
const instance = await DuckDBInstance.create(options.database);
const connection = await instance.connect();
await connection.run('CREATE TABLE IF NOT EXISTS items (file VARCHAR, item JSON)');
let failed = 0;
let loading = Promise.resolve(); // the database takes one file at a time
const waiting = [...mine];
const work = async () => {
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    const key = file.dataFileS3Key;
    try {
      const text = await readLines(description.S3Bucket, file);
      const loaded = loading.then(() => loadFile(connection, scratch, key, text));
      loading = loaded.catch(() => connection.run('ROLLBACK'));
      await loaded;
      await report(arn, key, 'DONE');
    } catch (error) {
      failed += 1;
      await report(arn, key, 'FAILED', `${error.name}: ${error.message}`);
      console.error(`${key}: ${error.message}`);
    }
  }
};
await Promise.all(Array.from({ length: Number(options.tasks) }, work));
if (options.parquet && failed === 0) {
  await connection.run(`COPY (SELECT item FROM items) TO '${options.parquet.replaceAll("'", "''")}' (FORMAT parquet)`);
}
connection.closeSync();
instance.closeSync();
rmSync(scratch, { recursive: true });
console.log(`${mine.length - failed} files done, ${failed} failed, ${files.length - mine.length} were done before or are with others`);
process.exit(failed ? 1 : 0); // a wait for an event that has come may still be going on
