"""boto3 and its transfer manager, in both styles and on both ports."""
import http.client
import io
import socket
import urllib.error
import urllib.parse
import urllib.request

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from support.server import REGION
from support.tools import multipart_etag, random_file, sha256_of


@pytest.fixture(scope='module')
def localhost_names():
    """Not every resolver knows that *.localhost is this machine."""
    real = socket.getaddrinfo

    def resolve(host, *arguments, **named):
        is_local = isinstance(host, str) and host.endswith('.localhost')
        return real('127.0.0.1' if is_local else host, *arguments, **named)
    socket.getaddrinfo = resolve
    yield
    socket.getaddrinfo = real


def client_of(port, host='127.0.0.1', style='path', signature=None, **more):
    return boto3.client('s3', endpoint_url=f'http://{host}:{port}', region_name=REGION, aws_access_key_id='test', aws_secret_access_key='test',
                        config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': style, **more}, signature_version=signature, max_pool_connections=20))


@pytest.fixture(params=['path s3_port', 'path port', 'virtual s3_port', 'virtual port'])
def client(request, shared, localhost_names):
    style, port = request.param.split()
    made = client_of(getattr(shared, port), 'localhost' if style == 'virtual' else '127.0.0.1', style)
    yield made
    made.close()


def test_daily_work(client, name):
    client.create_bucket(Bucket=name)
    assert name in [bucket['Name'] for bucket in client.list_buckets()['Buckets']]
    client.put_object(Bucket=name, Key='a b+ü/k', Body=b'0123456789', Metadata={'m': 'v'}, ContentType='a/b', Tagging='t=1')
    got = client.get_object(Bucket=name, Key='a b+ü/k', Range='bytes=2-4')
    assert (got['Body'].read(), got['ContentRange'], got['Metadata'], got['TagCount']) == (b'234', 'bytes 2-4/10', {'m': 'v'}, 1)
    client.copy_object(Bucket=name, Key='copy', CopySource={'Bucket': name, 'Key': 'a b+ü/k'})
    assert [entry['Key'] for entry in client.list_objects_v2(Bucket=name)['Contents']] == ['a b+ü/k', 'copy']
    assert [entry['Key'] for entry in client.list_objects(Bucket=name, Marker='b')['Contents']] == ['copy']
    deleted = client.delete_objects(Bucket=name, Delete={'Objects': [{'Key': 'a b+ü/k'}, {'Key': 'copy'}]})
    assert [entry['Key'] for entry in deleted['Deleted']] == ['a b+ü/k', 'copy']
    client.delete_bucket(Bucket=name)
    with pytest.raises(ClientError) as gone:
        client.list_objects_v2(Bucket=name)
    assert gone.value.response['Error']['Code'] == 'NoSuchBucket'


@pytest.mark.parametrize('algorithm', ['CRC32', 'SHA1', 'SHA256'])
def test_checksums(client, name, algorithm):
    client.create_bucket(Bucket=name)
    put = client.put_object(Bucket=name, Key='k', Body=b'hello', ChecksumAlgorithm=algorithm)
    got = client.get_object(Bucket=name, Key='k', ChecksumMode='ENABLED')
    assert got['Body'].read() == b'hello', 'the SDK has checked it'
    assert got[f'Checksum{algorithm}'] == put[f'Checksum{algorithm}']
    with pytest.raises(ClientError) as wrong:
        client.put_object(Bucket=name, Key='wrong', Body=b'hello', ChecksumSHA256='A' * 43 + '=')
    assert wrong.value.response['Error']['Code'] == 'BadDigest'


def test_streamed_bodies(client, name):
    """A file-like body, with Expect: 100-continue."""
    client.create_bucket(Bucket=name)
    client.upload_fileobj(io.BytesIO(b's' * 100_000), name, 'k')
    into = io.BytesIO()
    client.download_fileobj(name, 'k', into)
    assert into.getvalue() == b's' * 100_000


def test_a_large_file_in_parallel_parts(shared, name, large, tmp_path):
    client = client_of(shared.port)
    client.create_bucket(Bucket=name)
    config = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20, max_concurrency=10)
    client.upload_file(str(large), name, 'large', Config=config, ExtraArgs={'ChecksumAlgorithm': 'SHA256', 'Metadata': {'m': '1'}})
    head = client.head_object(Bucket=name, Key='large', ChecksumMode='ENABLED')
    assert head['ETag'] == multipart_etag(large, 8 << 20) and head['ChecksumSHA256'].endswith('-12')
    client.download_file(name, 'large', str(tmp_path / 'back'), Config=config)
    assert sha256_of(tmp_path / 'back') == sha256_of(large)
    client.copy({'Bucket': name, 'Key': 'large'}, name, 'copy', Config=config)
    assert client.head_object(Bucket=name, Key='copy')['ETag'] == head['ETag']
    client.close()


