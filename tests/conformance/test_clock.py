"""The service's time, and moving it: /_tidemark/clock and `tidemark clock`."""
import concurrent.futures
import datetime
import email.utils
import json
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from support.clock import Clock
from support.server import PROGRAM, Failed, Server, create_table, running, scan, set_pitr, table_request, until, wait_active
from support.transfers import export

DAY = datetime.timedelta(days=1)


@pytest.fixture
def server():
    with running() as started:
        yield started


@pytest.fixture
def clock(server):
    return Clock(server.endpoint)


def wall():
    return datetime.datetime.now(datetime.timezone.utc)


def test_time_is_the_machines_until_it_is_moved(server, clock):
    state = clock.state()
    assert abs(clock.now() - wall()) < datetime.timedelta(seconds=5)
    assert (state['offset'], state['frozen'], state['rate']) == ('PT0S', False, 1.0)
    assert Clock(server.s3_endpoint).state()['rate'] == 1.0, 'on the S3 port, too'


def test_what_the_service_dates_moves_and_what_clients_judge_does_not(server, clock):
    offset = clock.change(advance='P34D')['offset']
    # Time stands while what is due is done: on a busy machine for more than the tenth of a second that is shown.
    assert offset == 'P34D' or offset.startswith('P33DT23H59M59.'), offset
    dynamodb, s3 = server.client('dynamodb'), server.client('s3')
    created = dynamodb.create_table(
        TableName='moved', AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
        KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}], BillingMode='PAY_PER_REQUEST')
    assert abs(created['TableDescription']['CreationDateTime'] - wall() - 34 * DAY) < datetime.timedelta(minutes=1)

    s3.create_bucket(Bucket='moved')
    s3.put_object(Bucket='moved', Key='k', Body=b'bytes')
    assert abs(s3.head_object(Bucket='moved', Key='k')['LastModified'] - wall() - 34 * DAY) < datetime.timedelta(minutes=1)
    url = s3.generate_presigned_url('get_object', Params={'Bucket': 'moved', 'Key': 'k'}, ExpiresIn=60)
    answer = urllib.request.urlopen(url)
    assert answer.read() == b'bytes', 'a presigned URL of this minute is of this minute'
    date = email.utils.parsedate_to_datetime(answer.headers['Date'])
    assert abs(date - wall()) < datetime.timedelta(minutes=1), 'the Date header is the wall clock'


def test_the_recovery_window_moves(server, clock):
    wire = server.wire()
    create_table(wire, 'window')
    set_pitr(wire, 'window', True)

    def earliest():
        backups = wire.call('DescribeContinuousBackups', {'TableName': 'window'})['ContinuousBackupsDescription']
        return backups['PointInTimeRecoveryDescription']['EarliestRestorableDateTime']

    enabled = earliest()
    clock.change(advance='P20D')
    assert earliest() == enabled, 'the window has not reached its full length'
    clock.change(advance='P20D')
    moved = datetime.timedelta(seconds=earliest() - enabled)
    assert abs(moved - 5 * DAY) < datetime.timedelta(minutes=1), '40 days later, 35 days are kept'
    wire.close()


def test_what_is_due_has_happened_when_the_move_returns(server, clock):
    s3 = server.client('s3')
    s3.create_bucket(Bucket='due')
    s3.put_bucket_lifecycle_configuration(Bucket='due', LifecycleConfiguration={'Rules': [
        {'ID': 'three', 'Status': 'Enabled', 'Filter': {'Prefix': ''}, 'Expiration': {'Days': 3}}]})
    s3.put_object(Bucket='due', Key='k', Body=b'v')
    clock.change(advance='P2D')
    assert s3.list_objects_v2(Bucket='due')['KeyCount'] == 1
    clock.change(advance='P2D')
    assert s3.list_objects_v2(Bucket='due')['KeyCount'] == 0


def test_a_frozen_clock_stands_still_and_writes_go_on(server, clock):
    frozen = clock.change(freeze=True)
    assert frozen['frozen'] is True
    wire = server.wire()
    create_table(wire, 'frozen')
    for n in range(10):
        wire.call('PutItem', {'TableName': 'frozen', 'Item': {'pk': {'S': str(n)}}})
    assert clock.state()['now'] == frozen['now']
    assert clock.change(freeze=False)['frozen'] is False
    wire.close()


