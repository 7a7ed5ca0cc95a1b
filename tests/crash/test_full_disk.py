"""A disk that is full is weather: writes are refused with a clear answer, reads go on, and with space all is as before."""
import json
import os
import random
import subprocess
import urllib.request

import pytest
from botocore.exceptions import ClientError

from support.server import PROGRAM, Failed, Server, StartError, create_table, scan, until
from support.small_disk import DISK_BYTES, SmallDisk
from support.transfers import keys, run_import

VALUE = 'x' * 100_000


@pytest.fixture
def disk(tmp_path):
    small = SmallDisk(tmp_path / 'disk')
    try:
        yield small
    finally:
        small.unmount()


def write_until_refused(wire):
    """Keys that were acknowledged."""
    for n in range(DISK_BYTES // len(VALUE) + 1):
        try:
            wire.call('PutItem', {'TableName': 'full', 'Item': {'pk': {'S': f'{n:05}'}, 'v': {'S': VALUE}}})
        except Failed as refused:
            assert (refused.status, refused.code) == (503, 'ServiceUnavailableException')
            assert 'no space' in refused.message
            return [f'{i:05}' for i in range(n)]
    raise AssertionError('the disk never became full')


def is_written(wire, key):
    try:
        wire.call('PutItem', {'TableName': 'full', 'Item': {'pk': {'S': key}}})
    except Failed as refused:
        assert refused.status == 503
        return False
    return True


def is_put(s3, key):
    """An object so small that it lies beside its metadata, which cannot be compressed."""
    try:
        s3.put_object(Bucket='full', Key=key, Body=b'x', Metadata={'more': random.randbytes(750).hex()})
    except ClientError as refused:
        assert refused.response['ResponseMetadata']['HTTPStatusCode'] == 503
        return False
    return True


def put_until_refused(s3):
    put = []
    while is_put(s3, f'small-{len(put):05}'):
        put.append(f'small-{len(put):05}')
        assert len(put) < 10_000
    return put


def test_writes_wait_for_space_and_reads_go_on(disk):
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'full')
        s3 = server.client('s3')
        s3.create_bucket(Bucket='full')
        s3.put_object(Bucket='full', Key='before', Body=b'bytes')
        wire.call('PutItem', {'TableName': 'full', 'Item': {'pk': {'S': 'before'}}})
        disk.fill()
        acknowledged = ['before', *write_until_refused(wire)]
        disk.fill()

        assert sorted(item['pk']['S'] for item in scan(wire, 'full')) == sorted(acknowledged)
        assert s3.get_object(Bucket='full', Key='before')['Body'].read() == b'bytes'
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket='full', Key='more', Body=b'x' * 3_000_000)
        assert refused.value.response['ResponseMetadata']['HTTPStatusCode'] == 503

        disk.free()
        until(lambda: is_written(wire, 'after'), 'writes that go on', seconds=20)
        s3.put_object(Bucket='full', Key='more', Body=b'x' * 3_000_000)
        wire.close()
        server.kill()
        server.start()
        wire = server.wire()
        assert sorted(item['pk']['S'] for item in scan(wire, 'full')) == sorted([*acknowledged, 'after'])
        wire.close()
    finally:
        server.close()


@pytest.mark.parametrize('room', [0, 16 << 20], ids=['none', 'some'])
def test_objects_wait_for_space(disk, room):
    """Small ones, which lie in the store's own log and files."""
    server = Server(disk.path / 'data')
    try:
        s3 = server.client('s3')
        s3.create_bucket(Bucket='full')
        assert is_put(s3, 'before')
        disk.fill_but(room)
        acknowledged = ['before', *put_until_refused(s3)]
        # What was being written meanwhile may leave some room at its end.
        while True:
            disk.fill()
            more = [f'filled-{len(acknowledged):05}-{n:02}' for n in range(20)]
            put = [key for key in more if is_put(s3, key)]
            if not put:
                break
            acknowledged += put
        acknowledged.sort()
        if room == 0:  # else what lies in memory finds no space either, and nothing more is taken
            s3.delete_object(Bucket='full', Key=acknowledged.pop())
        assert keys(s3, 'full') == acknowledged
        assert len(s3.head_object(Bucket='full', Key=acknowledged[-1])['Metadata']['more']) == 1500

        disk.free()
        until(lambda: is_put(s3, 'after'), 'objects that can be put again', seconds=3)
        for n in range(4000):  # several flushes, and the merge that follows them
            assert is_put(s3, f'more-{n:04}')
        expected = sorted([*acknowledged, 'after', *(f'more-{n:04}' for n in range(4000))])
        assert keys(s3, 'full') == expected
        server.kill()
        server.start()
        assert keys(server.client('s3'), 'full') == expected
    finally:
        server.close()


