"""Exports that fail after they were accepted, in the service's codes and words; what tokens, lists and quotas say of them."""
import json
import re

import pytest

from support.clock import Clock
from support.server import ACCOUNT, Failed, create_table, running, until
from support.transfers import export, finish_export, keys

# What the service's own client of S3 says, with ids of its own.
CLIENT = (r' \(Service: Amazon S3; Status Code: {status}; Error Code: {code}; Request ID: [0-9A-Z]{{16}}; '
          r'S3 Extended Request ID: [A-Za-z0-9+/]+=*; Proxy: null\)')


def said(message, status, code):
    return re.escape(message) + CLIENT.format(status=status, code=code)


@pytest.fixture
def table(wire, name):
    arn = create_table(wire, name, pitr=True)
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'a'}}})
    return arn


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


def failed(description, code, message):
    assert (description['ExportStatus'], description['FailureCode']) == ('FAILED', code)
    assert re.fullmatch(message, description['FailureMessage'], re.DOTALL), description['FailureMessage']
    assert not {'ExportManifest', 'ItemCount', 'BilledSizeBytes'} & set(description)


def test_a_bucket_that_is_not_there(wire, table):
    failed(export(wire, table, 'no-such-bucket-at-all'), 'S3NoSuchBucket',
           said('The specified bucket does not exist', 404, 'NoSuchBucket'))


def test_a_bucket_of_somebody_else(wire, s3, table, bucket):
    failed(export(wire, table, bucket, S3BucketOwner='111111111111'), 'S3AccessDenied',
           said('Access Denied', 403, 'AccessDenied'))
    assert keys(s3, bucket) == []
    assert export(wire, table, bucket, S3BucketOwner=ACCOUNT)['ExportStatus'] == 'COMPLETED'


@pytest.mark.parametrize('resource', ['*', 'nightly/*', 'nightly/AWSDynamoDB/*/data/*', 'nightly/AWSDynamoDB/*/manifest-summary.json'])
def test_a_policy_that_denies_writing(wire, s3, table, bucket, resource):
    """Of the whole bucket, of the folder, of the data alone, and of what comes last."""
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({'Version': '2012-10-17', 'Statement': [{
        'Effect': 'Deny', 'Principal': '*', 'Action': 's3:PutObject', 'Resource': f'arn:aws:s3:::{bucket}/{resource}'}]}))
    ended = export(wire, table, bucket, S3Prefix='nightly')
    assert (ended['ExportStatus'], ended['FailureCode']) == ('FAILED', 'S3AccessDenied')
    assert re.search(r'Error Code: AccessDenied|not authorized to perform: s3:PutObject', ended['FailureMessage'])
    assert 'ExportManifest' not in ended
    assert not any(key.endswith('manifest-summary.json') for key in keys(s3, bucket)), 'nobody takes it for complete'
    assert s3.list_multipart_uploads(Bucket=bucket).get('Uploads', []) == []
    # The table is exported again once the bucket lets it.
    s3.delete_bucket_policy(Bucket=bucket)
    assert export(wire, table, bucket, S3Prefix='again')['ExportStatus'] == 'COMPLETED'


def test_a_key_that_is_not_there(wire, table, bucket):
    key = f'arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555'
    failed(export(wire, table, bucket, S3SseAlgorithm='KMS', S3SseKmsKeyId=key), 'KmsNotFoundException',
           said(f"Key '{key}' does not exist", 400, 'KMS.NotFoundException'))


def test_a_replay_answers_the_export_that_failed(wire, s3, table, bucket):
    request = {'TableArn': table, 'S3Bucket': 'not-there-yet-' + bucket, 'ClientToken': 'once-' + bucket}
    first = wire.call('ExportTableToPointInTime', request)['ExportDescription']
    ended = finish_export(wire, first['ExportArn'])
    s3.create_bucket(Bucket='not-there-yet-' + bucket)
    again = wire.call('ExportTableToPointInTime', request)['ExportDescription']
    assert again == ended, 'the same export, though it would work now'
    with pytest.raises(Failed) as conflict:
        wire.call('ExportTableToPointInTime', {**request, 'S3Prefix': 'x'})
    assert (conflict.value.code, conflict.value.message) == (
        'ExportConflictException', 'Export conflict: Duplicate request detected with conflicting parameters')
    del request['ClientToken']
    anew = wire.call('ExportTableToPointInTime', request)['ExportDescription']
    assert anew['ExportArn'] != first['ExportArn']
    assert finish_export(wire, anew['ExportArn'])['ExportStatus'] == 'COMPLETED'


@pytest.mark.parametrize('arn, code, message', [
    ('orders', 'ValidationException', 'One or more parameter values were invalid: tableArn is not a valid ARN'),
    ('{table}/index/i', 'ValidationException', 'Invalid Request: Table ARN is invalid.'),
    ('arn:aws:dynamodb:us-east-1:111111111111:table/x', 'AccessDeniedException', 'Access is denied'),
    ('arn:aws:dynamodb:us-east-1:000000000000:table/not-there', 'TableNotFoundException', 'Table not found: {arn}'),
    ('arn:aws:dynamodb:eu-west-3:000000000000:table/not-there', 'TableNotFoundException', 'Table not found: {arn}'),
])
def test_refused_before_the_bucket_is_looked_at(wire, table, arn, code, message):
    arn = arn.format(table=table)
    with pytest.raises(Failed) as refused:
        wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'no-such-bucket-at-all'})
    assert (refused.value.code, refused.value.message) == (code, message.format(arn=arn))


