// S3, as far as the console needs it: path style, on the same origin.
import { ServiceError } from './service_error';
import { requireSession } from './session';
import { encode, presign, signHeaders, UNSIGNED_PAYLOAD } from './sigv4';

export interface Bucket {
  name: string;
  created: string;
}
export interface ObjectSummary {
  key: string;
  size: number;
  modified: string;
  etag: string;
  storageClass: string;
}
export interface ObjectPage {
  prefixes: string[];
  objects: ObjectSummary[];
  next?: string;
}
export interface ObjectVersion extends ObjectSummary {
  versionId: string;
  isLatest: boolean;
  isDeleteMarker: boolean;
}
type Query = [string, string][];

// Browsers resolve `.` and `..` in paths, encoded or not, before they send them: such names are out of their reach.
export function isReachable(key: string): boolean {
  return !key.split('/').some((part) => part === '.' || part === '..') && !key.startsWith('/');
}

export function objectPath(bucket: string, key?: string): string {
  return `/${encode(bucket)}` + (key === undefined ? '' : '/' + key.split('/').map(encode).join('/'));
}

async function request(
  method: string,
  path: string,
  query: Query = [],
  options: { body?: BodyInit; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const { credentials, region } = requireSession();
  const headers = signHeaders({ service: 's3', region }, credentials, {
    method,
    host: location.host,
    path,
    query,
    headers: options.headers ?? {},
    payload: UNSIGNED_PAYLOAD,
  });
  headers['X-Tidemark-Console'] = '1';
  const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const response = await fetch(path + (search ? '?' + search : ''), {
    method,
    headers,
    body: options.body,
    signal: options.signal,
    cache: 'no-store',
  });
  if (!response.ok && response.status !== 304) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ServiceError> {
  const text = await response.text();
  const xml = new DOMParser().parseFromString(text, 'application/xml');
  const code = xml.querySelector('Error > Code')?.textContent ?? `HTTP ${response.status}`;
  const message = xml.querySelector('Error > Message')?.textContent ?? text;
  return new ServiceError(code, message, response.status);
}

async function xmlOf(response: Response): Promise<Document> {
  return new DOMParser().parseFromString(await response.text(), 'application/xml');
}

const text = (parent: Element | Document, name: string): string => parent.querySelector(name)?.textContent ?? '';

export async function listBuckets(signal?: AbortSignal): Promise<Bucket[]> {
  const xml = await xmlOf(await request('GET', '/', [], { signal }));
  return [...xml.querySelectorAll('Bucket')].map((b) => ({ name: text(b, 'Name'), created: text(b, 'CreationDate') }));
}

export async function createBucket(name: string): Promise<void> {
  await request('PUT', objectPath(name));
}

export async function deleteBucket(name: string): Promise<void> {
  await request('DELETE', objectPath(name));
}

const summaryOf = (element: Element): ObjectSummary => ({
  key: decodeURIComponent(text(element, 'Key').replace(/\+/g, '%20')),
  size: Number(text(element, 'Size') || 0),
  modified: text(element, 'LastModified'),
  etag: text(element, 'ETag').replace(/"/g, ''),
  storageClass: text(element, 'StorageClass'),
});

// A page of at most `limit` names below the prefix. Without `flat`, folders are one name each.
export async function listObjects(
  bucket: string,
  prefix: string,
  options: { token?: string; limit?: number; flat?: boolean; signal?: AbortSignal } = {},
): Promise<ObjectPage> {
  const query: Query = [
    ['list-type', '2'],
    ['encoding-type', 'url'],
    ['max-keys', String(options.limit ?? 100)],
    ['prefix', prefix],
  ];
  if (!options.flat) query.push(['delimiter', '/']);
  if (options.token) query.push(['continuation-token', options.token]);
  const xml = await xmlOf(await request('GET', objectPath(bucket), query, { signal: options.signal }));
  return {
    prefixes: [...xml.querySelectorAll('CommonPrefixes > Prefix')].map((p) =>
      decodeURIComponent((p.textContent ?? '').replace(/\+/g, '%20')),
    ),
    objects: [...xml.querySelectorAll('Contents')].map(summaryOf),
    next: text(xml, 'NextContinuationToken') || undefined,
  };
}

export async function listVersions(bucket: string, key: string, signal?: AbortSignal): Promise<ObjectVersion[]> {
  const query: Query = [
    ['versions', ''],
    ['encoding-type', 'url'],
    ['max-keys', '100'],
    ['prefix', key],
  ];
  const xml = await xmlOf(await request('GET', objectPath(bucket), query, { signal }));
  return [...xml.querySelectorAll('Version, DeleteMarker')]
    .map((element) => ({
      ...summaryOf(element),
      versionId: text(element, 'VersionId'),
      isLatest: text(element, 'IsLatest') === 'true',
      isDeleteMarker: element.tagName === 'DeleteMarker',
    }))
    .filter((version) => version.key === key);
}

export async function headObject(bucket: string, key: string, signal?: AbortSignal): Promise<[string, string][]> {
  const response = await request('HEAD', objectPath(bucket, key), [], { signal });
  return [...response.headers.entries()];
}

// The first bytes of an object, at most `bytes` of them.
export async function readObject(
  bucket: string,
  key: string,
  options: { bytes?: number; signal?: AbortSignal; version?: string } = {},
): Promise<Uint8Array> {
  const headers: Record<string, string> = options.bytes ? { Range: `bytes=0-${options.bytes - 1}` } : {};
  const query: Query = options.version ? [['versionId', options.version]] : [];
  try {
    const response = await request('GET', objectPath(bucket, key), query, { headers, signal: options.signal });
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'InvalidRange') return new Uint8Array(); // an empty object
    throw error;
  }
}

export async function putObject(bucket: string, key: string, body: Blob): Promise<void> {
  await request('PUT', objectPath(bucket, key), [], {
    body,
    headers: body.type ? { 'Content-Type': body.type } : { 'Content-Type': 'binary/octet-stream' },
  });
}

export async function deleteObject(bucket: string, key: string): Promise<void> {
  await request('DELETE', objectPath(bucket, key));
}

export function objectLink(bucket: string, key: string, seconds: number): string {
  const { credentials, region } = requireSession();
  return presign({ service: 's3', region }, credentials, {
    origin: location.origin,
    host: location.host,
    path: objectPath(bucket, key),
    seconds,
  });
}
