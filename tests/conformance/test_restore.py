"""RestoreTableToPointInTime: what is restored, what is taken over, and every refusal."""
import datetime
import gzip
import time

import pytest

from support.clock import Clock
from support.server import Failed, Server, create_table, running, scan, set_pitr, table_request, until, wait_active
from support.transfers import run_import


def restore(wire, source, target, **more):
    when = {} if 'RestoreDateTime' in more else {'UseLatestRestorableTime': True}
    begun = wire.call('RestoreTableToPointInTime', {
        'SourceTableName': source, 'TargetTableName': target, **when, **more})['TableDescription']
    assert begun['TableStatus'] == 'CREATING'
    assert begun['RestoreSummary']['RestoreInProgress'] is True
    wait_active(wire, target)
    return begun


def put(wire, table, key, **more):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': key}, **more}})


def keys(items):
    return sorted(item['pk']['S'] for item in items)


def refused(wire, request, code, message):
    with pytest.raises(Failed) as error:
        wire.call('RestoreTableToPointInTime', request)
    assert (error.value.code, error.value.message) == (code, message)


def table(wire, name):
    return wire.call('DescribeTable', {'TableName': name})['Table']


def moment():
    """A time after everything that was answered and before what has not begun, exact to the microsecond."""
    then = time.time()
    until(lambda: time.time() > then + 0.003, 'the next milliseconds')
    return round(then + 0.0015, 6)


def test_any_microsecond_and_the_latest_moment(wire, name):
    create_table(wire, name, pitr=True)
    put(wire, name, 'a', v={'N': '1'})
    first = moment()
    put(wire, name, 'a', v={'N': '2'})
    put(wire, name, 'b')
    second = moment()
    wire.call('DeleteItem', {'TableName': name, 'Key': {'pk': {'S': 'a'}}})
    arn = table(wire, name)['TableArn']
    begun = restore(wire, name, name + '-1', RestoreDateTime=first)
    assert begun['RestoreSummary']['SourceTableArn'] == arn
    assert 'SourceBackupArn' not in begun['RestoreSummary']
    assert abs(begun['RestoreSummary']['RestoreDateTime'] - first) < 0.001
    restore(wire, name, name + '-2', RestoreDateTime=second)
    restore(wire, name, name + '-3')
    assert scan(wire, name + '-1') == [{'pk': {'S': 'a'}, 'v': {'N': '1'}}]
    assert keys(scan(wire, name + '-2')) == ['a', 'b']
    assert keys(scan(wire, name + '-3')) == ['b']
    described = table(wire, name + '-3')
    assert 'RestoreSummary' not in described, 'it is gone once the table is active'
    assert described['ItemCount'] == 1


def test_boto3_with_its_waiter_and_datetimes(dynamodb, wire, name):
    arn = create_table(wire, name, pitr=True)
    put(wire, name, 'a')
    latest = dynamodb.describe_continuous_backups(TableName=name)[
        'ContinuousBackupsDescription']['PointInTimeRecoveryDescription']['LatestRestorableDateTime']
    assert abs((datetime.datetime.now(datetime.timezone.utc) - latest).total_seconds()) < 30
    begun = dynamodb.restore_table_to_point_in_time(
        SourceTableArn=arn, TargetTableName=name + '-copy', UseLatestRestorableTime=True)['TableDescription']
    assert begun['RestoreSummary']['SourceTableArn'] == arn
    dynamodb.get_waiter('table_exists').wait(TableName=name + '-copy', WaiterConfig={'Delay': 1})
    assert dynamodb.scan(TableName=name + '-copy')['Items'] == [{'pk': {'S': 'a'}}]


