// What users click in the console besides the labs: items, indexes, backups, moments, the clock, jobs, buckets, replicas, bills.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import {
  CreateTableCommand, DescribeContinuousBackupsCommand, DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient,
  ExportTableToPointInTimeCommand, GetItemCommand, ListTagsOfResourceCommand, PutItemCommand, ScanCommand, UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openTab, startBrowser } from '../support/browser.mjs';
import { clientConfig, startServer, until } from '../support/server.mjs';

let browser;
let server;
let dynamodb;
let s3;
let tab;
let page;

before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

async function start(args = []) {
  server = await startServer({ args });
  dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
  s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  tab = await openTab(browser, server.endpoint);
  page = tab.page;
}
async function stop() {
  await tab.close();
  await server.stop();
}

const click = (name) => page.getByRole('button', { name, exact: true }).first().click();
const fill = (label, value) => page.getByLabel(label, { exact: true }).first().fill(value);
const dialog = () => page.getByRole('dialog');
const heading = (name, level = 1) => page.getByRole('heading', { level, name, exact: true }).waitFor();
const says = (text) => page.getByText(text).filter({ visible: true }).first().waitFor();
async function choose(field, option) {
  await page.getByRole('button', { name: new RegExp(field) }).first().click();
  await page.getByRole('option', { name: new RegExp(`^${option}`) }).first().click();
}
// The browser itself tells of answers that say no.
function expectRefusals(count) {
  assert.equal(tab.errors.length, count, tab.errors.join('\n'));
  tab.errors.length = 0;
}

async function createTable(name, { recovery = false } = {}) {
  await dynamodb.send(new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  }));
  if (!recovery) return;
  await dynamodb.send(new UpdateContinuousBackupsCommand({
    TableName: name, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  }));
}
const put = (table, item) => dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
const get = async (table, id) => (await dynamodb.send(new GetItemCommand({ TableName: table, Key: { id: { S: id } } }))).Item;
const now = async () => (await (await fetch(`${server.endpoint}/_tidemark/clock`)).json()).now;

