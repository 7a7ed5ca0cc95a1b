"""Jobs and chores that meet a full disk: each fails with a sentence that says so, or waits and is whole when there is space. What
failed leaves nothing, reads go on, and a kill -9 in between changes nothing of that."""
import datetime
import json
import os
import subprocess
import urllib.request

import pytest

from support.clock import Clock
from support.server import PROGRAM, Failed, Server, create_table, scan, until, wait_active
from support.small_disk import SmallDisk
from support.transfers import bulk_request, export, finish_bulk, run_bulk

COUNT = 80


def admin(server, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f'{server.endpoint}/_tidemark/{path}', data, {'Content-Type': 'application/json'})
    return json.load(urllib.request.urlopen(request))


@pytest.fixture
def disk(tmp_path):
    small = SmallDisk(tmp_path / 'disk')
    try:
        yield small
    finally:
        small.unmount()


def is_written(wire, key):
    try:
        wire.call('PutItem', {'TableName': 'full', 'Item': {'pk': {'S': key}, 'v': {'N': '0'}}})
    except Failed as refused:
        assert refused.status == 503
        return False
    return True


def jobs_of(server, status):
    return admin(server, f'jobs?status={status}')['jobs']


def is_free(server, table):
    return admin(server, f'tables?table={table}')['tables'][0]['held_by'] == []


def ended_job(server, job):
    def ended():
        found = admin(server, f'jobs/{job["id"]}')
        return found if found['status'] not in ('IN_PROGRESS', 'CANCELLING') else None
    return until(ended, 'the job', seconds=30)


def item(n, version):
    return {'pk': {'S': f'{n:03}'}, 'colour': {'S': f'c{n % 3}'}, 'v': {'N': str(version)},
            'text': {'S': os.urandom(25_000).hex()}}


def write_all(wire, version, table='full'):
    for n in range(COUNT):
        wire.call('PutItem', {'TableName': table, 'Item': item(n, version)})


def versions(wire, table='full'):
    found = scan(wire, table, ProjectionExpression='pk, v')
    return {entry['pk']['S']: int(entry['v']['N']) for entry in found}


def all_of(version):
    return {f'{n:03}': version for n in range(COUNT)}


def wait_until_refused(wire):
    until(lambda: not is_written(wire, 'probe'), 'refused writes', seconds=20)


def restart(server, wire):
    wire.close()
    server.kill()
    server.start()
    return server.wire()


def check_nothing_half_done(server, wire, table='full'):
    """After a kill, with space: every table can be used, no job goes on, nobody holds a past."""
    until(lambda: not jobs_of(server, 'IN_PROGRESS'), 'the jobs to end', seconds=30)
    for name in wire.call('ListTables', {})['TableNames']:
        wait_active(wire, name)
    until(lambda: is_free(server, table), 'the past to be let go', seconds=20)


@pytest.fixture
def full(disk):
    """A server whose table `full`, with a past, takes about 4 MB; ended whatever happens."""
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'full', pitr=True)
        write_all(wire, 1)
        wire.close()
        yield server
    finally:
        server.close()


def second_behind(server):
    """A whole second that is over, and behind all writes so far."""
    clock = Clock(server.endpoint)
    clock.change(advance='PT2S')
    moment = int(clock.now().timestamp()) - 1
    clock.change(advance='PT2S')
    return moment


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


@pytest.mark.parametrize('with_kill', (False, True), ids=('while it runs', 'over a kill'))
def test_a_rewind_waits_for_space_and_is_whole(disk, full, with_kill):
    wire = full.wire()
    moment = iso(second_behind(full))
    write_all(wire, 2)
    disk.fill_but(2 << 20)  # enough to begin, too little for the items that are put back
    job = admin(full, 'tables/full/rewind', {'to': moment})

    def shown():
        found = admin(full, f'jobs/{job["id"]}')
        return found['status'], found['phase']
    until(lambda: shown() == ('IN_PROGRESS', 'waiting for space on the disk'), 'a rewind that waits', seconds=20)
    assert 'waits for space' in full.log()
    now = versions(wire)
    now.pop('probe', None)
    assert set(now) == set(all_of(1)), 'reads go on'
    disk.free()
    if with_kill:
        wire = restart(full, wire)
    done = ended_job(full, job)
    assert done['status'] == 'COMPLETED'
    now = versions(wire)
    now.pop('probe', None)  # written when space was back, or before it ran out
    assert now == all_of(1)
    check_nothing_half_done(full, wire)
    wire.close()
    assert full.terminate() == 0


def begin_branch(server, wire, moment):
    admin(server, 'tables/full/branch', {'target': 'copy', 'asOf': moment})


def begin_restore(server, wire, moment):
    wire.call('RestoreTableToPointInTime', {'SourceTableName': 'full', 'TargetTableName': 'copy',
                                            'UseLatestRestorableTime': True})


