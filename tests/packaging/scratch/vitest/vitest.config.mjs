import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { globalSetup: ['tidemark/vitest'], setupFiles: ['tidemark/account-per-worker'], maxWorkers: 2, minWorkers: 2 },
});
