"""On-demand backups, and those that the deletion of a table makes."""
import json
import re
import time
import urllib.request

import pytest

from support.clock import Clock
from support.server import Failed, Server, create_table, running, scan, set_pitr, table_request, until, wait_active
from support.transfers import finish_import, import_request


def put(wire, table, key, **more):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': key}, **more}})


def keys(items):
    return sorted(item['pk']['S'] for item in items)


def create_backup(wire, table, backup='backup'):
    return wire.call('CreateBackup', {'TableName': table, 'BackupName': backup})['BackupDetails']


def describe(wire, arn):
    return wire.call('DescribeBackup', {'BackupArn': arn})['BackupDescription']


def backups(wire, **more):
    return wire.call('ListBackups', more)['BackupSummaries']


def restore(wire, arn, target, **more):
    begun = wire.call('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': target, **more})['TableDescription']
    assert begun['TableStatus'] == 'CREATING'
    assert begun['RestoreSummary']['SourceBackupArn'] == arn
    wait_active(wire, target)
    return begun


def delete_table(wire, name):
    wire.call('DeleteTable', {'TableName': name})

    def is_gone():
        try:
            wire.call('DescribeTable', {'TableName': name})
        except Failed as failure:
            return failure.code == 'ResourceNotFoundException'
    until(is_gone, 'the table to be gone')


def gone(server):
    """What is deleted and still takes space."""
    return json.load(urllib.request.urlopen(server.endpoint + '/_tidemark/tables'))['gone']


def refused(wire, operation, request, code, message):
    with pytest.raises(Failed) as error:
        wire.call(operation, request)
    assert (error.value.code, error.value.message) == (code, message)


def test_a_backup_and_all_about_it(wire, name):
    arn = create_table(wire, name)
    put(wire, name, 'a', v={'S': 'one'})
    before = time.time()
    created = create_backup(wire, name, 'My.backup-1')
    assert re.fullmatch(re.escape(arn) + r'/backup/\d{14}-[0-9a-f]{8}', created['BackupArn'])
    assert int(created['BackupArn'][-23:-9]) == round(created['BackupCreationDateTime'] * 1000)
    assert before - 1 < created['BackupCreationDateTime'] < time.time() + 1
    size = wire.call('DescribeTable', {'TableName': name})['Table']['TableSizeBytes']
    details = {'BackupArn': created['BackupArn'], 'BackupName': 'My.backup-1', 'BackupSizeBytes': size,
               'BackupStatus': 'CREATING', 'BackupType': 'USER',
               'BackupCreationDateTime': created['BackupCreationDateTime']}
    assert created == details
    table = wire.call('DescribeTable', {'TableName': name})['Table']
    details['BackupStatus'] = 'AVAILABLE'
    description = {
        'BackupDetails': details,
        'SourceTableDetails': {
            'TableName': name, 'TableId': table['TableId'], 'TableArn': arn, 'TableSizeBytes': size,
            'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}], 'TableCreationDateTime': table['CreationDateTime'],
            'ProvisionedThroughput': {'ReadCapacityUnits': 0, 'WriteCapacityUnits': 0}, 'ItemCount': 1,
            'BillingMode': 'PAY_PER_REQUEST'},
        'SourceTableFeatureDetails': {}}
    assert describe(wire, created['BackupArn']) == description
    assert backups(wire, TableName=name) == [
        {'TableName': name, 'TableId': table['TableId'], 'TableArn': arn, **details}]
    deleted = wire.call('DeleteBackup', {'BackupArn': created['BackupArn']})['BackupDescription']
    details['BackupStatus'] = 'DELETED'
    assert deleted == description
    for operation in ('DescribeBackup', 'DeleteBackup'):
        refused(wire, operation, {'BackupArn': created['BackupArn']}, 'BackupNotFoundException',
                f'Backup not found: {created["BackupArn"]}')
    assert backups(wire, TableName=name) == []


