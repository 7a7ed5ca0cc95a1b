"""kill -9 while writes replicate and while a replica is filled: the replicas are equal afterwards."""
import itertools
import random

import pytest

from support.server import create_table, running, scan, until
from support.until_killed import UntilKilled

REGIONS = ('us-east-1', 'eu-west-1')


def wires(server):
    return [server.wire(region=region) for region in REGIONS]


def add_replica(wire):
    wire.call('UpdateTable', {'TableName': 'Orders', 'ReplicaUpdates': [{'Create': {'RegionName': REGIONS[1]}}]})


def wait_filled(wire):
    def is_filled():
        replicas = wire.call('DescribeTable', {'TableName': 'Orders'})['Table']['Replicas']
        return [replica['ReplicaStatus'] for replica in replicas] == ['ACTIVE']
    until(is_filled, 'the replica to be filled')


def by_key(items):
    return sorted(items, key=lambda item: item['pk']['S'])


def check_equal(server):
    """Items, index entries and counters of both replicas."""
    near, far = wires(server)
    items = by_key(scan(near, 'Orders'))
    assert by_key(scan(far, 'Orders')) == items
    entries = [item for item in items if 'color' in item]
    for wire in (near, far):
        assert by_key(scan(wire, 'Orders', IndexName='by-color')) == entries
        table = wire.call('DescribeTable', {'TableName': 'Orders'})['Table']
        assert (table['ItemCount'], table['GlobalSecondaryIndexes'][0]['ItemCount']) == (len(items), len(entries))
    return items


class Writer(UntilKilled):
    """Puts, changes and deletes items of its own in one region, and knows what was acknowledged."""

    def __init__(self, server, region, seed):
        super().__init__(server)
        self._region = region
        self._random = random.Random(seed)
        self._name = f'{region}-{seed}'
        self.known = {}    # key -> item, or None when it was deleted
        self.doubtful = set()

    def _run(self):
        self._wire = self._server.wire(region=self._region)
        super()._run()

    def step(self, _):
        key = f'{self._name}-{self._random.randrange(50):02}'
        item = None
        if self._random.random() < 0.7:
            item = {'pk': {'S': key}, 'n': {'N': str(self.count)}}
            if self._random.random() < 0.5:
                item['color'] = {'S': 'red'}
        self.doubtful = {key}
        if item:
            self._wire.call('PutItem', {'TableName': 'Orders', 'Item': item})
        else:
            self._wire.call('DeleteItem', {'TableName': 'Orders', 'Key': {'pk': {'S': key}}})
        self.known[key] = item
        self.doubtful = set()


def check_acknowledged(items, writers):
    found = {item['pk']['S']: item for item in items}
    for writer in writers:
        for key, item in writer.known.items():
            if key not in writer.doubtful:
                assert found.get(key) == item


@pytest.mark.parametrize('args', ([], ['--replica-lag', 'PT1H']), ids=('at once', 'late'))
def test_what_was_acknowledged_is_in_all_replicas(args):
    with running(args=args) as own_server:
        check_acknowledged_over_kills(own_server)


def check_acknowledged_over_kills(own_server):
    near, _ = wires(own_server)
    create_table(near, 'Orders', index='color')
    add_replica(near)
    wait_filled(near)
    writers = [Writer(own_server, region, seed) for region, seed in itertools.product(REGIONS, (1, 2))]
    for _ in range(3):
        goals = [writer.count + 150 for writer in writers]
        for writer in writers:
            writer.start()
        until(lambda: all(writer.count >= goal for writer, goal in zip(writers, goals)), 'some writes')
        own_server.kill()
        for writer in writers:
            writer.join()
        own_server.start()
        check_acknowledged(check_equal(own_server), writers)
        for writer in writers:
            # What nobody answered either happened or not.
            for key in writer.doubtful:
                writer.known.pop(key, None)
            writer.doubtful = set()


@pytest.mark.parametrize('moment', (0, 300, 3_000))
def test_a_replica_is_filled_after_the_crash(own_server, moment):
    """`moment`: how many items are there already when the server ends."""
    near, _ = wires(own_server)
    create_table(near, 'Orders', index='color')
    count = 6_000
    for first in range(0, count, 25):
        near.call('BatchWriteItem', {'RequestItems': {'Orders': [
            {'PutRequest': {'Item': {'pk': {'S': f'{number:05}'}, **({'color': {'S': 'red'}} if number % 2 else {})}}}
            for number in range(first, first + 25)]}})
    writers = [Writer(own_server, REGIONS[0], seed) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    add_replica(near)

    def has_so_many():
        table = own_server.wire(region=REGIONS[1]).call('DescribeTable', {'TableName': 'Orders'})['Table']
        return table['ItemCount'] >= moment
    until(has_so_many, f'{moment} items in the replica')
    own_server.kill()
    for writer in writers:
        writer.join()
    own_server.start()
    wait_filled(own_server.wire())
    items = check_equal(own_server)
    assert len([item for item in items if item['pk']['S'].isdigit()]) == count
    check_acknowledged(items, writers)
