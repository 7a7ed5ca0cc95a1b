// An application over TypeDORM: entities with unique attributes, which the library keeps in items of their own by transactions.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { TagResourceCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { startApplication } from '../../support/application.mjs';
import { until } from '../../support/server.mjs';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { Attribute, AutoGenerateAttribute, AUTO_GENERATE_ATTRIBUTE_STRATEGY, Entity, INDEX_TYPE, Table } =
  require('@typedorm/common');
const { ReadTransaction, WriteBatch, ReadBatch, WriteTransaction, createConnection } = require('@typedorm/core');
const { DocumentClientV3 } = require('@typedorm/document-client');

// What `@Decorator(...)` compiles to, for a language without decorators.
const decorate = (target, key, type, ...decorators) => {
  Reflect.defineMetadata('design:type', type, target.prototype, key);
  for (const decorator of decorators) decorator(target.prototype, key);
};

class User {}
class Note {}
let application;
let connection;

before(async () => {
  application = await startApplication();
  await application.createTable({
    TableName: 'Notes',
    AttributeDefinitions: ['PK', 'SK', 'GSI1PK', 'GSI1SK'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'GSI1',
        KeySchema: [
          { AttributeName: 'GSI1PK', KeyType: 'HASH' },
          { AttributeName: 'GSI1SK', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  await application.client.send(
    new UpdateTimeToLiveCommand({ TableName: 'Notes', TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' } }),
  );
  await application.client.send(
    new TagResourceCommand({
      ResourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Notes',
      Tags: [{ Key: 'app', Value: 'notes' }],
    }),
  );
  const table = new Table({
    name: 'Notes',
    partitionKey: 'PK',
    sortKey: 'SK',
    indexes: { GSI1: { partitionKey: 'GSI1PK', sortKey: 'GSI1SK', type: INDEX_TYPE.GSI } },
  });
  decorate(User, 'id', String, Attribute());
  decorate(User, 'name', String, Attribute());
  decorate(User, 'status', String, Attribute({ default: 'active' }));
  decorate(User, 'email', String, Attribute({ unique: true }));
  decorate(User, 'age', Number, Attribute());
  decorate(User, 'updatedAt', Number, AutoGenerateAttribute({
    strategy: AUTO_GENERATE_ATTRIBUTE_STRATEGY.EPOCH_DATE,
    autoUpdate: true,
  }));
  Entity({
    table,
    name: 'user',
    primaryKey: { partitionKey: 'USER#{{id}}', sortKey: 'USER#{{id}}' },
    indexes: { GSI1: { type: INDEX_TYPE.GSI, partitionKey: 'STATUS#{{status}}', sortKey: 'NAME#{{name}}' } },
  })(User);
  decorate(Note, 'user', String, Attribute());
  decorate(Note, 'number', Number, Attribute());
  decorate(Note, 'text', String, Attribute());
  decorate(Note, 'expires', Number, Attribute());
  Entity({
    table,
    name: 'note',
    primaryKey: { partitionKey: 'USER#{{user}}', sortKey: 'NOTE#{{number}}' },
  })(Note);
  connection = createConnection({
    table,
    entities: [User, Note],
    documentClient: new DocumentClientV3(application.client),
  });
});

after(() => application.stop());

const user = (id, email, more = {}) => Object.assign(new User(), { id, name: id.toUpperCase(), email, age: 30, ...more });
const note = (number, more = {}) => Object.assign(new Note(), { user: 'ann', number, text: `note ${number}`, ...more });

test('entities with unique attributes', async () => {
  const manager = connection.entityManager;
  const ann = await manager.create(user('ann', 'a@example.org'));
  assert.equal(ann.status, 'active');
  await assert.rejects(manager.create(user('ann', 'other@example.org')), { name: 'TransactionCancelledException' });
  await assert.rejects(manager.create(user('bob', 'a@example.org')), (error) => {
    assert.equal(error.name, 'TransactionCancelledException', 'as the library spells it');
    assert.deepEqual(error.cancellationReasons.map(({ code }) => code), ['None', 'ConditionalCheckFailed']);
    return true;
  });
  assert.equal(await manager.exists(User, { email: 'a@example.org' }), true);
  assert.equal(await manager.exists(User, { email: 'b@example.org' }), false);

  const moved = await manager.update(User, { id: 'ann' }, { email: 'ann@example.org', age: { ADD: 1 } });
  assert.equal(moved.email, 'ann@example.org');
  assert.equal(moved.age, 31);
  await manager.create(user('bob', 'a@example.org'));
  await manager.delete(User, { id: 'bob' });
  assert.equal(await manager.exists(User, { email: 'a@example.org' }), false);

  const found = await manager.findOne(User, { id: 'ann' });
  assert.equal(found.name, 'ANN');
  assert.equal(await manager.findOne(User, { id: 'bob' }), undefined);
  await assert.rejects(
    manager.update(User, { id: 'ann' }, { status: 'gone' }, { where: { age: { GT: 100 } } }),
    /ConditionalCheckFailed|conditional request failed/,
  );
  const gone = await manager.update(User, { id: 'ann' }, { status: 'inactive' }, { where: { age: { EQ: 31 } } });
  assert.equal(gone.status, 'inactive');
});

test('queries on table and index, pages, counts and scans', async () => {
  const manager = connection.entityManager;
  const batch = new WriteBatch();
  for (let number = 10; number < 50; ++number) batch.addCreateItem(note(number));
  const { unprocessedItems } = await connection.batchManager.write(batch);
  assert.deepEqual(unprocessedItems, []);
  let cursor;
  const seen = [];
  do {
    const page = await manager.find(Note, { user: 'ann' }, { limit: 15, cursor, keyCondition: { BEGINS_WITH: 'NOTE#' } });
    seen.push(...page.items.map(({ number }) => number));
    cursor = page.cursor;
  } while (cursor);
  assert.deepEqual(seen, Array.from({ length: 40 }, (_, n) => n + 10));
  const last = await manager.find(Note, { user: 'ann' }, { limit: 2, orderBy: 'DESC', keyCondition: { BEGINS_WITH: 'NOTE#' } });
  assert.deepEqual(last.items.map(({ number }) => number), [49, 48]);
  assert.equal(
    await manager.count(Note, { user: 'ann' }, { keyCondition: { BETWEEN: ['NOTE#20', 'NOTE#29'] } }),
    10,
  );
  const inactive = await manager.find(User, { status: 'inactive' }, { queryIndex: 'GSI1', where: { age: { GE: 31 } } });
  assert.deepEqual(inactive.items.map(({ id }) => id), ['ann']);
  const scanned = await connection.scanManager.find(Note, { where: { number: { LT: 12 } } });
  assert.equal(scanned.items.length, 2);
  const all = await connection.scanManager.parallelScan({ totalSegments: 4, entity: undefined });
  assert.equal(all.items.length, 41);
  const read = new ReadBatch();
  for (const number of [10, 11, 12]) read.addGet(Note, { user: 'ann', number });
  assert.equal((await connection.batchManager.read(read)).items.length, 3);
});

test('transactions over entities', async () => {
  const write = (id) =>
    connection.transactionManger.write(
      new WriteTransaction()
        .addCreateItem(user(id, `${id}@example.org`))
        .addUpdateItem(User, { id: 'ann' }, { age: { INCREMENT_BY: 1 } }, { where: { age: { LT: 33 } } })
        .addDeleteItem(Note, { user: 'ann', number: id === 'cat' ? 10 : 11 }),
    );
  assert.deepEqual(await write('cat'), { success: true });
  await assert.rejects(write('cat'), { name: 'TransactionCancelledException' });
  assert.deepEqual(await write('dan'), { success: true });
  await assert.rejects(write('eve'), { name: 'TransactionCancelledException' });
  const items = await connection.transactionManger.read(
    new ReadTransaction()
      .addGetItem(User, { id: 'ann' })
      .addGetItem(User, { id: 'eve' })
      .addGetItem(User, { id: 'dan' }),
  );
  assert.deepEqual(items.map((each) => each?.age ?? null), [33, null, 30]);
});

test('a note expires, and the stream tells', async () => {
  await connection.entityManager.create(note(99, { expires: Math.floor(Date.now() / 1000) + 60 }));
  await application.advance('PT1H');
  await until(async () => !(await connection.entityManager.exists(Note, { user: 'ann', number: 99 })), 'the note to go');
  const changes = await application.changes('Notes');
  assert.deepEqual(
    changes.filter(({ by }) => by).map(({ event, old, by }) => [event, old.number, by]),
    [['REMOVE', 99, 'dynamodb.amazonaws.com']],
  );
  const unique = changes.filter(({ new: image, old }) => (image ?? old).PK.startsWith('DRM_GEN_USER.EMAIL'));
  assert.ok(unique.some(({ event }) => event === 'REMOVE'), 'a freed address is a change of the table');
});
