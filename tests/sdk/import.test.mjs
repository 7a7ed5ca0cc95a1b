// Imports of what ion-js writes, and their error log through the client of CloudWatch Logs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import ion from 'ion-js';
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  GetLogEventsCommand,
  paginateDescribeLogStreams,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeImportCommand, DynamoDBClient, ImportTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer, until } from '../support/server.mjs';

const group = '/aws-dynamodb/imports';
let server;
let dynamodb;
let logs;
let s3;

before(async () => {
  server = await startServer();
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  logs = new CloudWatchLogsClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
});

after(() => server.stop());

// The description of an import of one object into a table of its own.
async function load(TableName, Body, options) {
  await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: TableName, Body }));
  const { ImportTableDescription: begun } = await dynamodb.send(
    new ImportTableCommand({
      S3BucketSource: { S3Bucket: 'lake', S3KeyPrefix: TableName },
      TableCreationParameters: {
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      },
      ...options,
    }),
  );
  let ended;
  await until(async () => {
    ({ ImportTableDescription: ended } = await dynamodb.send(new DescribeImportCommand({ ImportArn: begun.ImportArn })));
    return ended.ImportStatus !== 'IN_PROGRESS';
  }, 'the import');
  return ended;
}

// Writes items, each in a struct of its own at the top or all in one list.
function write(writer, items, inList) {
  if (inList) writer.stepIn(ion.IonTypes.LIST);
  for (const fields of items) {
    writer.stepIn(ion.IonTypes.STRUCT);
    writer.writeFieldName('Item');
    writer.stepIn(ion.IonTypes.STRUCT);
    for (const [name, writeValue] of Object.entries(fields)) {
      writer.writeFieldName(name);
      writeValue(writer);
    }
    writer.stepOut();
    writer.stepOut();
  }
  if (inList) writer.stepOut();
  writer.close();
  return writer.getBytes();
}

const inside = (type, annotations, values) => (writer) => {
  if (annotations.length > 0) writer.setAnnotations(annotations);
  writer.stepIn(type);
  for (const value of values) value(writer);
  writer.stepOut();
};
const string = (text) => (writer) => writer.writeString(text);
const decimal = (text) => (writer) => writer.writeDecimal(new ion.Decimal(text));
const blob = (bytes) => (writer) => writer.writeBlob(Uint8Array.from(bytes));

const hostile = '\'"\\`${}[]()//,;:\r\n\t\u0000\u001f\u007f\u2028é😀';
const ionItems = [
  {
    pk: string('all'),
    'a name \'with" quotes': string(hostile),
    long: string('x'.repeat(100_000)),
    int: (writer) => writer.writeInt(-1234567890123),
    decimal: decimal('12.50'),
    tiny: decimal('1d-130'),
    float: (writer) => writer.writeFloat64(0.1),
    binary: blob([0, 1, 255]),
    yes: (writer) => writer.writeBoolean(true),
    no: (writer) => writer.writeBoolean(false),
    nothing: (writer) => writer.writeNull(ion.IonTypes.NULL),
    strings: inside(ion.IonTypes.LIST, ['$dynamodb_SS'], [string('b'), string('a')]),
    numbers: inside(ion.IonTypes.LIST, ['$dynamodb_NS'], [decimal('2.'), decimal('1.')]),
    binaries: inside(ion.IonTypes.LIST, ['$dynamodb_BS'], [blob([1])]),
    list: inside(ion.IonTypes.LIST, [], [string('x'), inside(ion.IonTypes.LIST, [], [])]),
    map: (writer) => {
      writer.stepIn(ion.IonTypes.STRUCT);
      writer.writeFieldName('b');
      writer.writeInt(1);
      writer.writeFieldName('');
      writer.writeString('');
      writer.stepOut();
    },
  },
  { pk: string('other') },
];
const storedItems = [
  {
    pk: { S: 'all' },
    'a name \'with" quotes': { S: hostile },
    long: { S: 'x'.repeat(100_000) },
    int: { N: '-1234567890123' },
    decimal: { N: '12.5' },
    tiny: { N: `0.${'0'.repeat(129)}1` },
    float: { N: '0.1' },
    binary: { B: Uint8Array.from([0, 1, 255]) },
    yes: { BOOL: true },
    no: { BOOL: false },
    nothing: { NULL: true },
    strings: { SS: ['a', 'b'] },
    numbers: { NS: ['1', '2'] },
    binaries: { BS: [Uint8Array.from([1])] },
    list: { L: [{ S: 'x' }, { L: [] }] },
    map: { M: { b: { N: '1' }, '': { S: '' } } },
  },
  { pk: { S: 'other' } },
];

