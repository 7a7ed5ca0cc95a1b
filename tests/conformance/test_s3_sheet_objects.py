"""Reading, writing and copying objects: ranges, conditions, metadata, and the corners of each."""
import email.utils
import time

import pytest

from support.s3_wire import md5_hex

DATA = b'0123456789'
ETAG = f'"{md5_hex(DATA)}"'

RANGES = [
    # Range, status, bytes, Content-Range
    ('bytes=0-3', 206, b'0123', 'bytes 0-3/10'), ('bytes=3-3', 206, b'3', 'bytes 3-3/10'), ('bytes=7-', 206, b'789', 'bytes 7-9/10'),
    ('bytes=0-', 206, DATA, 'bytes 0-9/10'), ('bytes=0-9', 206, DATA, 'bytes 0-9/10'), ('bytes=5-100', 206, b'56789', 'bytes 5-9/10'),
    ('bytes=-3', 206, b'789', 'bytes 7-9/10'), ('bytes=-10', 206, DATA, 'bytes 0-9/10'), ('bytes=-100', 206, DATA, 'bytes 0-9/10'),
    ('bytes=9-9', 206, b'9', 'bytes 9-9/10'), ('bytes=0-18446744073709551615', 206, DATA, 'bytes 0-9/10'),
    ('bytes=0-99999999999999999999999', 206, DATA, 'bytes 0-9/10'),
    ('bytes=10-', 416, None, None), ('bytes=10-20', 416, None, None), ('bytes=-0', 416, None, None), ('bytes=99999999999999999999999-', 416, None, None),
    ('bytes=5-3', 200, DATA, None), ('bytes=a-b', 200, DATA, None), ('bytes=', 200, DATA, None), ('bytes=-', 200, DATA, None), ('bytes=1', 200, DATA, None),
    ('bytes=0-1,3-4', 200, DATA, None), ('items=0-1', 200, DATA, None), ('0-1', 200, DATA, None), ('', 200, DATA, None), ('bytes=1-2-3', 200, DATA, None),
    ('bytes=--3', 200, DATA, None), ('bytes=+1-3', 200, DATA, None),
]


@pytest.mark.parametrize('sent,status,body,content_range', RANGES)
def test_ranges(s3_wire, bucket, sent, status, body, content_range):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    for method in ('GET', 'HEAD'):
        answer = s3_wire.call(method, f'/{bucket}/k', headers={'Range': sent})
        assert (answer.status, answer['Content-Range']) == (status, content_range), answer
        if status < 300:
            assert answer['Content-Length'] == str(len(body))
            assert answer['ETag'] == ETAG
            assert answer.body == (body if method == 'GET' else b'')
        elif method == 'GET':
            assert (answer.code, answer.error('ActualObjectSize'), answer.error('RangeRequested')) == ('InvalidRange', '10', sent)


@pytest.mark.parametrize('sent,status', [('bytes=0-', 416), ('bytes=0-0', 416), ('bytes=-1', 416), ('bytes=x', 200)])
def test_ranges_of_nothing(s3_wire, bucket, sent, status):
    s3_wire.ok('PUT', f'/{bucket}/k', '')
    assert s3_wire.call('GET', f'/{bucket}/k', headers={'Range': sent}).status == status


NOW = time.time()
PAST, FUTURE = email.utils.formatdate(NOW - 86400, usegmt=True), email.utils.formatdate(NOW + 86400, usegmt=True)
LATER = email.utils.formatdate(NOW + 3600 * 24 * 365, usegmt=True)
BARE, OTHER = ETAG.strip('"'), '"00000000000000000000000000000000"'

