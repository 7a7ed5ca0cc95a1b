#!/usr/bin/env node
// Exports of a table, full and incremental, as one table of DuckDB.
//
//   node lake.mjs load lake.duckdb s3://lake/readings/AWSDynamoDB/<export id>...   # what is not yet in it
//   node lake.mjs query lake.duckdb "SELECT ..."
//   node lake.mjs compare lake.duckdb live.jsonl                                   # with the items of the table, a line each
//
// Each data file of a manifest is one task: it is loaded whole or not at all, and a file that is there is not read again. Every
// image is kept with the time when it was written, so files may come in any order; the view `readings` shows the newest of each
// key, and no key whose newest image is gone.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';

const s3 = new S3Client({ endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_DEFAULT_REGION, forcePathStyle: true });

const schema = `
  CREATE TABLE IF NOT EXISTS files (file VARCHAR PRIMARY KEY, items BIGINT);
  CREATE TABLE IF NOT EXISTS images (character VARCHAR, property VARCHAR, written BIGINT, item JSON);
  CREATE OR REPLACE VIEW readings AS
    SELECT character, property, item->>'$.glyph.S' AS glyph, item->>'$.source.S' AS source, item->>'$.value.S' AS value,
           coalesce((item->>'$.reviewed.BOOL')::BOOLEAN, false) AS reviewed
    FROM images
    QUALIFY row_number() OVER (PARTITION BY character, property ORDER BY written DESC) = 1 AND item IS NOT NULL`;

async function get(bucket, key, etag) {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag && `"${etag}"` }));
  return Buffer.from(await object.Body.transformToByteArray());
}

// {bucket, full, time, files} of an export, by its manifests.
async function readManifest(address) {
  const [, bucket, folder] = /^s3:\/\/([^/]+)\/(.*?)\/?$/.exec(address) ?? [];
  if (!bucket) throw new Error(`${address} is not s3://bucket/.../AWSDynamoDB/<export id>`);
  const summary = JSON.parse(await get(bucket, `${folder}/manifest-summary.json`));
  const files = (await get(bucket, summary.manifestFilesS3Key)).toString().trim().split('\n').map((line) => JSON.parse(line));
  return { bucket, full: summary.exportType !== 'INCREMENTAL_EXPORT', time: summary.exportTime, files };
}

async function loadFile(database, { bucket, full, time }, file, folder) {
  const bytes = await get(bucket, file.dataFileS3Key, file.etag);
  if (createHash('md5').update(bytes).digest('base64') !== file.md5Checksum) throw new Error('other bytes than the manifest says');
  const local = path.join(folder, 'data.json.gz');
  writeFileSync(local, bytes);
  const columns = full ? "{Item: 'JSON'}" : "{Keys: 'JSON', Metadata: 'JSON', NewImage: 'JSON'}";
  const source = `read_json('${local}', format = 'newline_delimited', columns = ${columns})`;
  const select = full
    ? `SELECT Item->>'$.character.S', Item->>'$.property.S', epoch_us(TIMESTAMPTZ '${time}'), Item FROM ${source}`
    : `SELECT Keys->>'$.character.S', Keys->>'$.property.S', (Metadata->>'$.WriteTimestampMicros.N')::BIGINT, NewImage FROM ${source}`;
  await database.run('BEGIN');
  try {
    const { rowsChanged } = await database.run(`INSERT INTO images ${select}`);
    if (rowsChanged !== file.itemCount) throw new Error(`${rowsChanged} items, the manifest says ${file.itemCount}`);
    await database.run('INSERT INTO files VALUES ($1, $2)', [file.dataFileS3Key, file.itemCount]);
    await database.run('COMMIT');
  } catch (error) {
    await database.run('ROLLBACK');
    throw error;
  }
}

async function load(database, addresses) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lake-'));
  const known = new Set((await database.runAndReadAll('SELECT file FROM files')).getRows().flat());
  let loaded = 0;
  let failed = 0;
  let there = 0;
  for (const address of addresses) {
    const source = await readManifest(address);
    for (const file of source.files) {
      if (known.has(file.dataFileS3Key)) {
        there += 1;
        continue;
      }
      try {
        await loadFile(database, source, file, folder);
        loaded += 1;
      } catch (error) {
        failed += 1;
        console.log(`${file.dataFileS3Key}: ${error.message}`);
      }
    }
  }
  rmSync(folder, { recursive: true });
  console.log(`${loaded} files loaded, ${failed} failed, ${there} were there`);
  if (failed) process.exitCode = 1;
}

async function query(database, sql) {
  const reader = await database.runAndReadAll(sql);
  for (const row of reader.getRows()) console.log(row.map(String).join('\t'));
}

async function compare(database, file) {
  const live = `SELECT item->>'$.character.S', item->>'$.property.S', item->>'$.glyph.S', item->>'$.source.S', item->>'$.value.S',
                       coalesce((item->>'$.reviewed.BOOL')::BOOLEAN, false)
                FROM read_json_objects('${file}', format = 'newline_delimited') AS lines(item)`;
  const number = async (sql) => Number((await database.runAndReadAll(`SELECT count(*) FROM (${sql})`)).getRows()[0][0]);
  const [both, missing, extra] = [await number(live), await number(`${live} EXCEPT FROM readings`), await number(`FROM readings EXCEPT ${live}`)];
  console.log(`${both} items in the table, ${missing} of them not in the lake; ${extra} in the lake alone`);
  if (missing || extra) process.exitCode = 1;
}

const [command, name, ...rest] = process.argv.slice(2);
const commands = { load: () => load(database, rest), query: () => query(database, rest[0]), compare: () => compare(database, rest[0]) };
if (!name || !commands[command]) {
  console.error('usage: node lake.mjs load|query|compare DATABASE ...');
  process.exit(2);
}
const instance = await DuckDBInstance.create(name);
const database = await instance.connect();
await database.run(schema);
await commands[command]();
database.closeSync();
instance.closeSync();
