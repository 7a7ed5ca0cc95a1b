"""What must not happen to a global table: no replica left with a part of the items, none drawn into two global tables, no
setting of one region told to the others, no policy passed by."""
import json

import pytest

from support.accounts import call_signed, write_credentials
from support.clock import Clock
from support.global_tables import (BOTH_IMAGES, FAR, NEAR, THIRD, add_replica, ask, client_of, create, describe, item,
                                   items, refusal, status_of)
from support.server import Failed, running, table_request, until
from support.transfers import bulk_request, finish_bulk

IN_USE = 'ResourceInUseException'


@pytest.fixture
def near(shared):
    return client_of(shared, NEAR)


@pytest.fixture
def far(shared):
    return client_of(shared, FAR)


@pytest.fixture
def third(shared):
    return client_of(shared, THIRD)


def fill(wire, name, count, **attributes):
    for first in range(0, count, 25):
        wire.call('BatchWriteItem', {'RequestItems': {name: [
            {'PutRequest': {'Item': item(f'{number:06}', **attributes)}} for number in range(first, min(first + 25, count))]}})


def test_a_source_stays_until_its_replica_has_everything():
    """The clock is moved by more than the day for which a source is kept in any case."""
    with running() as server:
        near, far, wire = client_of(server, NEAR), client_of(server, FAR), server.wire()
        create(near, 'Orders', index='color')
        count = 20_000
        fill(wire, 'Orders', count, color='red')
        near.update_table(TableName='Orders', ReplicaUpdates=[{'Create': {'RegionName': FAR}}])
        Clock(server.endpoint).change(advance='PT25H')
        refused = set()
        while True:
            is_filling = status_of(near, 'Orders', FAR) != 'ACTIVE'
            if not is_filling:
                break
            try:
                wire.call('DeleteTable', {'TableName': 'Orders'})
                break
            except Failed as failed:
                refused.add(failed.code)
        assert refused <= {IN_USE}
        assert refused, 'the replica was there before anybody could ask: there are too few items'
        until(lambda: describe(far, 'Orders')['TableStatus'] == 'ACTIVE', 'the replica')
        assert describe(far, 'Orders')['ItemCount'] == count


def test_nobody_leaves_a_global_table_that_is_being_united():
    with running() as server:
        near, far, wire = client_of(server, NEAR), client_of(server, FAR), server.wire()
        third = client_of(server, THIRD)
        for client in (near, far, third):
            create(client, 'Orders', StreamSpecification=BOTH_IMAGES)
        near.create_global_table(GlobalTableName='Orders', ReplicationGroup=[{'RegionName': NEAR}, {'RegionName': FAR}])

        def status():
            return near.describe_global_table(GlobalTableName='Orders')['GlobalTableDescription']['GlobalTableStatus']
        until(lambda: status() == 'ACTIVE', 'the global table')
        count = 20_000
        fill(wire, 'Orders', count)
        near.update_global_table(GlobalTableName='Orders', ReplicaUpdates=[{'Create': {'RegionName': THIRD}}])
        leave = {'GlobalTableName': 'Orders', 'ReplicaUpdates': [{'Delete': {'RegionName': THIRD}}]}
        refused = set()

        def has_left():
            try:
                return wire.call('UpdateGlobalTable', leave)
            except Failed as failed:
                refused.add(failed.code)
                return None
        until(has_left, 'the replica to be filled')
        assert refused == {IN_USE}
        assert describe(third, 'Orders')['ItemCount'] == count


def provisioned(name):
    units = {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 5}
    return {**table_request(name, index='color'), 'BillingMode': 'PROVISIONED', 'ProvisionedThroughput': units,
            'GlobalSecondaryIndexes': [{
                'IndexName': 'by-color', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
                'Projection': {'ProjectionType': 'ALL'}, 'ProvisionedThroughput': units}]}


def units(client, name):
    table = describe(client, name)
    return [(found['ProvisionedThroughput']['ReadCapacityUnits'], found['ProvisionedThroughput']['WriteCapacityUnits'])
            for found in (table, table['GlobalSecondaryIndexes'][0])]


