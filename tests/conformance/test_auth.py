"""Signatures and accounts: --auth strict, and what a credentials file means without it."""
import base64
import datetime
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import urllib.parse
import zlib

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.server import REGION, Server, StartError, running

SECRETS = {'AKIAALICE': 'wJalrXUtnFEMI/K7MDENG+alice', 'AKIABOB': 'bobs-secret'}
FILE = '''# who may call
[alice]
aws_access_key_id = AKIAALICE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+alice
account_id = 111111111111

[bob]
aws_access_key_id = AKIABOB
aws_secret_access_key = bobs-secret
account_id = 222222222222
display_name = Bob the Builder
'''
KEYS = ['plain', 'a b+c', 'dir//./../x', 'ümläut/%2F%', "~!*'()$&=@:,;"]


@pytest.fixture(scope='module')
def credentials(tmp_path_factory):
    path = tmp_path_factory.mktemp('auth') / 'credentials'
    path.write_text(FILE)
    return path


@pytest.fixture(scope='module')
def strict(credentials):
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        yield server


def client(server, service, access_key='AKIAALICE', secret=None, endpoint=None, **config):
    return boto3.client(
        service, endpoint_url=endpoint or server.endpoint, region_name=REGION, aws_access_key_id=access_key,
        aws_secret_access_key=secret or SECRETS.get(access_key, 'none'),
        config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': config.pop('style', 'path')},
                      **config))


@pytest.fixture(scope='module')
def bucket(strict):
    client(strict, 's3').create_bucket(Bucket='auth')
    return 'auth'


def refused(call, *args, **kwargs):
    with pytest.raises(ClientError) as failure:
        call(*args, **kwargs)
    return failure.value.response['Error']


def send(server, method, url, body=None, headers=None):
    """Status, headers and body of the answer to the request as it is: nothing is normalised or added but Host."""
    parts = urllib.parse.urlsplit(url)
    target = parts.path + ('?' + parts.query if parts.query else '')
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        headers = dict(headers or {})
        if 'host' not in headers:
            headers['Host'] = parts.netloc or f'127.0.0.1:{server.port}'
        if body is not None:
            headers.setdefault('Content-Length', str(len(body)))
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def code_of(body):
    return body.split(b'<Code>')[1].split(b'</Code>')[0].decode()


class Signer:
    """Version 4 by hand, from the description alone."""

    def __init__(self, server, service='s3', access_key='AKIAALICE', at=None):
        self.host = f'127.0.0.1:{server.port}'
        self.access_key = access_key
        at = at or datetime.datetime.now(datetime.timezone.utc)
        self.time = at.strftime('%Y%m%dT%H%M%SZ')
        self.scope = f'{self.time[:8]}/{REGION}/{service}/aws4_request'
        key = ('AWS4' + SECRETS[access_key]).encode()
        for part in self.scope.split('/'):
            key = hmac.new(key, part.encode(), 'sha256').digest()
        self._key = key

    def sign(self, *lines):
        return hmac.new(self._key, '\n'.join(lines).encode(), 'sha256').hexdigest()

    def headers(self, method, path, payload, headers=None):
        headers = {'host': self.host, 'x-amz-date': self.time, **(headers or {})}
        if 's3' in self.scope:
            headers['x-amz-content-sha256'] = payload
        names = sorted(headers)
        canonical = '\n'.join([method, path, '', *(f'{name}:{headers[name]}' for name in names), '',
                               ';'.join(names), payload])
        self.signature = self.sign('AWS4-HMAC-SHA256', self.time, self.scope, sha256(canonical.encode()))
        return {**headers, 'Authorization': (
            f'AWS4-HMAC-SHA256 Credential={self.access_key}/{self.scope},SignedHeaders={";".join(names)},'
            f'Signature={self.signature}')}

    def chunk(self, data):
        self.signature = self.sign('AWS4-HMAC-SHA256-PAYLOAD', self.time, self.scope, self.signature,
                                   sha256(b''), sha256(data))
        return b'%x;chunk-signature=%s\r\n' % (len(data), self.signature.encode()) + data + (b'\r\n' if data else b'')

    def trailer(self, lines):
        self.signature = self.sign('AWS4-HMAC-SHA256-TRAILER', self.time, self.scope, self.signature, sha256(lines))
        return (lines.replace(b'\n', b'\r\n') +
                b'x-amz-trailer-signature:%s\r\n' % self.signature.encode())


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_boto3_signs_as_it_should(strict, bucket):
    s3 = client(strict, 's3')
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType='text/plain',
                      Metadata={'spaces': 'a   b', 'empty': ''}, Tagging='a=b&c=d%20e')
        assert s3.get_object(Bucket=bucket, Key=key)['Body'].read() == key.encode()
        assert s3.get_object_tagging(Bucket=bucket, Key=key)['TagSet'][1] == {'Key': 'c', 'Value': 'd e'}
    listed = s3.list_objects_v2(Bucket=bucket, Prefix='dir/', Delimiter='/')
    assert listed['CommonPrefixes'] == [{'Prefix': 'dir//'}]
    upload = s3.create_multipart_upload(Bucket=bucket, Key='parts')['UploadId']
    part = s3.upload_part(Bucket=bucket, Key='parts', UploadId=upload, PartNumber=1, Body=b'x' * 100_000)
    s3.complete_multipart_upload(Bucket=bucket, Key='parts', UploadId=upload,
                                 MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})
    s3.copy_object(Bucket=bucket, Key='copy', CopySource={'Bucket': bucket, 'Key': KEYS[3]})
    deleted = s3.delete_objects(Bucket=bucket, Delete={'Objects': [{'Key': key} for key in [*KEYS, 'copy', 'parts']]})
    assert len(deleted['Deleted']) == 7


