"""Transactions through boto3 with its default settings: tokens of its own, retries as it likes."""
import concurrent.futures
import threading

import boto3
import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import REGION, running, table_request


@pytest.fixture(scope='module')
def client(shared):
    return boto3.client('dynamodb', endpoint_url=shared.endpoint, region_name=REGION, aws_access_key_id='test',
                        aws_secret_access_key='test')


@pytest.fixture(scope='module')
def tables(client):
    for name in ['tx-orders', 'tx-stock']:
        client.create_table(**table_request(name, index='color' if name == 'tx-orders' else None))
        client.get_waiter('table_exists').wait(TableName=name, WaiterConfig={'Delay': 1, 'MaxAttempts': 20})


@pytest.fixture
def put(client, tables, name):
    """Puts an item of the test's own and returns its parameters."""
    def put_item(key, table='tx-orders', **attributes):
        pk = {'pk': {'S': f'{name}/{key}'}}
        client.put_item(TableName=table, Item={**pk, **attributes})
        return {'TableName': table, 'Key': pk}
    return put_item


def value(client, ref):
    return client.get_item(**ref, ConsistentRead=True).get('Item')


def adding(ref, number=1, **more):
    return {'Update': {**ref, 'UpdateExpression': 'ADD n :n', 'ExpressionAttributeValues': {':n': {'N': str(number)}}, **more}}


def failure(call, **request):
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response


def test_all_or_nothing(client, put):
    one, two = put('one', n={'N': '1'}), put('two', 'tx-stock', n={'N': '5'})
    assert set(client.transact_write_items(TransactItems=[adding(one), adding(two, -1)])) == {'ResponseMetadata'}
    answer = client.transact_get_items(TransactItems=[{'Get': one}, {'Get': {**two, 'ProjectionExpression': 'n'}}])
    assert answer['Responses'] == [{'Item': {**one['Key'], 'n': {'N': '2'}}}, {'Item': {'n': {'N': '4'}}}]
    refused = failure(client.transact_write_items, TransactItems=[
        adding(one), {'Delete': {**two, 'ConditionExpression': 'n > :n', 'ExpressionAttributeValues': {':n': {'N': '4'}},
                                 'ReturnValuesOnConditionCheckFailure': 'ALL_OLD'}}])
    assert refused['Error'] == {
        'Code': 'TransactionCanceledException',
        'Message': 'Transaction cancelled, please refer cancellation reasons for specific reasons '
                   '[None, ConditionalCheckFailed]'}
    assert refused['CancellationReasons'] == [
        {'Code': 'None'},
        {'Code': 'ConditionalCheckFailed', 'Message': 'The conditional request failed',
         'Item': {**two['Key'], 'n': {'N': '4'}}}]
    assert value(client, one)['n'] == {'N': '2'}


SIZE_OF_UPDATE = 'Item size to update has exceeded the maximum allowed size'
REASONS = [
    ('a missing operand', {'UpdateExpression': 'SET n = nope'},
     'The provided expression refers to an attribute that does not exist in the item'),
    ('a path that is not there', {'UpdateExpression': 'SET a.b = n'},
     'The document path provided in the update expression is invalid for update'),
    ('a wrong type', {'UpdateExpression': 'SET t = t + n'},
     'An operand in the update expression has an incorrect data type'),
    ('the key', {'UpdateExpression': 'SET pk = n'},
     'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key'),
    ('an index key', {'UpdateExpression': 'SET color = n'},
     'One or more parameter values were invalid: Type mismatch for Index Key color Expected: S Actual: N IndexName: by-color'),
    ('too large', {'UpdateExpression': 'SET big = :b', 'ExpressionAttributeValues': {':b': {'S': 'x' * 409_600}}},
     SIZE_OF_UPDATE),
    ('the wrong key', {'UpdateExpression': 'SET n = t', 'Key': {'pk': {'N': '1'}}},
     'The provided key element does not match the schema'),
]


@pytest.mark.parametrize('update, message', [case[1:] for case in REASONS], ids=[case[0] for case in REASONS])
def test_what_a_single_update_says_is_a_reason(client, put, update, message):
    ref = put('item', n={'N': '1'}, t={'S': 'x'})
    refused = failure(client.transact_write_items, TransactItems=[{'Update': {**ref, **update}}])
    assert refused['CancellationReasons'] == [{'Code': 'ValidationError', 'Message': message}]
    assert value(client, ref)['n'] == {'N': '1'}


CAPACITY = 'CapacityUnits'


