"""Listings of objects, versions, uploads and parts, page by page."""
import itertools
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

KEYS = ['a', 'a/', 'a/1', 'a/2', 'a/b/1', 'a0', 'b/1', 'b/2', 'c', 'd,e', 'd,f,g', 'ä/1', 'ä/2', 'zz']


@pytest.fixture(scope='module')
def full(shared):
    """A bucket that no test changes."""
    from support.s3_wire import S3Wire, quote
    connection = S3Wire(shared.s3_port)
    connection.ok('PUT', '/listing-full')
    for key in KEYS:
        connection.ok('PUT', f'/listing-full/{quote(key)}', key)
    connection.close()
    return 'listing-full'


def expected(prefix, delimiter, after=''):
    """What a listing holds: (name, is a common prefix), merged in order."""
    out = []
    for key in sorted(KEYS, key=str.encode):
        if not key.startswith(prefix):
            continue
        rest = key[len(prefix):]
        group = delimiter and delimiter in rest
        name = prefix + rest[:rest.index(delimiter) + len(delimiter)] if group else key
        # A marker inside a group stands before the rest of the group.
        if (key if group and not after.endswith(delimiter) else name).encode() <= after.encode() or (name, group) in out[-1:]:
            continue
        out.append((name, bool(group)))
    return out


def merged(page):
    names = [(key, False) for key in page.texts('Contents/Key')] + [(key, True) for key in page.texts('CommonPrefixes/Prefix')]
    return sorted(names, key=lambda entry: entry[0].encode())


def encoded(**parameters):
    return urllib.parse.urlencode({name.replace('_', '-'): value for name, value in parameters.items()})


GROUPINGS = list(itertools.product(['', 'a', 'a/', 'a/b', 'b/', 'd', 'ä', 'x', 'zz'], ['', '/', ',', 'a', '/b', 'ä', ',f,']))


@pytest.mark.parametrize('size', [1, 2, 3, 1000])
def test_pages_of_every_grouping(s3_wire, full, size):
    for (prefix, delimiter), version in itertools.product(GROUPINGS, (1, 2)):
        found, more, pages = [], {}, 0
        while more is not None:
            query = encoded(prefix=prefix, delimiter=delimiter, max_keys=size, **more)
            page = s3_wire.call('GET', f'/{full}?{"list-type=2&" if version == 2 else ""}{query}').xml('ListBucketResult')
            entries = merged(page)
            assert len(entries) <= size
            if version == 2:
                assert page.text('KeyCount') == str(len(entries))
            found += entries
            if page.text('IsTruncated') == 'false':
                assert page.text('NextMarker') is None and page.text('NextContinuationToken') is None
                more = None
            elif version == 2:
                more = {'continuation_token': page.text('NextContinuationToken')}
            else:
                if delimiter:
                    assert page.text('NextMarker') == entries[-1][0]
                more = {'marker': page.text('NextMarker') or entries[-1][0]}
            pages += 1
            assert pages < 100
        assert found == expected(prefix, delimiter), (prefix, delimiter, version)


@pytest.mark.parametrize('after', ['', 'a', 'a/', 'a/1', 'a/9', 'a1', 'b', 'd,f', 'zz', '~', '\U0010ffff'])
def test_start_after_and_marker_need_not_exist(s3_wire, full, after):
    keys = [key for key in sorted(KEYS, key=str.encode) if key.encode() > after.encode()]
    two = s3_wire.call('GET', f'/{full}?list-type=2&{encoded(start_after=after)}').xml('ListBucketResult')
    one = s3_wire.call('GET', f'/{full}?{encoded(marker=after)}').xml('ListBucketResult')
    assert two.texts('Contents/Key') == one.texts('Contents/Key') == keys
    assert (two.text('StartAfter') or '', one.text('Marker')) == (after, after)
    assert two.text('Marker') is None


def test_a_marker_inside_a_group(s3_wire, full):
    page = s3_wire.call('GET', f'/{full}?{encoded(delimiter="/", marker="a/1")}').xml('ListBucketResult')
    assert page.texts('CommonPrefixes/Prefix')[0] == 'a/', 'keys of the group follow the marker'
    page = s3_wire.call('GET', f'/{full}?{encoded(delimiter="/", marker="a/")}').xml('ListBucketResult')
    assert page.texts('CommonPrefixes/Prefix')[0] == 'b/', 'the group was the last of the page before'


