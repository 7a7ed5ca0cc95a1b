// What the console says where something cannot be done yet, went wrong, or is not there, and in which words.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateBackupCommand, CreateTableCommand, DescribeExportCommand, DynamoDBClient, ExportTableToPointInTimeCommand, PutItemCommand,
  UpdateContinuousBackupsCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openTab, startBrowser } from '../support/browser.mjs';
import { clientConfig, startServer, until } from '../support/server.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

describe('guidance', () => {
  let browser;
  let server;
  let dynamodb;
  let tab;
  let page;
  const createTable = async (TableName, recovery) => {
    await dynamodb.send(new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }));
    if (recovery) {
      await dynamodb.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }));
    }
    await dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } }));
  };
  const now = async () => (await (await fetch(`${server.endpoint}/_tidemark/clock`)).json()).now;
  const at = async () => encodeURIComponent(await now());
  before(async () => {
    browser = await startBrowser();
    server = await startServer();
    dynamodb = new DynamoDBClient(clientConfig(server.endpoint));
    await new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'lake' }));
    tab = await openTab(browser, server.endpoint);
    page = tab.page;
  });
  after(async () => {
    await tab.close();
    await browser.close();
    await server.stop();
  });

  test('without point-in-time recovery nothing is offered that needs a past', async () => {
    await createTable('Forgets', false);
    await tab.open(`/tables/Forgets/timeline?at=${await at()}`, 'Timeline of Forgets');
    await page.getByText('Point-in-time recovery is off for this table, so there is no past to go to.').waitFor();
    for (const name of ['Branch', 'Rewind', 'Restore', 'Export', 'What changed since then', 'See the table as of then']) {
      await page.locator('[aria-disabled=true]').filter({ hasText: new RegExp(`^${name}`) }).waitFor();
    }
    await page.locator('[aria-disabled=true]').filter({ hasText: /^Rewind/ }).hover();
    await page.getByRole('tooltip').getByText('nothing is kept of its past').waitFor();
    assert.deepEqual(await tab.flaws(), []);
    await page.getByRole('link', { name: 'Turn it on under Backups' }).click();
    await page.getByRole('heading', { name: 'Point-in-time recovery (PITR)' }).waitFor();
    await tab.open('/restore?table=Forgets', 'Restore to a point in time');
    await page.getByText('so nothing of its past is kept').waitFor();
    assert.equal(await page.getByText('–', { exact: false }).filter({ hasText: /From – on|Between – and –/ }).count(), 0);
    // Where it is on, all of it is.
    await createTable('Orders', true);
    await tab.open(`/tables/Orders/timeline?at=${await at()}`, 'Timeline of Orders');
    await tab.settle();
    assert.equal(await button(page, 'Rewind').isEnabled(), true);
    assert.equal(await page.locator('[aria-disabled=true]').filter({ hasText: /^Rewind/ }).count(), 0);
  });

  test('an increment is proposed as soon as the service takes one, and before it is said when that is', async () => {
    await tab.open('/exports/new?table=Orders', 'Export to S3');
    await page.getByPlaceholder('my-bucket').fill('lake');
    await page.getByText('Incremental export', { exact: true }).click();
    await page.getByText('No incremental export of Orders can be made yet').waitFor();
    assert.equal(await button(page, 'Export').isDisabled(), true);
    await server.advance('PT16M');
    await button(page, 'Look again').click();
    await page.getByText('No incremental export').waitFor({ state: 'detached' });
    await button(page, 'Export').click();
    await page.getByRole('heading', { level: 1, name: /^Export 0/ }).waitFor();
    // The next would have to wait: what is proposed meanwhile is taken, too.
    await tab.open('/exports/new?table=Orders', 'Export to S3');
    await page.getByPlaceholder('my-bucket').fill('lake');
    await page.getByText('Incremental export', { exact: true }).click();
    await page.getByText('The last incremental export ended at').waitFor();
    const from = page.getByPlaceholder('hh:mm:ss').first();
    const proposed = await from.inputValue();
    await from.fill('23:59:59');
    await page.getByText('A period has 15 minutes at least.').or(page.getByText('What can be exported begins at')).first().waitFor();
    assert.equal(await button(page, 'Export').isDisabled(), true);
    await from.fill(proposed);
    await button(page, 'Export').click();
    await page.getByRole('heading', { level: 1, name: /^Export 0/ }).waitFor();
    await page.getByText('The export of Orders has begun.').waitFor();
    tab.assertClean();
  });

  test('what was told goes with the next action and with the page', async () => {
    await tab.open('/clock', 'Clock');
    await page.getByLabel('By a duration').fill('soon');
    await button(page, 'Advance').click();
    await page.getByText('Moving the clock failed').waitFor();
    tab.errors.length = 0; // the browser itself tells of the status 400
    await button(page, '1 minute').click();
    await page.getByText('The clock went on by 1 minute.').waitFor();
    await page.getByText('Moving the clock failed').waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.getByText('The clock went on by 1 minute.').waitFor({ state: 'detached' });
    tab.assertClean();
  });

  test('a branch is called one, in the list and on its page', async () => {
    await tab.open(`/tables/Orders/timeline?at=${await at()}`, 'Timeline of Orders');
    await tab.settle();
    await button(page, 'Branch').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Branch', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Orders-branch' }).waitFor();
    await page.getByText('Orders-branch begins as Orders was at').waitFor();
    const { jobs } = await (await fetch(`${server.endpoint}/_tidemark/jobs?table=Orders-branch`)).json();
    assert.deepEqual(jobs.map((job) => [job.kind, job.operation]), [['restore', 'branch']]);
    await tab.open('/jobs', 'Jobs');
    await page.getByRole('row').filter({ hasText: 'Orders-branch' }).getByRole('cell', { name: 'Branch', exact: true }).waitFor();
    await tab.open(`/jobs/${jobs[0].id}`, `Branch ${jobs[0].id}`);
    tab.assertClean();
  });

  test('an export that failed looks like one, and writes are counted in whole numbers', async () => {
    await createTable('Young', true);
    const { ExportDescription } = await dynamodb.send(new ExportTableToPointInTimeCommand({
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Young', S3Bucket: 'no-such-bucket',
    }));
    await until(async () => (await dynamodb.send(new DescribeExportCommand({ ExportArn: ExportDescription.ExportArn })))
      .ExportDescription.ExportStatus === 'FAILED', 'the export to fail');
    await tab.open('/tables/Young/timeline', 'Timeline of Young');
    await page.getByText('1 write,').waitFor();
    await page.getByText('export, nothing came of it').waitFor();
    assert.match(await page.locator('.timeline .mark title').textContent(), /^export \S+, failed: S3NoSuchBucket, /);
    const numbers = await page.locator('.timeline svg text[text-anchor=end]').allTextContents();
    assert.deepEqual(numbers, ['0', '1']);
    await tab.settle();
    await tab.shoot('failed-export');
    tab.assertClean();
  });

  test('a table that is not there is named, with its region and where else one is', async () => {
    await dynamodb.send(new CreateBackupCommand({ TableName: 'Orders', BackupName: 'kept' }));
    const other = new DynamoDBClient({ ...clientConfig(server.endpoint), region: 'eu-west-1' });
    await other.send(new CreateTableCommand({
      TableName: 'Abroad', BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }));
    for (const [view, heading] of [['', 'Abroad'], ['/items', 'Abroad'], ['/timeline', 'Timeline of Abroad']]) {
      await tab.open(`/tables/Abroad${view}`, heading);
      await page.getByText('There is no table Abroad in us-east-1').waitFor();
      await page.getByText('There is one of that name in eu-west-1 of account 000000000000.').waitFor();
    }
    tab.errors.length = 0; // the browser itself tells of the status 404
    await page.getByRole('link', { name: 'Tables in us-east-1' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tables' }).waitFor();
    const answer = await fetch(`${server.endpoint}/_tidemark/tables/Abroad/activity?region=us-east-1`);
    assert.equal((await answer.json()).error, 'There is no table named Abroad in region us-east-1 (there is one in 000000000000/eu-west-1: say which with account and region).');
    tab.assertClean();
  });

  test('words are those of its users', async () => {
    await tab.open('/clock', 'Clock');
    await page.getByText('Remove what is older than the recovery period').waitFor();
    const clock = await page.locator('main').innerText();
    assert.doesNotMatch(clock, /Chore|reclaim|receipts|upkeep|PT0S/);
    await tab.open('/tables', 'Tables');
    await page.getByRole('cell', { name: 'Off', exact: true }).first().waitFor();
    assert.equal(await page.getByText(/^(Disabled|Enabled)$/).count(), 0);
    await tab.open('/disk', 'Disk use');
    await page.getByRole('cell', { name: 'backup', exact: false }).filter({ hasText: 'of Orders' }).first().waitFor();
    assert.doesNotMatch(await page.locator('main').innerText(), /arn:aws/);
    await tab.open('/bill', 'Bill');
    await page.getByRole('cell', { name: /^\S+ units?$/ }).first().waitFor();
    assert.doesNotMatch(await page.locator('main').innerText(), /\ttime\t|[02-9] unit$/m);
    await tab.open('/export-or-scan?table=Young', 'Export or Scan?');
    await page.getByText('1 item,').or(page.getByText('0 items,')).waitFor();
    assert.equal(await page.getByText(/\b1 items\b/).count(), 0);
    tab.assertClean();
  });
});