def table_class(client, name):
    return describe(client, name).get('TableClassSummary', {}).get('TableClass', 'STANDARD')


def test_what_a_replica_has_of_its_own_is_not_told_to_the_others(near, far, third, name):
    near.create_table(**provisioned(name))
    own = {'ProvisionedThroughputOverride': {'ReadCapacityUnits': 7}, 'TableClassOverride': 'STANDARD_INFREQUENT_ACCESS',
           'GlobalSecondaryIndexes': [{'IndexName': 'by-color', 'ProvisionedThroughputOverride': {'ReadCapacityUnits': 8}}]}
    add_replica(near, name, FAR, **own)
    # The others take the new writes, and keep the reads that they share.
    far.update_table(TableName=name, ProvisionedThroughput={'ReadCapacityUnits': 9, 'WriteCapacityUnits': 6})
    assert (units(near, name), units(far, name)) == ([(5, 6), (5, 5)], [(9, 6), (8, 5)])
    assert describe(near, name)['Replicas'][0]['ProvisionedThroughputOverride'] == {'ReadCapacityUnits': 9}
    far.update_table(TableName=name, ProvisionedThroughput={'ReadCapacityUnits': 5, 'WriteCapacityUnits': 6})
    assert (units(near, name), units(far, name)) == ([(5, 6), (5, 5)], [(5, 6), (8, 5)])
    far.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{'Update': {
        'IndexName': 'by-color', 'ProvisionedThroughput': {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4}}}])
    assert (units(near, name), units(far, name)) == ([(5, 6), (5, 4)], [(5, 6), (3, 4)])
    # It stays its own: the others change without it, and what is made from it has what they share.
    near.update_table(TableName=name, ProvisionedThroughput={'ReadCapacityUnits': 10, 'WriteCapacityUnits': 10})
    assert (units(near, name), units(far, name)) == ([(10, 10), (5, 4)], [(5, 10), (3, 4)])
    assert (table_class(near, name), table_class(far, name)) == ('STANDARD', 'STANDARD_INFREQUENT_ACCESS')
    add_replica(far, name, THIRD)
    assert units(third, name) == units(near, name)
    assert table_class(third, name) == 'STANDARD'
    far.update_table(TableName=name, TableClass='STANDARD')
    near.update_table(TableName=name, TableClass='STANDARD_INFREQUENT_ACCESS')
    assert [table_class(client, name) for client in (near, far, third)] == [
        'STANDARD_INFREQUENT_ACCESS', 'STANDARD', 'STANDARD_INFREQUENT_ACCESS']


def test_a_maximum_of_its_own_is_not_told_to_the_others(shared, near, name):
    create(near, name)
    add_replica(near, name, FAR)

    def update(region, **more):
        ask(shared, region, 'UpdateTable', TableName=name, **more)

    def maximum(region):
        limits = ask(shared, region, 'DescribeTable', TableName=name)['Table'].get('OnDemandThroughput', {})
        return limits.get('MaxReadRequestUnits', -1), limits.get('MaxWriteRequestUnits', -1)
    update(NEAR, OnDemandThroughput={'MaxReadRequestUnits': 100, 'MaxWriteRequestUnits': 100})
    assert (maximum(NEAR), maximum(FAR)) == ((100, 100), (100, 100))
    update(NEAR, ReplicaUpdates=[{'Update': {'RegionName': FAR, 'OnDemandThroughputOverride': {'MaxReadRequestUnits': 50}}}])
    update(FAR, OnDemandThroughput={'MaxReadRequestUnits': 40, 'MaxWriteRequestUnits': 60})
    assert (maximum(NEAR), maximum(FAR)) == ((100, 60), (40, 60))
    update(NEAR, OnDemandThroughput={'MaxReadRequestUnits': 200})
    assert (maximum(NEAR), maximum(FAR)) == ((200, 60), (40, 60))


