"""The states that tables and indexes pass through, seen through boto3 and its waiters as they come."""
import types

import botocore.waiter
import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import Server, running, table_request


@pytest.fixture
def slow_server():
    with running(args=['--delay-transient-statuses']) as server:
        yield server


def refused(call, code, message, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response['Error'] == {'Code': code, 'Message': message}


def let_waiters_sleep(monkeypatch, sleep):
    monkeypatch.setattr(botocore.waiter, 'time', types.SimpleNamespace(sleep=sleep))


def states(description):
    indexes = description.get('GlobalSecondaryIndexes', [])
    return [description['TableStatus'], *(index['IndexStatus'] for index in indexes)]


def test_at_once(dynamodb, name, monkeypatch):
    """The answers show the passing state; a client that waits need not, and one that does not is served."""
    let_waiters_sleep(monkeypatch, lambda seconds: pytest.fail('a waiter had to wait'))
    created = dynamodb.create_table(**table_request(name, index='color'))['TableDescription']
    assert states(created) == ['CREATING', 'CREATING']
    assert 'Backfilling' not in created['GlobalSecondaryIndexes'][0]
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'a'}, 'color': {'S': 'red'}})
    dynamodb.get_waiter('table_exists').wait(TableName=name)
    assert states(dynamodb.describe_table(TableName=name)['Table']) == ['ACTIVE', 'ACTIVE']

    updated = dynamodb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{'Delete': {'IndexName': 'by-color'}}])
    assert states(updated['TableDescription']) == ['UPDATING', 'DELETING']
    assert states(dynamodb.describe_table(TableName=name)['Table']) == ['ACTIVE']

    deleted = dynamodb.delete_table(TableName=name)['TableDescription']
    assert (deleted['TableStatus'], deleted['ItemCount']) == ('DELETING', 1)
    dynamodb.get_waiter('table_not_exists').wait(TableName=name)
    created = dynamodb.create_table(**table_request(name))['TableDescription']
    assert states(created) == ['CREATING']


def test_waiters_wait(slow_server, monkeypatch):
    """While a waiter sleeps, the service's time goes on: that is all it takes."""
    slept = []
    clock = Clock(slow_server.endpoint)

    def sleep(seconds):
        slept.append(seconds)
        clock.change(advance=f'PT{seconds}S')
    let_waiters_sleep(monkeypatch, sleep)
    dynamodb = slow_server.client('dynamodb')
    dynamodb.create_table(**table_request('tab', index='color'))
    assert states(dynamodb.describe_table(TableName='tab')['Table']) == ['CREATING', 'CREATING']
    dynamodb.get_waiter('table_exists').wait(TableName='tab')
    assert slept == [20]
    assert states(dynamodb.describe_table(TableName='tab')['Table']) == ['ACTIVE', 'ACTIVE']

    dynamodb.put_item(TableName='tab', Item={'pk': {'S': 'a'}})
    assert dynamodb.delete_table(TableName='tab')['TableDescription']['TableStatus'] == 'DELETING'
    dynamodb.get_waiter('table_not_exists').wait(TableName='tab')
    assert slept == [20, 20]
    refused(dynamodb.describe_table, 'ResourceNotFoundException', 'Requested resource not found: Table: tab not found',
            TableName='tab')


