"""kill -9 while several clients change objects, and what a restart must find: everything that was acknowledged, each
object whole, and nothing on disk that belongs to nobody."""
import base64
import hashlib
import http.client
import random
import re
import threading
import urllib.parse

import pytest

from support.clock import Clock
from support.server import until

INLINE_MAX = 16 << 10   # larger objects and parts have a file each
PART_MIN = 5 << 20
SIZES = (0, 1, 1000, INLINE_MAX, INLINE_MAX + 1, 70_000, 300_000)


def parts_of(generation):
    """The sizes of the pieces that a generation of an object consists of; several for a multipart upload."""
    choice = random.Random(generation)
    if generation % 10 == 0:
        return (PART_MIN + choice.randrange(1000), choice.choice(SIZES[1:]))
    return (choice.choice(SIZES),)


def body_of(key, generation):
    """The bytes of a key's generation: other ones for each."""
    size = sum(parts_of(generation))
    block = random.Random(f'{key} {generation}').randbytes(min(size, 64 << 10))
    return (block * (size // max(len(block), 1) + 1))[:size]


def pieces_of(key, generation):
    body, pieces = body_of(key, generation), []
    for size in parts_of(generation):
        pieces.append(body[:size])
        body = body[size:]
    return pieces


def files_of(generation):
    return sum(size > INLINE_MAX for size in parts_of(generation))


class Wire:
    """S3 without an SDK on one connection."""

    def __init__(self, server):
        self._connection = http.client.HTTPConnection('127.0.0.1', server.s3_port, timeout=60)

    def ask(self, method, target, body=b'', **headers):
        self._connection.request(method, target, body, {name.replace('_', '-'): value for name, value in headers.items()})
        response = self._connection.getresponse()
        return response.status, response.headers, response.read()

    def call(self, method, target, body=b'', **headers):
        status, answer_headers, data = self.ask(method, target, body, **headers)
        assert status // 100 == 2, (method, target, status, data)
        return answer_headers, data

    def close(self):
        self._connection.close()


def tag(xml, name):
    return [value.decode() for value in re.findall(f'<{name}>([^<]*)</{name}>'.encode(), xml)]


def complete_body(etags):
    parts = ''.join(f'<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>'
                    for number, etag in enumerate(etags, 1))
    return f'<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>'.encode()


def read(wire, target):
    """The generation that is stored there, after a look at every byte; None when there is nothing."""
    status, headers, data = wire.ask('GET', target)
    if status == 404:
        return None
    assert status == 200, (target, status, data)
    return check_whole(headers, data)


def check_whole(headers, data):
    key, generation = headers['x-amz-meta-made-of'].split(' ')
    generation = int(generation)
    assert data == body_of(key, generation), f'{key}: the bytes are those of the metadata'
    if '-' not in headers['ETag']:
        assert headers['ETag'] == f'"{hashlib.md5(data).hexdigest()}"'
    return key, generation


class Client:
    """A thread that changes keys of its own, and now and then keys that all fight for. It remembers what was
    acknowledged and what was under way when the server died."""

    def __init__(self, server, number):
        self.known = {}       # key -> (first key, generation), or None: deleted
        self.pending = {}     # keys of the request that got no answer -> what they would have become
        self.uploads = {}     # upload id -> (key, generation, ETags of the parts): begun, not asked to complete
        self.completing = None  # (upload id, key, generation, ETags): asked to complete, not answered
        self.created = {}     # contested key -> True: won, False: lost, None: no answer
        self.shared = {}      # overwritten key -> generations tried
        self.versions = {}    # key -> [(version id, (key, generation), or None: a delete marker)], the newest last
        self.changing = None  # (key, generation or None, version id to be erased or None): not answered
        self.count = 0
        self.failure = None
        self._server = server
        self._number = number
        self._random = random.Random(f'client {number}')
        self._generation = number * 1_000_000
        self._thread = None

    def start(self):
        self.failure = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self):
        """Waits for the end, which only the end of the server brings."""
        self._thread.join()
        assert isinstance(self.failure, (OSError, http.client.HTTPException)), repr(self.failure)

    def _run(self):
        wire = Wire(self._server)
        try:
            while True:
                self._step(wire)
                self.count += 1
        except Exception as failure:
            self.failure = failure
        finally:
            wire.close()

    def _step(self, wire):
        steps = [(30, self._put), (10, self._upload), (10, self._copy), (10, self._delete), (5, self._delete_many),
                 (15, self._create), (5, self._overwrite), (10, self._put_version), (3, self._hide), (3, self._erase)]
        step = self._random.choices([step for _, step in steps], [weight for weight, _ in steps])[0]
        step(wire)

    def _key(self):
        return f'{self._number}/key-{self._random.randrange(20)}'

    def _next(self, multipart=False):
        self._generation += 1
        while (self._generation % 10 == 0) != multipart:
            self._generation += 1
        return self._generation

    def _done(self):
        self.known.update(self.pending)
        self.pending = {}

    def _put(self, wire):
        key, generation = self._key(), self._next()
        self.pending = {key: (key, generation)}
        wire.call('PUT', f'/own/{key}', body_of(key, generation), x_amz_meta_made_of=f'{key} {generation}')
        self._done()

    def _delete(self, wire):
        key = self._key()
        self.pending = {key: None}
        wire.call('DELETE', f'/own/{key}')
        self._done()

    def _delete_many(self, wire):
        keys = {self._key() for _ in range(6)}
        self.pending = {key: None for key in keys}
        body = ('<Delete><Quiet>true</Quiet>' + ''.join(f'<Object><Key>{key}</Key></Object>' for key in keys) + '</Delete>').encode()
        _, answer = wire.call('POST', '/own?delete', body, Content_MD5=base64.b64encode(hashlib.md5(body).digest()).decode())
        assert b'<Error>' not in answer
        self._done()

    def _copy(self, wire):
        sources = [key for key, value in self.known.items() if value is not None]
        if not sources:
            return
        source, key = self._random.choice(sources), self._key()
        if source == key:
            return
        self.pending = {key: self.known[source]}
        wire.call('PUT', f'/own/{key}', x_amz_copy_source=f'/own/{source}')
        self._done()

    def _upload(self, wire):
        key, generation = self._key(), self._next(multipart=self._random.random() < 0.1)
        _, answer = wire.call('POST', f'/own/{key}?uploads', x_amz_meta_made_of=f'{key} {generation}')
        upload_id, etags = tag(answer, 'UploadId')[0], []
        self.uploads[upload_id] = (key, generation, etags)
        for number, piece in enumerate(pieces_of(key, generation), 1):
            headers, _ = wire.call('PUT', f'/own/{key}?partNumber={number}&uploadId={upload_id}', piece)
            etags.append(headers['ETag'])
        if self._random.random() < 0.2:
            return  # left lying about
        del self.uploads[upload_id]
        self.completing = (upload_id, key, generation, etags)
        self.complete(wire)

    def complete(self, wire):
        """Completes what was under way; it may have been carried out before."""
        upload_id, key, generation, etags = self.completing
        self.pending = {key: (key, generation)}
        _, answer = wire.call('POST', f'/own/{key}?uploadId={upload_id}', complete_body(etags))
        assert b'<CompleteMultipartUploadResult' in answer, answer
        self.completing = None
        self._done()

    def _create(self, wire):
        """Clients meet at the same key: one of them may have it."""
        key = f'once-{self.count // 40}-{self._random.randrange(5)}'
        if key in self.created:
            return
        generation = self._next()
        self.created[key] = None
        status, _, answer = wire.ask('PUT', f'/contested/{key}', body_of(key, generation), If_None_Match='*',
                                     x_amz_meta_made_of=f'{key} {generation}')
        assert status in (200, 412), answer
        self.created[key] = status == 200

    def _overwrite(self, wire):
        key, generation = f'shared-{self._random.randrange(3)}', self._next()
        self.shared.setdefault(key, set()).add(generation)
        wire.call('PUT', f'/contested/{key}', body_of(key, generation), x_amz_meta_made_of=f'{key} {generation}')

    def _put_version(self, wire):
        key, generation = self._key(), self._next()
        self.changing = (key, (key, generation), None)
        headers, _ = wire.call('PUT', f'/versions/{key}', body_of(key, generation), x_amz_meta_made_of=f'{key} {generation}')
        self.versions.setdefault(key, []).append((headers['x-amz-version-id'], (key, generation)))
        self.changing = None

    def _hide(self, wire):
        key = self._key()
        self.changing = (key, None, None)
        headers, _ = wire.call('DELETE', f'/versions/{key}')
        self.versions.setdefault(key, []).append((headers['x-amz-version-id'], None))
        self.changing = None

    def _erase(self, wire):
        key = self._key()
        if not self.versions.get(key):
            return
        version = self._random.choice(self.versions[key])
        self.changing = (key, None, version[0])
        wire.call('DELETE', f'/versions/{key}?versionId={version[0]}')
        self.versions[key].remove(version)
        self.changing = None

    def check_versions(self, wire):
        """All versions are there, in their order, each with its own bytes."""
        listed = all_versions(wire, f'{self._number}/')
        for key in {*self.versions, *listed} | ({self.changing[0]} if self.changing else set()):
            found, known = listed.get(key, []), self.versions.get(key, [])
            if self.changing is not None and self.changing[0] == key:
                _, content, erased = self.changing
                if erased is not None and erased not in found:
                    known = [version for version in known if version[0] != erased]
                elif erased is None and len(found) == len(known) + 1:
                    known = [*known, (found[-1], content)]
            assert found == [version_id for version_id, _ in known], key
            for version_id, content in known:
                if content is not None:
                    assert read(wire, f'/versions/{key}?versionId={version_id}') == content
            assert read(wire, f'/versions/{key}') == (known[-1][1] if known else None)
            self.versions[key] = known
        self.changing = None

    def check(self, wire):
        """What was acknowledged is there; what was not is there whole or not at all."""
        if self.completing is not None:
            # Also when it was done before the end: clients ask again.
            self.complete(wire)
        for key, after in self.pending.items():
            found = read(wire, f'/own/{key}')
            assert found in (after, self.known.get(key)), f'{key}: old or new'
            self.known[key] = found
        self.pending = {}
        for key, expected in self.known.items():
            assert read(wire, f'/own/{key}') == expected, f'{key}: as acknowledged'

    def finish_uploads(self, wire):
        """Uploads that nobody completed are still there, with the parts that were acknowledged."""
        for upload_id, (key, generation, etags) in self.uploads.items():
            _, answer = wire.call('GET', f'/own/{key}?uploadId={upload_id}')
            listed = [etag.replace('&quot;', '"') for etag in tag(answer, 'ETag')]
            assert listed[:len(etags)] == etags and len(listed) <= len(parts_of(generation))
            if len(etags) < len(parts_of(generation)):
                wire.call('DELETE', f'/own/{key}?uploadId={upload_id}')
                continue
            self.completing = (upload_id, key, generation, etags)
            self.complete(wire)
            assert read(wire, f'/own/{key}') == (key, generation)
        self.uploads = {}


def check_contested(wire, clients):
    """A create that must be the first has one winner; an overwritten object is the whole of one attempt."""
    for key in {key for client in clients for key in client.created}:
        answers = [client.created.get(key) for client in clients if key in client.created]
        assert answers.count(True) <= 1, f'{key}: one winner'
        found = read(wire, f'/contested/{key}')
        if True in answers:
            winner = next(client for client in clients if client.created.get(key))
            assert found is not None and found[1] // 1_000_000 == winner._number
        elif found is None:
            assert False not in answers, f'{key}: lost against nobody'
        status, _, _ = wire.ask('PUT', f'/contested/{key}', b'late', If_None_Match='*', x_amz_meta_made_of='late 1')
        assert status == (200 if found is None else 412)
        for client in clients:
            client.created.setdefault(key, None)  # nobody tries it again
        if found is None:
            wire.call('DELETE', f'/contested/{key}')
    for key in {key for client in clients for key in client.shared}:
        found = read(wire, f'/contested/{key}')
        assert found is None or any(found[1] in client.shared.get(key, ()) for client in clients)


def all_keys(wire, bucket):
    keys, token = [], ''
    while True:
        _, answer = wire.call('GET', f'/{bucket}?list-type=2&encoding-type=url{token}')
        keys += [urllib.parse.unquote(key) for key in tag(answer, 'Key')]
        following = tag(answer, 'NextContinuationToken')
        if not following:
            return keys
        token = '&continuation-token=' + urllib.parse.quote(following[0], safe='')


def all_versions(wire, prefix):
    """The ids of the versions and delete markers of each key, the newest last."""
    versions, markers = {}, ''
    while True:
        _, answer = wire.call('GET', f'/versions?versions&prefix={prefix}{markers}')
        for entry in re.findall(b'<(?:Version|DeleteMarker)>(.*?)</(?:Version|DeleteMarker)>', answer, re.DOTALL):
            versions.setdefault(tag(entry, 'Key')[0], []).insert(0, tag(entry, 'VersionId')[0])
        if tag(answer, 'IsTruncated') != ['true']:
            return versions
        markers = f'&key-marker={tag(answer, "NextKeyMarker")[0]}&version-id-marker={tag(answer, "NextVersionIdMarker")[0]}'


def data_files(server):
    return sum(1 for path in (server.data_dir / 'objects' / 'data').glob('*/*') if path.is_file())


def owned_files(wire, clients):
    """How many files the stored objects and the unfinished uploads need."""
    count = 0
    for bucket in ('own', 'contested'):
        for key in all_keys(wire, bucket):
            headers, _ = wire.call('HEAD', f'/{bucket}/{key}')
            count += files_of(int(headers['x-amz-meta-made-of'].split(' ')[1]))
    for client in clients:
        count += sum(files_of(content[1]) for known in client.versions.values() for _, content in known if content is not None)
        for upload_id, (key, _, _) in client.uploads.items():
            _, answer = wire.call('GET', f'/own/{key}?uploadId={upload_id}')
            count += sum(int(size) > INLINE_MAX for size in tag(answer, 'Size'))
    return count


@pytest.mark.parametrize('args', [[], ['--fsync']], ids=['default', 'fsync'])
def test_kill_between_changes_of_objects(own_server, args):
    own_server.terminate()
    own_server._args = args
    own_server.start()
    wire = Wire(own_server)
    for bucket in ('own', 'contested', 'versions'):
        wire.call('PUT', f'/{bucket}')
    wire.call('PUT', '/versions?versioning', b'<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')
    clients = [Client(own_server, number) for number in range(1, 5)]
    for round_number in range(5):
        goal = sum(client.count for client in clients) + 80 * (round_number + 1)
        for client in clients:
            client.start()
        until(lambda: sum(client.count for client in clients) >= goal or any(client.failure for client in clients), 'the clients')
        own_server.kill()
        for client in clients:
            client.join()
        wire.close()
        own_server.start()
        wire = Wire(own_server)
        for client in clients:
            client.check(wire)
            client.check_versions(wire)
        check_contested(wire, clients)
        live = {key for client in clients for key, value in client.known.items() if value is not None}
        assert set(all_keys(wire, 'own')) == live
        wanted = owned_files(wire, clients)
        # What the readers above kept the sweep at the start from removing, the next one does.
        Clock(own_server.endpoint).change(advance='PT1H')
        until(lambda: data_files(own_server) == wanted, 'files that belong to nobody to go')
    for client in clients:
        client.finish_uploads(wire)
    for bucket in ('own', 'contested'):
        for key in all_keys(wire, bucket):
            wire.call('DELETE', f'/{bucket}/{key}')
    for key, version_ids in all_versions(wire, '').items():
        for version_id in version_ids:
            wire.call('DELETE', f'/versions/{key}?versionId={version_id}')
    _, answer = wire.call('GET', '/own?uploads')
    for key, upload_id in zip(tag(answer, 'Key'), tag(answer, 'UploadId')):
        wire.call('DELETE', f'/own/{key}?uploadId={upload_id}')
    until(lambda: data_files(own_server) == 0, 'the last file to go')
    for bucket in ('own', 'contested', 'versions'):
        wire.call('DELETE', f'/{bucket}')
    wire.close()
