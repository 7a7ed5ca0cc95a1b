// Restores and backups with the SDK's waiters and paginators.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  CreateBackupCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListBackupsCommand,
  PutItemCommand,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { clientConfig, startServer } from '../support/server.mjs';

let server;
let dynamodb;

before(async () => {
  server = await startServer();
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
});

after(async () => {
  await server.stop();
});

const wait = (TableName) => waitUntilTableExists({ client: dynamodb, maxWaitTime: 30, minDelay: 1 }, { TableName });
const put = (TableName, id) => dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id } } }));

async function create(TableName) {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await wait(TableName);
}

const ids = async (TableName) =>
  (await dynamodb.send(new ScanCommand({ TableName }))).Items.map((item) => item.id.S).sort();

test('a table is restored to a moment', async () => {
  await create('Orders');
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Orders',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  await put('Orders', 'first');
  const then = await server.advance('PT1S');
  await server.advance('PT1S');
  await put('Orders', 'second');
  const { TableDescription } = await dynamodb.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: 'Orders',
      TargetTableName: 'OrdersThen',
      RestoreDateTime: then,
    }),
  );
  assert.equal(TableDescription.TableStatus, 'CREATING');
  assert.equal(TableDescription.RestoreSummary.RestoreInProgress, true);
  assert.deepEqual(TableDescription.RestoreSummary.RestoreDateTime, then);
  await wait('OrdersThen');
  assert.deepEqual(await ids('OrdersThen'), ['first']);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'OrdersThen' }));
  assert.equal(Table.RestoreSummary, undefined);
  const { ContinuousBackupsDescription } = await dynamodb.send(
    new DescribeContinuousBackupsCommand({ TableName: 'Orders' }),
  );
  const { LatestRestorableDateTime } = ContinuousBackupsDescription.PointInTimeRecoveryDescription;
  assert.ok(Date.now() - LatestRestorableDateTime.getTime() < 5_000);
});

test('backups outlive their table', async () => {
  await create('Notes');
  await put('Notes', 'kept');
  const arns = [];
  for (const BackupName of ['one', 'two', 'three']) {
    const { BackupDetails } = await dynamodb.send(new CreateBackupCommand({ TableName: 'Notes', BackupName }));
    assert.equal(BackupDetails.BackupStatus, 'CREATING');
    arns.push(BackupDetails.BackupArn);
  }
  await dynamodb.send(new DeleteTableCommand({ TableName: 'Notes' }));
  await waitUntilTableNotExists({ client: dynamodb, maxWaitTime: 30, minDelay: 1 }, { TableName: 'Notes' });
  const listed = [];
  let ExclusiveStartBackupArn;
  do {
    const page = await dynamodb.send(new ListBackupsCommand({ TableName: 'Notes', Limit: 2, ExclusiveStartBackupArn }));
    listed.push(...page.BackupSummaries.map((summary) => summary.BackupArn));
    ExclusiveStartBackupArn = page.LastEvaluatedBackupArn;
  } while (ExclusiveStartBackupArn);
  assert.deepEqual([...listed].sort(), [...arns].sort());
  await dynamodb.send(new RestoreTableFromBackupCommand({ BackupArn: arns[1], TargetTableName: 'Notes' }));
  await wait('Notes');
  assert.deepEqual(await ids('Notes'), ['kept']);
});

test('the example of docs/looking-back.md reads the past', async () => {
  await create('Example');
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: 'Example',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  await put('Example', 'early');
  const between = await server.advance('PT1S');
  await server.advance('PT1S');
  await put('Example', 'late');
  const docs = readFileSync(new URL('../../docs/looking-back.md', import.meta.url), 'utf8');
  const [, example] = docs.match(/```js\n(.*?)```/s);
  const client = new DynamoDBClient(clientConfig(server.endpoint));
  new Function('client', example.replaceAll('2026-01-01T12:00:00Z', between.toISOString()))(client);
  const { Items } = await client.send(new ScanCommand({ TableName: 'Example' }));
  assert.deepEqual(Items, [{ id: { S: 'early' } }]);
  assert.deepEqual(await ids('Example'), ['early', 'late']);
});
