// Daily S3 work through the AWS SDK for JavaScript v3. Every signature is verified.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  paginateListObjectsV2,
  waitUntilObjectExists,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { clientConfig, startStrictServer } from '../support/server.mjs';

let server;
const Bucket = 'daily-work';
// Path style and virtual-host style, on the shared port and on the S3 port.
const clients = {};

before(async () => {
  server = await startStrictServer();
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
  const url = await getSignedUrl(clients.shared, new PutObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
  assert.equal((await fetch(url, { method: 'PUT', body: 'hello' })).status, 200);
  const get = await getSignedUrl(clients.shared, new GetObjectCommand({ Bucket, Key: 'signed' }), { expiresIn: 60 });
  assert.equal(await (await fetch(get)).text(), 'hello');
  const old = await getSignedUrl(clients.shared, new GetObjectCommand({ Bucket, Key: 'signed' }), {
    expiresIn: 60,
    signingDate: new Date(Date.now() - 3_600_000),
  });
  const refused = await fetch(old);
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /<Code>AccessDenied<\/Code>/);
});

// The SDK signs the checksum of the body that it has - of none, as a rule - and its name into the address. What is
// then uploaded is something else.
for (const [what, input] of Object.entries({
  'no body': {},
  // Its length is a signed header.
  'another body': { Body: 'sixteen bytes...' },
  'SHA-256': { ChecksumAlgorithm: 'SHA256' },
  'CRC-64/NVME of its own': { ChecksumCRC64NVME: 'AAAAAAAAAAA=' },
})) {
  test(`a presigned upload of anything, signed with ${what}`, async () => {
    const Key = `presigned/${what}`;
    const url = await getSignedUrl(clients.shared, new PutObjectCommand({ Bucket, Key, ...input }), { expiresIn: 60 });
    const body = 'what is uploaded';
    const put = await fetch(url, { method: 'PUT', body });
    assert.equal(put.status, 200, await put.text());
    const get = await getSignedUrl(clients.shared, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    assert.equal(await (await fetch(get)).text(), body);
  });
}

test('presigned uploads of parts', async () => {
  const Key = 'presigned/parts';
  const pieces = [randomBytes(5 << 20), randomBytes(1000)];
  const sign = (command) => getSignedUrl(clients.shared, command, { expiresIn: 60 });
  const created = await fetch(await sign(new CreateMultipartUploadCommand({ Bucket, Key })), { method: 'POST' });
  const UploadId = (await created.text()).match(/<UploadId>(.*)<\/UploadId>/)[1];
  const etags = [];
  for (const [i, piece] of pieces.entries()) {
    const url = await sign(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: i + 1 }));
    const put = await fetch(url, { method: 'PUT', body: piece });
    assert.equal(put.status, 200, await put.clone().text());
    etags.push(put.headers.get('etag'));
  }
  const complete = await sign(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId }));
  const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  const done = await fetch(complete, { method: 'POST', body });
  assert.equal(done.status, 200, await done.text());
  const found = await bytesOf(await clients.shared.send(new GetObjectCommand({ Bucket, Key })));
  assert.deepEqual(found, Buffer.concat(pieces));
});

test('a checksum that a presigned upload signs as a header is verified', async () => {
  const command = new PutObjectCommand({ Bucket, Key: 'presigned/verified', ChecksumCRC32: 'NhCmhg==' });
  const url = await getSignedUrl(clients.shared, command, {
    expiresIn: 60,
    unhoistableHeaders: new Set(['x-amz-checksum-crc32']),
  });
  const headers = { 'x-amz-checksum-crc32': 'NhCmhg==' };
  const wrong = await fetch(url, { method: 'PUT', body: 'other', headers });
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /<Code>BadDigest<\/Code>/);
  assert.equal((await fetch(url, { method: 'PUT', body: 'hello', headers })).status, 200);
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

test('100 MB in parts, in parallel, with every checksum checked', async () => {
  const bytes = randomBytes(100_000_000);
  const upload = new Upload({
    client: clients.own,
    params: { Bucket, Key: 'large', Body: bytes, ContentType: 'a/b', Metadata: { m: '1' }, ChecksumAlgorithm: 'CRC32C' },
    partSize: 8 << 20,
    queueSize: 8,
  });
  const progress = [];
  upload.on('httpUploadProgress', ({ loaded }) => progress.push(loaded));
  const done = await upload.done();
  assert.match(done.ETag, /-12"$/);
  assert.match(done.ChecksumCRC32C, /-12$/);
  assert.equal(Math.max(...progress), bytes.length);
  const got = await clients.own.send(new GetObjectCommand({ Bucket, Key: 'large' }));
  assert.deepEqual([got.ContentLength, got.ContentType, got.Metadata], [bytes.length, 'a/b', { m: '1' }]);
  const hash = createHash('md5');
  for await (const piece of got.Body) hash.update(piece);
  assert.equal(hash.digest('hex'), md5(bytes));
  // From one object to the next without keeping it.
  const source = await clients.shared.send(new GetObjectCommand({ Bucket, Key: 'large', Range: 'bytes=0-19999999' }));
  const copied = new Upload({ client: clients.shared, params: { Bucket, Key: 'piped', Body: source.Body } });
  await copied.done();
  const piped = await bytesOf(await clients.shared.send(new GetObjectCommand({ Bucket, Key: 'piped' })));
  assert.equal(md5(piped), md5(bytes.subarray(0, 20_000_000)));
});

for (const algorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256']) {
  test(`a stream with a trailer of ${algorithm}`, async () => {
    const bytes = randomBytes(150_001);
    const Key = `trailer-${algorithm}`;
    const put = await clients.own.send(
      new PutObjectCommand({ Bucket, Key, Body: Readable.from([bytes]), ContentLength: bytes.length, ChecksumAlgorithm: algorithm }),
    );
    const got = await clients.own.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    assert.deepEqual(await bytesOf(got), bytes);
    assert.equal(got[`Checksum${algorithm}`], put[`Checksum${algorithm}`]);
  });
}

test('an interrupted upload is resumed from its parts', async () => {
  const client = clients.shared;
  const Key = 'resumed';
  const bytes = randomBytes(13 << 20);
  const pieces = [bytes.subarray(0, 6 << 20), bytes.subarray(6 << 20)];
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32' }));
  await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: pieces[0], ChecksumAlgorithm: 'CRC32' }));
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }));
  assert.deepEqual(Uploads.map((upload) => [upload.Key, upload.UploadId]), [[Key, UploadId]]);
  const { Parts } = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
  assert.deepEqual(Parts.map((part) => [part.PartNumber, part.Size]), [[1, 6 << 20]]);
  const second = await client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 2, Body: pieces[1], ChecksumAlgorithm: 'CRC32' }),
  );
  const done = await client.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: {
        Parts: [
          { PartNumber: 1, ETag: Parts[0].ETag, ChecksumCRC32: Parts[0].ChecksumCRC32 },
          { PartNumber: 2, ETag: second.ETag, ChecksumCRC32: second.ChecksumCRC32 },
        ],
      },
    }),
  );
  assert.equal(done.ChecksumType, 'COMPOSITE');
  await waitUntilObjectExists({ client, maxWaitTime: 10 }, { Bucket, Key });
  assert.deepEqual(await bytesOf(await client.send(new GetObjectCommand({ Bucket, Key }))), bytes);
  const part = await client.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }));
  assert.equal(part.PartsCount, 2);
  assert.deepEqual(await bytesOf(part), pieces[1]);
});

