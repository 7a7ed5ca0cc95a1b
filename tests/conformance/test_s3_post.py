"""Uploads from HTML forms: presigned by boto3 in both versions, and written by hand with all that browsers do."""
import base64
import datetime
import http.client
import json
import re
import socket

import boto3
import pytest
from botocore.config import Config

BOUNDARY = 'x-boundary-x'


@pytest.fixture(scope='module')
def bucket(s3):
    s3.create_bucket(Bucket='forms')
    return 'forms'


def part(name, value, filename=None):
    """One part; `filename` as it stands between the quotes."""
    text = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if filename is not None:
        text += f'; filename="{filename}"\r\nContent-Type: text/plain'
    value = value if isinstance(value, bytes) else value.encode()
    return text.encode() + b'\r\n\r\n' + value + b'\r\n'


def form(fields, file=b'hello', filename='name.txt', after=()):
    body = b''.join(part(name, value) for name, value in fields)
    if file is not None:
        body += part('file', file, filename)
    return body + b''.join(part(name, value) for name, value in after) + f'--{BOUNDARY}--\r\n'.encode()


class Form:
    """Posts forms to the bucket."""

    def __init__(self, server, bucket):
        self._server = server
        self._bucket = bucket

    def send(self, body, content_type=f'multipart/form-data; boundary={BOUNDARY}', host=None):
        connection = http.client.HTTPConnection('127.0.0.1', self._server.s3_port, timeout=60)
        headers = {'Content-Type': content_type}
        if host:
            headers['Host'] = host
        path = '/' if host else f'/{self._bucket}'
        connection.request('POST', path, body, headers)
        response = connection.getresponse()
        data = response.read().decode()
        connection.close()
        return response.status, response.headers, data

    def code(self, body, **more):
        """The error code of a form that is refused, or the status."""
        status, _, text = self.send(body, **more)
        found = re.search('<Code>(.*)</Code>', text)
        return f'{status} {found[1]}' if found else str(status)


@pytest.fixture
def post(shared, bucket):
    return Form(shared, bucket)


def read(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)['Body'].read()


