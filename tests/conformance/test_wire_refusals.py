"""Refusals that come before the end of a request: they reach who is still sending, and have the shape of the service that
the request was for."""
import contextlib
import http.client
import re
import socket
import zlib

import boto3
import pytest
from botocore.exceptions import ClientError

from support.server import REGION, running

MEGABYTE = 1 << 20
BODY_MAX = 16 * MEGABYTE
PIECE = b'x' * MEGABYTE
DYNAMODB_ID = re.compile('[A-Z0-9]{52}')
S3_ID = re.compile('[A-Z0-9]{16}')

JSON_HEAD = (b'POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\n'
             b'Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20260101T000000Z\r\n'
             b'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, '
             b'Signature=00\r\n')


@pytest.fixture(params=['dynamodb', 's3'])
def port(shared, request):
    return shared.port if request.param == 'dynamodb' else shared.s3_port


def read_answer(connection):
    """Status, fields and body of an answer behind which the connection ends."""
    received = b''
    while piece := connection.recv(1 << 16):
        received += piece
    head, _, body = received.partition(b'\r\n\r\n')
    status_line, *lines = head.decode().split('\r\n')
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(':') for line in lines)}
    assert len(body) == int(fields['content-length'])
    return int(status_line.split()[1]), fields, body.decode()


def send_all_then_read(port, head, pieces):
    """As simple clients do it: who cannot send everything never gets to the answer."""
    with socket.create_connection(('127.0.0.1', port), timeout=60) as connection:
        connection.sendall(head)
        for piece in pieces:
            connection.sendall(piece)
        return read_answer(connection)


def announced(megabytes):
    return b'Content-Length: %d\r\n\r\n' % (megabytes * MEGABYTE), [PIECE] * megabytes


def in_chunks(megabytes):
    return b'Transfer-Encoding: chunked\r\n\r\n', [b'100000\r\n' + PIECE + b'\r\n'] * megabytes + [b'0\r\n\r\n']


@pytest.mark.parametrize('body', [announced, in_chunks])
@pytest.mark.parametrize('megabytes', [17, 33, 100])
def test_a_body_that_is_too_large(shared, body, megabytes):
    head, pieces = body(megabytes)
    assert send_all_then_read(shared.port, JSON_HEAD + head, pieces)[0] == 413


@pytest.mark.parametrize('head', [
    b'PUT /no-such-bucket/k HTTP/1.1\r\nHost: x\r\n',
    b'PUT /{b}/k HTTP/1.1\r\nHost: x\r\nContent-MD5: x\r\n',
    b'PUT /{b}/k HTTP/1.1\r\nHost: x\r\nx-amz-storage-class: FLOPPY\r\n',
    b'PUT /{b}?tagging HTTP/1.1\r\nHost: x\r\n',  # a document, and far too long
    b'PUT /{b}/k HTTP/1.1\r\nHost: x\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n'
    b'x-amz-decoded-content-length: 99999999\r\n',  # and no such chunks follow
])
def test_what_s3_refuses_while_the_body_comes(shared, bucket, head):
    length, pieces = announced(64)
    status, fields, body = send_all_then_read(shared.s3_port, head.replace(b'{b}', bucket.encode()) + length, pieces)
    assert status in {400, 404}
    assert S3_ID.fullmatch(fields['x-amz-request-id'])
    assert f'<RequestId>{fields["x-amz-request-id"]}</RequestId>' in body


@pytest.mark.parametrize('head', [b'X: ' + b'a' * MEGABYTE, b'X: a\r\n' * 100_000], ids=['a field', 'fields'])
def test_a_head_that_does_not_end(port, head):
    status, _, _ = send_all_then_read(port, b'GET /somewhere HTTP/1.1\r\nHost: x\r\n', [head] * 64)
    assert status == 400


