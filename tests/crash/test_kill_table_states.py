"""kill -9 while tables are in passing states: the next start goes on with them."""
import json

import pytest

from support.clock import Clock
from support.server import Server, table_request, until
from support.transfers import finish_import, import_request


@pytest.fixture
def slow_server():
    server = Server(args=['--delay-transient-statuses'])
    yield server
    server.close()


def states(wire):
    """Table -> its state, then those of its indexes."""
    found = {}
    for table in wire.call('ListTables', {})['TableNames']:
        description = wire.call('DescribeTable', {'TableName': table})['Table']
        indexes = description.get('GlobalSecondaryIndexes', [])
        found[table] = [description['TableStatus'], *(index['IndexStatus'] for index in indexes)]
    return found


def test_a_restart_goes_on_with_passing_states(slow_server):
    wire, clock = slow_server.wire(), Clock(slow_server.endpoint)
    for table in ('changing', 'dying'):
        wire.call('CreateTable', table_request(table, index='color'))
    clock.change(advance='PT1H')
    wire.call('PutItem', {'TableName': 'changing', 'Item': {'pk': {'S': 'a'}, 'color': {'S': 'red'}}})
    wire.call('CreateTable', table_request('new', index='color'))
    wire.call('UpdateTable', {'TableName': 'changing',
                              'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'by-color'}}]})
    wire.call('DeleteTable', {'TableName': 'dying'})
    passing = {'changing': ['UPDATING', 'DELETING'], 'dying': ['DELETING', 'ACTIVE'], 'new': ['CREATING', 'CREATING']}
    assert states(wire) == passing

    slow_server.kill()
    slow_server.start()
    wire, clock = slow_server.wire(), Clock(slow_server.endpoint)
    assert states(wire)['changing'][1] == 'DELETING', 'which takes a minute'
    clock.change(advance='PT15S')
    assert states(wire) == {'changing': ['ACTIVE', 'DELETING'], 'new': ['ACTIVE', 'ACTIVE']}
    slow_server.kill()
    slow_server.start()
    wire, clock = slow_server.wire(), Clock(slow_server.endpoint)
    clock.change(advance='PT1M')
    assert states(wire) == {'changing': ['ACTIVE'], 'new': ['ACTIVE', 'ACTIVE']}
    assert wire.call('Scan', {'TableName': 'changing'})['Count'] == 1
    wire.call('CreateTable', table_request('dying'))
    clock.change(advance='PT1M')
    assert wire.call('Scan', {'TableName': 'dying'})['Count'] == 0
    assert slow_server.terminate() == 0


def test_time_does_not_open_a_table_that_an_import_fills(slow_server):
    """Neither an hour that passes nor a start does: it opens with all of its items."""
    wire, clock = slow_server.wire(), Clock(slow_server.endpoint)
    count = 20_000
    s3 = slow_server.client('s3')
    s3.create_bucket(Bucket='source')
    s3.put_object(Bucket='source', Key='in', Body='\n'.join(
        json.dumps({'Item': {'pk': {'S': f'{n:06}'}, 'color': {'S': 'red'}}}) for n in range(count)).encode())
    arn = wire.call('ImportTable', import_request(
        table_request('filled', index='color'), 'source', 'in'))['ImportTableDescription']['ImportArn']

    def is_open():
        table = wire.call('DescribeTable', {'TableName': 'filled'})['Table']
        index = table['GlobalSecondaryIndexes'][0]
        if table['TableStatus'] == 'CREATING':
            assert index['IndexStatus'] == 'CREATING'
            return False
        assert (table['TableStatus'], table['ItemCount']) == ('ACTIVE', count)
        assert (index['IndexStatus'], index['ItemCount']) == ('ACTIVE', count)
        return True
    clock.change(advance='PT1H')
    is_open()
    slow_server.kill()
    slow_server.start()
    wire, clock = slow_server.wire(), Clock(slow_server.endpoint)
    is_open()
    clock.change(advance='PT1H')
    is_open()
    assert finish_import(wire, arn)['ImportStatus'] == 'COMPLETED'
    until(is_open, 'the table')
