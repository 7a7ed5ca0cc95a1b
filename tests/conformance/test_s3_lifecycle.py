"""Lifecycle rules are carried out by the running server."""
import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import running, until


@pytest.fixture(scope='module')
def hurried():
    """A server whose days take a second."""
    with running() as server:
        Clock(server.endpoint).change(rate=86_400)
        yield server.client('s3', endpoint=server.s3_endpoint)


def put_rule(s3, bucket, **rule):
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={'Rules': [
        {'ID': 'rule', 'Status': 'Enabled', 'Filter': {'Prefix': 'old/'}, **rule}]})


def keys(s3, bucket):
    return [entry['Key'] for entry in s3.list_objects_v2(Bucket=bucket).get('Contents', [])]


def test_objects_expire(hurried, name):
    hurried.create_bucket(Bucket=name)
    put_rule(hurried, name, Expiration={'Days': 1})
    assert 'rule-id="rule"' in hurried.put_object(Bucket=name, Key='old/k', Body=b'v')['Expiration']
    assert 'Expiration' not in hurried.put_object(Bucket=name, Key='k', Body=b'v')
    until(lambda: keys(hurried, name) == ['k'], 'the object to expire')


def test_a_date_that_has_passed_counts_at_once(shared, s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key='old/k', Body=b'v')
    s3.put_object(Bucket=name, Key='k', Body=b'v')
    put_rule(s3, name, Expiration={'Date': '2020-01-01T00:00:00Z'})
    until(lambda: keys(s3, name) == ['k'], 'the object to expire')


def test_versions_and_markers_go(hurried, name):
    hurried.create_bucket(Bucket=name)
    hurried.put_bucket_versioning(Bucket=name, VersioningConfiguration={'Status': 'Enabled'})
    put_rule(hurried, name, NoncurrentVersionExpiration={'NoncurrentDays': 1},
             Expiration={'ExpiredObjectDeleteMarker': True})
    for _ in range(3):
        hurried.put_object(Bucket=name, Key='old/k', Body=b'v')
    hurried.delete_object(Bucket=name, Key='old/k')
    hurried.put_object(Bucket=name, Key='k', Body=b'v')

    def left():
        answer = hurried.list_object_versions(Bucket=name)
        return len(answer.get('Versions', [])) == 1 and not answer.get('DeleteMarkers')
    until(left, 'versions and marker to go')


def test_uploads_are_aborted(hurried, name):
    hurried.create_bucket(Bucket=name)
    put_rule(hurried, name, AbortIncompleteMultipartUpload={'DaysAfterInitiation': 1})
    begun = hurried.create_multipart_upload(Bucket=name, Key='old/k')
    assert begun['AbortRuleId'] == 'rule'
    hurried.create_multipart_upload(Bucket=name, Key='k')
    until(lambda: len(hurried.list_multipart_uploads(Bucket=name)['Uploads']) == 1, 'the upload to be aborted')
    with pytest.raises(ClientError) as caught:
        hurried.list_parts(Bucket=name, Key='old/k', UploadId=begun['UploadId'])
    assert caught.value.response['Error']['Code'] == 'NoSuchUpload'
