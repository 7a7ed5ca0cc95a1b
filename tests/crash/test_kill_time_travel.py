"""kill -9 in the middle of everything that goes back in time: each job goes on or is over, whole; no write that was
acknowledged is lost; nothing is left on disk that nobody needs."""
import json
import os
import random
import threading
import time
import urllib.error
import urllib.request

import pytest

from support.clock import Clock
from support.increments import by_key, read_changes
from support.server import create_table, scan, until, wait_active
from support.space import check_no_leftovers, holders, wait_for_holders
from support.transfers import finish_export, read_export

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', 20261129))
COUNT = 1_500
TEXT = os.urandom(1_000).hex()


class Life:
    """A server that is killed again and again, and a connection to each of its lives."""

    def __init__(self, server):
        self.server = server
        self.wire = server.wire()

    def end(self, seconds=0.0):
        deadline = time.monotonic() + seconds
        until(lambda: time.monotonic() >= deadline, 'the moment of the kill')
        self.server.kill()
        self.wire.close()
        self.server.start()
        self.wire = self.server.wire()

    @property
    def s3(self):
        return self.server.client('s3', endpoint=self.server.s3_endpoint)

    @property
    def clock(self):
        return Clock(self.server.endpoint)

    def job(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f'{self.server.endpoint}/_tidemark/{path}', data,
                                         {'Content-Type': 'application/json'})
        return json.load(urllib.request.urlopen(request))

    def ended(self, job):
        def is_over():
            found = self.job(f'jobs/{job["id"]}')
            return found if found['status'] not in ('IN_PROGRESS', 'CANCELLING') else None
        return until(is_over, 'the job')


@pytest.fixture
def life(own_server):
    begun = Life(own_server)
    yield begun
    begun.wire.close()


def item(n, version):
    return {'pk': {'S': f'{n:06}'}, 'v': {'N': str(version)}, 'text': {'S': f'{version}{TEXT}'}}


def write(wire, table, version, numbers=range(COUNT)):
    numbers = list(numbers)
    for start in range(0, len(numbers), 25):
        wire.call('BatchWriteItem', {'RequestItems': {table: [
            {'PutRequest': {'Item': item(n, version)}} for n in numbers[start:start + 25]]}})


def versions(wire, table):
    return {entry['pk']['S']: entry['v']['N'] for entry in scan(wire, table, ProjectionExpression='pk, v')}


def second(clock):
    """A whole second between all writes before and all behind it."""
    clock.change(advance='PT2S')
    return int(clock.now().timestamp()) - 1


def test_kill_during_a_rewind(life):
    """It goes on to its end; what was written since stays; and it can be taken back in turn."""
    create_table(life.wire, 'tab', pitr=True)
    write(life.wire, 'tab', 0)
    states = [versions(life.wire, 'tab')]
    first = second(life.clock)
    for number in range(1, 6):
        write(life.wire, 'tab', number)
        last = second(life.clock)
        job = life.job('tables/tab/rewind', {'to': str(first)})
        life.wire.call('PutItem', {'TableName': 'tab', 'Item': item(0, 100 + number)})
        life.end(0.01 * number)
        done = life.ended(job)
        assert done['status'] == 'COMPLETED', done
        assert versions(life.wire, 'tab') == {**states[0], '000000': str(100 + number)}
        # The rewind is a part of the history as much as what it took back.
        undo = life.job('tables/tab/rewind', {'to': str(last)})
        assert life.ended(undo)['status'] == 'COMPLETED'
        assert versions(life.wire, 'tab') == {f'{n:06}': str(number) for n in range(COUNT)}
    wait_for_holders(life.server)
    check_no_leftovers(life.server)
    assert life.server.terminate() == 0


