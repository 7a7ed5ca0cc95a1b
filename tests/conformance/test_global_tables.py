"""Global tables: replicas of a table in the regions of one server, through boto3 with its default settings."""
import datetime
import json
import subprocess
import urllib.request

import pytest

from support.clock import Clock
from support.global_tables import (BOTH_IMAGES, FAR, NEAR, THIRD, add_replica, ask, client_of, create, describe,
                                   describe_whole, item, items, refusal, status_of)
from support.server import ACCOUNT, PROGRAM, Failed, running, table_request, until

LOCAL_REGION = ('Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or '
                'UpdateTable as required.')
WAS_SOURCE = ('Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the '
              'table in the last 24 hours.')


@pytest.fixture
def near(shared):
    return client_of(shared, NEAR)


@pytest.fixture
def far(shared):
    return client_of(shared, FAR)


@pytest.fixture
def third(shared):
    return client_of(shared, THIRD)


def records(server, region, arn):
    streams = client_of(server, region, 'dynamodbstreams')
    found = []
    for shard in streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']:
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'],
                                              ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            found += page['Records']
            iterator = page.get('NextShardIterator') if page['Records'] else None
    return sorted(found, key=lambda record: int(record['dynamodb']['SequenceNumber']))


def test_a_replica_gets_what_is_there_and_every_write_after(near, far, name):
    create(near, name, index='color')
    for number in range(300):
        near.put_item(TableName=name, Item=item(f'{number:03}', color='red'))
    add_replica(near, name, FAR)
    assert items(far, name) == items(near, name) and len(items(far, name)) == 300

    near.put_item(TableName=name, Item=item('a', color='blue'))
    far.put_item(TableName=name, Item=item('b', color='blue'))
    near.update_item(TableName=name, Key=item('b'), UpdateExpression='SET v = :v',
                     ExpressionAttributeValues={':v': {'S': 'near'}})
    far.delete_item(TableName=name, Key=item('000'))
    near.batch_write_item(RequestItems={name: [{'DeleteRequest': {'Key': item('001')}}, {'PutRequest': {'Item': item('c')}}]})
    far.transact_write_items(TransactItems=[
        {'Put': {'TableName': name, 'Item': item('d')}}, {'Delete': {'TableName': name, 'Key': item('002')}}])
    far.execute_statement(Statement=f'INSERT INTO "{name}" VALUE {{\'pk\': \'e\'}}')
    expected = [item(f'{number:03}', color='red') for number in range(3, 300)] + [
        item('a', color='blue'), item('b', color='blue', v='near'), item('c'), item('d'), item('e')]
    assert items(near, name) == expected
    assert items(far, name) == expected
    for client in (near, far):
        found = client.query(TableName=name, IndexName='by-color', KeyConditionExpression='color = :c',
                             ExpressionAttributeValues={':c': {'S': 'blue'}})['Items']
        assert sorted(found, key=lambda one: one['pk']['S']) == expected[297:299]
        table = describe(client, name)
        assert (table['ItemCount'], table['GlobalSecondaryIndexes'][0]['ItemCount']) == (302, 299)


def test_tables_tell_of_their_replicas(shared, near, far, third, name):
    create(near, name)
    before = describe(near, name)
    assert not {'Replicas', 'GlobalTableVersion', 'MultiRegionConsistency'} & before.keys()
    answer = near.update_table(TableName=name, ReplicaUpdates=[{'Create': {'RegionName': FAR}}])['TableDescription']
    assert answer['TableStatus'] == 'UPDATING'
    assert [replica['RegionName'] for replica in answer['Replicas']] == [FAR]
    until(lambda: status_of(near, name, FAR) == 'ACTIVE', 'the replica')
    add_replica(far, name, THIRD)
    for client, others in ((near, [THIRD, FAR]), (far, [THIRD, NEAR]), (third, [FAR, NEAR])):
        table = describe(client, name)
        assert [(replica['RegionName'], replica['ReplicaStatus']) for replica in table['Replicas']] == [
            (region, 'ACTIVE') for region in others]
        assert table['GlobalTableVersion'] == '2019.11.21'
        assert table['StreamSpecification'] == BOTH_IMAGES, 'which replication needs'
        region = client.meta.region_name
        assert describe_whole(shared, region, name)['MultiRegionConsistency'] == 'EVENTUAL'
        assert table['TableArn'] == f'arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}'
    assert len({describe(client, name)['TableId'] for client in (near, far, third)}) == 3
    third.put_item(TableName=name, Item=item('a'))
    assert items(near, name) == items(far, name) == [item('a')]


