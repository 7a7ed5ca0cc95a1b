'use strict';

const { start } = require('../lib/start.js');
const { pointAt } = require('../lib/test_environment.js');

module.exports = async (globalConfig, projectConfig) => {
  // With --watch the server stays from run to run.
  globalThis.__TIDEMARK__ ??= await start(projectConfig?.globals?.tidemark);
  pointAt(globalThis.__TIDEMARK__);
};