@pytest.fixture
def timed():
    """A server whose exports take five minutes: the data is written at once, the manifests at the end."""
    with running(args=['--export-duration', 'PT5M']) as server:
        yield server


def test_a_bucket_deleted_in_the_middle(timed):
    wire, s3 = timed.wire(), timed.client('s3')
    arn = create_table(wire, 'table', pitr=True)
    wire.call('PutItem', {'TableName': 'table', 'Item': {'pk': {'S': 'a'}}})
    s3.create_bucket(Bucket='lake')
    begun = wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})['ExportDescription']['ExportArn']
    until(lambda: any('/data/' in key for key in keys(s3, 'lake')), 'the data')
    until(lambda: s3.list_multipart_uploads(Bucket='lake').get('Uploads', []) == [], 'the end of the uploads')
    for key in keys(s3, 'lake'):
        s3.delete_object(Bucket='lake', Key=key)

    def is_gone():
        for key in keys(s3, 'lake'):
            s3.delete_object(Bucket='lake', Key=key)
        try:
            s3.delete_bucket(Bucket='lake')
        except s3.exceptions.ClientError as full:
            assert full.response['Error']['Code'] == 'BucketNotEmpty'
            return False
        return True
    until(is_gone, 'the bucket to be gone')
    Clock(timed.endpoint).change(advance='PT5M')
    failed(finish_export(wire, begun), 'S3NoSuchBucket', said('The specified bucket does not exist', 404, 'NoSuchBucket'))
    wire.close()


def test_a_table_deleted_in_the_middle(timed):
    wire, s3 = timed.wire(), timed.client('s3')
    arn = create_table(wire, 'table', pitr=True)
    wire.call('PutItem', {'TableName': 'table', 'Item': {'pk': {'S': 'a'}}})
    s3.create_bucket(Bucket='lake')
    request = {'TableArn': arn, 'S3Bucket': 'lake', 'ClientToken': 'token'}
    begun = wire.call('ExportTableToPointInTime', request)['ExportDescription']['ExportArn']
    wire.call('DeleteTable', {'TableName': 'table'})
    # The table is looked for before the token.
    with pytest.raises(Failed) as gone:
        until(lambda: wire.call('ExportTableToPointInTime', request) is None, 'the table to be gone')
    assert gone.value.code == 'TableNotFoundException'
    assert wire.call('ListExports', {'TableArn': arn})['ExportSummaries'] == []
    assert [entry['ExportArn'] for entry in wire.call('ListExports', {})['ExportSummaries']] == [begun]
    # One of the same name is another table.
    create_table(wire, 'table', pitr=True)
    assert wire.call('ListExports', {'TableArn': arn})['ExportSummaries'] == []
    Clock(timed.endpoint).change(advance='PT5M')
    ended = finish_export(wire, begun)
    assert (ended['ExportStatus'], ended['ItemCount']) == ('COMPLETED', 1)
    wire.close()


def test_three_hundred_at_a_time(timed):
    wire = timed.wire()
    arn = create_table(wire, 'table', pitr=True)
    timed.client('s3').create_bucket(Bucket='lake')
    begun = 0
    with pytest.raises(Failed) as refused:
        # Two that run may not wait yet.
        for _ in range(303):
            wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})
            begun += 1
    assert refused.value.code == 'LimitExceededException'
    assert refused.value.message == 'Subscriber limit exceeded: There is a limit of 300 concurrent export tasks'
    assert 300 <= begun <= 302
    Clock(timed.endpoint).change(advance='PT5M')
    until(lambda: all(entry['ExportStatus'] == 'COMPLETED' for entry in wire.call('ListExports', {'MaxResults': 25})['ExportSummaries']), 'ends')
    assert wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})
    wire.close()


def test_lists_forget_after_ninety_days(timed):
    wire = timed.wire()
    arn = create_table(wire, 'table', pitr=True)
    ended = export(wire, arn, 'no-such-bucket')
    clock = Clock(timed.endpoint)
    assert [entry['ExportStatus'] for entry in wire.call('ListExports', {})['ExportSummaries']] == ['FAILED']
    clock.change(advance='P89D')
    assert [entry['ExportArn'] for entry in wire.call('ListExports', {})['ExportSummaries']] == [ended['ExportArn']]
    clock.change(advance='P2D')
    assert wire.call('ListExports', {})['ExportSummaries'] == []
    with pytest.raises(Failed) as forgotten:
        wire.call('DescribeExport', {'ExportArn': ended['ExportArn']})
    assert forgotten.value.code == 'ExportNotFoundException'
    wire.close()
