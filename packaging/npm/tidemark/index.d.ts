export interface StartOptions {
  /** Where DynamoDB listens, and S3 beside it. Default 0: a free port. */
  port?: number;
  /** Where S3 alone listens. Default 0: a free port. */
  s3Port?: number;
  /** The address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Nothing is kept. The default, unless `dataDir` is given. */
  inMemory?: boolean;
  /** The folder that keeps everything. Excludes `inMemory`. */
  dataDir?: string;
  /** Further flags of `tidemark serve`, e.g. `['--delay-transient-statuses']`. */
  args?: string[];
  /** Further environment variables. Those of this process that begin with TIDEMARK_ do not reach the server. */
  env?: Record<string, string>;
  /** The program. Default: TIDEMARK_PROGRAM, else what the package for this platform brought along. */
  program?: string;
  /** Copies the log of the server to standard error. */
  verbose?: boolean;
  /** How long the server may take to be ready. Default 30000. */
  timeoutMs?: number;
}

export interface Clock {
  /** What time it is to the server. */
  now(): Promise<Date>;
  /** Moves time forward by an ISO 8601 duration such as `PT1H` or `P34D`. Everything that is due by then has happened when it resolves. */
  advance(duration: string): Promise<Date>;
  /** Moves time forward to `time`, which must not be before the server's now. */
  set(time: Date | string): Promise<Date>;
  /** Time stands still. */
  freeze(): Promise<Date>;
  /** Time goes on. */
  unfreeze(): Promise<Date>;
  /** So many seconds pass in one. */
  rate(factor: number): Promise<Date>;
}

export interface Connection {
  /** For DynamoDB, its Streams and S3 with path style, e.g. `http://127.0.0.1:41001`. */
  readonly endpoint: string;
  /** For S3. */
  readonly s3Endpoint: string;
  /** What a client of the AWS SDK takes. */
  readonly clientConfig: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  readonly clock: Clock;
  /** Removes all tables, buckets and what belongs to them; of one account, if it is named. */
  reset(account?: string): Promise<void>;
}

export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface TidemarkServer extends Connection {
  readonly port: number;
  readonly s3Port: number;
  readonly pid: number;
  /** Resolves when the server has ended. */
  readonly exited: Promise<ExitStatus>;
  /** Lets requests in progress finish, ends the server and waits for its end. */
  stop(): Promise<ExitStatus>;
}

/** Starts a server and resolves when it answers. It ends with this process at the latest, and does not keep it from ending. */
export function start(options?: StartOptions): Promise<TidemarkServer>;
/** A handle of a server that runs already, here or elsewhere. */
export function connect(address: { endpoint: string; s3Endpoint?: string }): Connection;
/** The server that the preset for jest or vitest has started. */
export function running(): Connection;
/** Where the program is. Throws, with what to do, if there is none for this platform. */
export function programPath(): string;