def test_what_operations_answer_meanwhile(slow_server):
    dynamodb, clock = slow_server.client('dynamodb'), Clock(slow_server.endpoint)
    put = {'TableName': 'tab', 'Item': {'pk': {'S': 'a'}}}
    in_use = 'Attempt to change a resource which is still in use: Table is being %s: tab'
    dynamodb.create_table(**table_request('tab', index='color'))
    refused(dynamodb.put_item, 'ResourceNotFoundException', 'Requested resource not found', **put)
    refused(dynamodb.update_table, 'ResourceInUseException', in_use % 'created', TableName='tab',
            BillingMode='PAY_PER_REQUEST')
    refused(dynamodb.delete_table, 'ResourceInUseException', in_use % 'created', TableName='tab')
    refused(dynamodb.create_table, 'ResourceInUseException', in_use % 'created', **table_request('tab'))
    refused(dynamodb.describe_time_to_live, 'ValidationException', 'Cannot describe time to live while table is in CREATING '
            'state: Current table state is CREATING', TableName='tab')
    refused(dynamodb.update_contributor_insights, 'ValidationException', 'Table or Index is not in a valid state to update Key '
            'Access Insights: TableStatus must be ACTIVE to enable ContributorInsights.', TableName='tab',
            ContributorInsightsAction='ENABLE')
    assert dynamodb.list_tables()['TableNames'] == ['tab']

    clock.change(advance='PT1M')
    dynamodb.put_item(**put)
    encrypted = dynamodb.update_table(TableName='tab', SSESpecification={'Enabled': True, 'SSEType': 'KMS'})
    assert encrypted['TableDescription']['TableStatus'] == 'ACTIVE', 'done at once'
    delete_index = [{'Delete': {'IndexName': 'by-color'}}]
    dynamodb.update_table(TableName='tab', GlobalSecondaryIndexUpdates=delete_index)
    assert states(dynamodb.describe_table(TableName='tab')['Table']) == ['UPDATING', 'DELETING']
    dynamodb.put_item(**put)
    refused(dynamodb.delete_table, 'ResourceInUseException', in_use % 'updated', TableName='tab')
    clock.change(advance='PT10S')
    assert states(dynamodb.describe_table(TableName='tab')['Table']) == ['ACTIVE', 'DELETING']
    refused(dynamodb.scan, 'ValidationException', 'The table does not have the specified index: by-color',
            TableName='tab', IndexName='by-color')
    clock.change(advance='PT1M')
    assert states(dynamodb.describe_table(TableName='tab')['Table']) == ['ACTIVE']

    dynamodb.delete_table(TableName='tab')
    refused(dynamodb.put_item, 'ResourceNotFoundException', 'Requested resource not found', **put)
    refused(dynamodb.update_table, 'ResourceInUseException', in_use % 'deleted', TableName='tab',
            BillingMode='PAY_PER_REQUEST')
    refused(dynamodb.create_table, 'ResourceInUseException', 'Table already exists: tab', **table_request('tab'))
    refused(dynamodb.delete_table, 'ResourceInUseException', in_use % 'deleted', TableName='tab')
    refused(dynamodb.describe_time_to_live, 'ValidationException', 'Cannot describe time to live while table is in DELETING '
            'state: Current table state is DELETING', TableName='tab')
    assert dynamodb.list_tables()['TableNames'] == ['tab']
    clock.change(advance='PT1M')
    assert dynamodb.list_tables()['TableNames'] == []


def test_states_go_on_after_a_crash(tmp_path):
    server = Server(str(tmp_path / 'data'), ['--delay-transient-statuses'])
    try:
        dynamodb = server.client('dynamodb')
        dynamodb.create_table(**table_request('kept', index='color'))
        Clock(server.endpoint).change(advance='PT1M')
        dynamodb.put_item(TableName='kept', Item={'pk': {'S': 'a'}})
        dynamodb.update_table(TableName='kept', GlobalSecondaryIndexUpdates=[{'Delete': {'IndexName': 'by-color'}}])
        dynamodb.create_table(**table_request('new'))
        dynamodb.create_table(**table_request('gone'))
        Clock(server.endpoint).change(advance='PT8S')
        dynamodb.delete_table(TableName='gone')
        server.kill()
        server.start()
        dynamodb = server.client('dynamodb')
        Clock(server.endpoint).change(advance='PT3M')
        assert dynamodb.list_tables()['TableNames'] == ['kept', 'new']
        assert states(dynamodb.describe_table(TableName='new')['Table']) == ['ACTIVE']
        assert states(dynamodb.describe_table(TableName='kept')['Table']) == ['ACTIVE']
        assert dynamodb.get_item(TableName='kept', Key={'pk': {'S': 'a'}})['Item'] == {'pk': {'S': 'a'}}
    finally:
        server.close()
