"""Streams through boto3 with its default settings."""
import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import ACCOUNT, REGION, create_table, running, table_request, until, wait_active
from support.stream_consumer import Consumer, streams_client


@pytest.fixture
def streams(shared):
    return streams_client(shared)


@pytest.fixture
def table(shared, wire, name):
    """A table with a stream of both images; its stream's ARN."""
    view = {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}
    description = wire.call('CreateTable', table_request(name, StreamSpecification=view))['TableDescription']
    wait_active(wire, name)
    return description['LatestStreamArn']


def test_a_table_tells_of_its_stream(dynamodb, table, name):
    description = dynamodb.describe_table(TableName=name)['Table']
    assert description['StreamSpecification'] == {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}
    assert description['LatestStreamArn'] == table
    label = description['LatestStreamLabel']
    assert table == f'arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}/stream/{label}'


def test_what_happens_to_items_is_in_the_stream(shared, dynamodb, table, name):
    key = {'pk': {'S': 'a'}}
    dynamodb.put_item(TableName=name, Item={**key, 'set': {'NS': ['2', '1']}, 'binary': {'B': b'\0\1'}})
    dynamodb.put_item(TableName=name, Item={**key, 'set': {'NS': ['1', '2.0']}, 'binary': {'B': b'\0\1'}})  # the same
    dynamodb.update_item(TableName=name, Key=key, UpdateExpression='REMOVE #set SET v = :v',
                         ExpressionAttributeNames={'#set': 'set'}, ExpressionAttributeValues={':v': {'L': [{'NULL': True}]}})
    dynamodb.update_item(TableName=name, Key=key, UpdateExpression='REMOVE absent_one')
    dynamodb.delete_item(TableName=name, Key=key)
    dynamodb.delete_item(TableName=name, Key=key)
    consumer = Consumer(shared, table)
    consumer.drain()
    first = {**key, 'set': {'NS': ['1', '2']}, 'binary': {'B': b'\0\1'}}
    second = {**key, 'binary': {'B': b'\0\1'}, 'v': {'L': [{'NULL': True}]}}
    changes = [record['dynamodb'] for record in consumer.records]
    assert [record['eventName'] for record in consumer.records] == ['INSERT', 'MODIFY', 'REMOVE']
    assert [change.get('OldImage') for change in changes] == [None, first, second]
    assert [change.get('NewImage') for change in changes] == [first, second, None]
    assert all(change['Keys'] == key for change in changes)
    assert all(record['eventSource'] == 'aws:dynamodb' and record['awsRegion'] == REGION for record in consumer.records)
    assert all(change['ApproximateCreationDateTime'].microsecond == 0 for change in changes)
    numbers = [int(change['SequenceNumber']) for change in changes]
    assert numbers == sorted(set(numbers))


def test_refused_writes_are_not_in_the_stream(shared, dynamodb, table, name):
    with pytest.raises(ClientError, match='ConditionalCheckFailed'):
        dynamodb.put_item(TableName=name, Item={'pk': {'S': 'a'}}, ConditionExpression='attribute_exists(pk)')
    consumer = Consumer(shared, table)
    consumer.drain()
    assert consumer.records == []


def test_each_item_of_a_batch_has_a_record(shared, dynamodb, table, name):
    dynamodb.batch_write_item(RequestItems={name: [
        {'PutRequest': {'Item': {'pk': {'S': str(number)}}}} for number in range(25)]})
    consumer = Consumer(shared, table, page=3)
    consumer.drain()
    assert sorted(int(record['dynamodb']['Keys']['pk']['S']) for record in consumer.records) == list(range(25))


def test_index_entries_are_not_in_the_stream(shared, wire, name):
    view = {'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'}
    arn = wire.call('CreateTable', table_request(name, index='color', StreamSpecification=view))[
        'TableDescription']['LatestStreamArn']
    wait_active(wire, name)
    for color in ['red', 'green']:
        wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'a'}, 'color': {'S': color}}})
    consumer = Consumer(shared, arn)
    consumer.drain()
    assert [record['eventName'] for record in consumer.records] == ['INSERT', 'MODIFY']
    assert all(set(record['dynamodb']) == {'ApproximateCreationDateTime', 'Keys', 'SequenceNumber', 'SizeBytes',
                                           'StreamViewType'} for record in consumer.records)


def test_pages_end_at_a_megabyte(dynamodb, streams, table, name):
    large = 'x' * 300_000
    for number in range(6):
        dynamodb.put_item(TableName=name, Item={'pk': {'S': 'a'}, 'n': {'N': str(number)}, 'v': {'S': large}})
    shards = streams.describe_stream(StreamArn=table)['StreamDescription']['Shards']
    sizes = []
    for shard in shards:
        iterator = streams.get_shard_iterator(StreamArn=table, ShardId=shard['ShardId'],
                                              ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        while True:
            page = streams.get_records(ShardIterator=iterator)
            if not page['Records']:
                break
            sizes.append(len(page['Records']))
            iterator = page['NextShardIterator']
    assert sum(sizes) == 6
    assert len(sizes) == 3, sizes  # the images of two changes fill a page


def test_streams_of_a_table_one_after_the_other(shared, dynamodb, streams, table, name):
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'first'}})
    dynamodb.update_table(TableName=name, StreamSpecification={'StreamEnabled': False})
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'between'}})
    again = dynamodb.update_table(TableName=name, StreamSpecification={
        'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'})['TableDescription']['LatestStreamArn']
    assert again != table
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'second'}})
    listed = streams.list_streams(TableName=name)['Streams']
    assert [stream['StreamArn'] for stream in listed] == [table, again]
    assert {stream['TableName'] for stream in listed} == {name}
    seen = []
    for arn in [table, again]:
        consumer = Consumer(shared, arn)
        consumer.drain()
        seen.append([record['dynamodb']['Keys']['pk']['S'] for record in consumer.records])
    assert seen == [['first'], ['second']]
    assert streams.describe_stream(StreamArn=table)['StreamDescription']['StreamStatus'] == 'DISABLED'
    dynamodb.delete_table(TableName=name)
    assert len(streams.list_streams(TableName=name)['Streams']) == 2
    assert streams.describe_stream(StreamArn=again)['StreamDescription']['StreamStatus'] == 'DISABLED'


