"""Readers of a stream while writers write at full speed, the server is killed, readers are restarted and the time jumps."""
import contextlib
import http.client
import random
import threading

import botocore.exceptions
import pytest

from support.clock import Clock
from support.server import Failed, Server, scan, table_request, until, wait_active
from support.stream_consumer import Consumer

VIEW = {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}
KEYS = 40


class Writer(threading.Thread):
    """Puts, updates and deletes items, by one, in batches and in transactions, until the server is gone."""

    def __init__(self, server, seed):
        super().__init__()
        self._server = server
        self._random = random.Random(seed)
        self.count = 0
        self.failure = None

    def run(self):
        wire = self._server.wire()
        try:
            while True:
                try:
                    self._write(wire)
                except Failed as refused:
                    # Another writer has the item.
                    if refused.code not in ('TransactionCanceledException', 'TransactionConflictException'):
                        raise
                self.count += 1
        except Exception as failure:
            self.failure = failure
        finally:
            wire.close()

    def _write(self, wire):
        dice = self._random.random()
        key = {'pk': {'S': str(self._random.randrange(KEYS))}}
        if dice < 0.15:
            wire.call('DeleteItem', {'TableName': 'tab', 'Key': key})
        elif dice < 0.5:
            wire.call('PutItem', {'TableName': 'tab', 'Item': {**key, 'v': {'S': 'x' * self._random.randrange(3000)}}})
        elif dice < 0.6:
            wire.call('BatchWriteItem', {'RequestItems': {'tab': [
                {'PutRequest': {'Item': {'pk': {'S': str(number)}, 'r': {'N': str(self._random.random())}}}}
                for number in self._random.sample(range(KEYS), 5)]}})
        elif dice < 0.7:
            wire.call('TransactWriteItems', {'TransactItems': [
                {'Update': {'TableName': 'tab', 'Key': {'pk': {'S': str(number)}}, 'UpdateExpression': 'ADD t :one',
                            'ExpressionAttributeValues': {':one': {'N': '1'}}}}
                for number in self._random.sample(range(KEYS), 4)]})
        else:
            wire.call('UpdateItem', {'TableName': 'tab', 'Key': key, 'UpdateExpression': 'ADD n :one',
                                     'ExpressionAttributeValues': {':one': {'N': '1'}}})


class Reader(threading.Thread):
    """Polls until it is told to stop, and is restarted now and then. A server that does not answer is waited for."""

    def __init__(self, consumer, seed):
        super().__init__()
        self.consumer = consumer
        self.failure = None
        self._random = random.Random(seed)
        self._stopped = threading.Event()

    def run(self):
        try:
            while not self._stopped.is_set():
                if self._random.random() < 0.1:
                    self.consumer.restart()
                with contextlib.suppress(botocore.exceptions.EndpointConnectionError,
                                         botocore.exceptions.ConnectionClosedError,
                                         botocore.exceptions.HTTPClientError, OSError, http.client.HTTPException):
                    self.consumer.poll()
        except Exception as failure:
            self.failure = failure

    def stop(self):
        self._stopped.set()
        self.join()
        if self.failure:
            raise self.failure


def history_of(records, images=None):
    """The last image of each item, of those that were there. Every record must go on where the one before it, of the same
    item, left off."""
    images = dict(images or {})
    for record in records:
        change = record['dynamodb']
        key = change['Keys']['pk']['S']
        assert change.get('OldImage') == images.get(key), f'{record} after {images.get(key)}'
        assert change.get('NewImage') != images.get(key)
        images[key] = change.get('NewImage')
    return {key: image for key, image in images.items() if image is not None}


