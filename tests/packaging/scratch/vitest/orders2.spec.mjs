import { expect, test } from 'vitest';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3';
import { running } from 'tidemark';

// The code under test names no endpoint.
const client = new DynamoDBClient();

test('a table of the same name as in the other file', async () => {
  expect(await client.config.region()).toBe('us-east-1');
  const worker = process.env.AWS_ACCESS_KEY_ID;
  expect(worker).toMatch(/^\d{12}$/);
  const name = `Orders${worker}`;
  const { TableNames } = await client.send(new ListTablesCommand({}));
  expect(TableNames.filter((other) => other !== name)).toEqual([]);
  if (!TableNames.includes(name)) {
    await client.send(new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }));
  }
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([name]);
});

test('the object store and the clock are there', async () => {
  expect((await new S3Client().send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
  expect(await running().clock.now()).toBeInstanceOf(Date);
});
