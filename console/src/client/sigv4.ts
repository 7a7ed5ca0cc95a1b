// Signature Version 4, for headers and for presigned links.
//
// The digests are computed in JavaScript, not by WebCrypto: browsers offer that only to https and to localhost, and the
// console is also opened as http://some-host:8000.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface Scope {
  service: 'dynamodb' | 's3' | 'logs';
  region: string;
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

// Percent-encoding as the signature wants it: everything but the unreserved characters.
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

export function hexDigest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

function sortedQuery(query: [string, string][]): string {
  return query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&');
}

function signature(
  scope: Scope,
  credentials: Credentials,
  time: string,
  method: string,
  path: string,
  query: [string, string][],
  headers: [string, string][],
  payload: string,
): { scopeText: string; signed: string; value: string } {
  const sorted = headers
    .map(([name, value]): [string, string] => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')])
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const signed = sorted.map(([name]) => name).join(';');
  const request = [
    method,
    path,
    sortedQuery(query),
    ...sorted.map(([name, value]) => `${name}:${value}`),
    '',
    signed,
    payload,
  ].join('\n');
  const day = time.slice(0, 8);
  const scopeText = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scopeText, hexDigest(request)].join('\n');
  let key: Uint8Array = utf8ToBytes('AWS4' + credentials.secretAccessKey);
  for (const part of [day, scope.region, scope.service, 'aws4_request', toSign]) key = hmac(sha256, key, utf8ToBytes(part));
  return { scopeText, signed, value: bytesToHex(key) };
}

function timeText(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

// The headers to add to a request. `path` is encoded already; `payload` is the digest of the body or UNSIGNED_PAYLOAD.
export function signHeaders(
  scope: Scope,
  credentials: Credentials,
  request: { method: string; host: string; path: string; query: [string, string][]; headers: Record<string, string>; payload: string },
): Record<string, string> {
  const time = timeText(new Date());
  const added: Record<string, string> = { ...request.headers, 'x-amz-date': time };
  if (scope.service === 's3') added['x-amz-content-sha256'] = request.payload;
  const toSign = Object.entries(added).filter(([name]) => /^(x-amz-|content-type$)/i.test(name));
  const { scopeText, signed, value } = signature(
    scope,
    credentials,
    time,
    request.method,
    request.path,
    request.query,
    [['host', request.host], ...toSign],
    request.payload,
  );
  added.Authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scopeText}, SignedHeaders=${signed}, Signature=${value}`;
  return added;
}

// A link that anybody may open for so many seconds.
export function presign(
  scope: Scope,
  credentials: Credentials,
  request: { origin: string; host: string; path: string; seconds: number },
): string {
  const time = timeText(new Date());
  const query: [string, string][] = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${time.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', String(request.seconds)],
    ['X-Amz-SignedHeaders', 'host'],
  ];
  const { value } = signature(scope, credentials, time, 'GET', request.path, query, [['host', request.host]], UNSIGNED_PAYLOAD);
  return `${request.origin}${request.path}?${sortedQuery(query)}&X-Amz-Signature=${value}`;
}
