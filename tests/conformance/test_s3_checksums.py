"""Flexible checksums on the wire: boto3's own three, and the ones it does not know, in headers and trailers."""
import base64
import hashlib
import http.client
import re
import zlib

import pytest
from botocore.exceptions import ClientError

MIB = 1 << 20


def b64(raw):
    return base64.b64encode(raw).decode()


def crc32(data):
    return b64(zlib.crc32(data).to_bytes(4, 'big'))


# Algorithms that need no library, and the vectors that are known of the others.
DIGESTS = {
    'CRC32': lambda data: zlib.crc32(data).to_bytes(4, 'big'),
    'SHA1': lambda data: hashlib.sha1(data).digest(),
    'SHA256': lambda data: hashlib.sha256(data).digest(),
    'SHA512': lambda data: hashlib.sha512(data).digest(),
    'MD5': lambda data: hashlib.md5(data).digest(),
}
VECTORS = [('XXHASH64', b'', 'ef46db3751d8e999'), ('XXHASH64', b'123456789', '8cb841db40e6ae83'),
           ('XXHASH3', b'', '2d06800538d394c2'), ('XXHASH128', b'', '99aa06d3014798d86001c324468d497f'),
           ('CRC32C', b'123456789', 'e3069283'), ('CRC64NVME', b'123456789', 'ae8b14860a799888')]
CASES = VECTORS + [(name, b'hello' * 1000, digest(b'hello' * 1000).hex()) for name, digest in DIGESTS.items()]


@pytest.fixture(scope='module')
def bucket(s3):
    s3.create_bucket(Bucket='checksums')
    return 'checksums'


class Raw:
    """Requests without an SDK."""

    def __init__(self, server):
        self._connection = http.client.HTTPConnection('127.0.0.1', server.s3_port, timeout=60)

    def send(self, method, path, body=b'', **headers):
        self._connection.request(method, path, body,
                                 {name.replace('_', '-'): value for name, value in headers.items()})
        response = self._connection.getresponse()
        return response.status, response.headers, response.read().decode()


@pytest.fixture
def raw(shared):
    return Raw(shared)


def refusal(text):
    return re.search('<Code>(.*)</Code>', text)[1]


