import { ChildProcess } from 'node:child_process';

export interface InstallerConfig {
  installPath?: string;
  downloadUrl?: string;
}

/** Starts a server. `dbPath` null or undefined: in memory. `args` are those of DynamoDB Local. `javaOpts` have no effect. */
export function launch(port: number, dbPath?: string | null, args?: string[], verbose?: boolean, detached?: boolean,
  javaOpts?: string): Promise<ChildProcess>;
/** Ends the server on this port, if one was started here; resolves when it has ended. */
export function stop(port: number): Promise<void>;
/** Ends what launch() resolved with; resolves when it has ended. */
export function stopChild(child: ChildProcess): Promise<void>;
/** Ends the server on this port and starts another one. */
export function relaunch(port: number, dbPath?: string | null): Promise<ChildProcess>;
/** There is nothing to install: has no effect. */
export function configureInstaller(config: InstallerConfig): void;

export interface StartOptions {
  port?: number;
  cors?: string;
  inMemory?: boolean;
  dbPath?: string;
  sharedDb?: boolean;
  delayTransientStatuses?: boolean;
  optimizeDbBeforeStartup?: boolean;
  help?: boolean;
  heapInitial?: string;
  heapMax?: string;
  docker?: boolean;
  dockerPath?: string;
  dockerImage?: string;
  dockerRemove?: boolean;
  installPath?: string;
}

/** Starts a server, on port 8000, in memory and with one set of tables for all keys and regions unless told otherwise. */
export function start(options?: StartOptions): Promise<void>;
/** Ends the server on this port and starts it again with the same options. */
export function restart(port: number): Promise<void>;
/** There is nothing to install: resolves at once. */
export function install(options?: unknown, path?: string): Promise<void>;
/** There is nothing to remove: resolves at once. */
export function remove(options?: unknown, path?: string): Promise<void>;