# Headers of a read, status. PAST lies before the object's modification.
CONDITIONS = [
    ({'If-Match': ETAG}, 200), ({'If-Match': BARE}, 200), ({'If-Match': '*'}, 200), ({'If-Match': OTHER}, 412), ({'If-Match': f'{OTHER}, {ETAG}'}, 200),
    ({'If-None-Match': ETAG}, 304), ({'If-None-Match': BARE}, 304), ({'If-None-Match': '*'}, 304), ({'If-None-Match': OTHER}, 200),
    ({'If-None-Match': f'{OTHER}, {ETAG}'}, 304),
    ({'If-Modified-Since': PAST}, 200), ({'If-Unmodified-Since': PAST}, 412), ({'If-Modified-Since': FUTURE}, 200), ({'If-Unmodified-Since': FUTURE}, 200),
    ({'If-Modified-Since': 'not a date'}, 200), ({'If-Unmodified-Since': 'not a date'}, 200), ({'If-Modified-Since': LATER}, 200),
    ({'If-Match': ETAG, 'If-Unmodified-Since': PAST}, 200), ({'If-Match': OTHER, 'If-Unmodified-Since': FUTURE}, 412),
    ({'If-None-Match': ETAG, 'If-Modified-Since': PAST}, 304), ({'If-None-Match': OTHER, 'If-Modified-Since': FUTURE}, 200),
    ({'If-Match': ETAG, 'If-None-Match': ETAG}, 304), ({'If-Match': OTHER, 'If-None-Match': ETAG}, 412),
    ({'If-Match': OTHER, 'Range': 'bytes=0-1'}, 412), ({'If-Match': ETAG, 'Range': 'bytes=0-1'}, 206), ({'If-None-Match': ETAG, 'Range': 'bytes=0-1'}, 304),
    ({'Range': 'bytes=0-1', 'If-Range': ETAG}, 206), ({'Range': 'bytes=0-1', 'If-Range': OTHER}, 200), ({'Range': 'bytes=0-1', 'If-Range': PAST}, 200),
    ({'Range': 'bytes=0-1', 'If-Range': FUTURE}, 206), ({'Range': 'bytes=10-', 'If-Range': OTHER}, 200),
]


@pytest.mark.parametrize('headers,status', CONDITIONS, ids=str)
def test_conditional_reads(s3_wire, bucket, headers, status):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    for method in ('GET', 'HEAD'):
        answer = s3_wire.call(method, f'/{bucket}/k', headers=headers)
        assert answer.status == status, answer
        if status == 304:
            assert (answer['ETag'], answer['Last-Modified'] is not None) == (ETAG, True)
        if status == 412 and method == 'GET':
            assert answer.code == 'PreconditionFailed' and answer.error('Condition') in headers