@pytest.mark.parametrize('name, data, digest', CASES)
def test_headers_and_trailers(raw, bucket, name, data, digest):
    header = f'x-amz-checksum-{name.lower()}'
    value = b64(bytes.fromhex(digest))
    other = b64(bytes(len(digest) // 2))
    path = f'/{bucket}/{name}-{len(data)}'
    status, _, text = raw.send('PUT', path, data, **{header: other})
    assert (status, refusal(text)) == (400, 'BadDigest')
    assert raw.send('HEAD', path)[0] == 404
    status, headers, _ = raw.send('PUT', path, data, **{header: value, 'x-amz-sdk-checksum-algorithm': name})
    assert (status, headers[header], headers['x-amz-checksum-type']) == (200, value, 'FULL_OBJECT')

    framed = (b'%x\r\n%s\r\n' % (len(data), data) if data else b'') + f'0\r\n{header}:{value}\r\n\r\n'.encode()
    streaming = {'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-trailer': header,
                 'x-amz-decoded-content-length': str(len(data)), 'Content-Encoding': 'aws-chunked'}
    assert raw.send('PUT', path, framed, **streaming)[0] == 200
    status, _, text = raw.send('PUT', path, framed.replace(value.encode(), other.encode()), **streaming)
    assert (status, refusal(text)) == (400, 'BadDigest')
    _, headers, text = raw.send('GET', path, **{'x-amz-checksum-mode': 'ENABLED'})
    assert headers[header] == value
    assert text.encode() == data
    assert header not in raw.send('GET', path, Range='bytes=0-1', **{'x-amz-checksum-mode': 'ENABLED'})[1]
    assert header not in raw.send('GET', path)[1]


@pytest.mark.parametrize('name', ['CRC32', 'SHA1', 'SHA256'])
def test_boto3(s3, bucket, name):
    put = s3.put_object(Bucket=bucket, Key='boto', Body=b'hello', ChecksumAlgorithm=name)
    value = b64(DIGESTS[name](b'hello'))
    assert put[f'Checksum{name}'] == value
    got = s3.get_object(Bucket=bucket, Key='boto', ChecksumMode='ENABLED')
    assert got['Body'].read() == b'hello'  # boto3 compares
    assert got[f'Checksum{name}'] == value
    attributes = s3.get_object_attributes(Bucket=bucket, Key='boto', ObjectAttributes=['Checksum', 'ObjectSize', 'ETag'])
    assert attributes['Checksum'][f'Checksum{name}'] == value
    assert attributes['ObjectSize'] == 5
    assert attributes['ETag'] == hashlib.md5(b'hello').hexdigest()
    copy = s3.copy_object(Bucket=bucket, Key='copy', CopySource=f'{bucket}/boto')
    assert copy['CopyObjectResult'][f'Checksum{name}'] == value


def test_multipart_and_its_attributes(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key='big', ChecksumAlgorithm='SHA256')
    assert upload['ChecksumAlgorithm'] == 'SHA256'
    where = {'Bucket': bucket, 'Key': 'big', 'UploadId': upload['UploadId']}
    pieces = [b'a' * 5 * MIB, b'b' * 5 * MIB, b'c']
    parts = []
    for number, piece in enumerate(pieces, 1):
        part = s3.upload_part(**where, PartNumber=number, Body=piece, ChecksumAlgorithm='SHA256')
        parts.append({'PartNumber': number, 'ETag': part['ETag'], 'ChecksumSHA256': part['ChecksumSHA256']})
    assert s3.list_parts(**where)['Parts'][1]['ChecksumSHA256'] == parts[1]['ChecksumSHA256']
    wrong = [*parts[:2], {**parts[2], 'ChecksumSHA256': parts[0]['ChecksumSHA256']}]
    with pytest.raises(ClientError, match='InvalidPart'):
        s3.complete_multipart_upload(**where, MultipartUpload={'Parts': wrong})
    digests = b''.join(hashlib.sha256(piece).digest() for piece in pieces)
    composite = b64(hashlib.sha256(digests).digest()) + '-3'
    # The header is that of the object, not that of the list of parts.
    done = s3.complete_multipart_upload(**where, MultipartUpload={'Parts': parts}, ChecksumSHA256=composite)
    assert done['ChecksumSHA256'] == composite
    got = s3.get_object(Bucket=bucket, Key='big', PartNumber=2, ChecksumMode='ENABLED')
    assert got['Body'].read() == pieces[1]
    assert got['ChecksumSHA256'] == parts[1]['ChecksumSHA256']
    assert got['PartsCount'] == 3
    page = s3.get_object_attributes(Bucket=bucket, Key='big', MaxParts=2,
                                    ObjectAttributes=['ObjectParts', 'Checksum', 'StorageClass'])
    assert page['Checksum']['ChecksumSHA256'] == composite
    assert page['StorageClass'] == 'STANDARD'
    assert page['ObjectParts']['TotalPartsCount'] == 3
    assert page['ObjectParts']['IsTruncated']
    assert [(part['PartNumber'], part['Size']) for part in page['ObjectParts']['Parts']] == [(1, 5 * MIB), (2, 5 * MIB)]
    rest = s3.get_object_attributes(Bucket=bucket, Key='big', ObjectAttributes=['ObjectParts'],
                                    PartNumberMarker=page['ObjectParts']['NextPartNumberMarker'])
    assert [part['ChecksumSHA256'] for part in rest['ObjectParts']['Parts']] == [parts[2]['ChecksumSHA256']]
    assert not rest['ObjectParts']['IsTruncated']


NEED_A_DIGEST = [
    ('POST', '?delete', '<Delete><Object><Key>k</Key></Object></Delete>'),
    ('PUT', '?tagging', '<Tagging><TagSet/></Tagging>'),
    ('PUT', '/k?tagging', '<Tagging><TagSet/></Tagging>'),
    ('PUT', '?cors', '<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>'),
    ('PUT', '?lifecycle', '<LifecycleConfiguration><Rule><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>'),
]


@pytest.mark.parametrize('method,target,body', NEED_A_DIGEST, ids=lambda value: str(value)[:12])
def test_what_needs_a_digest_is_refused_without(s3_wire, bucket, method, target, body):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x')
    answer = s3_wire.call(method, f'/{bucket}{target}', body, {'Content-MD5': None})
    assert (answer.status, answer.code) == (400, 'InvalidRequest'), answer
    assert s3_wire.call('GET', f'/{bucket}/k').body == b'x'
    signed = {'x-amz-content-sha256': hashlib.sha256(body.encode()).hexdigest(), 'Content-MD5': None}
    assert s3_wire.call(method, f'/{bucket}{target}', body, signed).code == 'InvalidRequest', 'that of the signature is another'
    md5 = b64(hashlib.md5(body.encode()).digest())
    for header, value in (('Content-MD5', md5), ('x-amz-checksum-crc32', crc32(body.encode())),
                          ('x-amz-checksum-sha256', b64(hashlib.sha256(body.encode()).digest()))):
        s3_wire.ok(method, f'/{bucket}{target}', body, {header: value})


def test_a_lock_needs_a_digest(s3_wire, name):
    s3_wire.ok('PUT', f'/{name}', headers={'x-amz-bucket-object-lock-enabled': 'true'})
    for lock in ({'x-amz-object-lock-legal-hold': 'OFF'},
                 {'x-amz-object-lock-mode': 'GOVERNANCE', 'x-amz-object-lock-retain-until-date': '2100-01-01T00:00:00Z'}):
        assert s3_wire.call('PUT', f'/{name}/k', b'x', lock).code == 'InvalidRequest'
        s3_wire.ok('PUT', f'/{name}/k', b'x', {**lock, 'Content-MD5': b64(hashlib.md5(b'x').digest())})
        s3_wire.ok('PUT', f'/{name}/k', b'x', {**lock, 'x-amz-checksum-crc32': crc32(b'x')})
