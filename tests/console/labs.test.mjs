// The labs of docs/labs by the console: what the last part of each page says, clicked through in a real browser, with fewer rows.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openTab, startBrowser } from '../support/browser.mjs';
import { clientConfig, startServer, until } from '../support/server.mjs';

const labs = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../examples/labs');
const folder = mkdtempSync(path.join(tmpdir(), 'tidemark-labs-'));
let browser;
let server;
let dynamodb;
let s3;
let tab;
let page;

before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  server = await startServer();
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  tab = await openTab(browser, server.endpoint);
  page = tab.page;
});
afterEach(async () => {
  await tab.close();
  await server.stop();
});

const script = (name, ...words) => execFileSync('/usr/bin/python3', [path.join(labs, name), ...words], {
  env: {
    PATH: process.env.PATH, LAB_ROWS: '2000', AWS_ENDPOINT_URL: server.endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1', LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1',
  },
});

const click = (name) => page.getByRole('button', { name, exact: true }).click();
const follow = (name) => page.getByRole('link', { name, exact: true }).first().click();
const fill = (label, value, nth = 0) => page.getByLabel(label, { exact: true }).nth(nth).fill(value);
async function choose(field, option, nth = 0) {
  await page.getByRole('button', { name: new RegExp(field) }).nth(nth).click();
  await page.getByRole('option', { name: new RegExp(`^${option}`) }).first().click();
}
const heading = (name, level = 1) => page.getByRole('heading', { level, name, exact: true }).waitFor();

// The items of a lab in a bucket of its own, imported by the form, with recovery on.
async function importTable(bucket, table, ...files) {
  const file = path.join(folder, `${table}.json.gz`);
  script('unihan.py', file, ...files);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `in/${table}.json.gz`, Body: readFileSync(file) }));

  await tab.open('/imports', 'Imports from S3');
  await page.getByRole('link', { name: 'Import from S3' }).last().click();
  await page.getByPlaceholder('my-bucket').fill(bucket);
  await page.getByPlaceholder('folder/').fill('in/');
  await choose('Compression', 'GZIP');
  await page.getByPlaceholder('Orders', { exact: true }).fill(table);
  await fill('Partition key', 'character');
  await fill('Sort key – optional', 'property');
  await click('Import');
  await follow('Explore the table');
  await heading(table);

  await tab.open(`/tables/${table}`, table);
  await page.getByRole('tab', { name: 'Backups' }).click();
  await click('Edit');
  await page.getByText('Turn on point-in-time recovery').click();
  await click('Save changes');
  await page.getByText(`Point-in-time recovery of ${table} is on.`).waitFor();
}

const readingOf = async (table) => (await dynamodb.send(new GetItemCommand({
  TableName: table, Key: { character: { S: 'U+4E2D' }, property: { S: 'kMandarin' } },
}))).Item?.value.S;

test('the accident: the second found on the timeline, the table seen as of then, restored, compared', async () => {
  await importTable('unihan', 'Unihan');
  await server.advance('PT20M');
  const before = new Date((await server.advance('PT1S')).getTime() - 1000).toISOString();
  script('careless.py', 'Unihan');
  await server.advance('PT1H');
  assert.equal(await readingOf('Unihan'), 'zhong');

  await tab.open('/tables/Unihan', 'Unihan');
  await page.getByRole('link', { name: 'Timeline', exact: true }).last().click(); // the first is that of the navigation
  await heading('Timeline of Unihan');
  await page.getByRole('slider', { name: 'Moment on the timeline' }).click();
  await fill('Moment', before);
  await click('Go there');
  await heading(before, 2);
  await tab.settle();
  await tab.shoot('lab-timeline');
  const moment = page.url();

  await follow('See the table as of then');
  await page.getByText('This is the past').waitFor();
  await page.locator('tbody').getByRole('link').first().click();
  await heading('History of an item');

  await page.goto(moment);
  await follow('What changed since then');
  await heading('What changed');
  await page.getByRole('cell', { name: 'Deleted' }).first().waitFor();
  await tab.settle();
  await tab.shoot('lab-diff');

  await page.goto(moment);
  await follow('Restore');
  await fill('Name of the new table', 'UnihanBefore');
  await click('Restore');
  await heading('UnihanBefore');
  await until(() => readingOf('UnihanBefore').catch(() => undefined).then((reading) => reading === 'zhōng'), 'the reading in the restored table');

  await page.goto(moment);
  await click('Rewind');
  await page.getByRole('dialog').getByRole('textbox').fill('rewind');
  await page.getByRole('dialog').getByRole('button', { name: 'Rewind', exact: true }).click();
  await until(async () => (await readingOf('Unihan')) === 'zhōng', 'the reading in the table itself');
  tab.assertClean();
});

