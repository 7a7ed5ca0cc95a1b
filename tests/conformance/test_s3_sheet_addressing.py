"""How a request finds its bucket, key and operation, and what every answer carries."""
import pytest

from support.s3_wire import S3Wire, md5_hex, quote


@pytest.fixture(params=['s3_port', 'port'])
def either_port(shared, request):
    """The port of S3 alone, and the one that DynamoDB shares."""
    connection = S3Wire(getattr(shared, request.param))
    yield connection
    connection.close()


# Host header, with {b} the bucket and {p} the port; target; the key that it means. None: not this bucket.
HOSTS = [
    ('127.0.0.1:{p}', '/{b}/k', 'k'),
    ('127.0.0.1', '/{b}/k', 'k'),
    ('[::1]:{p}', '/{b}/k', 'k'),
    ('localhost:{p}', '/{b}/k', 'k'),
    ('s3.localhost:{p}', '/{b}/k', 'k'),
    ('example.org', '/{b}/k', 'k'),
    ('{b}.localhost:{p}', '/k', 'k'),
    ('{b}.localhost', '/k', 'k'),
    ('{b}.localhost.', '/k', 'k'),
    ('{b}.LOCALHOST:{p}', '/k', 'k'),
    ('{b}.s3.localhost:{p}', '/k', 'k'),
    ('{b}.s3.us-east-1.localhost:{p}', '/k', 'k'),
    ('{b}.s3.eu-central-1.localhost:{p}', '/k', 'k'),
    ('s3.eu-central-1.localhost:{p}', '/{b}/k', 'k'),
    ('{b}.localhost:{p}', '/{b}/k', '{b}/k'),
    ('{b}.localhost:{p}', '//k', '/k'),
]


@pytest.mark.parametrize('host,target,key', HOSTS)
def test_the_host_or_the_path_names_the_bucket(either_port, bucket, host, target, key):
    values = {'b': bucket, 'p': either_port.port}
    either_port.ok('PUT', target.format(**values), 'found', {'Host': host.format(**values)})
    assert either_port.ok('GET', f'/{bucket}/{key.format(**values)}').body == b'found'


def test_a_bucket_with_dots_is_taken_from_the_host_whole(either_port, shared):
    name = f'a.b.c{either_port.port}'
    either_port.ok('PUT', '/', headers={'Host': f'{name}.localhost:{either_port.port}'})
    assert either_port.call('HEAD', f'/{name}').status == 200
    assert either_port.call('GET', '/', headers={'Host': f'{name}.localhost'}).xml('ListBucketResult').text('Name') == name


def test_a_bucket_is_the_same_with_and_without_a_slash(either_port, bucket):
    for target in (f'/{bucket}', f'/{bucket}/', f'/{bucket}?list-type=2', f'/{bucket}/?list-type=2&x-id=ListObjectsV2'):
        assert either_port.call('GET', target).xml('ListBucketResult').text('Name') == bucket


@pytest.mark.parametrize('target', ['/', '/?x-id=ListBuckets'])
def test_buckets_are_listed_on_both_ports(either_port, bucket, target):
    # Without credentials `GET /` of the shared port is DynamoDB's health probe.
    assert bucket in either_port.call('GET', target, headers=AUTHORIZED).xml('ListAllMyBucketsResult').texts('Buckets/Bucket/Name')


# The path behind the bucket, and the key that it is. Decoded once, normalised never.
PATHS = [
    ('a%20b', 'a b'), ('a+b', 'a+b'), ('a%2Bb', 'a+b'), ('a%2fb', 'a/b'), ('a%252Fb', 'a%2Fb'), ('a//b', 'a//b'),
    ('/a', '/a'), ('//', '//'), ('a/', 'a/'), ('a/./b', 'a/./b'), ('a/../b', 'a/../b'), ('a/..', 'a/..'),
    ('a/%2E%2E/x', 'a/../x'), ('./x', './x'), ('%C3%BC', 'ü'), ('%c3%bc', 'ü'), ('a;b=c', 'a;b=c'), ('a:b@c', 'a:b@c'),
    ("!$&'()*,=~", "!$&'()*,=~"), ('%3F', '?'), ('%23', '#'), ('a%5Cb', 'a\\b'), ('a=b&c', 'a=b&c'), ('%25', '%'),
]


