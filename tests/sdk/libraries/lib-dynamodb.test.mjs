// An application over the document client alone (@aws-sdk/lib-dynamodb, both of its forms, with default settings): tickets that
// are sold once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DynamoDB,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocument,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { startApplication } from '../../support/application.mjs';
import { clientConfig, until } from '../../support/server.mjs';

const TableName = 'Tickets';
let application;
let documents;
let short;

before(async () => {
  application = await startApplication();
  documents = DynamoDBDocumentClient.from(application.client);
  short = DynamoDBDocument.from(new DynamoDB(clientConfig(application.server.endpoint)));
  await application.createTable({
    TableName,
    AttributeDefinitions: [
      { AttributeName: 'event', AttributeType: 'S' },
      { AttributeName: 'seat', AttributeType: 'N' },
      { AttributeName: 'holder', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'event', KeyType: 'HASH' },
      { AttributeName: 'seat', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byHolder',
        KeySchema: [{ AttributeName: 'holder', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['price'] },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    Tags: [{ Key: 'app', Value: 'tickets' }],
  });
  await application.client.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'heldUntil' } }),
  );
});

after(async () => {
  short.destroy();
  await application.stop();
});

test('every type that the document client knows', async () => {
  const item = {
    event: 'types',
    seat: 1,
    text: 'ä€😀',
    empty: '',
    yes: true,
    nothing: null,
    list: [1, 'a', [true], {}],
    map: { deep: { deeper: [{ deepest: null }] } },
    strings: new Set(['b', 'a']),
    numbers: new Set([2, 1]),
    blobs: new Set([Uint8Array.of(0), Uint8Array.of(255)]),
    blob: Uint8Array.of(1, 2, 3),
    big: 12345678901234567890n,
    exact: NumberValue.from('1234567890.12345678901234567890123456'),
  };
  await short.put({ TableName, Item: item });
  const key = { event: 'types', seat: 1 };
  const exactly = DynamoDBDocument.from(new DynamoDB(clientConfig(application.server.endpoint)), {
    unmarshallOptions: { wrapNumbers: true },
  });
  const { Item } = await exactly.get({ TableName, Key: key });
  exactly.destroy();
  assert.equal(Item.big.value, '12345678901234567890');
  assert.equal(Item.exact.value, '1234567890.12345678901234567890123456');
  const { Item: plain } = await short.get({
    TableName,
    Key: key,
    ProjectionExpression: '#list, #map.deep.deeper[0], strings, numbers, blobs, #blob, #text, #empty, yes, nothing',
    ExpressionAttributeNames: { '#list': 'list', '#map': 'map', '#blob': 'blob', '#text': 'text', '#empty': 'empty' },
  });
  const { event, seat, big, exact, ...rest } = item;
  assert.deepEqual(plain, { ...rest, blobs: new Set([Uint8Array.of(0), Uint8Array.of(255)]) });
});

test('batches, pages and an index', async () => {
  const seats = Array.from({ length: 40 }, (_, n) => ({ event: 'show', seat: n + 1, price: 10 + (n % 3), unsold: true }));
  for (const some of [seats.slice(0, 25), seats.slice(25)]) {
    const { UnprocessedItems } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: some.map((Item) => ({ PutRequest: { Item } })) } }),
    );
    assert.deepEqual(UnprocessedItems, {});
  }
  const pages = [];
  for await (const page of paginateQuery(
    { client: documents, pageSize: 15 },
    { TableName, KeyConditionExpression: 'event = :e', ExpressionAttributeValues: { ':e': 'show' }, ScanIndexForward: false },
  )) {
    pages.push(page.Items.map(({ seat }) => seat));
  }
  assert.deepEqual(pages.map(({ length }) => length), [15, 15, 10]);
  assert.deepEqual(pages.flat(), seats.map(({ seat }) => seat).reverse());
  let cheap = 0;
  for await (const page of paginateScan(
    { client: documents },
    { TableName, FilterExpression: 'price BETWEEN :a AND :b', ExpressionAttributeValues: { ':a': 10, ':b': 11 } },
  )) {
    cheap += page.Count;
  }
  assert.equal(cheap, 27);
  const { Responses, UnprocessedKeys } = await documents.send(
    new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [1, 2, 99].map((seat) => ({ event: 'show', seat })) } } }),
  );
  assert.equal(Responses[TableName].length, 2);
  assert.deepEqual(UnprocessedKeys, {});
});

