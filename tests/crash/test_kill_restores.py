"""kill -9 during restores, backups, and deletions that make a backup."""
import os
import random
import time

from support.clock import Clock
from support.server import create_table, scan, set_pitr, table_request, until, wait_active
from support.until_killed import UntilKilled

SEED = 20261128
COUNT = 1_500


def fill(wire, table, count=COUNT):
    text = os.urandom(2_000).hex()
    for start in range(0, count, 25):
        wire.call('BatchWriteItem', {'RequestItems': {table: [
            {'PutRequest': {'Item': {'pk': {'S': f'{n:06}'}, 'color': {'S': f'c{n % 10}'}, 'text': {'S': f'{n}{text}'}}}}
            for n in range(start, min(start + 25, count))]}})


def restart(server, wire):
    server.kill()
    wire.close()
    server.start()
    return server.wire()


def names(wire, table, **more):
    return {item['pk']['S'] for item in scan(wire, table, ProjectionExpression='pk', **more)}


def test_kill_during_a_restore(own_server):
    """The table never shows with a part of its items, and the restore ends, over a deletion of its source as well."""
    wire = own_server.wire()
    wire.call('CreateTable', table_request('source', index='color'))
    wait_active(wire, 'source')
    set_pitr(wire, 'source', True)
    fill(wire, 'source')
    every = {f'{n:06}' for n in range(COUNT)}
    for number in range(5):
        target = f'copy{number}'
        begun = time.monotonic()
        wire.call('RestoreTableToPointInTime', {
            'SourceTableName': 'source', 'TargetTableName': target, 'UseLatestRestorableTime': True})
        wire.call('DeleteItem', {'TableName': 'source', 'Key': {'pk': {'S': f'{number:06}'}}})
        if number == 4:
            wire.call('DeleteTable', {'TableName': 'source'})
        # The kill comes at another point of the work each time.
        until(lambda: time.monotonic() > begun + 0.05 * number, 'the work')
        wire = restart(own_server, wire)

        def is_active():
            found = wire.call('DescribeTable', {'TableName': target})['Table']
            assert found['TableStatus'] in ('CREATING', 'ACTIVE')
            return found['TableStatus'] == 'ACTIVE'
        until(is_active, 'the table')
        expected = every - {f'{n:06}' for n in range(number)}
        assert names(wire, target) == names(wire, target, IndexName='by-color') == expected
    # Nothing is left of the work, and nothing is held: a clean stop is a proof that no job runs.
    assert os.listdir(own_server.data_dir / 'dynamodb' / 'load') == []
    wire.close()
    assert own_server.terminate() == 0


class Backing(UntilKilled):
    """Writes an item and makes a backup, again and again, and deletes some of these."""

    def __init__(self, server, choice):
        super().__init__(server)
        self.items = 0
        self.backups = {}  # by ARN: how many items each has
        self.deleted = set()
        self.in_doubt = None  # what is being deleted
        self._choice = choice

    def step(self, wire):
        wire.call('PutItem', {'TableName': 'tab', 'Item': {'pk': {'S': f'{self.items:06}'}}})
        self.items += 1
        made = wire.call('CreateBackup', {'TableName': 'tab', 'BackupName': 'abc'})['BackupDetails']
        self.backups[made['BackupArn']] = self.items
        if self._choice.random() < 0.5:
            self.in_doubt = self._choice.choice(list(self.backups))
            wire.call('DeleteBackup', {'BackupArn': self.in_doubt})
            self.deleted.add(self.in_doubt)
            del self.backups[self.in_doubt]
            self.in_doubt = None


def test_kill_during_backups(own_server):
    """Each backup that was answered is there, whole and at its moment; each that was deleted is gone."""
    choice = random.Random(SEED)
    wire = own_server.wire()
    create_table(wire, 'tab')
    worker = Backing(own_server, choice)
    for life in range(5):
        wanted = worker.count + choice.randrange(5, 40)
        worker.start()
        until(lambda: worker.count >= wanted or not worker.is_alive(), 'some backups')
        own_server.kill()
        worker.join()
        wire.close()
        own_server.start()
        wire = own_server.wire()
        found = {entry['BackupArn'] for entry in list_all(wire)}
        if worker.in_doubt not in found:
            worker.backups.pop(worker.in_doubt, None)
        worker.in_doubt = None
        assert set(worker.backups) <= found, f'seed {SEED}, life {life}'
        assert not found & worker.deleted
        # One that was made, but not answered, is as good as any.
        unanswered = found - set(worker.backups)
        assert len(unanswered) <= 1
        for arn in unanswered:
            wire.call('DeleteBackup', {'BackupArn': arn})
        # So is the last item.
        items = names(wire, 'tab')
        assert {f'{n:06}' for n in range(worker.items)} <= items
        worker.items = len(items)
        for number, arn in enumerate(choice.sample(sorted(worker.backups), min(3, len(worker.backups)))):
            target = f'life{life}-{number}'
            wire.call('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': target})
            wait_active(wire, target)
            assert len(names(wire, target)) == worker.backups[arn], f'seed {SEED}, life {life}'
    wire.close()
    assert own_server.terminate() == 0


def list_all(wire, **more):
    entries = []
    request = {'BackupType': 'ALL', **more}
    while True:
        page = wire.call('ListBackups', request)
        entries += page['BackupSummaries']
        if 'LastEvaluatedBackupArn' not in page:
            return entries
        request['ExclusiveStartBackupArn'] = page['LastEvaluatedBackupArn']


class Deleting(UntilKilled):
    """Deletes one table after the other."""

    def __init__(self, server):
        super().__init__(server)
        self.tables = []

    def step(self, wire):
        if self.tables:
            wire.call('DeleteTable', {'TableName': self.tables.pop(0)})
        else:
            wire.call('ListTables', {})


def test_kill_during_deletions_with_recovery(own_server):
    """Either the table is there with all its items, or its backup is."""
    choice = random.Random(SEED)
    wire = own_server.wire()
    worker = Deleting(own_server)
    for life in range(6):
        tables = [f'life{life}-{n}' for n in range(4)]
        for table in tables:
            create_table(wire, table, pitr=True)
            for n in range(20):
                wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': str(n)}}})
        worker.tables = list(tables)
        wanted = worker.count + choice.randrange(0, 4)
        worker.start()
        until(lambda: worker.count >= wanted or not worker.is_alive(), 'some deletions')
        own_server.kill()
        worker.join()
        wire.close()
        own_server.start()
        wire = own_server.wire()
        left = set(wire.call('ListTables', {'Limit': 100})['TableNames'])
        kept = {entry['TableName']: entry['BackupArn'] for entry in list_all(wire)}
        for table in tables:
            assert (table in left) != (table in kept), f'seed {SEED}, life {life}: {table}'
            if table in kept:
                wire.call('RestoreTableFromBackup', {'BackupArn': kept[table], 'TargetTableName': table})
                wait_active(wire, table)
            assert len(names(wire, table)) == 20
    # When they expire, what they kept goes.
    Clock(own_server.endpoint).change(advance='P36D')
    assert list_all(wire) == []
    wire.close()
    assert own_server.terminate() == 0