describe('on a server', () => {
  beforeEach(() => start());
  afterEach(stop);

  test('an item: edited as a form and as JSON, duplicated, deleted', async () => {
    await createTable('Notes');
    await put('Notes', { id: { S: 'a' }, text: { S: 'old' }, more: { L: [{ N: '1' }] } });
    await tab.open('/tables/Notes/items', 'Notes');
    await page.getByRole('link', { name: 'a', exact: true }).click();
    await heading('Edit item');
    await fill('Value of text', 'new');
    await click('Save changes');
    await says('The item has been saved.');
    assert.deepEqual(await get('Notes', 'a'), { id: { S: 'a' }, text: { S: 'new' }, more: { L: [{ N: '1' }] } });

    await click('JSON');
    const json = page.getByLabel('DynamoDB JSON');
    assert.deepEqual(JSON.parse(await json.inputValue()), await get('Notes', 'a'), 'as JSON it is the same item');
    await json.fill('{"id": {"S": "a"}, "text": "no type"}');
    await click('Save changes');
    await says('The attribute text needs a type and a value');
    await json.fill('{"id": {"S": "a"}, "n": {"N": "abc"}}');
    await click('Save changes');
    await says('cannot be converted to a numeric value: abc');
    expectRefusals(1);
    await json.fill('{"id": {"S": "a"}, "n": {"N": "7"}}');
    await click('Save changes');
    await until(async () => (await get('Notes', 'a')).n?.N === '7', 'the item of the JSON');

    await tab.open('/tables/Notes/items', 'Notes');
    await page.getByRole('checkbox', { name: 'Choose {"id":{"S":"a"}}' }).check();
    await click('Actions');
    await page.getByRole('menuitem', { name: /Duplicate/ }).click();
    await heading('Duplicate item');
    await fill('Value of id', 'b');
    await click('Create item');
    await heading('Notes');
    assert.deepEqual(await get('Notes', 'b'), { id: { S: 'b' }, n: { N: '7' } });
    await page.getByRole('checkbox', { name: 'Choose {"id":{"S":"a"}}' }).check();
    await click('Actions');
    await page.getByRole('menuitem', { name: 'Delete item' }).click();
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await says('The item has been deleted.');
    assert.equal(await get('Notes', 'a'), undefined);
    tab.assertClean();
  });

  test('a statement of PartiQL reads and writes, and its error is the service’s', async () => {
    await createTable('Notes');
    await put('Notes', { id: { S: 'a' }, n: { N: '1' } });
    await tab.open('/partiql', 'PartiQL editor');
    const statement = page.getByRole('textbox').last();
    await statement.fill('SELECT * FROM "Notes" WHERE id = \'a\'');
    await click('Run');
    await page.locator('tbody').getByText('a', { exact: true }).first().waitFor();
    await statement.fill('UPDATE "Notes" SET n = 2 WHERE id = \'a\'');
    await click('Run');
    await until(async () => (await get('Notes', 'a')).n.N === '2', 'the update');
    await statement.fill('SELEC * FROM "Notes"');
    await click('Run');
    await says('ValidationException');
    expectRefusals(1);
  });

  test('a query with a filter, and what it asks for', async () => {
    await createTable('Notes');
    for (const n of [1, 2, 3]) await put('Notes', { id: { S: `note${n}` }, n: { N: `${n}` } });
    await tab.open('/tables/Notes/items?mode=query', 'Notes');
    await fill('id (partition key)', 'note2');
    await click('Run');
    await page.getByRole('link', { name: 'note2', exact: true }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'note1', exact: true }).count(), 0);
    tab.assertClean();
  });

  test('a branch and a rewind from a moment of the timeline', async () => {
    await createTable('Notes', { recovery: true });
    await put('Notes', { id: { S: 'a' }, text: { S: 'good' } });
    await server.advance('PT1M');
    const moment = await now();
    await server.advance('PT1M');
    await put('Notes', { id: { S: 'a' }, text: { S: 'bad' } });
    const view = `/tables/Notes/timeline?at=${encodeURIComponent(moment)}`;
    await tab.open(view, 'Timeline of Notes');
    await click('Branch');
    await dialog().getByRole('textbox').fill('Trial');
    await dialog().getByRole('button', { name: 'Branch', exact: true }).click();
    await heading('Trial');
    await until(() => get('Trial', 'a').then((item) => item?.text.S === 'good', () => false), 'the branch as it was then');
    assert.equal((await get('Notes', 'a')).text.S, 'bad', 'the table itself is as it was');

    await tab.open(view, 'Timeline of Notes');
    await click('Rewind');
    const rewind = dialog().getByRole('button', { name: 'Rewind', exact: true });
    assert.ok(await rewind.isDisabled(), 'not by accident');
    await dialog().getByRole('textbox').fill('rewind');
    await rewind.click();
    await page.getByRole('heading', { level: 1, name: /^Rewind / }).waitFor();
    await until(async () => (await get('Notes', 'a')).text.S === 'good', 'the table as it was');
    tab.assertClean();
  });

  test('the clock: what is due next, going on, standing still, another pace', async () => {
    await createTable('Notes');
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: 'Notes', TimeToLiveSpecification: { Enabled: true, AttributeName: 'gone' } }));
    const gone = Math.floor(Date.parse(await now()) / 1000) + 7 * 86_400;
    await put('Notes', { id: { S: 'a' }, gone: { N: `${gone}` } });
    await tab.open('/clock', 'Clock');
    const due = page.getByRole('row').filter({ hasText: 'Items expire' });
    const day = new Date(gone * 1000).toISOString().slice(0, 10);
    await due.filter({ hasText: day }).waitFor();
    await tab.shoot('clock-due');
    assert.deepEqual(await tab.flaws(), []);
    const before = Date.parse(await now());
    await click('7 days');
    await says('The clock went on by 7 days.');
    assert.ok(Date.parse(await now()) >= before + 7 * 86_400_000);
    await click('1 minute');
    await until(async () => (await get('Notes', 'a')) === undefined, 'the item to expire');
    await due.waitFor({ state: 'detached' });
    await page.getByText('Freeze', { exact: true }).last().click();
    await says('Time stands still.');
    assert.equal((await (await fetch(`${server.endpoint}/_tidemark/clock`)).json()).frozen, true);
    await page.getByText('Freeze', { exact: true }).last().click();
    await says('Time goes on.');
    await fill('Rate', '120');
    await click('Use');
    await says('120 times as fast');
    assert.equal((await (await fetch(`${server.endpoint}/_tidemark/clock`)).json()).rate, 120);
    await fill('By a duration', 'tomorrow');
    await click('Advance');
    await says('advance must be a duration');
    expectRefusals(1);
  });

  test('settings and indexes: what is changed, and what is refused in the service’s words', async () => {
    await createTable('Notes');
    await tab.open('/tables/Notes?tab=settings', 'Notes');
    await fill('Attribute with the time', 'gone');
    await click('Turn on');
    await says('Items go when the time in gone has passed.');
    const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: 'Notes' }));
    assert.equal(ttl.TimeToLiveDescription.AttributeName, 'gone');
    await click('Add tag');
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill('team');
    await page.getByRole('textbox', { name: 'Value', exact: true }).fill('blue');
    await click('Save tags');
    await says('The tags have been saved.');
    const arn = (await dynamodb.send(new DescribeTableCommand({ TableName: 'Notes' }))).Table.TableArn;
    assert.deepEqual((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn }))).Tags, [{ Key: 'team', Value: 'blue' }]);
    await page.getByRole('textbox', { name: 'Key', exact: true }).fill('aws:team');
    await click('Save tags');
    await page.getByRole('heading', { level: 2, name: 'Tags' }).waitFor();
    await says('ValidationException');
    expectRefusals(1);

    await tab.open('/tables/Notes?tab=indexes', 'Notes');
    await click('Create index');
    assert.deepEqual(await tab.flaws(), [], 'a dialog');
    await dialog().getByLabel('Partition key', { exact: true }).first().fill('team');
    await dialog().getByPlaceholder('by-date').fill('x');
    await dialog().getByRole('button', { name: 'Create index' }).click();
    await dialog().getByText('ValidationException').waitFor();
    expectRefusals(1);
    await dialog().getByPlaceholder('by-date').fill('by-team');
    await dialog().getByRole('button', { name: 'Create index' }).click();
    await page.getByRole('link', { name: 'by-team' }).waitFor();
    await page.getByRole('radio', { name: 'Choose by-team' }).check();
    await click('Delete');
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await says('No indexes');
    tab.assertClean();
  });

  test('a backup: made, restored, deleted', async () => {
    await createTable('Notes');
    await put('Notes', { id: { S: 'a' } });
    await tab.open('/tables/Notes?tab=backups', 'Notes');
    await click('Edit');
    await page.getByText('Turn on point-in-time recovery').click();
    await fill('Recovery period', '36');
    await click('Save changes');
    await dialog().getByText('ValidationException').waitFor();
    expectRefusals(1);
    await fill('Recovery period', '7');
    await click('Save changes');
    await says('Point-in-time recovery of Notes is on.');
    const recovery = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName: 'Notes' }));
    assert.equal(recovery.ContinuousBackupsDescription.PointInTimeRecoveryDescription.RecoveryPeriodInDays, 7);
    await click('Create backup');
    await dialog().getByPlaceholder('before-migration').fill('first');
    await dialog().getByRole('button', { name: 'Create backup' }).click();
    await says('The backup first of Notes is there.');
    await page.getByRole('row').filter({ hasText: 'first' }).getByRole('radio').check();
    await page.getByRole('link', { name: 'Restore', exact: true }).last().click();
    await heading('Restore from a backup');
    await fill('Name of the new table', 'Notes');
    await click('Restore');
    await says('TableAlreadyExistsException');
    expectRefusals(1);
    await fill('Name of the new table', 'Again');
    await click('Restore');
    await heading('Again');
    await until(() => get('Again', 'a').then(Boolean, () => false), 'the restored item');
    tab.assertClean();
  });

  test('a bucket: a file uploaded, previewed, lent by a link, deleted', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
    await tab.open('/s3/files', 'files');
    await click('Upload');
    await dialog().locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('id,name\n1,Ada\n2,"Bob, who builds"\n') });
    await dialog().getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByRole('link', { name: 'people.csv', exact: true }).click();
    await heading('people.csv');
    await page.getByRole('cell', { name: 'Bob, who builds' }).waitFor();
    await click('Make a link');
    const link = await page.getByText('X-Amz-Signature').textContent();
    const answer = await fetch(link);
    assert.equal(await answer.text(), 'id,name\n1,Ada\n2,"Bob, who builds"\n');
    const stored = await s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'people.csv' }));
    assert.equal(await stored.Body.transformToString(), 'id,name\n1,Ada\n2,"Bob, who builds"\n');
    await click('Delete');
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await heading('files');
    await until(() => s3.send(new HeadObjectCommand({ Bucket: 'files', Key: 'people.csv' })).then(() => false, () => true), 'the object to be gone');
    tab.assertClean();
  });

  test('a global table: a replica made and removed', async () => {
    await createTable('Notes');
    await put('Notes', { id: { S: 'a' } });
    const far = new DynamoDBClient({ ...clientConfig(server.endpoint), region: 'eu-west-1' });
    await tab.open('/tables/Notes?tab=replicas', 'Notes');
    await says('No replicas');
    await click('Create replica');
    await dialog().getByRole('textbox').fill('nowhere');
    await dialog().getByRole('button', { name: 'Create replica' }).click();
    await dialog().getByText('ValidationException').waitFor();
    expectRefusals(1);
    await dialog().getByRole('textbox').fill('eu-west-1');
    await dialog().getByRole('button', { name: 'Create replica' }).click();
    await page.getByRole('row').filter({ hasText: 'eu-west-1' }).getByText('Active').waitFor();
    assert.equal((await far.send(new ScanCommand({ TableName: 'Notes' }))).Count, 1);
    await tab.settle();
    await tab.shoot('replicas');
    assert.deepEqual(await tab.flaws(), []);
    await server.advance('P1D');
    await page.getByRole('radio', { name: 'Choose eu-west-1' }).check();
    await click('Delete replica');
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click();
    await says('No replicas');
    await assert.rejects(far.send(new ScanCommand({ TableName: 'Notes' })), { name: 'ResourceNotFoundException' });
    tab.assertClean();
  });

  test('the bill since a mark, and what an export and a scan cost', async () => {
    await createTable('Notes', { recovery: true });
    for (const id of ['a', 'b', 'c']) await put('Notes', { id: { S: id } });
    await tab.open('/bill', 'Bill');
    const line = page.getByRole('row').filter({ hasText: 'Notes' }).filter({ hasText: 'PutItem' });
    await line.getByText('3 ').first().waitFor();
    await page.getByPlaceholder('before-load').fill('after-load');
    await click('Set mark');
    await page.getByRole('button', { name: /after-load/ }).waitFor();
    await line.waitFor({ state: 'detached' });
    await tab.open('/export-or-scan', 'Export or Scan?');
    await choose('Table', 'Notes');
    for (const way of ['Export to S3', 'Scan, strongly consistent']) await page.locator('tbody').getByText(way, { exact: true }).waitFor();
    tab.assertClean();
  });

  test('an incremental export is proposed from where the last one ended, and a day at most', async () => {
    await createTable('Notes', { recovery: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    const from = Math.ceil(Date.parse(await now()) / 1000);
    await server.advance('PT30M');
    const { TableArn } = (await dynamodb.send(new DescribeTableCommand({ TableName: 'Notes' }))).Table;
    await dynamodb.send(new ExportTableToPointInTimeCommand({
      TableArn, S3Bucket: 'lake', ExportType: 'INCREMENTAL_EXPORT',
      IncrementalExportSpecification: { ExportFromTime: new Date(from * 1000), ExportToTime: new Date((from + 900) * 1000) },
    }));
    await server.advance('P3D');
    await tab.open('/exports/new?table=Notes', 'Export to S3');
    assert.ok(await page.getByRole('radio', { name: 'Now' }).isChecked(), 'a full export is of now');
    await page.getByText('Incremental export', { exact: true }).click();
    await says('where the last incremental export ended');
    const shown = async (nth) => `${await page.getByPlaceholder('YYYY-MM-DD').nth(nth).inputValue()} ${await page.getByPlaceholder('hh:mm:ss').nth(nth).inputValue()}`.replaceAll('/', '-');
    const text = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
    assert.equal(await shown(0), text(from + 900));
    assert.equal(await shown(1), text(from + 900 + 86_400));
    tab.assertClean();
  });

  test('all of the reason why an import refused a line', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'in.json', Body: '{"Item":{"id":{"S":"a"}}}\n{"Item":{"id":{"N":"1"}}}\n' }));
    await tab.open('/imports/new?bucket=lake', 'Import from S3');
    await page.getByPlaceholder('Orders', { exact: true }).fill('Notes');
    await fill('Partition key', 'id');
    await click('Import');
    await page.getByRole('heading', { level: 2, name: /^Error log/ }).waitFor();
    const cell = page.getByRole('table', { name: 'Error log' }).locator('tbody th').first();
    await cell.waitFor();
    const cut = await cell.evaluate((element) => [element, ...element.querySelectorAll('*')].some((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow !== 'visible'));
    assert.equal(cut, false, 'nothing of the reason is cut off');
    assert.match(await cell.textContent(), /\S{3}/);
    await tab.settle();
    assert.deepEqual(await tab.flaws(), []);
    tab.assertClean();
  });
});

describe('where jobs take their time', () => {
  before(() => start(['--export-duration', 'PT1H']));
  after(stop);

  test('a job is cancelled, and all of its parts have ended', async () => {
    await createTable('Notes', { recovery: true });
    await put('Notes', { id: { S: 'a' } });
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    const { TableArn } = (await dynamodb.send(new DescribeTableCommand({ TableName: 'Notes' }))).Table;
    await dynamodb.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'lake' }));
    await tab.open('/clock', 'Clock');
    await page.locator('tbody').getByText('A job ends').waitFor();
    await tab.open('/jobs', 'Jobs');
    await page.locator('tbody').getByRole('link').first().click();
    await click('Cancel job');
    await says('The job has been asked to end.');
    await page.getByText('Cancelled').first().waitFor();
    assert.equal(await page.getByText('Running', { exact: true }).count(), 0);
    assert.ok(await page.getByRole('button', { name: 'Cancel job' }).isDisabled());
    await tab.settle();
    assert.deepEqual(await tab.flaws(), []);
    tab.assertClean();
  });
});
