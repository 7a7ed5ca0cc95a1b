import { connect, running, start, type TidemarkServer } from 'tidemark';
import vitestSetup, { globalSetup } from 'tidemark/vitest';
import * as local from 'dynamodb-local';

export async function use(): Promise<Date> {
  const server: TidemarkServer = await start({ port: 0, dataDir: 'x', args: ['--fsync'], verbose: true });
  const now: Date = await server.clock.advance('P1D');
  await server.reset();
  await connect({ endpoint: server.endpoint }).reset('000000000001');
  const { code, signal } = await server.stop();
  console.log(code, signal, running().clientConfig.region);
  await globalSetup({ port: 8000 })();
  await vitestSetup();
  const child = await local.launch(8000, null, ['-sharedDb'], true, false, '-Xmx1g');
  await local.stopChild(child);
  // @ts-expect-error There is no such option.
  await start({ prot: 8000 });
  return now;
}
