"""`tidemark apply`: an incremental export on a table, and backed out of it."""
import subprocess

import pytest

from support.clock import Clock
from support.increments import by_key
from support.server import PROGRAM, create_table, running, scan
from support.transfers import export, finish_export, keys


@pytest.fixture(scope='module')
def server():
    with running() as started:
        started.client('s3', endpoint=started.s3_endpoint).create_bucket(Bucket='lake')
        yield started


@pytest.fixture
def wire(server):
    connection = server.wire()
    yield connection
    connection.close()


def apply(server, *arguments, code=0):
    done = subprocess.run([PROGRAM, 'apply', *arguments, '--port', str(server.port)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout or done.stderr


def second(clock):
    clock.change(advance='PT2S')
    return int(clock.now().timestamp()) - 1


def write(wire, table, count, value, deleted):
    for n in range(count):
        if n in deleted:
            wire.call('DeleteItem', {'TableName': table, 'Key': {'pk': {'S': f'k{n}'}}})
        else:
            wire.call('PutItem', {'TableName': table, 'Item': {
                'pk': {'S': f'k{n}'}, 'v': {'S': value}, 'b': {'B': 'AAH/'}, 's': {'NS': ['1', '2.5']}}})


def history(server, wire, name, **more):
    """A table with what it held before and after a window, and the export of the window."""
    clock = Clock(server.endpoint)
    arn = create_table(wire, name, pitr=True)
    write(wire, name, 60, 'old "ü\n', deleted={3, 4})
    begin, before = second(clock), scan(wire, name)
    clock.change(advance='PT15M')
    write(wire, name, 70, 'new', deleted=set(range(5, 30)))
    end, after = second(clock), scan(wire, name)
    clock.change(advance='PT2S')
    done = export(wire, arn, 'lake', S3Prefix=name, ExportType='INCREMENTAL_EXPORT', **more, IncrementalExportSpecification={
        'ExportFromTime': begin, 'ExportToTime': end})
    return by_key(before), by_key(after), done


def folder_of(description):
    return description['ExportManifest'].removesuffix('/manifest-summary.json')


def test_out_and_in_again(server, wire, name):
    before, after, done = history(server, wire, name)
    source = f's3://lake/{folder_of(done)}/'
    assert apply(server, source, '--table', name, '--reverse') == f'{name}: 58 items put, 12 deleted\n'
    assert by_key(scan(wire, name)) == before
    assert apply(server, source, '--table', name) == f'{name}: 45 items put, 25 deleted\n'
    assert by_key(scan(wire, name)) == after
    apply(server, source + 'manifest-summary.json', '--table', name)
    assert by_key(scan(wire, name)) == after, 'again does no harm'


def test_from_a_folder_on_another_table(server, wire, name, tmp_path):
    _, after, done = history(server, wire, name)
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    for key in keys(s3, 'lake', name):
        path = tmp_path / key.removeprefix(name + '/')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(s3.get_object(Bucket='lake', Key=key)['Body'].read())
    copy = name[:100] + '-copy'
    create_table(wire, copy)
    folder = str(tmp_path / folder_of(done).removeprefix(name + '/'))
    apply(server, folder, '--table', copy)
    assert by_key(scan(wire, copy)) == after
    damaged = next((tmp_path / 'AWSDynamoDB/data').iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert apply(server, folder, '--table', copy, code=1).startswith('tidemark: ')


def test_refusals(server, wire, name):
    arn = create_table(wire, name, pitr=True)
    full = finish_export(wire, wire.call('ExportTableToPointInTime', {
        'TableArn': arn, 'S3Bucket': 'lake', 'S3Prefix': name})['ExportDescription']['ExportArn'])
    for source, message in ((f's3://lake/{folder_of(full)}', 'the source is no incremental export'),
                            ('s3://lake/elsewhere', 'the source is not an export'),
                            ('s3://lake/AWSDynamoDB/nothing', 'there is no s3://lake/AWSDynamoDB/nothing'),
                            ('/tmp/AWSDynamoDB/nothing', 'No such file')):
        assert message in apply(server, source, '--table', name, code=1)
    assert '--table' in apply(server, 's3://lake/AWSDynamoDB/x', code=2)
    _, _, done = history(server, wire, name + '-2')
    answer = apply(server, f's3://lake/{folder_of(done)}', '--table', 'missing', code=1)
    assert 'ResourceNotFoundException: Requested resource not found' in answer