def test_dates_count_in_whole_seconds(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    modified = s3_wire.ok('HEAD', f'/{bucket}/k')['Last-Modified']
    assert s3_wire.call('GET', f'/{bucket}/k', headers={'If-Modified-Since': modified}).status == 304
    assert s3_wire.call('GET', f'/{bucket}/k', headers={'If-Unmodified-Since': modified}).status == 200


WRITES = [
    # What is there, headers, status, code
    (None, {'If-None-Match': '*'}, 200, None), (DATA, {'If-None-Match': '*'}, 412, 'PreconditionFailed'),
    (DATA, {'If-Match': ETAG}, 200, None), (DATA, {'If-Match': BARE}, 200, None), (DATA, {'If-Match': OTHER}, 412, 'PreconditionFailed'),
    (None, {'If-Match': ETAG}, 404, 'NoSuchKey'), (DATA, {'If-None-Match': ETAG}, 501, 'NotImplemented'),
    (DATA, {'If-None-Match': '*', 'If-Match': ETAG}, 501, 'NotImplemented'),
]


@pytest.mark.parametrize('before,headers,status,code', WRITES, ids=str)
@pytest.mark.parametrize('way', ['put', 'copy', 'complete'])
def test_conditional_writes(s3_wire, bucket, before, headers, status, code, way):
    s3_wire.ok('PUT', f'/{bucket}/source', 'new')
    if before:
        s3_wire.ok('PUT', f'/{bucket}/k', before)
    if way == 'put':
        answer = s3_wire.call('PUT', f'/{bucket}/k', 'new', headers)
    elif way == 'copy':
        answer = s3_wire.call('PUT', f'/{bucket}/k', headers={**headers, 'x-amz-copy-source': f'/{bucket}/source'})
    else:
        upload = s3_wire.call('POST', f'/{bucket}/k?uploads').xml('InitiateMultipartUploadResult').text('UploadId')
        etag = s3_wire.ok('PUT', f'/{bucket}/k?partNumber=1&uploadId={upload}', 'new')['ETag']
        answer = s3_wire.call('POST', f'/{bucket}/k?uploadId={upload}', '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>'
                              f'<ETag>{etag}</ETag></Part></CompleteMultipartUpload>', headers)
    assert (answer.status, answer.code) == (status, code), answer
    found = s3_wire.call('GET', f'/{bucket}/k')
    assert found.body == b'new' if status == 200 else (found.body == before if before else found.status == 404)


@pytest.mark.parametrize('headers,status', [({'If-Match': ETAG}, 204), ({'If-Match': '*'}, 204), ({'If-Match': OTHER}, 412)], ids=str)
def test_conditional_deletes(s3_wire, bucket, headers, status):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    assert s3_wire.call('DELETE', f'/{bucket}/k', headers=headers).status == status
    assert s3_wire.call('HEAD', f'/{bucket}/k').status == (404 if status == 204 else 200)


PART_NUMBERS = [('1', 206, None), ('2', 416, 'InvalidPartNumber'), ('0', 400, 'InvalidArgument'), ('10001', 400, 'InvalidArgument'), ('x', 400, 'InvalidArgument'),
                ('', 400, 'InvalidArgument'), ('-1', 400, 'InvalidArgument')]


@pytest.mark.parametrize('number,status,code', PART_NUMBERS)
def test_parts_of_a_plain_object(s3_wire, bucket, number, status, code):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    answer = s3_wire.call('GET', f'/{bucket}/k?partNumber={number}')
    assert (answer.status, answer.code) == (status, code), answer
    assert s3_wire.call('HEAD', f'/{bucket}/k?partNumber={number}').status == status
    if status == 206:
        assert (answer.body, answer['Content-Range'], answer['x-amz-mp-parts-count']) == (DATA, 'bytes 0-9/10', None)
        assert s3_wire.call('GET', f'/{bucket}/k?partNumber=1', headers={'Range': 'bytes=0-1'}).code == 'InvalidRequest'


METADATA = [
    # Headers, and what comes back
    ([('x-amz-meta-a', 'b')], {'x-amz-meta-a': 'b'}),
    ([('X-AMZ-META-Upper', 'Kept As Sent')], {'x-amz-meta-upper': 'Kept As Sent'}),
    ([('x-amz-meta-a', 'b'), ('x-amz-meta-a', 'c')], {'x-amz-meta-a': 'b,c'}),
    ([('x-amz-meta-e', '')], {'x-amz-meta-e': ''}),
    ([('x-amz-meta-u', 'ü😀 x')], {'x-amz-meta-u': '=?UTF-8?Q?=C3=BC=F0=9F=98=80_x?='}),
    ([('x-amz-meta-l', 'Hello Worldé'.encode('latin-1'))], {'x-amz-meta-l': '=?UTF-8?Q?Hello_World=C3=A9?='}),
    ([('x-amz-meta-q', '=?UTF-8?B?w7w=?=')], {'x-amz-meta-q': '=?UTF-8?B?w7w=?='}),
    ([('x-amz-meta-s', 'inner   blanks')], {'x-amz-meta-s': 'inner   blanks'}),
    ([('x-amz-meta-' + 'n' * 1000, 'v' * 1048)], {'x-amz-meta-' + 'n' * 1000: 'v' * 1048}),
]


@pytest.mark.parametrize('sent,kept', METADATA, ids=lambda value: str(value)[:40])
def test_metadata_comes_back_in_ascii(s3_wire, bucket, sent, kept):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x', sent)
    got = s3_wire.ok('HEAD', f'/{bucket}/k')
    found = {name: value for name, value in got.headers.items() if name.startswith('x-amz-meta-')}
    assert found == kept


BAD_WRITES = [
    ({'x-amz-meta-' + 'n' * 1000: 'v' * 1049}, 400, 'MetadataTooLarge'), ({'x-amz-meta-a': 'v' * 2048}, 400, 'MetadataTooLarge'),
    ({'x-amz-storage-class': 'FLOPPY'}, 400, 'InvalidStorageClass'), ({'x-amz-acl': 'everybody'}, 400, 'InvalidArgument'),
    ({'x-amz-server-side-encryption-customer-algorithm': 'AES256'}, 501, 'NotImplemented'),
    ({'x-amz-tagging': '&'.join(f'k{i}=v' for i in range(11))}, 400, 'BadRequest'), ({'x-amz-tagging': 'a=1&a=2'}, 400, 'InvalidTag'),
    ({'x-amz-tagging': 'k' * 129 + '=v'}, 400, 'InvalidTag'), ({'x-amz-tagging': 'k=' + 'v' * 257}, 400, 'InvalidTag'), ({'x-amz-tagging': '%zz'}, 400, 'InvalidArgument'),
    ({'Content-Length': str((5 << 30) + 1)}, 400, 'EntityTooLarge'),
]


@pytest.mark.parametrize('headers,status,code', BAD_WRITES, ids=lambda value: str(value)[:40])
def test_bad_writes(s3_wire, bucket, headers, status, code):
    answer = s3_wire.call('PUT', f'/{bucket}/k', None if 'Content-Length' in headers else 'x', headers)
    assert (answer.status, answer.code) == (status, code), answer
    s3_wire.close()
    assert s3_wire.call('HEAD', f'/{bucket}/k').status == 404


def test_storage_classes_and_encryption_are_remembered(s3_wire, bucket):
    for storage_class in ('STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER', 'DEEP_ARCHIVE', 'GLACIER_IR'):
        put = s3_wire.ok('PUT', f'/{bucket}/k', 'x', {'x-amz-storage-class': storage_class, 'x-amz-server-side-encryption': 'AES256'})
        assert put['x-amz-server-side-encryption'] == 'AES256'
        got = s3_wire.ok('HEAD', f'/{bucket}/k')
        assert got['x-amz-storage-class'] == (None if storage_class == 'STANDARD' else storage_class)
        assert got['x-amz-server-side-encryption'] == 'AES256'
        assert s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').text('Contents/StorageClass') == storage_class


@pytest.mark.parametrize('acl', ['private', 'public-read', 'public-read-write', 'authenticated-read', 'aws-exec-read', 'bucket-owner-read', 'bucket-owner-full-control'])
def test_canned_acls_are_accepted(s3_wire, bucket, acl):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x', {'x-amz-acl': acl})


def source_of(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/a%20b%2Bc/%C3%BC', DATA, {'Content-Type': 'a/b', 'Cache-Control': 'no-store', 'x-amz-meta-m': 'old', 'x-amz-tagging': 't=old',
                                                            'x-amz-storage-class': 'STANDARD_IA', 'x-amz-website-redirect-location': '/old'})
    return f'{bucket}/a%20b%2Bc/%C3%BC'