def test_a_replica_is_of_one_global_table(near, far, third, name):
    create(near, name)
    add_replica(near, name, FAR)
    create(third, name, StreamSpecification=BOTH_IMAGES)
    for regions in ((THIRD, FAR), (FAR, THIRD), (THIRD, NEAR, FAR)):
        code, _ = refusal(third.create_global_table, GlobalTableName=name,
                          ReplicationGroup=[{'RegionName': region} for region in regions])
        assert code == 'ValidationException'
    near.put_item(TableName=name, Item=item('a'))
    assert items(far, name) == [item('a')] and items(third, name) == []
    assert describe(far, name)['GlobalTableVersion'] == '2019.11.21'
    assert [replica['RegionName'] for replica in describe(near, name)['Replicas']] == [FAR]


def test_united_tables_have_the_same_projections(near, far, name):
    for client, projection in ((near, {'ProjectionType': 'ALL'}), (far, {'ProjectionType': 'KEYS_ONLY'})):
        request = table_request(name, index='color', StreamSpecification=BOTH_IMAGES)
        request['GlobalSecondaryIndexes'][0]['Projection'] = projection
        client.create_table(**request)
    assert refusal(near.create_global_table, GlobalTableName=name, ReplicationGroup=[
        {'RegionName': NEAR}, {'RegionName': FAR}])[0] == 'ValidationException'
    assert refusal(near.describe_global_table, GlobalTableName=name)[0] == 'GlobalTableNotFoundException'


def test_a_table_with_a_bulk_operation_gets_no_replica(wire, s3, near, far, name, bucket):
    create(near, name)
    s3.put_object(Bucket=bucket, Key='in/a', Body=''.join(
        json.dumps({'Item': item(f'{number:05}')}) + '\n' for number in range(20_000)).encode())
    started = wire.call('StartBulkPutItems', bulk_request(name, bucket, 'in/', MaxWriteRequestUnits=1024))
    arn = started['BulkOperationDescription']['BulkOperationArn']
    code, message = refusal(near.update_table, TableName=name, ReplicaUpdates=[{'Create': {'RegionName': FAR}}])
    assert code == IN_USE and 'bulk operation' in message
    wire.call('CancelBulkOperation', {'BulkOperationArn': arn})
    finish_bulk(wire, arn)
    add_replica(near, name, FAR)
    assert describe(far, name)['ItemCount'] == describe(near, name)['ItemCount']


def test_replicas_in_other_accounts_are_refused(shared, near, name):
    """By the service's exception: no parameter of the API is answered with 501."""
    create(near, name)

    def refused(operation, **request):
        with pytest.raises(Failed) as failed:
            ask(shared, NEAR, operation, **request)
        assert failed.value.status == 400
        return failed.value.code, failed.value.message
    mode = 'GlobalTableSettingsReplicationMode'
    code, message = refused('UpdateTable', TableName=name, **{mode: 'ENABLED'})
    assert code == 'ValidationException' and 'several accounts' in message
    code, message = refused('UpdateTable', TableName=name, **{mode: 'SOMETIMES'})
    assert code == 'ValidationException' and '[ENABLED, DISABLED, ENABLED_WITH_OVERRIDES]' in message
    source = f'arn:aws:dynamodb:{FAR}:111122223333:table/{name}'
    code, message = refused('CreateTable', **table_request(name + '-2'), GlobalTableSourceArn=source, **{mode: 'ENABLED'})
    assert code == 'ValidationException' and 'GlobalTableSourceArn' in message
    # What is so may be said.
    ask(shared, NEAR, 'UpdateTable', TableName=name, **{mode: 'DISABLED'})
    ask(shared, NEAR, 'CreateTable', **table_request(name + '-2'), **{mode: 'ENABLED_WITH_OVERRIDES'})


def test_one_space_shows_a_table_to_all_regions_and_its_replicas_to_none():
    """With --spaces one, a client of any region is a client of the server's: it asks for a table that is there."""
    with running(args=['--spaces', 'one', '--region', NEAR]) as server:
        near, far = client_of(server, NEAR), client_of(server, FAR)
        create(near, 'Orders')
        add_replica(near, 'Orders', FAR)
        near.put_item(TableName='Orders', Item=item('a'))
        assert items(far, 'Orders') == [item('a')]
        for client in (near, far):
            table = describe(client, 'Orders')
            assert f':{NEAR}:' in table['TableArn']
            assert [replica['RegionName'] for replica in table['Replicas']] == [FAR]
        assert refusal(far.update_table, TableName='Orders', ReplicaUpdates=[{'Create': {'RegionName': NEAR}}])[0] == \
            'ValidationException'
        far.update_table(TableName='Orders', ReplicaUpdates=[{'Delete': {'RegionName': FAR}}])
        assert 'Replicas' not in describe(near, 'Orders')
        assert items(far, 'Orders') == [item('a')]


