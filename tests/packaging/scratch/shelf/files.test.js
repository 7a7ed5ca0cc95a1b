const { DynamoDB } = require('@aws-sdk/client-dynamodb');

test('the tables of the configuration are there, for any keys and any region', async () => {
  for (const [accessKeyId, region] of [['a', 'us-east-1'], ['b', 'local-env']]) {
    const client = new DynamoDB({
      endpoint: `http://127.0.0.1:${process.env.SCRATCH_PORT}`, region, credentials: { accessKeyId, secretAccessKey: 'x' },
    });
    expect((await client.listTables({})).TableNames).toEqual(['files']);
  }
});
