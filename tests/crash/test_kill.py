"""kill -9 at moments when it hurts, and what a restart must find."""
import contextlib
import random
import threading
import time

from support.server import create_table, scan, table_request, until
from support.transfers import export, read_export
from support.until_killed import UntilKilled


class Writer(UntilKilled):
    """Writes items of its own, and remembers what was acknowledged and what was under way."""

    def __init__(self, server, table, number, seed):
        super().__init__(server)
        self.known = {}      # key -> item or None, as acknowledged
        self.pending = None  # (key, item or None): sent, not answered
        self._table = table
        self._number = number
        self._random = random.Random(seed)

    def start(self):
        self.pending = None
        super().start()

    def step(self, wire):
        choice = self._random
        key = f'{self._number}-{choice.randrange(30)}'
        item = None
        dice = choice.random()
        if dice < 0.2:
            self.pending = (key, None)
            wire.call('DeleteItem', {'TableName': self._table, 'Key': {'pk': {'S': key}}})
        elif dice < 0.6:
            item = {'pk': {'S': key}, 'n': {'N': str(choice.randrange(10**6))}, 'v': {'S': 'x' * choice.randrange(2000)}}
            if choice.random() < 0.8:
                item['color'] = {'S': choice.choice(['red', 'green', 'blue'])}
            self.pending = (key, item)
            wire.call('PutItem', {'TableName': self._table, 'Item': item})
        else:
            item = {**(self.known.get(key) or {'pk': {'S': key}}), 'color': {'S': choice.choice(['red', 'black'])}}
            self.pending = (key, item)
            wire.call('UpdateItem', {'TableName': self._table, 'Key': {'pk': {'S': key}}, 'UpdateExpression': 'SET color = :c',
                                     'ExpressionAttributeValues': {':c': item['color']}})
        self.known[key] = item
        self.pending = None

    def reconcile(self, found):
        """Every acknowledged write is in `found`; the one under way is there whole or not at all."""
        if self.pending is not None:
            key, item = self.pending
            assert found.get(key) in (item, self.known.get(key)), 'whole or not at all'
            self.known[key] = found.get(key)
            self.pending = None
        for key, item in self.known.items():
            assert found.get(key) == item, 'an acknowledged write'


def check_table(wire, table, writers):
    """The items agree with the writers, the index with the items, the counters with both."""
    items = scan(wire, table)
    found = {item['pk']['S']: item for item in items}
    assert len(found) == len(items)
    for writer in writers:
        writer.reconcile(found)
    assert set(found) == {key for writer in writers for key, item in writer.known.items() if item is not None}
    indexed = scan(wire, table, IndexName='by-color')
    assert {item['pk']['S']: item for item in indexed} == {key: item for key, item in found.items() if 'color' in item}
    assert len(indexed) == len({item['pk']['S'] for item in indexed})
    description = wire.call('DescribeTable', {'TableName': table})['Table']
    assert description['ItemCount'] == len(found)
    assert description['GlobalSecondaryIndexes'][0]['ItemCount'] == len(indexed)
    return found


def moment():
    milliseconds = int(time.time() * 1000) + 1
    until(lambda: time.time() * 1000 > milliseconds + 1, 'the next millisecond')
    return milliseconds / 1000


def test_kill_between_writes(own_server):
    """Round after round on the same data: nothing acknowledged is lost, nothing is half there, and the moments
    before each kill are exported as they were."""
    wire = own_server.wire()
    own_server.client('s3').create_bucket(Bucket='past')
    arn = create_table(wire, 'crash', index='color', pitr=True)
    writers = [Writer(own_server, 'crash', number, f'seed {number}') for number in range(4)]
    moments = []
    for round_number in range(6):
        goal = sum(writer.count for writer in writers) + 60 * (round_number + 1)
        for writer in writers:
            writer.start()
        until(lambda: sum(writer.count for writer in writers) >= goal, 'the writers')
        own_server.kill()
        for writer in writers:
            writer.join()
        wire.close()
        own_server.start()
        wire = own_server.wire()
        found = check_table(wire, 'crash', writers)
        moments.append((moment(), found))
    s3 = own_server.client('s3')
    for time_then, expected in moments:
        items = read_export(s3, export(wire, arn, 'past', ExportTime=time_then))
        assert {item['pk']['S']: item for item in items} == expected
    wire.close()
    assert own_server.terminate() == 0
    own_server.start()
    wire = own_server.wire()
    check_table(wire, 'crash', writers)
    wire.close()


def test_sigterm_answers_what_was_asked(own_server):
    """What got no answer was not done; what was done was answered; the next start finds all of it."""
    wire = own_server.wire()
    create_table(wire, 'drain', index='color')
    wire.close()
    writers = [Writer(own_server, 'drain', number, f'drain {number}') for number in range(8)]
    for writer in writers:
        writer.start()
    until(lambda: sum(writer.count for writer in writers) > 400, 'the writers')
    assert own_server.terminate() == 0, own_server.log()
    for writer in writers:
        writer.join()
    own_server.start()
    wire = own_server.wire()
    found = {item['pk']['S']: item for item in scan(wire, 'drain')}
    for writer in writers:
        if writer.pending is not None:
            key = writer.pending[0]
            assert found.get(key) == writer.known.get(key), 'a write without an answer'
            writer.pending = None
    check_table(wire, 'drain', writers)
    wire.close()


def all_tables(wire):
    names, request = [], {}
    while True:
        page = wire.call('ListTables', request)
        names += page['TableNames']
        if 'LastEvaluatedTableName' not in page:
            return names
        request['ExclusiveStartTableName'] = page['LastEvaluatedTableName']


def test_kill_between_table_changes(own_server):
    """Tables created and deleted: each is there or not, and can be used."""
    for round_number in range(4):
        done = []
        server = own_server

        def change():
            other = server.wire()
            with contextlib.suppress(OSError):
                for n in range(1000):
                    table = f'round{round_number}-{n:04}'
                    other.call('CreateTable', table_request(table, index='color'))
                    done.append(table)
                    if n % 3 == 0:
                        other.call('DeleteTable', {'TableName': table})
            other.close()
        thread = threading.Thread(target=change)
        thread.start()
        until(lambda: len(done) > 3 * round_number + 2, 'the tables')
        own_server.kill()
        thread.join()
        own_server.start()
        wire = own_server.wire()
        kept = [table for n, table in enumerate(done) if n % 3]
        assert set(kept) <= set(all_tables(wire))

        def settled():
            return all(wire.call('DescribeTable', {'TableName': table})['Table']['TableStatus'] == 'ACTIVE'
                       for table in all_tables(wire))
        until(settled, 'every table to settle')
        gone = {table for n, table in enumerate(done[:-1]) if n % 3 == 0}
        assert gone.isdisjoint(all_tables(wire))
        wire.call('PutItem', {'TableName': kept[0], 'Item': {'pk': {'S': 'a'}, 'color': {'S': 'red'}}})
        assert len(scan(wire, kept[0], IndexName='by-color')) == 1
        wire.close()
