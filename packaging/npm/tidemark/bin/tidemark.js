#!/usr/bin/env node
// Runs the program with the arguments given, as if it had been called itself: its streams, signals and exit status.
'use strict';

const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const { programPath } = require('../lib/program.js');

let program;
try {
  program = programPath();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`tidemark: ${program} cannot be run: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
