// The functions of dynamodb-local, under its name.
const assert = require('node:assert/strict');
const DynamoDbLocal = require('dynamodb-local');
const { CreateTableCommand, DynamoDBClient, ListTablesCommand } = require('@aws-sdk/client-dynamodb');

const port = Number(process.argv[2]);
const client = (accessKeyId) => new DynamoDBClient({
  endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'x' }, maxAttempts: 1,
});
const names = async (key) => (await client(key).send(new ListTablesCommand({}))).TableNames;
const create = (key) => client(key).send(new CreateTableCommand({
  TableName: 'Orders',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
}));

(async () => {
  DynamoDbLocal.configureInstaller({ installPath: './nowhere', downloadUrl: 'http://127.0.0.1:1/' });
  await DynamoDbLocal.launch(port, null, ['-sharedDb'], false, false, '-Xmx1g');
  await create('a');
  assert.deepEqual(await names('b'), ['Orders']);
  await assert.rejects(DynamoDbLocal.launch(port, null, []), /answers on port/);
  await DynamoDbLocal.stop(port);
  await assert.rejects(names('a'));

  // Without -sharedDb, each key has tables of its own.
  const child = await DynamoDbLocal.launch(port, null, [], false, true);
  assert.ok(child.pid > 0);
  await create('a');
  assert.deepEqual(await names('b'), []);
  await DynamoDbLocal.stopChild(child);
  await assert.rejects(names('a'));

  await assert.rejects(DynamoDbLocal.launch(port, null, ['-noSuchOption']), /ended before it was ready/);
  await DynamoDbLocal.relaunch(port);
  assert.deepEqual(await names('a'), []);
  DynamoDbLocal.stop(port); // as its users do it: nobody waits
})().then(() => console.log('launched and stopped'), (error) => {
  console.error(error);
  process.exit(1);
});
