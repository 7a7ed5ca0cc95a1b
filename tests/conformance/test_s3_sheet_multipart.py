"""Uploads in parts, and deleting many keys at once."""
import hashlib

import pytest

from support.s3_wire import DIGESTS, base64_of, checksum, md5_hex

FIVE_MIB = 5 << 20


def start(s3_wire, bucket, key='k', **headers):
    answer = s3_wire.call('POST', f'/{bucket}/{key}?uploads', headers={name.replace('_', '-'): value for name, value in headers.items()})
    return answer.xml('InitiateMultipartUploadResult').text('UploadId')


def put_part(s3_wire, bucket, upload, number, data, **headers):
    return s3_wire.call('PUT', f'/{bucket}/k?partNumber={number}&uploadId={upload}', data, {n.replace('_', '-'): v for n, v in headers.items()})


def complete(s3_wire, bucket, upload, parts, key='k', headers=None):
    """`parts`: (number, ETag, further XML) or a body as it is."""
    body = parts if isinstance(parts, str) else '<CompleteMultipartUpload>' + ''.join(
        f'<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{"".join(more)}</Part>' for number, etag, *more in parts) + '</CompleteMultipartUpload>'
    return s3_wire.call('POST', f'/{bucket}/{key}?uploadId={upload}', body, headers)


HELLO, WORLD = f'"{md5_hex(b"hello")}"', f'"{md5_hex(b"world")}"'


def test_the_shape_of_an_upload(s3_wire, bucket):
    started = s3_wire.call('POST', f'/{bucket}/a%20b?uploads=').xml('InitiateMultipartUploadResult')
    assert started.names() == ['Bucket', 'Key', 'UploadId']
    assert (started.text('Bucket'), started.text('Key')) == (bucket, 'a b')
    upload = started.text('UploadId')
    s3_wire.ok('PUT', f'/{bucket}/a%20b?partNumber=1&uploadId={upload}', 'hello')
    done = complete(s3_wire, bucket, upload, [(1, HELLO)], 'a%20b').xml('CompleteMultipartUploadResult')
    assert done.names()[:4] == ['Location', 'Bucket', 'Key', 'ETag']
    etag = f'"{hashlib.md5(hashlib.md5(b"hello").digest()).hexdigest()}-1"'
    assert (done.text('Key'), done.text('ETag')) == ('a b', etag)
    assert done.text('Location') == f'http://{s3_wire.host}/{bucket}/a%20b'
    assert s3_wire.ok('HEAD', f'/{bucket}/a%20b')['ETag'] == etag


def test_the_location_in_virtual_host_style(s3_wire, bucket):
    host = {'Host': f'{bucket}.localhost:1'}
    upload = s3_wire.call('POST', '/k?uploads', headers=host).xml('InitiateMultipartUploadResult').text('UploadId')
    s3_wire.ok('PUT', f'/k?uploadId={upload}&partNumber=3', 'hello', host)
    done = s3_wire.call('POST', f'/k?uploadId={upload}', f'<CompleteMultipartUpload><Part><PartNumber>3</PartNumber><ETag>{HELLO}</ETag></Part>'
                        '</CompleteMultipartUpload>', host).xml('CompleteMultipartUploadResult')
    assert done.text('Location') == f'http://{bucket}.localhost:1/k'


