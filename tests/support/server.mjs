// Starts a Tidemark server of its own for a test or the demo, on free ports of the loopback interface.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const program = process.env.TIDEMARK_PROGRAM ?? path.join(root, 'build/release/tidemark');

// Options: dataDir (a temporary one that stop() removes when absent), args (further flags).
export async function startServer({ dataDir, args = [] } = {}) {
  const directory = dataDir ?? mkdtempSync(path.join(tmpdir(), 'tidemark-'));
  const child = spawn(
    program,
    ['serve', '--port', '0', '--s3-port', '0', '--data-dir', directory,
      ...(args.includes('--log-level') ? [] : ['--log-level', 'warn']), ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEMARK_'))),
    },
  );
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const ready = await Promise.race([
    new Promise((resolve) => createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))),
    exited.then(({ code, signal }) => {
      throw new Error(`the server ended before it was ready: code ${code}, signal ${signal}`);
    }),
  ]);
  return {
    pid: child.pid,
    dataDir: directory,
    endpoint: `http://127.0.0.1:${ready.port}`,
    s3Endpoint: `http://127.0.0.1:${ready.s3_port}`,
    consolePort: ready.console_port, // with --console-port
    exited,
    // Turns the server's clock forward by an ISO 8601 duration. Returns what time it is there then.
    async advance(duration) {
      const answer = await fetch(`${this.endpoint}/_tidemark/clock`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ advance: duration }),
      });
      if (answer.status !== 200) throw new Error(`the clock answers ${answer.status}: ${await answer.text()}`);
      return new Date((await answer.json()).now);
    },
    // Ends the server (SIGTERM drains, SIGKILL does not) and, if the directory was ours, removes it.
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const result = await exited;
      if (!dataDir) rmSync(directory, { recursive: true, force: true });
      return result;
    },
  };
}

// A server that verifies every signature. Its one key is that of clientConfig().
export async function startStrictServer() {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-keys-'));
  const file = path.join(folder, 'credentials');
  writeFileSync(file, '[test]\naws_access_key_id = test\naws_secret_access_key = test\n');
  const server = await startServer({ args: ['--auth', 'strict', '--credentials', file] });
  rmSync(folder, { recursive: true });
  return server;
}

export const clientConfig = (endpoint) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

// Calls `probe` until it answers something truthy. Fails after `seconds`.
export async function until(probe, what, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
