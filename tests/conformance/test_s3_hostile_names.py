"""Names that look like paths never reach a file: nothing outside the data directory is read, made or changed, and no
file inside it is named after a key, an upload id or a token."""
import re
import urllib.parse

import pytest

from support.s3_wire import S3Wire
from support.server import Server

SECRET = b'the decoy'
BIG = b'b' * 70_000  # larger than what is kept beside the metadata

# How far up: from the data directory, and from any folder below it.
CLIMBS = ['../' * up + 'decoy' for up in range(1, 9)]
HOSTILE = [
    *CLIMBS, *['a/' + climb for climb in CLIMBS], *[climb.replace('/', '\\') for climb in CLIMBS[:3]],
    '..', '../', '../..', '.', './', '/', '//', '/../decoy', '..//..//decoy', '.../decoy', '....//decoy', '..;/decoy', 'decoy', '~/decoy', '~root', '$HOME/decoy',
    '%2e%2e/decoy', '%2e%2e%2fdecoy', '..%2fdecoy', '..%c0%afdecoy', '%252e%252e%252fdecoy', 'decoy\n', 'decoy ', 'decoy.', 'meta/CURRENT', 'data/00', 's3/meta/LOCK',
    'file:///etc/passwd', 'C:\\decoy', '\\\\host\\share', 'con', '-rf', '*', '|id', ';id', '`id`', '$(id)', '\x01', '\x7f', '\u202e', '\uff0e\uff0e/decoy', '../' * 300 + 'decoy',
]


def tree_of(folder, without=None):
    """Names, kinds, sizes, times and contents below a folder."""
    out = {}
    for path in sorted(folder.rglob('*')):
        if without and (path == without or without in path.parents):
            continue
        status = path.lstat()
        out[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns, path.read_bytes() if path.is_file() else None)
    return out


@pytest.fixture
def nested(tmp_path):
    """A server deep in a tree whose every level holds a decoy."""
    folder = tmp_path
    for level in 'abcde':
        (folder / 'decoy').write_bytes(SECRET)
        folder = folder / level
        folder.mkdir()
    (folder / 'decoy').write_bytes(SECRET)
    server = Server(folder / 'data')
    yield server
    server.close()


@pytest.fixture
def outside(nested, tmp_path):
    """What nothing may change."""
    before = tree_of(tmp_path, nested.data_dir)
    assert len(before) == 11
    yield
    assert tree_of(tmp_path, nested.data_dir) == before


def paths_of(key):
    """Spellings of a key in a target: as it is where HTTP allows, half escaped, escaped."""
    raw = urllib.parse.quote(key, safe="/.~!$&'()*,;=:@%\\`|{}^+-")
    return {raw, urllib.parse.quote(key, safe='.'), urllib.parse.quote(key, safe='/').replace('.', '%2e'), urllib.parse.quote(key, safe='/.')}


def test_objects_with_hostile_keys(nested, outside):
    wire = S3Wire(nested.s3_port)
    wire.ok('PUT', '/bucket')
    for number, key in enumerate(HOSTILE):
        for path in paths_of(key):
            for body in (b'%d small' % number, b'%d ' % number + BIG):
                answer = wire.call('PUT', f'/bucket/{path}', body)
                if answer.status == 400:
                    continue
                assert answer.status == 200, (path, answer)
                assert wire.ok('GET', f'/bucket/{path}').body == body
            wire.call('PUT', f'/bucket/copy-{number}', headers={'x-amz-copy-source': f'/bucket/{path}'})
            assert wire.call('PUT', f'/bucket/{path}?tagging', '<Tagging><TagSet/></Tagging>').status in (200, 400)
            assert wire.call('GET', f'/bucket?prefix={urllib.parse.quote(key, safe="")}').status == 200
    for path in nested.data_dir.rglob('*'):
        assert 'decoy' not in path.name and path.is_relative_to(nested.data_dir)
        if path.parent.parent.name == 'data' and path.is_file():
            assert re.fullmatch('[0-9a-z]+', path.name), path
    for number, key in enumerate(HOSTILE):
        for path in paths_of(key):
            assert wire.call('DELETE', f'/bucket/{path}').status in (204, 400)
        wire.call('DELETE', f'/bucket/copy-{number}')
    left = wire.call('GET', '/bucket').xml('ListBucketResult')
    assert left.texts('Contents/Key') == []
    wire.close()


def test_uploads_with_hostile_keys_and_ids(nested, outside):
    wire = S3Wire(nested.s3_port)
    wire.ok('PUT', '/bucket')
    for key in HOSTILE[:20] + HOSTILE[-10:]:
        path = urllib.parse.quote(key, safe='')
        started = wire.call('POST', f'/bucket/{path}?uploads')
        if started.status == 200:
            upload = re.search(b'<UploadId>(.*?)</UploadId>', started.body)[1].decode()
            etag = wire.ok('PUT', f'/bucket/{path}?partNumber=1&uploadId={upload}', BIG)['ETag']
            wire.ok('POST', f'/bucket/{path}?uploadId={upload}', f'<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>')
        for query in (f'uploadId={path}', f'partNumber=1&uploadId={path}', f'partNumber={path}&uploadId=x'):
            for method, body in (('PUT', BIG), ('GET', None), ('DELETE', None), ('POST', '<CompleteMultipartUpload/>')):
                answer = wire.call(method, f'/bucket/k?{query}', body)
                assert answer.status in (400, 404, 501) or (method, query[:10]) == ('GET', 'partNumber'), answer
                assert SECRET not in answer.body
    wire.close()


def test_hostile_buckets_sources_markers_and_versions(nested, outside):
    wire = S3Wire(nested.s3_port)
    wire.ok('PUT', '/bucket')
    wire.ok('PUT', '/bucket/k', 'x')
    for key in HOSTILE:
        path = urllib.parse.quote(key, safe='')
        answers = [wire.call('PUT', f'/{path}', headers={'Host': 'x'}), wire.call('GET', f'/{path}/decoy'), wire.call('DELETE', f'/{path}'),
                   wire.call('PUT', '/bucket/copy', headers={'x-amz-copy-source': f'/{path}'}),
                   wire.call('PUT', '/bucket/copy', headers={'x-amz-copy-source': f'/bucket/{path}'}),
                   wire.call('GET', '/', headers={'Host': f'{path}.localhost'}),
                   wire.call('GET', f'/bucket/k?versionId={path}')]
        for query in ('marker', 'list-type=2&start-after', 'list-type=2&continuation-token', 'versions&key-marker', 'uploads&key-marker', 'delimiter'):
            answers.append(wire.call('GET', f'/bucket?{query}={path}'))
        for answer in answers:
            assert SECRET not in answer.body and b'root:' not in answer.body
            assert answer.status < 500 or answer.status == 501, answer
    for target in ('/../decoy', '/bucket/../../decoy', '/%2e%2e/decoy', '/..%2fdecoy', '//decoy', '/.', '/..'):
        answer = wire.call('GET', target)
        assert answer.status in (400, 404) and SECRET not in answer.body, answer
    wire.close()