def test_kill_during_increments(life):
    """The export of a window goes on, with what was in the window and not what came later."""
    life.s3.create_bucket(Bucket='lake')
    arn = create_table(life.wire, 'tab', pitr=True)
    write(life.wire, 'tab', 0)
    for number in range(1, 6):
        begin = second(life.clock)
        life.clock.change(advance='PT20M')
        write(life.wire, 'tab', number, range(number, COUNT, 2))
        end = second(life.clock)
        started = life.wire.call('ExportTableToPointInTime', {
            'TableArn': arn, 'S3Bucket': 'lake', 'ExportType': 'INCREMENTAL_EXPORT',
            'IncrementalExportSpecification': {'ExportFromTime': begin, 'ExportToTime': end}})['ExportDescription']
        life.wire.call('DeleteItem', {'TableName': 'tab', 'Key': {'pk': {'S': f'{number:06}'}}})
        life.end(0.02 * (number - 1))
        ended = finish_export(life.wire, started['ExportArn'])
        changes = read_changes(life.s3, ended)
        assert {change['Keys']['pk']['S'] for change in changes} == {f'{n:06}' for n in range(number, COUNT, 2)}
        assert {change['NewImage']['v']['N'] for change in changes} == {str(number)}
        assert 'NewImage' in changes[0] and len(changes) == ended['ItemCount']
    wait_for_holders(life.server)
    check_no_leftovers(life.server, ['lake'])
    # No file of the data folder, which all increments share, belongs to none of them.
    named = set()
    for summary in life.wire.call('ListExports', {'TableArn': arn})['ExportSummaries']:
        description = life.wire.call('DescribeExport', {'ExportArn': summary['ExportArn']})['ExportDescription']
        manifest = json.loads(life.s3.get_object(Bucket='lake', Key=description['ExportManifest'])['Body'].read())
        lines = life.s3.get_object(Bucket='lake', Key=manifest['manifestFilesS3Key'])['Body'].read().splitlines()
        named |= {json.loads(line)['dataFileS3Key'] for line in lines}
    listed = life.s3.list_objects_v2(Bucket='lake', Prefix='AWSDynamoDB/data/')['Contents']
    assert {entry['Key'] for entry in listed} == named
    assert life.server.terminate() == 0


def test_kill_while_history_ages(life):
    """A month passes at once: sealing, thinning out, dropping. The kill comes in the middle of it."""
    create_table(life.wire, 'tab', pitr=True)
    create_table(life.wire, 'gone', pitr=True)
    write(life.wire, 'gone', 0, range(300))
    known = {}
    for number in range(8):
        write(life.wire, 'tab', number)
        write(life.wire, 'tab', 50 + number)  # which is gone when history is thinned out
        known[second(life.clock)] = versions(life.wire, 'tab')
        backup = life.wire.call('CreateBackup', {'TableName': 'tab', 'BackupName': 'kept'})['BackupDetails']
        if number < 7:
            life.wire.call('DeleteBackup', {'BackupArn': backup['BackupArn']})
        if number == 4:
            life.wire.call('DeleteTable', {'TableName': 'gone'})
        step = ['P1D', 'P9D', 'P30D'][number % 3]
        advancing = threading.Thread(target=move, args=(life.clock, step))
        advancing.start()
        life.end(0.02 * number)
        advancing.join()
        life.clock.change(advance=step)
        now = life.clock.now().timestamp()
        assert versions(life.wire, 'tab') == known[max(known)]
        for moment, expected in known.items():
            if moment < now - 34 * 86_400:
                continue
            assert as_of(life, 'tab', moment) == expected, f'{moment} of life {number}'
    life.clock.change(advance='P40D')
    wait_for_holders(life.server, ['backup'])
    check_no_leftovers(life.server)
    life.wire.call('RestoreTableFromBackup', {'BackupArn': backup['BackupArn'], 'TargetTableName': 'copy'})
    wait_active(life.wire, 'copy')
    assert versions(life.wire, 'copy') == known[max(known)]
    life.wire.call('DeleteBackup', {'BackupArn': backup['BackupArn']})
    life.clock.change(advance='PT10M')
    wait_for_holders(life.server)
    assert holders(life.server) == ([], [])
    assert list((life.server.data_dir / 'dynamodb' / 'history').glob('*.sst')) == []
    assert life.server.terminate() == 0


def move(clock, step):
    try:
        clock.change(advance=step)
    except (OSError, ValueError, urllib.error.URLError):
        pass  # the kill came first


def as_of(life, table, moment):
    with urllib.request.urlopen(f'{life.server.endpoint}/_tidemark/tables/{table}/as-of?time={moment}') as answer:
        return {entry['pk']['S']: entry['v']['N'] for entry in map(json.loads, answer)}


