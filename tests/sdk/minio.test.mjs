// minio's client for JavaScript: it reads element names literally and asks things that no other client asks. Every
// signature is verified.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import * as Minio from 'minio';
import { startStrictServer } from '../support/server.mjs';

let server;
let client;
let folder;

before(async () => {
  server = await startStrictServer();
  folder = mkdtempSync(path.join(tmpdir(), 'minio-test-'));
  client = clientOf(server.s3Endpoint);
});

after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

const clientOf = (endpoint, options = {}) =>
  new Minio.Client({
    endPoint: '127.0.0.1',
    port: Number(new URL(endpoint).port),
    useSSL: false,
    accessKey: 'test',
    secretKey: 'test',
    ...options,
  });

const collect = async (stream) => {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
};
const bytesOf = async (stream) => Buffer.concat(await collect(stream));
const md5 = (bytes) => createHash('md5').update(bytes).digest();
const etagOf = (bytes, partSize) => {
  const digests = [];
  for (let at = 0; at < bytes.length; at += partSize) digests.push(md5(bytes.subarray(at, at + partSize)));
  return `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${digests.length}`;
};
const pieces = function* (bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};
async function bucketOf(t, ...more) {
  const name = `minio-${t.name.replace(/[^a-z0-9]+/g, '-').slice(0, 40)}-x`;
  await client.makeBucket(name, ...more);
  return name;
}

test('buckets', async (t) => {
  const bucket = await bucketOf(t, 'eu-central-1');
  assert.equal(await client.bucketExists(bucket), true);
  assert.equal(await client.bucketExists('no-such-bucket'), false);
  assert.ok((await client.listBuckets()).some(({ name, creationDate }) => name === bucket && creationDate instanceof Date));
  await assert.rejects(client.makeBucket(bucket, 'eu-central-1'), { code: 'BucketAlreadyOwnedByYou' });
  await client.putObject(bucket, 'k', 'x');
  await assert.rejects(client.removeBucket(bucket), { code: 'BucketNotEmpty' });
  await client.removeObject(bucket, 'k');
  await client.removeBucket(bucket);
  await assert.rejects(client.removeBucket(bucket), { code: 'NoSuchBucket' });
});

test('the shared port', async (t) => {
  const bucket = await bucketOf(t);
  const shared = clientOf(server.endpoint);
  await shared.putObject(bucket, 'k', 'hello');
  assert.equal((await bytesOf(await shared.getObject(bucket, 'k'))).toString(), 'hello');
  assert.ok((await shared.listBuckets()).some(({ name }) => name === bucket));
});

test('strings, buffers and streams', async (t) => {
  const bucket = await bucketOf(t);
  const bytes = randomBytes(300_000);
  for (const [key, body, size] of [
    ['buffer ü', bytes],
    ['stream of known size', Readable.from(pieces(bytes, 7_001)), bytes.length],
    ['stream of unknown size', Readable.from(pieces(bytes, 7_001))],
  ]) {
    const put = await client.putObject(bucket, key, body, size, { 'Content-Type': 'a/b', 'X-Amz-Meta-Colour': 'blue' });
    assert.match(put.etag, /^[0-9a-f]{32}(-1)?$/);
    assert.deepEqual(await bytesOf(await client.getObject(bucket, key)), bytes);
    const stat = await client.statObject(bucket, key);
    assert.equal(stat.size, bytes.length);
    assert.equal(stat.metaData['content-type'], 'a/b');
    assert.equal(stat.metaData.colour, 'blue');
    assert.ok(stat.lastModified instanceof Date);
    assert.equal(stat.versionId, null);
  }
  assert.deepEqual(await bytesOf(await client.getPartialObject(bucket, 'buffer ü', 1000, 500)), bytes.subarray(1000, 1500));
  assert.deepEqual(await bytesOf(await client.getPartialObject(bucket, 'buffer ü', 299_990)), bytes.subarray(299_990));
  await client.putObject(bucket, 'empty', '');
  assert.equal((await bytesOf(await client.getObject(bucket, 'empty'))).length, 0);
  await assert.rejects(client.getObject(bucket, 'none'), { code: 'NoSuchKey' });
  await assert.rejects(client.statObject(bucket, 'none'), { code: 'NotFound' });
});

test('a file of 100 MB in parts', async (t) => {
  const bucket = await bucketOf(t);
  const partSize = 10 << 20;
  const inParts = clientOf(server.s3Endpoint, { partSize });
  const bytes = randomBytes(100_000_000);
  const file = path.join(folder, 'large');
  writeFileSync(file, bytes);
  const put = await inParts.fPutObject(bucket, 'large', file, { 'Content-Type': 'a/b' });
  assert.equal(put.etag, etagOf(bytes, partSize));
  assert.equal((await client.statObject(bucket, 'large')).metaData['content-type'], 'a/b');
  const back = path.join(folder, 'back');
  await client.fGetObject(bucket, 'large', back);
  assert.ok(readFileSync(back).equals(bytes));
});