test('the lake: a full export looked at, and what changed exported after it', async () => {
  await importTable('lake', 'Readings', 'Readings');
  await tab.open('/exports', 'Exports to S3');
  await page.getByRole('link', { name: 'Export to S3' }).last().click();
  await page.getByPlaceholder('my-bucket').waitFor();
  await choose('Source table', 'Readings');
  await click('Browse S3');
  await page.getByRole('dialog').getByText('lake', { exact: true }).click();
  await click('Choose this place');
  await page.getByPlaceholder('folder/').fill('readings');
  await click('Export');
  await page.getByRole('heading', { level: 2, name: /^Data files/ }).waitFor();
  await page.getByRole('link', { name: 'Import it into a new table' }).waitFor();
  const rows = page.locator('tbody tr').filter({ has: page.getByRole('link', { name: /\.json\.gz$/ }) });
  await rows.filter({ hasNot: page.getByRole('cell', { name: '0', exact: true }) }).first().getByRole('link').click();
  await page.getByText('Inside the gzip').waitFor();
  await page.getByLabel('Preview', { exact: true }).getByText('"character"').first().waitFor();
  await page.getByRole('link', { name: 'Download' }).waitFor();

  script('a_day.py', 'Readings', '1');
  await tab.open('/clock', 'Clock');
  await fill('By a duration', 'PT20M');
  await click('Advance');
  await page.getByText('The clock went on by 20 minutes.').waitFor();
  await tab.open('/exports/new?table=Readings', 'Export to S3');
  await page.getByPlaceholder('my-bucket').fill('lake');
  await page.getByPlaceholder('folder/').fill('readings');
  await page.getByText('Incremental export', { exact: true }).click();
  await page.getByRole('button', { name: /View type/ }).waitFor();
  await click('Export');
  await page.getByRole('heading', { level: 2, name: /^Data files/ }).waitFor();
  await tab.settle();
  await tab.shoot('lab-increment');
  tab.assertClean();
});

test('the migration: a CSV file uploaded and imported with an index, the error log read, a row repaired', async () => {
  const file = path.join(folder, 'characters.csv');
  writeFileSync(file, `${readFileSync('/usr/share/unicode/UnicodeData.txt', 'utf8').split('\n').slice(0, 300).join('\n')}\n`);
  await tab.open('/s3', 'Buckets');
  await page.getByRole('button', { name: 'Create bucket' }).first().click();
  await fill('Bucket name', 'migration');
  await page.getByRole('dialog').getByRole('button', { name: 'Create bucket' }).click();
  await follow('migration');
  await click('Upload');
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file);
  await page.getByRole('dialog').getByRole('button', { name: 'Upload' }).click();
  await follow('characters.csv');
  await heading('characters.csv');

  await tab.open('/imports', 'Imports from S3');
  await page.getByRole('link', { name: 'Import from S3' }).last().click();
  await page.getByPlaceholder('my-bucket').fill('migration');
  await choose('Format', 'CSV');
  await choose('Delimiter', 'Semicolon');
  await page.getByLabel('Header – optional').fill(
    'code;name;category;combining;direction;decomposition;decimal;digit;numeric;mirrored;old_name;comment;upper;lower;title');
  await page.getByPlaceholder('Orders', { exact: true }).fill('Characters');
  await fill('Partition key', 'code');
  await click('Add global index');
  await fill('Partition key', 'category', 1);
  await fill('Sort key – optional', 'numeric', 1);
  await choose('Type of the sort key', 'Number', 1);
  await page.getByPlaceholder('by-date').fill('by-number');
  await click('Import');

  await page.getByText('ItemValidationError').waitFor();
  await page.getByRole('heading', { level: 2, name: /^Error log/ }).waitFor();
  await page.getByText('The parameter cannot be converted to a numeric value: 1/4').first().waitFor();
  await tab.settle();
  await tab.shoot('import-errors');
  assert.deepEqual(await tab.flaws(), []);

  await tab.open('/tables/Characters/items', 'Characters');
  await page.getByRole('link', { name: 'Create item' }).click();
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  await page.getByLabel('DynamoDB JSON').fill(JSON.stringify({
    code: { S: '00BC' }, name: { S: 'VULGAR FRACTION ONE QUARTER' }, category: { S: 'No' }, numeric: { N: '0.25' },
  }));
  await click('Create item');
  await heading('Characters');
  const quarter = () => dynamodb.send(new QueryCommand({
    TableName: 'Characters', IndexName: 'by-number', KeyConditionExpression: 'category = :other AND #n = :quarter',
    ExpressionAttributeNames: { '#n': 'numeric' }, ExpressionAttributeValues: { ':other': { S: 'No' }, ':quarter': { N: '0.25' } },
  }));
  await until(async () => (await quarter()).Items[0]?.code.S === '00BC', 'the quarter in the index');
  tab.assertClean();
});
