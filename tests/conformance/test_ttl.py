"""Time to live through boto3: the rules of its settings, and items that go by the service's clock."""
import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import Failed, Server, create_table, running, scan, table_request, until


def set_ttl(dynamodb, table, enabled, attribute='ttl'):
    return dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={'Enabled': enabled, 'AttributeName': attribute})['TimeToLiveSpecification']


def ttl_of(dynamodb, table):
    return dynamodb.describe_time_to_live(TableName=table)['TimeToLiveDescription']


def refusal(call, *arguments, **named):
    with pytest.raises(ClientError) as error:
        call(*arguments, **named)
    return error.value.response['Error']['Code'], error.value.response['Error']['Message']


def seconds_now(server):
    return int(Clock(server.endpoint).now().timestamp())


@pytest.fixture
def frozen():
    """Time stands still, so that only moves of the clock make anything happen."""
    with running(args=['--ttl-lag', 'PT10S']) as server:
        Clock(server.endpoint).change(freeze=True)
        yield server


def test_on_and_off(wire, dynamodb, name):
    create_table(wire, name)
    assert ttl_of(dynamodb, name) == {'TimeToLiveStatus': 'DISABLED'}
    assert refusal(set_ttl, dynamodb, name, False) == ('ValidationException', 'TimeToLive is already disabled')
    assert set_ttl(dynamodb, name, True, 'expires') == {'Enabled': True, 'AttributeName': 'expires'}
    assert ttl_of(dynamodb, name) == {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'expires'}
    assert refusal(set_ttl, dynamodb, name, True, 'expires') == ('ValidationException', 'TimeToLive is already enabled')
    for enabled in (True, False):
        assert refusal(set_ttl, dynamodb, name, enabled, 'other') == (
            'ValidationException',
            'TimeToLive is active on a different AttributeName: current AttributeName is expires')
    assert set_ttl(dynamodb, name, False, 'expires') == {'Enabled': False, 'AttributeName': 'expires'}
    assert ttl_of(dynamodb, name) == {'TimeToLiveStatus': 'DISABLED'}
    set_ttl(dynamodb, name, True, 'other')
    assert ttl_of(dynamodb, name) == {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'other'}
    assert dynamodb.describe_time_to_live(TableName=dynamodb.describe_table(TableName=name)['Table']['TableArn'])[
        'TimeToLiveDescription']['AttributeName'] == 'other', 'an ARN names the table as well'


def violation(value, place, constraint):
    return f"1 validation error detected: Value {value} at '{place}' failed to satisfy constraint: {constraint}"


