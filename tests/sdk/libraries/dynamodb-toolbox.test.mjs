// An application over dynamodb-toolbox: accounts and transfers in one table, moved by transactions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  $add,
  $append,
  $delete,
  $get,
  $remove,
  $set,
  $subtract,
  $sum,
  BatchDeleteRequest,
  BatchGetCommand,
  BatchGetRequest,
  BatchPutRequest,
  BatchWriteCommand,
  ConditionCheck,
  DeleteItemCommand,
  DeletePartitionCommand,
  Entity,
  GetItemCommand,
  GetTransaction,
  PutItemCommand,
  PutTransaction,
  QueryCommand,
  ScanCommand,
  Table,
  UpdateItemCommand,
  UpdateTransaction,
  any,
  boolean,
  executeBatchGet,
  executeBatchWrite,
  executeTransactGet,
  executeTransactWrite,
  isTransactionCancelled,
  item,
  list,
  map,
  number,
  record,
  set,
  string,
} from 'dynamodb-toolbox';
import { startApplication } from '../../support/application.mjs';
import { until } from '../../support/server.mjs';

const name = 'Bank';
let application;
let Bank;
let Account;
let Iban;

before(async () => {
  application = await startApplication();
  await application.createTable({
    TableName: name,
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: 'balance', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'byBalance',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'balance', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    Tags: [{ Key: 'app', Value: 'bank' }],
  });
  await application.client.send(
    new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { Enabled: true, AttributeName: 'closes' } }),
  );
  Bank = new Table({
    name,
    documentClient: DynamoDBDocumentClient.from(application.client),
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' },
    indexes: { byBalance: { type: 'local', sortKey: { name: 'balance', type: 'number' } } },
  });
  Account = new Entity({
    name: 'Account',
    table: Bank,
    schema: item({
      owner: string().key().savedAs('pk'),
      account: string().key().savedAs('sk'),
      balance: number().default(0),
      frozen: boolean().optional(),
      labels: set(string()).optional(),
      movements: list(map({ by: number() })).default([]),
      limits: record(string(), number()).optional(),
      extra: any().optional(),
      closes: number().optional(),
    }),
  });
  Iban = new Entity({
    name: 'Iban',
    table: Bank,
    schema: item({ iban: string().key().savedAs('pk'), kind: string().key().savedAs('sk').default('iban'), owner: string() }),
  });
});

after(() => application.stop());

const balanceOf = async (account) =>
  (await Account.build(GetItemCommand).key({ owner: 'ann', account }).options({ consistent: true }).send()).Item?.balance;

test('an item from its creation to its end', async () => {
  const put = (values) =>
    Account.build(PutItemCommand)
      .item({ owner: 'ann', account: 'main', ...values })
      .options({ condition: { attr: 'owner', exists: false }, capacity: 'INDEXES', metrics: 'SIZE' })
      .send();
  const { ConsumedCapacity, ItemCollectionMetrics } = await put({ balance: 100, labels: new Set(['a']), limits: { day: 50 } });
  assert.equal(ConsumedCapacity.CapacityUnits, 2, 'one for the table, one for the index');
  assert.deepEqual(ItemCollectionMetrics, { ItemCollectionKey: { pk: 'ann' }, SizeEstimateRangeGB: [0, 1] });
  await assert.rejects(put({}), { name: 'ConditionalCheckFailedException' });

  const { Attributes } = await Account.build(UpdateItemCommand)
    .item({
      owner: 'ann',
      account: 'main',
      balance: $sum($get('balance'), 5.25),
      labels: $add(new Set(['b'])),
      movements: $append([{ by: 5.25 }]),
      limits: { day: $subtract($get('limits.day'), 1), week: 300 },
      extra: $set({ note: '', empty: [], none: null }),
    })
    .options({ returnValues: 'ALL_NEW', condition: { attr: 'labels', contains: 'a' } })
    .send();
  assert.equal(Attributes.balance, 105.25);
  assert.deepEqual([...Attributes.labels].sort(), ['a', 'b']);
  assert.deepEqual(Attributes.movements, [{ by: 5.25 }]);
  assert.deepEqual(Attributes.limits, { day: 49, week: 300 });
  assert.deepEqual(Attributes.extra, { note: '', empty: [], none: null });
  await Account.build(UpdateItemCommand)
    .item({ owner: 'ann', account: 'main', labels: $delete(new Set(['a'])), movements: { 0: $remove() }, extra: $remove() })
    .send();
  const { Item } = await Account.build(GetItemCommand)
    .key({ owner: 'ann', account: 'main' })
    .options({ attributes: ['labels', 'movements', 'limits.day'] })
    .send();
  assert.deepEqual(Item, { labels: new Set(['b']), movements: [], limits: { day: 49 } });
});

