// Bulk operations with the AWS SDK for JavaScript of a version that knows them, as it comes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CancelBulkOperationCommand,
  CreateTableCommand,
  DescribeBulkOperationCommand,
  DynamoDBClient,
  ListBulkOperationsCommand,
  PutItemCommand,
  ScanCommand,
  StartBulkPutItemsCommand,
} from 'client-dynamodb-newest';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer, until } from '../support/server.mjs';

let server;
let dynamodb;
let s3;

before(async () => {
  server = await startServer();
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
});

after(() => server.stop());

async function createTable(TableName) {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
}

const put = (Key, records) =>
  s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: records.map((one) => `${JSON.stringify(one)}\n`).join('') }));

const request = (TableName, S3KeyPrefix, more = {}) => ({
  TableName,
  InputS3Configuration: { S3Bucket: 'lake', S3KeyPrefix, InputFormat: 'DYNAMODB_JSON' },
  OutputS3Configuration: { S3Bucket: 'lake', S3KeyPrefix: 'out', OutputType: ['ERROR', 'CONDITION_CHECK_FAILURE'] },
  ...more,
});

async function describe(BulkOperationArn) {
  return (await dynamodb.send(new DescribeBulkOperationCommand({ BulkOperationArn }))).BulkOperationDescription;
}

async function finish(arn) {
  await until(async () => !['IN_PROGRESS', 'CANCELLING'].includes((await describe(arn)).BulkOperationStatus), 'the operation');
  return describe(arn);
}

async function readLines(Key) {
  const object = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }));
  return (await object.Body.transformToString()).split('\n').filter(Boolean).map(JSON.parse);
}

test('items are put, refused and judged by their conditions, and the reports tell of it', async () => {
  await createTable('Live');
  await dynamodb.send(new PutItemCommand({ TableName: 'Live', Item: { pk: { S: 'there' }, v: { S: 'old' } } }));
  await put('in/a', [
    { Item: { pk: { S: 'new' }, v: { S: 'put' } } },
    { Item: { v: { S: 'no key' } } },
    { Item: { pk: { S: 'there' }, v: { S: 'never' } }, ConditionExpression: 'attribute_not_exists(pk)' },
  ]);
  const { BulkOperationDescription: started } = await dynamodb.send(new StartBulkPutItemsCommand(request('Live', 'in/')));
  assert.equal(started.BulkOperationStatus, 'IN_PROGRESS');
  assert.ok(started.StartTime instanceof Date);
  assert.ok(started.ClientToken, 'the SDK makes one');
  const ended = await finish(started.BulkOperationArn);
  assert.equal(ended.BulkOperationStatus, 'COMPLETED_WITH_ERRORS');
  assert.deepEqual([ended.ProcessedItemCount, ended.FailedItemCount].map(Number), [3, 1]);
  const { Items } = await dynamodb.send(new ScanCommand({ TableName: 'Live' }));
  assert.deepEqual(Object.fromEntries(Items.map((one) => [one.pk.S, one.v.S])), { new: 'put', there: 'old' });

  const folder = `out/AWSDynamoDB/${started.BulkOperationArn.split('/').pop()}/`;
  const [error] = await readLines(`${folder}errors.json`);
  assert.deepEqual(error.itemS3Pointer, { bucket: 'lake', key: 'in/a', itemIndex: 1 });
  const [failure] = await readLines(`${folder}condition-check-failures.json`);
  assert.deepEqual([failure.Item.v.S, failure.ExistingItem.v.S], ['never', 'old']);
});

test('operations are listed, newest first', async () => {
  await createTable('Listed');
  await put('empty/a', [{ Item: { pk: { S: 'a' } } }]);
  const arns = [];
  for (let n = 0; n < 3; n += 1) {
    const started = await dynamodb.send(new StartBulkPutItemsCommand(request('Listed', 'empty/')));
    arns.unshift(started.BulkOperationDescription.BulkOperationArn);
    await finish(arns[0]);
  }
  const { BulkOperationsSummaryList } = await dynamodb.send(new ListBulkOperationsCommand({}));
  const listed = BulkOperationsSummaryList.map((one) => one.BulkOperationArn);
  // Ids sort by the time when the operations began.
  assert.deepEqual(listed.filter((arn) => arn.includes('table/Listed/')), arns.toSorted().reverse());
});

test('one that is cancelled ends, and what was put stays', async () => {
  await createTable('Cancelled');
  await put('many/a', Array.from({ length: 20_000 }, (_, n) => ({ Item: { pk: { S: `${n}` } } })));
  const { BulkOperationDescription: started } = await dynamodb.send(
    new StartBulkPutItemsCommand(request('Cancelled', 'many/', { MaxWriteRequestUnits: 1_024 })),
  );
  await until(async () => Number((await describe(started.BulkOperationArn)).ProcessedItemCount) > 0, 'the first items');
  const asked = await dynamodb.send(new CancelBulkOperationCommand({ BulkOperationArn: started.BulkOperationArn }));
  assert.equal(asked.BulkOperationArn, started.BulkOperationArn);
  assert.equal(asked.BulkOperationStatus, 'CANCELLING');
  const ended = await finish(started.BulkOperationArn);
  assert.equal(ended.BulkOperationStatus, 'CANCELLED');
  const { Count } = await dynamodb.send(new ScanCommand({ TableName: 'Cancelled', Select: 'COUNT' }));
  assert.equal(Count, Number(ended.ProcessedItemCount));
  assert.ok(Count < 20_000);
});
