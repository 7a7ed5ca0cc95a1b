"""An application over boto3's DynamoDB, client and resource, with the settings that both have by default: retries, time-outs, the
check of x-amz-crc32."""
import concurrent.futures
import decimal

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary

from support.clock import Clock
from support.server import running, until

ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/'


@pytest.fixture(scope='module')
def server():
    with running() as server:
        yield server


@pytest.fixture(scope='module')
def session():
    return boto3.Session(aws_access_key_id='test', aws_secret_access_key='test', region_name='us-east-1')


@pytest.fixture(scope='module')
def client(server, session):
    return session.client('dynamodb', endpoint_url=server.endpoint)


@pytest.fixture(scope='module')
def resource(server, session):
    return session.resource('dynamodb', endpoint_url=server.endpoint)


@pytest.fixture(scope='module')
def orders(resource):
    table = resource.create_table(
        TableName='orders', BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[{'AttributeName': name, 'AttributeType': kind}
                              for name, kind in (('customer', 'S'), ('number', 'N'), ('status', 'S'), ('total', 'N'))],
        KeySchema=[{'AttributeName': 'customer', 'KeyType': 'HASH'}, {'AttributeName': 'number', 'KeyType': 'RANGE'}],
        LocalSecondaryIndexes=[{
            'IndexName': 'by-total', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
            'KeySchema': [{'AttributeName': 'customer', 'KeyType': 'HASH'}, {'AttributeName': 'total', 'KeyType': 'RANGE'}]}],
        GlobalSecondaryIndexes=[{
            'IndexName': 'by-status', 'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['total']},
            'KeySchema': [{'AttributeName': 'status', 'KeyType': 'HASH'}]}],
        StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'},
        Tags=[{'Key': 'team', 'Value': 'shop'}])
    table.wait_until_exists()
    with table.batch_writer(overwrite_by_pkeys=['customer', 'number']) as batch:
        for number in range(120):
            batch.put_item({'customer': 'ann', 'number': number, 'status': 'open' if number % 10 else 'sent',
                            'total': decimal.Decimal(number) * decimal.Decimal('1.25'), 'lines': [{'sku': 'a', 'count': 1}]})
        batch.delete_item({'customer': 'ann', 'number': 119})
    return table


def test_every_type(orders):
    item = {'customer': 'types', 'number': decimal.Decimal('1E-130'), 'text': 'ä€😀', 'empty': '', 'true': True, 'none': None,
            'list': [decimal.Decimal('3.14'), 'x', []], 'map': {'deep': {'er': [{}]}}, 'strings': {'a', 'b'},
            'numbers': {decimal.Decimal('1.5'), decimal.Decimal('-2')}, 'raw': Binary(b'\x00\xff'),
            'raws': {Binary(b''), Binary(b'\x01')}, 'long': decimal.Decimal('1' * 38)}
    orders.put_item(Item=item)
    assert orders.get_item(Key={'customer': 'types', 'number': item['number']})['Item'] == item
    orders.delete_item(Key={'customer': 'types', 'number': item['number']})


def test_conditions_build_expressions(orders):
    big = orders.query(KeyConditionExpression=Key('customer').eq('ann') & Key('number').between(50, 99),
                       FilterExpression=Attr('status').eq('sent') & ~Attr('lines[0].sku').ne('a') & Attr('lines').size().eq(1),
                       ScanIndexForward=False)
    assert [int(item['number']) for item in big['Items']] == [90, 80, 70, 60, 50]
    cheap = orders.query(IndexName='by-total', KeyConditionExpression=Key('customer').eq('ann') & Key('total').lt(3),
                         Select='ALL_ATTRIBUTES')
    assert [item['lines'][0]['count'] for item in cheap['Items']] == [1, 1, 1]
    found = orders.scan(FilterExpression=Attr('number').is_in([1, 2, 500]) | Attr('status').begins_with('se'))
    assert found['Count'] == 2 + 12
    assert orders.query(IndexName='by-status', KeyConditionExpression=Key('status').eq('sent'))['Count'] == 12


def test_pages(client, orders):
    pages = client.get_paginator('query').paginate(
        TableName='orders', KeyConditionExpression='customer = :c', ExpressionAttributeValues={':c': {'S': 'ann'}},
        PaginationConfig={'PageSize': 50})
    assert [page['Count'] for page in pages] == [50, 50, 19]
    scanned = client.get_paginator('scan').paginate(TableName=ARN + 'orders', PaginationConfig={'PageSize': 40})
    assert sum(page['Count'] for page in scanned) == 119


def test_a_counter_that_many_turn(client, orders):
    def turn(_):
        client.update_item(TableName='orders', Key={'customer': {'S': 'hot'}, 'number': {'N': '0'}},
                           UpdateExpression='ADD turns :one', ExpressionAttributeValues={':one': {'N': '1'}})
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(turn, range(200)))
    item = client.get_item(TableName='orders', Key={'customer': {'S': 'hot'}, 'number': {'N': '0'}}, ConsistentRead=True)['Item']
    assert item['turns'] == {'N': '200'}


