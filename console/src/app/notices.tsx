// What happened, at the top of the page: it stays until it is dismissed, or the tenth after it comes.
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { useSyncExternalStore, type ReactNode } from 'react';
import { describeError } from '../client/service_error';

interface Notice {
  id: string;
  type: 'success' | 'error' | 'info' | 'warning';
  header?: string;
  content: ReactNode;
}

let notices: Notice[] = [];
let number = 0;
const listeners = new Set<() => void>();

function set(next: Notice[]): void {
  notices = next.slice(-10);
  listeners.forEach((listener) => listener());
}

export function tell(type: Notice['type'], content: ReactNode, header?: string): void {
  set([...notices, { id: String(++number), type, content, header }]);
}

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
  try {
    const result = await action();
    if (done) tell('success', done);
    return result;
  } catch (error) {
    tellError(`${what} failed`, error);
    return undefined;
  }
}