@pytest.mark.parametrize('writes', [True, False])
def test_time_goes_on_from_the_last_move_or_write_after_a_restart(tmp_path, writes):
    server = Server(tmp_path / 'data')
    try:
        Clock(server.endpoint).change(advance='P10D')
        if writes:
            wire = server.wire()
            create_table(wire, 'later')
            wire.close()
        server.kill()
        server.start()
        assert abs(Clock(server.endpoint).now() - wall() - 10 * DAY) < datetime.timedelta(minutes=1)
    finally:
        server.close()


def test_time_goes_on_after_a_restart_without_a_write(tmp_path):
    """A fast clock, and objects that were put while no table was written to."""
    server = Server(tmp_path / 'data')
    try:
        clock = Clock(server.endpoint)
        clock.change(rate=1_000_000)
        until(lambda: clock.now() - wall() > 10 * DAY, 'ten days')
        clock.change(rate=1)
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        s3.create_bucket(Bucket='kept')
        s3.put_object(Bucket='kept', Key='last', Body=b'x')
        server.terminate()
        server.start()
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        put = s3.head_object(Bucket='kept', Key='last')['LastModified']
        assert put - wall() > 9 * DAY
        assert Clock(server.endpoint).now() >= put
    finally:
        server.close()


@pytest.fixture
def silent():
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(('127.0.0.1', 0), backlog=100) as listening:
        yield listening.getsockname()[1]


