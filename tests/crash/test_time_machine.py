"""The time machine of the real program against a naive model, over restarts, kills and clock jumps.

What tests/unit/timetravel/time_machine_test.cc does to the engine, many times over, this does through the API, with the
exports that consumers read. TIDEMARK_TEST_SEED repeats a run; it is printed when a test fails."""
import contextlib
import datetime
import http.client
import json
import os
import random
import threading
import urllib.parse
import urllib.request

import pytest

from support.clock import Clock
from support.increments import apply_changes, by_key, key_of, read_changes
from support.server import create_table, read_all, scan, set_pitr, until, wait_active
from support.space import check_no_leftovers, holders, wait_for_holders
from support.transfers import export, read_export

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
KEYS = ('pk', 'sk')
TABLES = ('left', 'right')
STEPS = 260
DAY = 86_400


@pytest.fixture(autouse=True)
def seed():
    print(f'TIDEMARK_TEST_SEED={SEED}')


class TimeMachine:
    def __init__(self, server):
        self.server = server
        self.choice = random.Random(SEED)
        self.wire = server.wire()
        server.client('s3', endpoint=server.s3_endpoint).create_bucket(Bucket='lake')
        self.items = {}    # by table: what is there now, by key
        self.moments = {}  # by table: (second, what was there), oldest first
        self.since = {}    # by table: when recovery was switched on
        self.backups = {}  # by ARN: what is in it
        self.arns = {}
        self.value = 0
        self.copies = 0
        for table in TABLES:
            self.create(table)

    # The tools.

    @property
    def clock(self):
        return Clock(self.server.endpoint)

    @property
    def s3(self):
        return self.server.client('s3', endpoint=self.server.s3_endpoint)

    def now(self):
        return self.clock.now().timestamp()

    def create(self, table):
        self.arns[table] = create_table(self.wire, table, sort_key='sk', index='color', pitr=True)
        self.items[table] = {}
        self.start_past(table)

    def start_past(self, table):
        self.moments[table] = []
        self.note(table)

    def note(self, *tables):
        """A whole second between all writes before and all behind it, of which the items are remembered."""
        self.clock.change(advance='PT2S')
        moment = int(self.now()) - 1
        for table in tables:
            self.moments[table].append((moment, dict(self.items[table])))

    def readable(self, table):
        return [moment for moment in self.moments[table] if moment[0] > self.now() - 34 * DAY]

    def any_moment(self, table):
        return self.choice.choice(self.readable(table) or [self.fresh(table)])

    def fresh(self, table):
        self.note(table)
        return self.moments[table][-1]

    # Writes.

    def any_key(self):
        return {'pk': {'S': self.choice.choice('abc')}, 'sk': {'N': str(self.choice.randrange(8))}}

    def any_item(self):
        self.value += 1
        item = {**self.any_key(), 'v': {'N': str(self.value)}, 'x': {'S': 'x' * self.choice.randrange(300)}}
        if self.choice.random() < 0.7:
            item['color'] = {'S': self.choice.choice(['red', 'green'])}
        return item

    def put(self, table):
        item = self.any_item()
        self.wire.call('PutItem', {'TableName': table, 'Item': item})
        self.items[table][key_of(item, KEYS)] = item

    def update(self, table):
        key = self.any_key()
        self.value += 1
        self.wire.call('UpdateItem', {'TableName': table, 'Key': key, 'UpdateExpression': 'SET u = :v REMOVE x',
                                      'ExpressionAttributeValues': {':v': {'N': str(self.value)}}})
        item = {**self.items[table].get(key_of(key, KEYS), key), 'u': {'N': str(self.value)}}
        item.pop('x', None)
        self.items[table][key_of(key, KEYS)] = item

    def delete(self, table):
        key = self.any_key()
        self.wire.call('DeleteItem', {'TableName': table, 'Key': key})
        self.items[table].pop(key_of(key, KEYS), None)

    def batch(self, table):
        items = by_key_last([self.any_item() for _ in range(8)])
        self.wire.call('BatchWriteItem', {'RequestItems': {table: [
            {'PutRequest': {'Item': item}} for item in items.values()]}})
        self.items[table].update(items)

    def transact(self, _):
        """The same item in both tables: no moment has one without the other."""
        self.value += 1
        item = {'pk': {'S': 'both'}, 'sk': {'N': '0'}, 'v': {'N': str(self.value)}}
        self.wire.call('TransactWriteItems', {'TransactItems': [{'Put': {'TableName': table, 'Item': item}} for table in TABLES]})
        for table in TABLES:
            self.items[table][key_of(item, KEYS)] = item

    # Time, settings, ends of the process, backups.

    def jump(self, _):
        self.clock.change(advance=self.choice.choice(['PT1M', 'PT20M', 'PT5H', 'PT30H', 'P3D']))
        self.note(*TABLES)

    def recovery(self, table):
        if self.choice.random() < 0.5:
            set_pitr(self.wire, table, False)
            self.put(table)
            set_pitr(self.wire, table, True)
            return self.start_past(table)
        days = self.choice.randrange(1, 36)
        self.wire.call('UpdateContinuousBackups', {'TableName': table, 'PointInTimeRecoverySpecification': {
            'PointInTimeRecoveryEnabled': True, 'RecoveryPeriodInDays': days}})
        self.moments[table] = [moment for moment in self.moments[table] if moment[0] > self.now() - days * DAY]
        self.wire.call('UpdateContinuousBackups', {'TableName': table, 'PointInTimeRecoverySpecification': {
            'PointInTimeRecoveryEnabled': True, 'RecoveryPeriodInDays': 35}})

    def index(self, table):
        indexes = self.wire.call('DescribeTable', {'TableName': table})['Table'].get('GlobalSecondaryIndexes')
        key = [{'AttributeName': 'color', 'KeyType': 'HASH'}]
        update = {'Delete': {'IndexName': 'by-color'}} if indexes else {
            'Create': {'IndexName': 'by-color', 'KeySchema': key, 'Projection': {'ProjectionType': 'ALL'}}}
        self.wire.call('UpdateTable', {
            'TableName': table, 'GlobalSecondaryIndexUpdates': [update],
            'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': kind}
                                     for name, kind in (('pk', 'S'), ('sk', 'N'), ('color', 'S'))[:2 if indexes else 3]]})

        def is_settled():
            found = self.wire.call('DescribeTable', {'TableName': table})['Table']
            return found['TableStatus'] == 'ACTIVE' and all(
                index['IndexStatus'] == 'ACTIVE' for index in found.get('GlobalSecondaryIndexes', []))
        until(is_settled, 'the index')

    def replace(self, table):
        """The deleted table is in its backup; one of its name begins anew."""
        before = set(self.listed())
        self.wire.call('DeleteTable', {'TableName': table})
        made, = set(self.listed()) - before
        self.backups[made] = dict(self.items[table])
        self.create(table)

    def restart(self, _):
        self.wire.close()
        assert self.server.terminate() == 0
        self.server.start()
        self.wire = self.server.wire()
        for table in TABLES:
            self.live(table)

    def kill(self, table):
        """While a write is on its way, and perhaps while time passes."""
        item = self.any_item()
        begun = [threading.Thread(target=put_until_killed, args=(self.server.wire(), table, item))]
        if self.choice.random() < 0.5:
            begun.append(threading.Thread(target=advance_until_killed, args=(self.clock, self.choice.choice(['PT2H', 'P2D']))))
        for thread in begun:
            thread.start()
        begun[0].join(self.choice.random() * 0.01)
        self.server.kill()
        for thread in begun:
            thread.join()
        self.wire.close()
        self.server.start()
        self.wire = self.server.wire()
        # It happened, or it did not.
        key = key_of(item, KEYS)
        found = self.wire.call('GetItem', {'TableName': table, 'Key': {name: item[name] for name in KEYS}}).get('Item')
        assert found in (item, self.items[table].get(key))
        if found == item:
            self.items[table][key] = item
        for name in TABLES:
            self.live(name)

    def back_up(self, table):
        made = self.wire.call('CreateBackup', {'TableName': table, 'BackupName': 'backup'})['BackupDetails']
        self.backups[made['BackupArn']] = dict(self.items[table])

    def forget_backup(self, _):
        for arn in self.listed('USER')[:1]:
            self.wire.call('DeleteBackup', {'BackupArn': arn})
            del self.backups[arn]

    def listed(self, kind='ALL'):
        return [entry['BackupArn'] for entry in self.wire.call('ListBackups', {'BackupType': kind})['BackupSummaries']]

    # Comparisons.

    def live(self, table):
        assert by_key(scan(self.wire, table), KEYS) == self.items[table]

    def look_back(self, table):
        """Scan, Query in both directions with pages, and GetItem, with the header."""
        moment, then = self.any_moment(table)
        wire = self.server.wire()
        wire.headers['X-Tidemark-As-Of'] = str(moment)
        assert by_key(scan(wire, table, Limit=self.choice.randrange(1, 30)), KEYS) == then
        pk = self.choice.choice('abc')
        forward = self.choice.random() < 0.5
        found = read_all(wire, 'Query', {
            'TableName': table, 'KeyConditionExpression': 'pk = :p', 'ExpressionAttributeValues': {':p': {'S': pk}},
            'ScanIndexForward': forward, 'Limit': self.choice.randrange(1, 9)})
        expected = sorted((item for item in then.values() if item['pk']['S'] == pk), key=lambda item: int(item['sk']['N']))
        assert found == (expected if forward else expected[::-1])
        for _ in range(3):
            key = self.any_key()
            assert wire.call('GetItem', {'TableName': table, 'Key': key}).get('Item') == then.get(key_of(key, KEYS))
        wire.close()

    def ask(self, table, resource, **parameters):
        url = f'{self.server.endpoint}/_tidemark/tables/{table}/{resource}?{urllib.parse.urlencode(parameters)}'
        with urllib.request.urlopen(url) as answer:
            return [json.loads(line) for line in answer]

    def diff(self, table):
        (begin, before), (end, after) = sorted([self.any_moment(table), self.any_moment(table)], key=lambda moment: moment[0])
        changes = self.ask(table, 'diff', **{'from': begin, 'to': end})
        found = {key_of(change['key'], KEYS): (change['old'], change['new']) for change in changes}
        assert len(found) == len(changes)
        for key in before.keys() | after.keys() | found.keys():
            # An item that was written, and is what it was, may be told.
            expected = before.get(key), after.get(key)
            assert found.get(key, (before.get(key), before.get(key))) == expected, key

    def history(self, table):
        """At each moment the item was what the last version before it says."""
        key = self.any_key()
        versions = self.ask(table, 'history', key=json.dumps(key))
        times = [version['time'] for version in versions]
        assert times == sorted(times)
        for moment, then in self.readable(table):
            at = [version for version in versions if seconds_of(version['time']) <= moment]
            assert (at[-1]['item'] if at else None) == then.get(key_of(key, KEYS)), (key, moment)

    def full(self, table):
        moment, then = self.any_moment(table)
        done = export(self.wire, self.arns[table], 'lake', ExportTime=moment)
        assert by_key(read_export(self.s3, done), KEYS) == then

    def increments(self, table):
        """On top of one full export, a chain of windows leads to another one."""
        moments = self.readable(table)
        start = self.choice.randrange(len(moments)) if moments else 0
        items, end = None, None
        for moment, then in moments[start:start + 6]:
            if items is None:
                items, end = dict(then), moment
                continue
            while moment > end:
                upto = min(moment, end + DAY)
                if upto - end < 900:
                    return
                view = self.choice.choice(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES'])
                done = export(self.wire, self.arns[table], 'lake', ExportType='INCREMENTAL_EXPORT',
                              IncrementalExportSpecification={'ExportFromTime': end, 'ExportToTime': upto,
                                                              'ExportViewType': view})
                records = read_changes(self.s3, done)
                if view == 'NEW_AND_OLD_IMAGES':
                    for record in records:
                        assert record.get('OldImage') == items.get(key_of(record['Keys'], KEYS))
                apply_changes(items, records, KEYS)
                end = upto
            assert items == then, f'from {moments[start][0]} to {moment}'

    def restore(self, table):
        moment, then = self.any_moment(table)
        self.copies += 1
        copy = f'copy{self.copies}'
        self.wire.call('RestoreTableToPointInTime', {
            'SourceTableName': table, 'TargetTableName': copy, 'RestoreDateTime': moment})
        self.take(copy, then)

    def restore_backup(self, _):
        listed = self.listed()
        if not listed:
            return
        arn = self.choice.choice(listed)
        self.copies += 1
        copy = f'copy{self.copies}'
        self.wire.call('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': copy})
        self.take(copy, self.backups[arn])

    def take(self, copy, expected):
        wait_active(self.wire, copy)
        assert by_key(scan(self.wire, copy), KEYS) == expected
        if self.wire.call('DescribeTable', {'TableName': copy})['Table'].get('GlobalSecondaryIndexes'):
            found = by_key(scan(self.wire, copy, IndexName='by-color'), KEYS)
            assert found == {key: item for key, item in expected.items() if 'color' in item}
        self.wire.call('DeleteTable', {'TableName': copy})

    def rewind(self, table):
        moment, then = self.any_moment(table)
        request = urllib.request.Request(f'{self.server.endpoint}/_tidemark/tables/{table}/rewind',
                                         json.dumps({'to': str(moment)}).encode(), {'Content-Type': 'application/json'})
        job = json.load(urllib.request.urlopen(request))

        def is_over():
            found = json.load(urllib.request.urlopen(f'{self.server.endpoint}/_tidemark/jobs/{job["id"]}'))
            return found if found['status'] not in ('IN_PROGRESS', 'CANCELLING') else None
        assert until(is_over, 'the rewind')['status'] == 'COMPLETED'
        self.items[table] = dict(then)
        self.live(table)


