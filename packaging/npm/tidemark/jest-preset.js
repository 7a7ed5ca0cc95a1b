// jest: { "preset": "tidemark" }. One server for all test files, in memory, on free ports; `globals.tidemark` are options of
// start().
'use strict';

module.exports = {
  globalSetup: require.resolve('./jest/setup.js'),
  globalTeardown: require.resolve('./jest/teardown.js'),
  testEnvironment: 'node',
};