def test_the_shape_of_the_first_version(s3_wire, full):
    page = s3_wire.call('GET', f'/{full}?delimiter=/&max-keys=2').xml('ListBucketResult')
    assert page.names() == ['Name', 'Prefix', 'Marker', 'MaxKeys', 'Delimiter', 'IsTruncated', 'NextMarker', 'Contents', 'CommonPrefixes']
    whole = s3_wire.call('GET', f'/{full}').xml('ListBucketResult')
    assert whole.names() == ['Name', 'Prefix', 'Marker', 'MaxKeys', 'IsTruncated', 'Contents']
    entry = whole.all('Contents')[0]
    assert entry.names() == ['Key', 'LastModified', 'ETag', 'ChecksumAlgorithm', 'ChecksumType', 'Size', 'StorageClass', 'Owner']
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', entry.text('LastModified'))
    assert re.fullmatch('"[0-9a-f]{32}"', entry.text('ETag'))
    assert entry.text('StorageClass') == 'STANDARD' and entry.text('Owner/ID')


def test_the_shape_of_the_second_version(s3_wire, full):
    page = s3_wire.call('GET', f'/{full}?list-type=2&delimiter=/&max-keys=2&start-after=A&encoding-type=url').xml('ListBucketResult')
    assert page.names() == ['Name', 'Prefix', 'StartAfter', 'KeyCount', 'MaxKeys', 'Delimiter', 'IsTruncated', 'NextContinuationToken',
                            'Contents', 'CommonPrefixes', 'EncodingType']
    token = page.text('NextContinuationToken')
    following = s3_wire.call('GET', f'/{full}?list-type=2&start-after=zz&delimiter=/&{encoded(continuation_token=token)}').xml('ListBucketResult')
    assert following.text('ContinuationToken') == token
    assert following.texts('Contents/Key')[0] == 'a0', 'the token wins over start-after'
    assert page.all('Contents')[0].text('Owner') is None
    owned = s3_wire.call('GET', f'/{full}?list-type=2&fetch-owner=true').xml('ListBucketResult')
    assert owned.text('Contents/Owner/ID')


def test_text_that_clients_search_for(s3_wire, full, bucket):
    raw = s3_wire.ok('GET', f'/{full}?list-type=2&delimiter=/&prefix=a').body
    assert b'<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>' in raw
    assert b'<Contents><Key>a</Key>' in raw
    empty = s3_wire.ok('GET', f'/{bucket}?list-type=2').body
    assert b'<Prefix></Prefix>' in empty and b'<Contents' not in empty and b'<KeyCount>0</KeyCount>' in empty
    assert b'<Prefix></Prefix><Marker></Marker>' in s3_wire.ok('GET', f'/{bucket}').body


MAX_KEYS = [('0', 0, '0'), ('1', 1, '1'), ('', 14, '1000'), ('1000', 14, '1000'), ('1001', 14, '1000'), ('2147483647', 14, '1000')]


@pytest.mark.parametrize('sent,count,echo', MAX_KEYS)
@pytest.mark.parametrize('kind', ['', 'list-type=2&', 'versions&'])
def test_max_keys(s3_wire, full, sent, count, echo, kind):
    page = s3_wire.call('GET', f'/{full}?{kind}max-keys={sent}').xml('ListVersionsResult' if kind[0:1] == 'v' else 'ListBucketResult')
    assert len(page.all('Version' if kind[0:1] == 'v' else 'Contents')) == count
    assert page.text('MaxKeys') == echo
    assert page.text('IsTruncated') == ('true' if count == 1 else 'false')


