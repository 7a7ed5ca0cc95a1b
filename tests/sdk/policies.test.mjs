// Resource policies through the AWS SDK for JavaScript v3, with its default settings, between two accounts.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand,
  DeleteResourcePolicyCommand,
  DynamoDBClient,
  GetItemCommand,
  GetResourcePolicyCommand,
  PolicyNotFoundException,
  PutItemCommand,
  PutResourcePolicyCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { clientConfig, startServer } from '../support/server.mjs';

const directory = mkdtempSync(path.join(tmpdir(), 'tidemark-policies-'));
const clients = {};
let server;
let arn;

before(async () => {
  const file = path.join(directory, 'credentials');
  const accounts = { alice: '111111111111', bob: '222222222222' };
  const profiles = Object.entries(accounts).map(
    ([name, id]) => `[${name}]\naws_access_key_id = AKIA${name}\naws_secret_access_key = ${name}-secret\naccount_id = ${id}\n`,
  );
  writeFileSync(file, profiles.join(''));
  server = await startServer({ args: ['--auth', 'strict', '--credentials', file] });
  for (const name of Object.keys(accounts)) {
    const credentials = { accessKeyId: `AKIA${name}`, secretAccessKey: `${name}-secret` };
    clients[name] = new DynamoDBClient({ ...clientConfig(server.endpoint), credentials });
  }
  const TableName = 'shared';
  const { TableDescription } = await clients.alice.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  arn = TableDescription.TableArn;
  await waitUntilTableExists({ client: clients.alice, maxWaitTime: 60 }, { TableName });
  await clients.alice.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, n: { N: '1' } } }));
});

after(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await server.stop();
  rmSync(directory, { recursive: true });
});

const policy = (statement) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::222222222222:root' }, Resource: arn, ...statement }],
  });

test('a policy opens a table to another account, and its end closes it', async () => {
  const read = () => clients.bob.send(new GetItemCommand({ TableName: arn, Key: { pk: { S: 'a' } } }));
  const refusal = { name: 'AccessDeniedException', message: /no resource-based policy allows the dynamodb:GetItem action/ };
  await assert.rejects(read(), refusal);
  const Policy = policy({ Action: 'dynamodb:GetItem' });
  const put = await clients.alice.send(
    new PutResourcePolicyCommand({ ResourceArn: arn, Policy, ExpectedRevisionId: 'NO_POLICY' }),
  );
  const kept = await clients.alice.send(new GetResourcePolicyCommand({ ResourceArn: arn }));
  assert.deepEqual([kept.Policy, kept.RevisionId], [Policy, put.RevisionId]);
  assert.deepEqual((await read()).Item, { pk: { S: 'a' }, n: { N: '1' } });
  const again = new PutResourcePolicyCommand({ ResourceArn: arn, Policy, ExpectedRevisionId: 'NO_POLICY' });
  await assert.rejects(clients.alice.send(again), PolicyNotFoundException);
  const gone = await clients.alice.send(
    new DeleteResourcePolicyCommand({ ResourceArn: arn, ExpectedRevisionId: put.RevisionId }),
  );
  assert.equal(gone.RevisionId, put.RevisionId);
  await assert.rejects(read(), refusal);
  await assert.rejects(clients.alice.send(new GetResourcePolicyCommand({ ResourceArn: arn })), PolicyNotFoundException);
});

test('what another account may do with the policy, the policy says', async () => {
  const look = () => clients.bob.send(new GetResourcePolicyCommand({ ResourceArn: arn }));
  await clients.alice.send(
    new PutResourcePolicyCommand({ ResourceArn: arn, Policy: policy({ Action: 'dynamodb:PutItem' }) }),
  );
  await assert.rejects(look(), { name: 'AccessDeniedException' });
  const { RevisionId } = await clients.alice.send(
    new PutResourcePolicyCommand({ ResourceArn: arn, Policy: policy({ Action: 'dynamodb:*ResourcePolicy' }) }),
  );
  assert.equal((await look()).RevisionId, RevisionId);
});
