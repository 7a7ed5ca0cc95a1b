// An export in CSV (--extensions csv-export) read with SQL: DuckDB must find what the table holds.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer, until } from '../support/server.mjs';

const directory = mkdtempSync(path.join(tmpdir(), 'tidemark-csv-'));
let server;
let dynamodb;
let s3;

before(async () => {
  server = await startServer({ args: ['--extensions', 'csv-export'] });
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
});

after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

// Hostile texts in every third item; a tag list in every fifth.
const count = 400;
const note = (n) => (n % 3 ? `note ${n}` : `"${n}", said\r\nshe; ünïcode`);
const item = (n) => ({
  id: { S: `s${n}` },
  n: { N: `${n * 1.5}` },
  note: { S: note(n) },
  ...(n % 5 ? {} : { tags: { L: [{ S: `a,"${n}"` }, { N: `${n}` }] }, done: { BOOL: true } }),
});

test('DuckDB reads an export in CSV, quotes and line ends included', async () => {
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: 'Sales',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Sales',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  for (let begin = 0; begin < count; begin += 25) {
    const puts = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: item(begin + i) } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { Sales: puts } }));
  }
  const { ExportDescription } = await dynamodb.send(
    new ExportTableToPointInTimeCommand({ TableArn: TableDescription.TableArn, S3Bucket: 'lake', ExportFormat: 'CSV' }),
  );
  const { ExportArn } = ExportDescription;
  const described = async () => (await dynamodb.send(new DescribeExportCommand({ ExportArn }))).ExportDescription;
  await until(async () => (await described()).ExportStatus !== 'IN_PROGRESS', 'the export');
  const ended = await described();
  assert.equal(ended.ExportStatus, 'COMPLETED');
  assert.equal(ended.ItemCount, count);

  const Prefix = ended.ExportManifest.replace('manifest-summary.json', 'data/');
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix }));
  mkdirSync(path.join(directory, 'data'));
  for (const { Key } of Contents) {
    const object = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
    writeFileSync(path.join(directory, 'data', path.basename(Key)), await object.Body.transformToByteArray());
  }

  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const files = path.join(directory, 'data', '*.csv.gz');
  const columns = "{'id': 'VARCHAR', 'done': 'BOOLEAN', 'n': 'DOUBLE', 'note': 'VARCHAR', 'tags': 'VARCHAR'}";
  const table = `read_csv('${files}', header = true, quote = '"', escape = '"', columns = ${columns})`;
  const reader = await connection.runAndReadAll(
    `SELECT id, done, n, note, tags ->> '$[0]' AS first, CAST(tags ->> '$[1]' AS INTEGER) AS second FROM ${table}`,
  );
  const rows = new Map(reader.getRowObjects().map((row) => [row.id, row]));
  assert.equal(rows.size, count);
  for (let n = 0; n < count; n += 1) {
    const tagged = n % 5 === 0;
    assert.deepEqual({ ...rows.get(`s${n}`) }, {
      id: `s${n}`,
      done: tagged ? true : null,
      n: n * 1.5,
      note: note(n),
      first: tagged ? `a,"${n}"` : null,
      second: tagged ? n : null,
    });
  }
  const sum = await connection.runAndReadAll(`SELECT sum(n) AS total FROM ${table}`);
  assert.equal(sum.getRowObjects()[0].total, (1.5 * count * (count - 1)) / 2);
  connection.closeSync();
});