def test_an_interrupted_upload_goes_on(shared, name, tmp_path):
    file = random_file(tmp_path / 'f', 16 << 20)
    client = client_of(shared.s3_port)
    client.create_bucket(Bucket=name)
    upload = client.create_multipart_upload(Bucket=name, Key='k')['UploadId']
    data = file.read_bytes()
    client.upload_part(Bucket=name, Key='k', UploadId=upload, PartNumber=1, Body=data[:8 << 20])
    # The second breaks off.
    broken = http.client.HTTPConnection('127.0.0.1', shared.s3_port)
    broken.putrequest('PUT', f'/{name}/k?partNumber=2&uploadId={upload}')
    broken.putheader('Content-Length', str(8 << 20))
    broken.endheaders(data[8 << 20:9 << 20])
    broken.close()
    parts = client.list_parts(Bucket=name, Key='k', UploadId=upload)['Parts']
    assert [part['PartNumber'] for part in parts] == [1]
    second = client.upload_part(Bucket=name, Key='k', UploadId=upload, PartNumber=2, Body=data[8 << 20:])
    client.complete_multipart_upload(Bucket=name, Key='k', UploadId=upload, MultipartUpload={
        'Parts': [{'PartNumber': 1, 'ETag': parts[0]['ETag']}, {'PartNumber': 2, 'ETag': second['ETag']}]})
    assert client.get_object(Bucket=name, Key='k')['Body'].read() == data
    client.close()


def fetch(url, method='GET', data=None, **headers):
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize('signature', ['s3', 's3v4'], ids=['version 2, the default', 'version 4'])
@pytest.mark.parametrize('style', ['path', 'virtual'])
def test_presigned_urls(shared, localhost_names, name, signature, style):
    client = client_of(shared.s3_port, 'localhost' if style == 'virtual' else '127.0.0.1', style, signature)
    client.create_bucket(Bucket=name)
    put = client.generate_presigned_url('put_object', Params={'Bucket': name, 'Key': 'a b/ü', 'ContentType': 'a/b', 'Metadata': {'m': '1'}}, ExpiresIn=60)
    headers = {'Content-Type': 'a/b', 'x-amz-meta-m': '1'}
    assert fetch(put, 'PUT', b'hello', **headers)[0] == 200
    assert client.head_object(Bucket=name, Key='a b/ü')['Metadata'] == {'m': '1'}
    get = client.generate_presigned_url('get_object', Params={'Bucket': name, 'Key': 'a b/ü', 'ResponseContentType': 'c/d'}, ExpiresIn=60)
    status, headers, body = fetch(get)
    assert (status, headers['Content-Type'], body) == (200, 'c/d', b'hello')
    assert fetch(client.generate_presigned_url('head_object', Params={'Bucket': name, 'Key': 'a b/ü'}), 'HEAD')[0] == 200
    assert b'<Key>a+b/%C3%BC</Key>' in fetch(client.generate_presigned_url('list_objects_v2', Params={'Bucket': name}))[2]
    parts = client.create_multipart_upload(Bucket=name, Key='parts')['UploadId']
    part = client.generate_presigned_url('upload_part', Params={'Bucket': name, 'Key': 'parts', 'UploadId': parts, 'PartNumber': 1})
    assert fetch(part, 'PUT', b'hello', **{'Content-Type': ''})[1]['ETag'] == '"5d41402abc4b2a76b9719d911017c592"'
    assert fetch(client.generate_presigned_url('delete_object', Params={'Bucket': name, 'Key': 'a b/ü'}), 'DELETE')[0] == 204
    if signature == 's3':  # the signer of version 4 does not sign what has expired
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetch(client.generate_presigned_url('get_object', Params={'Bucket': name, 'Key': 'k'}, ExpiresIn=-5))
        assert refused.value.code == 403
    client.close()


def test_pages_of_weird_keys(client, name):
    client.create_bucket(Bucket=name)
    keys = ['a+b', 'a b', 'a%20b', 'ü', 'x/\x01', '<&>', 'new\nline', '😀', 'a/..', 'a//b', 'q?x=1&y']
    for key in keys:
        client.put_object(Bucket=name, Key=key, Body=key.encode())
    with pytest.raises(client.exceptions.ClientError, match='InvalidURI'):  # it would climb above the bucket
        client.put_object(Bucket=name, Key='../x', Body=b'')
    for operation in ('list_objects', 'list_objects_v2'):
        pages = client.get_paginator(operation).paginate(Bucket=name, PaginationConfig={'PageSize': 3})
        assert [entry['Key'] for page in pages for entry in page['Contents']] == sorted(keys, key=str.encode)
    for key in keys:
        assert client.get_object(Bucket=name, Key=key)['Body'].read() == key.encode()
    versions = client.get_paginator('list_object_versions').paginate(Bucket=name, PaginationConfig={'PageSize': 3})
    assert [entry['Key'] for page in versions for entry in page['Versions']] == sorted(keys, key=str.encode)
    # XML holds no control characters, but those keys that it holds can be deleted at once.
    client.delete_object(Bucket=name, Key='x/\x01')
    rest = client.delete_objects(Bucket=name, Delete={'Objects': [{'Key': key} for key in keys if '\x01' not in key], 'Quiet': True})
    assert 'Errors' not in rest and client.list_objects_v2(Bucket=name)['KeyCount'] == 0


def test_waiters_and_resources(shared, name):
    resource = boto3.resource('s3', endpoint_url=shared.s3_endpoint, region_name='eu-west-1', aws_access_key_id='test', aws_secret_access_key='test')
    bucket = resource.create_bucket(Bucket=name, CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    bucket.wait_until_exists()
    for i in range(5):
        bucket.put_object(Key=f'k{i}', Body=b'x')
    assert [object.key for object in bucket.objects.filter(Prefix='k').limit(3)] == ['k0', 'k1', 'k2']
    bucket.Object('k0').wait_until_exists()
    bucket.objects.all().delete()
    bucket.object_versions.delete()
    assert list(bucket.objects.all()) == []
    assert resource.meta.client.get_bucket_location(Bucket=name)['LocationConstraint'] == 'eu-west-1'
    bucket.delete()
    bucket.wait_until_not_exists()