test('an interrupted upload is resumed', async (t) => {
  const bucket = await bucketOf(t);
  const partSize = 5 << 20;
  const inParts = clientOf(server.s3Endpoint, { partSize });
  const bytes = randomBytes(18 << 20);
  // Two parts of an upload whose client went away. (A stream that fails ends the process: minio listens to no errors.)
  const uploadID = await inParts.initiateNewMultipartUpload(bucket, 'k', {});
  for (const partNumber of [1, 2]) {
    const part = bytes.subarray((partNumber - 1) * partSize, partNumber * partSize);
    await inParts.uploadPart({ bucketName: bucket, objectName: 'k', uploadID, partNumber, headers: {} }, part);
  }
  const [incomplete] = await collect(client.listIncompleteUploads(bucket, '', true));
  assert.equal(incomplete.key, 'k');
  assert.equal(incomplete.size, 10 << 20);
  assert.equal(await client.findUploadId(bucket, 'k'), incomplete.uploadId);
  const put = await inParts.putObject(bucket, 'k', Readable.from(pieces(bytes, 100_000)), bytes.length);
  assert.equal(put.etag, etagOf(bytes, partSize));
  assert.ok((await bytesOf(await client.getObject(bucket, 'k'))).equals(bytes));
  assert.deepEqual(await collect(client.listIncompleteUploads(bucket, '', true)), []);
  await client.initiateNewMultipartUpload(bucket, 'given up', {});
  await client.removeIncompleteUpload(bucket, 'given up');
  assert.deepEqual(await collect(client.listIncompleteUploads(bucket, '', true)), []);
});

test('listings and deletion of many', async (t) => {
  const bucket = await bucketOf(t);
  const keys = ['a b/1', 'a b/2', 'c+d', 'e%20f', 'x/y/z', 'ü/ö', '<&>', "q?'!()*"];
  for (const key of keys) await client.putObject(bucket, key, key);
  const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  assert.deepEqual((await collect(client.listObjects(bucket, '', true))).map(({ name }) => name), sorted);
  assert.deepEqual((await collect(client.listObjectsV2(bucket, '', true))).map(({ name }) => name), sorted);
  const top = await collect(client.listObjectsV2(bucket, '', false));
  assert.deepEqual(top.filter(({ prefix }) => prefix).map(({ prefix }) => prefix).sort(), ['a b/', 'x/', 'ü/']);
  assert.deepEqual((await collect(client.listObjects(bucket, 'a b/', false))).map(({ name, size }) => [name, size]), [['a b/1', 5], ['a b/2', 5]]);
  assert.deepEqual((await collect(client.listObjectsV2(bucket, '', true, 'e%20f'))).map(({ name }) => name), sorted.slice(sorted.indexOf('e%20f') + 1));
  const many = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
  for (let i = 0; i < many.length; i += 50) {
    await Promise.all(many.slice(i, i + 50).map((key) => client.putObject(bucket, key, 'x')));
  }
  for (const list of [client.listObjects(bucket, 'many/', true), client.listObjectsV2(bucket, 'many/', true)]) {
    assert.deepEqual((await collect(list)).map(({ name }) => name), many);
  }
  await client.removeObjects(bucket, [...many, ...keys]);
  assert.deepEqual(await collect(client.listObjects(bucket, '', true)), []);
});

test('copies and compositions', async (t) => {
  const bucket = await bucketOf(t);
  const bytes = randomBytes(6 << 20);
  await client.putObject(bucket, 'a b', bytes, bytes.length, { 'X-Amz-Meta-M': 'old' });
  const copied = await client.copyObject(bucket, 'copy', `/${bucket}/a b`);
  assert.equal(copied.etag, md5(bytes).toString('hex'));
  const conditions = new Minio.CopyConditions();
  conditions.setMatchETag('0'.repeat(32));
  await assert.rejects(client.copyObject(bucket, 'copy', `/${bucket}/a b`, conditions), { code: 'PreconditionFailed' });
  const source = new Minio.CopySourceOptions({ Bucket: bucket, Object: 'a b' });
  const renewed = new Minio.CopyDestinationOptions({
    Bucket: bucket,
    Object: 'renewed',
    UserMetadata: { m: 'new' },
    MetadataDirective: 'REPLACE',
  });
  await client.copyObject(source, renewed);
  assert.equal((await client.statObject(bucket, 'renewed')).metaData.m, 'new');
  // From 0: minio forgets any other start of a range.
  const tail = new Minio.CopySourceOptions({ Bucket: bucket, Object: 'copy', MatchRange: true, Start: 0, End: 9 });
  await client.composeObject(new Minio.CopyDestinationOptions({ Bucket: bucket, Object: 'composed' }), [source, tail]);
  const composed = await bytesOf(await client.getObject(bucket, 'composed'));
  assert.equal(composed.length, bytes.length + 10);
  assert.ok(composed.equals(Buffer.concat([bytes, bytes.subarray(0, 10)])));
});

