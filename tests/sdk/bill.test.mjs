// The bill of a run that sets AWS_SDK_UA_APP_ID and nothing else, as the AWS SDK for JavaScript v3 sends it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, startServer } from '../support/server.mjs';

const TableName = 'billed';
let server;

before(async () => {
  server = await startServer();
});
after(() => server.stop());

async function bill(query) {
  const answer = await fetch(`${server.endpoint}/_tidemark/bill${query}`);
  assert.equal(answer.status, 200);
  return answer.json();
}

test('requests carry the label of the run', async () => {
  const plain = new DynamoDBClient(clientConfig(server.endpoint));
  await plain.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  await waitUntilTableExists({ client: plain, maxWaitTime: 60 }, { TableName });
  await plain.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }));

  process.env.AWS_SDK_UA_APP_ID = 'nightly';
  const client = new DynamoDBClient(clientConfig(server.endpoint));
  const s3 = new S3Client({ ...clientConfig(server.s3Endpoint), forcePathStyle: true });
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'b' } } }));
  await client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'b' } } }));
  await s3.send(new CreateBucketCommand({ Bucket: 'billed' }));
  await s3.send(new PutObjectCommand({ Bucket: 'billed', Key: 'k', Body: 'bytes' }));
  delete process.env.AWS_SDK_UA_APP_ID;

  const { lines, usd } = await bill('?label=nightly');
  const found = lines.map((line) => [line.resource, line.operation, line.charge, line.quantity]).sort();
  assert.deepEqual(found, [
    ['billed', 'CreateBucket', 's3-writes', 1],
    ['billed', 'GetItem', 'read-request-units', 0.5],
    ['billed', 'PutItem', 'write-request-units', 1],
    ['billed', 'PutObject', 's3-writes', 1],
  ]);
  assert.ok(Math.abs(usd - (2 * 0.000005 + 0.5 * 0.000000125 + 0.000000625)) < 1e-12);
  const all = await bill('');
  assert.equal(all.lines.find((line) => line.operation === 'PutItem').quantity, 2);
  for (const one of [plain, client, s3]) one.destroy();
});