def test_typed_errors(client, orders):
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as failed:
        client.put_item(TableName='orders', Item={'customer': {'S': 'ann'}, 'number': {'N': '1'}},
                        ConditionExpression='attribute_not_exists(customer)')
    assert failed.value.response['Error'] == {'Code': 'ConditionalCheckFailedException',
                                              'Message': 'The conditional request failed'}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName='nowhere', Key={'pk': {'S': 'a'}})
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(TableName='orders', BillingMode='PAY_PER_REQUEST',
                            AttributeDefinitions=[{'AttributeName': 'a', 'AttributeType': 'S'}],
                            KeySchema=[{'AttributeName': 'a', 'KeyType': 'HASH'}])


def test_transactions(client, orders):
    def transfer(number, amount):
        change = {'TableName': 'orders', 'UpdateExpression': 'SET #t = #t + :a', 'ConditionExpression': '#t >= :min',
                  'ExpressionAttributeNames': {'#t': 'total'}}
        return client.transact_write_items(ReturnConsumedCapacity='TOTAL', TransactItems=[
            {'Update': {**change, 'Key': {'customer': {'S': 'ann'}, 'number': {'N': str(number)}},
                        'ExpressionAttributeValues': {':a': {'N': str(-amount)}, ':min': {'N': str(amount)}}}},
            {'Update': {**change, 'Key': {'customer': {'S': 'ann'}, 'number': {'N': '0'}},
                        'ExpressionAttributeValues': {':a': {'N': str(amount)}, ':min': {'N': '0'}}}}])

    # Twice two units for the items, and on the index of totals an entry that goes and one that comes for each, on that by status one.
    (capacity,) = transfer(100, 5)['ConsumedCapacity']
    assert (capacity['TableName'], capacity['WriteCapacityUnits']) == ('orders', 4 + 4 + 2)
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        transfer(1, 100)
    assert [reason['Code'] for reason in cancelled.value.response['CancellationReasons']] == ['ConditionalCheckFailed', 'None']
    read = client.transact_get_items(TransactItems=[
        {'Get': {'TableName': 'orders', 'Key': {'customer': {'S': 'ann'}, 'number': {'N': str(number)}},
                 'ProjectionExpression': '#t', 'ExpressionAttributeNames': {'#t': 'total'}}} for number in (100, 0, 1)])
    assert [response['Item']['total']['N'] for response in read['Responses']] == ['120', '5', '1.25']


def test_settings(client, orders):
    assert client.list_tags_of_resource(ResourceArn=ARN + 'orders')['Tags'] == [{'Key': 'team', 'Value': 'shop'}]
    client.tag_resource(ResourceArn=ARN + 'orders', Tags=[{'Key': 'stage', 'Value': 'test'}])
    client.untag_resource(ResourceArn=ARN + 'orders', TagKeys=['team'])
    assert client.list_tags_of_resource(ResourceArn=ARN + 'orders')['Tags'] == [{'Key': 'stage', 'Value': 'test'}]
    client.update_time_to_live(TableName='orders', TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'until'})
    ttl = client.describe_time_to_live(TableName='orders')['TimeToLiveDescription']
    assert ttl == {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'until'}
    assert client.describe_limits()['TableMaxReadCapacityUnits'] == 40000
    client.update_table(TableName='orders', TableClass='STANDARD_INFREQUENT_ACCESS')
    client.get_waiter('table_exists').wait(TableName='orders', WaiterConfig={'Delay': 1})
    table = client.describe_table(TableName='orders')['Table']
    assert table['TableClassSummary']['TableClass'] == 'STANDARD_INFREQUENT_ACCESS'


def test_the_stream_has_it_all(server, session, client, orders):
    streams = session.client('dynamodbstreams', endpoint_url=server.endpoint)
    orders.put_item(Item={'customer': 'brief', 'number': 1, 'until': 1})  # more than five years ago: stays
    clock = Clock(server.endpoint)
    orders.put_item(Item={'customer': 'brief', 'number': 2, 'until': int(clock.now().timestamp()) + 60})
    clock.change(advance='PT1H')
    until(lambda: 'Item' not in orders.get_item(Key={'customer': 'brief', 'number': 2}), 'the order to expire')
    assert 'Item' in orders.get_item(Key={'customer': 'brief', 'number': 1})
    (listed,) = streams.list_streams(TableName='orders')['Streams']
    records = []
    for shard in streams.describe_stream(StreamArn=listed['StreamArn'])['StreamDescription']['Shards']:
        iterator = streams.get_shard_iterator(StreamArn=listed['StreamArn'], ShardId=shard['ShardId'],
                                              ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            records += page['Records']
            iterator = page.get('NextShardIterator') if page['Records'] else None
    assert sum(record['eventName'] == 'INSERT' for record in records) == 119 + 1 + 1 + 2
    (expired,) = [record for record in records if 'userIdentity' in record]
    assert expired['userIdentity'] == {'Type': 'Service', 'PrincipalId': 'dynamodb.amazonaws.com'}
    assert expired['dynamodb']['Keys'] == {'customer': {'S': 'brief'}, 'number': {'N': '2'}}
    turns = [record['dynamodb']['NewImage']['turns']['N'] for record in records
             if record['dynamodb']['Keys']['customer'] == {'S': 'hot'}]
    assert turns == [str(n) for n in range(1, 201)], 'in the order of the item'
