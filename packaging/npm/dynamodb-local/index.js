// The functions of the packages dynamodb-local and aws-dynamodb-local over `tidemark dynamodb-local`, which takes the
// command line of DynamoDB Local.
'use strict';

const { spawn } = require('node:child_process');
const { setTimeout: pause } = require('node:timers/promises');
const { programPath, endWithThisProcess, inherited } = require('tidemark/launcher');

const READY_MS = 30_000;
const ERRORS_MAX = 10_000; // characters

const children = new Map(); // by port
const optionsOf = new Map(); // by port, of start()

const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null;

async function answers(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/_tidemark/health`)).ok;
  } catch {
    return false;
  }
}

async function run(port, args, { verbose, detached }) {
  if (await answers(port)) throw new Error(`a server answers on port ${port} already`);
  const child = spawn(programPath(), ['dynamodb-local', '-port', String(port), ...args], {
    stdio: ['ignore', verbose ? 'inherit' : 'ignore', 'pipe'],
    detached: Boolean(detached),
    env: inherited(),
  });
  let errors = '';
  let failure;
  child.stderr.on('data', (bytes) => {
    if (verbose) process.stderr.write(bytes);
    if (errors.length < ERRORS_MAX) errors += bytes;
  });
  child.once('error', (error) => { failure = error; });
  const closed = new Promise((resolve) => child.once('close', resolve));
  if (!detached) endWithThisProcess(child);

  const deadline = Date.now() + READY_MS;
  while (!(await answers(port)) && !failure && !hasEnded(child)) {
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the server on port ${port} was not ready after ${READY_MS} ms`);
    }
    await pause(5);
  }
  if (failure) throw failure;
  if (hasEnded(child)) {
    await closed;
    throw new Error(`the server on port ${port} ended before it was ready: ${errors.trim()}`);
  }
  children.set(Number(port), child);
  child.once('exit', () => {
    if (children.get(Number(port)) === child) children.delete(Number(port));
  });
  // Nobody who forgets to stop it waits for ever.
  child.unref();
  child.stderr.unref();
  return child;
}

function stopChild(child) {
  if (!child || hasEnded(child)) return Promise.resolve();
  child.ref();
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  return ended;
}

const stop = (port) => stopChild(children.get(Number(port)));

// dynamodb-local

const NAMES_A_PLACE = ['-inMemory', '-dbPath'];

async function launch(port, dbPath = null, args = [], verbose = false, detached = false) {
  let place = [];
  if (dbPath) {
    place = ['-dbPath', dbPath];
  } else if (!args.some((argument) => NAMES_A_PLACE.includes(argument))) {
    place = ['-inMemory'];
  }
  return run(port, [...place, ...args], { verbose, detached });
}

async function relaunch(port, dbPath) {
  await stop(port);
  return launch(port, dbPath);
}

function configureInstaller() {
  // There is nothing to install.
}

// aws-dynamodb-local

function argumentsOf({ cors, inMemory, dbPath, sharedDb = true, delayTransientStatuses, optimizeDbBeforeStartup, help }) {
  return [
    ...(dbPath ? ['-dbPath', dbPath] : []),
    ...(inMemory ?? !dbPath ? ['-inMemory'] : []),
    ...(sharedDb ? ['-sharedDb'] : []),
    ...(cors ? ['-cors', cors] : []),
    ...(delayTransientStatuses ? ['-delayTransientStatuses'] : []),
    ...(optimizeDbBeforeStartup && dbPath ? ['-optimizeDbBeforeStartup'] : []),
    ...(help ? ['-help'] : []),
  ];
}

async function start(options = {}) {
  const { port = 8000 } = options;
  await run(port, argumentsOf(options), { verbose: true, detached: false });
  optionsOf.set(Number(port), options);
}

async function restart(port) {
  await stop(port);
  await start({ ...optionsOf.get(Number(port)), port });
}

// Both may be called with a function to call at the end, as the oldest callers do.
async function install(options) {
  (typeof options === 'function' ? options : options?.onComplete)?.();
}
const remove = install;

module.exports = { launch, relaunch, stop, stopChild, configureInstaller, install, start, restart, remove };