@pytest.fixture(scope='module')
def strict(tmp_path_factory):
    accounts = {'alice': '111111111111', 'bob': '222222222222'}
    credentials = write_credentials(tmp_path_factory.mktemp('replicas') / 'credentials', accounts)
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        yield server


def statement(actions, arn, effect='Allow'):
    return {'Effect': effect, 'Principal': {'AWS': '222222222222'}, 'Action': actions, 'Resource': arn}


def policy(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


def denial(*arguments, **request):
    with pytest.raises(Failed) as failed:
        call_signed(*arguments, **request)
    assert failed.value.code == 'AccessDeniedException'
    return failed.value.message


def test_policies_say_who_may_make_and_delete_replicas(strict, name):
    def set_policy(region, actions):
        resource = arn.replace(NEAR, region)
        call_signed(strict, 'alice', 'PutResourcePolicy', region, ResourceArn=resource,
                    Policy=policy(statement(actions, resource)))

    def update(action, **settings):
        return {'TableName': arn, 'ReplicaUpdates': [{action: {'RegionName': FAR, **settings}}]}

    def far_table():
        return call_signed(strict, 'alice', 'DescribeTable', FAR, TableName=name)['Table']
    arn = call_signed(strict, 'alice', 'CreateTable', **table_request(name))['TableDescription']['TableArn']
    far_arn = arn.replace(NEAR, FAR)
    set_policy(NEAR, ['dynamodb:UpdateTable'])
    assert f'dynamodb:CreateTableReplica on resource: {arn}' in denial(strict, 'bob', 'UpdateTable', **update('Create'))
    set_policy(NEAR, ['dynamodb:UpdateTable', 'dynamodb:CreateTableReplica'])
    call_signed(strict, 'bob', 'UpdateTable', **update('Create'))
    until(lambda: far_table()['TableStatus'] == 'ACTIVE', 'the replica')

    change, deletion = update('Update', TableClassOverride='STANDARD'), update('Delete')
    assert f'dynamodb:UpdateTable on resource: {far_arn}' in denial(strict, 'bob', 'UpdateTable', **change)
    assert f'dynamodb:DeleteTable on resource: {far_arn}' in denial(strict, 'bob', 'UpdateTable', **deletion)
    set_policy(FAR, ['dynamodb:DeleteTable', 'dynamodb:UpdateTable'])
    assert f'dynamodb:DeleteTableReplica on resource: {far_arn}' in denial(strict, 'bob', 'UpdateTable', **deletion)
    call_signed(strict, 'bob', 'UpdateTable', **change)
    set_policy(FAR, ['dynamodb:DeleteTable', 'dynamodb:DeleteTableReplica'])
    call_signed(strict, 'bob', 'UpdateTable', **deletion)
    with pytest.raises(Failed, match='ResourceNotFoundException'):
        far_table()


def test_a_deny_counts_for_the_owner_too(strict, name):
    arn = call_signed(strict, 'alice', 'CreateTable', **table_request(name))['TableDescription']['TableArn']
    denied = {**statement('dynamodb:CreateTableReplica', arn, 'Deny'), 'Principal': {'AWS': '111111111111'}}
    call_signed(strict, 'alice', 'PutResourcePolicy', ResourceArn=arn, Policy=policy(denied))
    assert 'explicit deny' in denial(strict, 'alice', 'UpdateTable', TableName=name,
                                     ReplicaUpdates=[{'Create': {'RegionName': FAR}}])
    assert 'Replicas' not in call_signed(strict, 'alice', 'DescribeTable', TableName=name)['Table']
