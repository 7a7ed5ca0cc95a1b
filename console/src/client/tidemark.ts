// What is below /_tidemark/: the clock, jobs, space on disk, looking back, the live log.
import type { AttributeValue, Item } from './dynamodb';
import { ServiceError } from './service_error';
import { requireSession, serverFacts } from './session';

export interface ClockState {
  now: string;
  wall: string;
  offset: string;
  frozen: boolean;
  rate: number;
}
export interface DueTask {
  task: string;
  time: string;
  every?: string;
  has_work: boolean;
}
export interface JobPart {
  name: string;
  state: string;
  items?: number;
  bytes?: number;
  files?: number;
  errors?: number;
  done?: number;
  total?: number;
}
export interface Job {
  id: string;
  kind: string;
  operation?: string; // `branch`, of a restore
  status: string;
  table?: string;
  table_arn?: string;
  arn: string;
  region?: string;
  account_id?: string;
  started: string;
  ended?: string;
  phase?: string;
  items?: number;
  bytes?: number;
  files?: number;
  errors?: number;
  measure?: string;
  done?: number;
  total?: number;
  failure?: { code: string; message: string };
  error_log?: string;
  parts?: JobPart[];
}
export interface DiskIndex {
  name: string;
  items: number;
  size_bytes: number;
  state_bytes: number;
  status: string;
}
export interface DiskTable {
  name: string;
  id: number;
  account_id: string;
  region: string;
  status: string;
  items: number;
  size_bytes: number;
  state_bytes: number;
  history_bytes: number;
  recovery: boolean;
  indexes: DiskIndex[];
  held_by: string[];
}
export interface Gone {
  id: number;
  name?: string;
  history_bytes: number;
  state_bytes?: number;
  held_by: string[];
  awaits_cleaning: boolean;
}
export interface Version {
  time: string;
  by: string;
  item: Item | null;
}
export interface Change {
  key: Record<string, AttributeValue>;
  old: Item | null;
  new: Item | null;
  time: string;
  by: string;
}
export interface Activity {
  from: string;
  to: string;
  step_seconds: number;
  earliest: string;
  writes: Record<string, number[]>; // by origin, one number a step
}
export interface RequestRecord {
  number: number;
  time: string;
  ms: number;
  service: string;
  operation: string;
  method: string;
  target: string;
  status: number;
  error?: string;
  peer: string;
  console: boolean;
  request_id?: string;
  request: string;
  request_bytes: number;
  answer: string;
  answer_bytes: number;
}

export interface BillLine {
  service: string;
  account?: string;
  region?: string;
  resource?: string;
  part?: string;
  operation?: string;
  charge: string;
  quantity: number;
  unit: string;
  usd: number;
}
export interface Price {
  charge: string;
  usd: number;
  per: number;
  unit: string;
  date: string;
}
export interface Priced {
  estimate: string;
  prices: { region: string; date: string; list: Price[] };
}
export interface BillMark {
  mark?: string;
  time: string;
}
export interface Bill extends Priced {
  since: BillMark;
  until: BillMark;
  usd: number;
  limit_usd?: number;
  line_count: number;
  lines: BillLine[];
  labels: { label: string; usd: number }[];
}
export interface ScanCost {
  requests: number;
  read_units: number;
  usd: number;
  seconds_at_least?: number;
}
export interface Comparison extends Priced {
  table: string;
  items: number;
  size_bytes: number;
  billing_mode: string;
  export: { usd: number; read_units: number; s3_requests: number; seconds_about: number };
  scan: ScanCost;
  consistent_scan: ScanCost;
  cheaper: string;
}

async function ask(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch('/_tidemark/' + path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
    signal,
    cache: 'no-store',
  });
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try {
    message = (JSON.parse(text) as { error?: string }).error ?? text;
  } catch {
    // Not of this server: its words are shown as they are.
  }
  throw new ServiceError(`HTTP ${response.status}`, message, response.status);
}

async function askJson<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  return (await (await ask(method, path, body, signal)).json()) as T;
}

function search(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return given.length ? '?' + given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&') : '';
}

