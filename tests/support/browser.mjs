// Debian's Chromium, driven over its DevTools, and what the tests of the console watch for on each page.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const screenshots = path.join(root, 'build/screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function startBrowser() {
  mkdirSync(screenshots, { recursive: true });
  const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: sandbox });
}

// A tab of its own, whose errors are collected: what scripts throw, what the console complains of (the policy of the
// page above all), and requests to anywhere else.
export async function openTab(browser, endpoint, { dark = false } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on('pageerror', (error) => errors.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(endpoint) && !/^(data|blob):/.test(url)) errors.push(`asked elsewhere: ${url}`);
  });
  return {
    page,
    errors,
    // Opens a view by its address.
    async open(view, heading) {
      await page.goto(`${endpoint}/_tidemark/console${view}`);
      await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    },
    // Until nothing moves any more: no request is on its way and nothing is being loaded.
    async settle() {
      await page.waitForLoadState('networkidle');
      await page.waitForFunction(() => !document.querySelector('[class*=awsui_spinner]'));
    },
    async shoot(name) {
      await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
    },
    // What axe finds wrong, by the rules of WCAG 2.1 A and AA.
    async flaws() {
      await page.evaluate(axeSource);
      const found = await page.evaluate(() =>
        globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }));
      return found.violations.map((flaw) => `${flaw.id}: ${flaw.nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join(' | ')}`);
    },
    assertClean() {
      assert.deepEqual(errors, []);
    },
    close: () => context.close(),
  };
}