def test_kill_in_the_middle_of_everything(life):
    """Writers, restores, backups and their deletion, exports of both kinds, rewinds, all at once."""
    choice = random.Random(SEED)
    life.s3.create_bucket(Bucket='lake')
    arn = create_table(life.wire, 'tab', pitr=True)
    create_table(life.wire, 'back', pitr=True)
    write(life.wire, 'tab', 0)
    write(life.wire, 'back', 0, range(500))
    acknowledged = {f'{n:06}': '0' for n in range(COUNT)}
    backups = {}  # by ARN: the version that all items of `back` have in it
    for number in range(1, 7):
        context = f'TIDEMARK_TEST_SEED={SEED}, life {number}'
        begin = second(life.clock)
        life.clock.change(advance='PT20M')
        changed = choice.sample(range(COUNT), 300)
        write(life.wire, 'tab', number, changed)
        acknowledged.update({f'{n:06}': str(number) for n in changed})
        write(life.wire, 'back', number, range(500))
        moment = second(life.clock)
        expected = dict(acknowledged)

        jobs = {}
        restore = life.wire.call('RestoreTableToPointInTime', {
            'SourceTableName': 'tab', 'TargetTableName': f'copy{number}', 'RestoreDateTime': moment})
        assert restore['TableDescription']['TableStatus'] == 'CREATING'
        jobs['full'] = life.wire.call('ExportTableToPointInTime', {
            'TableArn': arn, 'S3Bucket': 'lake', 'ExportTime': moment})['ExportDescription']['ExportArn']
        jobs['increment'] = life.wire.call('ExportTableToPointInTime', {
            'TableArn': arn, 'S3Bucket': 'lake', 'ExportType': 'INCREMENTAL_EXPORT',
            'IncrementalExportSpecification': {
                'ExportFromTime': begin, 'ExportToTime': moment}})['ExportDescription']['ExportArn']
        made = life.wire.call('CreateBackup', {'TableName': 'back', 'BackupName': 'back'})['BackupDetails']
        backups[made['BackupArn']] = number
        rewind = life.job('tables/back/rewind', {'to': str(begin)})
        dropped = None
        if len(backups) > 2:
            dropped = choice.choice(sorted(backups))
            life.wire.call('DeleteBackup', {'BackupArn': dropped})
            del backups[dropped]
        for n in choice.sample(range(COUNT), 20):
            life.wire.call('PutItem', {'TableName': 'tab', 'Item': item(n, 1000 + number)})
            acknowledged[f'{n:06}'] = str(1000 + number)
        life.end(choice.random() * 0.15)

        assert versions(life.wire, 'tab') == acknowledged, context
        wait_active(life.wire, f'copy{number}')
        assert versions(life.wire, f'copy{number}') == expected, context
        full = read_export(life.s3, finish_export(life.wire, jobs['full']))
        assert {entry['pk']['S']: entry['v']['N'] for entry in full} == expected, context
        changes = read_changes(life.s3, finish_export(life.wire, jobs['increment']))
        assert len(by_key([change['Keys'] for change in changes])) == len(changes)
        assert {change['Keys']['pk']['S'] for change in changes} >= {f'{n:06}' for n in changed}, context
        assert all(change['NewImage']['v']['N'] == expected[change['Keys']['pk']['S']] for change in changes), context
        assert life.ended(rewind)['status'] == 'COMPLETED'
        assert set(versions(life.wire, 'back').values()) == {str(number - 1)}, context
        write(life.wire, 'back', number, range(500))
        listed = life.wire.call('ListBackups', {'TableName': 'back'})['BackupSummaries']
        assert {entry['BackupArn'] for entry in listed} == set(backups), context
        life.wire.call('DeleteTable', {'TableName': f'copy{number}'})
    for position, (backup, version) in enumerate(backups.items()):
        life.wire.call('RestoreTableFromBackup', {'BackupArn': backup, 'TargetTableName': f'kept{position}'})
        wait_active(life.wire, f'kept{position}')
        assert set(versions(life.wire, f'kept{position}').values()) == {str(version)}
    wait_for_holders(life.server, ['backup'])
    check_no_leftovers(life.server, ['lake'])
    life.wire.close()
    assert life.server.terminate() == 0