def test_version_2_headers(strict, bucket):
    s3 = client(strict, 's3', signature_version='s3')
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b'v2', Metadata={'a': 'b'})
        assert s3.get_object(Bucket=bucket, Key=key, ResponseContentType='text/x; a=b')['ContentType'] == 'text/x; a=b'
        s3.delete_object(Bucket=bucket, Key=key)
    error = refused(client(strict, 's3', secret='wrong', signature_version='s3').list_buckets)
    assert error['Code'] == 'SignatureDoesNotMatch'


def test_wrong_secrets_and_unknown_keys(strict, bucket):
    error = refused(client(strict, 's3', secret='wrong').list_objects_v2, Bucket=bucket)
    assert error['Code'] == 'SignatureDoesNotMatch'
    assert error['AWSAccessKeyId'] == 'AKIAALICE'
    assert error['CanonicalRequest'].startswith('GET\n/auth\n')
    assert error['StringToSign'].startswith('AWS4-HMAC-SHA256\n')
    assert bytes.fromhex(error['StringToSignBytes']).decode() == error['StringToSign']
    assert bytes.fromhex(error['CanonicalRequestBytes']).decode() == error['CanonicalRequest']
    error = refused(client(strict, 's3', 'AKIANOBODY').list_buckets)
    assert (error['Code'], error['AWSAccessKeyId']) == ('InvalidAccessKeyId', 'AKIANOBODY')
    status, _, body = send(strict, 'GET', f'/{bucket}/key')
    assert (status, code_of(body)) == (403, 'AccessDenied')


@pytest.mark.parametrize('version', ['s3', 's3v4'])
@pytest.mark.parametrize('style', ['path', 'virtual'])
def test_presigned_urls(strict, bucket, version, style):
    s3 = client(strict, 's3', signature_version=version, style=style,
                endpoint=f'http://localhost:{strict.port}')
    for key in KEYS:
        put = s3.generate_presigned_url('put_object', {'Bucket': bucket, 'Key': key, 'ContentType': 'text/plain',
                                                       'Metadata': {'a': 'b c'}})
        headers = {'Content-Type': 'text/plain', 'x-amz-meta-a': 'b c'}
        assert send(strict, 'PUT', put, b'hello', headers)[0] == 200
        get = s3.generate_presigned_url('get_object', {
            'Bucket': bucket, 'Key': key, 'ResponseContentDisposition': 'attachment; filename="ä.txt"'})
        status, headers, body = send(strict, 'GET', get)
        assert (status, body, headers['x-amz-meta-a']) == (200, b'hello', 'b c')
        for broken in (get.replace(bucket, 'autr', 1), get.replace('attachment', 'inline'), get + '&acl'):
            status, _, body = send(strict, 'GET', broken)
            assert (status, code_of(body)) == (403, 'SignatureDoesNotMatch'), broken
        assert send(strict, 'DELETE', get)[0] == 403
        status, _, body = send(strict, 'PUT', put, b'bad', {**headers, 'x-amz-acl': 'public-read'})
        assert status == 403
        assert send(strict, 'GET', get)[2] == b'hello'