// Several accounts or regions may have a table of a name: the console means that of its session.
function own(): { account?: string; region: string } {
  const { credentials, region } = requireSession();
  const { auth, account_id } = serverFacts();
  if (/^\d{12}$/.test(credentials.accessKeyId)) return { account: credentials.accessKeyId, region };
  return auth === 'open' ? { account: account_id, region } : { region };
}

const table = (name: string): string => `tables/${encodeURIComponent(name)}`;

export const readClock = (signal?: AbortSignal): Promise<ClockState> => askJson('GET', 'clock', undefined, signal);
export const moveClock = (move: object): Promise<ClockState> => askJson('POST', 'clock', move);

export const listDue = async (signal?: AbortSignal): Promise<DueTask[]> =>
  (await askJson<{ due: DueTask[] }>('GET', 'clock/due', undefined, signal)).due;

export const listJobs = (
  query: { kind?: string; status?: string; table?: string; limit?: number; before?: string },
  signal?: AbortSignal,
): Promise<{ jobs: Job[]; next?: string }> => askJson('GET', 'jobs' + search(query), undefined, signal);
export const readJob = (id: string, signal?: AbortSignal): Promise<Job> =>
  askJson('GET', `jobs/${encodeURIComponent(id)}`, undefined, signal);
export const cancelJob = (id: string): Promise<Job> => askJson('DELETE', `jobs/${encodeURIComponent(id)}`);

export const listDisk = (after?: number, signal?: AbortSignal): Promise<{ tables: DiskTable[]; gone?: Gone[]; next?: number }> =>
  askJson('GET', 'tables' + search({ limit: 1000, after }), undefined, signal);

export const readActivity = (
  name: string,
  query: { from?: string; to?: string; points?: number },
  signal?: AbortSignal,
): Promise<Activity> => askJson('GET', `${table(name)}/activity` + search({ ...query, ...own() }), undefined, signal);

export const rewindTable = (name: string, to: string, keys?: Item[]): Promise<Job> =>
  askJson('POST', `${table(name)}/rewind`, { to, keys, ...own() });
export const branchTable = (name: string, target: string, asOf?: string): Promise<Job> =>
  askJson('POST', `${table(name)}/branch`, { target, asOf, ...own() });

// Answers of any length: so many lines are read, then the rest is let go.
async function readLines<T>(path: string, max: number, signal?: AbortSignal): Promise<{ lines: T[]; more: boolean }> {
  const response = await ask('GET', path, undefined, signal);
  const reader = response.body!.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  const lines: T[] = [];
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      if (!part) continue;
      if (lines.length === max) {
        void reader.cancel();
        return { lines, more: true };
      }
      lines.push(JSON.parse(part) as T);
    }
  }
  if (rest) lines.push(JSON.parse(rest) as T);
  return { lines, more: false };
}

export const readVersions = (name: string, key: Item, max: number, signal?: AbortSignal) =>
  readLines<Version>(`${table(name)}/history` + search({ key: JSON.stringify(key), ...own() }), max, signal);
export const readDiff = (name: string, from: string, to: string | undefined, max: number, signal?: AbortSignal) =>
  readLines<Change>(`${table(name)}/diff` + search({ from, to, ...own() }), max, signal);

export const readRequests = (
  after: number | undefined,
  signal?: AbortSignal,
): Promise<{ requests: RequestRecord[]; next: number; lost: number }> =>
  askJson('GET', 'requests' + search({ after }), undefined, signal);

export const readBill = (query: { since?: string; label?: string }, signal?: AbortSignal): Promise<Bill> =>
  askJson('GET', 'bill' + search(query), undefined, signal);
export const listMarks = (signal?: AbortSignal): Promise<{ marks: BillMark[] }> => askJson('GET', 'bill/marks', undefined, signal);
export const setMark = (name: string): Promise<BillMark> => askJson('POST', `bill/marks/${encodeURIComponent(name)}`, {});
export const readComparison = (name: string, signal?: AbortSignal): Promise<Comparison> =>
  askJson('GET', 'bill/export-or-scan' + search({ table: name, ...own() }), undefined, signal);
