"""kill -9 while tables are in passing states: the next start goes on with them."""
import pytest

from support.clock import Clock
from support.server import Server, table_request


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
