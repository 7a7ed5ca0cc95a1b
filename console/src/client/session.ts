// Who the console speaks as, and to which region. Secrets stay in this tab: sessionStorage ends with it.
import type { Credentials } from './sigv4';

// What the server says of itself (server/console/console.h).
export interface ServerFacts {
  version: string;
  auth: 'open' | 'strict';
  region: string;
  account_id: string;
}

export interface Session {
  credentials: Credentials;
  region: string;
}

const KEY = 'tidemark.session';
// In open mode anybody is let in, and any well-formed key will do.
const NOBODY: Credentials = { accessKeyId: 'console', secretAccessKey: 'console' };

let facts: ServerFacts = { version: '', auth: 'open', region: 'us-east-1', account_id: '000000000000' };
let session: Session | null = null;

export const serverFacts = (): ServerFacts => facts;

export async function loadFacts(): Promise<void> {
  const response = await fetch('/_tidemark/console/server.json');
  if (!response.ok) throw new Error(`The server answered ${response.status} when asked who it is.`);
  facts = (await response.json()) as ServerFacts;
  try {
    const stored = sessionStorage.getItem(KEY);
    if (stored) session = JSON.parse(stored) as Session;
  } catch {
    session = null;
  }
}

// Null when somebody has to sign in first.
export function currentSession(): Session | null {
  if (session) return session;
  return facts.auth === 'open' ? { credentials: NOBODY, region: facts.region } : null;
}

export function setSession(next: Session | null): void {
  session = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
}

export function requireSession(): Session {
  const found = currentSession();
  if (!found) throw new Error('Sign in first.');
  return found;
}