def test_a_chunk_that_is_none(port):
    status, _, _ = send_all_then_read(port, JSON_HEAD + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n', [PIECE] * 64)
    assert status in {400, 405}  # S3 has nothing that could be posted there


def test_a_bucket_that_strict_mode_does_not_have(tmp_path):
    credentials = tmp_path / 'credentials'
    credentials.write_text('[alice]\naws_access_key_id = alice\naws_secret_access_key = secret\n')
    length, pieces = announced(64)
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        status, _, body = send_all_then_read(server.s3_port, b'PUT /bucket/k HTTP/1.1\r\nHost: x\r\n' + length, pieces)
    assert (status, '<Code>NoSuchBucket</Code>' in body) == (404, True)


def test_a_page_from_elsewhere(port):
    length, pieces = announced(64)
    status, _, _ = send_all_then_read(port, b'PUT /bucket/k HTTP/1.1\r\nHost: localhost\r\nOrigin: http://elsewhere.example\r\n'
                                      b'Sec-Fetch-Site: cross-site\r\n' + length, pieces)
    assert status == 403


@pytest.mark.parametrize('megabytes', [17, 100])
def test_through_the_client_of_the_standard_library(shared, megabytes):
    """It sends all of the body before it looks for an answer."""
    with contextlib.closing(http.client.HTTPConnection('127.0.0.1', shared.port, timeout=60)) as connection:
        connection.request('POST', '/', b'x' * (megabytes * MEGABYTE), {'X-Amz-Target': 'DynamoDB_20120810.PutItem',
                                                                         'Content-Type': 'application/x-amz-json-1.0'})
        assert connection.getresponse().status == 413
    with contextlib.closing(http.client.HTTPConnection('127.0.0.1', shared.s3_port, timeout=60)) as connection:
        connection.request('PUT', '/no-such-bucket/k', b'x' * (megabytes * MEGABYTE))
        answer = connection.getresponse()
        assert (answer.status, b'<Code>NoSuchBucket</Code>' in answer.read()) == (404, True)


def test_through_boto3(shared, dynamodb, name):
    with pytest.raises(ClientError) as refused:
        dynamodb.put_item(TableName=name, Item={'pk': {'S': 'x' * (BODY_MAX + MEGABYTE)}})
    assert refused.value.response['ResponseMetadata']['HTTPStatusCode'] == 413
    s3 = boto3.client('s3', endpoint_url=shared.s3_endpoint, region_name=REGION, aws_access_key_id='test',
                      aws_secret_access_key='test')
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket='no-such-bucket', Key='k', Body=b'x' * (64 * MEGABYTE))
    assert refused.value.response['Error']['Code'] == 'NoSuchBucket'


def test_who_sends_slowly_has_time(shared):
    """A second in all, which is more than nothing: the connection ends when the peer does, not before."""
    with socket.create_connection(('127.0.0.1', shared.port), timeout=60) as connection:
        connection.sendall(JSON_HEAD + announced(100)[0])
        status = read_answer(connection)[0]
        for _ in range(20):
            connection.sendall(PIECE)
    assert status == 413


# The shape of what is refused before a service is asked.
LONG_FIELD = b'X: ' + b'a' * 17_000 + b'\r\n\r\n'
REFUSED = [
    # Where, what, status, code of S3's document (nothing: DynamoDB's shape)
    ('port', b'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n' + LONG_FIELD, 400, None),
    ('port', b'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nX: ' + b'a' * 100_000, 400, None),
    ('port', b'GET /' + b'garbage/' * 2_049 + b' HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'RequestHeaderSectionTooLarge'),
    ('port', b'POST / HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\n\r\n', 417, None),
    ('port', b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n', 501, None),
    ('port', b'\0\1\2\3\r\n\r\n', 400, None),
    ('port', JSON_HEAD + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n', 400, None),
    ('port', b'PUT /bucket/k HTTP/1.1\r\nHost: x\r\n' + LONG_FIELD, 400, 'RequestHeaderSectionTooLarge'),
    ('s3_port', b'GET / HTTP/1.1\r\nHost: x\r\n' + LONG_FIELD, 400, 'RequestHeaderSectionTooLarge'),
    ('s3_port', b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'a' * 100_000, 400, 'RequestHeaderSectionTooLarge'),
    ('s3_port', b'GET / HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\n\r\n', 417, 'ExpectationFailed'),
    ('s3_port', b'PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n', 501, 'NotImplemented'),
    ('s3_port', b'GET / HTTP/9.9\r\n\r\n', 400, 'BadRequest'),
]


@pytest.mark.parametrize('where, request_bytes, status, code', REFUSED, ids=range(len(REFUSED)))
def test_the_shape_of_what_no_service_saw(shared, where, request_bytes, status, code):
    found, fields, body = send_all_then_read(getattr(shared, where), request_bytes, [])
    assert found == status
    if code is None:
        assert DYNAMODB_ID.fullmatch(fields['x-amzn-requestid'])
        assert int(fields['x-amz-crc32']) == zlib.crc32(body.encode())
    else:
        assert S3_ID.fullmatch(fields['x-amz-request-id']) and fields['x-amz-id-2']
        assert f'<Code>{code}</Code>' in body
        assert f'<RequestId>{fields["x-amz-request-id"]}</RequestId>' in body