def by_key_last(items):
    return {key_of(item, KEYS): item for item in items}


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def put_until_killed(wire, table, item):
    with contextlib.suppress(OSError, http.client.HTTPException):
        wire.call('PutItem', {'TableName': table, 'Item': item})
    wire.close()


def advance_until_killed(clock, by):
    with contextlib.suppress(OSError, http.client.HTTPException):
        clock.change(advance=by)


ACTIONS = {
    'put': 30, 'update': 12, 'delete': 12, 'batch': 8, 'transact': 10, 'jump': 14, 'recovery': 1, 'index': 2, 'replace': 1,
    'restart': 1, 'kill': 3, 'back_up': 3, 'forget_backup': 1, 'live': 2, 'look_back': 12, 'diff': 6, 'history': 6,
    'full': 3, 'increments': 3, 'restore': 3, 'restore_backup': 2, 'rewind': 2,
}


def test_a_life_with_a_time_machine(own_server):
    machine = TimeMachine(own_server)
    done = []
    for _ in range(STEPS):
        action, = machine.choice.choices(list(ACTIONS), list(ACTIONS.values()))
        table = machine.choice.choice(TABLES)
        done.append((action, table))
        try:
            getattr(machine, action)(table)
        except BaseException:
            print(f'TIDEMARK_TEST_SEED={SEED}', 'step', len(done), 'the last steps:', done[-12:])
            raise
    for table in TABLES:
        for check in ('live', 'look_back', 'diff', 'history', 'full', 'increments', 'restore'):
            getattr(machine, check)(table)
        machine.wire.call('DeleteTable', {'TableName': table})
    for arn in machine.listed('USER'):
        machine.wire.call('DeleteBackup', {'BackupArn': arn})
    check_no_leftovers(own_server, ['lake'])
    machine.clock.change(advance='P37D')
    wait_for_holders(own_server)
    assert holders(own_server) == ([], [])
    assert list((own_server.data_dir / 'dynamodb' / 'history').glob('*.sst')) == []
    machine.wire.close()
    assert own_server.terminate() == 0
