// Addresses of views: paths below /_tidemark/console/, so that every view has a link of its own.
import { useSyncExternalStore } from 'react';

export const BASE = '/_tidemark/console';

export interface Place {
  segments: string[]; // decoded
  query: URLSearchParams;
}

const listeners = new Set<() => void>();
const leavers = new Set<() => void>();
let current = location.pathname + location.search;

function changed(): void {
  const isLeft = pathOf(current) !== location.pathname;
  current = location.pathname + location.search;
  if (isLeft) leavers.forEach((leaver) => leaver());
  listeners.forEach((listener) => listener());
}
window.addEventListener('popstate', changed);

const pathOf = (place: string): string => place.split('?')[0];

// Calls it whenever the page is left for another one; a change of the query alone stays on the page.
export function onLeaving(leaver: () => void): void {
  leavers.add(leaver);
}

// `/tables/Orders?tab=backups`, of segments that may be any text.
export function href(segments: string[], query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  const search = given.length ? '?' + new URLSearchParams(given).toString() : '';
  return [BASE, ...segments.map(encodeURIComponent)].join('/') + (segments.length ? '' : '/') + search;
}

export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === current) return;
  if (how === 'push') history.pushState(null, '', to);
  else history.replaceState(null, '', to);
  changed();
  if (how === 'push') window.scrollTo(0, 0);
}

export function usePlace(): Place {
  const where = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
  const url = new URL(where, location.origin);
  const path = url.pathname.slice(BASE.length);
  const segments = path.split('/').filter(Boolean).map(decode);
  return { segments, query: url.searchParams };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// For `onFollow` of Cloudscape's links: ours are followed without loading the page again.
export function follow(event: CustomEvent<{ href?: string; external?: boolean }>): void {
  const to = event.detail.href;
  if (!to || event.detail.external || !to.startsWith(BASE)) return;
  event.preventDefault();
  go(to);
}

// Changes values of the query, and leaves the rest of the address.
export function setQuery(values: Record<string, string | undefined>, how: 'push' | 'replace' = 'replace'): void {
  const url = new URL(current, location.origin);
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  go(url.pathname + url.search, how);
}
