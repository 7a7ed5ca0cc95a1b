// An application over dynamoose: it creates its tables by itself (with TTL, tags and a stream), keeps addresses unique by a
// transaction and finds orders through an index.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeTableCommand, DescribeTimeToLiveCommand, ListTagsOfResourceCommand } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';
import { startApplication } from '../../support/application.mjs';
import { clientConfig, until } from '../../support/server.mjs';

let application;
let User;
let Email;
let Order;
let table;

before(async () => {
  application = await startApplication();
  dynamoose.aws.ddb.set(new dynamoose.aws.ddb.DynamoDB(clientConfig(application.server.endpoint)));
  User = dynamoose.model('User', new dynamoose.Schema({ id: String, email: String, logins: Number }, { timestamps: true }));
  Email = dynamoose.model('Email', new dynamoose.Schema({ email: String, user: String }));
  Order = dynamoose.model(
    'Order',
    new dynamoose.Schema({
      customer: { type: String, hashKey: true },
      number: { type: Number, rangeKey: true },
      status: { type: String, index: { name: 'byStatus', type: 'global', rangeKey: 'total' } },
      total: Number,
      lines: { type: Array, schema: [{ type: Object, schema: { sku: String, count: Number } }] },
      labels: { type: Set, schema: [String] },
      placed: Date,
      note: String,
      gift: Boolean,
    }),
  );
  table = new dynamoose.Table('Shop', [Order], {
    expires: { ttl: 60_000, attribute: 'expires' },
    tags: { team: 'shop', stage: 'test' },
    streamOptions: { enabled: true, type: 'NEW_AND_OLD_IMAGES' },
    throughput: 'ON_DEMAND',
    initialize: false,
  });
  const others = [['Users', User], ['Emails', Email]].map(([name, model]) => new dynamoose.Table(name, [model], { initialize: false }));
  for (const each of [table, ...others]) await each.initialize();
});

after(() => application.stop());

const order = (number, total, more = {}) => ({
  customer: 'ann',
  number,
  status: 'open',
  total,
  lines: [{ sku: 'a', count: 1 }],
  labels: new Set(['new']),
  placed: new Date('2026-11-28T12:00:00Z'),
  gift: false,
  ...more,
});

