// What bench/console.py measures in a browser: console_pages.mjs ENDPOINT paint RUNS | timeline TABLE | watch.
// Prints one line of JSON; `watch` keeps the live log open, says "ready", and prints it when its input ends.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { chromium } = createRequire(path.join(root, 'tests/package.json'))('playwright-core');
const [endpoint, what, argument] = process.argv.slice(2);
const url = (view) => `${endpoint}/_tidemark/console${view}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});

async function open(context, view) {
  const page = await context.newPage();
  await page.goto(url(view));
  return page;
}

// Milliseconds from the request for the page to the first content that is drawn, and to the view's own.
async function firstPaint(context) {
  const page = await open(context, '/');
  const heading = await page.waitForFunction(() => document.querySelector('h1') && performance.now());
  const view = await heading.jsonValue();
  const first = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
  await page.close();
  return { first, view };
}

async function paint(runs) {
  const found = { cold: [], warm: [] };
  for (let run = 0; run < runs; run++) {
    const context = await browser.newContext();
    found.cold.push(await firstPaint(context)); // nothing is in the cache of this context
    found.warm.push(await firstPaint(context));
    await context.close();
  }
  return found;
}

// Milliseconds for the answer with the writes, and from its end until the bars are on the screen.
async function timeline(table) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
  await context.addInitScript(() => {
    const look = () => {
      if (document.querySelector('.timeline svg path[d]:not([d=""])')) {
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.drawn = performance.now())));
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  });
  const runs = [];
  for (let run = 0; run < 5; run++) {
    const page = await open(context, `/tables/${encodeURIComponent(table)}/timeline`);
    await page.waitForFunction(() => globalThis.drawn);
    runs.push(await page.evaluate(() => {
      const asked = performance.getEntriesByType('resource').find((entry) => entry.name.includes('/activity'));
      return { answer: asked.responseEnd - asked.startTime, draw: globalThis.drawn - asked.responseEnd, both: globalThis.drawn - asked.startTime };
    }));
    await page.close();
  }
  return runs;
}

async function watch() {
  const context = await browser.newContext();
  const page = await open(context, '/requests');
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'JSHeapUsedSize').value;
  };
  await page.getByRole('heading', { level: 1, name: 'Live requests' }).waitFor();
  await page.waitForLoadState('load');
  const samples = [];
  let isOver = false;
  process.stdin.on('end', () => (isOver = true)).resume();
  console.log('ready');
  while (!isOver) {
    samples.push(await heap());
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  samples.push(await heap());
  return { heap: samples, rows: await page.locator('tbody tr').count() };
}

const measured = what === 'paint' ? await paint(Number(argument)) : what === 'timeline' ? await timeline(argument) : await watch();
console.log(JSON.stringify(measured));
await browser.close();
process.exit(0);
