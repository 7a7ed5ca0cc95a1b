// What the tests of applications over one object mapper each share: a server of their own with a client of the SDK beside
// the library, the clock, and everything that a table's stream has told.
import assert from 'node:assert/strict';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { clientConfig, startServer } from './server.mjs';

export async function startApplication() {
  const server = await startServer();
  const client = new DynamoDBClient(clientConfig(server.endpoint));
  const streams = new DynamoDBStreamsClient(clientConfig(server.endpoint));
  return {
    server,
    client,

    // Creates the table and waits until it is active.
    async createTable(definition) {
      await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...definition }));
      await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: definition.TableName });
    },

    // All changes of the table's latest stream, each item's in their order: [{ event, old, new, by }], images as plain objects
    // and `by` the service that made the change.
    async changes(TableName) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      const StreamArn = Table.LatestStreamArn;
      const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
      const changes = [];
      for (const { ShardId, SequenceNumberRange } of StreamDescription.Shards) {
        let { ShardIterator } = await streams.send(
          new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
        );
        let more = true;
        while (ShardIterator && more) {
          const page = await streams.send(new GetRecordsCommand({ ShardIterator }));
          changes.push(...page.Records);
          ShardIterator = page.NextShardIterator;
          more = page.Records.length > 0 || SequenceNumberRange.EndingSequenceNumber !== undefined;
        }
      }
      return changes.map(({ eventName, userIdentity, dynamodb: { OldImage, NewImage } }) => ({
        event: eventName,
        ...(OldImage && { old: unmarshall(OldImage) }),
        ...(NewImage && { new: unmarshall(NewImage) }),
        ...(userIdentity && { by: userIdentity.PrincipalId }),
      }));
    },

    // Turns the server's clock forward by an ISO 8601 duration.
    advance: (duration) => server.advance(duration),

    async stop() {
      client.destroy();
      streams.destroy();
      const { code } = await server.stop();
      assert.equal(code, 0, 'a drained server exits with 0');
    },
  };
}
