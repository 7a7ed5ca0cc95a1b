// The program's own list of operations beside that of the newest AWS SDK for JavaScript v3, and what each of them answers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';
import { clientConfig, program, startServer } from '../support/server.mjs';

// Every operation of an SDK's model is a command that the package exports.
const operationsOf = (sdk) =>
  Object.keys(sdk)
    .filter((name) => /^[A-Z]\w*Command$/.test(name))
    .map((name) => name.slice(0, -'Command'.length))
    .sort();

const listed = JSON.parse(execFileSync(program, ['operations', '--form', 'json'], { encoding: 'utf8' }));
const listedOf = (service) =>
  listed.filter((operation) => operation.service.startsWith(`${service}_`)).map(({ name }) => name).sort();

let server;
const clients = {};

before(async () => {
  server = await startServer();
  clients.dynamodb = new dynamodb.DynamoDBClient(clientConfig(server.endpoint));
  clients.streams = new streams.DynamoDBStreamsClient(clientConfig(server.endpoint));
});

after(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await server.stop();
});

test('the list of operations is that of the SDK', () => {
  assert.deepEqual(listedOf('DynamoDB'), operationsOf(dynamodb));
  assert.deepEqual(listedOf('DynamoDBStreams'), operationsOf(streams));
});

for (const [service, sdk] of Object.entries({ dynamodb, streams })) {
  for (const operation of operationsOf(sdk)) {
    test(`${operation} is answered`, async () => {
      let code = 'OK';
      try {
        await clients[service].send(new sdk[`${operation}Command`]({}));
      } catch (error) {
        assert.ok(error.$metadata?.httpStatusCode, `${operation} has no answer: ${error}`);
        code = error.name;
      }
      assert.notEqual(code, 'UnknownOperationException');
      assert.notEqual(code, 'NotImplementedException');
    });
  }
}