def policy(*conditions, seconds=3600):
    """The fields of a form with that policy, signed by nobody."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    document = {'expiration': end.strftime('%Y-%m-%dT%H:%M:%SZ'), 'conditions': list(conditions)}
    return [('policy', base64.b64encode(json.dumps(document).encode()).decode()),
            ('AWSAccessKeyId', 'test'), ('signature', 'x')]


@pytest.mark.parametrize('version', ['s3', 's3v4'])
def test_presigned(shared, s3, bucket, post, version):
    client = boto3.client('s3', endpoint_url=shared.s3_endpoint, region_name='us-east-1',
                          aws_access_key_id='test', aws_secret_access_key='test',
                          config=Config(signature_version=version, s3={'addressing_style': 'path'}))
    made = client.generate_presigned_post(
        bucket, f'{version}/${{filename}}', Fields={'acl': 'private', 'x-amz-meta-color': 'red'},
        Conditions=[{'acl': 'private'}, {'x-amz-meta-color': 'red'}, ['content-length-range', 1, 10]])
    fields = list(made['fields'].items())
    assert post.code(form(fields)) == '204'
    assert read(s3, bucket, f'{version}/name.txt') == b'hello'
    assert s3.head_object(Bucket=bucket, Key=f'{version}/name.txt')['Metadata'] == {'color': 'red'}
    assert post.code(form(fields, b'much too large')) == '400 EntityTooLarge'
    assert post.code(form(fields, b'')) == '400 EntityTooSmall'
    assert post.code(form(fields + [('x-amz-meta-size', '1')])) == '403 AccessDenied'
    assert post.code(form([(name, 'blue' if name == 'x-amz-meta-color' else value)
                           for name, value in fields])) == '403 AccessDenied'
    without_signature = [field for field in fields if 'signature' not in field[0]]
    assert post.code(form(without_signature)) == '400 InvalidArgument'


def test_answers(s3, bucket, post):
    status, headers, body = post.send(form([('key', 'a b'), ('success_action_status', '201')]))
    assert status == 201
    assert '<PostResponse>' in body
    assert f'<Bucket>{bucket}</Bucket><Key>a b</Key>' in body
    assert '5d41402abc4b2a76b9719d911017c592' in body
    assert headers['ETag'] == '"5d41402abc4b2a76b9719d911017c592"'
    assert headers['Location'].endswith(f'/{bucket}/a%20b')
    assert f'<Location>{headers["Location"]}</Location>' in body
    for asked, status in (('200', 200), ('204', 204), ('418', 204)):
        assert post.send(form([('key', 'k'), ('success_action_status', asked)]))[0] == status
    for field in ('success_action_redirect', 'redirect'):
        status, headers, _ = post.send(form([('key', 'a b'), (field, 'http://localhost/done?x=y')]))
        assert status == 303
        assert headers['Location'] == (f'http://localhost/done?x=y&bucket={bucket}&key=a%20b&'
                                       'etag=%225d41402abc4b2a76b9719d911017c592%22')
    assert post.code(form([('key', 'k'), ('success_action_redirect', 'javascript:x')])) == '204'


def test_fields_become_the_object(s3, bucket, post):
    tags = '<Tagging><TagSet><Tag><Key>a b</Key><Value>1+1</Value></Tag></TagSet></Tagging>'
    fields = [('KEY', 'all'), ('content-TYPE', 'text/html'), ('Cache-Control', 'no-store'),
              ('X-Amz-Meta-Color', 'ä'), ('tagging', tags), ('x-amz-storage-class', 'STANDARD_IA'),
              ('x-amz-checksum-crc32', 'NhCmhg=='), ('x-ignore-me', '1'), ('unknown', 'field')]
    status, headers, _ = post.send(form(fields, after=[('key', 'other'), ('Content-Type', 'x/y')]))
    assert status == 204
    assert headers['x-amz-checksum-crc32'] == 'NhCmhg=='
    head = s3.head_object(Bucket=bucket, Key='all')
    assert head['ContentType'] == 'text/html'
    assert head['CacheControl'] == 'no-store'
    assert head['StorageClass'] == 'STANDARD_IA'
    assert s3.get_object_tagging(Bucket=bucket, Key='all')['TagSet'] == [{'Key': 'a b', 'Value': '1+1'}]
    assert read(s3, bucket, 'all') == b'hello'
    assert post.code(form([('key', 'k'), ('x-amz-checksum-crc32', 'AAAAAA==')])) == '400 BadDigest'
    assert post.code(form([('key', 'k'), ('Content-MD5', 'AAAA')])) == '400 InvalidDigest'
    assert post.code(form([('key', 'k'), ('acl', 'everyone')])) == '400 InvalidArgument'
    assert post.code(form([('key', 'k'), ('tagging', '<Oops/>')])) == '400 MalformedXML'


@pytest.mark.parametrize('sent, name', [
    ('name.txt', 'name.txt'), (r'C:\dir\name.txt', 'name.txt'), ('../../name.txt', 'name.txt'),
    ('a\\"b', 'a"b'), ('', ''), ('ä.txt', 'ä.txt')])
def test_file_names(s3, bucket, post, sent, name):
    assert post.code(form([('key', 'user/${filename}-${filename}')], filename=sent)) == '204'
    assert read(s3, bucket, f'user/{name}-{name}') == b'hello'


def test_only_the_part_named_file_is_the_data(s3, bucket, post):
    # As libraries send it that give every part a file name, and none to the file.
    body = (part('key', 'odd', 'key') + part('x-amz-meta-a', '1', 'x')
            + b'--x-boundary-x\r\nContent-Disposition: form-data; name="file"\r\n\r\ndata\r\n--x-boundary-x--')
    assert post.code(body) == '204'
    assert read(s3, bucket, 'odd') == b'data'
    assert s3.head_object(Bucket=bucket, Key='odd')['Metadata'] == {'a': '1'}


def test_virtual_host(shared, s3, bucket, post):
    status, headers, _ = post.send(form([('key', 'vh')]), host=f'{bucket}.localhost:{shared.s3_port}')
    assert status == 204
    assert headers['Location'] == f'http://{bucket}.localhost:{shared.s3_port}/vh'
    assert read(s3, bucket, 'vh') == b'hello'


def test_refusals(bucket, post):
    cases = [
        (form([]), '400 InvalidArgument'),
        (form([('key', '')]), '400 InvalidArgument'),
        (form([('key', '${filename}')], filename=''), '400 InvalidArgument'),
        (form([('key', 'k')], file=None), '400 InvalidArgument'),
        (form([], after=[('key', 'k')]), '400 InvalidArgument'),
        (form([('key', 'k'), ('Key', 'l')]), '400 InvalidArgument'),
        (form([('key', 'k'), ('x-amz-meta-a\nb', 'l')]), '400 InvalidArgument'),
        (form([('key', 'k'), ('x-amz-meta-ä', 'l')]), '400 InvalidArgument'),
        (form([('key', 'k' * 1025)]), '400 KeyTooLongError'),
        (form([('key', 'k'), ('x-amz-meta-a', 'x' * 30000)]), '400 MaxPostPreDataLengthExceededError'),
        (form([('key', 'k')])[:-20], '400 MalformedPOSTRequest'),
        (b'', '400 MalformedPOSTRequest'),
        (b'key=k', '400 MalformedPOSTRequest'),
        (form([('key', 'k'), ('signature', 'x'), ('AWSAccessKeyId', 'y')]), '400 InvalidArgument'),
        (form([('key', 'k'), ('policy', 'e30='), ('AWSAccessKeyId', 'y'), ('signature', 'x')]),
         '400 InvalidPolicyDocument'),
        (form([('key', 'k'), ('policy', '!'), ('AWSAccessKeyId', 'y'), ('signature', 'x')]),
         '400 InvalidPolicyDocument'),
        (form([('key', 'k')] + policy({'key': 'k'})), '403 AccessDenied'),
        (form([('key', 'k')] + policy({'key': 'k'}, {'bucket': bucket})), '204'),
        (form([('key', 'k')] + policy({'key': 'k'}, {'bucket': 'other'})), '403 AccessDenied'),
        (form([('key', 'k')] + policy()), '403 AccessDenied'),
        (form([('key', 'k')] + policy({'key': 'k'}, {'bucket': bucket}, seconds=-1)), '403 AccessDenied'),
        (form([('key', 'a/${filename}')] + policy(['starts-with', '$key', 'a/name'], {'bucket': bucket})), '204'),
        (form([('key', 'a/${filename}')] + policy(['starts-with', '$key', 'b/'], {'bucket': bucket})), '403 AccessDenied'),
    ]
    for body, code in cases:
        assert post.code(body) == code, body[-300:]
    assert post.code(b'x', content_type='text/plain') == '412 PreconditionFailed'
    assert post.code(b'x', content_type='multipart/form-data') == '400 MalformedPOSTRequest'


def test_missing_bucket(shared):
    assert Form(shared, 'no-such-bucket').code(form([('key', 'k')])) == '404 NoSuchBucket'


def test_a_large_file_in_small_pieces(shared, s3, bucket):
    file = bytes(range(256)) * 20000 + b'\r\n--x-boundary-\r\n--x-boundary-x-'
    body = form([('key', 'large')], file)
    with socket.create_connection(('127.0.0.1', shared.s3_port), timeout=60) as connection:
        connection.sendall(f'POST /{bucket} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; '
                           f'boundary={BOUNDARY}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'.encode())
        for at in range(0, len(body), 7919):
            piece = body[at:at + 7919]
            connection.sendall(b'%x\r\n%s\r\n' % (len(piece), piece))
        connection.sendall(b'0\r\n\r\n')
        assert connection.recv(4096).startswith(b'HTTP/1.1 204')
    assert read(s3, bucket, 'large') == file


def test_a_form_that_is_cut_off_leaves_nothing(shared, s3, bucket):
    body = form([('key', 'cut')], b'x' * 100000)
    with socket.create_connection(('127.0.0.1', shared.s3_port), timeout=60) as connection:
        connection.sendall(f'POST /{bucket} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; '
                           f'boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body[:50000])
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4096)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix='cut')
    assert listed['KeyCount'] == 0
