// Daily S3 work through the AWS SDK for JavaScript v3.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clientConfig, startServer } from '../support/server.mjs';

let server;
const Bucket = 'daily-work';
// Path style and virtual-host style, on the shared port and on the S3 port.
const clients = {};

before(async () => {
  server = await startServer();
  const port = (endpoint) => new URL(endpoint).port;
  clients.shared = new S3Client({ ...clientConfig(server.endpoint), forcePathStyle: true });
  clients.own = new S3Client({ ...clientConfig(server.s3Endpoint), forcePathStyle: true });
  // Not every resolver knows that *.localhost is this machine.
  const httpAgent = new http.Agent({
    keepAlive: true,
    lookup: (_, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)),
  });
  clients.virtual = new S3Client({
    ...clientConfig(`http://localhost:${port(server.s3Endpoint)}`),
    requestHandler: new NodeHttpHandler({ httpAgent }),
  });
  // Otherwise the SDK signs the checksum of an empty body into presigned PUTs.
  clients.presigning = new S3Client({
    ...clientConfig(server.endpoint),
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  await clients.shared.send(new CreateBucketCommand({ Bucket }));
});

after(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await server.stop();
});

const bytesOf = async (output) => Buffer.from(await output.Body.transformToByteArray());
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

for (const style of ['shared', 'own', 'virtual']) {
  test(`put, head, get, ranges and copies (${style})`, async () => {
    const client = clients[style];
    const Key = `${style}/a b+c/ü.bin`;
    const bytes = randomBytes(100_000);
    const put = await client.send(
      new PutObjectCommand({ Bucket, Key, Body: bytes, ContentType: 'text/x-test', Metadata: { colour: 'blue' } }),
    );
    assert.equal(put.ETag, `"${md5(bytes)}"`);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    assert.equal(head.ContentLength, bytes.length);
    assert.equal(head.ContentType, 'text/x-test');
    assert.deepEqual(head.Metadata, { colour: 'blue' });
    assert.deepEqual(await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key }))), bytes);
    const range = await client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=99990-' }));
    assert.equal(range.ContentRange, 'bytes 99990-99999/100000');
    assert.deepEqual(await bytesOf(range), bytes.subarray(99_990));
    const CopySource = `${Bucket}/${encodeURIComponent(Key)}`;
    await client.send(new CopyObjectCommand({ Bucket, Key: `${Key}.copy`, CopySource }));
    assert.deepEqual(await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key: `${Key}.copy` }))), bytes);
  });
}

test('a stream is uploaded in parts, with checksum trailers', async () => {
  const bytes = randomBytes(12 << 20);
  const upload = new Upload({
    client: clients.shared,
    params: { Bucket, Key: 'stream', Body: Readable.from((function* pieces() {
      for (let i = 0; i < bytes.length; i += 70_001) yield bytes.subarray(i, i + 70_001);
    })()) },
  });
  const done = await upload.done();
  assert.match(done.ETag, /^"[0-9a-f]{32}-3"$/);
  const found = await bytesOf(await clients.own.send(new GetObjectCommand({ Bucket, Key: 'stream' })));
  assert.equal(md5(found), md5(bytes));
});

test('a body of unknown length arrives whole', async () => {
  const bytes = randomBytes(200_000);
  await clients.shared.send(
    new PutObjectCommand({ Bucket, Key: 'unknown', Body: Readable.from([bytes]), ContentLength: bytes.length }),
  );
  assert.deepEqual(await bytesOf(await clients.shared.send(new GetObjectCommand({ Bucket, Key: 'unknown' }))), bytes);
});

test('presigned URLs work without an SDK', async () => {
  const url = await getSignedUrl(clients.presigning, new PutObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
  assert.equal((await fetch(url, { method: 'PUT', body: 'hello' })).status, 200);
  const get = await getSignedUrl(clients.presigning, new GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
  assert.equal(await (await fetch(get)).text(), 'hello');
  const old = await getSignedUrl(clients.presigning, new GetObjectCommand({ Bucket, Key: 'signed' }), {
    expiresIn: 60,
    signingDate: new Date(Date.now() - 3_600_000),
  });
  const refused = await fetch(old);
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /<Code>AccessDenied<\/Code>/);
});

test('listing with delimiter and pages; deleting many', async () => {
  const client = clients.shared;
  const keys = [];
  for (let i = 0; i < 25; ++i) keys.push(`list/${i % 5}/${String(i).padStart(2, '0')}`);
  await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
  const folders = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/', Delimiter: '/' }));
  assert.deepEqual(folders.CommonPrefixes.map((prefix) => prefix.Prefix), [0, 1, 2, 3, 4].map((i) => `list/${i}/`));
  const found = [];
  for await (const page of paginateListObjectsV2({ client, pageSize: 4 }, { Bucket, Prefix: 'list/' })) {
    found.push(...page.Contents.map((object) => object.Key));
  }
  assert.deepEqual(found, [...keys].sort());
  const deleted = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
  );
  assert.equal(deleted.Deleted.length, 25);
  const rest = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'list/' }));
  assert.equal(rest.KeyCount, 0);
});

test('errors have their names', async () => {
  const client = clients.shared;
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key: 'none' })), { name: 'NoSuchKey' });
  await assert.rejects(client.send(new ListObjectsV2Command({ Bucket: 'no-such-bucket' })), { name: 'NoSuchBucket' });
  await assert.rejects(client.send(new DeleteBucketCommand({ Bucket })), { name: 'BucketNotEmpty' });
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  assert.deepEqual(Buckets.map((bucket) => bucket.Name), [Bucket]);
});
