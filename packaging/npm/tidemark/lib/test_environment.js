// How tests find the server that a preset has started: by the variables that AWS SDKs read.
'use strict';

// Keys and region of the machine are replaced: no test reaches a real account because it forgot an endpoint.
function pointAt(server) {
  Object.assign(process.env, {
    TIDEMARK_ENDPOINT: server.endpoint,
    TIDEMARK_S3_ENDPOINT: server.s3Endpoint,
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ENDPOINT_URL_S3: server.s3Endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
  });
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_DYNAMODB_STREAMS']) {
    delete process.env[name];
  }
}

module.exports = { pointAt };