def begin_restore_of_backup(server, wire, moment):
    backups = wire.call('ListBackups', {})['BackupSummaries']
    wire.call('RestoreTableFromBackup', {'BackupArn': backups[0]['BackupArn'], 'TargetTableName': 'copy'})


@pytest.mark.parametrize('begin', (begin_branch, begin_restore, begin_restore_of_backup))
def test_a_copy_that_found_no_space_fails_and_leaves_nothing(disk, full, begin):
    wire = full.wire()
    moment = iso(second_behind(full))
    backup = wire.call('CreateBackup', {'TableName': 'full', 'BackupName': 'full'})['BackupDetails']['BackupArn']
    disk.fill_but(2 << 20)
    begin(full, wire, moment)
    until(lambda: jobs_of(full, 'FAILED'), 'the copy to fail', seconds=30)
    failed, = jobs_of(full, 'FAILED')
    assert failed['failure']['code'] == 'InternalServerError'
    assert failed['failure']['message'] == 'The server has no space left to store data.'
    assert versions(wire) == all_of(1), 'reads go on'
    until(lambda: 'copy' not in wire.call('ListTables', {})['TableNames'], 'the half-made table to go')
    disk.free()
    wire.call('DeleteBackup', {'BackupArn': backup})
    wire = restart(full, wire)
    check_nothing_half_done(full, wire)
    assert list((full.data_dir / 'dynamodb' / 'load').glob('*')) == []
    begin_branch(full, wire, moment)
    wait_active(wire, 'copy')
    assert versions(wire, 'copy') == all_of(1)
    wire.call('DeleteTable', {'TableName': 'copy'})
    wire.close()


def test_backups_of_a_full_disk_are_made_or_refused(disk, full):
    """A backup copies nothing: with little left one is made. With no byte left it is refused, and is not there."""
    wire = full.wire()
    disk.fill_but(2 << 20)
    wait_until_refused(wire)
    made = []
    disk.fill()
    with pytest.raises(Failed) as refused:
        while True:  # until the last page of the log is full
            made.append(wire.call('CreateBackup', {'TableName': 'full', 'BackupName': 'little'})['BackupDetails']['BackupArn'])
    assert (refused.value.status, refused.value.code) == (503, 'ServiceUnavailableException')
    assert 'no space' in refused.value.message
    assert set(versions(wire)) >= set(all_of(1)), 'reads go on'
    disk.free()
    wire = restart(full, wire)
    found = {entry['BackupArn'] for entry in wire.call('ListBackups', {})['BackupSummaries']}
    assert found == set(made)
    for arn in found:
        wire.call('DeleteBackup', {'BackupArn': arn})
    check_nothing_half_done(full, wire)
    wire.close()


def test_a_bulk_operation_that_found_no_space_says_so(disk, full):
    wire = full.wire()
    s3 = full.client('s3', endpoint=full.s3_endpoint)
    s3.create_bucket(Bucket='source')
    lines = [json.dumps({'Item': item(n, 2)}) for n in range(COUNT)]
    s3.put_object(Bucket='source', Key='items', Body='\n'.join(lines).encode())
    disk.fill_but(3 << 20)
    arn = wire.call('StartBulkPutItems', bulk_request('full', 'source'))['BulkOperationDescription']['BulkOperationArn']
    # Where not even a flush finds space, the end is recorded later.
    until(lambda: jobs_of(full, 'FAILED') or 'cannot be recorded' in full.log(), 'the failure', seconds=20)
    now = versions(wire)
    assert set(now) == set(all_of(1)), 'reads go on'
    disk.free()
    done = finish_bulk(wire, arn, seconds=30)
    assert done['BulkOperationStatus'] == 'FAILED'
    assert done['FailureMessage'] == 'The server has no space left to store data.'
    wire = restart(full, wire)
    assert versions(wire) == now, 'what it had put stays put, as on the service'
    check_nothing_half_done(full, wire)
    assert list((full.data_dir / 'bulk-reports').glob('*')) == []
    until(lambda: is_written(wire, 'probe'), 'space', seconds=20)
    assert run_bulk(wire, 'full', 'source')['BulkOperationStatus'] == 'COMPLETED'
    assert versions(wire).items() >= all_of(2).items()
    wire.close()


def begin_on_full_disk(wire, disk, request):
    """UpdateTable with what has to be filled. Whether there is room for the beginning depends on what memory holds just then: it is
    begun, or refused whole and begun when there is space. Says whether it was begun."""
    try:
        wire.call('UpdateTable', request)
        return True
    except Failed as refused:
        assert (refused.status, 'no space' in refused.message) == (503, True)
    table = wire.call('DescribeTable', {'TableName': 'full'})['Table']
    assert 'Replicas' not in table and 'GlobalSecondaryIndexes' not in table
    disk.free()
    until(lambda: is_written(wire, 'probe'), 'space', seconds=20)
    wire.call('UpdateTable', request)
    return False


