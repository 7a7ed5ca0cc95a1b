"""Tables through boto3: life cycle, descriptions, updates, continuous backups, and the exact refusals."""
import re

import pytest
from botocore.exceptions import ClientError

from support.server import ACCOUNT, Failed, create_table, table_request, until


def refused(call, code, message, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response['Error'] == {'Code': code, 'Message': message}
    assert error.value.response['ResponseMetadata']['HTTPStatusCode'] == 400


def test_life_of_a_table(dynamodb, name):
    created = dynamodb.create_table(**table_request(name, sort_key='sk', index='color'))['TableDescription']
    assert created['TableStatus'] == 'CREATING'
    refused(dynamodb.create_table, 'ResourceInUseException', f'Table already exists: {name}', **table_request(name))
    dynamodb.get_waiter('table_exists').wait(TableName=name, WaiterConfig={'Delay': 1, 'MaxAttempts': 20})

    table = dynamodb.describe_table(TableName=name)['Table']
    assert table['TableArn'] == created['TableArn'] == f'arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}'
    assert table['TableId'] == created['TableId']
    assert re.fullmatch('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', table['TableId'])
    assert table['KeySchema'] == [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}]
    assert table['BillingModeSummary']['BillingMode'] == 'PAY_PER_REQUEST'
    assert (table['ItemCount'], table['TableSizeBytes']) == (0, 0)
    (index,) = table['GlobalSecondaryIndexes']
    assert (index['IndexName'], index['IndexStatus']) == ('by-color', 'ACTIVE')
    assert index['IndexArn'] == table['TableArn'] + '/index/by-color'
    assert dynamodb.describe_table(TableName=table['TableArn'])['Table'] == table, 'an ARN names the table as well'

    assert dynamodb.delete_table(TableName=name)['TableDescription']['TableStatus'] == 'DELETING'
    dynamodb.get_waiter('table_not_exists').wait(TableName=name, WaiterConfig={'Delay': 1, 'MaxAttempts': 20})
    refused(dynamodb.describe_table, 'ResourceNotFoundException',
            f'Requested resource not found: Table: {name} not found', TableName=name)


def test_a_table_created_again_is_empty(wire, dynamodb, name):
    create_table(wire, name)
    first = dynamodb.describe_table(TableName=name)['Table']['TableId']
    dynamodb.put_item(TableName=name, Item={'pk': {'S': 'old'}})
    dynamodb.delete_table(TableName=name)

    def gone():
        try:
            dynamodb.describe_table(TableName=name)
        except dynamodb.exceptions.ResourceNotFoundException:
            return True
    until(gone, 'the table to be gone')
    create_table(wire, name)
    assert dynamodb.scan(TableName=name)['Items'] == []
    assert dynamodb.describe_table(TableName=name)['Table']['TableId'] != first


def test_counts_are_exact(wire, dynamodb, name):
    create_table(wire, name)
    for n in range(20):
        dynamodb.put_item(TableName=name, Item={'pk': {'S': f'{n:02}'}, 'text': {'S': 'x' * n}})
    for n in range(5):
        dynamodb.delete_item(TableName=name, Key={'pk': {'S': f'{n:02}'}})
    dynamodb.delete_item(TableName=name, Key={'pk': {'S': 'never there'}})
    dynamodb.put_item(TableName=name, Item={'pk': {'S': '19'}})
    table = dynamodb.describe_table(TableName=name)['Table']
    assert table['ItemCount'] == 15
    assert table['TableSizeBytes'] == sum(len('pk') + 2 + len('text') + n for n in range(5, 19)) + 4


def test_list_is_sorted_and_paged(shared, name):
    dynamodb = shared.client('dynamodb', account='111122223333')
    names = sorted(f'{name}-{n}' for n in range(7))
    for table in reversed(names):
        dynamodb.create_table(**table_request(table))
    pages = list(dynamodb.get_paginator('list_tables').paginate(PaginationConfig={'PageSize': 3}))
    assert [page['TableNames'] for page in pages] == [names[:3], names[3:6], names[6:]]
    assert dynamodb.list_tables(ExclusiveStartTableName=names[2], Limit=1) | {'ResponseMetadata': None} == {
        'TableNames': [names[3]], 'LastEvaluatedTableName': names[3], 'ResponseMetadata': None}


