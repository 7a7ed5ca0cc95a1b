// An application over dynamodb-onetable: the library makes the table, keeps fields unique by transactions of its own and ends
// sessions by TTL.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeTimeToLiveCommand, TagResourceCommand } from '@aws-sdk/client-dynamodb';
import { Dynamo } from 'dynamodb-onetable/Dynamo';
import { Table } from 'dynamodb-onetable';
import { startApplication } from '../../support/application.mjs';
import { until } from '../../support/server.mjs';

let application;
let table;
let User;
let Session;

before(async () => {
  application = await startApplication();
  table = new Table({
    client: new Dynamo({ client: application.client }),
    name: 'Site',
    logger: false,
    partial: true,
    schema: {
      version: '0.0.1',
      format: 'onetable:1.1.0',
      indexes: {
        primary: { hash: 'pk', sort: 'sk' },
        gs1: { hash: 'gs1pk', sort: 'gs1sk', project: 'all' },
        ls1: { sort: 'created', type: 'local', project: 'keys' },
      },
      models: {
        User: {
          pk: { type: 'string', value: 'user#${id}' },
          sk: { type: 'string', value: 'user#' },
          gs1pk: { type: 'string', value: 'role#${role}' },
          gs1sk: { type: 'string', value: 'user#${name}' },
          id: { type: 'string', generate: 'ulid' },
          name: { type: 'string', required: true },
          email: { type: 'string', unique: true, required: true },
          phone: { type: 'string', unique: true },
          role: { type: 'string', enum: ['user', 'admin'], default: 'user' },
          logins: { type: 'number', default: 0 },
          address: { type: 'object', schema: { city: { type: 'string' }, zip: { type: 'string' } } },
          tags: { type: 'set' },
        },
        Session: {
          pk: { type: 'string', value: 'user#${user}' },
          sk: { type: 'string', value: 'session#${id}' },
          id: { type: 'string', generate: 'ulid' },
          user: { type: 'string', required: true },
          expires: { type: 'date', ttl: true },
        },
      },
      queries: {},
      params: { isoDates: true, timestamps: true, nulls: false },
    },
  });
  await table.createTable({
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'expires' },
  });
  User = table.getModel('User');
  Session = table.getModel('Session');
});

after(() => application.stop());

test('the table is as the schema says', async () => {
  assert.equal(await table.exists(), true);
  const described = (await table.describeTable()).Table;
  assert.deepEqual(described.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName), ['gs1']);
  assert.deepEqual(described.LocalSecondaryIndexes.map(({ IndexName }) => IndexName), ['ls1']);
  assert.equal(described.StreamSpecification.StreamViewType, 'NEW_AND_OLD_IMAGES');
  const { TimeToLiveDescription } = await application.client.send(new DescribeTimeToLiveCommand({ TableName: 'Site' }));
  assert.equal(TimeToLiveDescription.AttributeName, 'expires');
  await application.client.send(
    new TagResourceCommand({ ResourceArn: described.TableArn, Tags: [{ Key: 'app', Value: 'site' }] }),
  );
  await table.saveSchema();
  assert.equal((await table.readSchema()).version, '0.0.1');
});

test('unique fields from creation over change to removal', async () => {
  const ann = await User.create({ name: 'Ann', email: 'a@example.org', phone: '1', tags: new Set(['x']) });
  assert.ok(ann.created instanceof Date);
  await assert.rejects(User.create({ name: 'Bob', email: 'a@example.org' }), (error) => {
    assert.equal(error.code, 'UniqueError');
    assert.match(error.message, /Cannot create unique attributes/);
    return true;
  });
  const bob = await User.create({ name: 'Bob', email: 'b@example.org' });
  await assert.rejects(User.update({ id: bob.id, email: 'a@example.org' }), (error) => error.code === 'UniqueError');
  const moved = await User.update({ id: ann.id, email: 'ann@example.org' }, { return: 'get' });
  assert.equal(moved.email, 'ann@example.org');
  await User.update({ id: bob.id, email: 'a@example.org' });
  await User.remove({ id: ann.id });
  const other = await User.create({ name: 'Ann', email: 'ann@example.org', phone: '1' });
  assert.equal((await User.get({ id: other.id })).phone, '1');
  await User.remove({ id: other.id });
  assert.deepEqual((await User.scan()).map(({ name }) => name), ['Bob']);
});