def test_features_of_the_source(wire, name):
    request = table_request(name, sort_key='sk', index='color')
    request['LocalSecondaryIndexes'] = [{
        'IndexName': 'local', 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                                            {'AttributeName': 'color', 'KeyType': 'RANGE'}],
        'Projection': {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['x']}}]
    request['StreamSpecification'] = {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}
    request['SSESpecification'] = {'Enabled': True}
    request['OnDemandThroughput'] = {'MaxReadRequestUnits': 5, 'MaxWriteRequestUnits': 6}
    wire.call('CreateTable', request)
    wait_active(wire, name)
    wire.call('UpdateTimeToLive', {'TableName': name, 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 'ttl'}})
    description = describe(wire, create_backup(wire, name)['BackupArn'])
    assert description['SourceTableDetails']['OnDemandThroughput'] == {'MaxReadRequestUnits': 5, 'MaxWriteRequestUnits': 6}
    features = description['SourceTableFeatureDetails']
    assert features.pop('SSEDescription')['Status'] == 'ENABLED'
    assert features == {
        'LocalSecondaryIndexes': [{key: request['LocalSecondaryIndexes'][0][key]
                                   for key in ('IndexName', 'KeySchema', 'Projection')}],
        'GlobalSecondaryIndexes': [{'IndexName': 'by-color', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
                                    'Projection': {'ProjectionType': 'ALL'},
                                    'ProvisionedThroughput': {'ReadCapacityUnits': 0, 'WriteCapacityUnits': 0}}],
        'StreamDescription': {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'},
        'TimeToLiveDescription': {'TimeToLiveStatus': 'ENABLED', 'AttributeName': 'ttl'}}


def test_each_backup_shows_its_own_moment(wire, name):
    """Without point-in-time recovery, over the deletion of the table and a new one of the same name."""
    create_table(wire, name)
    arns = []
    for n in range(3):
        put(wire, name, str(n))
        put(wire, name, 'always', v={'N': str(n)})
        arns.append(create_backup(wire, name)['BackupArn'])
    wire.call('DeleteItem', {'TableName': name, 'Key': {'pk': {'S': '0'}}})
    delete_table(wire, name)
    create_table(wire, name)
    put(wire, name, 'new')
    arns.append(create_backup(wire, name)['BackupArn'])
    # Sorted: two that were made in one millisecond are listed in either order.
    assert sorted(entry['BackupArn'] for entry in backups(wire, TableName=name)) == sorted(arns)
    for n, arn in enumerate(arns[:3]):
        restore(wire, arn, f'{name}-{n}')
        assert keys(scan(wire, f'{name}-{n}')) == [str(m) for m in range(n + 1)] + ['always']
        always = wire.call('GetItem', {'TableName': f'{name}-{n}', 'Key': {'pk': {'S': 'always'}}})['Item']
        assert always['v'] == {'N': str(n)}
    restore(wire, arns[3], f'{name}-3')
    assert keys(scan(wire, f'{name}-3')) == ['new']
    delete_table(wire, name)
    assert len(backups(wire, TableName=name)) == 4, 'a table that is gone has its backups still'


def test_settings_are_those_of_the_backup(wire, name):
    wire.call('CreateTable', table_request(name, index='color'))
    wait_active(wire, name)
    put(wire, name, 'a', color={'S': 'red'})
    arn = create_backup(wire, name)['BackupArn']
    wire.call('UpdateTable', {'TableName': name, 'GlobalSecondaryIndexUpdates': [{'Delete': {'IndexName': 'by-color'}}]})
    restore(wire, arn, name + '-copy')
    assert len(scan(wire, name + '-copy', IndexName='by-color')) == 1
    restore(wire, arn, name + '-bare', GlobalSecondaryIndexOverride=[])
    assert 'GlobalSecondaryIndexes' not in wire.call('DescribeTable', {'TableName': name + '-bare'})['Table']


def test_boto3_pages_and_time_ranges(dynamodb, wire, name):
    create_table(wire, name)
    made = []
    for n in range(5):
        made.append(create_backup(wire, name, f'number-{n}'))
        until(lambda: time.time() > made[-1]['BackupCreationDateTime'] + 0.002, 'another millisecond')
    pages = list(dynamodb.get_paginator('list_backups').paginate(TableName=name, PaginationConfig={'PageSize': 2}))
    assert [len(page['BackupSummaries']) for page in pages] == [2, 2, 1]
    assert 'LastEvaluatedBackupArn' not in pages[-1]
    names = [entry['BackupName'] for page in pages for entry in page['BackupSummaries']]
    assert names == [f'number-{n}' for n in range(5)]
    # The cursor may be gone.
    wire.call('DeleteBackup', {'BackupArn': made[1]['BackupArn']})
    rest = backups(wire, TableName=name, ExclusiveStartBackupArn=made[1]['BackupArn'])
    assert [entry['BackupName'] for entry in rest] == ['number-2', 'number-3', 'number-4']
    times = [entry['BackupCreationDateTime'] for entry in made]
    found = backups(wire, TableName=name, TimeRangeLowerBound=times[2], TimeRangeUpperBound=times[4])
    assert [entry['BackupName'] for entry in found] == ['number-2', 'number-3'], 'the upper bound is not part of it'
    for kind, count in [('USER', 4), ('SYSTEM', 0), ('AWS_BACKUP', 0), ('ALL', 4)]:
        assert len(backups(wire, TableName=name, BackupType=kind)) == count
    refused(wire, 'ListBackups', {'TimeRangeLowerBound': 5, 'TimeRangeUpperBound': 4}, 'ValidationException',
            'Time range lower bound must be less than or equal to upper bound')


def test_refusals(shared, wire, name):
    arn = create_table(wire, name)
    backup = create_backup(wire, name)['BackupArn']
    unknown = arn + '/backup/01767225600123-0a1b2c3d'
    restore_to = {'TargetTableName': name + '-copy'}
    for operation, request, code, message in [
            ('CreateBackup', {'TableName': 'missing-' + name, 'BackupName': 'abc'}, 'TableNotFoundException',
             f'Table not found: missing-{name}'),
            ('DescribeBackup', {'BackupArn': unknown}, 'BackupNotFoundException', f'Backup not found: {unknown}'),
            ('DeleteBackup', {'BackupArn': unknown}, 'BackupNotFoundException', f'Backup not found: {unknown}'),
            ('RestoreTableFromBackup', {'BackupArn': unknown, **restore_to}, 'BackupNotFoundException',
             f'Backup not found: {unknown}'),
            ('DescribeBackup', {'BackupArn': 'x' * 40}, 'ValidationException', 'Invalid Backup ARN'),
            ('DescribeBackup', {'BackupArn': arn + '/export/01767225600123-0a1b2c3d'}, 'ValidationException',
             'Invalid Backup ARN'),
            ('RestoreTableFromBackup', {'BackupArn': backup, 'TargetTableName': name}, 'TableAlreadyExistsException',
             f'Table already exists: {name}')]:
        refused(wire, operation, request, code, message)
    for request in ({'TableName': name, 'BackupName': 'ab'}, {'TableName': name, 'BackupName': 'a b c'},
                    {'TableName': name}):
        with pytest.raises(Failed) as error:
            wire.call('CreateBackup', request)
        assert error.value.code == 'ValidationException'
        assert 'backupName' in error.value.message
    other = shared.wire(account='123456789012')
    with pytest.raises(Failed) as error:
        other.call('DescribeBackup', {'BackupArn': backup})
    assert error.value.code == 'AccessDeniedException'
    other.close()


def test_a_deleted_table_with_recovery_leaves_a_system_backup(own_server):
    wire = own_server.wire()
    clock = Clock(own_server.endpoint)
    arn = create_table(wire, 'tab', pitr=True)
    for n in range(20):
        put(wire, 'tab', str(n))
    put(wire, 'tab', '0', v={'S': 'changed'})
    delete_table(wire, 'tab')
    assert backups(wire) == [], 'users see theirs alone, if they do not ask'
    (system,) = backups(wire, BackupType='SYSTEM')
    assert system['BackupName'] == 'tab$DeletedTableBackup'
    assert re.fullmatch(re.escape(arn) + r'/backup/\d{14}-00000000', system['BackupArn'])
    assert system['BackupStatus'] == 'AVAILABLE'
    assert system['BackupType'] == 'SYSTEM'
    assert round(system['BackupExpiryDateTime'] - system['BackupCreationDateTime'], 3) == 35 * 86400
    description = describe(wire, system['BackupArn'])
    assert description['SourceTableFeatureDetails'] == {}
    assert description['SourceTableDetails']['ItemCount'] == 20
    with pytest.raises(Failed) as error:
        wire.call('DeleteBackup', {'BackupArn': system['BackupArn']})
    assert error.value.code == 'ValidationException'
    assert error.value.message.startswith(
        f'User is not allowed to delete the system backup with arn {system["BackupArn"]}. It will automatically expire on ')
    # Over a restart, and beside a new table of the name.
    wire.close()
    assert own_server.terminate() == 0
    own_server.start()
    wire = own_server.wire()
    clock = Clock(own_server.endpoint)
    create_table(wire, 'tab')
    restore(wire, system['BackupArn'], 'back')
    assert len(scan(wire, 'back')) == 20
    item = wire.call('GetItem', {'TableName': 'back', 'Key': {'pk': {'S': '0'}}})['Item']
    assert item == {'pk': {'S': '0'}, 'v': {'S': 'changed'}}
    clock.change(advance='P34D')
    assert len(backups(wire, BackupType='SYSTEM')) == 1
    clock.change(advance='P1D')
    assert backups(wire, BackupType='ALL') == []
    with pytest.raises(Failed) as error:
        describe(wire, system['BackupArn'])
    assert error.value.code == 'BackupNotFoundException'
    wire.close()


def test_no_system_backup_without_recovery(own_server):
    wire = own_server.wire()
    create_table(wire, 'never')
    delete_table(wire, 'never')
    create_table(wire, 'no-longer', pitr=True)
    set_pitr(wire, 'no-longer', False)
    delete_table(wire, 'no-longer')
    assert backups(wire, BackupType='ALL') == []
    wire.close()


def test_recovery_switched_off_while_the_table_is_deleted(tmp_path):
    with running(args=['--delay-transient-statuses']) as server:
        wire = server.wire()
        clock = Clock(server.endpoint)
        for table in ('kept', 'forgotten'):
            wire.call('CreateTable', table_request(table))
        clock.change(advance='PT1M')
        for table in ('kept', 'forgotten'):
            set_pitr(wire, table, True)
            wire.call('DeleteTable', {'TableName': table})
        assert backups(wire, BackupType='SYSTEM') == [], 'not before the table is gone'
        on_the_way = create_backup(wire, 'kept', 'on-the-way')
        set_pitr(wire, 'forgotten', False)
        clock.change(advance='PT1M')
        assert [entry['TableName'] for entry in backups(wire, BackupType='SYSTEM')] == ['kept']
        assert describe(wire, on_the_way['BackupArn'])['BackupDetails']['BackupStatus'] == 'AVAILABLE'
        wire.close()


def test_a_backup_that_is_read_stays():
    """One restore at a time, and no deletion meanwhile."""
    with running(args=['--restore-duration', 'PT4M']) as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        clock.change(freeze=True)
        create_table(wire, 'tab')
        put(wire, 'tab', 'a')
        arn = create_backup(wire, 'tab')['BackupArn']
        wire.call('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': 'cop'})
        for operation, request, code, message in [
                ('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': 'dup'}, 'BackupInUseException',
                 f'Backup is being used to restore another table: {arn}'),
                ('RestoreTableFromBackup', {'BackupArn': arn, 'TargetTableName': 'cop'}, 'TableInUseException',
                 f'Table: cop is already being restored from backup: {arn}'),
                ('DeleteBackup', {'BackupArn': arn}, 'BackupInUseException',
                 f'Backup is being used to restore table: {arn}')]:
            refused(wire, operation, request, code, message)
            assert wire.call('DescribeTable', {'TableName': 'cop'})['Table']['TableStatus'] == 'CREATING'
        clock.change(advance='PT4M')
        assert wire.call('DescribeTable', {'TableName': 'cop'})['Table']['TableStatus'] == 'ACTIVE'
        assert keys(scan(wire, 'cop')) == ['a']
        wire.call('DeleteBackup', {'BackupArn': arn})
        wire.close()