const writers = { text: ion.makeTextWriter, pretty: ion.makePrettyWriter, binary: ion.makeBinaryWriter };
const compressions = { NONE: (bytes) => bytes, GZIP: gzipSync, ZSTD: (input) => execFileSync('zstd', ['-q', '-c'], { input }) };

for (const [form, makeWriter] of Object.entries(writers)) {
  for (const [InputCompressionType, compress] of Object.entries(compressions)) {
    for (const inList of [false, true]) {
      test(`Ion that ion-js writes: ${form}, ${inList ? 'in a list' : 'one after the other'}, ${InputCompressionType}`, async () => {
        const table = `ion-${form}-${InputCompressionType}-${inList}`;
        const bytes = write(makeWriter(), ionItems, inList);
        const ended = await load(table, compress(bytes), { InputFormat: 'ION', InputCompressionType });
        assert.deepEqual([ended.ImportStatus, ended.ImportedItemCount, ended.ErrorCount], ['COMPLETED', 2, 0]);
        assert.equal(ended.ProcessedSizeBytes, bytes.length);
        const { Items } = await dynamodb.send(new ScanCommand({ TableName: table }));
        assert.deepEqual(Items.sort((a, b) => a.pk.S.localeCompare(b.pk.S)), storedItems);
      });
    }
  }
}

test('the errors of a CSV file, read by the client of CloudWatch Logs', async () => {
  const rows = ['pk;n', ...Array.from({ length: 25 }, (_, n) => (n % 5 === 0 ? ';x' : `p${n};x`))].join('\r\n');
  const ended = await load('refused', rows, {
    InputFormat: 'CSV',
    InputFormatOptions: { Csv: { Delimiter: ';' } },
  });
  assert.deepEqual([ended.ImportStatus, ended.ImportedItemCount, ended.ErrorCount], ['FAILED', 20, 5]);
  assert.deepEqual(ended.InputFormatOptions, { Csv: { Delimiter: ';' } });
  const logStreamName = `${ended.ImportArn.split('/').at(-1)}/error`;

  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  assert.deepEqual(logGroups.map(({ arn }) => arn), [ended.CloudWatchLogGroupArn]);
  const streams = [];
  for await (const page of paginateDescribeLogStreams({ client: logs }, { logGroupName: group })) {
    streams.push(...page.logStreams.map((stream) => stream.logStreamName));
  }
  assert.ok(streams.includes(logStreamName));

  const { events } = await logs.send(new GetLogEventsCommand({ logGroupName: group, logStreamName, startFromHead: true }));
  const pointers = events.map(({ message }) => JSON.parse(message).itemS3Pointer);
  assert.deepEqual(pointers, [0, 5, 10, 15, 20].map((itemIndex) => ({ bucket: 'lake', key: 'refused', itemIndex })));
  const filtered = [];
  const logGroupIdentifier = ended.CloudWatchLogGroupArn.replace(/:\*$/, '');
  const pages = paginateFilterLogEvents({ client: logs, pageSize: 2 }, { logGroupIdentifier, logStreamNames: [logStreamName] });
  for await (const page of pages) filtered.push(...page.events);
  assert.deepEqual(filtered.map(({ message }) => message), events.map(({ message }) => message));
});