test('the tables are as the models say', async () => {
  const { Table } = await application.client.send(new DescribeTableCommand({ TableName: 'Shop' }));
  assert.equal(Table.TableStatus, 'ACTIVE');
  assert.equal(Table.BillingModeSummary.BillingMode, 'PAY_PER_REQUEST');
  assert.deepEqual(Table.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName), ['byStatus']);
  assert.deepEqual(Table.StreamSpecification, { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' });
  const ttl = await application.client.send(new DescribeTimeToLiveCommand({ TableName: 'Shop' }));
  assert.deepEqual(ttl.TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  const { Tags } = await application.client.send(new ListTagsOfResourceCommand({ ResourceArn: Table.TableArn }));
  assert.deepEqual(
    Tags.sort((left, right) => left.Key.localeCompare(right.Key)),
    [
      { Key: 'stage', Value: 'test' },
      { Key: 'team', Value: 'shop' },
    ],
  );
});

test('items with lists, sets, dates and numbers', async () => {
  await Order.create(order(1, 10.25, { note: '' }));
  const found = await Order.get({ customer: 'ann', number: 1 });
  assert.equal(found.total, 10.25);
  assert.deepEqual(found.lines, [{ sku: 'a', count: 1 }]);
  assert.deepEqual(found.labels, new Set(['new']));
  assert.equal(found.placed.toISOString(), '2026-11-28T12:00:00.000Z');
  assert.equal(found.note, '');
  await assert.rejects(Order.create(order(1, 11)), { name: 'ConditionalCheckFailedException' });

  const updated = await Order.update(
    { customer: 'ann', number: 1 },
    { $ADD: { total: 1.5, labels: new Set(['paid']) }, $REMOVE: ['note'], $SET: { status: 'paid' } },
  );
  assert.equal(updated.total, 11.75);
  assert.deepEqual([...updated.labels].sort(), ['new', 'paid']);
  assert.equal(updated.note, undefined);
  await assert.rejects(
    Order.update({ customer: 'ann', number: 1 }, { status: 'sent' }, { condition: new dynamoose.Condition().filter('status').eq('open') }),
    { name: 'ConditionalCheckFailedException' },
  );
});

test('queries, scans, batches and their pages', async () => {
  await Order.batchPut(Array.from({ length: 25 }, (_, n) => order(100 + n, n)));
  const few = await Order.query('customer').eq('ann').where('number').between(100, 109).sort('descending').exec();
  assert.deepEqual(few.map(({ number }) => number), [109, 108, 107, 106, 105, 104, 103, 102, 101, 100]);

  const costly = await Order.query('status').eq('open').using('byStatus').where('total').ge(20).exec();
  assert.deepEqual(costly.map(({ total }) => total), [20, 21, 22, 23, 24]);

  const seen = [];
  let from;
  do {
    const query = Order.query('customer').eq('ann').limit(7);
    const page = await (from ? query.startAt(from) : query).exec();
    seen.push(...page.map(({ number }) => number));
    from = page.lastKey;
  } while (from);
  assert.deepEqual(seen, [1, ...Array.from({ length: 25 }, (_, n) => 100 + n)]);

  assert.equal((await Order.scan('labels').contains('paid').exec()).length, 1);
  assert.equal((await Order.scan().count().exec()).count, 26);
  assert.equal((await Order.batchGet([{ customer: 'ann', number: 1 }, { customer: 'ann', number: 100 }])).length, 2);
  await Order.batchDelete(Array.from({ length: 25 }, (_, n) => ({ customer: 'ann', number: 100 + n })));
  assert.equal((await Order.query('customer').eq('ann').count().exec()).count, 1);
});

test('a unique address: both items or none', async () => {
  const absent = (attribute) => new dynamoose.Condition().attribute(attribute).not().exists();
  const signUp = (id, email) =>
    dynamoose.transaction([
      User.transaction.create({ id, email, logins: 0 }),
      Email.transaction.create({ email, user: id }),
      Order.transaction.condition({ customer: id, number: 0 }, absent('customer')),
    ]);
  await signUp('u1', 'a@example.org');
  await assert.rejects(signUp('u2', 'a@example.org'), (error) => {
    assert.equal(error.name, 'TransactionCanceledException');
    assert.deepEqual(error.CancellationReasons.map(({ Code }) => Code), ['None', 'ConditionalCheckFailed', 'None']);
    return true;
  });
  assert.equal(await User.get('u2'), undefined);
  await dynamoose.transaction([User.transaction.update({ id: 'u1' }, { $ADD: { logins: 1 } })]);
  const [user, email] = await dynamoose.transaction([User.transaction.get('u1'), Email.transaction.get('a@example.org')]);
  assert.equal(user.logins, 1);
  assert.equal(email.user, 'u1');
});

test('orders expire, and the stream tells by whom', async () => {
  await application.advance('PT2H');
  await until(async () => (await Order.scan().exec()).count === 0, 'the expired orders to go');
  const changes = await application.changes('Shop');
  assert.deepEqual(changes.slice(0, 2).map(({ event }) => event), ['INSERT', 'MODIFY']);
  assert.equal(changes.filter(({ event }) => event === 'INSERT').length, 26);
  assert.deepEqual(changes.filter(({ by }) => by).map(({ event, old, by }) => [event, old.number, by]), [
    ['REMOVE', 1, 'dynamodb.amazonaws.com'],
  ]);
});

test('a later version of the model changes its table', async () => {
  const Wider = dynamoose.model(
    'Order',
    new dynamoose.Schema({
      customer: { type: String, hashKey: true },
      number: { type: Number, rangeKey: true },
      status: { type: String, index: { name: 'byStatus', type: 'global', rangeKey: 'total' } },
      total: Number,
      courier: { type: String, index: { name: 'byCourier', type: 'global', project: ['total'] } },
    }),
  );
  const wider = new dynamoose.Table('Shop', [Wider], {
    create: false,
    update: ['indexes', 'tags'],
    tags: { team: 'logistics' },
    throughput: 'ON_DEMAND',
    initialize: false,
  });
  await wider.initialize();
  await Wider.create({ customer: 'bob', number: 1, courier: 'dove', total: 3 });
  const carried = await Wider.query('courier').eq('dove').using('byCourier').exec();
  assert.deepEqual(carried.map(({ customer, total }) => [customer, total]), [['bob', 3]]);
  const { Table } = await application.client.send(new DescribeTableCommand({ TableName: 'Shop' }));
  const { Tags } = await application.client.send(new ListTagsOfResourceCommand({ ResourceArn: Table.TableArn }));
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'logistics' }]);
});
