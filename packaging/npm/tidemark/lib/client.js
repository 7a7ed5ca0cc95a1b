// What can be asked of a server that runs, beyond DynamoDB and S3: `/_tidemark/`.
'use strict';

async function ask(endpoint, path, body) {
  const answer = await fetch(`${endpoint}/_tidemark/${path}`, body === undefined
    ? {}
    : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text);
  let reason = text;
  try {
    reason = JSON.parse(text).error ?? text;
  } catch {
    // Not JSON: the text says it.
  }
  throw new Error(`tidemark: ${path} answered ${answer.status}: ${reason}`);
}

const timeOf = (state) => new Date(state.now);
const asTime = (time) => (time instanceof Date ? time.toISOString() : time);

// A handle of the server at `endpoint`, wherever it runs.
function connect({ endpoint, s3Endpoint = endpoint }) {
  return {
    endpoint,
    s3Endpoint,
    clientConfig: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    async reset(account) {
      await ask(endpoint, 'reset', account === undefined ? {} : { account });
    },
    clock: {
      now: async () => timeOf(await ask(endpoint, 'clock')),
      advance: async (duration) => timeOf(await ask(endpoint, 'clock', { advance: duration })),
      set: async (time) => timeOf(await ask(endpoint, 'clock', { set: asTime(time) })),
      freeze: async () => timeOf(await ask(endpoint, 'clock', { freeze: true })),
      unfreeze: async () => timeOf(await ask(endpoint, 'clock', { freeze: false })),
      rate: async (factor) => timeOf(await ask(endpoint, 'clock', { rate: factor })),
    },
  };
}

module.exports = { connect };
