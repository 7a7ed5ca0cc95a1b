"""The past, compared with a model: random writes, moments between them, exports of these moments."""
import copy
import json
import random
import threading
import time
import urllib.request

import pytest

from support.clock import Clock
from support.server import Failed, create_table, scan, set_pitr, table_request, until, wait_active
from support.transfers import export, read_export, run_import

SEED = 20260101


def moment():
    """A time after all writes that have been answered and before all that have not begun, in seconds, exact to
    the millisecond as export times are."""
    milliseconds = int(time.time() * 1000) + 1
    until(lambda: time.time() * 1000 > milliseconds + 1, 'the next millisecond')
    return milliseconds / 1000


class Model:
    """What one thread knows of the items that it alone writes."""

    def __init__(self, table, thread):
        self.items = {}
        self._table = table
        self._thread = thread
        self._random = random.Random(f'{SEED}-{thread}')

    def write(self, wire, count):
        for _ in range(count):
            choice = self._random
            # The threads share partitions but no items.
            key = {'pk': {'S': f'p{choice.randrange(5)}'}, 'sk': {'N': str(self._thread * 1000 + choice.randrange(12))}}
            name = (key['pk']['S'], key['sk']['N'])
            old = self.items.get(name)
            action = choice.choice(['put', 'put', 'update', 'update', 'delete', 'refused'])
            if action == 'put':
                item = {**key, 'v': {'S': 'x' * choice.randrange(200)}, 'n': {'N': str(choice.randrange(10**9))}}
                wire.call('PutItem', {'TableName': self._table, 'Item': item})
                self.items[name] = item
            elif action == 'update':
                value = {'N': str(choice.randrange(10**9))}
                wire.call('UpdateItem', {'TableName': self._table, 'Key': key, 'UpdateExpression': 'SET n = :n REMOVE v',
                                         'ExpressionAttributeValues': {':n': value}})
                self.items[name] = {**(old or key), 'n': value}
                self.items[name].pop('v', None)
            elif action == 'delete':
                wire.call('DeleteItem', {'TableName': self._table, 'Key': key})
                self.items.pop(name, None)
            else:
                with pytest.raises(Failed):
                    wire.call('DeleteItem', {'TableName': self._table, 'Key': key,
                                             'ConditionExpression': 'attribute_exists(nothing)'})


def write_in_parallel(server, models, count):
    failures = []

    def run(model):
        wire = server.wire()
        try:
            model.write(wire, count)
        except BaseException as failure:
            failures.append(failure)
        finally:
            wire.close()
    threads = [threading.Thread(target=run, args=[model]) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def by_key(items):
    found = {(item['pk']['S'], item['sk']['N']): item for item in items}
    assert len(found) == len(items), 'each item once'
    return found


def together(models):
    return {name: copy.deepcopy(item) for model in models for name, item in model.items.items()}


def test_every_moment_is_as_it_was(own_server):
    """In exports, restores and backups; also over a restart in order and one after kill -9."""
    wire = own_server.wire()
    own_server.client('s3').create_bucket(Bucket='past')
    arn = create_table(wire, 'model', sort_key='sk', pitr=True)
    models = [Model('model', thread) for thread in range(3)]
    moments = [(moment(), {})]
    backups = []
    for phase in range(8):
        write_in_parallel(own_server, models, 60)
        moments.append((moment(), together(models)))
        backups.append((wire.call('CreateBackup', {'TableName': 'model', 'BackupName': 'abc'})['BackupDetails'], moments[-1][1]))
        if phase in (2, 5):
            wire.close()
            if phase == 2:
                assert own_server.terminate() == 0
            else:
                own_server.kill()
            own_server.start()
            wire = own_server.wire()
    assert by_key(scan(wire, 'model')) == moments[-1][1]
    s3 = own_server.client('s3')
    for number, (time_then, expected) in enumerate(moments):
        description = export(wire, arn, 'past', ExportTime=time_then)
        assert description['ExportTime'] == time_then
        assert by_key(read_export(s3, description)) == expected, f'seed {SEED}, moment {number}'
        wire.call('RestoreTableToPointInTime', {
            'SourceTableName': 'model', 'TargetTableName': f'moment{number}', 'RestoreDateTime': time_then})
        wait_active(wire, f'moment{number}')
        assert by_key(scan(wire, f'moment{number}')) == expected, f'seed {SEED}, moment {number}'
    wire.call('DeleteTable', {'TableName': 'model'})
    for number, (backup, expected) in enumerate(backups):
        wire.call('RestoreTableFromBackup', {'BackupArn': backup['BackupArn'], 'TargetTableName': f'backup{number}'})
        wait_active(wire, f'backup{number}')
        assert by_key(scan(wire, f'backup{number}')) == expected, f'seed {SEED}, backup {number}'
    wire.close()
    assert own_server.terminate() == 0


def test_imported_items_have_a_past_from_when_recovery_is_on(shared, wire, s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key='in', Body=b''.join(
        b'{"Item":{"pk":{"S":"%d"}}}\n' % n for n in range(100)))
    imported = run_import(wire, table_request(name), name, 'in')
    set_pitr(wire, name, True)
    full = moment()
    for n in range(50):
        wire.call('DeleteItem', {'TableName': name, 'Key': {'pk': {'S': str(n)}}})
    half = moment()
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': '99'}, 'new': {'BOOL': True}}})
    for time_then, expected in [(full, {str(n) for n in range(100)}), (half, {str(n) for n in range(50, 100)})]:
        items = read_export(s3, export(wire, imported['TableArn'], name, ExportTime=time_then))
        assert {item['pk']['S'] for item in items} == expected
        assert all(len(item) == 1 for item in items)


def test_switching_recovery_off_forgets(wire, s3, name):
    s3.create_bucket(Bucket=name)
    arn = create_table(wire, name, pitr=True)
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'a'}}})
    before = moment()
    set_pitr(wire, name, False)
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'b'}}})
    between = moment()
    # The window begins at a whole second.
    until(lambda: time.time() > int(between) + 1, 'the next second')
    set_pitr(wire, name, True)
    for time_then in (before, between):
        with pytest.raises(Failed) as error:
            wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': name, 'ExportTime': time_then})
        assert error.value.code == 'InvalidExportTimeException'
    after = moment()
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'c'}}})
    items = read_export(s3, export(wire, arn, name, ExportTime=after))
    assert {item['pk']['S'] for item in items} == {'a', 'b'}


