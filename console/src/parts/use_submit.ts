// Something that is sent: whether it is on its way, and what the service said against it.
import { useState } from 'react';
import { clearNotices } from '../app/notices';

export interface Submit {
  busy: boolean;
  error: unknown;
  run: () => void;
  setError: (error: unknown) => void; // what is wrong before it is sent
}

// One at a time. `send` ends by leading elsewhere, closing, or telling.
export function useSubmit(send: () => Promise<unknown>): Submit {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (): Promise<void> => {
    clearNotices();
    setBusy(true);
    setError(undefined);
    try {
      await send();
    } catch (found) {
      setError(found);
    }
    setBusy(false);
  };
  return { busy, error, setError, run: () => void (busy || run()) };
}
