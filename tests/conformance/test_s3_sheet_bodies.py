"""ETags, checksums and the forms in which a body travels."""
import hashlib

import pytest

from support.s3_wire import DIGESTS, base64_of, checksum, md5_hex

VECTORS = [
    # algorithm, text, value
    ('crc32', '123456789', 'y/Q5Jg=='), ('crc32c', '123456789', '4waSgw=='), ('crc64nvme', '123456789', 'rosUhgp5mIg='),
    ('crc32', 'hello', 'NhCmhg=='), ('crc32c', 'hello', 'mnG7TA=='), ('crc64nvme', 'hello', 'M3eFcAZSQlc='),
    ('crc32', '', 'AAAAAA=='), ('crc32c', '', 'AAAAAA=='), ('crc64nvme', '', 'AAAAAAAAAAA='),
    ('sha1', 'hello', 'qvTGHdzF6KLavt4PO0gs2a6pQ00='),
    ('sha256', 'hello', 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='),
]


@pytest.mark.parametrize('algorithm,text,value', VECTORS)
def test_checksum_vectors(s3_wire, bucket, algorithm, text, value):
    header = f'x-amz-checksum-{algorithm}'
    put = s3_wire.ok('PUT', f'/{bucket}/k', text, {header: value, 'x-amz-sdk-checksum-algorithm': algorithm.upper()})
    assert (put[header], put['x-amz-checksum-type']) == (value, 'FULL_OBJECT')
    for method in ('GET', 'HEAD'):
        assert s3_wire.ok(method, f'/{bucket}/k')[header] is None, 'only when asked for'
        got = s3_wire.ok(method, f'/{bucket}/k', headers={'x-amz-checksum-mode': 'ENABLED'})
        assert (got[header], got['x-amz-checksum-type']) == (value, 'FULL_OBJECT')
        if text:
            part = s3_wire.ok(method, f'/{bucket}/k', headers={'x-amz-checksum-mode': 'ENABLED', 'Range': 'bytes=0-1'})
            assert (part.status, part[header]) == (206, None), 'the client would compare it with the bytes it got'
    listed = s3_wire.call('GET', f'/{bucket}?list-type=2').xml('ListBucketResult')
    assert listed.texts('Contents/ChecksumAlgorithm') == [algorithm.upper()]
    assert listed.texts('Contents/ChecksumType') == ['FULL_OBJECT']


def test_without_a_checksum_there_is_crc64nvme(s3_wire, bucket):
    assert s3_wire.ok('PUT', f'/{bucket}/k', 'hello')['x-amz-checksum-crc64nvme'] == 'M3eFcAZSQlc='


GOOD = {algorithm: checksum(algorithm, b'hello') for algorithm in DIGESTS}
BAD = {algorithm: checksum(algorithm, b'other') for algorithm in DIGESTS}
HELLO_SHA = hashlib.sha256(b'hello').hexdigest()

# What does not go with the body `hello`, and the code that says so.
REFUSED = [
    *[({f'x-amz-checksum-{algorithm}': BAD[algorithm]}, 'BadDigest') for algorithm in DIGESTS],
    *[({f'x-amz-checksum-{algorithm}': 'AAAA'}, 'InvalidRequest') for algorithm in DIGESTS],
    *[({f'x-amz-checksum-{algorithm}': '!' + GOOD[algorithm][1:]}, 'InvalidRequest') for algorithm in DIGESTS],
    ({'x-amz-checksum-crc32': ''}, 'InvalidRequest'),
    ({'x-amz-checksum-crc32': GOOD['crc32'], 'x-amz-checksum-sha1': GOOD['sha1']}, 'InvalidRequest'),
    ({'x-amz-sdk-checksum-algorithm': 'CRC32'}, 'InvalidRequest'),
    ({'x-amz-sdk-checksum-algorithm': 'CRC32', 'x-amz-checksum-sha1': GOOD['sha1']}, 'InvalidRequest'),
    ({'x-amz-sdk-checksum-algorithm': 'CRC99'}, 'InvalidRequest'),
    ({'Content-MD5': base64_of(hashlib.md5(b'other').digest())}, 'BadDigest'),
    ({'Content-MD5': 'AAAA'}, 'InvalidDigest'),
    ({'Content-MD5': 'not base64!'}, 'InvalidDigest'),
    ({'Content-MD5': ''}, 'InvalidDigest'),
    ({'x-amz-content-sha256': hashlib.sha256(b'other').hexdigest()}, 'XAmzContentSHA256Mismatch'),
    ({'x-amz-content-sha256': 'no-such-value'}, 'InvalidArgument'),
    ({'x-amz-content-sha256': HELLO_SHA[:-1]}, 'InvalidArgument'),
    ({'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD'}, 'NotImplemented'),
    ({'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER'}, 'NotImplemented'),
]


@pytest.mark.parametrize('headers,code', REFUSED, ids=str)
@pytest.mark.parametrize('before', [None, 'old'])
def test_nothing_appears_when_a_digest_is_wrong(s3_wire, bucket, headers, code, before):
    if before:
        s3_wire.ok('PUT', f'/{bucket}/k', before)
    answer = s3_wire.call('PUT', f'/{bucket}/k', 'hello', headers)
    assert answer.code == code, answer
    found = s3_wire.call('GET', f'/{bucket}/k')
    assert found.body == before.encode() if before else found.code == 'NoSuchKey'


ACCEPTED = [
    {'x-amz-content-sha256': HELLO_SHA}, {'x-amz-content-sha256': HELLO_SHA.upper()}, {'x-amz-content-sha256': 'UNSIGNED-PAYLOAD'},
    {'Content-MD5': base64_of(hashlib.md5(b'hello').digest())}, {'x-amz-sdk-checksum-algorithm': 'crc32', 'x-amz-checksum-crc32': GOOD['crc32']},
    {'X-AMZ-CHECKSUM-SHA256': GOOD['sha256']}, {'x-amz-checksum-crc32': GOOD['crc32'], 'Content-MD5': base64_of(hashlib.md5(b'hello').digest())},
]


@pytest.mark.parametrize('headers', ACCEPTED, ids=str)
def test_a_body_that_goes_with_its_digests(s3_wire, bucket, headers):
    s3_wire.ok('PUT', f'/{bucket}/k', 'hello', headers)
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b'hello'


# aws-chunked: value of x-amz-content-sha256, framed body, trailer names, outcome (bytes, or the code of the refusal).
UNSIGNED, SIGNED = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
SIGNED_TRAILER = SIGNED + '-TRAILER'
SIGNATURE = ';chunk-signature=' + 'a' * 64
CRC = 'x-amz-checksum-crc32'
HELLO_CRC = f'{CRC}:{GOOD["crc32"]}'
CHUNKED = {
    'one chunk, trailer': (UNSIGNED, f'5\r\nhello\r\n0\r\n{HELLO_CRC}\r\n\r\n', CRC, b'hello'),
    'no trailer': (UNSIGNED, '5\r\nhello\r\n0\r\n\r\n', None, b'hello'),
    'several chunks': (UNSIGNED, f'2\r\nhe\r\n1\r\nl\r\n2\r\nlo\r\n0\r\n{HELLO_CRC}\r\n\r\n', CRC, b'hello'),
    'signed': (SIGNED, f'5{SIGNATURE}\r\nhello\r\n0{SIGNATURE}\r\n\r\n', None, b'hello'),
    'signed, trailer': (SIGNED_TRAILER, f'5{SIGNATURE}\r\nhello\r\n0{SIGNATURE}\r\n{HELLO_CRC}\r\n'
                                        f'x-amz-trailer-signature:{"b" * 64}\r\n\r\n', CRC, b'hello'),
    'empty': (UNSIGNED, f'0\r\n{CRC}:AAAAAA==\r\n\r\n', CRC, b''),
    'empty, signed': (SIGNED, f'0{SIGNATURE}\r\n\r\n', None, b''),
    'upper case and zeros': (UNSIGNED, f'000A\r\nhellohello\r\n00\r\n\r\n', None, b'hellohello'),
    'another extension': (UNSIGNED, f'5;a=b;c\r\nhello\r\n0;x=y\r\n{HELLO_CRC}\r\n\r\n', CRC, b'hello'),
    'trailer name in any case, blank behind the colon': (UNSIGNED, f'5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: {GOOD["crc32"]}\r\n\r\n', CRC, b'hello'),
    'announced in another case': (UNSIGNED, f'5\r\nhello\r\n0\r\n{HELLO_CRC}\r\n\r\n', CRC.upper(), b'hello'),
    'LF in trailers': (UNSIGNED, f'5\r\nhello\r\n0\r\n{HELLO_CRC}\n\n', CRC, b'hello'),
    'no last CRLF': (UNSIGNED, f'5\r\nhello\r\n0\r\n{HELLO_CRC}\r\n', CRC, b'hello'),
    'no line end at all behind the trailer': (UNSIGNED, f'5\r\nhello\r\n0\r\n{HELLO_CRC}', CRC, b'hello'),
    'framing inside the data': (UNSIGNED, f'7\r\n0\r\n\r\n5\r\r\n0\r\n\r\n', None, b'0\r\n\r\n5\r'),
    'announced trailer is missing': (UNSIGNED, '5\r\nhello\r\n0\r\n\r\n', CRC, 'MalformedTrailerError'),
    'another trailer': (UNSIGNED, f'5\r\nhello\r\n0\r\nx-amz-checksum-sha1:{GOOD["sha1"]}\r\n\r\n', CRC, 'MalformedTrailerError'),
    'trailer without a colon': (UNSIGNED, f'5\r\nhello\r\n0\r\n{CRC}\r\n\r\n', CRC, 'MalformedTrailerError'),
    'wrong value': (UNSIGNED, f'5\r\nhello\r\n0\r\n{CRC}:{BAD["crc32"]}\r\n\r\n', CRC, 'BadDigest'),
    'value is no digest': (UNSIGNED, f'5\r\nhello\r\n0\r\n{CRC}:xyz\r\n\r\n', CRC, 'InvalidRequest'),
    'size is not hexadecimal': (UNSIGNED, 'g\r\nhello\r\n0\r\n\r\n', None, 'IncompleteBody'),
    'size is negative': (UNSIGNED, '-5\r\nhello\r\n0\r\n\r\n', None, 'IncompleteBody'),
    'size is empty': (UNSIGNED, '\r\nhello\r\n0\r\n\r\n', None, 'IncompleteBody'),
    'size overflows': (UNSIGNED, '1' + '0' * 16 + '\r\nhello\r\n0\r\n\r\n', None, 'IncompleteBody'),
    'size is huge': (UNSIGNED, 'ffffffffffffffff\r\nhello\r\n0\r\n\r\n', None, 'IncompleteBody'),
    'size line without end': (UNSIGNED, '5' + ';' * 20000, None, 'IncompleteBody'),
    'no line end behind the data': (UNSIGNED, '5\r\nhelloworld\r\n0\r\n\r\n', None, 'IncompleteBody'),
    'no last chunk': (UNSIGNED, '5\r\nhello\r\n', None, 'IncompleteBody'),
    'cut in the data': (UNSIGNED, '5\r\nhel', None, 'IncompleteBody'),
    'empty body': (UNSIGNED, '', None, 'IncompleteBody'),
    'bytes behind the end': (UNSIGNED, '5\r\nhello\r\n0\r\n\r\nmore', None, 'IncompleteBody'),
    'not framed': (UNSIGNED, 'hello', None, 'IncompleteBody'),
}


def outer_chunks(data, cuts):
    """HTTP's own chunked coding around `data`, cut into pieces of the lengths that `cuts` repeats."""
    out, at, turn = b'', 0, 0
    while at < len(data):
        piece = data[at:at + cuts[turn % len(cuts)]]
        out += b'%x\r\n%s\r\n' % (len(piece), piece)
        at += len(piece)
        turn += 1
    return out + b'0\r\n\r\n'


@pytest.mark.parametrize('case', CHUNKED)
@pytest.mark.parametrize('cuts', [None, [1], [2, 3, 1], [7], [4096]], ids=str)
def test_aws_chunked(s3_wire, bucket, case, cuts):
    kind, body, trailer, outcome = CHUNKED[case]
    body = body.encode()
    headers = {'x-amz-content-sha256': kind, 'Content-Encoding': 'aws-chunked', 'x-amz-trailer': trailer}
    if isinstance(outcome, bytes):
        headers['x-amz-decoded-content-length'] = str(len(outcome))
    else:
        headers['x-amz-decoded-content-length'] = '5'
    if cuts:
        headers['Transfer-Encoding'] = 'chunked'
        body = outer_chunks(body, cuts)
    answer = s3_wire.call('PUT', f'/{bucket}/k', body, headers)
    if isinstance(outcome, str):
        assert answer.code == outcome, answer
        s3_wire.close()
        assert s3_wire.call('GET', f'/{bucket}/k').code == 'NoSuchKey'
        return
    assert answer.status == 200, answer
    assert answer['ETag'] == f'"{md5_hex(outcome)}"'
    if trailer and trailer.lower() == CRC:
        assert answer[CRC] == checksum('crc32', outcome)
    got = s3_wire.ok('GET', f'/{bucket}/k')
    assert got.body == outcome
    assert got['Content-Encoding'] is None


@pytest.mark.parametrize('encoding,kept', [
    (None, None), ('aws-chunked', None), ('AWS-Chunked', None), ('gzip,aws-chunked', 'gzip'), ('gzip, aws-chunked', 'gzip'),
    ('aws-chunked,gzip', 'gzip'), ('aws-chunked, gzip', 'gzip'), ('deflate, gzip, aws-chunked', 'deflate, gzip'), ('a, aws-chunked, b', 'a, b'),
    ('gzip', 'gzip'), ('deflate, gzip', 'deflate, gzip'), ('a,b , c', 'a,b , c'), ('aws-chunked,aws-chunked', None)])
def test_the_token_of_the_framing_is_not_kept(s3_wire, bucket, encoding, kept):
    s3_wire.ok('PUT', f'/{bucket}/k', b'5\r\nhello\r\n0\r\n\r\n',
               {'x-amz-content-sha256': UNSIGNED, 'Content-Encoding': encoding, 'x-amz-decoded-content-length': '5'})
    got = s3_wire.ok('GET', f'/{bucket}/k')
    assert (got.body, got['Content-Encoding']) == (b'hello', kept)


@pytest.mark.parametrize('length,outcome', [('5', None), ('4', 'IncompleteBody'), ('6', 'IncompleteBody'), ('0', 'IncompleteBody'),
                                            ('-5', 'InvalidArgument'), ('five', 'InvalidArgument'),
                                            ('99999999999999999999', 'InvalidArgument'), (str(6 << 30), 'EntityTooLarge')])
def test_the_decoded_length_is_kept(s3_wire, bucket, length, outcome):
    answer = s3_wire.call('PUT', f'/{bucket}/k', b'5\r\nhello\r\n0\r\n\r\n',
                          {'x-amz-content-sha256': UNSIGNED, 'x-amz-decoded-content-length': length})
    assert answer.code == outcome, answer
    s3_wire.close()
    assert s3_wire.call('HEAD', f'/{bucket}/k').status == (404 if outcome else 200)


def test_without_a_decoded_length_the_framing_tells(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', b'5\r\nhello\r\n0\r\n\r\n', {'x-amz-content-sha256': UNSIGNED})
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b'hello'


def test_the_signed_example_of_the_documentation(s3_wire, bucket):
    data, signatures = b'a' * 66560, ['ad80', '0055', 'b6c6']
    framed = b''
    for piece, signature in zip((data[:65536], data[65536:], b''), signatures):
        framed += b'%x;chunk-signature=%s\r\n%s\r\n' % (len(piece), signature.ljust(64, '0').encode(), piece)
    assert len(framed) == 66824
    s3_wire.ok('PUT', f'/{bucket}/chunkObject.txt', framed, {
        'x-amz-content-sha256': SIGNED, 'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': '66560',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY'})
    got = s3_wire.ok('GET', f'/{bucket}/chunkObject.txt')
    assert (got.body, got['x-amz-storage-class']) == (data, 'REDUCED_REDUNDANCY')


def test_aws_chunked_parts(s3_wire, bucket):
    upload = s3_wire.call('POST', f'/{bucket}/k?uploads=', headers={'x-amz-checksum-algorithm': 'CRC32'}).xml('InitiateMultipartUploadResult')
    part = s3_wire.ok('PUT', f'/{bucket}/k?partNumber=1&uploadId={upload.text("UploadId")}', f'5\r\nhello\r\n0\r\n{HELLO_CRC}\r\n\r\n',
                      {'x-amz-content-sha256': UNSIGNED, 'x-amz-decoded-content-length': '5', 'x-amz-trailer': CRC})
    assert (part['ETag'], part[CRC]) == (f'"{md5_hex(b"hello")}"', GOOD['crc32'])


@pytest.mark.parametrize('cuts', [[1], [3, 2], [100]], ids=str)
def test_plain_chunked_puts_are_taken(s3_wire, bucket, cuts):
    s3_wire.ok('PUT', f'/{bucket}/k', outer_chunks(b'hello' * 10, cuts), {'Transfer-Encoding': 'chunked'})
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b'hello' * 10


def test_large_bodies_with_every_digest(s3_wire, bucket):
    data = bytes(range(256)) * 4096
    for algorithm in ('crc32', 'sha1', 'sha256'):
        s3_wire.ok('PUT', f'/{bucket}/{algorithm}', data, {f'x-amz-checksum-{algorithm}': checksum(algorithm, data)})
        assert s3_wire.ok('GET', f'/{bucket}/{algorithm}').body == data
