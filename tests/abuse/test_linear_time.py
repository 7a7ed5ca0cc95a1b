"""What a request costs grows with its size, and no faster: four times as much may take eight times the time of the processor."""
import os
import pathlib

import pytest

from support.server import create_table, running

TICKS = os.sysconf('SC_CLK_TCK')


@pytest.fixture(scope='module')
def server():
    with running() as server:
        create_table(server.wire(), 'tab')
        yield server


def attributes(n):
    return {f'a{i:06d}': {'N': '1'} for i in range(n)}


def put(wire, item):
    wire.call('PutItem', {'TableName': 'tab', 'Item': {'pk': {'S': 'x'}, **item}})


def legacy_condition(wire, n):
    put(wire, attributes(n))
    return 'PutItem', {'Item': {'pk': {'S': 'x'}, **attributes(n)},
                       'Expected': {name: {'Value': value} for name, value in attributes(n).items()}}


def removed_elements(wire, n):
    put(wire, {'l': {'L': [{'N': '1'}] * (200 * n)}})
    return 'UpdateItem', {'Key': {'pk': {'S': 'x'}}, 'UpdateExpression': 'REMOVE ' + ','.join(f'l[{3 * i}]' for i in range(n))}


def aliases(wire, n):
    return 'GetItem', {'Key': {'pk': {'S': 'x'}}, 'ProjectionExpression': ','.join(f'#{i:x}.b' for i in range(n)),
                       'ExpressionAttributeNames': {f'#{i:x}': f'a{i:06d}' for i in range(n)}}


def legacy_updates(wire, n):
    return 'UpdateItem', {'Key': {'pk': {'S': 'x'}}, 'AttributeUpdates': {name: {'Value': value} for name, value in attributes(n).items()}}


@pytest.mark.parametrize('prepare, n', [(legacy_condition, 3_000), (removed_elements, 120), (aliases, 150), (legacy_updates, 3_000)])
def test_four_times_as_much(server, prepare, n):
    wire = server.wire()

    def seconds(count):
        operation, request = prepare(wire, count)
        before = cpu(server)
        wire.call(operation, {'TableName': 'tab', **request})
        return cpu(server) - before
    small = max(seconds(n), 0.05)
    assert seconds(4 * n) <= 8 * small


def cpu(server):
    fields = pathlib.Path(f'/proc/{server.pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