BAD = [
    ('max-keys=-1', 'InvalidArgument'), ('max-keys=x', 'InvalidArgument'), ('max-keys=1.5', 'InvalidArgument'), ('max-keys=99999999999', 'InvalidArgument'),
    ('encoding-type=base64', 'InvalidArgument'), ('list-type=2&continuation-token=garbage', 'InvalidArgument'), ('list-type=2&continuation-token=', 'InvalidArgument'),
    ('list-type=3', 'InvalidArgument'), ('versions&version-id-marker=x', 'InvalidArgument'), ('versions&max-keys=-1', 'InvalidArgument'),
    ('uploads&max-uploads=-1', 'InvalidArgument'), ('uploads&max-uploads=x', 'InvalidArgument'),
]


@pytest.mark.parametrize('query,code', BAD)
def test_bad_arguments(s3_wire, full, query, code):
    answer = s3_wire.call('GET', f'/{full}?{query}')
    assert (answer.status, answer.code) == (400, code), answer


def test_url_encoding(s3_wire, bucket):
    for path in ('a%20b/c%2Bd%25', 'a%20b/%3Cx%3E', 'a%20b/sub/%C3%BC', "a%20b/-._~!'()*"):
        s3_wire.ok('PUT', f'/{bucket}/{path}', 'x')
    query = 'prefix=a+b%2F&delimiter=%2F&encoding-type=url'
    for kind, root in (('', 'ListBucketResult'), ('list-type=2&', 'ListBucketResult'), ('versions&', 'ListVersionsResult')):
        page = s3_wire.call('GET', f'/{bucket}?{kind}{query}').xml(root)
        assert (page.text('Prefix'), page.text('Delimiter'), page.text('EncodingType')) == ('a+b/', '/', 'url')
        item = 'Version/Key' if kind == 'versions&' else 'Contents/Key'
        assert page.texts(item) == ['a+b/-._~%21%27%28%29%2A', 'a+b/%3Cx%3E', 'a+b/c%2Bd%25']
        assert page.texts('CommonPrefixes/Prefix') == ['a+b/sub/']
    page = s3_wire.call('GET', f'/{bucket}?list-type=2&encoding-type=url&start-after=a%20b%2Fc').xml('ListBucketResult')
    assert page.text('StartAfter') == 'a+b/c'
    page = s3_wire.call('GET', f'/{bucket}?encoding-type=url&delimiter=%2B&max-keys=1&marker=a%20b%2F%3C').xml('ListBucketResult')
    assert (page.text('Marker'), page.text('Delimiter'), page.text('NextMarker')) == ('a+b/%3C', '%2B', 'a+b/%3Cx%3E')


@pytest.mark.parametrize('kind', ['', 'list-type=2&', 'versions&', 'uploads&'])
def test_prefixes_that_are_no_text(s3_wire, full, kind):
    """The echo of any bytes is XML."""
    page = s3_wire.call('GET', f'/{full}?{kind}prefix=%ff%00&delimiter=%c3')
    assert page.status in (200, 400), page
    assert ElementTree.fromstring(page.body) is not None


def test_versions_of_a_plain_bucket(s3_wire, full):
    found, more = [], ''
    while more is not None:
        page = s3_wire.call('GET', f'/{full}?versions&max-keys=4{more}').xml('ListVersionsResult')
        for version in page.all('Version'):
            assert (version.text('VersionId'), version.text('IsLatest'), version.text('StorageClass')) == ('null', 'true', 'STANDARD')
            assert version.text('Owner/ID') and version.text('ETag')
            found.append(version.text('Key'))
        more = None
        if page.text('IsTruncated') == 'true':
            assert page.text('NextVersionIdMarker') is not None
            more = '&' + encoded(key_marker=page.text('NextKeyMarker'), version_id_marker=page.text('NextVersionIdMarker'))
    assert found == sorted(KEYS, key=str.encode)


def start_upload(s3_wire, bucket, key, **headers):
    return s3_wire.call('POST', f'/{bucket}/{key}?uploads', headers=headers).xml('InitiateMultipartUploadResult').text('UploadId')