@pytest.mark.parametrize('version', ['s3', 's3v4'])
def test_forms(strict, bucket, version):
    s3 = client(strict, 's3', signature_version=version)
    post = s3.generate_presigned_post(bucket, 'form/${filename}')

    def upload(fields):
        boundary = 'b0undary'
        lines = []
        for name, value in fields.items():
            lines += [f'--{boundary}', f'Content-Disposition: form-data; name="{name}"', '', value]
        lines += [f'--{boundary}', 'Content-Disposition: form-data; name="file"; filename="f.txt"', '', 'hello',
                  f'--{boundary}--', '']
        return send(strict, 'POST', post['url'], '\r\n'.join(lines).encode(),
                    {'Content-Type': f'multipart/form-data; boundary={boundary}'})
    status, _, body = upload(post['fields'])
    assert status == 204, body
    assert s3.get_object(Bucket=bucket, Key='form/f.txt')['Body'].read() == b'hello'
    policy = json.loads(base64.b64decode(post['fields']['policy']))
    policy['expiration'] = '2099-01-01T00:00:00Z'
    forged = {**post['fields'], 'policy': base64.b64encode(json.dumps(policy).encode()).decode()}
    status, _, body = upload(forged)
    assert (status, code_of(body)) == (403, 'SignatureDoesNotMatch')
    status, _, body = upload({'key': 'form/anonymous'})
    assert (status, code_of(body)) == (403, 'AccessDenied')


def chunked_put(server, chunks, crc32=None, at=None):
    """The headers and the body of an upload in signed chunks, as a list of them."""
    signer = Signer(server, at=at)
    headers = {'content-encoding': 'aws-chunked', 'x-amz-decoded-content-length': str(sum(map(len, chunks)))}
    payload = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
    if crc32:
        payload += '-TRAILER'
        headers['x-amz-trailer'] = 'x-amz-checksum-crc32'
    headers = signer.headers('PUT', '/auth/chunked', payload, headers)
    body = [signer.chunk(chunk) for chunk in [*chunks, b'']]
    if crc32:
        body.append(signer.trailer(b'x-amz-checksum-crc32:%s\n' % crc32))
    return headers, [*body, b'\r\n']


def test_signed_chunks(strict, bucket):
    s3 = client(strict, 's3')
    chunks = [os.urandom(65536), os.urandom(3_000_000), b'', os.urandom(17)][:2] + [os.urandom(17)]
    crc32 = base64.b64encode(zlib.crc32(b''.join(chunks)).to_bytes(4, 'big'))
    for trailer in (None, crc32):
        s3.delete_object(Bucket=bucket, Key='chunked')
        headers, body = chunked_put(strict, chunks, trailer)
        for i in range(len(body) - 1):
            broken = list(body)
            # The last byte of the chunk, or of the signature in the line without data.
            at = -3
            broken[i] = body[i][:at] + bytes([body[i][at] ^ 1]) + body[i][at + 1:]
            status, _, answer = send(strict, 'PUT', '/auth/chunked', b''.join(broken), headers)
            assert (status, code_of(answer)) == (403, 'SignatureDoesNotMatch'), i
            assert refused(s3.head_object, Bucket=bucket, Key='chunked')['Code'] == '404'
        swapped = [body[1], body[0], *body[2:]]
        assert send(strict, 'PUT', '/auth/chunked', b''.join(swapped), headers)[0] == 403
        assert send(strict, 'PUT', '/auth/chunked', b''.join(body), headers)[0] == 200
        answer = s3.get_object(Bucket=bucket, Key='chunked')
        assert answer['Body'].read() == b''.join(chunks)
        assert 'ContentEncoding' not in answer