def index_status(wire):
    table = wire.call('DescribeTable', {'TableName': 'full'})['Table']
    return {index['IndexName']: index['IndexStatus'] for index in table.get('GlobalSecondaryIndexes', [])}.get('by-colour')


@pytest.mark.parametrize('with_kill', (False, True), ids=('while it runs', 'over a kill'))
def test_an_index_that_found_no_space_is_filled_when_there_is_some(disk, full, with_kill):
    wire = full.wire()
    disk.fill_but(2 << 20)
    wait_until_refused(wire)
    if begin_on_full_disk(wire, disk, {
            'TableName': 'full', 'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': 'S'} for name in ('pk', 'colour')],
            'GlobalSecondaryIndexUpdates': [{'Create': {
                'IndexName': 'by-colour', 'KeySchema': [{'AttributeName': 'colour', 'KeyType': 'HASH'}],
                'Projection': {'ProjectionType': 'ALL'}}}]}):
        until(lambda: 'stays CREATING until there is space' in full.log(), 'an index that waits', seconds=20)
        assert index_status(wire) == 'CREATING'
        assert set(versions(wire)) >= set(all_of(1)), 'reads go on'
        disk.free()
    if with_kill:
        wire = restart(full, wire)
    until(lambda: index_status(wire) == 'ACTIVE', 'the index', seconds=30)
    assert len(scan(wire, 'full', IndexName='by-colour', ProjectionExpression='pk')) == COUNT
    check_nothing_half_done(full, wire)
    wire.close()


@pytest.mark.parametrize('with_kill', (False, True), ids=('while it runs', 'over a kill'))
def test_a_replica_that_found_no_space_is_filled_when_there_is_some(disk, full, with_kill):
    wire = full.wire()
    wire.call('UpdateTable', {'TableName': 'full', 'StreamSpecification': {
        'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}})
    wait_active(wire, 'full')
    disk.fill_but(2 << 20)
    wait_until_refused(wire)
    if begin_on_full_disk(wire, disk, {'TableName': 'full', 'ReplicaUpdates': [{'Create': {'RegionName': 'eu-west-1'}}]}):
        until(lambda: 'stays CREATING until there is space' in full.log(), 'a replica that waits', seconds=20)
        assert set(versions(wire)) >= set(all_of(1)), 'reads go on'
        disk.free()
    if with_kill:
        wire = restart(full, wire)

    def replica_status():
        replica, = wire.call('DescribeTable', {'TableName': 'full'})['Table']['Replicas']
        return replica['ReplicaStatus']
    until(lambda: replica_status() == 'ACTIVE', 'the replica', seconds=30)
    far = full.wire(region='eu-west-1')
    assert set(versions(far)) == set(versions(wire))
    far.close()
    wire.close()


def test_an_apply_that_found_no_space_says_so_and_can_be_done_again(disk, full):
    wire = full.wire()
    s3 = full.client('s3', endpoint=full.s3_endpoint)
    s3.create_bucket(Bucket='lake')
    begin = second_behind(full)
    write_all(wire, 2)
    Clock(full.endpoint).change(advance='PT15M')
    end = second_behind(full)
    arn = wire.call('DescribeTable', {'TableName': 'full'})['Table']['TableArn']
    done = export(wire, arn, 'lake', ExportType='INCREMENTAL_EXPORT', IncrementalExportSpecification={
        'ExportFromTime': begin, 'ExportToTime': end, 'ExportViewType': 'NEW_AND_OLD_IMAGES'})
    assert done['ExportStatus'] == 'COMPLETED'
    create_table(wire, 'other')
    disk.fill_but(2 << 20)
    wait_until_refused(wire)
    command = [PROGRAM, 'apply', f's3://lake/{done["ExportManifest"]}', '--table', 'other', '--port', str(full.port)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 1
    assert 'no space' in refused.stderr
    disk.free()
    until(lambda: is_written(wire, 'probe'), 'space', seconds=20)
    applied = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert applied.returncode == 0, applied.stderr
    assert versions(wire, 'other') == all_of(2)
    wire.close()


def test_branches_leave_the_room_that_deletions_need(disk):
    """What a load writes must not keep the store from moving what is in memory to disk: that would be the end of all writes."""
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'full', pitr=True)
        write_all(wire, 1)
        for number in range(40):
            job = ended_job(server, admin(server, 'tables/full/branch', {'target': f'branch-{number}'}))
            if job['status'] == 'FAILED':
                break
            wire.call('PutItem', {'TableName': 'full', 'Item': item(number, 2)})  # some of it is in memory
        assert job['status'] == 'FAILED', 'a disk of 64 MB has no room for all of them'
        wire.call('DeleteItem', {'TableName': 'full', 'Key': {'pk': {'S': '000'}}})
        wire.call('DeleteTable', {'TableName': 'branch-0'})
        wire.call('DeleteTable', {'TableName': 'branch-1'})
        until(lambda: is_written(wire, 'probe'), 'writes', seconds=30)
        wire.close()
    finally:
        server.close()