@pytest.mark.parametrize('path,key', PATHS)
def test_a_path_is_decoded_once_and_never_normalised(either_port, bucket, path, key):
    either_port.ok('PUT', f'/{bucket}/{path}', path)
    listed = either_port.call('GET', f'/{bucket}?list-type=2&encoding-type=url').xml('ListBucketResult')
    assert listed.texts('Contents/Key') == [quote(key).replace('%20', '+')]
    assert either_port.ok('GET', f'/{bucket}/{path}').body == path.encode()
    assert either_port.call('DELETE', f'/{bucket}/{path}').status == 204


def test_dot_segments_do_not_reach_another_bucket(s3_wire, bucket, shared):
    other = bucket[:40] + '-other'
    s3_wire.ok('PUT', f'/{other}')
    s3_wire.ok('PUT', f'/{other}/k', 'secret')
    for target in (f'/{bucket}/../{other}/k', f'/{bucket}/..%2F{other}%2Fk', f'/{bucket}/%2e%2e/{other}/k'):
        assert s3_wire.call('GET', target).code in ('NoSuchKey', 'InvalidURI', 'InvalidArgument')


# Method, target with {b}/{k}; status; code or None.
DISPATCH = [
    ('GET', '/{b}?uploads', 200, None), ('GET', '/{b}?uploads=', 200, None),
    ('GET', '/{b}?versions', 200, None), ('GET', '/{b}?location', 200, None), ('GET', '/{b}?location=', 200, None),
    ('GET', '/{b}?unheard-of=1', 200, None), ('GET', '/{b}/k?x-id=GetObject', 200, None),
    ('HEAD', '/{b}/k?x-id=HeadObject', 200, None), ('PUT', '/{b}/new?x-id=PutObject', 200, None),
    ('DELETE', '/{b}/none?x-id=DeleteObject', 204, None),
    ('PUT', '/{b}/k?torrent', 501, 'NotImplemented'), ('POST', '/{b}/k?restore', 501, 'NotImplemented'),
    ('POST', '/{b}/k?select&select-type=2', 501, 'NotImplemented'), ('GET', '/{b}/k?torrent', 501, 'NotImplemented'),
    ('PUT', '/{b}/k?renameObject', 501, 'NotImplemented'), ('PUT', '/{b}/k?unheard-of', 501, 'NotImplemented'),
    ('GET', '/{b}?session', 501, 'NotImplemented'),
    ('POST', '/{b}/k', 405, 'MethodNotAllowed'), ('PATCH', '/{b}/k', 405, 'MethodNotAllowed'),
    ('PUT', '/', 405, 'MethodNotAllowed'), ('DELETE', '/', 405, 'MethodNotAllowed'),
    ('GET', '/{b}-none', 404, 'NoSuchBucket'), ('PUT', '/{b}-none/k', 404, 'NoSuchBucket'),
    ('GET', '/{b}-none/k', 404, 'NoSuchBucket'), ('DELETE', '/{b}-none/k', 404, 'NoSuchBucket'),
    ('DELETE', '/{b}-none', 404, 'NoSuchBucket'), ('HEAD', '/{b}-none', 404, None), ('HEAD', '/{b}/none', 404, None),
    ('POST', '/{b}-none/k?uploads', 404, 'NoSuchBucket'), ('GET', '/{b}-none?uploads', 404, 'NoSuchBucket'),
    ('GET', '/{b}/none', 404, 'NoSuchKey'), ('GET', '/{b}/none?tagging', 404, 'NoSuchKey'),
    ('GET', '/{b}/k?acl', 200, None), ('GET', '/{b}?acl', 200, None), ('GET', '/{b}/none?acl', 404, 'NoSuchKey'),
    ('GET', '/{b}/k?uploadId=none', 404, 'NoSuchUpload'), ('DELETE', '/{b}/k?uploadId=none', 404, 'NoSuchUpload'),
    ('PUT', '/{b}/k?partNumber=1&uploadId=none', 404, 'NoSuchUpload'),
    ('GET', '/%zz', 400, 'InvalidURI'), ('GET', '/{b}/%f', 400, 'InvalidURI'), ('GET', '/{b}?prefix=%f', 400, 'InvalidURI'),
    ('GET', '/AB/k', 404, 'NoSuchBucket'),
]