test('parts are copied, and uploads given up', async () => {
  const client = clients.virtual;
  const Key = 'of-copies';
  const bytes = randomBytes(6 << 20);
  await client.send(new PutObjectCommand({ Bucket, Key: 'source +', Body: bytes }));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const copied = await client.send(
    new UploadPartCopyCommand({
      Bucket,
      Key,
      UploadId,
      PartNumber: 1,
      CopySource: `${Bucket}/${encodeURIComponent('source +')}`,
      CopySourceRange: 'bytes=100-5242979',
    }),
  );
  assert.equal(copied.CopyPartResult.ETag, `"${md5(bytes.subarray(100, 5_242_980))}"`);
  await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  await assert.rejects(client.send(new ListPartsCommand({ Bucket, Key, UploadId })), { name: 'NoSuchUpload' });
});

test('conditions', async () => {
  const client = clients.shared;
  const Key = 'conditions';
  const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', IfNoneMatch: '*' }));
  await assert.rejects(client.send(new PutObjectCommand({ Bucket, Key, Body: 'y', IfNoneMatch: '*' })), { name: 'PreconditionFailed' });
  await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', IfMatch: ETag }));
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key, IfNoneMatch: ETag })), (error) => error.$metadata.httpStatusCode === 304);
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key, IfMatch: '"other"' })), { name: 'PreconditionFailed' });
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=5-' })), { name: 'InvalidRange' });
});

test('what presigners move into the address counts like headers', async () => {
  const Key = 'hoisted ü';
  const sign = (command, options) => getSignedUrl(clients.shared, command, { expiresIn: 60, ...options });
  const url = await sign(new PutObjectCommand({ Bucket, Key, Metadata: { colour: 'blue' }, StorageClass: 'STANDARD_IA', Tagging: 'a=1' }));
  assert.equal((await fetch(url, { method: 'PUT', body: 'hello' })).status, 200);
  const head = await clients.shared.send(new HeadObjectCommand({ Bucket, Key }));
  assert.deepEqual([head.Metadata, head.StorageClass, head.ContentLength], [{ colour: 'blue' }, 'STANDARD_IA', 5]);
  const get = await sign(new GetObjectCommand({ Bucket, Key, ResponseContentType: 'c/d', ResponseContentDisposition: 'attachment; filename="ü"' }));
  const answer = await fetch(get, { headers: { Range: 'bytes=1-2' } });
  assert.deepEqual([answer.status, answer.headers.get('content-type'), await answer.text()], [206, 'c/d', 'el']);
  const { UploadId } = await clients.shared.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const part = await sign(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1 }));
  assert.equal((await fetch(part, { method: 'PUT', body: 'hello' })).headers.get('etag'), `"${md5('hello')}"`);
});

test('a form uploads what its policy allows', async () => {
  const { url, fields } = await createPresignedPost(clients.shared, {
    Bucket,
    Key: 'form/${filename}',
    Conditions: [['content-length-range', 1, 100], { acl: 'private' }, ['starts-with', '$Content-Type', 'text/']],
    Fields: { acl: 'private' },
    Expires: 60,
  });
  const post = (bytes, type) => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, 'Content-Type': type })) form.append(name, value);
    form.append('file', new Blob([bytes]), 'f.txt');
    return fetch(url, { method: 'POST', body: form });
  };
  const posted = await post('from a form', 'text/x');
  assert.equal(posted.status, 204, await posted.text());
  const found = await clients.shared.send(new GetObjectCommand({ Bucket, Key: 'form/f.txt' }));
  assert.equal(found.ContentType, 'text/x');
  assert.equal((await bytesOf(found)).toString(), 'from a form');
  assert.match(await (await post('x'.repeat(101), 'text/x')).text(), /<Code>EntityTooLarge<\/Code>/);
  assert.equal((await post('x', 'image/png')).status, 403);
});
