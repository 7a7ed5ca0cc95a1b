// Calls of the JSON protocols: DynamoDB, its Streams, CloudWatch Logs.
import { ServiceError } from './service_error';
import { requireSession } from './session';
import { hexDigest, signHeaders, type Scope } from './sigv4';

export interface CallOptions {
  signal?: AbortSignal;
  asOf?: string; // read the table as it was at that moment
}

export async function callJson<T>(
  service: Scope['service'],
  target: string,
  type: string,
  input: object,
  options: CallOptions = {},
): Promise<T> {
  const { credentials, region } = requireSession();
  const body = JSON.stringify(input);
  const headers = signHeaders({ service, region }, credentials, {
    method: 'POST',
    host: location.host,
    path: '/',
    query: [],
    headers: { 'Content-Type': type, 'X-Amz-Target': target },
    payload: hexDigest(body),
  });
  headers['X-Tidemark-Console'] = '1';
  if (options.asOf) headers['X-Tidemark-As-Of'] = options.asOf;
  const response = await fetch('/', { method: 'POST', headers, body, signal: options.signal });
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : {}) as T;
  let code = `HTTP ${response.status}`;
  let message = text;
  let details: unknown;
  try {
    const parsed = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
    code = parsed.__type?.split('#').pop() ?? code;
    message = parsed.message ?? parsed.Message ?? '';
    details = parsed;
  } catch {
    // A sentence in plain text: the words are what there is.
  }
  throw new ServiceError(code, message, response.status, details);
}
