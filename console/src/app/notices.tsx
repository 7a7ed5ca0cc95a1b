// What happened, at the top of the page: it stays until it is dismissed, something else is done, or the page is left.
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { useSyncExternalStore, type ReactNode } from 'react';
import { describeError } from '../client/service_error';
import { onLeaving } from './router';

interface Notice {
  id: string;
  type: 'success' | 'error' | 'info' | 'warning';
  header?: string;
  content: ReactNode;
  isShown: boolean; // it has been on the page: what is told just before another page opens belongs to that one
}

let notices: Notice[] = [];
let number = 0;
const listeners = new Set<() => void>();

function set(next: Notice[]): void {
  notices = next.slice(-10);
  listeners.forEach((listener) => listener());
}

export function tell(type: Notice['type'], content: ReactNode, header?: string): void {
  const id = String(++number);
  set([...notices, { id, type, content, header, isShown: false }]);
  setTimeout(() => (notices = notices.map((notice) => (notice.id === id ? { ...notice, isShown: true } : notice))));
}

// Takes away what was told of things done before.
export function clearNotices(): void {
  if (notices.some((notice) => notice.isShown)) set(notices.filter((notice) => !notice.isShown));
}
onLeaving(clearNotices);

export function tellError(what: string, error: unknown): void {
  const { code, message } = describeError(error);
  tell('error', `${code}: ${message}`, what);
}

export function Notices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  const items: FlashbarProps.MessageDefinition[] = shown.map((notice) => ({
    id: notice.id,
    type: notice.type,
    header: notice.header,
    content: notice.content,
    dismissible: true,
    dismissLabel: 'Dismiss',
    onDismiss: () => set(notices.filter((other) => other.id !== notice.id)),
  }));
  return <Flashbar items={items} />;
}

// Does something that may fail, and says how it went.
export async function attempt<T>(what: string, action: () => Promise<T>, done?: ReactNode): Promise<T | undefined> {
  clearNotices();
  return attemptOneOf(what, action, done);
}

// The same for one of several things done at once, of which each is told.
export async function attemptOneOf<T>(what: string, action: () => Promise<T>, done?: ReactNode): Promise<T | undefined> {
  try {
    const result = await action();
    if (done) tell('success', done);
    return result;
  } catch (error) {
    tellError(`${what} failed`, error);
    return undefined;
  }
}
