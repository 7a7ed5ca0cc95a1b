// Transactions through the AWS SDK for JavaScript v3, with its default settings, and through its document client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand,
  DynamoDBClient,
  IdempotentParameterMismatchException,
  PutItemCommand,
  ResourceNotFoundException,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  TransactionCanceledException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { clientConfig, startServer } from '../support/server.mjs';

let server;
let client;
let documents;
const [Users, Emails] = ['Users', 'Emails'];

before(async () => {
  server = await startServer();
  client = new DynamoDBClient(clientConfig(server.endpoint));
  documents = DynamoDBDocumentClient.from(client);
  for (const TableName of [Users, Emails]) {
    await client.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName });
  }
});

after(async () => {
  client?.destroy();
  const { code } = await server.stop();
  assert.equal(code, 0, 'a drained server exits with 0');
});

const signUp = (name, email) =>
  documents.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName: Users, Item: { pk: name, email, logins: 0 }, ConditionExpression: 'attribute_not_exists(pk)' } },
        {
          Put: {
            TableName: Emails,
            Item: { pk: email, name },
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ],
    }),
  );

test('a unique address: two items or none', async () => {
  await signUp('ann', 'a@example.org');
  await assert.rejects(signUp('bob', 'a@example.org'), (error) => {
    assert.ok(error instanceof TransactionCanceledException);
    assert.equal(
      error.message,
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    );
    assert.deepEqual(error.CancellationReasons, [
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { pk: { S: 'a@example.org' }, name: { S: 'ann' } },
      },
    ]);
    return true;
  });
  assert.equal((await documents.send(new GetCommand({ TableName: Users, Key: { pk: 'bob' } }))).Item, undefined);
  const { Responses } = await documents.send(
    new TransactGetCommand({
      TransactItems: [
        { Get: { TableName: Users, Key: { pk: 'ann' }, ProjectionExpression: 'email' } },
        { Get: { TableName: Users, Key: { pk: 'bob' } } },
        { Get: { TableName: Emails, Key: { pk: 'a@example.org' } } },
      ],
    }),
  );
  assert.deepEqual(Responses, [{ Item: { email: 'a@example.org' } }, {}, { Item: { pk: 'a@example.org', name: 'ann' } }]);
});

test('a repeated token does nothing, with other parameters it is refused', async () => {
  await client.send(new PutItemCommand({ TableName: Users, Item: { pk: { S: 'eve' }, logins: { N: '0' } } }));
  const login = (by) =>
    new TransactWriteItemsCommand({
      ClientRequestToken: 'login-of-eve',
      ReturnConsumedCapacity: 'TOTAL',
      TransactItems: [
        {
          Update: {
            TableName: Users,
            Key: { pk: { S: 'eve' } },
            UpdateExpression: 'ADD logins :n',
            ExpressionAttributeValues: { ':n': { N: by } },
          },
        },
      ],
    });
  const units = async () => (await client.send(login('1'))).ConsumedCapacity;
  assert.deepEqual(await units(), [{ TableName: Users, CapacityUnits: 2, WriteCapacityUnits: 2 }]);
  assert.deepEqual(await units(), [{ TableName: Users, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
  await assert.rejects(client.send(login('2')), (error) => error instanceof IdempotentParameterMismatchException);
  const { Item } = await documents.send(new GetCommand({ TableName: Users, Key: { pk: 'eve' } }));
  assert.equal(Item.logins, 1);
});

test('the SDK gives every transaction a token of its own', async () => {
  const command = () =>
    new TransactWriteItemsCommand({
      TransactItems: [
        {
          Update: {
            TableName: Users,
            Key: { pk: { S: 'counter' } },
            UpdateExpression: 'ADD n :n',
            ExpressionAttributeValues: { ':n': { N: '1' } },
          },
        },
      ],
    });
  await client.send(command());
  await client.send(command());
  assert.equal((await documents.send(new GetCommand({ TableName: Users, Key: { pk: 'counter' } }))).Item.n, 2);
});

test('parallel transactions on one item: each happens or says that it met another', async () => {
  const increment = () =>
    documents.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Update: {
              TableName: Users,
              Key: { pk: 'hot' },
              UpdateExpression: 'ADD n :n',
              ExpressionAttributeValues: { ':n': 1 },
            },
          },
        ],
      }),
    );
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, increment));
  const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
  for (const { reason } of outcomes.filter(({ status }) => status === 'rejected')) {
    assert.equal(reason.name, 'TransactionCanceledException');
    assert.deepEqual(reason.CancellationReasons, [
      { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
    ]);
  }
  assert.ok(done > 0);
  assert.equal((await documents.send(new GetCommand({ TableName: Users, Key: { pk: 'hot' } }))).Item.n, done);
});

test('refusals of the request itself', async () => {
  const put = { Put: { TableName: Users, Item: { pk: { S: 'x' } } } };
  const cases = [
    [
      new TransactWriteItemsCommand({ TransactItems: [] }),
      "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length " +
        'greater than or equal to 1',
    ],
    [
      new TransactWriteItemsCommand({ TransactItems: [put, put] }),
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      new TransactWriteItemsCommand({ TransactItems: [{ ...put, Delete: { TableName: Users, Key: { pk: { S: 'x' } } } }] }),
      'TransactItems can only contain one of Check, Put, Update or Delete',
    ],
    [
      new TransactGetItemsCommand({
        TransactItems: Array.from({ length: 101 }, (_, i) => ({ Get: { TableName: Users, Key: { pk: { S: `${i}` } } } })),
      }),
      /^1 validation error detected: Value '\[TransactGetItem\(get=Get\(.+\]' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100$/,
    ],
  ];
  for (const [command, message] of cases) {
    await assert.rejects(client.send(command), { name: 'ValidationException', message });
  }
  await assert.rejects(
    client.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: 'nowhere', Key: { pk: { S: 'x' } } } }] })),
    (error) => error instanceof ResourceNotFoundException && error.message === 'Requested resource not found',
  );
});
