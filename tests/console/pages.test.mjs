// The console in a real browser: every page, the flows of its users, names that want to be markup, and signing in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateBackupCommand, CreateTableCommand, DescribeImportCommand, DescribeTableCommand, DynamoDBClient, ExportTableToPointInTimeCommand, GetItemCommand,
  ImportTableCommand, PutItemCommand, ScanCommand, TagResourceCommand, UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openTab, startBrowser } from '../support/browser.mjs';
import { clientConfig, startServer, startStrictServer, until } from '../support/server.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

const click = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fill = (page, label, value) => page.getByLabel(label, { exact: true }).first().fill(value);
async function choose(page, field, option) {
  await page.getByRole('button', { name: new RegExp(field) }).click();
  await page.getByRole('option', { name: new RegExp(`^${option}`) }).first().click();
}
const link = (page, name) => page.getByRole('link', { name, exact: true }).first();

describe('flows, from nothing', () => {
  let server;
  let dynamodb;
  let tab;
  let page;
  before(async () => {
    server = await startServer();
    dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
    tab = await openTab(browser, server.endpoint);
    page = tab.page;
  });
  after(async () => {
    await tab.close();
    await server.stop();
  });

  test('the menu is there, and leads on, before the script has come', async () => {
    await page.route(/\.js$/, () => {}); // no answer
    await page.goto(`${server.endpoint}/_tidemark/console/`, { waitUntil: 'commit' });
    await link(page, 'Tables').waitFor();
    const drawn = await page.evaluate(() => getComputedStyle(document.querySelector('.frame')).display);
    assert.equal(drawn, 'grid', 'its style is there, too');
    const views = await page.getByRole('navigation').getByRole('link').evaluateAll((links) => links.map(({ textContent, href }) => [textContent, href]));
    await page.unroute(/\.js$/);
    assert.ok(views.length > 10);
    for (const [name, address] of views) {
      await page.goto(address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await page.getByRole('heading', { level: 1, name: 'There is no such page' }).count(), 0, name);
      await link(page, name).and(page.locator('[aria-current="page"]')).waitFor();
    }
  });

  test('an accident: create, fill, break, look back, restore', async () => {
    await tab.open('/', 'Tables');
    await page.getByText('A table is a collection of items').waitFor();
    await page.getByRole('link', { name: 'Create table' }).first().click();
    await page.getByPlaceholder('Orders', { exact: true }).fill('Orders');
    await fill(page, 'Partition key', 'customer');
    await fill(page, 'Sort key – optional', 'id');
    await choose(page, 'Type of the sort key', 'Number');
    await click(page, 'Create table');
    await page.getByRole('heading', { level: 1, name: 'Orders', exact: true }).waitFor();

    // Two items: one by the form, one as JSON.
    await page.getByRole('link', { name: 'Explore table items' }).click();
    await page.getByText('The table is empty').waitFor();
    await page.getByRole('link', { name: 'Create item' }).click();
    await fill(page, 'Value of customer', 'ada');
    await fill(page, 'Value of id', '1');
    await click(page, 'Add attribute');
    await page.getByLabel('Name of attribute 3').fill('total');
    await fill(page, 'Value of total', '12.50');
    await click(page, 'Create item');
    await link(page, 'ada').waitFor();
    await page.getByRole('link', { name: 'Create item' }).click();
    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    await page.getByLabel('DynamoDB JSON').fill('{"customer": {"S": "bob"}, "id": {"N": "2"}, "lines": {"L": [{"M": {"sku": {"S": "a"}}}]}}');
    await click(page, 'Create item');
    await link(page, 'bob').waitFor();
    const stored = await dynamodb.send(new GetItemCommand({ TableName: 'Orders', Key: { customer: { S: 'ada' }, id: { N: '1' } } }));
    assert.deepEqual(stored.Item, { customer: { S: 'ada' }, id: { N: '1' }, total: { S: '12.50' } });
    await tab.settle();
    await tab.shoot('items');

    // The same key again is not written over unseen: the words are those of the service.
    await page.getByRole('link', { name: 'Create item' }).click();
    await fill(page, 'Value of customer', 'ada');
    await fill(page, 'Value of id', '1');
    await click(page, 'Create item');
    await page.getByText('The conditional request failed').waitFor();
    assert.equal(tab.errors.length, 1, 'the browser itself tells of the status 400');
    tab.errors.length = 0;
    await page.getByRole('link', { name: 'Cancel' }).click();

    // The accident.
    const before = new Date((await (await fetch(`${server.endpoint}/_tidemark/clock`)).json()).now);
    await server.advance('PT2M');
    await link(page, 'ada').waitFor();
    await page.getByRole('checkbox', { name: 'Choose {"customer":{"S":"ada"},"id":{"N":"1"}}' }).check();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete item' }).click();
    await click(page, 'Delete');
    await page.getByText('The item has been deleted.').waitFor();
    await until(async () => (await dynamodb.send(new ScanCommand({ TableName: 'Orders' }))).Count === 1, 'the item to be gone');

    // Look back: the timeline, the table as of before, the item's history.
    await tab.open(`/tables/Orders/timeline?at=${encodeURIComponent(before.toISOString())}`, 'Timeline of Orders');
    await page.getByText('3 writes').waitFor();
    await tab.settle();
    await tab.shoot('timeline');
    await page.getByRole('link', { name: 'See the table as of then' }).click();
    await page.getByText('This is the past').waitFor();
    await link(page, 'ada').waitFor();
    await tab.settle();
    await tab.shoot('as-of');
    await link(page, 'ada').click();
    await page.getByRole('cell', { name: 'Deleted' }).waitFor();
    await tab.shoot('history');
    await tab.open(`/tables/Orders/diff?from=${encodeURIComponent(before.toISOString())}`, 'What changed');
    await page.getByRole('cell', { name: 'Deleted' }).waitFor();

    // And restore it.
    await tab.open(`/tables/Orders/timeline?at=${encodeURIComponent(before.toISOString())}`, 'Timeline of Orders');
    await page.getByRole('link', { name: 'Restore', exact: true }).click();
    await fill(page, 'Name of the new table', 'Orders-restored');
    await click(page, 'Restore');
    await page.getByRole('heading', { level: 1, name: 'Orders-restored' }).waitFor();
    const restored = await until(async () => {
      try {
        const answer = await dynamodb.send(new ScanCommand({ TableName: 'Orders-restored' }));
        return answer.Count === 2 && answer;
      } catch {
        return false;
      }
    }, 'the restored table');
    assert.equal(restored.Count, 2);
    tab.assertClean();
  });

  test('a lake: export, look at the files, import them', async () => {
    await tab.open('/exports', 'Exports to S3');
    await page.getByText('No exports yet').waitFor();
    await page.getByRole('link', { name: 'Export to S3' }).last().click();
    await page.getByPlaceholder('my-bucket').waitFor();
    await choose(page, 'Source table', 'Orders');
    await click(page, 'Browse S3');
    const dialog = page.getByRole('dialog', { name: 'Buckets' });
    await dialog.getByText('No buckets').waitFor();
    await dialog.getByLabel('New bucket').fill('lake');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('dialog').getByText('lake', { exact: true }).click();
    await click(page, 'Choose this place');
    await page.getByPlaceholder('folder/').fill('orders');
    await tab.settle();
    await tab.shoot('export-form');
    await click(page, 'Export');
    await page.getByRole('heading', { level: 2, name: /^Data files/ }).waitFor();
    await page.locator('tbody').getByRole('link', { name: /\.json\.gz$/ }).first().waitFor();
    await tab.settle();
    await tab.shoot('export');

    // A file of the export: its lines, out of the gzip. Some partitions have none.
    const rows = page.locator('tbody tr').filter({ has: page.getByRole('link', { name: /\.json\.gz$/ }) });
    await rows.filter({ hasNot: page.getByRole('cell', { name: '0', exact: true }) }).first().getByRole('link').click();
    await page.getByText('Inside the gzip').waitFor();
    await page.getByLabel('Preview', { exact: true }).getByText('"customer"').waitFor();
    await tab.settle();
    await tab.shoot('object');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    assert.match((await download).suggestedFilename(), /\.json\.gz$/);

    // Back into a table.
    await tab.open('/exports', 'Exports to S3');
    await page.locator('tbody').getByRole('link').first().click();
    await page.getByRole('link', { name: 'Import it into a new table' }).click();
    await page.getByPlaceholder('Orders', { exact: true }).fill('Copy');
    await fill(page, 'Partition key', 'customer');
    await fill(page, 'Sort key – optional', 'id');
    await choose(page, 'Type of the sort key', 'Number');
    await click(page, 'Import');
    await page.getByRole('link', { name: 'Explore the table' }).waitFor();
    await tab.settle();
    await tab.shoot('import');
    assert.equal((await dynamodb.send(new ScanCommand({ TableName: 'Copy' }))).Count, 1);
    tab.assertClean();
  });

  test('the live log shows the request of another client, and how to make it oneself', async () => {
    await tab.open('/requests', 'Live requests');
    await page.getByText('Waiting for requests').waitFor();
    await tab.settle().catch(() => undefined);
    await dynamodb.send(new PutItemCommand({ TableName: 'Orders', Item: { customer: { S: "o'hara" }, id: { N: '7' } } }));
    await page.getByRole('cell', { name: 'PutItem' }).click();
    await page.getByRole('tab', { name: 'AWS CLI' }).click();
    const call = await page.locator('pre[aria-label="AWS CLI"]').textContent();
    assert.ok(call.startsWith("aws dynamodb put-item --cli-input-json '{"), call);
    assert.ok(call.includes("o'\\''hara"), call);
    assert.ok(call.endsWith(`' --endpoint-url ${server.endpoint}`), call);
    await tab.shoot('requests');
    assert.deepEqual(await tab.flaws(), []);
    // Many come in pages, the newest first, and are counted.
    for (let id = 100; id < 160; id++) {
      await dynamodb.send(new PutItemCommand({ TableName: 'Orders', Item: { customer: { S: 'many' }, id: { N: `${id}` } } }));
    }
    await page.getByText('(61)').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 50);
    await page.getByRole('button', { name: 'Page 2' }).click();
    await until(async () => await page.locator('tbody tr').count() === 11, 'the second page');
    tab.assertClean();
  });
});