DEFINITIONS = [
    ('short name', {'TableName': 'ab'}, "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy "
     'constraint: Member must have length greater than or equal to 3'),
    ('no throughput', {'BillingMode': 'PROVISIONED'},
     'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified '
     'when BillingMode is PROVISIONED'),
    ('bad characters', {'TableName': 'a b!c'},
     "1 validation error detected: Value 'a b!c' at 'tableName' failed to satisfy constraint: Member must satisfy "
     'regular expression pattern: [a-zA-Z0-9_.-]+'),
]


@pytest.mark.parametrize('change, message', [case[1:] for case in DEFINITIONS], ids=[case[0] for case in DEFINITIONS])
def test_refused_definitions(wire, change, message):
    with pytest.raises(Failed) as error:
        wire.call('CreateTable', {**table_request('refused'), **change})
    assert (error.value.code, error.value.message) == ('ValidationException', message)
    assert 'refused' not in wire.call('ListTables', {})['TableNames']


def test_what_is_missing(dynamodb):
    for call, arguments in [
            (dynamodb.describe_table, {}), (dynamodb.delete_table, {}),
            (dynamodb.update_table, {'BillingMode': 'PAY_PER_REQUEST'})]:
        refused(call, 'ResourceNotFoundException', 'Requested resource not found: Table: missing not found',
                TableName='missing', **arguments)
    for call, arguments in [
            (dynamodb.get_item, {'Key': {'pk': {'S': 'a'}}}), (dynamodb.put_item, {'Item': {'pk': {'S': 'a'}}}),
            (dynamodb.scan, {})]:
        refused(call, 'ResourceNotFoundException', 'Requested resource not found', TableName='missing', **arguments)
    refused(dynamodb.describe_continuous_backups, 'TableNotFoundException', 'Table not found: missing',
            TableName='missing')


def test_continuous_backups(wire, dynamodb, name):
    create_table(wire, name)

    def description(answer):
        return answer['ContinuousBackupsDescription']

    def switch(enabled):
        return description(dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': enabled}))
    off = {'ContinuousBackupsStatus': 'ENABLED', 'PointInTimeRecoveryDescription': {'PointInTimeRecoveryStatus': 'DISABLED'}}
    assert description(dynamodb.describe_continuous_backups(TableName=name)) == off
    on = switch(True)
    recovery = on['PointInTimeRecoveryDescription']
    assert recovery['PointInTimeRecoveryStatus'] == 'ENABLED'
    assert recovery['EarliestRestorableDateTime'] == recovery['LatestRestorableDateTime']
    assert recovery['EarliestRestorableDateTime'].microsecond == 0
    assert switch(True) == on, 'enabling again changes nothing'
    assert switch(False) == off
    assert description(dynamodb.describe_continuous_backups(TableName=name)) == off


def test_recovery_period(wire, name):
    create_table(wire, name)

    def update(**specification):
        answer = wire.call('UpdateContinuousBackups',
                           {'TableName': name, 'PointInTimeRecoverySpecification': specification})
        return answer['ContinuousBackupsDescription']['PointInTimeRecoveryDescription']
    assert update(PointInTimeRecoveryEnabled=True)['RecoveryPeriodInDays'] == 35
    assert update(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)['RecoveryPeriodInDays'] == 7
    for specification, message in [
            ({'PointInTimeRecoveryEnabled': True, 'RecoveryPeriodInDays': 36},
             "1 validation error detected: Value '36' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' "
             'failed to satisfy constraint: Member must have value less than or equal to 35'),
            ({'PointInTimeRecoveryEnabled': False, 'RecoveryPeriodInDays': 7},
             'Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.')]:
        with pytest.raises(Failed) as error:
            update(**specification)
        assert (error.value.code, error.value.message) == ('ValidationException', message)