@pytest.mark.parametrize('method,target,status,code', DISPATCH)
def test_query_keys_choose_the_operation(s3_wire, bucket, method, target, status, code):
    s3_wire.ok('PUT', f'/{bucket}/k', 'kept')
    answer = s3_wire.call(method, target.format(b=bucket))
    assert (answer.status, answer.code) == (status, code), answer
    if status == 405:
        assert answer['Allow'] is not None, answer
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b'kept'


def test_headers_of_an_object(s3_wire, bucket):
    sent = {'Content-Type': 'text/x; charset=utf-8', 'Cache-Control': 'no-store', 'Content-Disposition': 'attachment; filename="ü"',
            'Content-Encoding': 'zstd', 'Content-Language': 'de-CH', 'Expires': 'when it is ready',
            'x-amz-website-redirect-location': '/elsewhere', 'x-amz-storage-class': 'STANDARD_IA'}
    put = s3_wire.ok('PUT', f'/{bucket}/k', 'hello', {**sent, 'X-Amz-Meta-Mixed-CASE': 'v', 'x-amz-tagging': 'a=1&b=2'})
    assert put['ETag'] == f'"{md5_hex(b"hello")}"'
    assert put['Content-Length'] == '0'
    for method in ('GET', 'HEAD'):
        got = s3_wire.ok(method, f'/{bucket}/k')
        assert {name: got[name] for name in sent} == {
            **sent, 'Content-Disposition': 'attachment; filename="ü"'.encode().decode('latin-1')}
        assert got['x-amz-meta-mixed-case'] == 'v'
        assert 'x-amz-meta-mixed-case' in [name for name in got.headers.keys()], 'in lower case'
        assert (got['Content-Length'], got['Accept-Ranges'], got['x-amz-tagging-count']) == ('5', 'bytes', '2')
        assert got['Last-Modified'].endswith(' GMT')
        assert got['Transfer-Encoding'] is None
        assert got['x-amz-version-id'] is None
        assert got['x-amz-mp-parts-count'] is None
    s3_wire.ok('PUT', f'/{bucket}/plain', '')
    plain = s3_wire.ok('HEAD', f'/{bucket}/plain')
    assert (plain['Content-Type'], plain['Content-Length']) == ('binary/octet-stream', '0')
    assert plain['x-amz-storage-class'] is None and plain['x-amz-tagging-count'] is None and plain['Content-Encoding'] is None
    assert plain['ETag'] == '"d41d8cd98f00b204e9800998ecf8427e"'


def test_answers_are_never_compressed(s3_wire, bucket):
    text = 'a' * 100_000
    s3_wire.ok('PUT', f'/{bucket}/k', text)
    for target in (f'/{bucket}/k', f'/{bucket}', '/'):
        assert s3_wire.ok('GET', target, headers={'Accept-Encoding': 'gzip, deflate, br'})['Content-Encoding'] is None


def test_request_ids_differ(s3_wire):
    assert len({s3_wire.call('GET', '/')['x-amz-request-id'] for _ in range(5)}) == 5


def test_empty_answers_say_so(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x')
    assert s3_wire.call('DELETE', f'/{bucket}/k').status == 204
    assert s3_wire.call('DELETE', f'/{bucket}/k').status == 204
    created = s3_wire.ok('PUT', f'/{bucket[:50]}-2')
    assert (created['Content-Length'], created['Location']) == ('0', f'/{bucket[:50]}-2')


OVERRIDES = [('content-type', 'x/y'), ('content-language', 'de'), ('expires', 'never'), ('cache-control', 'no-cache'),
             ('content-disposition', 'inline; filename="a b"'), ('content-encoding', 'gzip')]
AUTHORIZED = {'Authorization': 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, '
                               'SignedHeaders=host;x-amz-date, Signature=' + '0' * 64, 'x-amz-date': '20260101T000000Z'}


@pytest.mark.parametrize('header,value', OVERRIDES)
def test_response_headers_can_be_overridden(s3_wire, bucket, header, value):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x', {'Content-Type': 'a/b'})
    target = f'/{bucket}/k?response-{header}={quote(value)}'
    assert s3_wire.ok('GET', target, headers=AUTHORIZED)[header] == value
    assert s3_wire.call('GET', target).code == 'InvalidRequest'
    injected = s3_wire.ok('GET', f'/{bucket}/k?response-{header}=a%0D%0AX-Evil:%20b', headers=AUTHORIZED)
    assert injected['X-Evil'] is None