describe('every page', () => {
  let server;
  before(async () => {
    server = await startServer();
    const dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
    const s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
    await dynamodb.send(new CreateTableCommand({
      TableName: 'Orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['customer', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
        .concat([{ AttributeName: 'id', AttributeType: 'N' }]),
      KeySchema: [{ AttributeName: 'customer', KeyType: 'HASH' }, { AttributeName: 'id', KeyType: 'RANGE' }],
      GlobalSecondaryIndexes: [{ IndexName: 'by-state', KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }));
    await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName: 'Orders', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }));
    for (let id = 0; id < 60; id++) {
      await dynamodb.send(new PutItemCommand({
        TableName: 'Orders',
        Item: {
          customer: { S: ['ada', 'bob', 'cleo'][id % 3] }, id: { N: `${id}` }, state: { S: id % 2 ? 'paid' : 'open' },
          total: { N: `${id * 1.25}` }, lines: { L: [{ M: { sku: { S: `a-${id}` }, count: { N: '2' } } }] },
        },
      }));
    }
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'in/people.csv', Body: 'id,name\n1,Ada\n2,"Bob, who builds"\n' }));
  });
  after(() => server.stop());

  const key = encodeURIComponent('{"customer":{"S":"ada"},"id":{"N":"0"}}');
  const views = [
    ['/', 'Tables', 'tables'],
    ['/tables/Orders', 'Orders', 'table'],
    ['/tables/Orders?tab=indexes', 'Orders'],
    ['/tables/Orders?tab=backups', 'Orders', 'backups-tab'],
    ['/tables/Orders?tab=transfers', 'Orders'],
    ['/tables/Orders?tab=streams', 'Orders', 'stream'],
    ['/tables/Orders?tab=replicas', 'Orders'],
    ['/tables/Orders?tab=settings', 'Orders', 'settings'],
    ['/create-table', 'Create table', 'create-table'],
    ['/explore', 'Explore items'],
    ['/tables/Orders/items', 'Orders', 'explore'],
    ['/tables/Orders/items?mode=query&pk=ada', 'Orders'],
    [`/tables/Orders/item?key=${key}`, 'Edit item', 'item'],
    ['/tables/Orders/item', 'Create item'],
    ['/partiql', 'PartiQL editor'],
    ['/backups', 'Backups'],
    ['/restore?table=Orders', 'Restore to a point in time'],
    ['/restore', 'Restore to a point in time'],
    ['/exports', 'Exports to S3'],
    ['/exports/new', 'Export to S3'],
    ['/exports/new?table=Orders', 'Export to S3'],
    ['/imports', 'Imports from S3'],
    ['/imports/new', 'Import from S3'],
    ['/s3', 'Buckets'],
    ['/s3/lake?prefix=in/', 'lake', 'bucket'],
    ['/s3/lake/object?key=in/people.csv', 'people.csv', 'csv'],
    ['/timeline', 'Timeline'],
    ['/tables/Orders/timeline', 'Timeline of Orders'],
    [`/tables/Orders/history?key=${key}`, 'History of an item'],
    ['/jobs', 'Jobs'],
    ['/clock', 'Clock', 'clock'],
    ['/disk', 'Disk use'],
    ['/bill', 'Bill', 'bill'],
    ['/export-or-scan?table=Orders', 'Export or Scan?', 'export-or-scan'],
    ['/no/such/page', 'There is no such page'],
  ];

  test('opens by its address without an error, and can be used without a mouse or eyes', async () => {
    const tab = await openTab(browser, server.endpoint);
    const flaws = {};
    for (const [view, heading, name] of views) {
      await tab.open(view, heading);
      await tab.settle();
      if (name) await tab.shoot(`page-${name}`);
      const found = await tab.flaws();
      if (found.length) flaws[view] = found;
      assert.deepEqual(tab.errors, [], view);
    }
    await tab.close();
    assert.deepEqual(flaws, {});
  });

  test('looks as well in the dark', async () => {
    const tab = await openTab(browser, server.endpoint, { dark: true });
    for (const [view, heading, name] of views.filter(([, , name]) => ['table', 'explore', 'stream'].includes(name))) {
      await tab.open(view, heading);
      await tab.settle();
      await tab.shoot(`dark-${name}`);
    }
    await tab.open('/tables/Orders/timeline', 'Timeline of Orders');
    await tab.settle();
    assert.deepEqual(await tab.flaws(), []);
    // Light is a choice that stays.
    await tab.page.getByRole('button', { name: 'Light' }).click();
    await tab.page.reload();
    await tab.page.getByRole('button', { name: 'Dark' }).waitFor();
    tab.assertClean();
    await tab.close();
  });
});