ON = {'Enabled': True, 'AttributeName': 'ttl'}
BAD_REQUESTS = [
    ('no specification', {'TableName': 'tab'}, violation('null', 'timeToLiveSpecification', 'Member must not be null')),
    ('no table', {'TimeToLiveSpecification': ON}, violation('null', 'tableName', 'Member must not be null')),
    ('no switch', {'TableName': 'tab', 'TimeToLiveSpecification': {'AttributeName': 'ttl'}},
     violation('null', 'timeToLiveSpecification.enabled', 'Member must not be null')),
    ('no attribute', {'TableName': 'tab', 'TimeToLiveSpecification': {'Enabled': True}},
     violation('null', 'timeToLiveSpecification.attributeName', 'Member must not be null')),
    ('empty attribute', {'TableName': 'tab', 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': ''}},
     violation("''", 'timeToLiveSpecification.attributeName', 'Member must have length greater than or equal to 1')),
    ('long attribute', {'TableName': 'tab', 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 'a' * 256}},
     violation("'" + 'a' * 256 + "'", 'timeToLiveSpecification.attributeName',
               'Member must have length less than or equal to 255')),
    ('bad table name', {'TableName': 'a b', 'TimeToLiveSpecification': ON},
     violation("'a b'", 'tableName', 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+')),
]


@pytest.mark.parametrize('request_, message', [case[1:] for case in BAD_REQUESTS], ids=[case[0] for case in BAD_REQUESTS])
def test_refused(wire, request_, message):
    with pytest.raises(Failed) as error:
        wire.call('UpdateTimeToLive', request_)
    assert (error.value.code, error.value.message) == ('ValidationException', message)


def test_tables_that_are_not_there(dynamodb):
    missing = ('ResourceNotFoundException', 'Requested resource not found: Table: missing not found')
    assert refusal(set_ttl, dynamodb, 'missing', True) == missing
    assert refusal(ttl_of, dynamodb, 'missing') == missing


def test_items_go_by_themselves(wire, dynamodb, name, shared):
    """No clock is moved: with the default settings it takes seconds."""
    create_table(wire, name, index='color')
    set_ttl(dynamodb, name, True)
    now = seconds_now(shared)
    for key, expires in [('over', now - 60), ('soon', now + 1), ('later', now + 3600)]:
        dynamodb.put_item(TableName=name, Item={'pk': {'S': key}, 'color': {'S': 'red'}, 'ttl': {'N': str(expires)}})
    until(lambda: [item['pk']['S'] for item in dynamodb.scan(TableName=name)['Items']] == ['later'], 'two items to go')
    assert dynamodb.scan(TableName=name, IndexName='by-color')['Count'] == 1
    assert dynamodb.describe_table(TableName=name)['Table']['ItemCount'] == 1


def test_the_lag(frozen):
    dynamodb, clock = frozen.client('dynamodb'), Clock(frozen.endpoint)
    dynamodb.create_table(**table_request('tab'))
    set_ttl(dynamodb, 'tab', True)
    dynamodb.put_item(TableName='tab', Item={'pk': {'S': 'a'}, 'ttl': {'N': str(seconds_now(frozen) + 60)}})
    clock.change(advance='PT1M8S')
    assert dynamodb.get_item(TableName='tab', Key={'pk': {'S': 'a'}})['Item']['pk'] == {'S': 'a'}, 'expired items can be read'
    clock.change(advance='PT3S')
    assert 'Item' not in dynamodb.get_item(TableName='tab', Key={'pk': {'S': 'a'}})


def test_an_update_saves_an_item(frozen):
    dynamodb, clock = frozen.client('dynamodb'), Clock(frozen.endpoint)
    dynamodb.create_table(**table_request('tab'))
    set_ttl(dynamodb, 'tab', True)
    soon, later = seconds_now(frozen) + 60, seconds_now(frozen) + 3600
    for key in 'ab':
        dynamodb.put_item(TableName='tab', Item={'pk': {'S': key}, 'ttl': {'N': str(soon)}})
    dynamodb.update_item(TableName='tab', Key={'pk': {'S': 'a'}}, UpdateExpression='SET #t = :t',
                         ExpressionAttributeNames={'#t': 'ttl'}, ExpressionAttributeValues={':t': {'N': str(later)}})
    clock.change(advance='PT5M')
    assert [item['pk']['S'] for item in dynamodb.scan(TableName='tab')['Items']] == ['a']
    clock.change(advance='PT1H')
    assert dynamodb.scan(TableName='tab')['Items'] == []


def test_streams_tell_who_deleted(frozen):
    dynamodb, streams = frozen.client('dynamodb'), frozen.client('dynamodbstreams')
    created = dynamodb.create_table(**table_request('tab', StreamSpecification={
        'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}))['TableDescription']
    set_ttl(dynamodb, 'tab', True)
    item = {'pk': {'S': 'a'}, 'ttl': {'N': str(seconds_now(frozen) + 60)}}
    dynamodb.put_item(TableName='tab', Item=item)
    dynamodb.put_item(TableName='tab', Item={'pk': {'S': 'b'}})
    dynamodb.delete_item(TableName='tab', Key={'pk': {'S': 'b'}})
    Clock(frozen.endpoint).change(advance='PT2M')
    removed = {}
    arn = created['LatestStreamArn']
    for shard in streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']:
        at = streams.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'], ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        for record in streams.get_records(ShardIterator=at)['Records']:
            if record['eventName'] == 'REMOVE':
                removed[record['dynamodb']['Keys']['pk']['S']] = record
    assert removed['a']['userIdentity'] == {'PrincipalId': 'dynamodb.amazonaws.com', 'Type': 'Service'}
    assert removed['a']['dynamodb']['OldImage'] == item
    assert 'userIdentity' not in removed['b']


def test_a_filled_table_and_a_kill(own_server):
    dynamodb, wire = own_server.client('dynamodb'), own_server.wire()
    create_table(wire, 'tab', sort_key='n')
    soon = seconds_now(own_server) + 3600
    for start in range(0, 1500, 25):
        wire.call('BatchWriteItem', {'RequestItems': {'tab': [
            {'PutRequest': {'Item': {'pk': {'S': 'p'}, 'n': {'N': str(n)}, 'ttl': {'N': str(soon + (n % 3) * 7200)}}}}
            for n in range(start, start + 25)]}})
    set_ttl(dynamodb, 'tab', True)
    wire.close()
    own_server.kill()
    own_server.start()
    dynamodb = own_server.client('dynamodb')
    assert ttl_of(dynamodb, 'tab') == {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'ttl'}
    Clock(own_server.endpoint).change(advance='PT2H')
    assert dynamodb.describe_table(TableName='tab')['Table']['ItemCount'] == 1000
    Clock(own_server.endpoint).change(advance='PT5H')
    assert dynamodb.describe_table(TableName='tab')['Table']['ItemCount'] == 0


@pytest.mark.parametrize('end', ['kill', 'terminate'])
def test_items_go_by_the_time_that_a_restart_found(tmp_path, end):
    """The clock goes on where it was moved to, and is believed at once: nobody moves it again."""
    server = Server(tmp_path / 'data', args=['--ttl-lag', 'PT0S'])
    try:
        Clock(server.endpoint).change(set='2040-01-01T00:00:00Z')
        dynamodb, wire = server.client('dynamodb'), server.wire()
        create_table(wire, 'tab')
        set_ttl(dynamodb, 'tab', True)
        soon = seconds_now(server)
        for name, ttl in (('soon', soon + 3), ('later', soon + 86_400)):
            wire.call('PutItem', {'TableName': 'tab', 'Item': {'pk': {'S': name}, 'ttl': {'N': str(ttl)}}})
        wire.close()
        getattr(server, end)()
        server.start()
        wire = server.wire()
        until(lambda: [item['pk']['S'] for item in scan(wire, 'tab')] == ['later'], 'the item to go')
        wire.close()
    finally:
        server.close()


def test_one_change_an_hour():
    """With states that last, a change takes an hour, and refuses the next one meanwhile."""
    with running(args=['--delay-transient-statuses']) as server:
        dynamodb, clock = server.client('dynamodb'), Clock(server.endpoint)
        dynamodb.create_table(**table_request('tab'))
        in_use = ('ResourceInUseException',
                  'Attempt to change a resource which is still in use: Table is being created: tab')
        assert refusal(set_ttl, dynamodb, 'tab', True) == in_use
        clock.change(advance='PT1M')
        set_ttl(dynamodb, 'tab', True)
        too_often = ('ValidationException', 'Time to live has been modified multiple times within a fixed interval')
        assert ttl_of(dynamodb, 'tab') == {'TimeToLiveStatus': 'ENABLING', 'AttributeName': 'ttl'}
        assert refusal(set_ttl, dynamodb, 'tab', False) == too_often
        assert refusal(set_ttl, dynamodb, 'tab', True) == ('ValidationException', 'TimeToLive is already enabled')
        clock.change(advance='PT1H')
        assert ttl_of(dynamodb, 'tab') == {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'ttl'}
        set_ttl(dynamodb, 'tab', False)
        assert ttl_of(dynamodb, 'tab') == {'TimeToLiveStatus': 'DISABLING', 'AttributeName': 'ttl'}
        assert refusal(set_ttl, dynamodb, 'tab', True, 'other') == too_often
        clock.change(advance='PT1H')
        assert ttl_of(dynamodb, 'tab') == {'TimeToLiveStatus': 'DISABLED'}
        set_ttl(dynamodb, 'tab', True, 'other')