def test_a_table_created_again_has_its_own_past(wire, s3, name):
    s3.create_bucket(Bucket=name)
    arn = create_table(wire, name, pitr=True)
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'old'}}})
    then = moment()
    wire.call('DeleteTable', {'TableName': name})

    def gone():
        try:
            wire.call('DescribeTable', {'TableName': name})
        except Failed as failure:
            return failure.code == 'ResourceNotFoundException'
    until(gone, 'the table to be gone')
    until(lambda: time.time() > int(then) + 1, 'the next second')
    assert create_table(wire, name, pitr=True) == arn
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'new'}}})
    with pytest.raises(Failed) as error:
        wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': name, 'ExportTime': then})
    assert (error.value.code, error.value.message) == ('InvalidExportTimeException', 'Export Time is invalid')
    assert [item['pk']['S'] for item in read_export(s3, export(wire, arn, name))] == ['new']


def test_history_goes_from_disk_when_its_window_has_passed(own_server):
    """Its figures are those of docs/time-travel.md: `pytest -s -k history_goes`."""
    wire, clock = own_server.wire(), Clock(own_server.endpoint)
    create_table(wire, 'tab', pitr=True)
    items, rounds = 500, 48

    def write():
        for first in range(0, items, 25):
            wire.call('BatchWriteItem', {'RequestItems': {'tab': [
                {'PutRequest': {'Item': {'pk': {'S': str(n)}, 'noise': {'S': random.randbytes(500).hex()}}}}
                for n in range(first, first + 25)]}})

    def measured(what):
        listed, = json.load(urllib.request.urlopen(f'{own_server.endpoint}/_tidemark/tables?table=tab'))['tables']
        files = list((own_server.data_dir / 'dynamodb' / 'history').glob('*.sst'))
        size = sum(path.stat().st_size for path in files)
        print(f'history {what}: {size:,} bytes in {len(files)} files; tidemark tables says {listed["history_bytes"]:,}')
        assert size == 0 if listed['history_bytes'] == 0 else listed['history_bytes'] <= size
        return size
    print()
    for number in range(rounds):
        # Twice in a second: to the second, the first of the two was never there.
        clock.change(advance='PT29M59S')
        write()
        write()
    clock.change(advance='PT1H')
    exact = measured('of a day, exact to the microsecond')
    assert exact > 0.9 * items * 500 * (2 * rounds - 1)  # noise, of which gzip leaves half
    clock.change(advance='P2D')
    thinned = measured('of the same day, thinned out to seconds')
    assert thinned < 0.6 * exact
    clock.change(advance='P32D')
    assert measured('on the last day of the window') == thinned
    clock.change(advance='P2D')
    assert measured('when the window has passed') == 0
    assert len(scan(wire, 'tab')) == items
    wire.close()
    assert own_server.terminate() == 0


def test_a_backup_keeps_no_more_than_one_value_a_day_once_the_window_has_passed(own_server):
    """Recovery keeps every second of five days; behind them only the backup's moment is of use."""
    wire, clock = own_server.wire(), Clock(own_server.endpoint)
    create_table(wire, 'tab', pitr=True)
    wire.call('UpdateContinuousBackups', {'TableName': 'tab', 'PointInTimeRecoverySpecification': {
        'PointInTimeRecoveryEnabled': True, 'RecoveryPeriodInDays': 5}})

    def write():
        wire.call('BatchWriteItem', {'RequestItems': {'tab': [
            {'PutRequest': {'Item': {'pk': {'S': str(n)}, 'noise': {'S': random.randbytes(500).hex()}}}} for n in range(25)]}})

    def history_bytes():
        listed, = json.load(urllib.request.urlopen(f'{own_server.endpoint}/_tidemark/tables?table=tab'))['tables']
        return listed['history_bytes']
    write()
    def contents(name):
        return {item['pk']['S']: item for item in scan(wire, name)}
    as_it_was = contents('tab')
    backup = wire.call('CreateBackup', {'TableName': 'tab', 'BackupName': 'kept'})['BackupDetails']['BackupArn']
    rounds = 40
    for _ in range(rounds):
        clock.change(advance='PT10M')
        write()
    clock.change(advance='P2D')
    thinned = history_bytes()
    assert thinned > 25 * 500 * (rounds - 2), 'every round has a second of its own'
    clock.change(advance='P6D')
    days = 2  # the rounds may have been on both sides of midnight; the last value of a day may stay, too
    until(lambda: history_bytes() < thinned * (2 * days + 1) / rounds, 'less history')
    wire.call('RestoreTableFromBackup', {'TargetTableName': 'back', 'BackupArn': backup})
    wait_active(wire, 'back')
    assert contents('back') == as_it_was
    wire.close()