describe('names that want to be markup', () => {
  const evil = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';
  let server;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  test('are text, wherever they are shown', async () => {
    const dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
    const s3 = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
    await dynamodb.send(new CreateTableCommand({
      TableName: 'Evil',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: evil, AttributeType: 'S' }],
      KeySchema: [{ AttributeName: evil, KeyType: 'HASH' }],
    }));
    await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName: 'Evil', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }));
    await dynamodb.send(new PutItemCommand({ TableName: 'Evil', Item: { [evil]: { S: evil }, [`a${evil}`]: { M: { [evil]: { S: evil } } } } }));
    await s3.send(new CreateBucketCommand({ Bucket: 'evil' }));
    await s3.send(new PutObjectCommand({
      Bucket: 'evil', Key: `${evil}.csv`, Body: `${evil},b\n${evil},2\n`, ContentType: 'text/html', Metadata: { a: evil },
    }));
    const key = encodeURIComponent(JSON.stringify({ [evil]: { S: evil } }));
    const object = encodeURIComponent(`${evil}.csv`);
    const tab = await openTab(browser, server.endpoint);
    const shown = [
      ['/tables/Evil', 'Evil', 'Table status'],
      ['/tables/Evil/items', 'Evil', evil],
      [`/tables/Evil/item?key=${key}`, 'Edit item', 'Attributes'],
      [`/tables/Evil/history?key=${key}`, 'History of an item', evil],
      [`/tables/Evil/diff?from=${Math.floor(Date.now() / 1000) - 1}`, 'What changed'],
      ['/s3/evil', 'evil', 'onerror'],
      [`/s3/evil/object?key=${object}`, `script>.csv`, 'CSV, 2 lines'],
    ];
    // A name that wants to be markup in an index, a tag, a backup's table, an import's log and the list of its objects, too.
    const { Table: { TableArn } } = await dynamodb.send(new DescribeTableCommand({ TableName: 'Evil' }));
    await dynamodb.send(new TagResourceCommand({ ResourceArn: TableArn, Tags: [{ Key: 'about', Value: evil.replace(/[^\w\s+\-=.:/@]/g, '') }] }));
    await dynamodb.send(new CreateBackupCommand({ TableName: 'Evil', BackupName: 'evil' }));
    const exported = await dynamodb.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: 'evil', S3Prefix: 'out' }));
    await s3.send(new PutObjectCommand({ Bucket: 'evil', Key: `in/${evil}.json`, Body: JSON.stringify({ Item: { [evil]: { S: evil } } }) }));
    const imported = await dynamodb.send(new ImportTableCommand({
      S3BucketSource: { S3Bucket: 'evil', S3KeyPrefix: 'in/' }, InputFormat: 'DYNAMODB_JSON',
      TableCreationParameters: {
        TableName: 'EvilToo', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      },
    }));
    const { ImportArn } = imported.ImportTableDescription;
    await until(async () => (await dynamodb.send(new DescribeImportCommand({ ImportArn }))).ImportTableDescription.ImportStatus === 'FAILED', 'the import to fail');
    await fetch(`${server.endpoint}/_tidemark/bill/marks/${encodeURIComponent(evil)}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}',
    });
    const idOf = (arn) => arn.split('/').pop();
    shown.push(
      ['/', 'Tables', 'Evil'], ['/tables/Evil?tab=indexes', 'Evil'], ['/tables/Evil?tab=backups', 'Evil', 'evil'], ['/tables/Evil?tab=transfers', 'Evil'],
      ['/tables/Evil?tab=streams', 'Evil'], ['/tables/Evil?tab=replicas', 'Evil'], ['/tables/Evil?tab=settings', 'Evil', 'Tags'],
      ['/tables/Evil/items?mode=query&pk=' + encodeURIComponent(evil), 'Evil', 'onerror'],
      ['/tables/Evil/item?copy=' + key, 'Duplicate item', 'Attributes'],
      ['/tables/Evil/timeline', 'Timeline of Evil'], ['/explore', 'Explore items', 'Evil'], ['/timeline', 'Timeline', 'Evil'], ['/partiql', 'PartiQL editor'],
      ['/backups', 'Backups', 'Evil'], ['/restore?table=' + encodeURIComponent(evil), 'Restore to a point in time'],
      ['/exports', 'Exports to S3'], ['/exports/new?table=' + encodeURIComponent(evil), 'Export to S3'],
      ['/exports?arn=' + encodeURIComponent(exported.ExportDescription.ExportArn), `Export ${idOf(exported.ExportDescription.ExportArn)}`],
      ['/imports', 'Imports from S3'], ['/imports/new?bucket=evil&prefix=' + encodeURIComponent(evil), 'Import from S3'],
      ['/imports?arn=' + encodeURIComponent(ImportArn), `Import ${idOf(ImportArn)}`, 'onerror'],
      ['/jobs', 'Jobs', 'EvilToo'], [`/jobs/${idOf(ImportArn)}`, `Import ${idOf(ImportArn)}`, 'onerror'],
      ['/s3', 'Buckets', 'evil'], ['/s3/evil?prefix=' + encodeURIComponent('in/'), 'evil', 'onerror'], ['/s3/' + encodeURIComponent(evil), evil],
      ['/clock', 'Clock'], ['/disk', 'Disk use', 'Evil'], ['/bill?label=' + encodeURIComponent(evil), 'Bill'],
      ['/export-or-scan?table=' + encodeURIComponent(evil), 'Export or Scan?'], ['/' + encodeURIComponent(evil), 'There is no such page'],
    );
    for (const [view, heading, text] of shown) {
      await tab.open(view, heading);
      if (text) await tab.page.getByText(text).filter({ visible: true }).first().waitFor().catch((error) => assert.fail(`${view}: ${error}`));
      await tab.settle();
      assert.equal(await tab.page.evaluate(() => globalThis.hacked), undefined, view);
      assert.equal(await tab.page.locator('img[src=x]').count(), 0, view);
    }
    // In the log of requests, too.
    await tab.open('/requests', 'Live requests');
    await tab.page.getByText('Waiting for requests').waitFor();
    await assert.rejects(dynamodb.send(new PutItemCommand({ TableName: 'Evil', Item: { b: { S: evil } } })));
    await tab.page.getByRole('cell', { name: 'PutItem' }).click();
    await tab.page.getByLabel('Request', { exact: true }).getByText('onerror').waitFor();
    assert.equal(await tab.page.evaluate(() => globalThis.hacked), undefined);
    // An address that lies about its table is an error in the words of the service.
    await tab.page.goto(`${server.endpoint}/_tidemark/console/tables/${encodeURIComponent(evil)}`);
    await tab.page.getByText('ValidationException').waitFor();
    assert.equal(await tab.page.evaluate(() => globalThis.hacked), undefined);
    await tab.close();
  });
});

describe('where signatures are verified', () => {
  test('a key is asked for, and signs in the browser', async () => {
    const server = await startStrictServer();
    const tab = await openTab(browser, server.endpoint);
    const { page } = tab;
    await tab.open('/s3', 'Sign in');
    assert.deepEqual(await tab.flaws(), []);
    await fill(page, 'Access key id', 'test');
    await fill(page, 'Secret access key', 'wrong');
    await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('InvalidSignatureException').waitFor();
    await tab.shoot('sign-in');
    await fill(page, 'Secret access key', 'test');
    await page.locator('form').getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
    // S3 signs, too: a bucket, an object with a name that needs encoding.
    await page.getByRole('button', { name: 'Create bucket' }).first().click();
    await fill(page, 'Bucket name', 'mine');
    await page.getByRole('dialog').getByRole('button', { name: 'Create bucket' }).click();
    await link(page, 'mine').click();
    await page.getByRole('button', { name: 'Upload' }).click();
    await page.getByRole('dialog').locator('input[type=file]').setInputFiles({ name: 'a b+ü(1)!.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await page.getByRole('dialog').getByRole('button', { name: 'Upload' }).click();
    await link(page, 'a b+ü(1)!.txt').click();
    await page.getByText('hello').waitFor();
    // The link lets somebody in who has no key.
    await click(page, 'Make a link');
    const presigned = await page.getByText('X-Amz-Signature').textContent();
    const answer = await fetch(presigned);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), 'hello');
    assert.equal((await fetch(presigned.replace(/.$/, (c) => (c === '0' ? '1' : '0')))).status, 403);
    await click(page, 'Sign out');
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await tab.close();
    await server.stop();
  });
});
