"""Global indexes that are added to tables which have items, while others write to them."""
import itertools
import random
import threading

import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import running, until

GSI = {'IndexName': 'by-group', 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}, {'AttributeName': 'n', 'KeyType': 'RANGE'}],
       'Projection': {'ProjectionType': 'ALL'}}
DEFINITIONS = [{'AttributeName': 'g', 'AttributeType': 'S'}, {'AttributeName': 'n', 'AttributeType': 'N'}]


def create_table(client, name):
    client.create_table(TableName=name, BillingMode='PAY_PER_REQUEST', AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                        KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])


def add_index(client, name, index=GSI, definitions=DEFINITIONS):
    return client.update_table(TableName=name, AttributeDefinitions=definitions, GlobalSecondaryIndexUpdates=[{'Create': index}])['TableDescription']


def index_of(client, name, index='by-group'):
    table = client.describe_table(TableName=name)['Table']
    return next((one for one in table.get('GlobalSecondaryIndexes', []) if one['IndexName'] == index), None)


def wait_for_index(client, name):
    until(lambda: index_of(client, name)['IndexStatus'] == 'ACTIVE', 'the index is ACTIVE')


def scan_all(client, **request):
    return [item for page in client.get_paginator('scan').paginate(**request) for item in page['Items']]


def check_index_equals_table(client, name):
    """What the index shows and counts is what the items say that it should."""
    fitting = [item for item in scan_all(client, TableName=name, ConsistentRead=True) if 'S' in item.get('g', {}) and 'N' in item.get('n', {})]
    shown = scan_all(client, TableName=name, IndexName='by-group')
    key = lambda item: item['pk']['S']  # noqa: E731
    assert sorted(shown, key=key) == sorted(fitting, key=key)
    assert index_of(client, name)['ItemCount'] == len(fitting)


def fill(client, name, count, first=0):
    for start in range(first, first + count, 25):
        puts = []
        for number in range(start, min(start + 25, first + count)):
            item = {'pk': {'S': f'item-{number}'}, 'g': {'S': f'g{number % 7}'}, 'n': {'N': str(number)}, 'text': {'S': 'x' * 100}}
            if number % 10 == 3:
                del item['n']
            if number % 10 == 4:
                item['g'] = {'N': '1'}  # does not fit the index
            puts.append({'PutRequest': {'Item': item}})
        client.batch_write_item(RequestItems={name: puts})


def test_items_that_are_there_come_into_the_index(shared):
    client = shared.client('dynamodb')
    create_table(client, 'grown')
    fill(client, 'grown', 500)
    table = add_index(client, 'grown')
    index = table['GlobalSecondaryIndexes'][0]
    assert (table['TableStatus'], index['IndexStatus'], index['Backfilling']) == ('UPDATING', 'CREATING', False)
    assert [one['AttributeName'] for one in table['AttributeDefinitions']] == ['g', 'n', 'pk']
    wait_for_index(client, 'grown')
    check_index_equals_table(client, 'grown')
    found = client.query(TableName='grown', IndexName='by-group', KeyConditionExpression='g = :g AND n < :n',
                         ExpressionAttributeValues={':g': {'S': 'g1'}, ':n': {'N': '30'}})
    assert [item['n']['N'] for item in found['Items']] == ['1', '8', '15', '22', '29']
    assert 'Backfilling' not in index_of(client, 'grown')
    # Writes keep it from now on; deleted, it is gone with its definitions.
    client.delete_item(TableName='grown', Key={'pk': {'S': 'item-1'}})
    check_index_equals_table(client, 'grown')
    client.update_table(TableName='grown', GlobalSecondaryIndexUpdates=[{'Delete': {'IndexName': 'by-group'}}])
    until(lambda: index_of(client, 'grown') is None, 'the index is gone')
    assert [one['AttributeName'] for one in client.describe_table(TableName='grown')['Table']['AttributeDefinitions']] == ['pk']