test('presigned addresses', async (t) => {
  const bucket = await bucketOf(t);
  const put = await client.presignedPutObject(bucket, 'a b/ü', 60);
  assert.equal((await fetch(put, { method: 'PUT', body: 'hello' })).status, 200);
  const get = await client.presignedGetObject(bucket, 'a b/ü', 60, { 'response-content-type': 'c/d' });
  const answer = await fetch(get);
  assert.deepEqual([answer.headers.get('content-type'), await answer.text()], ['c/d', 'hello']);
  const old = await client.presignedUrl('GET', bucket, 'a b/ü', 60, {}, new Date(Date.now() - 3_600_000));
  assert.equal((await fetch(old)).status, 403);
  const list = await client.presignedUrl('GET', bucket, '', 60, { prefix: 'a b', 'max-keys': '10' });
  assert.match(await (await fetch(list)).text(), /<Key>a b\/ü<\/Key>/);
  const policy = client.newPostPolicy();
  policy.setBucket(bucket);
  policy.setKeyStartsWith('form/');
  policy.setContentLengthRange(1, 100);
  policy.setContentType('text/plain');
  policy.setUserMetaData({ colour: 'blue' });
  policy.setExpires(new Date(Date.now() + 60_000));
  const { postURL, formData } = await client.presignedPostPolicy(policy);
  const form = new FormData();
  for (const [name, value] of Object.entries(formData)) if (name !== 'key') form.append(name, value);
  form.append('key', 'form/${filename}');
  form.append('file', new Blob(['from a form']), 'f.txt');
  const posted = await fetch(postURL, { method: 'POST', body: form });
  assert.equal(posted.status, 204, await posted.text());
  assert.equal((await client.statObject(bucket, 'form/f.txt')).metaData.colour, 'blue');
});

test('tags', async (t) => {
  const bucket = await bucketOf(t);
  await client.putObject(bucket, 'k', 'x');
  await client.setObjectTagging(bucket, 'k', { a: 'one', 'b c': 'ü' });
  assert.deepEqual(await client.getObjectTagging(bucket, 'k'), [{ Key: 'a', Value: 'one' }, { Key: 'b c', Value: 'ü' }]);
  await client.removeObjectTagging(bucket, 'k');
  assert.deepEqual(await client.getObjectTagging(bucket, 'k'), []);
});

test('versions', async (t) => {
  const bucket = await bucketOf(t);
  assert.ok(!(await client.getBucketVersioning(bucket)).Status);
  await client.putObject(bucket, 'k', 'before');
  await client.setBucketVersioning(bucket, { Status: 'Enabled' });
  assert.equal((await client.getBucketVersioning(bucket)).Status, 'Enabled');
  const { versionId: first } = await client.putObject(bucket, 'k', 'first');
  const { versionId: second } = await client.putObject(bucket, 'k', 'second');
  assert.ok(first && second && first !== second);
  assert.equal((await bytesOf(await client.getObject(bucket, 'k', { versionId: first }))).toString(), 'first');
  assert.equal((await client.statObject(bucket, 'k')).versionId, second);
  await client.removeObject(bucket, 'k');
  await assert.rejects(client.statObject(bucket, 'k'), { code: 'NotFound' });
  const versions = await collect(client.listObjects(bucket, '', true, { IncludeVersion: true }));
  assert.deepEqual(versions.map(({ isDeleteMarker, isLatest }) => [!!isDeleteMarker, isLatest]).sort(), [[false, false], [false, false], [false, false], [true, true]]);
  const marker = versions.find(({ isDeleteMarker }) => isDeleteMarker);
  await client.removeObject(bucket, 'k', { versionId: marker.versionId });
  assert.equal((await bytesOf(await client.getObject(bucket, 'k'))).toString(), 'second');
  await client.setObjectTagging(bucket, 'k', { of: 'first' }, { versionId: first });
  assert.deepEqual(await client.getObjectTagging(bucket, 'k', { versionId: first }), [{ Key: 'of', Value: 'first' }]);
  assert.deepEqual(await client.getObjectTagging(bucket, 'k'), []);
  await assert.rejects(client.removeBucket(bucket), { code: 'BucketNotEmpty' });
  const left = versions.filter(({ isDeleteMarker }) => !isDeleteMarker);
  await client.removeObjects(bucket, left.map(({ name, versionId }) => ({ name, versionId })));
  await client.removeBucket(bucket);
});