def test_capacity_of_writes_and_reads(client, put):
    one = put('one', v={'S': 'x' * 1500})
    item = {**put('two')['Key'], 'color': {'S': 'red'}}
    answer = client.transact_write_items(ReturnConsumedCapacity='INDEXES', TransactItems=[
        {'ConditionCheck': {**one, 'ConditionExpression': 'attribute_exists(pk)'}},
        {'Put': {'TableName': 'tx-orders', 'Item': item}}, {'Delete': {'TableName': 'tx-stock', 'Key': one['Key']}}])
    assert answer['ConsumedCapacity'] == [
        {'TableName': 'tx-orders', CAPACITY: 7.0, 'WriteCapacityUnits': 7.0,
         'Table': {CAPACITY: 6.0, 'WriteCapacityUnits': 6.0},
         'GlobalSecondaryIndexes': {'by-color': {CAPACITY: 1.0, 'WriteCapacityUnits': 1.0}}},
        {'TableName': 'tx-stock', CAPACITY: 2.0, 'WriteCapacityUnits': 2.0,
         'Table': {CAPACITY: 2.0, 'WriteCapacityUnits': 2.0}}]
    answer = client.transact_get_items(ReturnConsumedCapacity='TOTAL', TransactItems=[
        {'Get': one}, {'Get': {'TableName': 'tx-stock', 'Key': one['Key']}}])
    assert answer['ConsumedCapacity'] == [
        {'TableName': 'tx-orders', CAPACITY: 2.0, 'ReadCapacityUnits': 2.0},
        {'TableName': 'tx-stock', CAPACITY: 2.0, 'ReadCapacityUnits': 2.0}]


def test_a_token_counts_for_ten_minutes(tmp_path):
    with running(tmp_path) as server:
        client = server.client('dynamodb')
        client.create_table(**table_request('tokens'))
        ref = {'TableName': 'tokens', 'Key': {'pk': {'S': 'a'}}}

        def send(**more):
            return client.transact_write_items(TransactItems=[adding(ref, **more)], ClientRequestToken='token',
                                               ReturnConsumedCapacity='TOTAL')['ConsumedCapacity']
        write_units = [{'TableName': 'tokens', CAPACITY: 2.0, 'WriteCapacityUnits': 2.0}]
        read_units = [{'TableName': 'tokens', CAPACITY: 2.0, 'ReadCapacityUnits': 2.0}]
        assert send() == write_units
        assert send() == read_units
        mismatch = failure(send, number=2)
        assert mismatch['Error']['Code'] == 'IdempotentParameterMismatchException'
        server.kill()
        server.start()
        client = server.client('dynamodb')
        assert send() == read_units
        Clock(server.endpoint).change(advance='PT599S')
        assert send() == read_units
        Clock(server.endpoint).change(advance='PT2S')
        assert send() == write_units
        assert value(client, ref)['n'] == {'N': '2'}


def large(number):
    return {'pk': {'S': f'large{number}'}, 'v': {'S': 'x' * 35_000}}


def test_contention_is_told(client, tables):
    """One client writes large transactions over and over, others meet them: single writes, reads and transactions."""
    stop = threading.Event()
    seen = set()
    ref = {'TableName': 'tx-orders', 'Key': {'pk': {'S': 'large0'}}}

    def write_large():
        while not stop.is_set():
            try:
                client.transact_write_items(TransactItems=[
                    {'Put': {'TableName': 'tx-orders', 'Item': large(number)}} for number in range(100)])
            except ClientError as error:
                assert set(reason['Code'] for reason in error.response['CancellationReasons']) == {
                    'None', 'TransactionConflict'}

    def meet(call, request):
        try:
            call(**request)
        except ClientError as error:
            answer = error.response
            seen.add(answer['Error']['Code'])
            message = 'Transaction is ongoing for the item'
            if answer['Error']['Code'] == 'TransactionConflictException':
                assert answer['Error']['Message'] == message
            else:
                assert answer['CancellationReasons'] == [{'Code': 'TransactionConflict', 'Message': message}]

    calls = [(client.put_item, {'TableName': 'tx-orders', 'Item': large(0)}),
             (client.update_item, ref), (client.transact_get_items, {'TransactItems': [{'Get': ref}]}),
             (client.transact_write_items, {'TransactItems': [
                 {'ConditionCheck': {**ref, 'ConditionExpression': 'attribute_exists(pk)'}}]})]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        writer = pool.submit(write_large)
        for _ in range(2_000):
            for call, request in calls:
                meet(call, request)
            if seen == {'TransactionConflictException', 'TransactionCanceledException'} or writer.done():
                break
        stop.set()
        writer.result()
    assert seen == {'TransactionConflictException', 'TransactionCanceledException'}


def test_a_batch_waits_for_transactions(client, put):
    """Nothing of a batch is refused because of them."""
    refs = [put(f'item{number}') for number in range(10)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        def transact():
            for _ in range(50):
                try:
                    client.transact_write_items(TransactItems=[adding(ref) for ref in refs])
                except client.exceptions.TransactionCanceledException as canceled:
                    assert {reason['Code'] for reason in canceled.response['CancellationReasons']} <= {
                        'None', 'TransactionConflict'}

        def batch():
            for _ in range(50):
                assert client.batch_write_item(RequestItems={'tx-orders': [
                    {'PutRequest': {'Item': ref['Key']}} for ref in refs]})['UnprocessedItems'] == {}
        for work in [pool.submit(transact), pool.submit(transact), pool.submit(batch), pool.submit(batch)]:
            work.result()