@pytest.mark.parametrize('spelling', ['/{s}', '{s}', '/{s}?versionId=null', '{b}%2Fa%20b%2Bc%2F%C3%BC', '/{b}/a b%2Bc/ü', '{b}/a%20b+c/%c3%bc'])
def test_spellings_of_a_copy_source(s3_wire, bucket, spelling):
    source = source_of(s3_wire, bucket)
    result = s3_wire.call('PUT', f'/{bucket}/copy', headers={'x-amz-copy-source': spelling.format(s=source, b=bucket)}).xml('CopyObjectResult')
    assert result.text('ETag') == ETAG and result.text('LastModified').endswith('Z')
    assert s3_wire.ok('GET', f'/{bucket}/copy').body == DATA


def test_what_a_copy_takes_from_where(s3_wire, bucket):
    source = source_of(s3_wire, bucket)
    sent = {'x-amz-copy-source': source, 'Content-Type': 'c/d', 'x-amz-meta-m': 'new', 'x-amz-tagging': 't=new&u=new'}
    s3_wire.ok('PUT', f'/{bucket}/copy', headers=sent)
    got = s3_wire.ok('HEAD', f'/{bucket}/copy')
    assert [got[name] for name in ('Content-Type', 'Cache-Control', 'x-amz-meta-m', 'x-amz-tagging-count', 'x-amz-storage-class',
                                   'x-amz-website-redirect-location')] == ['a/b', 'no-store', 'old', '1', None, None]
    s3_wire.ok('PUT', f'/{bucket}/copy', headers={**sent, 'x-amz-metadata-directive': 'REPLACE', 'x-amz-tagging-directive': 'REPLACE',
                                                  'x-amz-storage-class': 'GLACIER'})
    got = s3_wire.ok('HEAD', f'/{bucket}/copy')
    assert [got[name] for name in ('Content-Type', 'Cache-Control', 'x-amz-meta-m', 'x-amz-tagging-count', 'x-amz-storage-class')] == [
        'c/d', None, 'new', '2', 'GLACIER']
    assert s3_wire.ok('GET', f'/{bucket}/copy').body == DATA


