"""POST /_tidemark/reset: a server, or an account of it, as at its first start."""
import json
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from support.server import PROGRAM, Failed, create_table, running, scan, table_request, until


@pytest.fixture(scope='module')
def server():
    with running(args=['--pitr-lag', 'PT0S']) as started:
        yield started


def post(server, path='/_tidemark/reset', body=None, headers=None):
    """Status and document. A body is sent as JSON; without one nothing says of which type it is."""
    request = urllib.request.Request(server.endpoint + path, method='POST', headers=dict(headers or {}),
                                     data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header('Content-Type', 'application/json')
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def reset(server, **body):
    status, gone = post(server, body=body)
    assert (status, gone.pop('status')) == (200, 'ok')
    return gone


def get(server, path):
    with urllib.request.urlopen(server.endpoint + path) as answer:
        return json.load(answer)


def fill(server, account=None, name='Kept'):
    """A table of everything that keeps a past, and a bucket with an object of every kind."""
    wire = server.wire(account)
    dynamodb, s3 = server.client('dynamodb', account), server.client('s3', account)
    dynamodb.create_table(**table_request(name, index='state', StreamSpecification={
        'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}))
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={
        'PointInTimeRecoveryEnabled': True})
    for number in range(3):
        dynamodb.put_item(TableName=name, Item={'pk': {'S': str(number)}, 'state': {'S': 'new'}})
    dynamodb.create_backup(TableName=name, BackupName='by-hand')
    bucket = f'{name.lower()}-{account or "own"}'
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=bucket, Key='small', Body=b'1')
    s3.put_object(Bucket=bucket, Key='small', Body=b'2')
    s3.put_object(Bucket=bucket, Key='large', Body=bytes(100_000))
    s3.delete_object(Bucket=bucket, Key='small')
    s3.put_object(Bucket=bucket, Key='locked', Body=b'x', ObjectLockMode='COMPLIANCE',
                  ObjectLockRetainUntilDate='2040-01-01T00:00:00Z')
    upload = s3.create_multipart_upload(Bucket=bucket, Key='parts')['UploadId']
    s3.upload_part(Bucket=bucket, Key='parts', UploadId=upload, PartNumber=1, Body=bytes(50_000))
    return wire, bucket


def test_everything_goes(server):
    wire, bucket = fill(server)
    dynamodb, s3, streams = server.client('dynamodb'), server.client('s3'), server.client('dynamodbstreams')
    arn = dynamodb.describe_table(TableName='Kept')['Table']['TableArn']
    job = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket)['ExportDescription']['ExportArn']
    until(lambda: dynamodb.describe_export(ExportArn=job)['ExportDescription']['ExportStatus'] != 'IN_PROGRESS', 'the export')
    # A second one was deleted before, and left its last state behind.
    create_table(wire, 'Before', pitr=True)
    dynamodb.delete_table(TableName='Before')
    assert len(dynamodb.list_backups(BackupType='ALL')['BackupSummaries']) == 2

    gone = reset(server)
    assert gone == {'tables': 1, 'streams': 1, 'backups': 2, 'jobs': 1, 'buckets': 1}
    assert dynamodb.list_tables()['TableNames'] == []
    assert dynamodb.list_backups(BackupType='ALL')['BackupSummaries'] == []  # none of the SYSTEM either
    assert dynamodb.list_exports()['ExportSummaries'] == []
    assert streams.list_streams()['Streams'] == []
    assert s3.list_buckets()['Buckets'] == []
    assert get(server, '/_tidemark/jobs')['jobs'] == []
    # Nobody holds anything, and the space comes back by itself.
    until(lambda: get(server, '/_tidemark/tables')['gone'] == [], 'the space')

    # Nothing of it comes through in what is made anew under the same names.
    create_table(wire, 'Kept', index='state')
    assert scan(wire, 'Kept') == []
    s3.create_bucket(Bucket=bucket)
    assert 'Contents' not in s3.list_objects_v2(Bucket=bucket)
    assert 'Versions' not in s3.list_object_versions(Bucket=bucket)
    assert 'Uploads' not in s3.list_multipart_uploads(Bucket=bucket)
    assert s3.get_bucket_versioning(Bucket=bucket).get('Status') is None
    reset(server)


def test_one_account_goes(server):
    fill(server, '111111111111', 'Mine')
    _, kept = fill(server, '222222222222', 'Yours')
    assert reset(server, account='111111111111') == {'tables': 1, 'streams': 1, 'backups': 1, 'jobs': 0, 'buckets': 1}
    assert server.client('dynamodb', '111111111111').list_tables()['TableNames'] == []
    assert server.client('s3', '111111111111').list_buckets()['Buckets'] == []
    other = server.client('dynamodb', '222222222222')
    assert other.list_tables()['TableNames'] == ['Yours']
    assert len(other.list_backups(BackupType='ALL')['BackupSummaries']) == 1
    assert [b['Name'] for b in server.client('s3', '222222222222').list_buckets()['Buckets']] == [kept]
    # Named by the key: in open mode one of twelve digits is the account.
    assert reset(server, accessKey='222222222222')['tables'] == 1
    assert other.list_tables()['TableNames'] == []


def test_the_paths_of_others(server):
    wire = server.wire()
    for path in ('/_localstack/state/reset', '/moto-api/reset', '/_tidemark/reset'):
        create_table(wire, 'Other')
        status, gone = post(server, path)  # as `curl -X POST` sends it: no body, no type
        assert (status, gone['status'], gone['tables']) == (200, 'ok', 1)
        assert wire.call('ListTables', {})['TableNames'] == []
    # What is no reset is for S3: moto-api may well be a bucket.
    s3 = server.client('s3')
    s3.create_bucket(Bucket='moto-api')
    s3.put_object(Bucket='moto-api', Key='reset', Body=b'mine')
    assert s3.get_object(Bucket='moto-api', Key='reset')['Body'].read() == b'mine'
    assert reset(server)['buckets'] == 1


@pytest.mark.parametrize('path', ['/_tidemark/reset', '/_localstack/state/reset', '/moto-api/reset'])
def test_no_page_of_others_resets(server, path):
    create_table(server.wire(), 'Safe')
    status, refused = post(server, path, headers={'Origin': 'http://evil.example'})
    assert (status, 'may not use this server' in refused['error']) == (403, True)
    assert server.wire().call('ListTables', {})['TableNames'] == ['Safe']
    reset(server)


@pytest.mark.parametrize('body, sentence', [
    ({'account': 'alice'}, 'account must be twelve digits.'),
    ({'account': 7}, 'The body may have account or accessKey, a string, and nothing else.'),
    ({'acount': '111111111111'}, 'The body may have account or accessKey, a string, and nothing else.'),
    ({'account': '111111111111', 'accessKey': 'a'}, 'Only one account can be named.'),
    ([], 'The body must be a JSON object, or empty.'),
])
def test_what_is_refused(server, body, sentence):
    assert post(server, body=body) == (400, {'error': sentence})


def test_a_token_means_nothing_any_more(server):
    wire = server.wire()
    request = {'ClientRequestToken': 'once', 'TransactItems': [
        {'Put': {'TableName': 'Tokens', 'Item': {'pk': {'S': 'a'}}}}]}
    for _ in range(2):
        create_table(wire, 'Tokens')
        wire.call('TransactWriteItems', request)
        wire.call('TransactWriteItems', request)  # repeated: carried out once
        assert len(scan(wire, 'Tokens')) == 1
        reset(server)


def test_running_jobs_are_cancelled():
    with running(args=['--export-duration', 'PT1H', '--import-duration', 'PT1H', '--delay-transient-statuses']) as server:
        wire, s3, dynamodb = server.wire(), server.client('s3'), server.client('dynamodb')
        arn = wire.call('CreateTable', table_request('Source'))['TableDescription']['TableArn']
        until(lambda: dynamodb.describe_table(TableName='Source')['Table']['TableStatus'] == 'ACTIVE', 'the table')
        dynamodb.update_continuous_backups(TableName='Source', PointInTimeRecoverySpecification={
            'PointInTimeRecoveryEnabled': True})
        s3.create_bucket(Bucket='lake')
        s3.put_object(Bucket='lake', Key='in/a.json', Body=b'{"Item":{"pk":{"S":"a"}}}\n')
        dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket='lake')
        made = {'TableName': 'Target', 'BillingMode': 'PAY_PER_REQUEST',
                'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
                'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}
        dynamodb.import_table(S3BucketSource={'S3Bucket': 'lake', 'S3KeyPrefix': 'in/'}, InputFormat='DYNAMODB_JSON',
                              TableCreationParameters=made)
        assert len(get(server, '/_tidemark/jobs')['jobs']) == 2
        gone = reset(server)
        # The table of the import went with the import, that of the export with the reset.
        assert (gone['jobs'], gone['buckets'], 'jobsLeft' in gone) == (2, 1, False)
        assert get(server, '/_tidemark/jobs')['jobs'] == []
        assert wire.call('ListTables', {})['TableNames'] == []
        assert dynamodb.list_imports()['ImportSummaryList'] == []


def test_resets_beside_traffic():
    """Writers meet a table that is there or one that is not, and nothing else."""
    with running() as server:
        ended = threading.Event()
        odd = []

        def work(number):
            wire = server.wire()
            while not ended.is_set():
                for operation, request in (
                        ('CreateTable', table_request(f'Tbl{number % 2}', index='state')),
                        ('UpdateContinuousBackups', {'TableName': f'Tbl{number % 2}', 'PointInTimeRecoverySpecification': {
                            'PointInTimeRecoveryEnabled': True}}),
                        ('PutItem', {'TableName': f'Tbl{number % 2}', 'Item': {'pk': {'S': 'a'}, 'state': {'S': 'b'}}}),
                        ('TransactWriteItems', {'TransactItems': [
                            {'Put': {'TableName': f'Tbl{number % 2}', 'Item': {'pk': {'S': 'c'}, 'state': {'S': 'd'}}}}]}),
                        ('Query', {'TableName': f'Tbl{number % 2}', 'IndexName': 'by-state',
                                   'KeyConditionExpression': '#s = :b', 'ExpressionAttributeNames': {'#s': 'state'},
                                   'ExpressionAttributeValues': {':b': {'S': 'b'}}}),
                        ('DeleteTable', {'TableName': f'Tbl{number % 2}'})):
                    try:
                        wire.call(operation, request)
                    except Failed as failed:
                        if failed.code not in ('ResourceNotFoundException', 'ResourceInUseException', 'TableNotFoundException',
                                               'TransactionConflictException', 'TransactionCanceledException',
                                               'ContinuousBackupsUnavailableException'):
                            odd.append((operation, str(failed)))
            wire.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(100):
            reset(server)
        ended.set()
        for thread in threads:
            thread.join()
        assert odd == []
        reset(server)
        assert server.client('dynamodb').list_backups(BackupType='ALL')['BackupSummaries'] == []


def test_after_a_restart(tmp_path):
    with running(tmp_path / 'data') as server:
        fill(server)
        reset(server)
    with running(tmp_path / 'data') as server:
        assert server.client('dynamodb').list_tables()['TableNames'] == []
        assert server.client('dynamodb').list_backups(BackupType='ALL')['BackupSummaries'] == []
        assert server.client('s3').list_buckets()['Buckets'] == []
        assert server.client('dynamodbstreams').list_streams()['Streams'] == []
        until(lambda: get(server, '/_tidemark/tables')['gone'] == [], 'the space')


def test_the_command(server):
    create_table(server.wire(), 'Here')
    server.client('s3').create_bucket(Bucket='here')
    done = subprocess.run([PROGRAM, 'reset', '--port', str(server.port)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, 'gone: tables 1, streams 0, backups 0, jobs 0, buckets 1\n')
    done = subprocess.run([PROGRAM, 'reset', '--account', 'x', '--port', str(server.port)], capture_output=True, text=True,
                          timeout=60)
    assert (done.returncode, done.stderr) == (1, 'tidemark: account must be twelve digits.\n')


def test_strict_mode_lets_this_machine_alone(tmp_path):
    file = tmp_path / 'credentials'
    file.write_text('[a]\naws_access_key_id = AKIAA\naws_secret_access_key = s\naccount_id = 111111111111\n')
    with running(args=['--auth', 'strict', '--credentials', str(file)]) as server:
        for path in ('/_tidemark/reset', '/moto-api/reset'):
            status, refused = post(server, path, headers={'X-Forwarded-For': '10.0.0.7'})
            assert (status, refused['error']) == (
                403, "With --auth strict this is only for callers on the server's own machine.")
        assert post(server, body={'accessKey': 'AKIAA'})[0] == 200
        assert post(server, body={'accessKey': 'AKIAB'}) == (400, {'error': "That access key is nobody's."})