def writer(client, name, count, stop, failures):
    chance = random.Random(count)
    try:
        for number in itertools.count():
            if stop.is_set():
                return
            key = {'pk': {'S': f'item-{chance.randrange(count)}'}}
            if number % 3 == 0:
                client.delete_item(TableName=name, Key=key)
            elif number % 3 == 1:
                client.put_item(TableName=name, Item={**key, 'g': {'S': f'g{chance.randrange(7)}'}, 'n': {'N': str(number)}})
            else:
                client.update_item(TableName=name, Key=key, UpdateExpression='SET n = :n', ExpressionAttributeValues={':n': {'N': str(number)}})
    except Exception as error:  # noqa: BLE001 - told by the test's own thread
        failures.append(error)


def is_type_mismatch(error):
    # An update of an item whose other key attribute does not fit the index.
    return isinstance(error, ClientError) and 'Type mismatch for Index Key' in str(error)


def test_writes_race_with_the_backfill(shared):
    client = shared.client('dynamodb')
    create_table(client, 'raced')
    fill(client, 'raced', 2_000)
    stop, failures = threading.Event(), []
    threads = [threading.Thread(target=writer, args=(shared.client('dynamodb'), 'raced', 2_000 + n, stop, failures)) for n in range(3)]
    for thread in threads:
        thread.start()
    add_index(client, 'raced')
    wait_for_index(client, 'raced')
    stop.set()
    for thread in threads:
        thread.join()
    assert [error for error in failures if not is_type_mismatch(error)] == []
    check_index_equals_table(client, 'raced')


def test_a_kill_in_the_middle_of_the_backfill(own_server):
    client = own_server.client('dynamodb')
    create_table(client, 'cut')
    fill(client, 'cut', 6_000)
    add_index(client, 'cut')
    own_server.kill()
    own_server.start()
    client = own_server.client('dynamodb')
    wait_for_index(client, 'cut')
    check_index_equals_table(client, 'cut')


def test_the_table_is_updated_in_the_middle_of_the_backfill():
    """Its state decides when an index begins to be filled, and not what comes into it."""
    with running(args=['--delay-transient-statuses']) as server:
        client, clock = server.client('dynamodb'), Clock(server.endpoint)
        clock.change(freeze=True)
        create_table(client, 'busy')
        clock.change(advance='PT1M')
        fill(client, 'busy', 10_000)
        add_index(client, 'busy')
        clock.change(advance='PT1M')  # now it is being filled
        client.update_table(TableName='busy', SSESpecification={'Enabled': True, 'SSEType': 'KMS'})
        wait_for_index(client, 'busy')
        clock.change(advance='PT1M')
        check_index_equals_table(client, 'busy')


@pytest.fixture(scope='module')
def refusing(shared):
    client = shared.client('dynamodb')
    create_table(client, 'adding-refused')
    return client


@pytest.mark.parametrize('index,definitions,code,message', [
    (GSI, [DEFINITIONS[0], {'AttributeName': 'x', 'AttributeType': 'S'}], 'ValidationException',
     'Some index key attributes are not defined in AttributeDefinitions. Keys: [g, n], AttributeDefinitions: [g, x]'),
    (GSI, DEFINITIONS[:1], 'ValidationException', 'Invalid KeySchema: Some index key attribute have no definition'),
    ({**GSI, 'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}}, DEFINITIONS, 'ValidationException',
     'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: by-group when BillingMode is PAY_PER_REQUEST')])
def test_indexes_that_cannot_be_added(refusing, index, definitions, code, message):
    with pytest.raises(ClientError) as error:
        add_index(refusing, 'adding-refused', index, definitions)
    assert error.value.response['Error']['Code'] == code
    assert message in error.value.response['Error']['Message']


def test_one_index_at_a_time(shared):
    client = shared.client('dynamodb')
    create_table(client, 'one-by-one')
    with pytest.raises(ClientError) as error:
        client.update_table(TableName='one-by-one', AttributeDefinitions=DEFINITIONS,
                            GlobalSecondaryIndexUpdates=[{'Create': GSI}, {'Create': {**GSI, 'IndexName': 'other'}}])
    assert error.value.response['Error'] == {
        'Code': 'LimitExceededException',
        'Message': 'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table'}
    add_index(client, 'one-by-one')
    wait_for_index(client, 'one-by-one')
    with pytest.raises(ClientError) as error:
        add_index(client, 'one-by-one')
    assert error.value.response['Error'] == {
        'Code': 'ValidationException', 'Message': 'Attempting to create an index which already exists'}