def test_a_table_that_an_import_fills_has_no_backups_yet():
    with running(args=['--import-duration', 'PT3M']) as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        s3.create_bucket(Bucket='lake')
        s3.put_object(Bucket='lake', Key='in', Body=b'{"Item":{"pk":{"S":"1"}}}\n')
        clock.change(freeze=True)
        started = wire.call('ImportTable', import_request(table_request('tab'), 'lake', 'in'))['ImportTableDescription']
        assert wire.call('DescribeTable', {'TableName': 'tab'})['Table']['TableStatus'] == 'CREATING'
        enabled = {'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}}
        for operation, more in (('CreateBackup', {'BackupName': 'abc'}), ('UpdateContinuousBackups', enabled)):
            for table in ('tab', started['TableArn']):
                refused(wire, operation, {'TableName': table, **more}, 'ContinuousBackupsUnavailableException',
                        'Backups are being enabled for the table: tab. Please retry later')
        assert wire.call('DescribeContinuousBackups', {'TableName': 'tab'})['ContinuousBackupsDescription'] == {
            'ContinuousBackupsStatus': 'DISABLED',
            'PointInTimeRecoveryDescription': {'PointInTimeRecoveryStatus': 'DISABLED'}}
        refused(wire, 'RestoreTableToPointInTime', {
            'SourceTableName': 'tab', 'TargetTableName': 'cop', 'UseLatestRestorableTime': True},
            'TableNotFoundException', 'Table not found: tab')
        clock.change(advance='PT3M')
        assert finish_import(wire, started['ImportArn'])['ImportStatus'] == 'COMPLETED'
        set_pitr(wire, 'tab', True)
        assert wire.call('DescribeContinuousBackups', {'TableName': 'tab'})['ContinuousBackupsDescription'][
            'ContinuousBackupsStatus'] == 'ENABLED'
        arn = create_backup(wire, 'tab')['BackupArn']
        restore(wire, arn, 'back')
        assert keys(scan(wire, 'back')) == ['1']
        wire.close()


def test_what_a_backup_kept_is_given_back(own_server):
    """A table that is gone leaves the disk when its last backup does."""
    wire = own_server.wire()
    create_table(wire, 'tab')
    for batch in range(20):
        wire.call('BatchWriteItem', {'RequestItems': {'tab': [
            {'PutRequest': {'Item': {'pk': {'S': f'{batch}-{n}'}, 'text': {'S': f'{batch}{n}' * 5_000}}}}
            for n in range(25)]}})
    arns = [create_backup(wire, 'tab')['BackupArn'] for _ in range(2)]
    assert gone(own_server) == []
    delete_table(wire, 'tab')
    (kept,) = [entry for entry in gone(own_server) if 'name' in entry]
    assert (kept['name'], kept['items'], kept['awaits_cleaning']) == ('tab', 500, False)
    assert sorted(kept['held_by']) == sorted(f'backup/{arn}' for arn in arns)
    wire.call('DeleteBackup', {'BackupArn': arns[0]})
    Clock(own_server.endpoint).change(advance='PT1M')
    restore(wire, arns[1], 'cop')
    assert len(scan(wire, 'cop', ProjectionExpression='pk')) == 500
    delete_table(wire, 'cop')
    wire.call('DeleteBackup', {'BackupArn': arns[1]})
    Clock(own_server.endpoint).change(advance='PT1M')
    refused(wire, 'RestoreTableFromBackup', {'BackupArn': arns[1], 'TargetTableName': 'dup'}, 'BackupNotFoundException',
            f'Backup not found: {arns[1]}')
    until(lambda: gone(own_server) == [], 'the space to be given back')
    wire.close()
    assert own_server.terminate() == 0


def test_backups_survive_a_restart(tmp_path):
    server = Server(tmp_path / 'data')
    wire = server.wire()
    create_table(wire, 'tab')
    put(wire, 'tab', 'a')
    arn = create_backup(wire, 'tab')['BackupArn']
    put(wire, 'tab', 'b')
    for end in (server.terminate, server.kill):
        wire.close()
        end()
        server.start()
        wire = server.wire()
        put(wire, 'tab', 'c')
    delete_table(wire, 'tab')
    wire.close()
    server.kill()
    server.start()
    wire = server.wire()
    restore(wire, arn, 'back')
    assert keys(scan(wire, 'back')) == ['a']
    wire.close()
    assert server.terminate() == 0
    server.close()
