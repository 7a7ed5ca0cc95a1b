import type { StartOptions } from '../index.js';

/** A global setup of vitest that starts a server with these options and stops it at the end. */
export function globalSetup(options?: StartOptions): () => Promise<() => Promise<unknown>>;
declare const setup: () => Promise<() => Promise<unknown>>;
export default setup;
