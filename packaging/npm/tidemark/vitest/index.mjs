// vitest: test: { globalSetup: ['tidemark/vitest'] }. One server for all test files, in memory, on free ports. A file of
// one's own with `export default globalSetup({ args: [...] })` gives it options of start().
import start from '../lib/start.js';
import environment from '../lib/test_environment.js';

export const globalSetup = (options) => async () => {
  const server = await start.start(options);
  environment.pointAt(server);
  return () => server.stop();
};

export default globalSetup();