test('changes of nested properties, sets and numbers', async () => {
  const { id } = await User.create({ name: 'Cat', email: 'c@example.org', address: { city: 'Oslo', zip: '1' }, tags: new Set(['a']) });
  const changed = await User.update(
    { id },
    { add: { logins: 2 }, set: { 'address.zip': '0150' }, where: '${role} = {user}' },
  );
  assert.equal(changed.logins, 2);
  assert.deepEqual(changed.address, { city: 'Oslo', zip: '0150' });
  const partial = await User.update({ id, address: { city: 'Rome' } });
  assert.deepEqual(partial.address, { city: 'Rome', zip: '0150' }, 'partial updates keep the neighbours');
  const removed = await User.update({ id }, { remove: ['address.zip'] });
  assert.deepEqual(removed.address, { city: 'Rome' });
  await assert.rejects(User.update({ id, role: 'admin' }, { where: '${logins} > {5}' }), /Conditional|condition/);
  const upserted = await User.upsert({ id: 'dan', name: 'Dan', logins: 7 });
  assert.equal(upserted.logins, 7);
});

test('queries, pages, counts and batches', async () => {
  const batch = {};
  for (let n = 0; n < 25; ++n) await Session.create({ user: 'u', id: `s${String(n).padStart(2, '0')}` }, { batch });
  assert.equal(await table.batchWrite(batch), true);
  const ids = [];
  let next;
  do {
    const page = await Session.find({ user: 'u' }, { limit: 10, next });
    ids.push(...page.map(({ id }) => id));
    next = page.next;
  } while (next);
  assert.equal(ids.length, 25);
  assert.deepEqual(ids, [...ids].sort());
  const back = await Session.find({ user: 'u' }, { reverse: true, limit: 2 });
  assert.deepEqual(back.map(({ id }) => id), ['s24', 's23']);
  assert.equal((await Session.find({ user: 'u', sk: { begins: 'session#s1' } })).length, 10);
  assert.equal((await Session.find({ user: 'u' }, { count: true })).count, 25);
  const users = await User.find({ role: 'user' }, { index: 'gs1', fields: ['name'] });
  assert.deepEqual(users.map(({ name }) => name), ['Bob', 'Cat', 'Dan']);
  const read = {};
  await Session.get({ user: 'u', id: 's00' }, { batch: read });
  await Session.get({ user: 'u', id: 's01' }, { batch: read });
  assert.equal((await table.batchGet(read, { parse: true, hidden: false })).length, 2);
  const stats = { count: 0, scanned: 0, capacity: 0 };
  await Session.find({ user: 'u' }, { stats });
  assert.deepEqual([stats.count, stats.scanned, stats.capacity], [25, 25, 0.5]);
});

test('one transaction over several models', async () => {
  const enter = async (id, where) => {
    const transaction = {};
    await User.update({ id }, { add: { logins: 1 }, transaction, where });
    await Session.create({ user: id, id: 'first' }, { transaction });
    await User.check({ id: 'nobody' }, { transaction, where: 'attribute_not_exists(${name})' });
    await table.transact('write', transaction);
  };
  await enter('dan', '${logins} = {7}');
  await assert.rejects(enter('dan', '${logins} = {7}'), (error) => {
    assert.equal(error.code, 'TransactionCanceledException');
    assert.deepEqual(error.context.err.CancellationReasons.map(({ Code }) => Code), [
      'ConditionalCheckFailed',
      'ConditionalCheckFailed',
      'None',
    ]);
    return true;
  });
  const transaction = {};
  await User.get({ id: 'dan' }, { transaction });
  await Session.get({ user: 'dan', id: 'first' }, { transaction });
  const items = await table.transact('get', transaction, { parse: true, hidden: true });
  assert.equal(items.length, 2);
  assert.equal(items[0].logins, 8);
});

test('sessions expire', async () => {
  await Session.create({ user: 'cat', id: 'short', expires: new Date(Date.now() + 60_000) });
  await Session.create({ user: 'cat', id: 'long', expires: new Date(Date.now() + 86_400_000) });
  await application.advance('PT1H');
  const left = async () => (await Session.find({ user: 'cat' })).map(({ id }) => id);
  await until(async () => (await left()).length === 1, 'the session to expire');
  assert.deepEqual(await left(), ['long']);
  const changes = await application.changes('Site');
  assert.deepEqual(
    changes.filter(({ by }) => by).map(({ event, old, by }) => [event, old.id, by]),
    [['REMOVE', 'short', 'dynamodb.amazonaws.com']],
  );
  const unique = changes.filter(({ event, new: image }) => event === 'INSERT' && image.pk.startsWith('_unique'));
  assert.ok(unique.length >= 6, 'the items that keep fields unique are changes of the table, too');
});

test('the table goes', async () => {
  await table.deleteTable('DeleteTableForever');
  await until(async () => !(await table.exists()), 'the table to go');
});
