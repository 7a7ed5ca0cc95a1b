"""Which buckets and keys there can be, and that keys are bytes and nothing else."""
import urllib.parse

import pytest

from support.s3_wire import quote

GOOD_BUCKETS = ['abc', 'a-b', 'a.b', '0ab', 'ab0', 'a' * 63, 'a.b-c.d', '1.2.3', '1.2.3.4.5', '123', 'a--b', 'a-.b']
BAD_BUCKETS = ['ab', 'a' * 64, 'Abc', 'a_b', '-abc', 'abc-', '.abc', 'abc.', 'a..b', '192.168.5.4', 'xn--abc', 'sthree-abc',
               'abc-s3alias', 'abc--ol-s3', 'abc--x-s3', 'a%20b', 'a%2Fb', '%C3%BCber', 'a' * 300, 'abc%00', 'abc%0a']


@pytest.mark.parametrize('name', GOOD_BUCKETS)
def test_bucket_names(s3_wire, name):
    s3_wire.ok('PUT', f'/{name}')
    assert s3_wire.call('HEAD', f'/{name}').status == 200
    assert s3_wire.call('DELETE', f'/{name}').status == 204


@pytest.mark.parametrize('name', BAD_BUCKETS)
def test_bad_bucket_names(s3_wire, name):
    answer = s3_wire.call('PUT', f'/{name}')
    assert (answer.status, answer.code) == (400, 'InvalidBucketName'), answer


REGIONS = [
    # LocationConstraint sent (None: no body), LocationConstraint and x-amz-bucket-region answered, status of a second creation
    (None, '', 'us-east-1', 200), ('us-east-1', '', 'us-east-1', 200), ('eu-central-1', 'eu-central-1', 'eu-central-1', 409),
    ('US', 'US', 'US', 409), ('anywhere', 'anywhere', 'anywhere', 409),
]


@pytest.mark.parametrize('sent,location,region,again', REGIONS)
def test_buckets_have_regions(s3_wire, name, sent, location, region, again):
    body = sent and ('<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>'
                     f'{sent}</LocationConstraint></CreateBucketConfiguration>')
    s3_wire.ok('PUT', f'/{name}', body)
    assert s3_wire.call('GET', f'/{name}?location').body.decode().split('?>')[1].strip() == (
        f'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{location}</LocationConstraint>')
    assert s3_wire.ok('HEAD', f'/{name}')['x-amz-bucket-region'] == region
    answer = s3_wire.call('PUT', f'/{name}', body)
    assert (answer.status, answer.code) == (again, None if again == 200 else 'BucketAlreadyOwnedByYou')


def test_the_old_name_of_ireland(s3_wire, name):
    s3_wire.ok('PUT', f'/{name}', '<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>')
    assert b'>EU</LocationConstraint>' in s3_wire.call('GET', f'/{name}?location').body


@pytest.mark.parametrize('body', ['<a', '<Other/>', 'text', '<CreateBucketConfiguration>'])
def test_bodies_that_create_no_bucket(s3_wire, name, body):
    assert s3_wire.call('PUT', f'/{name}', body).code == 'MalformedXML'
    assert s3_wire.call('HEAD', f'/{name}').status == 404


def test_headers_of_bucket_creation_and_its_owner(s3_wire, name):
    s3_wire.ok('PUT', f'/{name}', headers={'x-amz-acl': 'private', 'x-amz-object-ownership': 'ObjectWriter'})
    account = '000000000000'
    owners = s3_wire.call('GET', '/').xml('ListAllMyBucketsResult')
    assert owners.text('Owner/ID') and owners.text('Owner/DisplayName')
    assert s3_wire.call('HEAD', f'/{name}', headers={'x-amz-expected-bucket-owner': account}).status == 200
    assert s3_wire.call('HEAD', f'/{name}', headers={'x-amz-expected-bucket-owner': '1' * 12}).status == 403
    assert s3_wire.call('PUT', f'/{name}/k', 'x', {'x-amz-expected-bucket-owner': '1' * 12}).code == 'AccessDenied'


def test_buckets_in_pages(s3_wire, name):
    names = [f'{name[:40]}-{i}' for i in range(5)]
    for one in reversed(names):
        s3_wire.ok('PUT', f'/{one}')
    prefix = names[0][:-1]
    listed = s3_wire.call('GET', f'/?prefix={prefix}').xml('ListAllMyBucketsResult')
    assert listed.texts('Buckets/Bucket/Name') == names
    assert listed.text('Prefix') == prefix and listed.text('ContinuationToken') is None
    found, token = [], None
    while token != '':
        query = f'/?prefix={prefix}&max-buckets=2' + (f'&continuation-token={urllib.parse.quote(token, safe="")}' if token else '')
        page = s3_wire.call('GET', query).xml('ListAllMyBucketsResult')
        found.append(page.texts('Buckets/Bucket/Name'))
        token = page.text('ContinuationToken') or ''
    assert [len(page) for page in found] == [2, 2, 1] and sum(found, []) == names