test('queries, scans and batches', async () => {
  const accounts = Array.from({ length: 25 }, (_, n) => `a${String(n).padStart(2, '0')}`);
  const put = await executeBatchWrite(
    Bank.build(BatchWriteCommand).requests(
      ...accounts.map((account, n) => Account.build(BatchPutRequest).item({ owner: 'bob', account, balance: 100 - n })),
    ),
  );
  assert.deepEqual(put.UnprocessedItems ?? {}, {});
  const query = async (range, options = {}) =>
    (
      await Bank.build(QueryCommand)
        .entities(Account)
        .query({ partition: 'bob', ...range })
        .options(options)
        .send()
    ).Items.map(({ account }) => account);
  assert.deepEqual(await query({ range: { beginsWith: 'a0' } }, { reverse: true, limit: 3 }), ['a09', 'a08', 'a07']);
  assert.deepEqual(await query({ index: 'byBalance', range: { lt: 78 } }, { select: 'ALL_ATTRIBUTES' }), ['a24', 'a23']);
  assert.deepEqual(
    await query({}, { filters: { Account: { or: [{ attr: 'balance', eq: 90 }, { attr: 'balance', in: [80, 81] }] } }, maxPages: Infinity }),
    ['a10', 'a19', 'a20'],
  );
  const segments = await Promise.all(
    [0, 1, 2, 3].map((segment) => Bank.build(ScanCommand).entities(Account).options({ segment, totalSegments: 4, maxPages: Infinity }).send()),
  );
  assert.equal(segments.flatMap(({ Items }) => Items).length, 26);
  const { Responses } = await executeBatchGet(
    Bank.build(BatchGetCommand)
      .requests(...accounts.map((account) => Account.build(BatchGetRequest).key({ owner: 'bob', account })))
      .options({ consistent: true }),
  );
  assert.deepEqual(Responses[0].map(({ account }) => account), accounts);
  await executeBatchWrite(
    Bank.build(BatchWriteCommand).requests(Account.build(BatchDeleteRequest).key({ owner: 'bob', account: 'a00' })),
  );
  await Bank.build(DeletePartitionCommand).entities(Account).query({ partition: 'bob' }).send();
  assert.deepEqual(await query({}), []);
});

test('money moves by transaction, and a number is given once', async () => {
  const main = { owner: 'ann', account: 'main' };
  await executeTransactWrite(
    Account.build(PutTransaction).item({ owner: 'ann', account: 'savings', balance: 0 }),
    Iban.build(PutTransaction).item({ iban: 'NO1', owner: 'ann' }).options({ condition: { attr: 'iban', exists: false } }),
  );
  const move = (amount) =>
    executeTransactWrite(
      Account.build(UpdateTransaction)
        .item({ ...main, balance: $sum($get('balance'), -amount) })
        .options({ condition: { attr: 'balance', gte: amount } }),
      Account.build(UpdateTransaction).item({ owner: 'ann', account: 'savings', balance: $add(amount) }),
      Iban.build(ConditionCheck).key({ iban: 'NO1' }).condition({ attr: 'owner', eq: 'ann' }),
    );
  await move(100);
  await assert.rejects(move(100), (error) => {
    assert.ok(isTransactionCancelled(error));
    assert.deepEqual(error.CancellationReasons.map(({ Code }) => Code), ['ConditionalCheckFailed', 'None', 'None']);
    return true;
  });
  const { Responses } = await executeTransactGet(
    Account.build(GetTransaction).key(main),
    Account.build(GetTransaction).key({ owner: 'ann', account: 'savings' }),
    Account.build(GetTransaction).key({ owner: 'ann', account: 'none' }),
  );
  assert.deepEqual(Responses.map(({ Item }) => Item?.balance), [5.25, 100, undefined]);
  await assert.rejects(
    executeTransactWrite(
      Iban.build(PutTransaction)
        .item({ iban: 'NO1', owner: 'eve' })
        .options({ condition: { attr: 'iban', exists: false }, returnValuesOnConditionFalse: 'ALL_OLD' }),
    ),
    (error) => error.CancellationReasons[0].Item.owner.S === 'ann',
  );
});

test('a closed account goes by itself, and the stream has the whole story', async () => {
  const closes = Math.floor(Date.now() / 1000) + 60;
  await Account.build(UpdateItemCommand).item({ owner: 'ann', account: 'savings', closes }).send();
  await application.advance('PT1H');
  await until(async () => (await balanceOf('savings')) === undefined, 'the account to go');
  await Account.build(DeleteItemCommand).key({ owner: 'ann', account: 'main' }).options({ returnValues: 'ALL_OLD' }).send();
  const changes = await application.changes(name);
  const savings = changes.filter((change) => change.new?.sk === 'savings').map((change) => change.new.balance);
  assert.deepEqual(savings, [0, 100, 100], 'created, paid into, marked');
  assert.equal(changes.filter(({ event }) => event === 'INSERT').length, 1 + 25 + 2);
  assert.equal(changes.filter(({ event, by }) => event === 'REMOVE' && by).length, 1);
  assert.ok(changes.every((change) => !change.old));
});