def test_objects_wait_for_files(tmp_path):
    """There is space, but no more files can be made, which a flush needs."""
    disk = SmallDisk(tmp_path / 'disk', files_max=400)
    server = Server(disk.path / 'data')
    try:
        s3 = server.client('s3')
        s3.create_bucket(Bucket='full')
        taken = disk.take_files()
        acknowledged = put_until_refused(s3)
        for path in taken:
            path.unlink()
        until(lambda: is_put(s3, 'after'), 'objects that can be put again', seconds=3)
        assert keys(s3, 'full') == sorted([*acknowledged, 'after'])
    finally:
        server.close()
        disk.unmount()


def health_of(server):
    with urllib.request.urlopen(server.endpoint + '/_tidemark/health') as answer:
        return json.load(answer)['status']


def test_deletes_go_through_where_little_is_left(disk):
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'full')
        for n in range(20):
            wire.call('PutItem', {'TableName': 'full', 'Item': {'pk': {'S': f'{n}'}, 'v': {'S': VALUE}}})
        assert health_of(server) == 'ok'
        disk.fill_but(2 << 20)
        until(lambda: not is_written(wire, 'new'), 'refused writes', seconds=20)
        assert health_of(server) == 'low on disk space'
        assert subprocess.run([PROGRAM, 'healthcheck', '--port', str(server.port)], capture_output=True).returncode == 1

        for n in range(20):
            wire.call('DeleteItem', {'TableName': 'full', 'Key': {'pk': {'S': f'{n}'}}})
        assert {item['pk']['S'] for item in scan(wire, 'full')} <= {'new'}
        wire.call('DeleteTable', {'TableName': 'full'})
        assert health_of(server) == 'low on disk space'

        disk.free()
        create_table(wire, 'full')
        until(lambda: is_written(wire, 'after'), 'writes that go on', seconds=5)
        until(lambda: health_of(server) == 'ok', 'health', seconds=5)
        wire.close()
    finally:
        server.close()


def test_an_import_that_found_no_space_says_so(disk):
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        s3 = server.client('s3')
        s3.create_bucket(Bucket='source')
        lines = [json.dumps({'Item': {'pk': {'S': str(n)}, 'v': {'S': os.urandom(100_000).hex()}}}) for n in range(100)]
        s3.put_object(Bucket='source', Key='items', Body='\n'.join(lines).encode())
        disk.fill_but(3 << 20)
        done = run_import(wire, {'TableName': 'imported', 'BillingMode': 'PAY_PER_REQUEST',
                                 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                                 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}]}, 'source')
        assert done['ImportStatus'] == 'FAILED'
        assert done['FailureMessage'] == 'The server has no space left to store data.'
        wire.close()
    finally:
        server.close()


def jobs_of(server, status):
    answer = json.load(urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs?status={status}'))
    return [job['kind'] for job in answer['jobs']]


def is_free(server, table):
    answer = json.load(urllib.request.urlopen(f'{server.endpoint}/_tidemark/tables?table={table}'))
    return answer['tables'][0]['held_by'] == []


def test_jobs_whose_end_cannot_be_recorded_end_when_there_is_space(disk):
    """With no byte left not even a failure can be written down."""
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        server.client('s3').create_bucket(Bucket='lake')
        arn = create_table(wire, 'full', pitr=True)
        for n in range(40):
            wire.call('PutItem', {'TableName': 'full', 'Item': {
                'pk': {'S': str(n)}, 'v': {'S': os.urandom(100_000).hex()}}})
        disk.fill()
        begun = 0
        with pytest.raises(Failed, match='no space'):
            while True:  # until the last page of the log is full
                wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})
                begun += 1
        assert begun > 0
        until(lambda: 'cannot be recorded' in server.log(), 'an end that cannot be recorded')
        # One that still waited for its turn would find space, and succeed.
        until(lambda: server.log().count('cannot be recorded') + len(jobs_of(server, 'FAILED')) >= begun, 'the ends of all')
        disk.free()
        until(lambda: not jobs_of(server, 'IN_PROGRESS'), 'the jobs to end', seconds=30)
        assert jobs_of(server, 'FAILED') == ['export'] * begun
        until(lambda: is_free(server, 'full'), 'the history to be let go')
        wire.close()
        assert server.terminate() == 0
    finally:
        server.close()


def test_a_start_on_a_full_disk_is_an_orderly_end_or_a_start(disk):
    """Nothing aborts: either it serves what is there, or it says in one line that there is no space."""
    server = Server(disk.path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'full')
        for n in range(50):
            wire.call('PutItem', {'TableName': 'full', 'Item': {'pk': {'S': f'{n}'}, 'v': {'S': VALUE}}})
        wire.close()
        server.kill()
        disk.fill()
        try:
            server.start()
        except StartError as error:
            assert error.code > 0, 'an orderly end'
            assert 'No space left' in error.text
        else:
            server.kill()
        disk.free()
        server.start()
        wire = server.wire()
        assert len(scan(wire, 'full')) == 50
        wire.close()
    finally:
        server.close()
