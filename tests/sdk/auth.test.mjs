// The AWS SDK for JavaScript v3 against a server that verifies signatures.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientConfig, startServer } from '../support/server.mjs';

const Bucket = 'signed';
const alice = { accessKeyId: 'AKIAALICE', secretAccessKey: 'alice/+secret' };
const directory = mkdtempSync(path.join(tmpdir(), 'tidemark-auth-'));
const clients = [];
let server;
let s3;

function client(Class, credentials, more = {}) {
  clients.push(new Class({ ...clientConfig(server.endpoint), credentials, maxAttempts: 1, ...more }));
  return clients.at(-1);
}

before(async () => {
  const file = path.join(directory, 'credentials');
  writeFileSync(
    file,
    `[alice]\naws_access_key_id = ${alice.accessKeyId}\naws_secret_access_key = ${alice.secretAccessKey}\naccount_id = 111111111111\n`,
  );
  server = await startServer({ args: ['--auth', 'strict', '--credentials', file] });
  s3 = client(S3Client, alice, { forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
});

after(async () => {
  for (const one of clients) one.destroy();
  await server.stop();
  rmSync(directory, { recursive: true });
});

const bytesOf = async (Key) => Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToByteArray());

test('buffers, streams and parts', async () => {
  const bytes = randomBytes(6 << 20);
  const Key = "a b+c/ü//.'(*)!";
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes, Metadata: { a: 'b  c' }, ContentType: 'text/x;  a=b' }));
  assert.deepEqual(await bytesOf(Key), bytes);
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: Readable.from([bytes.subarray(0, 70_000)]), ContentLength: 70_000 }));
  assert.deepEqual(await bytesOf(Key), bytes.subarray(0, 70_000));
  await new Upload({ client: s3, params: { Bucket, Key, Body: Readable.from([bytes]) } }).done();
  assert.deepEqual(await bytesOf(Key), bytes);
  const list = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'a b+c/', Delimiter: '/' }));
  assert.deepEqual(list.CommonPrefixes, [{ Prefix: 'a b+c/ü/' }]);
  const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
  assert.equal(deleted.Deleted.length, 1);
});

test('presigned URLs', async () => {
  const Key = 'signed key+';
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key, Metadata: { a: 'b c' } }), { expiresIn: 60 });
  assert.equal((await fetch(put, { method: 'PUT', body: 'hello' })).status, 200);
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
  const answer = await fetch(get);
  assert.equal(answer.headers.get('x-amz-meta-a'), 'b c');
  assert.equal(await answer.text(), 'hello');
  const refused = await fetch(`${get}&response-content-type=text%2Fhtml`);
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
});

test('wrong secrets', async () => {
  const wrong = { ...alice, secretAccessKey: 'wrong' };
  await assert.rejects(client(S3Client, wrong, { forcePathStyle: true }).send(new ListObjectsV2Command({ Bucket })), {
    name: 'SignatureDoesNotMatch',
  });
  assert.deepEqual((await client(DynamoDBClient, alice).send(new ListTablesCommand({}))).TableNames, []);
  await assert.rejects(client(DynamoDBClient, wrong).send(new ListTablesCommand({})), { name: 'InvalidSignatureException' });
  await assert.rejects(client(DynamoDBClient, { ...alice, accessKeyId: 'AKIAWHO' }).send(new ListTablesCommand({})), {
    name: 'UnrecognizedClientException',
  });
});
