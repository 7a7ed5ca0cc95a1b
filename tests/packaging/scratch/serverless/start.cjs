// serverless-dynamodb as Serverless calls it: its hook that starts the database and creates the tables of the service.
const assert = require('node:assert/strict');
const Plugin = require('serverless-dynamodb');
const { DynamoDB } = require('@aws-sdk/client-dynamodb');

const port = Number(process.argv[2]);
const serverless = {
  service: {
    service: 'orders',
    custom: { 'serverless-dynamodb': { stages: ['dev'], start: { port, inMemory: true, migrate: true, seed: true },
      seed: { orders: { sources: [{ table: 'orders', sources: ['./orders.json'] }] } } } },
    provider: { name: 'aws', stage: 'dev' },
    resources: { Resources: { Orders: { Type: 'AWS::DynamoDB::Table', Properties: {
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    } } } },
  },
  config: { servicePath: __dirname },
  configurationInput: {},
  processedInput: { commands: [], options: {} },
  cli: { log: console.log },
};

(async () => {
  const utils = { log: Object.assign(console.log, { notice: console.log, info: console.log, error: console.error, warning: console.warn }) };
  const plugin = new (Plugin.default ?? Plugin)(serverless, { stage: 'dev' }, utils);
  await plugin.hooks['before:offline:start:init']();
  const client = new DynamoDB({ endpoint: `http://127.0.0.1:${port}`, region: 'localhost', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  assert.deepEqual((await client.scan({ TableName: 'orders' })).Items, [{ id: { S: 'a' } }]);
  await plugin.hooks['before:offline:start:end']();
  console.log('started by serverless-dynamodb');
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
