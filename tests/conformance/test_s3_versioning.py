"""Versioning of buckets over HTTP, with boto3."""
import pytest
from botocore.exceptions import ClientError

@pytest.fixture
def plain(s3, request):
    name = 'v-' + request.node.name.replace('_', '-').replace('[', '-').replace(']', '').lower()[:60]
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def bucket(s3, plain):
    s3.put_bucket_versioning(Bucket=plain, VersioningConfiguration={'Status': 'Enabled'})
    return plain


def put(s3, bucket, key, body):
    return s3.put_object(Bucket=bucket, Key=key, Body=body)['VersionId']


def refusal(call, **arguments):
    """Status, code and headers of the error."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    metadata = response['ResponseMetadata']
    return metadata['HTTPStatusCode'], response['Error']['Code'], metadata['HTTPHeaders']


def versions_of(s3, bucket, **arguments):
    """(key, id, latest, marker) in the order of the document, over all pages."""
    out = []
    for page in s3.get_paginator('list_object_versions').paginate(Bucket=bucket, **arguments):
        for kind, marker in (('Versions', False), ('DeleteMarkers', True)):
            for version in page.get(kind, []):
                out.append((version['Key'], version['VersionId'], version['IsLatest'], marker))
    return out


def test_states(s3, plain):
    assert 'Status' not in s3.get_bucket_versioning(Bucket=plain)
    for status in ('Enabled', 'Suspended', 'Enabled'):
        s3.put_bucket_versioning(Bucket=plain, VersioningConfiguration={'Status': status})
        assert s3.get_bucket_versioning(Bucket=plain)['Status'] == status
    status, code, _ = refusal(s3.put_bucket_versioning, Bucket=plain, VersioningConfiguration={'Status': 'On'})
    assert (status, code) == (400, 'MalformedXML')
    status, code, _ = refusal(s3.put_bucket_versioning, Bucket=plain, VersioningConfiguration={})
    assert (status, code) == (400, 'IllegalVersioningConfigurationException')
    assert refusal(s3.get_bucket_versioning, Bucket='no-such-bucket')[1] == 'NoSuchBucket'


def test_plain_bucket_shows_no_ids(s3, plain):
    answers = [s3.put_object(Bucket=plain, Key='k', Body=b'1'),
               s3.get_object(Bucket=plain, Key='k'),
               s3.head_object(Bucket=plain, Key='k', VersionId='null'),
               s3.copy_object(Bucket=plain, Key='c', CopySource={'Bucket': plain, 'Key': 'k'}),
               s3.get_object_tagging(Bucket=plain, Key='k'),
               s3.delete_object(Bucket=plain, Key='k')]
    for answer in answers:
        assert not [name for name in answer['ResponseMetadata']['HTTPHeaders'] if 'version' in name]
        assert 'DeleteMarker' not in answer
    assert versions_of(s3, plain) == [('c', 'null', True, False)]


def test_ids_name_versions(s3, bucket):
    ids = [put(s3, bucket, 'k', body) for body in (b'one', b'two', b'three')]
    assert len(set(ids)) == 3 and all(len(i) == 32 for i in ids)
    answer = s3.get_object(Bucket=bucket, Key='k')
    assert (answer['Body'].read(), answer['VersionId']) == (b'three', ids[2])
    answer = s3.get_object(Bucket=bucket, Key='k', VersionId=ids[0], Range='bytes=1-')
    assert (answer['Body'].read(), answer['VersionId']) == (b'ne', ids[0])
    assert s3.head_object(Bucket=bucket, Key='k', VersionId=ids[1])['ContentLength'] == 3
    assert versions_of(s3, bucket) == [('k', ids[2], True, False), ('k', ids[1], False, False),
                                       ('k', ids[0], False, False)]
    unchanged, _, headers = refusal(s3.get_object, Bucket=bucket, Key='k', VersionId=ids[0],
                                    IfNoneMatch=s3.head_object(Bucket=bucket, Key='k', VersionId=ids[0])['ETag'])
    assert (unchanged, headers['x-amz-version-id']) == (304, ids[0])


@pytest.mark.parametrize('name', ['get_object', 'get_object_tagging', 'delete_object_tagging'])
def test_ids_that_name_nothing(s3, bucket, name):
    known = put(s3, bucket, 'k', b'x')
    unknown = known[:-1] + ('A' if known[-1] != 'A' else 'B')
    call = getattr(s3, name)
    assert refusal(call, Bucket=bucket, Key='k', VersionId='what')[:2] == (400, 'InvalidArgument')
    assert refusal(call, Bucket=bucket, Key='k', VersionId=unknown)[:2] == (404, 'NoSuchVersion')
    assert refusal(call, Bucket=bucket, Key='k', VersionId='null')[:2] == (404, 'NoSuchVersion')
    assert refusal(call, Bucket=bucket, Key='none', VersionId=known)[:2] == (404, 'NoSuchVersion')


def test_delete_markers(s3, bucket):
    one = put(s3, bucket, 'k', b'one')
    answer = s3.delete_object(Bucket=bucket, Key='k')
    assert answer['ResponseMetadata']['HTTPStatusCode'] == 204
    assert answer['DeleteMarker'] is True
    marker = answer['VersionId']
    status, code, headers = refusal(s3.get_object, Bucket=bucket, Key='k')
    assert (status, code) == (404, 'NoSuchKey')
    assert (headers['x-amz-delete-marker'], headers['x-amz-version-id']) == ('true', marker)
    status, _, headers = refusal(s3.head_object, Bucket=bucket, Key='k')
    assert (status, headers['x-amz-delete-marker']) == (404, 'true')
    status, code, headers = refusal(s3.get_object, Bucket=bucket, Key='k', VersionId=marker)
    assert (status, code) == (405, 'MethodNotAllowed')
    assert headers['x-amz-delete-marker'] == 'true' and headers['last-modified'] and headers['allow'] == 'DELETE'
    assert s3.list_objects_v2(Bucket=bucket)['KeyCount'] == 0
    assert refusal(s3.delete_bucket, Bucket=bucket)[1] == 'BucketNotEmpty'

    answer = s3.delete_object(Bucket=bucket, Key='k', VersionId=marker)
    assert (answer['DeleteMarker'], answer['VersionId']) == (True, marker)
    assert s3.get_object(Bucket=bucket, Key='k')['Body'].read() == b'one'
    answer = s3.delete_object(Bucket=bucket, Key='k', VersionId=one)
    assert answer['VersionId'] == one and 'DeleteMarker' not in answer
    s3.delete_object(Bucket=bucket, Key='k', VersionId=one)
    s3.delete_bucket(Bucket=bucket)


def test_suspended(s3, plain):
    s3.put_object(Bucket=plain, Key='k', Body=b'before')
    s3.put_bucket_versioning(Bucket=plain, VersioningConfiguration={'Status': 'Enabled'})
    assert s3.head_object(Bucket=plain, Key='k')['VersionId'] == 'null'
    one = put(s3, plain, 'k', b'one')
    assert s3.get_object(Bucket=plain, Key='k', VersionId='null')['Body'].read() == b'before'
    s3.put_bucket_versioning(Bucket=plain, VersioningConfiguration={'Status': 'Suspended'})
    # What is written now has no version id to tell, although it is the `null` version.
    assert 'VersionId' not in s3.put_object(Bucket=plain, Key='k', Body=b'after')
    assert 'VersionId' not in s3.copy_object(Bucket=plain, Key='k', CopySource={'Bucket': plain, 'Key': 'k', 'VersionId': one})
    upload = {'Bucket': plain, 'Key': 'k', 'UploadId': s3.create_multipart_upload(Bucket=plain, Key='k')['UploadId']}
    part = s3.upload_part(**upload, PartNumber=1, Body=b'after')
    done = s3.complete_multipart_upload(**upload, MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})
    assert 'VersionId' not in done
    got = s3.get_object(Bucket=plain, Key='k')
    assert (got['VersionId'], got['Body'].read()) == ('null', b'after')
    assert versions_of(s3, plain) == [('k', 'null', True, False), ('k', one, False, False)]
    answer = s3.delete_object(Bucket=plain, Key='k')
    assert (answer['DeleteMarker'], answer['VersionId']) == (True, 'null')
    assert sorted(versions_of(s3, plain)) == sorted([('k', one, False, False), ('k', 'null', True, True)])


def test_copy_brings_an_old_version_back(s3, bucket):
    one = put(s3, bucket, 'k', b'one')
    put(s3, bucket, 'k', b'two')
    answer = s3.copy_object(Bucket=bucket, Key='k', CopySource={'Bucket': bucket, 'Key': 'k', 'VersionId': one})
    assert answer['CopySourceVersionId'] == one and answer['VersionId'] != one
    assert s3.get_object(Bucket=bucket, Key='k')['Body'].read() == b'one'
    marker = s3.delete_object(Bucket=bucket, Key='k')['VersionId']
    assert refusal(s3.copy_object, Bucket=bucket, Key='c', CopySource={'Bucket': bucket, 'Key': 'k'})[0] == 404
    refused = refusal(s3.copy_object, Bucket=bucket, Key='c',
                      CopySource={'Bucket': bucket, 'Key': 'k', 'VersionId': marker})
    assert refused[0] in (400, 405)
    upload = s3.create_multipart_upload(Bucket=bucket, Key='m')['UploadId']
    part = s3.upload_part_copy(Bucket=bucket, Key='m', UploadId=upload, PartNumber=1,
                               CopySource={'Bucket': bucket, 'Key': 'k', 'VersionId': one})
    assert part['CopySourceVersionId'] == one
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key='m', UploadId=upload,
        MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['CopyPartResult']['ETag']}]})
    assert s3.get_object(Bucket=bucket, Key='m', VersionId=done['VersionId'])['Body'].read() == b'one'


def test_tags_belong_to_a_version(s3, bucket):
    one, two = put(s3, bucket, 'k', b'one'), put(s3, bucket, 'k', b'two')
    tags = {'TagSet': [{'Key': 'a', 'Value': 'b'}]}
    assert s3.put_object_tagging(Bucket=bucket, Key='k', VersionId=one, Tagging=tags)['VersionId'] == one
    assert s3.get_object_tagging(Bucket=bucket, Key='k')['TagSet'] == []
    assert s3.get_object_tagging(Bucket=bucket, Key='k', VersionId=one)['TagSet'] == tags['TagSet']
    assert s3.delete_object_tagging(Bucket=bucket, Key='k')['VersionId'] == two


def test_delete_many(s3, bucket):
    one = put(s3, bucket, 'k', b'one')
    marker = s3.delete_object(Bucket=bucket, Key='k')['VersionId']
    answer = s3.delete_objects(Bucket=bucket, Delete={'Objects': [
        {'Key': 'k', 'VersionId': marker}, {'Key': 'k', 'VersionId': one}, {'Key': 'new'},
        {'Key': 'k', 'VersionId': 'what'}]})
    assert len(answer['Deleted']) == 3
    assert answer['Deleted'][0] == {'Key': 'k', 'VersionId': marker, 'DeleteMarker': True,
                                    'DeleteMarkerVersionId': marker}
    assert answer['Deleted'][1] == {'Key': 'k', 'VersionId': one}
    assert answer['Deleted'][2]['DeleteMarker'] is True
    assert [(e['Key'], e['VersionId'], e['Code']) for e in answer['Errors']] == [('k', 'what', 'InvalidArgument')]
    assert versions_of(s3, bucket) == [('new', answer['Deleted'][2]['DeleteMarkerVersionId'], True, True)]


def test_paging_and_groups(s3, bucket):
    expected = []
    for key in ('a', 'd/1', 'd/2', 'e e+%'):
        ids = [put(s3, bucket, key, b'x') for _ in range(3)]
        expected += [(key, i, i == ids[-1], False) for i in reversed(ids)]
    for size in (1, 2, 5, 1000):
        assert versions_of(s3, bucket, PaginationConfig={'PageSize': size}) == expected
    page = s3.list_object_versions(Bucket=bucket, Delimiter='/', MaxKeys=4)
    assert [p['Prefix'] for p in page['CommonPrefixes']] == ['d/']
    assert (page['IsTruncated'], page['NextKeyMarker'], 'NextVersionIdMarker' in page) == (True, 'd/', False)
    page = s3.list_object_versions(Bucket=bucket, Delimiter='/', KeyMarker='d/')
    assert {v['Key'] for v in page['Versions']} == {'e e+%'}
    assert refusal(s3.list_object_versions, Bucket=bucket, VersionIdMarker=expected[0][1])[:2] == (
        400, 'InvalidArgument')
    assert refusal(s3.list_object_versions, Bucket=bucket, KeyMarker='a', VersionIdMarker='what')[:2] == (
        400, 'InvalidArgument')


def test_empty_a_bucket_page_by_page(s3, bucket):
    for n in range(7):
        for key in ('a', 'b'):
            put(s3, bucket, key, bytes([n]))
    for key in ('a', 'b', 'c'):
        s3.delete_object(Bucket=bucket, Key=key)
    for page in s3.get_paginator('list_object_versions').paginate(Bucket=bucket, PaginationConfig={'PageSize': 3}):
        found = page.get('Versions', []) + page.get('DeleteMarkers', [])
        s3.delete_objects(Bucket=bucket, Delete={
            'Quiet': True, 'Objects': [{'Key': v['Key'], 'VersionId': v['VersionId']} for v in found]})
    s3.delete_bucket(Bucket=bucket)


def test_versions_survive_a_kill(own_server):
    client = own_server.client('s3', endpoint=own_server.s3_endpoint)
    client.create_bucket(Bucket='bucket')
    client.put_bucket_versioning(Bucket='bucket', VersioningConfiguration={'Status': 'Enabled'})
    ids = [put(client, 'bucket', 'k', bytes([n]) * 50_000) for n in range(3)]
    marker = client.delete_object(Bucket='bucket', Key='k')['VersionId']
    own_server.kill()
    own_server.start()
    client = own_server.client('s3', endpoint=own_server.s3_endpoint)
    assert client.get_bucket_versioning(Bucket='bucket')['Status'] == 'Enabled'
    for n, version in enumerate(ids):
        body = client.get_object(Bucket='bucket', Key='k', VersionId=version)['Body'].read()
        assert body == bytes([n]) * 50_000
    assert refusal(client.get_object, Bucket='bucket', Key='k')[2]['x-amz-version-id'] == marker
