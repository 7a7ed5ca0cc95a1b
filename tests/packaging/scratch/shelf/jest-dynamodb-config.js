module.exports = {
  tables: [{
    TableName: 'files',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
  }],
  port: Number(process.env.SCRATCH_PORT),
  options: ['-sharedDb', '-inMemory'],
};
