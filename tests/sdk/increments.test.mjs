// Incremental exports asked for by the AWS SDK; Ion read back by Amazon's own reader.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import ion from 'ion-js';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  ListExportsCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
  paginateListExports,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer, until } from '../support/server.mjs';

let server;
let dynamodb;
let s3;
let tableArn;
let window;

const OLD = { pk: { S: 'a"\n' }, sk: { N: '1' }, kept: { BOOL: true } };
const NEW = {
  pk: { S: 'a"\n' }, sk: { N: '1' }, 'my key': { N: '61600' }, null: { NULL: true }, small: { N: '0.000000025' },
  half: { N: '-12.5' }, zero: { N: '0' }, bytes: { B: new Uint8Array([0, 1, 255]) }, strings: { SS: ['ü', 'b'] },
  numbers: { NS: ['2.5', '1'] }, blobs: { BS: [new Uint8Array([1])] }, list: { L: [{ S: 'x' }, { N: '10' }, { NULL: true }] },
  map: { M: { z: { BOOL: false }, "it's": { S: 'v' } } }, big: { N: '12345678901234567890123456789012345678' },
};

const advance = async (duration) => Math.floor((await server.advance(duration)).getTime() / 1000);

before(async () => {
  server = await startServer();
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: 'Values',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  tableArn = TableDescription.TableArn;
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Values', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  const put = (Item) => dynamodb.send(new PutItemCommand({ TableName: 'Values', Item }));
  await put(OLD);
  await put({ ...OLD, sk: { N: '2' } });
  const begin = (await advance('PT2S')) - 1;
  await advance('PT15M');
  await put(NEW);
  await dynamodb.send(new DeleteItemCommand({ TableName: 'Values', Key: { pk: OLD.pk, sk: { N: '2' } } }));
  const end = (await advance('PT2S')) - 1;
  window = { ExportFromTime: new Date(begin * 1000), ExportToTime: new Date(end * 1000) };
});

after(() => server.stop());

async function lines(ExportFormat) {
  const { ExportDescription: started } = await dynamodb.send(
    new ExportTableToPointInTimeCommand({
      TableArn: tableArn, S3Bucket: 'lake', ExportType: 'INCREMENTAL_EXPORT', ExportFormat,
      IncrementalExportSpecification: { ...window, ExportViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  let description;
  await until(async () => {
    const answer = await dynamodb.send(new DescribeExportCommand({ ExportArn: started.ExportArn }));
    description = answer.ExportDescription;
    return description.ExportStatus !== 'IN_PROGRESS';
  }, 'the export');
  assert.equal(description.ExportStatus, 'COMPLETED');
  assert.deepEqual(description.IncrementalExportSpecification, { ...window, ExportViewType: 'NEW_AND_OLD_IMAGES' });
  const get = async (Key) => {
    const object = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
    return Buffer.from(await object.Body.transformToByteArray());
  };
  const summary = JSON.parse(await get(description.ExportManifest));
  const entries = (await get(summary.manifestFilesS3Key)).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  const texts = await Promise.all(entries.map(async (entry) => gunzipSync(await get(entry.dataFileS3Key)).toString()));
  return texts.join('').split('\n').filter((line) => line !== '');
}

// One text for each number, `125e-1`, whoever wrote it.
function normal(text) {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d*))?(?:E\+?(-?\d+))?$/.exec(text);
  const digits = (whole + fraction).replace(/^0+/, '');
  const coefficient = digits.replace(/0+$/, '');
  if (coefficient === '') return '0';
  return `${sign}${coefficient}e${Number(exponent) - fraction.length + digits.length - coefficient.length}`;
}

// What ion-js read, as an attribute value of DynamoDB.
function attribute(value) {
  const base64 = (blob) => Buffer.from(blob.uInt8ArrayValue()).toString('base64');
  const number = (decimal) => normal(decimal.decimalValue().toString());
  const [annotation] = value.getAnnotations();
  if (annotation === '$dynamodb_SS') return { SS: value.elements().map((member) => member.stringValue()) };
  if (annotation === '$dynamodb_NS') return { NS: value.elements().map(number) };
  if (annotation === '$dynamodb_BS') return { BS: value.elements().map(base64) };
  if (value.isNull()) return { NULL: true };
  switch (value.getType().name) {
    case 'string': return { S: value.stringValue() };
    case 'decimal': return { N: number(value) };
    case 'blob': return { B: base64(value) };
    case 'bool': return { BOOL: value.booleanValue() };
    case 'list': return { L: value.elements().map(attribute) };
    case 'struct': return { M: item(value) };
    default: throw new Error(`an Ion ${value.getType().name} is no attribute value`);
  }
}
const item = (struct) => Object.fromEntries(struct.fields().map(([name, value]) => [name, attribute(value)]));

const comparable = (value) =>
  JSON.parse(JSON.stringify(value), (name, part) => (name === 'N' ? normal(part) : name === 'NS' ? part.map(normal) : part));

test('ion-js reads from Ion what JSON says', async () => {
  const json = (await lines('DYNAMODB_JSON')).map((line) => JSON.parse(line));
  const text = await lines('ION');
  assert.equal(json.length, 2);
  assert.equal(text.length, 2);
  for (const line of text) {
    const record = ion.load(line).get('Record');
    const keys = item(record.get('Keys'));
    const same = json.find((other) => isDeepStrictEqual(comparable(other.Keys), keys));
    for (const part of ['OldImage', 'NewImage']) {
      const image = record.get(part);
      assert.deepEqual(image ? item(image) : undefined, same[part] && comparable(same[part]));
    }
    assert.equal(
      normal(record.get('Metadata', 'WriteTimestampMicros').decimalValue().toString()), normal(same.Metadata.WriteTimestampMicros.N));
  }
});

test('the paginator lists incremental exports', async () => {
  await lines('DYNAMODB_JSON');
  const found = [];
  for await (const page of paginateListExports({ client: dynamodb, pageSize: 1 }, { TableArn: tableArn })) {
    found.push(...page.ExportSummaries);
  }
  const { ExportSummaries } = await dynamodb.send(new ListExportsCommand({ TableArn: tableArn, MaxResults: 25 }));
  assert.deepEqual(found, ExportSummaries);
  assert.ok(found.length >= 3 && found.every((summary) => summary.ExportType === 'INCREMENTAL_EXPORT'));
});
