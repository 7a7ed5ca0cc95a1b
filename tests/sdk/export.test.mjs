// An export read with SQL: DuckDB on the exported folder must agree with the table.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createHash } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer, until } from '../support/server.mjs';

const directory = mkdtempSync(path.join(tmpdir(), 'tidemark-export-'));
let server;
let dynamodb;
let s3;
const count = 500;

before(async () => {
  server = await startServer();
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
});

after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function exportTable(request) {
  const { ExportDescription } = await dynamodb.send(new ExportTableToPointInTimeCommand(request));
  assert.equal(ExportDescription.ExportStatus, 'IN_PROGRESS');
  const { ExportArn } = ExportDescription;
  await until(
    async () =>
      (await dynamodb.send(new DescribeExportCommand({ ExportArn }))).ExportDescription.ExportStatus !== 'IN_PROGRESS',
    'the export',
  );
  return (await dynamodb.send(new DescribeExportCommand({ ExportArn }))).ExportDescription;
}

const download = async (Key) => {
  const object = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
  return { bytes: Buffer.from(await object.Body.transformToByteArray()), etag: object.ETag.replaceAll('"', '') };
};

test('DuckDB reads an exported folder and agrees with the table', async () => {
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
  const items = Array.from({ length: count }, (_, i) => ({
    id: { S: `sale-${i}` },
    amount: { N: String(i) },
    country: { S: ['CH', 'DE', 'FR'][i % 3] },
  }));
  for (let i = 0; i < count; i += 25) {
    const requests = items.slice(i, i + 25).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { Sales: requests } }));
  }
  const moment = new Date(Date.now() + 1);
  await until(() => Date.now() > moment.getTime(), 'the clock');
  for (let i = 0; i < 100; ++i) {
    await dynamodb.send(new DeleteItemCommand({ TableName: 'Sales', Key: { id: { S: `sale-${i}` } } }));
  }

  const cases = [
    { why: 'now', ExportTime: undefined, first: 100 },
    { why: 'before the deletions', ExportTime: moment, first: 0 },
  ];
  for (const { why, ExportTime, first } of cases) {
    const description = await exportTable({ TableArn: TableDescription.TableArn, S3Bucket: 'lake', S3Prefix: why, ExportTime });
    assert.equal(description.ItemCount, count - first, why);
    const folder = path.join(directory, why);
    mkdirSync(folder);

    const summary = JSON.parse((await download(description.ExportManifest)).bytes);
    const { bytes: files } = await download(summary.manifestFilesS3Key);
    const lines = files.toString().trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(lines.length, 4, 'a file for each of the four partitions');
    for (const { dataFileS3Key, md5Checksum, etag } of lines) {
      const object = await download(dataFileS3Key);
      assert.equal(object.etag, etag);
      assert.equal(createHash('md5').update(object.bytes).digest('base64'), md5Checksum);
      writeFileSync(path.join(folder, path.basename(dataFileS3Key)), object.bytes);
    }
    for (const name of ['manifest-files', 'manifest-summary']) {
      const base = description.ExportManifest.replace('manifest-summary.json', name);
      const { bytes } = await download(`${base}.json`);
      assert.equal((await download(`${base}.md5`)).bytes.toString(), createHash('md5').update(bytes).digest('base64'));
    }

    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await connection.runAndReadAll(`
      SELECT Item.country.S AS country, count(*)::INT AS sales, sum(Item.amount.N::INT)::INT AS total
      FROM read_json('${folder}/*.json.gz', format = 'newline_delimited',
                     columns = {Item: 'STRUCT(id STRUCT(S VARCHAR), amount STRUCT(N VARCHAR), country STRUCT(S VARCHAR))'})
      GROUP BY country ORDER BY country`);
    const expected = ['CH', 'DE', 'FR'].map((country) => {
      const sold = items.filter((item, i) => i >= first && item.country.S === country);
      return [country, sold.length, sold.reduce((sum, item) => sum + Number(item.amount.N), 0)];
    });
    assert.deepEqual(reader.getRows(), expected, why);
  }

  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix: 'now/' }));
  assert.equal(Contents.length, 9, '_started, four data files, two manifests with their checksums');
});