def test_moves_that_wait_for_a_job_hold_up_nothing_else(tmp_path, silent):
    """The end of a job comes no sooner than its bucket lets it; more moves wait than there are threads."""
    keys = tmp_path / 'keys'
    keys.write_text('[default]\naws_access_key_id = a\naws_secret_access_key = b\n')
    with running(args=['--s3-endpoint', f'http://127.0.0.1:{silent}', '--s3-endpoint-credentials', str(keys),
                       '--s3-endpoint-patience', 'PT10M', '--export-duration', 'PT1M']) as server:
        wire = server.wire()
        create_table(wire, 'moved', pitr=True)
        create_table(wire, 'other')
        arn = wire.call('DescribeTable', {'TableName': 'moved'})['Table']['TableArn']
        wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            first = pool.submit(Clock(server.endpoint).change, advance='PT2M')
            clock = Clock(server.endpoint)
            until(lambda: clock.now() - wall() > datetime.timedelta(seconds=55), 'the end of the job')
            others = [pool.submit(Clock(server.endpoint).change, advance='PT1S') for _ in range(39)]
            batch = {'RequestItems': {'other': [{'PutRequest': {'Item': {'pk': {'S': 'a'}, 'v': {'S': 'x' * 300_000}}}}]}}
            for _ in range(200):
                assert wire.call('BatchWriteItem', batch)['UnprocessedItems'] == {}
            assert wire.call('Scan', {'TableName': 'other'})['Count'] == 1
            log = server.data_dir / 'dynamodb' / 'wal'
            until(lambda: sum(path.stat().st_size for path in log.iterdir()) < 40_000_000, 'a checkpoint', 60)
            assert not first.done() and not any(other.done() for other in others)
            job, = json.load(urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs'))['jobs']
            urllib.request.urlopen(urllib.request.Request(f'{server.endpoint}/_tidemark/jobs/{job["id"]}', method='DELETE'))
            assert first.result()['offset'].startswith('PT2M')
            offset = max(clock.now() - wall() for _ in [other.result() for other in others])
        assert abs(offset - datetime.timedelta(seconds=159)) < datetime.timedelta(seconds=5)
        wire.close()


def lived_through(server):
    """A server with something of everything that ages, at a moment that is the same for all servers."""
    clock, wire = Clock(server.endpoint), server.wire()
    dynamodb, s3 = server.client('dynamodb'), server.client('s3')
    clock.change(freeze=True, set='2035-01-01T00:00:00Z')
    s3.create_bucket(Bucket='lake')
    s3.put_bucket_lifecycle_configuration(Bucket='lake', LifecycleConfiguration={'Rules': [
        {'ID': f'after {days}', 'Status': 'Enabled', 'Filter': {'Prefix': f'{days}/'}, 'Expiration': {'Days': days}}
        for days in (3, 50)]})
    for days in (3, 50):
        s3.put_object(Bucket='lake', Key=f'{days}/k', Body=b'v')
    wire.call('CreateTable', table_request('Orders', StreamSpecification={
        'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}))
    wait_active(wire, 'Orders')
    wire.call('UpdateTimeToLive', {'TableName': 'Orders',
                                   'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 'end'}})
    set_pitr(wire, 'Orders', True)
    begin = int(clock.now().timestamp())
    for number in range(10):
        # Some expire on the way, one only after it, one never.
        end = {} if number == 9 else {'end': {'N': str(begin + number * 6 * 86_400)}}
        wire.call('PutItem', {'TableName': 'Orders', 'Item': {'pk': {'S': str(number)}, **end}})
    create_table(wire, 'Gone', pitr=True)
    wire.call('PutItem', {'TableName': 'Gone', 'Item': {'pk': {'S': 'a'}}})
    wire.call('DeleteTable', {'TableName': 'Gone'})
    dynamodb.create_backup(TableName='Orders', BackupName='kept')
    arn = wire.call('DescribeTable', {'TableName': 'Orders'})['Table']['TableArn']
    export(wire, arn, 'lake', ClientToken='once', S3Prefix='first')
    return clock, wire


def attempt(call):
    try:
        return call()
    except Failed as refused:
        return refused.code


def what_is_left(server, wire):
    """Everything that time takes away, without what is random."""
    s3 = server.client('s3')
    arn = wire.call('DescribeTable', {'TableName': 'Orders'})['Table']['TableArn']
    window = wire.call('DescribeContinuousBackups', {'TableName': 'Orders'})['ContinuousBackupsDescription'][
        'PointInTimeRecoveryDescription']
    backups = wire.call('ListBackups', {'BackupType': 'ALL'})['BackupSummaries']
    exports = wire.call('ListExports', {'TableArn': arn})['ExportSummaries']
    stream = wire.call('DescribeTable', {'TableName': 'Orders'})['Table']['LatestStreamArn']
    records = []
    for shard in wire.call('DescribeStream', {'StreamArn': stream}, 'DynamoDBStreams_20120810')['StreamDescription']['Shards']:
        iterator = wire.call('GetShardIterator', {'StreamArn': stream, 'ShardId': shard['ShardId'],
                                                  'ShardIteratorType': 'TRIM_HORIZON'}, 'DynamoDBStreams_20120810')
        page = wire.call('GetRecords', {'ShardIterator': iterator['ShardIterator']}, 'DynamoDBStreams_20120810')
        # A move over several times to live deletes what is due once, at its end: these records are as young as that.
        records += [(record['eventName'], record['dynamodb']['Keys']['pk']['S']) for record in page['Records']
                    if 'userIdentity' not in record]
    return {
        'items': sorted(item['pk']['S'] for item in scan(wire, 'Orders')),
        'window': (window['EarliestRestorableDateTime'], window['LatestRestorableDateTime']),
        'backups': [(backup['BackupName'], backup['BackupType'], backup['BackupStatus']) for backup in backups],
        'exports': [(one['ExportStatus'], one['ExportType']) for one in exports],
        'stream': sorted(records),
        'objects': sorted(entry['Key'] for entry in s3.list_objects_v2(Bucket='lake').get('Contents', [])
                          if not entry['Key'].startswith('first/')),
        'history': attempt(lambda: wire.call('RestoreTableToPointInTime', {
            'SourceTableName': 'Orders', 'TargetTableName': 'Back', 'RestoreDateTime': 2_051_222_400 + 86_400})),
    }


def test_forty_days_in_steps_are_forty_days_at_once():
    seen = []
    for steps in (['P1D'] * 40, ['P40D'], ['P13DT5H', 'PT1S', 'P26DT18H59M59S']):
        with running() as server:
            clock, wire = lived_through(server)
            for step in steps:
                clock.change(advance=step)
            after_forty = what_is_left(server, wire)
            for step in steps:
                clock.change(advance=step)
            after_eighty = what_is_left(server, wire)
            clock.change(advance='P11D')
            seen.append((after_forty, after_eighty, what_is_left(server, wire)))
            wire.close()
    assert seen[1:] == [seen[0]] * 2
    forty, eighty, ninety_one = seen[0]
    # Every six days one of them, the first at once.
    assert forty['items'] == ['7', '8', '9'] and eighty['items'] == ['9']
    assert forty['backups'] == eighty['backups'] == [('kept', 'USER', 'AVAILABLE')], 'that of the deletion has expired'
    assert forty['stream'] == [], 'what clients wrote 40 days ago is trimmed'
    assert forty['objects'] == ['50/k'] and eighty['objects'] == []
    assert forty['history'] == eighty['history'] == 'InvalidRestoreTimeException'
    assert len(forty['exports']) == len(eighty['exports']) == 1 and ninety_one['exports'] == []


def test_refusals(clock):
    code, sentence = clock.refusal(b'{"set":"2020-01-01T00:00:00Z"}')
    assert code == 400 and sentence.startswith('the clock cannot be set back')
    assert clock.refusal(b'{"advance":"P1M"}')[0] == 400
    assert clock.refusal(b'{}')[0] == 400
    assert clock.refusal(b'{"advance":"P1D"}', 'text/plain')[0] == 415, 'what a web page may send without asking'


def test_a_parameter_that_there_is_not_is_refused(server):
    """On every path, so that nothing that was asked for in vain looks as if it had been heard."""
    for method, path in (('GET', 'clock'), ('GET', 'clock/due'), ('POST', 'clock'), ('GET', 'status'), ('POST', 'reset'),
                         ('GET', 'jobs/none'), ('DELETE', 'jobs/none'), ('POST', 'tables/none/branch'),
                         ('POST', 'tables/none/rewind')):
        asked = urllib.request.Request(f'{server.endpoint}/_tidemark/{path}?account=123456789012', method=method,
                                       data=b'{}' if method == 'POST' else None, headers={'Content-Type': 'application/json'})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked)
        assert (refused.value.code, json.load(refused.value)['error']) == (
            400, "There is no parameter 'account'; this path takes none."), path
    # Those who watch may add some of their own, and a page reads its own.
    for path in ('health?t=1', 'metrics?format=text', 'console/bill?label=x'):
        assert urllib.request.urlopen(f'{server.endpoint}/_tidemark/{path}').status == 200


END = '9999-01-01T00:00:00'


def test_the_clock_ends_before_dates_do():
    """Behind it there must be room for what is computed ahead: boto3 reads no year of five digits."""
    with running() as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        create_table(wire, 'late', pitr=True)
        told = f'the clock ends at {END}Z: what is computed ahead of it needs dates that clients can read'
        for moment in ('9999-12-31T23:59:59Z', '9999-01-01T00:00:00.001Z'):
            assert clock.refusal(json.dumps({'set': moment}).encode()) == (400, told)
        clock.change(set='9998-12-31T23:59:00Z')
        assert clock.refusal(b'{"advance":"PT1H"}') == (400, told)
        clock.change(rate=1_000_000)  # the last minute takes no time
        until(lambda: clock.state()['now'].startswith(END), 'the end')
        assert clock.state()['now'].startswith(END)
        client = server.client('dynamodb')
        client.put_item(TableName='late', Item={'pk': {'S': 'a'}})
        described = client.describe_continuous_backups(TableName='late')['ContinuousBackupsDescription']
        assert described['PointInTimeRecoveryDescription']['LatestRestorableDateTime'].year == 9999
        backup = client.create_backup(TableName='late', BackupName='last')['BackupDetails']
        assert backup['BackupCreationDateTime'].year == 9999
        assert clock.state()['now'].startswith(END)


def test_the_command(server, clock):
    def run(*words):
        return subprocess.run([PROGRAM, 'clock', '--port', str(server.port), *words], capture_output=True, text=True)

    assert json.loads(run().stdout)['offset'] == 'PT0S'
    assert json.loads(run('advance', 'PT2H').stdout)['offset'] == 'PT2H'
    assert json.loads(run('freeze').stdout)['frozen'] is True
    assert json.loads(run('unfreeze').stdout)['frozen'] is False
    assert json.loads(run('rate', '60').stdout)['rate'] == 60.0
    refused = run('set', '2020-01-01')
    assert refused.returncode == 1 and 'cannot be set back' in refused.stderr
    assert run('rewind').returncode == 2


def test_what_is_due_next(server):
    wire = server.wire()
    create_table(wire, 'due')
    wire.call('UpdateTimeToLive', {'TableName': 'due', 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 'gone'}})
    gone = int(wall().timestamp()) + 3600

    def ttl():
        with urllib.request.urlopen(server.endpoint + '/_tidemark/clock/due') as answer:
            due = json.load(answer)['due']
        assert due == sorted(due, key=lambda task: task['time']) and len(due) <= 100
        return [task for task in due if task['task'] == 'time to live']
    until(lambda: not ttl(), 'the table to be looked through')
    wire.call('PutItem', {'TableName': 'due', 'Item': {'pk': {'S': 'a'}, 'gone': {'N': str(gone)}}})
    (task,) = ttl()
    assert task['has_work'] and task['every'] == 'PT1S'
    at = datetime.datetime.fromisoformat(task['time'].replace('Z', '+00:00')).timestamp()
    assert gone <= at <= gone + 2
