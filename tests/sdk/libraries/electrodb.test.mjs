// An application over electrodb: several entities in one table, collections over an index, unique fields by a transaction.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TagResourceCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import electrodb from 'electrodb';
import { startApplication } from '../../support/application.mjs';
import { until } from '../../support/server.mjs';

const { Entity, Service, createConversions } = electrodb;
const table = 'Company';
let application;
let Employee;
let Task;
let Address;
let company;

before(async () => {
  application = await startApplication();
  const { client } = application;
  await application.createTable({
    TableName: table,
    AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'gsi1',
        KeySchema: [
          { AttributeName: 'gsi1pk', KeyType: 'HASH' },
          { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    Tags: [{ Key: 'app', Value: 'company' }],
  });
  await client.send(
    new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' } }),
  );
  await client.send(
    new TagResourceCommand({
      ResourceArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}`,
      Tags: [{ Key: 'stage', Value: 'test' }],
    }),
  );
  const entity = (name, attributes, indexes) =>
    new Entity({ model: { entity: name, version: '1', service: 'company' }, attributes, indexes }, { table, client });
  const primary = (pk, sk) => ({ pk: { field: 'pk', composite: pk }, sk: { field: 'sk', composite: sk } });
  Employee = entity(
    'employee',
    {
      id: { type: 'string', required: true },
      office: { type: 'string', required: true },
      name: { type: 'string', required: true },
      salary: { type: 'number', default: 1 },
      skills: { type: 'set', items: 'string' },
      manager: { type: 'map', properties: { id: { type: 'string' }, since: { type: 'number' } } },
      history: { type: 'list', items: { type: 'string' } },
    },
    {
      employee: primary(['id'], []),
      office: {
        index: 'gsi1',
        collection: 'workplace',
        pk: { field: 'gsi1pk', composite: ['office'] },
        sk: { field: 'gsi1sk', composite: ['name'] },
      },
    },
  );
  Task = entity(
    'task',
    {
      employee: { type: 'string', required: true },
      task: { type: 'string', required: true },
      office: { type: 'string', required: true },
      points: { type: 'number' },
      state: { type: ['open', 'done'], default: 'open' },
      until: { type: 'number' },
    },
    {
      task: primary(['employee'], ['task']),
      office: {
        index: 'gsi1',
        collection: 'workplace',
        pk: { field: 'gsi1pk', composite: ['office'] },
        sk: { field: 'gsi1sk', composite: ['task'] },
      },
    },
  );
  Address = entity(
    'address',
    { email: { type: 'string', required: true }, employee: { type: 'string', required: true } },
    { address: primary(['email'], []) },
  );
  company = new Service({ employee: Employee, task: Task, address: Address }, { table, client });
});

after(() => application.stop());

test('an item from its creation to its end', async () => {
  const ann = { id: 'ann', office: 'oslo', name: 'Ann', skills: ['c++'], manager: { id: 'eve', since: 2020 }, history: [] };
  const { data } = await Employee.create(ann).go();
  assert.equal(data.salary, 1);
  await assert.rejects(Employee.create(ann).go(), (error) => {
    assert.equal(error.code, 4001);
    assert.match(error.message, /The conditional request failed/);
    return true;
  });
  const changed = await Employee.patch({ id: 'ann', })
    .composite({ office: 'oslo', name: 'Ann' })
    .set({ manager: { id: 'bob', since: 2024 } })
    .add({ salary: 2.5, skills: ['dynamodb'] })
    .append({ history: ['raised'] })
    .go({ response: 'all_new' });
  assert.equal(changed.data.salary, 3.5);
  assert.deepEqual([...changed.data.skills].sort(), ['c++', 'dynamodb']);
  assert.deepEqual(changed.data.history, ['raised']);
  await Employee.update({ id: 'ann' })
    .data((attribute, operation) => {
      operation.set(attribute.manager.since, 2025);
      operation.delete(attribute.skills, ['c++']);
      operation.subtract(attribute.salary, 1);
      operation.remove(attribute.history[0]);
    })
    .where((attribute, operation) => `${operation.eq(attribute.manager.id, 'bob')} AND ${operation.exists(attribute.salary)}`)
    .go();
  const found = (await Employee.get({ id: 'ann' }).go({ consistent: true })).data;
  assert.deepEqual(
    { ...found },
    { ...ann, salary: 2.5, skills: ['dynamodb'], manager: { id: 'bob', since: 2025 }, history: [] },
  );
  const upserted = await Employee.upsert({ id: 'zoe', office: 'rome', name: 'Zoe', salary: 9 }).go({ response: 'all_new' });
  assert.equal(upserted.data.salary, 9);
  await Employee.remove({ id: 'zoe' }).go();
  await assert.rejects(Employee.remove({ id: 'zoe' }).go(), /conditional request failed/);
});

test('queries, collections and pages', async () => {
  const tasks = Array.from({ length: 30 }, (_, n) => ({
    employee: 'ann',
    task: `t${String(n).padStart(2, '0')}`,
    office: 'oslo',
    points: n,
  }));
  assert.deepEqual((await Task.put(tasks).go()).unprocessed, []);
  const some = await Task.query.task({ employee: 'ann' }).between({ task: 't05' }, { task: 't09' }).go({ order: 'desc' });
  assert.deepEqual(some.data.map(({ task }) => task), ['t09', 't08', 't07', 't06', 't05']);
  const filtered = await Task.query
    .task({ employee: 'ann' })
    .where(({ points, state }, { gte, eq }) => `${gte(points, 28)} AND ${eq(state, 'open')}`)
    .go({ pages: 'all' });
  assert.equal(filtered.data.length, 2);
  let cursor = null;
  const seen = [];
  do {
    const page = await Task.query.task({ employee: 'ann' }).go({ limit: 7, cursor });
    seen.push(...page.data.map(({ task }) => task));
    cursor = page.cursor;
  } while (cursor !== null);
  assert.deepEqual(seen, tasks.map(({ task }) => task));
  const { data } = await company.collections.workplace({ office: 'oslo' }).go();
  assert.equal(data.employee.length, 1);
  assert.equal(data.task.length, 30);
  assert.equal((await Task.scan.go({ pages: 'all' })).data.length, 30);
  const read = await Task.get(tasks.map(({ employee, task }) => ({ employee, task }))).go({ preserveBatchOrder: true });
  assert.deepEqual(read.data.map(({ points }) => points), tasks.map(({ points }) => points));
  await Task.delete(tasks.slice(1).map(({ employee, task }) => ({ employee, task }))).go();
  assert.equal((await Task.query.task({ employee: 'ann' }).go()).data.length, 1);
});

test('a unique address: both items or none', async () => {
  const hire = (id, email) =>
    company.transaction
      .write(({ employee, address, task }) => [
        employee.create({ id, office: 'rome', name: id }).commit(),
        address.create({ email, employee: id }).commit({ response: 'all_old' }),
        task.check({ employee: id, task: 'none' }).where(({ task }, { notExists }) => notExists(task)).commit(),
      ])
      .go();
  assert.equal((await hire('bob', 'b@example.org')).canceled, false);
  const refused = await hire('cat', 'b@example.org');
  assert.equal(refused.canceled, true);
  assert.deepEqual(refused.data.map(({ code, rejected }) => [code, rejected]), [
    ['None', false],
    ['ConditionalCheckFailed', true],
    ['None', false],
  ]);
  assert.deepEqual(refused.data[1].item, { email: 'b@example.org', employee: 'bob' });
  const { data } = await company.transaction
    .get(({ employee, address }) => [
      employee.get({ id: 'bob' }).commit(),
      employee.get({ id: 'cat' }).commit(),
      address.get({ email: 'b@example.org' }).commit(),
    ])
    .go();
  assert.deepEqual(data.map(({ item }) => item && (item.id ?? item.employee)), ['bob', null, 'bob']);
});

test('a repeated token does its transaction once', async () => {
  const raise = (salary) =>
    company.transaction
      .write(({ employee }) => [employee.update({ id: 'bob' }).add({ salary }).commit()])
      .go({ token: 'raise-of-bob' });
  await raise(10);
  await raise(10);
  assert.equal((await Employee.get({ id: 'bob' }).go()).data.salary, 11);
  await assert.rejects(raise(20), /IdempotentParameterMismatchException|token/i);
});

test('a task expires and the stream has it all', async () => {
  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  await Task.create({ employee: 'bob', task: 'brief', office: 'rome', until: inAnHour }).go();
  await application.advance('PT2H');
  const left = async () => (await Task.query.task({ employee: 'bob' }).go()).data.length;
  await until(async () => (await left()) === 0, 'the task to expire');
  const changes = await application.changes(table);
  const expired = changes.filter(({ by }) => by === 'dynamodb.amazonaws.com');
  assert.deepEqual(expired.map(({ event, old }) => [event, old.task]), [['REMOVE', 'brief']]);
  const hired = changes.find((change) => change.new?.id === 'bob');
  const { pk, sk, gsi1pk, gsi1sk } = hired.new;
  const keys = createConversions(Employee).fromKeys.toComposite({ pk, sk, gsi1pk, gsi1sk });
  assert.deepEqual(keys, { id: 'bob', office: 'rome', name: 'bob' });
});