def test_uploads_in_pages(s3_wire, bucket):
    started = [(key, start_upload(s3_wire, bucket, key)) for key in ('b', 'a/2', 'a/1', 'b', 'c', 'b')]
    in_order = sorted(started, key=lambda upload: upload[0])  # stable: by time within a key
    page = s3_wire.call('GET', f'/{bucket}?uploads').xml('ListMultipartUploadsResult')
    assert [(u.text('Key'), u.text('UploadId')) for u in page.all('Upload')] == in_order
    first = page.all('Upload')[0]
    assert first.names()[:2] == ['Key', 'UploadId'] and first.text('Initiator/ID') and first.text('Owner/ID')
    assert (first.text('StorageClass'), page.text('MaxUploads'), page.text('IsTruncated')) == ('STANDARD', '1000', 'false')
    assert first.text('Initiated').endswith('Z')
    for size in (1, 2, 4):
        found, more = [], ''
        while more is not None:
            page = s3_wire.call('GET', f'/{bucket}?uploads&max-uploads={size}{more}').xml('ListMultipartUploadsResult')
            found += [(u.text('Key'), u.text('UploadId')) for u in page.all('Upload')]
            more = None
            if page.text('IsTruncated') == 'true':
                more = '&' + encoded(key_marker=page.text('NextKeyMarker'), upload_id_marker=page.text('NextUploadIdMarker'))
        assert found == in_order
    page = s3_wire.call('GET', f'/{bucket}?uploads&delimiter=/').xml('ListMultipartUploadsResult')
    assert (page.texts('CommonPrefixes/Prefix'), page.texts('Upload/Key')) == (['a/'], ['b', 'b', 'b', 'c'])
    page = s3_wire.call('GET', f'/{bucket}?uploads&prefix=a/').xml('ListMultipartUploadsResult')
    assert page.texts('Upload/Key') == ['a/1', 'a/2']
    page = s3_wire.call('GET', f'/{bucket}?uploads&key-marker=b').xml('ListMultipartUploadsResult')
    assert page.texts('Upload/Key') == ['c']
    assert s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').all('Contents') == [], 'uploads are no objects'


def test_parts_in_pages(s3_wire, bucket):
    upload = start_upload(s3_wire, bucket, 'k', **{'x-amz-storage-class': 'STANDARD_IA'})
    numbers = [1, 2, 5, 900, 10000]
    for number in reversed(numbers):
        s3_wire.ok('PUT', f'/{bucket}/k?partNumber={number}&uploadId={upload}', str(number))
    page = s3_wire.call('GET', f'/{bucket}/k?uploadId={upload}').xml('ListPartsResult')
    assert page.texts('Part/PartNumber') == [str(number) for number in numbers]
    assert page.texts('Part/Size') == [str(len(str(number))) for number in numbers]
    assert (page.text('Bucket'), page.text('Key'), page.text('UploadId')) == (bucket, 'k', upload)
    assert (page.text('StorageClass'), page.text('MaxParts'), page.text('IsTruncated')) == ('STANDARD_IA', '1000', 'false')
    assert page.text('Initiator/ID') and page.text('Owner/ID') and page.text('Part/LastModified').endswith('Z')
    assert re.fullmatch('"[0-9a-f]{32}"', page.text('Part/ETag'))
    found, marker = [], '0'
    while marker:
        page = s3_wire.call('GET', f'/{bucket}/k?uploadId={upload}&max-parts=2&part-number-marker={marker}').xml('ListPartsResult')
        found += page.texts('Part/PartNumber')
        assert page.text('PartNumberMarker') == marker
        marker = page.text('NextPartNumberMarker') if page.text('IsTruncated') == 'true' else None
    assert found == [str(number) for number in numbers]
    for query in ('max-parts=-1', 'max-parts=x', 'part-number-marker=-1', 'part-number-marker=x'):
        assert s3_wire.call('GET', f'/{bucket}/k?uploadId={upload}&{query}').code == 'InvalidArgument'


def test_a_list_shows_what_was_answered_before(s3_wire, bucket):
    for i in range(50):
        s3_wire.ok('PUT', f'/{bucket}/k{i % 7}', str(i))
        listed = s3_wire.call('GET', f'/{bucket}').xml('ListBucketResult').texts('Contents/Key')
        assert f'k{i % 7}' in listed
        s3_wire.ok('DELETE', f'/{bucket}/k{i % 7}')
        assert s3_wire.call('GET', f'/{bucket}?list-type=2').xml('ListBucketResult').text('KeyCount') == '0'