def test_errors_have_the_types_that_the_sdk_knows(streams, table):
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.describe_stream(StreamArn=table[:-1] + 'x')
    with running() as server:
        clock, late = Clock(server.endpoint), streams_client(server)
        wire = server.wire()
        create_table(wire, 'tab', StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'})
        arn = wire.call('DescribeTable', {'TableName': 'tab'})['Table']['LatestStreamArn']
        shard = late.describe_stream(StreamArn=arn)['StreamDescription']['Shards'][0]
        iterator = late.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'],
                                           ShardIteratorType='LATEST')['ShardIterator']
        clock.change(advance='PT16M')
        with pytest.raises(late.exceptions.ExpiredIteratorException):
            late.get_records(ShardIterator=iterator)
        clock.change(advance='PT28H')
        with pytest.raises(late.exceptions.ResourceNotFoundException):
            late.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'], ShardIteratorType='TRIM_HORIZON')
        never = [shard['ShardId'][:-1] + ('0' if shard['ShardId'][-1] != '0' else '1'), 'shardId-00000001571780995058-40810d86',
                 shard['ShardId'][:-9] + '1' + shard['ShardId'][-8:], 'x' * 37]
        for kind in ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']:
            place = {'ShardIteratorType': kind, 'SequenceNumber': shard['SequenceNumberRange']['StartingSequenceNumber']}
            with pytest.raises(late.exceptions.TrimmedDataAccessException, match='The data you are trying to access has been trimmed'):
                late.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'], **place)
            for shard_id in never:
                with pytest.raises(late.exceptions.ResourceNotFoundException, match=f'Shard: {shard_id} in Stream'):
                    late.get_shard_iterator(StreamArn=arn, ShardId=shard_id, **place)


def test_what_the_time_to_live_removes_is_told_as_the_services_doing():
    with running() as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        create_table(wire, 'tab', StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'OLD_IMAGE'})
        arn = wire.call('DescribeTable', {'TableName': 'tab'})['Table']['LatestStreamArn']
        wire.call('UpdateTimeToLive', {'TableName': 'tab', 'TimeToLiveSpecification': {
            'AttributeName': 'until', 'Enabled': True}})
        soon = int(clock.now().timestamp()) + 60
        item = {'pk': {'S': 'a'}, 'until': {'N': str(soon)}}
        wire.call('PutItem', {'TableName': 'tab', 'Item': item})
        wire.call('PutItem', {'TableName': 'tab', 'Item': {'pk': {'S': 'b'}}})
        clock.change(advance='PT1H')
        wire.call('DeleteItem', {'TableName': 'tab', 'Key': {'pk': {'S': 'b'}}})
        consumer = Consumer(server, arn)

        def removals():
            consumer.drain()
            return [record for record in consumer.records if record['eventName'] == 'REMOVE']

        until(lambda: len(removals()) == 2, 'the item to be removed')
        by_key = {record['dynamodb']['Keys']['pk']['S']: record for record in removals()}
        assert by_key['a']['userIdentity'] == {'Type': 'Service', 'PrincipalId': 'dynamodb.amazonaws.com'}
        assert by_key['a']['dynamodb']['OldImage'] == item
        assert 'userIdentity' not in by_key['b']


def test_each_item_of_a_transaction_has_a_record(shared, dynamodb, table, name):
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'gone'}})
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'same'}})
    dynamodb.transact_write_items(TransactItems=[
        {'Put': {'TableName': name, 'Item': {'pk': {'S': 'new'}}}},
        {'Put': {'TableName': name, 'Item': {'pk': {'S': 'same'}}}},
        {'Delete': {'TableName': name, 'Key': {'pk': {'S': 'gone'}}}},
        {'Update': {'TableName': name, 'Key': {'pk': {'S': 'updated'}}, 'UpdateExpression': 'SET v = :v',
                    'ExpressionAttributeValues': {':v': {'S': 'x'}}}},
        {'ConditionCheck': {'TableName': name, 'Key': {'pk': {'S': 'checked'}},
                            'ConditionExpression': 'attribute_not_exists(pk)'}},
    ])
    with pytest.raises(ClientError, match='TransactionCanceled'):
        dynamodb.transact_write_items(TransactItems=[
            {'Put': {'TableName': name, 'Item': {'pk': {'S': 'never'}}}},
            {'ConditionCheck': {'TableName': name, 'Key': {'pk': {'S': 'new'}},
                                'ConditionExpression': 'attribute_not_exists(pk)'}}])
    consumer = Consumer(shared, table)
    consumer.drain()
    told = sorted((record['dynamodb']['Keys']['pk']['S'], record['eventName']) for record in consumer.records)
    assert told == [('gone', 'INSERT'), ('gone', 'REMOVE'), ('new', 'INSERT'), ('same', 'INSERT'), ('updated', 'INSERT')]