def test_what_is_taken_over(wire, name):
    index = {'IndexName': 'by-color', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
             'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['x', 'y']},
             'ProvisionedThroughput': {'ReadCapacityUnits': 3, 'WriteCapacityUnits': 4}}
    local = {'IndexName': 'by-n', 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                                                {'AttributeName': 'n', 'KeyType': 'RANGE'}],
             'Projection': {'ProjectionType': 'KEYS_ONLY'}}
    attributes = [{'AttributeName': key, 'AttributeType': kind}
                  for key, kind in [('color', 'S'), ('n', 'N'), ('pk', 'S'), ('sk', 'N')]]
    wire.call('CreateTable', {
        'TableName': name, 'AttributeDefinitions': attributes,
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
        'BillingMode': 'PROVISIONED', 'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 6},
        'GlobalSecondaryIndexes': [index], 'LocalSecondaryIndexes': [local],
        'StreamSpecification': {'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'},
        'SSESpecification': {'Enabled': True, 'SSEType': 'KMS'}, 'TableClass': 'STANDARD_INFREQUENT_ACCESS',
        'DeletionProtectionEnabled': True, 'Tags': [{'Key': 'a', 'Value': 'b'}]})
    wait_active(wire, name)
    wire.call('UpdateTimeToLive', {'TableName': name, 'TimeToLiveSpecification': {
        'Enabled': True, 'AttributeName': 'ttl'}})
    set_pitr(wire, name, True)
    for n in range(30):
        put(wire, name, f'p{n % 3}', sk={'N': str(n)}, n={'N': str(-n)}, color={'S': f'c{n % 2}'}, x={'S': 'x'})
    copy = name + '-copy'
    restore(wire, name, copy)

    source, restored = table(wire, name), table(wire, copy)
    for member in ('KeySchema', 'AttributeDefinitions', 'ProvisionedThroughput', 'SSEDescription', 'ItemCount',
                   'TableSizeBytes'):
        assert restored[member] == source[member], member
    assert restored['DeletionProtectionEnabled'] is False
    for member in ('StreamSpecification', 'LatestStreamArn', 'TableClassSummary'):
        assert member not in restored
    for kind in ('GlobalSecondaryIndexes', 'LocalSecondaryIndexes'):
        (old,), (new,) = source[kind], restored[kind]
        assert new.pop('IndexArn') != old.pop('IndexArn')
        assert new == old
    assert wire.call('ListTagsOfResource', {'ResourceArn': restored['TableArn']})['Tags'] == []
    assert wire.call('DescribeTimeToLive', {'TableName': copy}) == {
        'TimeToLiveDescription': {'TimeToLiveStatus': 'DISABLED'}}
    backups = wire.call('DescribeContinuousBackups', {'TableName': copy})['ContinuousBackupsDescription']
    assert backups['PointInTimeRecoveryDescription'] == {'PointInTimeRecoveryStatus': 'DISABLED'}
    for read in ({}, {'IndexName': 'by-color'}, {'IndexName': 'by-n'}):
        assert scan(wire, copy, **read) == scan(wire, name, **read), read
    wire.call('UpdateTable', {'TableName': name, 'DeletionProtectionEnabled': False})


