// For setupFiles of jest and vitest: test files that run at the same time get tables of their own, though all use one server
// and the same names. An access key of twelve digits is an account.
'use strict';

const worker = process.env.JEST_WORKER_ID ?? process.env.VITEST_POOL_ID ?? '1';
process.env.AWS_ACCESS_KEY_ID = worker.padStart(12, '0');
