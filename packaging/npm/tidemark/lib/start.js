// A server of one's own: started, waited for, ended with this process at the latest.
'use strict';

const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { connect } = require('./client.js');
const { programPath } = require('./program.js');

const ERRORS_KEPT = 20; // lines

// Ends `child` when this process ends, however it does so short of being killed.
function endWithThisProcess(child) {
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
}

function flags({ port = 0, s3Port = 0, host, inMemory, dataDir, args = [] }) {
  if (inMemory && dataDir) throw new TypeError('tidemark: inMemory and dataDir exclude each other');
  if (inMemory === false && !dataDir) throw new TypeError('tidemark: without inMemory, dataDir must say where');
  return [
    'serve', '--port', String(port), '--s3-port', String(s3Port),
    ...(host === undefined ? [] : ['--host', host]),
    ...(dataDir === undefined ? ['--in-memory'] : ['--data-dir', dataDir]),
    ...args,
  ];
}

// Settings of this process are for a server that its user starts; this one has only what start() was told.
const inherited = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEMARK_')));

async function start(options = {}) {
  const { verbose = false, timeoutMs = 30_000, env = {} } = options;
  const child = spawn(options.program ?? programPath(), flags(options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited(), ...env },
  });
  endWithThisProcess(child);
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));

  const errors = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (verbose) console.error(line);
    errors.push(line);
    if (errors.length > ERRORS_KEPT) errors.shift();
  });
  let timer;
  const ready = await Promise.race([
    new Promise((resolve) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    }),
    new Promise((_, reject) => child.once('error', reject)),
    new Promise((_, reject) => child.once('close', (code, signal) => {
      reject(new Error(`tidemark: the server ended before it was ready (${signal ?? `exit status ${code}`}): ${errors.join('\n')}`));
    })),
    new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`tidemark: the server was not ready after ${timeoutMs} ms`)), timeoutMs);
    }),
  ]).catch((error) => {
    child.kill('SIGKILL');
    throw error;
  }).finally(() => clearTimeout(timer));

  // A server that somebody forgot to stop does not keep this process from its end.
  child.unref();
  child.stdout.unref();
  child.stderr.unref();

  const s3Endpoint = new URL(ready.endpoint);
  s3Endpoint.port = ready.s3_port ?? ready.port;
  return {
    ...connect({ endpoint: ready.endpoint, s3Endpoint: s3Endpoint.origin }),
    port: ready.port,
    s3Port: ready.s3_port ?? ready.port,
    pid: child.pid,
    exited,
    async stop() {
      child.ref();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return exited;
    },
  };
}

module.exports = { start, endWithThisProcess, inherited };