def test_overrides(wire, name):
    wire.call('CreateTable', table_request(name, index='color'))
    wait_active(wire, name)
    set_pitr(wire, name, True)
    put(wire, name, 'a', color={'S': 'red'})
    units = {'ReadCapacityUnits': 7, 'WriteCapacityUnits': 8}
    by_color = {'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}], 'Projection': {'ProjectionType': 'ALL'}}

    restore(wire, name, name + '-none', GlobalSecondaryIndexOverride=[])
    none = table(wire, name + '-none')
    assert 'GlobalSecondaryIndexes' not in none
    assert none['AttributeDefinitions'] == [{'AttributeName': 'pk', 'AttributeType': 'S'}]

    restore(wire, name, name + '-named', GlobalSecondaryIndexOverride=[{'IndexName': 'other', **by_color}],
            OnDemandThroughputOverride={'MaxReadRequestUnits': 11})
    named = table(wire, name + '-named')
    assert [index['IndexName'] for index in named['GlobalSecondaryIndexes']] == ['other']
    assert named['OnDemandThroughput'] == {'MaxReadRequestUnits': 11}
    assert len(scan(wire, name + '-named', IndexName='other')) == 1

    restore(wire, name, name + '-provisioned', BillingModeOverride='PROVISIONED', ProvisionedThroughputOverride=units,
            GlobalSecondaryIndexOverride=[{'IndexName': 'by-color', **by_color, 'ProvisionedThroughput': {
                'ReadCapacityUnits': 1, 'WriteCapacityUnits': 2}}])
    provisioned = table(wire, name + '-provisioned')
    assert provisioned['ProvisionedThroughput'] == {'NumberOfDecreasesToday': 0, **units}
    assert provisioned['GlobalSecondaryIndexes'][0]['ProvisionedThroughput'] == {
        'NumberOfDecreasesToday': 0, 'ReadCapacityUnits': 1, 'WriteCapacityUnits': 2}

    set_pitr(wire, name + '-provisioned', True)
    restore(wire, name + '-provisioned', name + '-on-demand', BillingModeOverride='PAY_PER_REQUEST')
    on_demand = table(wire, name + '-on-demand')
    assert on_demand['BillingModeSummary']['BillingMode'] == 'PAY_PER_REQUEST'
    zero = {'NumberOfDecreasesToday': 0, 'ReadCapacityUnits': 0, 'WriteCapacityUnits': 0}
    assert on_demand['ProvisionedThroughput'] == on_demand['GlobalSecondaryIndexes'][0]['ProvisionedThroughput'] == zero

    restore(wire, name, name + '-encrypted', SSESpecificationOverride={
        'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': 'alias/mine'})
    assert table(wire, name + '-encrypted')['SSEDescription']['KMSMasterKeyArn'].endswith(':alias/mine')


def test_overrides_that_are_refused(wire, name):
    wire.call('CreateTable', table_request(name, index='color'))
    wait_active(wire, name)
    set_pitr(wire, name, True)
    base = {'SourceTableName': name, 'TargetTableName': name + '-copy', 'UseLatestRestorableTime': True}
    units = {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}
    index = {'IndexName': 'new', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
             'Projection': {'ProjectionType': 'KEYS_ONLY'}}
    no_match = ('Index new does not match a secondary index that existed in the source table and cannot be created during '
                'the restore operation')
    for overrides, message in [
            ({'ProvisionedThroughputOverride': units},
             'Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED'),
            ({'BillingModeOverride': 'PROVISIONED'},
             'Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED'),
            ({'GlobalSecondaryIndexOverride': [index]}, no_match),
            ({'GlobalSecondaryIndexOverride': [{**index, 'Projection': {'ProjectionType': 'ALL'},
                                                'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}]}, no_match),
            ({'LocalSecondaryIndexOverride': [{**index, 'Projection': {'ProjectionType': 'ALL'}}]}, no_match)]:
        refused(wire, {**base, **overrides}, 'ValidationException', message)
    with pytest.raises(Failed) as error:
        wire.call('RestoreTableToPointInTime', {**base, 'GlobalSecondaryIndexOverride': [
            {**index, 'WarmThroughput': {'ReadUnitsPerSecond': 1}}]})
    assert error.value.code == 'ValidationException'


def test_refusals_in_their_order(wire, name):
    arn = create_table(wire, name)
    target = {'TargetTableName': name + '-copy'}
    latest = {'UseLatestRestorableTime': True}
    source = {'SourceTableName': name}
    either = ('Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both')
    both = 'Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore request.'
    for request, code, message in [
            ({**source, 'SourceTableArn': arn, **target, **latest}, 'ValidationException',
             'Must provide exactly one of: sourceTableArn, sourceTableName'),
            ({**target, **latest}, 'ValidationException', "The parameter 'TableName' is required but was not present in the request"),
            ({**source, **target, **latest, 'RestoreDateTime': 5}, 'ValidationException', both),
            ({**source, **target}, 'ValidationException', either),
            ({**source, **target, 'UseLatestRestorableTime': False}, 'ValidationException', either),
            ({'SourceTableArn': 'table', **target, **latest}, 'ValidationException', 'sourceTableArn is not a valid ARN'),
            ({'SourceTableArn': arn.replace('000000000000', '123456789012'), **target, **latest}, 'ValidationException',
             "This action is only supported by accounts that match the resource owner's account"),
            ({'SourceTableArn': arn.replace('us-east-1', 'eu-west-1'), **target, **latest}, 'ValidationException',
             'Invalid Request: sseSpecificationOverride must be provided for cross-region restores'),
            ({'SourceTableName': 'missing-' + name, **target, **latest}, 'TableNotFoundException',
             f'Table not found: missing-{name}'),
            ({**source, **target, **latest}, 'PointInTimeRecoveryUnavailableException',
             f"Point in time recovery is not enabled for table '{name}'"),
            ({**source, 'TargetTableName': name, **latest}, 'PointInTimeRecoveryUnavailableException',
             f"Point in time recovery is not enabled for table '{name}'")]:
        refused(wire, request, code, message)

    set_pitr(wire, name, True)
    with pytest.raises(Failed) as error:
        wire.call('RestoreTableToPointInTime', {**source, 'TargetTableName': name, 'RestoreDateTime': 1_000_000_000})
    assert error.value.code == 'InvalidRestoreTimeException', 'the time is judged before the target'
    refused(wire, {**source, 'TargetTableName': name, **latest}, 'TableAlreadyExistsException',
            f'Table already exists: {name}')


def test_a_region_further(shared, wire, name):
    arn = create_table(wire, name, pitr=True)
    put(wire, name, 'a')
    there = shared.wire(region='eu-west-1')
    there.call('RestoreTableToPointInTime', {
        'SourceTableArn': arn, 'TargetTableName': name, 'UseLatestRestorableTime': True,
        'SSESpecificationOverride': {'Enabled': False}})
    wait_active(there, name)
    assert table(there, name)['TableArn'] == arn.replace('us-east-1', 'eu-west-1')
    assert scan(there, name) == [{'pk': {'S': 'a'}}]
    there.close()


def test_the_window_with_the_lag_of_the_service(tmp_path):
    with running(args=['--pitr-lag', 'PT5M']) as server:
        wire = server.wire()
        clock = Clock(server.endpoint)
        clock.change(set='2031-01-01T00:00:00Z', freeze=True)
        start = 1_924_992_000

        def window(table):
            described = wire.call('DescribeContinuousBackups', {'TableName': table})['ContinuousBackupsDescription']
            shown = described['PointInTimeRecoveryDescription']
            return shown['EarliestRestorableDateTime'] - start, shown['LatestRestorableDateTime'] - start

        create_table(wire, 'tab', pitr=True)
        assert window('tab') == (0, 0)
        put(wire, 'tab', 'a')
        restore(wire, 'tab', 'at-once')
        assert scan(wire, 'at-once') == [], 'the moment at which recovery was enabled'
        clock.change(advance='PT10M')
        assert window('tab') == (0, 300)
        put(wire, 'tab', 'b')
        restore(wire, 'tab', 'five-minutes-ago')
        assert keys(scan(wire, 'five-minutes-ago')) == ['a']
        request = {'SourceTableName': 'tab', 'TargetTableName': 'cop'}
        for asked, text in [(start + 301, '2031-01-01T00:05:01Z'), (start - 1, '2030-12-31T23:59:59Z'),
                            (start + 300.25, '2031-01-01T00:05:00.250Z')]:
            refused(wire, {**request, 'RestoreDateTime': asked}, 'InvalidRestoreTimeException',
                    f"RestoreDateTime '{text}' must be within EarliestRestorableDateTime '2031-01-01T00:00:00Z' and "
                    "LatestRestorableDateTime '2031-01-01T00:05:00Z'")
        for asked in (start, start + 300):
            restore(wire, 'tab', f'cop{asked}', RestoreDateTime=asked)
        # A shorter period gives up what is older, at once.
        clock.change(advance='P3D')
        wire.call('UpdateContinuousBackups', {'TableName': 'tab', 'PointInTimeRecoverySpecification': {
            'PointInTimeRecoveryEnabled': True, 'RecoveryPeriodInDays': 1}})
        assert window('tab') == (2 * 86400 + 600, 3 * 86400 + 300)
        with pytest.raises(Failed) as error:
            wire.call('RestoreTableToPointInTime', {**request, 'RestoreDateTime': start + 300})
        assert error.value.code == 'InvalidRestoreTimeException'
        wire.close()


def test_to_the_second_after_a_day(tmp_path):
    """Older history is exact to the second, whatever second is asked for."""
    server = Server(tmp_path / 'data')
    wire = server.wire()
    clock = Clock(server.endpoint)
    clock.change(set='2031-01-01T00:00:00Z', freeze=True)
    start = 1_924_992_000
    create_table(wire, 'tab', pitr=True)
    for second in range(5):
        for version in ('first', 'last'):
            put(wire, 'tab', 'a', second={'N': str(second)}, version={'S': version})
        clock.change(advance='PT1S')
    clock.change(advance='P3D')
    wire.close()
    assert server.terminate() == 0
    server.start()
    wire = server.wire()
    for second in range(1, 6):
        restore(wire, 'tab', f'at-{second}', RestoreDateTime=start + second)
        # The clock stood still: what was written in a second has its first microseconds.
        assert scan(wire, f'at-{second}') == [
            {'pk': {'S': 'a'}, 'second': {'N': str(second - 1)}, 'version': {'S': 'last'}}]
    wire.close()
    assert server.terminate() == 0


def test_while_the_table_is_being_restored():
    with running(args=['--restore-duration', 'PT4M']) as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        clock.change(freeze=True)
        create_table(wire, 'tab', pitr=True)
        put(wire, 'tab', 'a')
        request = {'SourceTableName': 'tab', 'TargetTableName': 'cop', 'UseLatestRestorableTime': True}
        arn = wire.call('RestoreTableToPointInTime', request)['TableDescription']['TableArn']
        not_found = 'Requested resource not found: Table: cop not found'
        source = table(wire, 'tab')['TableArn']
        for operation, more, code, message in [
                ('UpdateTable', {'TableName': 'cop', 'DeletionProtectionEnabled': True}, 'ResourceNotFoundException', not_found),
                ('UpdateTimeToLive', {'TableName': 'cop', 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 't'}},
                 'ResourceNotFoundException', not_found),
                ('DescribeTimeToLive', {'TableName': 'cop'}, 'ResourceNotFoundException', not_found),
                ('TagResource', {'ResourceArn': arn, 'Tags': [{'Key': 'a', 'Value': 'b'}]}, 'ResourceNotFoundException',
                 not_found),
                ('DescribeContinuousBackups', {'TableName': 'cop'}, 'TableNotFoundException', 'Table not found: cop'),
                ('CreateBackup', {'TableName': 'cop', 'BackupName': 'abc'}, 'TableNotFoundException', 'Table not found: cop'),
                ('CreateTable', table_request('cop'), 'ResourceInUseException', 'Table is being used: cop'),
                ('RestoreTableToPointInTime', request, 'TableInUseException',
                 f'Table: cop is already being restored from table: {source}'),
                ('DeleteTable', {'TableName': 'cop'}, 'ResourceInUseException',
                 'Attempt to change a resource which is still in use: Table is being created: cop')]:
            with pytest.raises(Failed) as error:
                wire.call(operation, more)
            assert (error.value.code, error.value.message) == (code, message), operation
            described = table(wire, 'cop')
            assert described['TableStatus'] == 'CREATING'
            assert described['RestoreSummary']['RestoreInProgress'] is True
        clock.change(advance='PT4M')
        described = table(wire, 'cop')
        assert (described['TableStatus'], described['ItemCount']) == ('ACTIVE', 1)
        assert 'RestoreSummary' not in described
        assert keys(scan(wire, 'cop')) == ['a']
        wire.close()


def test_fifty_restores_at_a_time():
    with running(args=['--restore-duration', 'PT4M']) as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        clock.change(freeze=True)
        create_table(wire, 'tab', pitr=True)
        request = {'SourceTableName': 'tab', 'UseLatestRestorableTime': True}
        for number in range(50):
            wire.call('RestoreTableToPointInTime', {**request, 'TargetTableName': f'copy-{number}'})
        with pytest.raises(Failed) as error:
            wire.call('RestoreTableToPointInTime', {**request, 'TargetTableName': 'one-too-many'})
        assert error.value.code == 'LimitExceededException'
        assert error.value.message.startswith('Only 50 restore operations')
        clock.change(advance='PT4M')
        assert table(wire, 'copy-49')['TableStatus'] == 'ACTIVE'
        restore_again = wire.call('RestoreTableToPointInTime', {**request, 'TargetTableName': 'one-too-many'})
        assert restore_again['TableDescription']['TableStatus'] == 'CREATING'
        wire.close()


def test_many_small_items_in_constant_memory(own_server):
    """Whatever the number of items: of ten million, which take as little, docs/time-travel.md has the figures."""
    wire = own_server.wire()
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    s3.create_bucket(Bucket='lake')
    count, objects = 400_000, 4
    for part in range(objects):
        lines = (f'{{"Item":{{"pk":{{"S":"{n:08}"}},"n":{{"N":"{n}"}}}}}}\n' for n in range(part, count, objects))
        s3.put_object(Bucket='lake', Key=f'{part}.gz', Body=gzip.compress(''.join(lines).encode(), 1))
    imported = run_import(wire, table_request('source'), 'lake', compression='GZIP')
    assert imported['ImportedItemCount'] == count
    set_pitr(wire, 'source', True)
    own_server.forget_peak()
    before = own_server.memory_kb()
    restore(wire, 'source', 'copy')
    assert table(wire, 'copy')['ItemCount'] == count
    assert own_server.memory_kb('VmHWM') - before < 60 * 1024
    wire.close()
    assert own_server.terminate() == 0
