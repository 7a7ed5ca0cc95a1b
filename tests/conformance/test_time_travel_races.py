"""Restores, branches, rewinds and backups beside the deletion and change of their tables and of recovery itself.

Whatever comes of a call, it is an answer of the service, and nothing stays behind. TIDEMARK_TEST_SEED repeats a run; it is
printed when a test fails."""
import json
import os
import random
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support.clock import Clock
from support.server import Failed, running, set_pitr, table_request, until
from support.space import check_no_leftovers, holders, wait_for_holders

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
TABLES = ('one', 'two', 'three')
THREADS = 6
CALLS = 250


@pytest.fixture(autouse=True)
def seed():
    print(f'TIDEMARK_TEST_SEED={SEED}')


class Caller:
    """What one thread asks, and the answers that nobody may get."""

    def __init__(self, server, number):
        self._server = server
        self._number = number
        self._random = random.Random(f'{SEED}-{number}')
        self.wrong = []

    def run(self):
        wire = self._server.wire()
        try:
            for _ in range(CALLS):
                self._call(wire)
        except BaseException as failure:
            self.wrong.append(failure)
        finally:
            wire.close()

    def _call(self, wire):
        draw = self._random
        table, copy = draw.choice(TABLES), f'copy-{self._number}-{draw.randrange(3)}'
        then = Clock(self._server.endpoint).now().timestamp() - draw.random() * 2
        calls = [
            lambda: wire.call('CreateTable', table_request(table)),
            lambda: wire.call('DeleteTable', {'TableName': draw.choice([table, copy, copy, copy])}),
            lambda: self._put(wire, table),
            lambda: self._put(wire, table),
            lambda: set_pitr(wire, table, draw.random() < 0.7),
            lambda: wire.call('RestoreTableToPointInTime', {
                'SourceTableName': table, 'TargetTableName': copy,
                **({'UseLatestRestorableTime': True} if draw.random() < 0.5 else {'RestoreDateTime': then})}),
            lambda: wire.call('CreateBackup', {'TableName': table, 'BackupName': 'kept'}),
            lambda: self._backup(wire, lambda arn: wire.call(
                'RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': copy})),
            lambda: self._backup(wire, lambda arn: wire.call('DeleteBackup', {'BackupArn': arn})),
            lambda: wire.call('UpdateTable', {'TableName': table, 'StreamSpecification': (
                {'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'} if draw.random() < 0.5 else {'StreamEnabled': False})}),
            lambda: self._ask(f'{table}/branch', {'target': copy, **({'asOf': then} if draw.random() < 0.5 else {})}),
            lambda: self._ask(f'{table}/rewind', {'to': then}),
            lambda: self._ask(f'{table}/rewind', {'to': then, 'keys': [{'pk': {'S': str(number)}} for number in range(9)]}),
            lambda: self._ask(f'{table}/as-of?time={then}'),
            lambda: self._ask(f'{table}/diff?from={then}'),
            lambda: self._ask(f'{table}/history?' + urllib.parse.urlencode({'key': '{"pk":{"S":"1"}}'})),
        ]
        try:
            draw.choice(calls)()
        except Failed as refused:
            if refused.code.startswith('Internal'):
                self.wrong.append(refused)

    def _put(self, wire, table):
        for _ in range(10):
            wire.call('PutItem', {'TableName': table, 'Item': {
                'pk': {'S': str(self._random.randrange(40))}, 'v': {'S': 'x' * self._random.randrange(500)}}})

    def _backup(self, wire, act):
        backups = wire.call('ListBackups', {'BackupType': 'USER'})['BackupSummaries']
        if backups:
            act(self._random.choice(backups)['BackupArn'])

    def _ask(self, path, body=None):
        request = urllib.request.Request(
            f'{self._server.endpoint}/_tidemark/tables/{path}', None if body is None else json.dumps(body).encode(),
            {'Content-Type': 'application/json'})
        try:
            urllib.request.urlopen(request).read()
        except urllib.error.HTTPError as refused:
            if refused.code >= 500:
                self.wrong.append((path, refused.code, refused.read()))


def jobs(server):
    with urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs') as answer:
        return json.load(answer)['jobs']


def test_everything_at_once():
    with running(args=['--log-level', 'error']) as server:
        callers = [Caller(server, number) for number in range(THREADS)]
        threads = [threading.Thread(target=caller.run) for caller in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [wrong for caller in callers for wrong in caller.wrong] == []
        until(lambda: all(job['status'] in ('COMPLETED', 'FAILED', 'CANCELLED') for job in jobs(server)), 'the ends of all jobs')
        wire = server.wire()
        for table in wire.call('ListTables', {})['TableNames']:
            assert wire.call('DescribeTable', {'TableName': table})['Table']['TableStatus'] == 'ACTIVE', table
            set_pitr(wire, table, False)
            wire.call('DeleteTable', {'TableName': table})
        while backups := wire.call('ListBackups', {'BackupType': 'USER'})['BackupSummaries']:
            for backup in backups:
                wire.call('DeleteBackup', {'BackupArn': backup['BackupArn']})
        # The backups of deleted tables, and the streams.
        Clock(server.endpoint).change(advance='P36D')
        wait_for_holders(server)
        assert holders(server) == ([], [])
        check_no_leftovers(server)