def test_parts_make_an_object(s3_wire, bucket):
    """Sparse numbers, one replaced, one left out; the headers of the creation count."""
    upload = start(s3_wire, bucket, x_amz_meta_m='1', Content_Type='a/b', x_amz_tagging='t=1', x_amz_storage_class='STANDARD_IA')
    first = bytes(range(256)) * (FIVE_MIB // 256)
    put_part(s3_wire, bucket, upload, 2, 'replaced')
    etags = [put_part(s3_wire, bucket, upload, 2, first)['ETag'], put_part(s3_wire, bucket, upload, 10000, b'end')['ETag']]
    put_part(s3_wire, bucket, upload, 5, 'dropped')
    assert s3_wire.call('HEAD', f'/{bucket}/k').status == 404, 'not before it is complete'
    done = complete(s3_wire, bucket, upload, [(2, etags[0].strip('"')), (10000, etags[1])], headers={'x-amz-meta-m': '2', 'Content-Type': 'application/xml'})
    etag = f'"{hashlib.md5(hashlib.md5(first).digest() + hashlib.md5(b"end").digest()).hexdigest()}-2"'
    assert done.xml('CompleteMultipartUploadResult').text('ETag') == etag
    got = s3_wire.ok('GET', f'/{bucket}/k')
    assert got.body == first + b'end'
    assert [got[name] for name in ('ETag', 'Content-Type', 'x-amz-meta-m', 'x-amz-tagging-count', 'x-amz-storage-class')] == [etag, 'a/b', '1', '1', 'STANDARD_IA']
    across = s3_wire.ok('GET', f'/{bucket}/k', headers={'Range': f'bytes={FIVE_MIB - 2}-{FIVE_MIB}'})
    assert (across.body, across['Content-Range']) == (first[-2:] + b'e', f'bytes {FIVE_MIB - 2}-{FIVE_MIB}/{FIVE_MIB + 3}')
    second = s3_wire.ok('GET', f'/{bucket}/k?partNumber=2')
    assert (second.status, second.body, second['x-amz-mp-parts-count']) == (206, b'end', '2')
    assert second['Content-Range'] == f'bytes {FIVE_MIB}-{FIVE_MIB + 2}/{FIVE_MIB + 3}'
    head = s3_wire.ok('HEAD', f'/{bucket}/k?partNumber=1')
    assert (head.status, head['Content-Length'], head['x-amz-mp-parts-count']) == (206, str(FIVE_MIB), '2')
    assert s3_wire.call('GET', f'/{bucket}/k?partNumber=3').code == 'InvalidPartNumber'
    assert s3_wire.call('GET', f'/{bucket}?uploads').xml('ListMultipartUploadsResult').all('Upload') == []
    plain = s3_wire.call('PUT', f'/{bucket}/copy', headers={'x-amz-copy-source': f'/{bucket}/k'}).xml('CopyObjectResult')
    assert plain.text('ETag') == f'"{md5_hex(first + b"end")}"', 'a copy is one piece'


def test_completing_again_answers_the_same(s3_wire, bucket):
    upload = start(s3_wire, bucket)
    put_part(s3_wire, bucket, upload, 1, 'hello')
    first = complete(s3_wire, bucket, upload, [(1, HELLO)])
    assert complete(s3_wire, bucket, upload, [(1, HELLO)]).body == first.body
    assert put_part(s3_wire, bucket, upload, 1, 'late').code == 'NoSuchUpload'
    assert s3_wire.call('GET', f'/{bucket}/k?uploadId={upload}').code == 'NoSuchUpload'


def test_aborted_uploads_are_gone(s3_wire, bucket):
    upload = start(s3_wire, bucket)
    put_part(s3_wire, bucket, upload, 1, 'hello')
    assert s3_wire.call('DELETE', f'/{bucket}/k?uploadId={upload}').status == 204
    for answer in (put_part(s3_wire, bucket, upload, 1, 'x'), complete(s3_wire, bucket, upload, [(1, HELLO)]),
                   s3_wire.call('GET', f'/{bucket}/k?uploadId={upload}'), s3_wire.call('DELETE', f'/{bucket}/k?uploadId={upload}')):
        assert (answer.status, answer.code) == (404, 'NoSuchUpload'), answer


def test_an_upload_belongs_to_its_key(s3_wire, bucket):
    upload = start(s3_wire, bucket)
    for answer in (s3_wire.call('PUT', f'/{bucket}/other?partNumber=1&uploadId={upload}', 'x'), s3_wire.call('GET', f'/{bucket}/other?uploadId={upload}')):
        assert answer.code == 'NoSuchUpload'


PART_NUMBERS = ['0', '10001', '-1', 'x', '', '1.5', '99999999999999999999']


@pytest.mark.parametrize('number', PART_NUMBERS)
def test_bad_part_numbers(s3_wire, bucket, number):
    upload = start(s3_wire, bucket)
    assert put_part(s3_wire, bucket, upload, number, 'x').code == 'InvalidArgument'
    answer = s3_wire.call('PUT', f'/{bucket}/k?partNumber={number}&uploadId={upload}', headers={'x-amz-copy-source': f'/{bucket}/k'})
    assert answer.code == 'InvalidArgument'


COMPLETIONS = [
    # Parts of the list, code. Parts 1 and 2 hold hello and world.
    ([(2, WORLD), (1, HELLO)], 'InvalidPartOrder'), ([(1, HELLO), (1, HELLO)], 'InvalidPartOrder'), ([(1, WORLD)], 'InvalidPart'), ([(3, HELLO)], 'InvalidPart'),
    ([(1, 'nonsense')], 'InvalidPart'), ([(1, HELLO), (2, WORLD)], 'EntityTooSmall'),
    ([], 'MalformedXML'), ('', 'MalformedXML'), ('<CompleteMultipartUpload/>', 'MalformedXML'), ('<Complete><Part/></Complete>', 'MalformedXML'),
    ('<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>', 'MalformedXML'),
    (f'<CompleteMultipartUpload><Part><ETag>{HELLO}</ETag></Part></CompleteMultipartUpload>', 'MalformedXML'),
    ([('one', HELLO)], 'MalformedXML'), ('<CompleteMultipartUpload><Part>', 'MalformedXML'), ('{"Part": 1}', 'MalformedXML'), ('<CompleteMultipartUpload>&</CompleteMultipartUpload>', 'MalformedXML'),
]


@pytest.mark.parametrize('parts,code', COMPLETIONS, ids=lambda value: str(value)[:60])
def test_completions_that_fail(s3_wire, bucket, parts, code):
    upload = start(s3_wire, bucket)
    put_part(s3_wire, bucket, upload, 1, 'hello')
    put_part(s3_wire, bucket, upload, 2, 'world')
    answer = complete(s3_wire, bucket, upload, parts)
    assert (answer.status, answer.code) == (400, code), answer
    if code == 'EntityTooSmall':
        assert {name: answer.error(name) for name in ('ProposedSize', 'MinSizeAllowed', 'PartNumber', 'ETag')} == {
            'ProposedSize': '5', 'MinSizeAllowed': '5242880', 'PartNumber': '1', 'ETag': HELLO.strip('"')}
    assert s3_wire.call('HEAD', f'/{bucket}/k').status == 404
    assert complete(s3_wire, bucket, upload, [(2, WORLD)]).status == 200, 'it can still be completed'


BODIES = [
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\n'
    '  <Part>\n    <PartNumber>1</PartNumber>\n    <ETag>{bare}</ETag>\n  </Part>\n</CompleteMultipartUpload>\n',
    '<CompleteMultipartUpload><Part><ETag>&quot;{bare}&quot;</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
    '<s3:CompleteMultipartUpload xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><s3:Part><s3:PartNumber>1</s3:PartNumber><s3:ETag>"{bare}"</s3:ETag></s3:Part>'
    '</s3:CompleteMultipartUpload>',
    '<CompleteMultipartUpload><!-- one --><Part><PartNumber>1</PartNumber><ETag>{bare}</ETag><Unknown/></Part></CompleteMultipartUpload>',
]


@pytest.mark.parametrize('body', BODIES)
def test_spellings_of_a_completion(s3_wire, bucket, body):
    upload = start(s3_wire, bucket)
    put_part(s3_wire, bucket, upload, 1, 'hello')
    assert complete(s3_wire, bucket, upload, body.format(bare=HELLO.strip('"'))).status == 200


CRC32_XML = '<ChecksumCRC32>{}</ChecksumCRC32>'
CHECKSUMS = [
    # algorithm, type (None: the default), type answered
    ('CRC32', None, 'COMPOSITE'), ('CRC32', 'COMPOSITE', 'COMPOSITE'), ('CRC32', 'FULL_OBJECT', 'FULL_OBJECT'), ('CRC32C', None, 'COMPOSITE'),
    ('CRC32C', 'FULL_OBJECT', 'FULL_OBJECT'), ('CRC64NVME', None, 'FULL_OBJECT'), ('CRC64NVME', 'FULL_OBJECT', 'FULL_OBJECT'), ('SHA1', None, 'COMPOSITE'), ('SHA256', 'COMPOSITE', 'COMPOSITE'),
]


@pytest.mark.parametrize('algorithm,kind,answered', CHECKSUMS)
def test_checksums_of_multipart_objects(s3_wire, bucket, algorithm, kind, answered):
    started = s3_wire.call('POST', f'/{bucket}/k?uploads', headers={'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': kind})
    assert (started['x-amz-checksum-algorithm'], started['x-amz-checksum-type']) == (algorithm, answered)
    upload = started.xml('InitiateMultipartUploadResult').text('UploadId')
    header, digest = f'x-amz-checksum-{algorithm.lower()}', DIGESTS[algorithm.lower()]
    data = [b'h' * FIVE_MIB, b'world']
    if algorithm in ('CRC32C', 'CRC64NVME'):
        data = [b'world']  # ours are slow
    parts = []
    for number, piece in enumerate(data, 1):
        value = base64_of(digest(piece))
        part = put_part(s3_wire, bucket, upload, number, piece, **{header: value})
        assert part[header] == value
        parts.append((number, part['ETag'], f'<Checksum{algorithm}>{value}</Checksum{algorithm}>'))
    listed = s3_wire.call('GET', f'/{bucket}/k?uploadId={upload}').xml('ListPartsResult')
    assert (listed.text('ChecksumAlgorithm'), listed.text('ChecksumType')) == (algorithm, answered)
    assert listed.texts(f'Part/Checksum{algorithm}') == [base64_of(digest(piece)) for piece in data]
    if answered == 'COMPOSITE':
        final = base64_of(digest(b''.join(digest(piece) for piece in data))) + f'-{len(data)}'
    else:
        final = base64_of(digest(b''.join(data)))
    wrong = complete(s3_wire, bucket, upload, [(*parts[0][:2], f'<Checksum{algorithm}>{base64_of(digest(b"other"))}</Checksum{algorithm}>'), *parts[1:]])
    assert wrong.code == 'InvalidPart', wrong
    done = complete(s3_wire, bucket, upload, parts, headers={'x-amz-checksum-type': answered, header: final}).xml('CompleteMultipartUploadResult')
    assert (done.text(f'Checksum{algorithm}'), done.text('ChecksumType')) == (final, answered)
    got = s3_wire.ok('HEAD', f'/{bucket}/k', headers={'x-amz-checksum-mode': 'ENABLED'})
    assert (got[header], got['x-amz-checksum-type']) == (final, answered)


def test_vectors_of_composite_and_full_checksums(s3_wire, bucket):
    """hello + world would be too small for two parts: the composite of one, and the full one."""
    upload = start(s3_wire, bucket, x_amz_checksum_algorithm='CRC32')
    put_part(s3_wire, bucket, upload, 1, 'hello', x_amz_checksum_crc32='NhCmhg==')
    done = complete(s3_wire, bucket, upload, [(1, HELLO, CRC32_XML.format('NhCmhg=='))]).xml('CompleteMultipartUploadResult')
    assert done.text('ChecksumCRC32') == checksum('crc32', DIGESTS['crc32'](b'hello')) + '-1'


BAD_DECLARATIONS = [
    {'x-amz-checksum-type': 'FULL_OBJECT'}, {'x-amz-checksum-algorithm': 'CRC99'}, {'x-amz-checksum-algorithm': 'SHA1', 'x-amz-checksum-type': 'FULL_OBJECT'},
    {'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT'}, {'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE'},
    {'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'HALF'},
]


@pytest.mark.parametrize('headers', BAD_DECLARATIONS, ids=str)
def test_checksums_that_cannot_be_declared(s3_wire, bucket, headers):
    answer = s3_wire.call('POST', f'/{bucket}/k?uploads', headers=headers)
    assert (answer.status, answer.code) == (400, 'InvalidRequest'), answer


def test_rules_between_the_checksums_of_an_upload_and_its_parts(s3_wire, bucket):
    composite = start(s3_wire, bucket, x_amz_checksum_algorithm='CRC32')
    assert put_part(s3_wire, bucket, composite, 1, 'hello').code == 'InvalidRequest', 'a composite one needs those of its parts'
    assert put_part(s3_wire, bucket, composite, 1, 'hello', x_amz_checksum_sha1=checksum('sha1', b'hello')).code == 'InvalidRequest'
    assert put_part(s3_wire, bucket, composite, 1, 'hello', x_amz_checksum_crc32='NhCmhg==').status == 200
    assert complete(s3_wire, bucket, composite, [(1, HELLO)]).code == 'InvalidRequest', 'the list must repeat them'
    assert complete(s3_wire, bucket, composite, [(1, HELLO, CRC32_XML.format('NhCmhg=='))], headers={'x-amz-checksum-type': 'FULL_OBJECT'}).code == 'InvalidRequest'
    full = start(s3_wire, bucket, x_amz_checksum_algorithm='CRC32', x_amz_checksum_type='FULL_OBJECT')
    assert put_part(s3_wire, bucket, full, 1, 'hello').status == 200
    assert complete(s3_wire, bucket, full, [(1, HELLO)], headers={'x-amz-checksum-crc32': checksum('crc32', b'other')}).code == 'BadDigest'
    assert complete(s3_wire, bucket, full, [(1, HELLO)], headers={'x-amz-mp-object-size': '6'}).code == 'InvalidRequest'
    done = complete(s3_wire, bucket, full, [(1, HELLO)], headers={'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-mp-object-size': '5'})
    assert done.xml('CompleteMultipartUploadResult').text('ChecksumCRC32') == 'NhCmhg=='
    none = start(s3_wire, bucket)
    put_part(s3_wire, bucket, none, 1, 'hello', x_amz_checksum_crc32='NhCmhg==')
    done = complete(s3_wire, bucket, none, [(1, HELLO)], headers={'x-amz-checksum-crc32': checksum('crc32', b'other')})
    assert done.xml('CompleteMultipartUploadResult').text('ChecksumType') == 'FULL_OBJECT', 'nothing declared: the value of the client is ignored'


COPY_RANGES = [
    ('bytes=0-9', b'0123456789', None), ('bytes=2-4', b'234', None), ('bytes=9-9', b'9', None),
    ('bytes=5-10', None, 'InvalidArgument'), ('bytes=10-12', None, 'InvalidArgument'), ('bytes=4-2', None, 'InvalidArgument'), ('bytes=2-', None, 'InvalidArgument'),
    ('bytes=-2', None, 'InvalidArgument'), ('2-4', None, 'InvalidArgument'), ('bytes=a-b', None, 'InvalidArgument'), ('bytes=0-1,3-4', None, 'InvalidArgument'),
    ('bytes=0-18446744073709551615', None, 'InvalidArgument'),
]


@pytest.mark.parametrize('sent,copied,code', COPY_RANGES)
def test_parts_copied_from_objects(s3_wire, bucket, sent, copied, code):
    s3_wire.ok('PUT', f'/{bucket}/source', '0123456789')
    upload = start(s3_wire, bucket)
    answer = s3_wire.call('PUT', f'/{bucket}/k?partNumber=1&uploadId={upload}', headers={'x-amz-copy-source': f'{bucket}/source', 'x-amz-copy-source-range': sent})
    if code:
        assert (answer.status, answer.code) == (400, code), answer
        return
    etag = answer.xml('CopyPartResult').text('ETag')
    assert etag == f'"{md5_hex(copied)}"'
    complete(s3_wire, bucket, upload, [(1, etag)]).xml('CompleteMultipartUploadResult')
    assert s3_wire.ok('GET', f'/{bucket}/k').body == copied


def test_whole_objects_as_parts(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/source', b's' * FIVE_MIB)
    upload = start(s3_wire, bucket)
    headers = {'x-amz-copy-source': f'/{bucket}/source'}
    etags = [s3_wire.call('PUT', f'/{bucket}/k?partNumber={number}&uploadId={upload}', headers=headers).xml('CopyPartResult').text('ETag') for number in (1, 2)]
    assert complete(s3_wire, bucket, upload, [(1, etags[0]), (2, etags[1])]).status == 200
    s3_wire.ok('DELETE', f'/{bucket}/source')
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b's' * (2 * FIVE_MIB)
    for condition, code in (({'x-amz-copy-source-if-match': '"x"'}, 'PreconditionFailed'), ({'x-amz-copy-source-if-match': s3_wire.ok('HEAD', f'/{bucket}/k')['ETag']}, None)):
        other = start(s3_wire, bucket)
        answer = s3_wire.call('PUT', f'/{bucket}/k?partNumber=1&uploadId={other}', headers={'x-amz-copy-source': f'/{bucket}/k', **condition})
        assert answer.code == code, answer


def delete_body(*objects, quiet=''):
    return f'<Delete>{quiet}{"".join(f"<Object>{entry}</Object>" for entry in objects)}</Delete>'


def test_deleting_many(s3_wire, bucket):
    keys = ['a', 'b/c', 'd &amp; &lt;e&gt;', ' ', '&#x1;', 'p%20q', '+']
    for path in ('a', 'b/c', 'd%20%26%20%3Ce%3E', '%20', '%01', 'p%2520q', '+', 'kept'):
        s3_wire.ok('PUT', f'/{bucket}/{path}', 'x')
    answer = s3_wire.call('POST', f'/{bucket}?delete', delete_body(*[f'<Key>{key}</Key>' for key in keys], '<Key>never there</Key>'))
    assert answer.body.count(b'<Deleted><Key>') == len(keys) + 1 and b'<Error>' not in answer.body, answer
    order = [answer.body.index(f'<Key>{key}</Key>'.encode()) for key in ('a', 'b/c', ' ', 'p%20q', '+', 'never there')]
    assert order == sorted(order)
    assert s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').texts('Contents/Key') == ['kept']


def test_deleting_quietly(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/a', 'x')
    quiet = s3_wire.call('POST', f'/{bucket}?delete=', delete_body('<Key>a</Key>', '<Key>b</Key>', quiet='<Quiet>true</Quiet>')).xml('DeleteResult')
    assert quiet.names() == []
    loud = s3_wire.call('POST', f'/{bucket}?delete', delete_body('<Key>a</Key>', quiet='<Quiet>false</Quiet>')).xml('DeleteResult')
    assert loud.texts('Deleted/Key') == ['a']


def test_each_key_fails_alone(s3_wire, bucket):
    for key in 'ab':
        s3_wire.ok('PUT', f'/{bucket}/{key}', 'x')
    result = s3_wire.call('POST', f'/{bucket}?delete', delete_body('<Key>a</Key><ETag>"other"</ETag>', '<Key>b</Key>', '<Key>' + 'x' * 1025 + '</Key>',
                                                                   quiet='<Quiet>true</Quiet>')).xml('DeleteResult')
    assert result.texts('Error/Code') == ['PreconditionFailed', 'KeyTooLongError']
    assert result.texts('Error/Key')[0] == 'a' and all(result.texts('Error/Message'))
    assert s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').texts('Contents/Key') == ['a']


BAD_LISTS = [
    ('', 'MalformedXML'), ('<Delete/>', 'MalformedXML'), ('<Delete><Object/></Delete>', 'MalformedXML'), ('<Delete><Object><Key>a & b</Key></Object></Delete>', 'MalformedXML'),
    ('<Delete><Object><Key>a</Key></Object>', 'MalformedXML'), ('<Deletes><Object><Key>a</Key></Object></Deletes>', 'MalformedXML'), ('not xml', 'MalformedXML'),
    (delete_body(*['<Key>a</Key>'] * 1001), 'MalformedXML'), ('<Delete><Object><Key></Key></Object></Delete>', None),
    ('<!DOCTYPE Delete [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>', 'MalformedXML'),
]


@pytest.mark.parametrize('body,code', BAD_LISTS, ids=lambda value: str(value)[:60])
def test_bad_lists(s3_wire, bucket, body, code):
    s3_wire.ok('PUT', f'/{bucket}/a', 'x')
    answer = s3_wire.call('POST', f'/{bucket}?delete', body)
    assert b'root:' not in answer.body
    if code:
        assert (answer.status, answer.code) == (400, code), answer
    assert s3_wire.call('HEAD', f'/{bucket}/a').status == 200


def test_a_thousand_at_once(s3_wire, bucket):
    result = s3_wire.call('POST', f'/{bucket}?delete', delete_body(*[f'<Key>{i}</Key>' for i in range(1000)])).xml('DeleteResult')
    assert result.texts('Deleted/Key') == [str(i) for i in range(1000)]


@pytest.mark.parametrize('header', ['Content-MD5', 'x-amz-checksum-crc32', 'x-amz-checksum-sha256'])
def test_digests_of_lists(s3_wire, bucket, header):
    body = delete_body('<Key>a</Key>').encode()
    good, bad = [base64_of(hashlib.md5(data).digest()) if header == 'Content-MD5' else checksum(header[15:], data) for data in (body, b'other')]
    s3_wire.ok('PUT', f'/{bucket}/a', 'x')
    assert s3_wire.call('POST', f'/{bucket}?delete', body, {header: bad}).code == 'BadDigest'
    assert s3_wire.call('HEAD', f'/{bucket}/a').status == 200
    assert s3_wire.call('POST', f'/{bucket}?delete', body, {header: good}).status == 200
    assert s3_wire.call('HEAD', f'/{bucket}/a').status == 404


def test_lists_for_missing_buckets(s3_wire, name):
    assert s3_wire.call('POST', f'/{name}?delete', delete_body('<Key>a</Key>')).code == 'NoSuchBucket'