def test_a_bucket_with_objects_stays_unless_they_are_gone(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x')
    answer = s3_wire.call('DELETE', f'/{bucket}')
    assert (answer.status, answer.code, answer.error('BucketName')) == (409, 'BucketNotEmpty', bucket)
    s3_wire.ok('DELETE', f'/{bucket}/k')
    s3_wire.ok('POST', f'/{bucket}/upload?uploads')
    assert s3_wire.call('DELETE', f'/{bucket}').status == 204
    s3_wire.ok('PUT', f'/{bucket}')
    assert s3_wire.call('GET', f'/{bucket}?uploads').xml('ListMultipartUploadsResult').all('Upload') == []


WEIRD_KEYS = [
    '.', '..x', 'x/..', 'x/../y', '/', '//', '///a', '/a', 'a/', 'a//b', 'a/./b', 'a/../b', 'con', 'nul', 'COM1', 'a.', 'a ',
    ' ', ' a', '~', '\\', 'a\\b', '..\\..\\x', 'C:\\x', '%2F', '%2e%2e%2f', '%00', '%', '%%', '+', 'a+b', '&', '<', '>', '"', "'", '&amp;',
    '<a/>', ']]>', '?', '#', '*', '|', ':', ';', '=', '$(id)', '`id`', '\x01', '\x1f', 'a\nb', 'a\rb', 'a\r\nb', 'a\tb', '\x7f',
    'é', 'e\u0301', 'É', 'ß', 'SS', 'İ', '\u200b', '\u202e', '\ufeff', '\ufffd', '\ufffe', '\uffff', '😀', '😀/😀', '日本語/キー', 'a', 'A',
    'a/b', 'a0', 'a-', 'x' * 255, 'x' * 256 + '/' + 'y' * 300, 'é' * 512, 'z' * 1024, '.tidemark', 'data', 'meta', 'CURRENT', '\U0010ffff',
]


@pytest.mark.parametrize('key', ['..', '../', '../x', '../../../../etc/passwd', 'a/../..', 'a/../../b', './../x', '/../x', 'a//../../x'])
def test_a_key_that_climbs_above_its_bucket_is_none(s3_wire, bucket, key):
    for path in (quote(key), urllib.parse.quote(key, safe=''), quote(key).replace('.', '%2E')):
        for method in ('PUT', 'GET', 'HEAD', 'DELETE'):
            answer = s3_wire.call(method, f'/{bucket}/{path}', b'x' if method == 'PUT' else None)
            assert (answer.status, answer.code) == (400, None if method == 'HEAD' else 'InvalidURI')
    s3_wire.ok('PUT', f'/{bucket}/k', 'x')
    assert s3_wire.call('PUT', f'/{bucket}/copy', headers={'x-amz-copy-source': f'/{bucket}/{quote(key)}'}).status == 400
    assert s3_wire.call('POST', f'/{bucket}/{quote(key)}?uploads').status == 400
    assert s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').texts('Contents/Key') == ['k']


def test_weird_keys_are_bytes_in_bytewise_order(s3_wire, bucket):
    for number, key in enumerate(WEIRD_KEYS):
        s3_wire.ok('PUT', f'/{bucket}/{quote(key)}', f'object {number}')
    for number, key in enumerate(WEIRD_KEYS):
        assert s3_wire.ok('GET', f'/{bucket}/{quote(key)}').body == f'object {number}'.encode(), repr(key)
    expected = sorted(WEIRD_KEYS, key=lambda key: key.encode())
    for query in ('list-type=2&', ''):
        listed = s3_wire.call('GET', f'/{bucket}?{query}encoding-type=url').xml('ListBucketResult')
        assert [urllib.parse.unquote_plus(key) for key in listed.texts('Contents/Key')] == expected
        assert listed.text('EncodingType') == 'url'
        found, mark = [], ''
        while mark is not None:
            continuation = ('continuation-token=' if query else 'marker=') + urllib.parse.quote(mark, safe='') if mark else ''
            page = s3_wire.call('GET', f'/{bucket}?{query}encoding-type=url&max-keys=7&{continuation}').xml('ListBucketResult')
            found += [urllib.parse.unquote_plus(key) for key in page.texts('Contents/Key')]
            mark = None
            if page.text('IsTruncated') == 'true':
                mark = page.text('NextContinuationToken') if query else found[-1]
        assert found == expected
    # Each is still there without the encoding, although not every parser would take the answer.
    raw = s3_wire.ok('GET', f'/{bucket}').body
    assert raw.count(b'<Contents>') == len(WEIRD_KEYS)
    assert b'<Key>&#x1;</Key>' in raw and b'<Key>a&#xD;b</Key>' in raw.replace(b'&#13;', b'&#xD;')
    for key in WEIRD_KEYS:
        assert s3_wire.call('DELETE', f'/{bucket}/{quote(key)}').status == 204
    assert s3_wire.call('DELETE', f'/{bucket}').status == 204


BAD_KEYS = [('x' * 1025, 'KeyTooLongError'), ('%C3%A9' * 513, 'KeyTooLongError'), ('a%00b', None), ('%ff', 'InvalidURI'), ('%C3', 'InvalidURI'),
            ('%ED%A0%80', 'InvalidURI'), ('%C0%AF', 'InvalidURI')]


@pytest.mark.parametrize('path,code', BAD_KEYS)
def test_bad_keys(s3_wire, bucket, path, code):
    answer = s3_wire.call('PUT', f'/{bucket}/{path}', 'x')
    assert answer.status == 400 and (code is None or answer.code == code), answer
    assert s3_wire.call('POST', f'/{bucket}/{path}?uploads').status == 400
    assert s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').all('Contents') == []


def test_folder_markers_are_objects(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/dir/', '', {'Content-Type': 'application/x-directory'})
    s3_wire.ok('PUT', f'/{bucket}/dir/full/', 'data')
    assert s3_wire.ok('HEAD', f'/{bucket}/dir/')['Content-Type'] == 'application/x-directory'
    assert s3_wire.ok('GET', f'/{bucket}/dir/full/').body == b'data'
    assert s3_wire.call('HEAD', f'/{bucket}/dir').status == 404
    listed = s3_wire.call('GET', f'/{bucket}?list-type=2&prefix=dir/&delimiter=/').xml('ListBucketResult')
    assert (listed.texts('Contents/Key'), listed.texts('CommonPrefixes/Prefix')) == (['dir/'], ['dir/full/'])