def test_unsigned_chunks_with_a_trailer(strict, bucket):
    signer = Signer(strict)
    crc32 = base64.b64encode(zlib.crc32(b'hello').to_bytes(4, 'big')).decode()
    headers = signer.headers('PUT', '/auth/unsigned', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', {
        'x-amz-decoded-content-length': '5', 'x-amz-trailer': 'x-amz-checksum-crc32'})
    body = f'5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{crc32}\r\n\r\n'.encode()
    assert send(strict, 'PUT', '/auth/unsigned', body, headers)[0] == 200
    headers['x-amz-trailer'] = 'x-amz-checksum-sha1'
    assert send(strict, 'PUT', '/auth/unsigned', body, headers)[0] == 403


def test_the_body_must_be_the_signed_one(strict, bucket):
    headers = Signer(strict).headers('PUT', '/auth/body', sha256(b'hello'))
    status, _, body = send(strict, 'PUT', '/auth/body', b'HELLO', headers)
    assert (status, code_of(body)) == (400, 'XAmzContentSHA256Mismatch')
    assert send(strict, 'PUT', '/auth/body', b'hello', headers)[0] == 200


@pytest.mark.parametrize('minutes', [-16, 16])
def test_clocks_apart(strict, bucket, minutes):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    headers = Signer(strict, at=at).headers('GET', '/auth', sha256(b''))
    status, _, body = send(strict, 'GET', '/auth', headers=headers)
    assert (status, code_of(body)) == (403, 'RequestTimeTooSkewed')
    assert b'<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>' in body

    signer = Signer(strict, 'dynamodb', at=at)
    request = {'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0'}
    headers = signer.headers('POST', '/', sha256(b'{}'), request)
    status, _, body = send(strict, 'POST', '/', b'{}', headers)
    error = json.loads(body)
    assert (status, error['__type']) == (400, 'com.amazon.coral.service#InvalidSignatureException')
    assert error['message'].startswith('Signature expired: ' if minutes < 0 else 'Signature not yet current: ')
    assert error['message'].endswith('15 min.)')


def test_any_clock_will_do(credentials):
    with running(args=['--auth', 'strict', '--credentials', str(credentials), '--auth-skew-seconds', '0']) as server:
        at = datetime.datetime(2001, 2, 3, tzinfo=datetime.timezone.utc)
        headers = Signer(server, at=at).headers('PUT', '/old', sha256(b''))
        assert send(server, 'PUT', '/old', b'', headers)[0] == 200


def create_table(dynamodb, name):
    dynamodb.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                          AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                          KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])


def test_dynamodb(strict):
    alice = client(strict, 'dynamodb')
    bob = client(strict, 'dynamodb', 'AKIABOB')
    create_table(alice, 'Hers')
    arn = alice.describe_table(TableName='Hers')['Table']['TableArn']
    assert arn == f'arn:aws:dynamodb:{REGION}:111111111111:table/Hers'
    alice.put_item(TableName='Hers', Item={'pk': {'S': 'ü'}})
    assert alice.get_item(TableName='Hers', Key={'pk': {'S': 'ü'}})['Item'] == {'pk': {'S': 'ü'}}
    assert bob.list_tables()['TableNames'] == []

    error = refused(client(strict, 'dynamodb', secret='wrong').list_tables)
    assert error['Code'] == 'InvalidSignatureException'
    assert 'The Canonical String for this request should have been\n\'POST\n/\n\n' in error['Message']
    error = refused(client(strict, 'dynamodb', 'AKIANOBODY').list_tables)
    assert error == {'Code': 'UnrecognizedClientException',
                     'Message': 'The security token included in the request is invalid.'}

    request = {'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0'}
    headers = Signer(strict, 'dynamodb').headers('POST', '/', sha256(b'{}'), request)
    assert send(strict, 'POST', '/', b'{}', headers)[0] == 200
    status, _, body = send(strict, 'POST', '/', b'{ }', headers)
    assert (status, json.loads(body)['__type'].split('#')[1]) == (400, 'InvalidSignatureException')
    headers.pop('Authorization')
    status, _, body = send(strict, 'POST', '/', b'{}', headers)
    assert (status, json.loads(body)['__type'].split('#')[1]) == (400, 'MissingAuthenticationTokenException')


