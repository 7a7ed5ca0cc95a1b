// What a view shows, fetched when it opens and when what it depends on changes.
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

// With `pollMs` it is fetched again and again, as long as `pollMs` says so and somebody looks at the page. What is shown
// stays while it is fetched anew.
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  depends: unknown[],
  pollMs?: (data: T | undefined) => number | undefined,
): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const poll = useRef(pollMs);
  poll.current = pollMs;
  const key = JSON.stringify(depends);
  const lastKey = useRef(key);

  useEffect(() => {
    const controller = new AbortController();
    let timer: number | undefined;
    const isOther = lastKey.current !== key;
    lastKey.current = key;
    setState((old) => ({ data: isOther ? undefined : old.data, loading: true }));
    const run = async (): Promise<void> => {
      let data: T | undefined;
      try {
        data = await latest.current(controller.signal);
        if (controller.signal.aborted) return;
        setState({ data, loading: false });
      } catch (error) {
        if (controller.signal.aborted) return;
        setState((old) => ({ data: old.data, error, loading: false }));
      }
      const pause = poll.current?.(data);
      if (pause) timer = window.setTimeout(() => void (document.hidden ? later() : run()), pause);
    };
    const later = (): void => document.addEventListener('visibilitychange', () => void run(), { once: true, signal: controller.signal });
    void run();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [key, turn]);

  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return { data: state.data, error: state.error, loading: state.loading, reload };
}