BAD_COPIES = [
    ({'x-amz-copy-source': '/{b}/none'}, 404, 'NoSuchKey'), ({'x-amz-copy-source': '/{b}-none/k'}, 404, 'NoSuchBucket'),
    ({'x-amz-copy-source': '/{b}'}, 400, 'InvalidArgument'), ({'x-amz-copy-source': ''}, 400, 'InvalidArgument'), ({'x-amz-copy-source': '/'}, 400, 'InvalidArgument'),
    ({'x-amz-copy-source': '/{b}/%zz'}, 400, 'InvalidArgument'), ({'x-amz-copy-source': '/{b}/k', 'x-amz-metadata-directive': 'MERGE'}, 400, 'InvalidArgument'),
    ({'x-amz-copy-source': '/{b}/k', 'x-amz-tagging-directive': 'copy'}, 400, 'InvalidArgument'), ({'x-amz-copy-source': '/{b}/target'}, 400, 'InvalidRequest'),
    ({'x-amz-copy-source': '/{b}/k', 'x-amz-checksum-algorithm': 'CRC99'}, 400, 'InvalidRequest'),
    ({'x-amz-copy-source': '/{b}/k', 'x-amz-copy-source-if-match': OTHER}, 412, 'PreconditionFailed'),
    ({'x-amz-copy-source': '/{b}/k', 'x-amz-copy-source-if-none-match': ETAG}, 412, 'PreconditionFailed'),
    ({'x-amz-copy-source': '/{b}/k', 'x-amz-copy-source-if-modified-since': '{now}'}, 412, 'PreconditionFailed'),
    ({'x-amz-copy-source': '/{b}/k', 'x-amz-copy-source-if-unmodified-since': PAST}, 412, 'PreconditionFailed'),
]


@pytest.mark.parametrize('headers,status,code', BAD_COPIES, ids=str)
def test_copies_that_fail(s3_wire, bucket, headers, status, code):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    s3_wire.ok('PUT', f'/{bucket}/target', 'before')
    now = s3_wire.ok('HEAD', f'/{bucket}/k')['Last-Modified']
    answer = s3_wire.call('PUT', f'/{bucket}/target', headers={name: value.format(b=bucket, now=now) for name, value in headers.items()})
    assert (answer.status, answer.code) == (status, code), answer
    assert s3_wire.ok('GET', f'/{bucket}/target').body == b'before'


GOOD_COPIES = [{'x-amz-copy-source-if-match': ETAG}, {'x-amz-copy-source-if-match': BARE}, {'x-amz-copy-source-if-none-match': OTHER},
               {'x-amz-copy-source-if-modified-since': PAST}, {'x-amz-copy-source-if-match': ETAG, 'x-amz-copy-source-if-unmodified-since': PAST}]


@pytest.mark.parametrize('headers', GOOD_COPIES, ids=str)
def test_conditional_copies(s3_wire, bucket, headers):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA)
    s3_wire.ok('PUT', f'/{bucket}/target', headers={'x-amz-copy-source': f'/{bucket}/k', **headers})
    assert s3_wire.ok('GET', f'/{bucket}/target').body == DATA


ONTO_ITSELF = [{'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-mode': '33188'}, {'x-amz-storage-class': 'STANDARD_IA'},
               {'x-amz-website-redirect-location': '/x'}, {'x-amz-server-side-encryption': 'AES256'}]