const sell = (holder, seats) =>
  documents.send(
    new TransactWriteCommand({
      TransactItems: seats.map((seat) => ({
        Update: {
          TableName,
          Key: { event: 'show', seat },
          UpdateExpression: 'SET holder = :h REMOVE unsold',
          ConditionExpression: 'attribute_not_exists(holder)',
          ExpressionAttributeValues: { ':h': holder },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      })),
    }),
  );

test('a seat is sold once, however many want it', async () => {
  const wishes = Array.from({ length: 12 }, (_, n) => [`p${n}`, [1 + (n % 4), 2 + (n % 4)]]);
  const outcomes = await Promise.allSettled(wishes.map(([holder, seats]) => sell(holder, seats)));
  for (const { reason } of outcomes.filter(({ status }) => status === 'rejected')) {
    assert.equal(reason.name, 'TransactionCanceledException');
    assert.ok(reason.CancellationReasons.some(({ Code }) => ['ConditionalCheckFailed', 'TransactionConflict'].includes(Code)));
  }
  const sold = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [wishes[n]] : []));
  assert.ok(sold.length > 0);
  for (const [holder, seats] of sold) {
    const { Items } = await documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'byHolder',
        KeyConditionExpression: 'holder = :h',
        ExpressionAttributeValues: { ':h': holder },
      }),
    );
    assert.deepEqual(Items.map(({ seat }) => seat).sort(), seats);
    assert.ok(Items.every((item) => item.price && !('unsold' in item)));
  }
  const [[first, seats]] = sold;
  await assert.rejects(sell('late', seats), (error) => {
    assert.deepEqual(error.CancellationReasons.map(({ Code }) => Code), ['ConditionalCheckFailed', 'ConditionalCheckFailed']);
    assert.equal(error.CancellationReasons[0].Item.holder.S, first);
    return true;
  });
});

test('a held seat comes free again by its time', async () => {
  const heldUntil = Math.floor(Date.now() / 1000) + 600;
  await documents.send(new PutCommand({ TableName, Item: { event: 'show', seat: 1000, heldUntil } }));
  const { Attributes } = await documents.send(
    new UpdateCommand({
      TableName,
      Key: { event: 'show', seat: 1000 },
      UpdateExpression: 'SET renewals = if_not_exists(renewals, :zero) + :one',
      ExpressionAttributeValues: { ':zero': 0, ':one': 1 },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  assert.deepEqual(Attributes, { renewals: 1 });
  await application.advance('PT1H');
  await until(
    async () => !(await documents.send(new GetCommand({ TableName, Key: { event: 'show', seat: 1000 } }))).Item,
    'the held seat to go',
  );
  const changes = (await application.changes(TableName)).filter((change) => (change.new ?? change.old).seat === 1000);
  assert.deepEqual(changes.map(({ event, by }) => [event, by]), [
    ['INSERT', undefined],
    ['MODIFY', undefined],
    ['REMOVE', 'dynamodb.amazonaws.com'],
  ]);
});

test('tags are added and taken away', async () => {
  const ResourceArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Tickets';
  await application.client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'stage', Value: 'test' }] }));
  await application.client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['app'] }));
  const { Tags } = await application.client.send(new ListTagsOfResourceCommand({ ResourceArn }));
  assert.deepEqual(Tags, [{ Key: 'stage', Value: 'test' }]);
});