def test_what_cannot_be_done_with_replicas(near, far, name):
    create(near, name)

    def update(*updates, **more):
        return refusal(near.update_table, TableName=name, ReplicaUpdates=list(updates), **more)
    assert update({'Create': {'RegionName': NEAR}}) == ('ValidationException', LOCAL_REGION)
    assert update({'Delete': {'RegionName': FAR}}) == (
        'ValidationException',
        'Replica specified in the Replica Update or Replica Delete action of the request was not found.')
    assert update({'Create': {'RegionName': 'nowhere'}})[0] == 'ValidationException'
    assert update({})[0] == 'ValidationException'
    assert update({'Create': {'RegionName': FAR}}, BillingMode='PAY_PER_REQUEST')[0] == 'ValidationException'
    create(far, name)
    assert update({'Create': {'RegionName': FAR}}) == (
        'ValidationException', f"Failed to create a the new replica of table with name: '{name}' because one or more "
                               'replicas already existed as tables.')
    assert 'Replicas' not in describe(near, name)
    near.put_item(TableName=name, Item=item('a'))
    assert items(far, name) == []


def test_a_stream_of_one_image_is_not_enough(near, name):
    create(near, name, StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'})
    assert refusal(near.update_table, TableName=name, ReplicaUpdates=[{'Create': {'RegionName': FAR}}])[0] == \
        'ValidationException'


def test_replicas_go(shared, near, far, third, name):
    create(near, name)
    for region in (FAR, THIRD):
        add_replica(near, name, region)
    near.put_item(TableName=name, Item=item('a'))
    near.update_table(TableName=name, ReplicaUpdates=[{'Delete': {'RegionName': FAR}}])
    assert refusal(far.describe_table, TableName=name)[0] == 'ResourceNotFoundException'
    assert status_of(near, name, THIRD) == 'ACTIVE' and status_of(near, name, FAR) is None
    assert refusal(near.delete_table, TableName=name) == ('ValidationException', WAS_SOURCE)
    third.delete_table(TableName=name)
    assert 'Replicas' not in describe(near, name)
    near.put_item(TableName=name, Item=item('b'))
    assert items(near, name) == [item('a'), item('b')]
    add_replica(near, name, FAR)
    assert items(far, name) == [item('a'), item('b')]
    ask(shared, FAR, 'UpdateTable', TableName=name, DeletionProtectionEnabled=True)
    assert refusal(near.update_table, TableName=name, ReplicaUpdates=[{'Delete': {'RegionName': FAR}}])[0] == \
        'ValidationException'
    ask(shared, FAR, 'UpdateTable', TableName=name, DeletionProtectionEnabled=False)
    near.update_table(TableName=name, ReplicaUpdates=[{'Delete': {'RegionName': FAR}}])
    near.delete_table(TableName=name)


def test_a_source_may_go_a_day_later():
    with running() as server:
        near, far = client_of(server, NEAR), client_of(server, FAR)
        create(near, 'Orders')
        near.put_item(TableName='Orders', Item=item('a'))
        add_replica(near, 'Orders', FAR)
        Clock(server.endpoint).change(advance='PT25H')
        near.delete_table(TableName='Orders')
        assert items(far, 'Orders') == [item('a')]
        far.put_item(TableName='Orders', Item=item('b'))
        assert 'Replicas' not in describe(far, 'Orders')


def test_settings_are_shared_or_not(shared, near, far, name):
    near.create_table(**{**table_request(name, index='color'), 'BillingMode': 'PROVISIONED',
                         'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 5},
                         'Tags': [{'Key': 'owner', 'Value': 'near'}],
                         'GlobalSecondaryIndexes': [{
                             'IndexName': 'by-color', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
                             'Projection': {'ProjectionType': 'ALL'},
                             'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 5}}]})
    add_replica(near, name, FAR, ProvisionedThroughputOverride={'ReadCapacityUnits': 7},
                TableClassOverride='STANDARD_INFREQUENT_ACCESS',
                GlobalSecondaryIndexes=[{'IndexName': 'by-color', 'ProvisionedThroughputOverride': {'ReadCapacityUnits': 8}}])
    replica = describe(near, name)['Replicas'][0]
    assert replica['ProvisionedThroughputOverride'] == {'ReadCapacityUnits': 7}
    assert replica['GlobalSecondaryIndexes'] == [
        {'IndexName': 'by-color', 'ProvisionedThroughputOverride': {'ReadCapacityUnits': 8}}]
    assert replica['ReplicaTableClassSummary']['TableClass'] == 'STANDARD_INFREQUENT_ACCESS'

    def units(client):
        table = describe(client, name)
        return [(found['ProvisionedThroughput']['ReadCapacityUnits'], found['ProvisionedThroughput']['WriteCapacityUnits'])
                for found in (table, table['GlobalSecondaryIndexes'][0])]
    assert (units(near), units(far)) == ([(5, 5), (5, 5)], [(7, 5), (8, 5)])
    assert far.list_tags_of_resource(ResourceArn=describe(far, name)['TableArn'])['Tags'] == []
    near.update_table(TableName=name, ProvisionedThroughput={'ReadCapacityUnits': 7, 'WriteCapacityUnits': 6})
    assert (units(near), units(far)) == ([(7, 6), (5, 5)], [(7, 6), (8, 5)])
    near.update_table(TableName=name, ReplicaUpdates=[
        {'Update': {'RegionName': FAR, 'ProvisionedThroughputOverride': {'ReadCapacityUnits': 9}}}])
    assert units(far) == [(9, 6), (8, 5)]

    far.update_table(TableName=name, BillingMode='PAY_PER_REQUEST')
    assert describe(near, name)['BillingModeSummary']['BillingMode'] == 'PAY_PER_REQUEST'
    ask(shared, NEAR, 'UpdateTable', TableName=name, DeletionProtectionEnabled=True)
    assert not describe_whole(shared, FAR, name)['DeletionProtectionEnabled']
    near.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
    recovery = far.describe_continuous_backups(TableName=name)['ContinuousBackupsDescription']
    assert recovery['PointInTimeRecoveryDescription']['PointInTimeRecoveryStatus'] == 'DISABLED'
    assert refusal(near.update_table, TableName=name, StreamSpecification={'StreamEnabled': False})[0] == \
        'ValidationException'


def test_indexes_come_and_go_everywhere(near, far, name):
    create(near, name)
    near.put_item(TableName=name, Item=item('a', color='red'))
    add_replica(near, name, FAR)
    far.update_table(TableName=name, AttributeDefinitions=[{'AttributeName': 'color', 'AttributeType': 'S'}],
                     GlobalSecondaryIndexUpdates=[{'Create': {
                         'IndexName': 'by-color', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
                         'Projection': {'ProjectionType': 'ALL'}}}])
    for client in (near, far):
        until(lambda: describe(client, name)['GlobalSecondaryIndexes'][0]['IndexStatus'] == 'ACTIVE', 'the index')
    near.put_item(TableName=name, Item=item('b', color='red'))
    for client in (near, far):
        found = client.query(TableName=name, IndexName='by-color', KeyConditionExpression='color = :c',
                             ExpressionAttributeValues={':c': {'S': 'red'}})['Items']
        assert sorted(one['pk']['S'] for one in found) == ['a', 'b']
    near.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{'Delete': {'IndexName': 'by-color'}}])
    assert 'GlobalSecondaryIndexes' not in describe(far, name)


def test_each_replica_has_a_stream_of_its_own(shared, near, far, name):
    create(near, name)
    near.put_item(TableName=name, Item=item('before'))
    add_replica(near, name, FAR)
    near.put_item(TableName=name, Item=item('a', v='1'))
    far.put_item(TableName=name, Item=item('a', v='2'))
    near.delete_item(TableName=name, Key=item('a'))
    expected = [('INSERT', None, item('a', v='1')), ('MODIFY', item('a', v='1'), item('a', v='2')),
                ('REMOVE', item('a', v='2'), None)]
    for region, client in ((NEAR, near), (FAR, far)):
        arn = describe(client, name)['LatestStreamArn']
        assert f':{region}:' in arn
        found = records(shared, region, arn)
        assert [(one['eventName'], one['dynamodb'].get('OldImage'), one['dynamodb'].get('NewImage'))
                for one in found] == expected, 'and nothing of what the replica was filled with'
        assert {one['awsRegion'] for one in found} == {region}


def test_items_expire_everywhere_but_were_deleted_once():
    with running() as server:
        near, far = client_of(server, NEAR), client_of(server, FAR)
        create(near, 'Sessions')
        add_replica(near, 'Sessions', FAR)
        near.update_time_to_live(TableName='Sessions',
                                 TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'until'})
        assert far.describe_time_to_live(TableName='Sessions')['TimeToLiveDescription'] == {
            'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'until'}
        clock = Clock(server.endpoint)
        soon = int(clock.now().timestamp()) + 60
        near.put_item(TableName='Sessions', Item={**item('a'), 'until': {'N': str(soon)}})
        clock.change(advance='PT1H')
        until(lambda: not items(near, 'Sessions'), 'the item to expire')
        assert items(far, 'Sessions') == []
        removals = [record for region, client in ((NEAR, near), (FAR, far))
                    for record in records(server, region, describe(client, 'Sessions')['LatestStreamArn'])
                    if record['eventName'] == 'REMOVE']
        assert len(removals) == 2
        assert [record.get('userIdentity', {}).get('principalId', record.get('userIdentity', {}).get('PrincipalId'))
                for record in removals].count('dynamodb.amazonaws.com') == 1, 'the copy is a plain deletion'


@pytest.mark.parametrize('first, second', [(NEAR, FAR), (FAR, NEAR)])
def test_what_expires_while_a_replica_is_filled_is_told_as_such(first, second):
    """In exactly one stream that shows the deletion, whichever region comes first in an order of names."""
    with running() as server:
        near, far = client_of(server, first), client_of(server, second)
        create(near, 'Filling', StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'})
        near.update_time_to_live(TableName='Filling',
                                 TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'until'})
        clock = Clock(server.endpoint)
        clock.change(freeze=True)
        soon = int(clock.now().timestamp()) + 60
        for start in range(0, 4_000, 25):
            near.batch_write_item(RequestItems={'Filling': [
                {'PutRequest': {'Item': {**item(str(number), v='x' * 300), 'until': {'N': str(soon)}}}}
                for number in range(start, start + 25)]})
        near.update_table(TableName='Filling', ReplicaUpdates=[{'Create': {'RegionName': second}}])
        clock.change(advance='PT1H')
        until(lambda: status_of(near, 'Filling', second) == 'ACTIVE', 'the replica')
        until(lambda: not items(near, 'Filling') and not items(far, 'Filling'), 'all items to expire')
        removals = {}
        for region, client in ((first, near), (second, far)):
            for record in records(server, region, describe(client, 'Filling')['LatestStreamArn']):
                if record['eventName'] == 'REMOVE':
                    removals.setdefault(record['dynamodb']['Keys']['pk']['S'], []).append(record.get('userIdentity'))
        assert len(removals) == 4_000
        by_service = {'PrincipalId': 'dynamodb.amazonaws.com', 'Type': 'Service'}
        assert [key for key, told in removals.items() if [who for who in told if who] != [by_service]] == []


def test_a_strongly_consistent_global_table(name):
    with running() as server:
        def update(region, **more):
            return ask(server, region, 'UpdateTable', TableName=name, **more)

        def refused(region, **more):
            with pytest.raises(Failed) as failed:
                update(region, **more)
            return failed.value.code

        one, two = client_of(server, 'us-east-1'), client_of(server, 'us-west-2')
        create(one, name)
        strong = {'MultiRegionConsistency': 'STRONG'}
        two_more = [{'Create': {'RegionName': region}} for region in ('us-east-2', 'us-west-2')]
        one.put_item(TableName=name, Item=item('a'))
        assert refused('us-east-1', ReplicaUpdates=two_more, **strong) == 'ValidationException', 'it is not empty'
        one.delete_item(TableName=name, Key=item('a'))
        for updates in (two_more[:1], [*two_more, {'Create': {'RegionName': 'eu-west-1'}}],
                        [{'Create': {'RegionName': region}} for region in ('eu-west-1', 'eu-west-2')]):
            assert refused('us-east-1', ReplicaUpdates=updates, **strong) == 'ValidationException'
        update('us-east-1', ReplicaUpdates=two_more[1:], GlobalTableWitnessUpdates=[{'Create': {'RegionName': 'us-east-2'}}], **strong)
        until(lambda: status_of(one, name, 'us-west-2') == 'ACTIVE', 'the replica')
        table = describe_whole(server, 'us-west-2', name)
        assert table['MultiRegionConsistency'] == 'STRONG'
        assert table['GlobalTableWitnesses'] == [{'RegionName': 'us-east-2', 'WitnessStatus': 'ACTIVE'}]
        one.put_item(TableName=name, Item=item('a'))
        assert two.get_item(TableName=name, Key=item('a'), ConsistentRead=True)['Item'] == item('a')
        assert refusal(two.update_time_to_live, TableName=name, TimeToLiveSpecification={
            'Enabled': True, 'AttributeName': 'until'})[0] == 'ValidationException'
        assert refusal(two.transact_write_items, TransactItems=[
            {'Put': {'TableName': name, 'Item': item('b')}}])[0] == 'ValidationException'
        assert refused('us-east-1', ReplicaUpdates=[{'Create': {'RegionName': 'us-east-2'}}]) == 'ValidationException'
        assert refused('us-east-1', ReplicaUpdates=[{'Delete': {'RegionName': 'us-west-2'}}]) == 'ValidationException'
        assert refusal(two.delete_table, TableName=name)[0] == 'ValidationException'
        update('us-east-1', ReplicaUpdates=[{'Delete': {'RegionName': 'us-west-2'}}],
               GlobalTableWitnessUpdates=[{'Delete': {'RegionName': 'us-east-2'}}])
        assert 'MultiRegionConsistency' not in describe_whole(server, 'us-east-1', name)
        assert items(one, name) == [item('a')]


def wait_united(client, name):
    def find():
        found = client.describe_global_table(GlobalTableName=name)['GlobalTableDescription']
        return found if found['GlobalTableStatus'] == 'ACTIVE' else None
    return until(find, 'the global table')


def test_version_2017(near, far, third, name):
    for client in (near, far, third):
        create(client, name, StreamSpecification=BOTH_IMAGES)
    assert refusal(near.describe_global_table, GlobalTableName=name)[0] == 'GlobalTableNotFoundException'
    groups = [{'RegionName': NEAR}, {'RegionName': FAR}]
    assert refusal(near.create_global_table, GlobalTableName=name + 'x', ReplicationGroup=groups)[0] == \
        'TableNotFoundException'
    near.put_item(TableName=name, Item=item('a'))
    assert refusal(near.create_global_table, GlobalTableName=name, ReplicationGroup=groups)[0] == 'ValidationException'
    near.delete_item(TableName=name, Key=item('a'))
    made = near.create_global_table(GlobalTableName=name, ReplicationGroup=groups)['GlobalTableDescription']
    assert made['GlobalTableStatus'] == 'CREATING'
    assert made['GlobalTableArn'] == f'arn:aws:dynamodb::{ACCOUNT}:global-table/{name}'
    assert refusal(far.create_global_table, GlobalTableName=name, ReplicationGroup=groups)[0] == \
        'GlobalTableAlreadyExistsException'
    found = wait_united(far, name)
    assert [(replica['RegionName'], replica['ReplicaStatus']) for replica in found['ReplicationGroup']] == [
        (FAR, 'ACTIVE'), (NEAR, 'ACTIVE')]
    near.put_item(TableName=name, Item=item('a'))
    far.put_item(TableName=name, Item=item('b'))
    assert items(near, name) == items(far, name) == [item('a'), item('b')]
    assert describe(far, name)['GlobalTableVersion'] == '2017.11.29'
    assert name in [one['GlobalTableName'] for one in third.list_global_tables(RegionName=FAR)['GlobalTables']]
    assert name not in [one['GlobalTableName'] for one in third.list_global_tables(RegionName=THIRD)['GlobalTables']]

    def update(action, region):
        return near.update_global_table(GlobalTableName=name, ReplicaUpdates=[{action: {'RegionName': region}}])
    assert refusal(update, 'Create', FAR)[0] == 'ReplicaAlreadyExistsException'
    assert refusal(update, 'Delete', THIRD)[0] == 'ReplicaNotFoundException'
    update('Create', THIRD)
    until(lambda: items(third, name) == [item('a'), item('b')], 'what was there')
    wait_united(near, name)
    update('Delete', FAR)
    near.put_item(TableName=name, Item=item('c'))
    assert items(third, name) == [item('a'), item('b'), item('c')]
    assert items(far, name) == [item('a'), item('b')], 'which left with what it had'
    settings = near.update_global_table_settings(
        GlobalTableName=name, GlobalTableBillingMode='PROVISIONED', GlobalTableProvisionedWriteCapacityUnits=6,
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate={'MinimumUnits': 1, 'MaximumUnits': 9},
        ReplicaSettingsUpdate=[{'RegionName': THIRD, 'ReplicaProvisionedReadCapacityUnits': 4}])['ReplicaSettings']
    assert settings == near.describe_global_table_settings(GlobalTableName=name)['ReplicaSettings']
    assert [(one['RegionName'], one['ReplicaProvisionedReadCapacityUnits'], one['ReplicaProvisionedWriteCapacityUnits'])
            for one in settings] == [(THIRD, 4, 6), (NEAR, 1, 6)]
    assert settings[0]['ReplicaProvisionedWriteCapacityAutoScalingSettings'] == {
        'MinimumUnits': 1, 'MaximumUnits': 9, 'ScalingPolicies': []}


def test_auto_scaling_is_kept(near, name):
    create(near, name)
    assert near.describe_table_replica_auto_scaling(TableName=name)['TableAutoScalingDescription'] == {
        'TableName': name, 'TableStatus': 'ACTIVE', 'Replicas': []}
    add_replica(near, name, FAR)
    policy = {'TargetTrackingScalingPolicyConfiguration': {'TargetValue': 70.0, 'ScaleInCooldown': 60}}
    near.update_table_replica_auto_scaling(
        TableName=name,
        ProvisionedWriteCapacityAutoScalingUpdate={'MinimumUnits': 5, 'MaximumUnits': 50, 'ScalingPolicyUpdate': policy},
        ReplicaUpdates=[{'RegionName': FAR, 'ReplicaProvisionedReadCapacityAutoScalingUpdate': {'MinimumUnits': 2}}])
    found = near.describe_table_replica_auto_scaling(TableName=name)['TableAutoScalingDescription']['Replicas']
    write = {'MinimumUnits': 5, 'MaximumUnits': 50, 'ScalingPolicies': [policy]}
    assert [(one['RegionName'], one['ReplicaProvisionedWriteCapacityAutoScalingSettings']) for one in found] == [
        (FAR, write), (NEAR, write)]
    assert found[0]['ReplicaProvisionedReadCapacityAutoScalingSettings'] == {'MinimumUnits': 2, 'ScalingPolicies': []}
    assert 'ReplicaProvisionedReadCapacityAutoScalingSettings' not in found[1]


def test_bulk_operations_leave_global_tables_alone(wire, near, name, bucket):
    create(near, name)
    add_replica(near, name, FAR)
    with pytest.raises(Failed, match='global tables'):
        wire.call('StartBulkPutItems', {
            'TableName': name, 'InputS3Configuration': {'S3Bucket': bucket, 'InputFormat': 'DYNAMODB_JSON'},
            'OutputS3Configuration': {'S3Bucket': bucket, 'OutputType': ['ERROR']}})


def test_lab_a_bad_write_in_one_region_is_taken_back_in_all():
    """What docs/global-tables.md tells, step by step."""
    with running() as server:
        near, far = client_of(server, NEAR), client_of(server, FAR)
        create(near, 'Prices')
        add_replica(near, 'Prices', FAR)
        for client in (near, far):
            client.update_continuous_backups(
                TableName='Prices', PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
        for number in range(20):
            near.put_item(TableName='Prices', Item=item(f'p{number:02}', price='9.99'))
        good = items(near, 'Prices')
        moment = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ')

        for number in range(20):
            far.put_item(TableName='Prices', Item=item(f'p{number:02}', price='0.00'))
        assert items(near, 'Prices') == items(far, 'Prices') != good, 'a replica is no backup'

        def history(region):
            key = urllib.request.quote(json.dumps(item('p00')))
            url = f'{server.endpoint}/_tidemark/tables/Prices/history?region={region}&key={key}'
            lines = urllib.request.urlopen(url).read().decode().splitlines()
            return [json.loads(line)['by'] for line in lines]
        assert history(NEAR) == ['client', 'replication'], 'here nobody wrote it'
        assert history(FAR) == ['replication', 'client'], 'here somebody did'

        done = subprocess.run([PROGRAM, 'rewind', 'Prices', '--to', moment, '--region', FAR, '--port', str(server.port)],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert items(far, 'Prices') == good
        assert items(near, 'Prices') == good
        assert history(NEAR) == ['client', 'replication', 'replication']
        assert history(FAR) == ['replication', 'client', 'rewind']