def test_the_command_line_reads_the_same_file(strict, bucket, credentials, tmp_path):
    def aws(profile, *arguments):
        environment = {'PATH': os.environ['PATH'], 'HOME': str(tmp_path), 'AWS_DEFAULT_REGION': REGION,
                       'AWS_SHARED_CREDENTIALS_FILE': str(credentials), 'AWS_MAX_ATTEMPTS': '1',
                       'AWS_EC2_METADATA_DISABLED': 'true', 'AWS_PAGER': '', 'LANG': 'C.UTF-8'}
        return subprocess.run(['aws', '--endpoint-url', strict.endpoint, '--profile', profile, *arguments],
                              env=environment, capture_output=True, text=True, timeout=120, check=False)
    source = tmp_path / 'big'
    source.write_bytes(os.urandom(9 << 20))  # more than one part
    copied = aws('alice', 's3', 'cp', str(source), f's3://{bucket}/big file')
    assert copied.returncode == 0, copied.stderr
    presigned = aws('alice', 's3', 'presign', f's3://{bucket}/big file').stdout.strip()
    assert send(strict, 'GET', presigned)[2] == source.read_bytes()
    assert aws('bob', 'dynamodb', 'list-tables').returncode == 0


def test_open_mode_with_known_keys(credentials):
    with running(args=['--credentials', str(credentials)]) as server:
        create_table(client(server, 'dynamodb', secret='anything'), 'Hers')
        create_table(client(server, 'dynamodb', 'AKIANOBODY'), 'Nobodys')
        arn = client(server, 'dynamodb').describe_table(TableName='Hers')['Table']['TableArn']
        assert ':111111111111:' in arn
        assert client(server, 'dynamodb', 'whoever').list_tables()['TableNames'] == ['Nobodys']
        client(server, 's3', secret='anything').create_bucket(Bucket='hers')
        assert send(server, 'GET', '/hers')[0] == 200


@pytest.mark.parametrize('args, text, message', [
    (['--auth', 'strict'], None, 'tidemark: --auth: strict needs to know who may call: --credentials FILE\n'),
    (['--auth', 'strict', '--credentials', 'FILE'], '', 'tidemark: FILE: names no credentials\n'),
    (['--credentials', 'FILE'], '[a]\naws_access_key_id = A\nsecret = b\n',
     "tidemark: FILE:3: unknown field 'secret'\n"),
    (['--credentials', 'FILE'], None, 'tidemark: cannot read the credentials: open FILE: No such file or directory\n'),
])
def test_the_server_does_not_start_without_knowing_whom_to_serve(tmp_path, args, text, message):
    path = tmp_path / 'credentials'
    if text is not None:
        path.write_text(text)
    with pytest.raises(StartError) as failure:
        Server(args=[str(path) if arg == 'FILE' else arg for arg in args])
    assert failure.value.text == message.replace('FILE:', f'{path}:').replace('open FILE', f'open {path}') \
        .replace(f'--credentials {path}', '--credentials FILE')


def test_what_open_mode_made_belongs_to_the_own_account(tmp_path):
    file = tmp_path / 'credentials'
    file.write_text('[own]\naws_access_key_id = AKIAALICE\naws_secret_access_key = ' + SECRETS['AKIAALICE'] +
                    '\ncanonical_user_id = ' + 'ab' * 32 + '\n')
    data = tmp_path / 'data'
    with running(data) as server:
        client(server, 's3').create_bucket(Bucket='before')
        client(server, 's3').put_object(Bucket='before', Key='k', Body=b'kept')
    with running(data, ['--auth', 'strict', '--credentials', str(file)]) as server:
        s3 = client(server, 's3')
        assert [bucket['Name'] for bucket in s3.list_buckets()['Buckets']] == ['before']
        assert s3.list_buckets()['Owner']['ID'] == 'ab' * 32
        assert s3.get_object(Bucket='before', Key='k')['Body'].read() == b'kept'
        assert s3.get_object_acl(Bucket='before', Key='k')['Owner']['ID'] == 'ab' * 32
