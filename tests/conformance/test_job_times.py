"""Jobs that take the time of the service, and jobs that are told to fail."""
import datetime
import gzip
import json
import re
import urllib.error
import urllib.request

import pytest

from support.clock import Clock
from support.server import Failed, create_table, running, scan, until, wait_active
from support.transfers import export, finish_export, keys, read_export

TIMES = ('--export-duration', 'PT5M', '--import-duration', 'PT3M', '--restore-duration', 'PT4M')
TIMEOUT = 60


def put(wire, table, count):
    for number in range(count):
        wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': str(number)}}})


def start_export(client, arn, **more):
    return client.export_table_to_point_in_time(TableArn=arn, S3Bucket='lake', **more)['ExportDescription']['ExportArn']


def describe(client, arn):
    return client.describe_export(ExportArn=arn)['ExportDescription']


def start_import(client, name, prefix):
    return client.import_table(
        S3BucketSource={'S3Bucket': 'lake', 'S3KeyPrefix': prefix}, InputFormat='DYNAMODB_JSON', InputCompressionType='GZIP',
        TableCreationParameters={
            'TableName': name, 'BillingMode': 'PAY_PER_REQUEST',
            'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}],
            'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}]})['ImportTableDescription']['ImportArn']


def tell_next(server, body):
    request = urllib.request.Request(f'{server.endpoint}/_tidemark/jobs/next', json.dumps(body).encode(),
                                     {'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)['error']


def phase_of(server, arn):
    with urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs/{arn.rpartition("/")[2]}', timeout=TIMEOUT) as answer:
        return json.load(answer)['phase']


@pytest.fixture
def timed():
    with running(args=TIMES) as server:
        server.client('s3', endpoint=server.s3_endpoint).create_bucket(Bucket='lake')
        yield server


def test_a_poller_sees_an_export_in_progress_until_the_clock_is_turned(timed):
    wire, client, clock = timed.wire(), timed.client('dynamodb'), Clock(timed.endpoint)
    s3 = timed.client('s3', endpoint=timed.s3_endpoint)
    clock.change(freeze=True)
    arn = create_table(wire, 'Orders', pitr=True)
    put(wire, 'Orders', 10)
    # More than run at a time: those that wait for their time do not hold up the others.
    jobs = [start_export(client, arn, S3Prefix=str(number)) for number in range(4)]
    for job in jobs:
        until(lambda: phase_of(timed, job) == 'waiting for its time', 'the data of the export')
        description = describe(client, job)
        assert description['ExportStatus'] == 'IN_PROGRESS'
        assert {'EndTime', 'ExportManifest', 'ItemCount'}.isdisjoint(description)
    written = keys(s3, 'lake', '0/')
    assert any(key.endswith('_started') for key in written) and not any('manifest' in key for key in written)
    put(wire, 'Orders', 20)
    clock.change(advance='PT4M59S')
    assert [describe(client, job)['ExportStatus'] for job in jobs] == ['IN_PROGRESS'] * 4
    clock.change(advance='PT1S')
    for job in jobs:
        ended = describe(client, job)
        assert ended['ExportStatus'] == 'COMPLETED'
        assert ended['EndTime'] - ended['StartTime'] == datetime.timedelta(minutes=5)
        assert len(read_export(s3, ended)) == 10


def test_failures_are_told_at_once(timed):
    wire = timed.wire()
    arn = create_table(wire, 'Orders', pitr=True)
    assert export(wire, arn, 'no-such-bucket')['FailureCode'] == 'S3NoSuchBucket'


def test_the_table_of_an_import_is_creating_until_the_clock_is_turned(timed):
    wire, client, clock = timed.wire(), timed.client('dynamodb'), Clock(timed.endpoint)
    arn = create_table(wire, 'Orders', pitr=True)
    put(wire, 'Orders', 10)
    job = start_export(client, arn)
    clock.change(advance='PT5M')
    clock.change(freeze=True)
    folder = describe(client, job)['ExportManifest'].removesuffix('manifest-summary.json')
    job = start_import(client, 'Copy', folder + 'data/')
    until(lambda: phase_of(timed, job) == 'waiting for its time', 'the items of the import')
    clock.change(advance='PT2M59S')
    assert client.describe_import(ImportArn=job)['ImportTableDescription']['ImportStatus'] == 'IN_PROGRESS'
    assert client.describe_table(TableName='Copy')['Table']['TableStatus'] == 'CREATING'
    copy = arn.replace('Orders', 'Copy')
    for operation, more in (('TagResource', {'Tags': [{'Key': 'a', 'Value': 'b'}]}), ('UntagResource', {'TagKeys': ['a']})):
        with pytest.raises(Failed) as error:
            wire.call(operation, {'ResourceArn': copy, **more})
        assert error.value.code == 'ResourceNotFoundException'
    clock.change(advance='PT1S')
    ended = client.describe_import(ImportArn=job)['ImportTableDescription']
    assert (ended['ImportStatus'], ended['ImportedItemCount']) == ('COMPLETED', 10)
    assert ended['EndTime'] - ended['StartTime'] == datetime.timedelta(minutes=3)
    assert len(scan(wire, 'Copy')) == 10


def start_restore(client, source, target):
    return client.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target,
                                                 UseLatestRestorableTime=True)['TableDescription']


def restore_jobs(server):
    with urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs?kind=restore', timeout=TIMEOUT) as answer:
        return json.load(answer)['jobs']


def waits(server, target):
    """The id of the restore of `target` that has done everything but end."""
    (job,) = [job for job in restore_jobs(server) if job['table'] == target]
    until(lambda: phase_of(server, job['id']) == 'waiting for its time', 'the items of the restore')
    return job['id']


def status_of(client, table):
    return client.describe_table(TableName=table)['Table']['TableStatus']


def test_the_table_of_a_restore_is_creating_until_the_clock_is_turned(timed):
    wire, client, clock = timed.wire(), timed.client('dynamodb'), Clock(timed.endpoint)
    clock.change(freeze=True)
    create_table(wire, 'Orders', pitr=True)
    put(wire, 'Orders', 10)
    for target in ('One', 'Two', 'Three'):
        assert start_restore(client, 'Orders', target)['RestoreSummary']['RestoreInProgress'] is True
    for target in ('One', 'Two', 'Three'):
        waits(timed, target)
    # The source may go meanwhile.
    client.delete_table(TableName='Orders')
    clock.change(advance='PT3M59S')
    for target in ('One', 'Two', 'Three'):
        described = client.describe_table(TableName=target)['Table']
        assert described['TableStatus'] == 'CREATING' and described['RestoreSummary']['RestoreInProgress'] is True
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.scan(TableName=target)
    clock.change(advance='PT1S')
    for target in ('One', 'Two', 'Three'):
        assert status_of(client, target) == 'ACTIVE'
        assert len(scan(wire, target)) == 10
    for job in restore_jobs(timed):
        assert job['status'] == 'COMPLETED' and phase_of(timed, job['id']) == 'done'
        start, end = (datetime.datetime.fromisoformat(job[name].replace('Z', '+00:00')) for name in ('started', 'ended'))
        assert end - start == datetime.timedelta(minutes=4)


def test_a_restore_that_waits_for_its_time_leaves_nothing_when_it_is_cancelled(timed):
    wire, client, clock = timed.wire(), timed.client('dynamodb'), Clock(timed.endpoint)
    clock.change(freeze=True)
    create_table(wire, 'Orders', pitr=True)
    put(wire, 'Orders', 10)
    start_restore(client, 'Orders', 'Copy')
    request = urllib.request.Request(f'{timed.endpoint}/_tidemark/jobs/{waits(timed, "Copy")}', method='DELETE')
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        assert answer.status == 202
    until(lambda: 'Copy' not in client.list_tables()['TableNames'], 'the table to be gone')
    assert restore_jobs(timed)[0]['status'] == 'CANCELLED'


def test_a_branch_takes_no_time_of_the_service(timed):
    wire, clock = timed.wire(), Clock(timed.endpoint)
    clock.change(freeze=True)
    create_table(wire, 'Orders', pitr=True)
    put(wire, 'Orders', 10)
    request = urllib.request.Request(f'{timed.endpoint}/_tidemark/tables/Orders/branch', b'{"target":"Fix"}',
                                     {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        assert answer.status == 202
    wait_active(wire, 'Fix')
    assert len(scan(wire, 'Fix')) == 10


def test_an_import_that_is_cancelled_while_it_waits_has_imported_nothing(timed):
    client, s3 = timed.client('dynamodb'), timed.client('s3', endpoint=timed.s3_endpoint)
    s3.put_object(Bucket='lake', Key='in/a', Body=gzip.compress(b'{"Item":{"pk":{"S":"a"}}}'))
    job = start_import(client, 'Copy', 'in/')
    until(lambda: phase_of(timed, job) == 'waiting for its time', 'the items of the import')
    urllib.request.urlopen(urllib.request.Request(
        f'{timed.endpoint}/_tidemark/jobs/{job.rpartition("/")[2]}', method='DELETE'), timeout=TIMEOUT).close()

    def ended():
        description = client.describe_import(ImportArn=job)['ImportTableDescription']
        return description if description['ImportStatus'] == 'CANCELLED' else None
    description = until(ended, 'the end')
    assert [description[name] for name in ('ImportedItemCount', 'ProcessedItemCount', 'ErrorCount')] == [0, 0, 0]
    assert 'ProcessedSizeBytes' not in description
    assert client.list_tables()['TableNames'] == []


@pytest.mark.parametrize('how', ['kill', 'terminate'])
def test_jobs_wait_for_their_time_over_a_restart(tmp_path, how):
    with running(tmp_path, args=TIMES) as server:
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        s3.create_bucket(Bucket='lake')
        wire, client, clock = server.wire(), server.client('dynamodb'), Clock(server.endpoint)
        arn = create_table(wire, 'Orders', pitr=True)
        put(wire, 'Orders', 10)
        first = start_export(client, arn, S3Prefix='first')
        clock.change(advance='PT5M')
        prefix = describe(client, first)['ExportManifest'].removesuffix('manifest-summary.json') + 'data/'
        exported, imported = start_export(client, arn), start_import(client, 'Copy', prefix)
        start_restore(client, 'Orders', 'Back')
        for job in (exported, imported):
            until(lambda: phase_of(server, job) == 'waiting for its time', 'the data')
        waits(server, 'Back')
        getattr(server, how)()
        server.start()
        wire, client, clock = server.wire(), server.client('dynamodb'), Clock(server.endpoint)
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        assert describe(client, exported)['ExportStatus'] == 'IN_PROGRESS'
        assert (status_of(client, 'Copy'), status_of(client, 'Back')) == ('CREATING', 'CREATING')
        clock.change(advance='PT5M')
        assert len(read_export(s3, describe(client, exported))) == 10
        assert client.describe_import(ImportArn=imported)['ImportTableDescription']['ImportStatus'] == 'COMPLETED'
        assert len(scan(wire, 'Copy')) == len(scan(wire, 'Back')) == 10


def test_a_job_that_waits_for_its_time_can_be_cancelled(timed):
    wire, client = timed.wire(), timed.client('dynamodb')
    arn = create_table(wire, 'Orders', pitr=True)
    job = start_export(client, arn)
    until(lambda: phase_of(timed, job) == 'waiting for its time', 'the data of the export')
    request = urllib.request.Request(f'{timed.endpoint}/_tidemark/jobs/{job.rpartition("/")[2]}', method='DELETE')
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        assert answer.status == 202
    assert finish_export(wire, job)['FailureCode'] == 'Cancelled'


def test_one_switch_takes_the_times_of_the_service():
    with running(args=('--realistic',)) as server:
        server.client('s3', endpoint=server.s3_endpoint).create_bucket(Bucket='lake')
        wire, client, clock = server.wire(), server.client('dynamodb'), Clock(server.endpoint)
        clock.change(freeze=True)
        client.create_table(TableName='Orders', BillingMode='PAY_PER_REQUEST',
                            KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                            AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])
        assert client.describe_table(TableName='Orders')['Table']['TableStatus'] == 'CREATING'
        clock.change(advance='PT1M')
        wait_active(wire, 'Orders')
        client.update_continuous_backups(TableName='Orders',
                                         PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        clock.change(advance='PT10M')
        window = client.describe_continuous_backups(TableName='Orders')['ContinuousBackupsDescription'][
            'PointInTimeRecoveryDescription']
        lag = clock.now() - window['LatestRestorableDateTime']
        assert datetime.timedelta(minutes=5) <= lag < datetime.timedelta(minutes=5, seconds=1)
        job = start_export(client, client.describe_table(TableName='Orders')['Table']['TableArn'])
        start_restore(client, 'Orders', 'Copy')
        clock.change(advance='PT3M59S')
        assert status_of(client, 'Copy') == 'CREATING'
        clock.change(advance='PT1S')
        assert status_of(client, 'Copy') == 'ACTIVE'
        assert describe(client, job)['ExportStatus'] == 'IN_PROGRESS'
        clock.change(advance='PT1M1S')
        assert describe(client, job)['ExportStatus'] == 'COMPLETED'


@pytest.fixture(scope='module')
def server():
    with running() as started:
        started.client('s3', endpoint=started.s3_endpoint).create_bucket(Bucket='lake')
        yield started


def test_an_export_fails_as_it_is_told(server):
    wire, s3 = server.wire(), server.client('s3', endpoint=server.s3_endpoint)
    arn = create_table(wire, 'Told', pitr=True)
    put(wire, 'Told', 50)
    told = {'kind': 'export', 'fail': 'S3AccessDenied', 'after_files': 2}
    assert tell_next(server, told) == (202, told)
    failed = export(wire, arn, 'lake', S3Prefix='told')
    assert (failed['ExportStatus'], failed['FailureCode']) == ('FAILED', 'S3AccessDenied')
    assert re.match(r'Access Denied \(Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: ',
                    failed['FailureMessage'])
    left = keys(s3, 'lake', 'told/')
    assert len([key for key in left if '/data/' in key]) == 2
    assert not any('manifest' in key for key in left)
    # It was good for one.
    assert export(wire, arn, 'lake', S3Prefix='told')['ExportStatus'] == 'COMPLETED'


def test_the_parts_of_an_export_that_failed_have_ended(server):
    wire, client = server.wire(), server.client('dynamodb')
    arn = create_table(wire, 'Ended', pitr=True)
    put(wire, 'Ended', 10)
    for files in (0, 2):
        tell_next(server, {'kind': 'export', 'fail': 'S3AccessDenied', 'after_files': files})
        job = start_export(client, arn)
        until(lambda: describe(client, job)['ExportStatus'] == 'FAILED', 'the failure')
        with urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs/{job.rpartition("/")[2]}', timeout=TIMEOUT) as answer:
            states = [part['state'] for part in json.load(answer)['parts']]
        assert 'STOPPED' in states and set(states) <= {'DONE', 'STOPPED', 'SKIPPED'}, states
        assert states.count('DONE') <= files


def test_more_files_than_there_are(server):
    wire, s3 = server.wire(), server.client('s3', endpoint=server.s3_endpoint)
    arn = create_table(wire, 'Few', pitr=True)
    tell_next(server, {'kind': 'export', 'fail': 'S3SlowDown', 'after_files': 1000})
    tell_next(server, {'kind': 'export', 'fail': 'SomethingElse'})
    assert export(wire, arn, 'lake', S3Prefix='few')['FailureCode'] == 'S3SlowDown'
    assert not any('manifest' in key for key in keys(s3, 'lake', 'few/'))
    second = export(wire, arn, 'lake', S3Prefix='few2')
    assert (second['FailureCode'], second['FailureMessage']) == ('SomethingElse', 'The job was told to fail.')
    assert [key for key in keys(s3, 'lake', 'few2/') if '/data/' in key] == []


def test_an_import_fails_as_it_is_told(server):
    wire, client = server.wire(), server.client('dynamodb')
    arn = create_table(wire, 'Source', pitr=True)
    put(wire, 'Source', 10)
    folder = export(wire, arn, 'lake', S3Prefix='source')['ExportManifest'].removesuffix('manifest-summary.json')
    tell_next(server, {'kind': 'import', 'fail': 'S3NoSuchBucket', 'after_files': 1})
    job = start_import(client, 'Target', folder + 'data/')

    def ended():
        description = client.describe_import(ImportArn=job)['ImportTableDescription']
        return description if description['ImportStatus'] != 'IN_PROGRESS' else None
    failed = until(ended, 'the import')
    assert (failed['ImportStatus'], failed['FailureCode']) == ('FAILED', 'S3NoSuchBucket')
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName='Target')


@pytest.mark.parametrize('body, why', [
    ({}, 'kind must be export or import.'),
    ({'kind': 'restore', 'fail': 'X'}, 'kind must be export or import.'),
    ({'kind': 'export'}, 'fail must be a failure code such as S3AccessDenied.'),
    ({'kind': 'export', 'fail': 'No such thing'}, 'fail must be a failure code such as S3AccessDenied.'),
    ({'kind': 'export', 'fail': 'X', 'after_files': -1}, 'after_files must be a number of files.'),
    ({'kind': 'export', 'fail': 'X', 'when': 'now'}, "There is no member 'when'; there are kind, fail and after_files."),
    ([], 'The body must be a JSON object with kind and fail.'),
])
def test_what_cannot_be_told(server, body, why):
    assert tell_next(server, body) == (400, why)