@pytest.mark.parametrize('seed', [1, 2])
def test_readers_miss_nothing_and_see_nothing_twice(tmp_path, seed):
    with contextlib.closing(Server(tmp_path / 'data')) as server:
        wire = server.wire()
        arn = wire.call('CreateTable', table_request('tab', StreamSpecification=VIEW))['TableDescription']['LatestStreamArn']
        wait_active(wire, 'tab')
        port = server.port
        readers = [Reader(Consumer(server, arn, page, shards_page), seed * 10 + page)
                   for page, shards_page in [(1000, 100), (7, 3), (100, 1)]]
        for reader in readers:
            reader.start()
        for round_number in range(4):
            writers = [Writer(server, seed * 100 + round_number * 10 + number) for number in range(3)]
            for writer in writers:
                writer.start()
            until(lambda: all(writer.count > 50 for writer in writers), 'writes')
            if round_number % 2 == 0:
                Clock(server.endpoint).change(advance='PT4H1M')
            until(lambda: all(writer.count > 150 for writer in writers), 'writes')
            if round_number == 1:
                Clock(server.endpoint).change(advance='PT5H')
            server.kill()
            for writer in writers:
                writer.join()
                assert not isinstance(writer.failure, Failed), writer.failure
            server.start(port)
        for reader in readers:
            reader.stop()
            reader.consumer.drain()
        items = {item['pk']['S']: item for item in scan(server.wire(), 'tab')}
        for reader in readers:
            consumer = reader.consumer
            assert history_of(consumer.records) == items
            numbers = [(record['dynamodb']['Keys']['pk']['S'], int(record['dynamodb']['SequenceNumber']))
                       for record in consumer.records]
            assert len(set(numbers)) == len(numbers)
            assert len({number for _, number in numbers}) == len(numbers), 'numbers are of one record each'
            assert consumer.trimmed == 0
            assert len(numbers) > 4 * 3 * 100, 'the writers were at it'
            assert len(consumer.checkpoints) >= 3 * 4, 'the clock has closed shards of each partition'
        assert len({len(reader.consumer.records) for reader in readers}) == 1


def test_streams_are_switched_off_and_on_under_writes(tmp_path):
    """Each stream is a stretch of every item's history, without a gap in it, and no two overlap."""
    with contextlib.closing(Server(tmp_path / 'data')) as server:
        wire = server.wire()
        arns = [wire.call('CreateTable', table_request('tab', StreamSpecification=VIEW))['TableDescription']['LatestStreamArn']]
        wait_active(wire, 'tab')
        for round_number in range(3):
            writers = [Writer(server, round_number * 10 + number) for number in range(3)]
            for writer in writers:
                writer.start()
            for _ in range(3):
                count = sum(writer.count for writer in writers)
                until(lambda: sum(writer.count for writer in writers) > count + 50, 'writes')
                wire.call('UpdateTable', {'TableName': 'tab', 'StreamSpecification': {'StreamEnabled': False}})
                arns.append(wire.call('UpdateTable', {'TableName': 'tab', 'StreamSpecification': VIEW})[
                    'TableDescription']['LatestStreamArn'])
            # Each stream is to have something to tell, also the one that the end of the process meets.
            count = sum(writer.count for writer in writers)
            until(lambda: sum(writer.count for writer in writers) > count + 50, 'writes')
            server.kill()
            for writer in writers:
                writer.join()
                assert not isinstance(writer.failure, Failed), writer.failure
            server.start()
            wire = server.wire()
        assert len(set(arns)) == len(arns)
        seen, images = set(), None
        for arn in arns:
            consumer = Consumer(server, arn)
            consumer.drain()
            assert consumer.records
            numbers = {record['dynamodb']['SequenceNumber'] for record in consumer.records}
            assert not numbers & seen
            seen |= numbers
            begun = {}
            for record in consumer.records:
                begun.setdefault(record['dynamodb']['Keys']['pk']['S'], record['dynamodb'].get('OldImage'))
            images = history_of(consumer.records, begun)
        items = {item['pk']['S']: item for item in scan(wire, 'tab')}
        assert images.items() <= items.items(), 'the last stream ends with what is in the table'


def test_a_reader_that_slept_too_long_goes_on_with_what_is_left(tmp_path):
    with contextlib.closing(Server(tmp_path / 'data')) as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        arn = wire.call('CreateTable', table_request('tab', StreamSpecification=VIEW))['TableDescription']['LatestStreamArn']
        wait_active(wire, 'tab')
        consumer = Consumer(server, arn, page=2)

        def put(number):
            wire.call('PutItem', {'TableName': 'tab', 'Item': {'pk': {'S': 'a'}, 'n': {'N': str(number)}}})

        for number in range(4):
            put(number)
        consumer.poll()  # sees two of them
        clock.change(advance='PT3H')
        put(4)
        clock.change(advance='PT22H')
        put(5)
        consumer.restart()
        consumer.drain()
        assert [record['dynamodb']['NewImage']['n']['N'] for record in consumer.records] == ['0', '1', '4', '5']
        assert consumer.trimmed == 1