@pytest.mark.parametrize('headers', ONTO_ITSELF, ids=str)
def test_copies_onto_themselves(s3_wire, bucket, headers):
    s3_wire.ok('PUT', f'/{bucket}/k', DATA, {'x-amz-meta-mode': '0'})
    result = s3_wire.call('PUT', f'/{bucket}/k', headers={'x-amz-copy-source': f'/{bucket}/k', **headers}).xml('CopyObjectResult')
    assert result.text('ETag') == ETAG, 'the bytes have not changed'
    got = s3_wire.ok('GET', f'/{bucket}/k')
    assert (got.body, got['ETag'], got['x-amz-meta-mode']) == (DATA, ETAG, headers.get('x-amz-meta-mode', '0'))


def test_copies_choose_their_checksum(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', 'hello', {'x-amz-checksum-crc32': 'NhCmhg=='})
    kept = s3_wire.call('PUT', f'/{bucket}/kept', headers={'x-amz-copy-source': f'/{bucket}/k'}).xml('CopyObjectResult')
    assert (kept.text('ChecksumCRC32'), kept.text('ChecksumType')) == ('NhCmhg==', 'FULL_OBJECT')
    other = s3_wire.call('PUT', f'/{bucket}/other', headers={'x-amz-copy-source': f'/{bucket}/k', 'x-amz-checksum-algorithm': 'CRC32C'}).xml('CopyObjectResult')
    assert (other.text('ChecksumCRC32C'), other.text('ChecksumCRC32')) == ('mnG7TA==', None)


TAGS_XML = '<Tagging><TagSet>{}</TagSet></Tagging>'
TAG = '<Tag><Key>{}</Key><Value>{}</Value></Tag>'
TAGGINGS = [
    (TAGS_XML.format(TAG.format('a', '1') + TAG.format('b + c', 'ü')), 200, None), (TAGS_XML.format(''), 200, None),
    ('<?xml version="1.0"?><Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\n <TagSet>\n' + TAG.format('a', '') + '</TagSet>\n</Tagging>', 200, None),
    (TAGS_XML.format(TAG.format('a', '1') * 2), 400, 'InvalidTag'), (TAGS_XML.format(''.join(TAG.format(i, i) for i in range(11))), 400, 'BadRequest'),
    (TAGS_XML.format(TAG.format('', '1')), 400, 'InvalidTag'), (TAGS_XML.format('<Tag><Key>a</Key></Tag>'), 400, 'MalformedXML'),
    ('<Tagging/>', 400, 'MalformedXML'), ('', 400, 'MalformedXML'), ('<Tags/>', 400, 'MalformedXML'), ('<Tagging><TagSet>', 400, 'MalformedXML'),
]


@pytest.mark.parametrize('body,status,code', TAGGINGS, ids=lambda value: str(value)[:40])
def test_tags(s3_wire, bucket, body, status, code):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x', {'x-amz-tagging': 'before=1'})
    answer = s3_wire.call('PUT', f'/{bucket}/k?tagging', body)
    assert (answer.status, answer.code) == (status, code), answer
    tags = s3_wire.call('GET', f'/{bucket}/k?tagging').xml('Tagging')
    assert tags.names() == ['TagSet']
    assert ('before' in tags.texts('TagSet/Tag/Key')) == (status != 200)
    assert s3_wire.call('DELETE', f'/{bucket}/k?tagging').status == 204
    assert s3_wire.call('GET', f'/{bucket}/k?tagging').xml('Tagging').all('TagSet/Tag') == []


def test_readers_finish_the_old_bytes(s3_wire, shared, bucket):
    import socket
    old, new = b'o' * (8 << 20), b'n' * (8 << 20)
    s3_wire.ok('PUT', f'/{bucket}/k', old)
    with socket.create_connection(('127.0.0.1', shared.s3_port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        reader.sendall(f'GET /{bucket}/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode())
        received = reader.recv(1000)
        s3_wire.ok('PUT', f'/{bucket}/k', new)
        assert s3_wire.ok('GET', f'/{bucket}/k').body == new
        s3_wire.ok('DELETE', f'/{bucket}/k')
        while piece := reader.recv(1 << 20):
            received += piece
    assert received.split(b'\r\n\r\n', 1)[1] == old
