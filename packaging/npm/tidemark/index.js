'use strict';

const { start } = require('./lib/start.js');
const { connect } = require('./lib/client.js');
const { programPath } = require('./lib/program.js');

// The server that the preset for jest or vitest has started.
function running() {
  const { TIDEMARK_ENDPOINT: endpoint, TIDEMARK_S3_ENDPOINT: s3Endpoint } = process.env;
  if (!endpoint) throw new Error('tidemark: no server was started by the preset for jest or vitest (TIDEMARK_ENDPOINT is not set)');
  return connect({ endpoint, s3Endpoint });
}

module.exports = { start, connect, running, programPath };
