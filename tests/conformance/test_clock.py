"""The service's time, and moving it: /_tidemark/clock and `tidemark clock`."""
import datetime
import email.utils
import json
import subprocess
import urllib.request

import pytest

from support.clock import Clock
from support.server import PROGRAM, Server, create_table, running, set_pitr

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
    assert clock.change(advance='P34D')['offset'] == 'P34D'
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


def test_refusals(clock):
    code, sentence = clock.refusal(b'{"set":"2020-01-01T00:00:00Z"}')
    assert code == 400 and sentence.startswith('the clock cannot be set back')
    assert clock.refusal(b'{"advance":"P1M"}')[0] == 400
    assert clock.refusal(b'{}')[0] == 400
    assert clock.refusal(b'{"advance":"P1D"}', 'text/plain')[0] == 415, 'what a web page may send without asking'


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
