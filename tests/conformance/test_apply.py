"""`tidemark apply`: an incremental export on a table, and backed out of it."""
import base64
import gzip
import hashlib
import json
import pathlib
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


def test_a_projected_export_says_what_it_has_not(server, wire, name):
    _, after, done = history(server, wire, name, FilterSpecification={
        'ProjectionExpression': 'pk, #v', 'ExpressionAttributeNames': {'#v': 'v'}})
    printed = apply(server, f's3://lake/{folder_of(done)}', '--table', name)
    assert printed == (f'{name}: 45 items put, 25 deleted\n{name}: the export has only a part of each item, pk, #v; '
                       'the rest of what was put is gone\n')
    found = by_key(scan(wire, name))
    assert found.keys() == after.keys() and found != after


def test_nothing_is_written_of_images_without_their_keys(server, wire, name, tmp_path):
    create_table(wire, name)
    folder = made_by_hand(tmp_path, [*(record(f'k{n}') for n in range(60)),
                                     {'Keys': {'pk': {'S': 'last'}}, 'NewImage': {'v': {'S': 'x'}}}])
    assert 'an image has not its keys, because the export was made with a projection' in apply(
        server, folder, '--table', name, code=1)
    assert scan(wire, name) == []


def record(key, **more):
    return {'Keys': {'pk': {'S': key}}, 'NewImage': {'pk': {'S': key}, **more}}


def made_by_hand(folder, records, **manifest):
    """An incremental export of these records; what `manifest` says of its one data file is not true."""
    data = gzip.compress(b''.join(json.dumps(one).encode() + b'\n' for one in records))
    root = folder / 'AWSDynamoDB'
    export_folder = root / '01700000000000-aaaaaaaa'
    (root / 'data').mkdir(parents=True)
    export_folder.mkdir()
    (root / 'data/a.json.gz').write_bytes(data)
    summary = {'exportType': 'INCREMENTAL_EXPORT', 'outputFormat': 'DYNAMODB_JSON', 'outputView': 'NEW_AND_OLD_IMAGES',
               'manifestFilesS3Key': f'AWSDynamoDB/{export_folder.name}/manifest-files.json', 'itemCount': len(records)}
    files = {'itemCount': len(records), 'md5Checksum': base64.b64encode(hashlib.md5(data).digest()).decode(),
             'dataFileS3Key': 'AWSDynamoDB/data/a.json.gz', **manifest}
    (export_folder / 'manifest-summary.json').write_text(json.dumps(summary))
    (export_folder / 'manifest-files.json').write_text(json.dumps(files) + '\n')
    return str(export_folder)


@pytest.mark.parametrize('manifest,complaint', [
    ({'md5Checksum': 'AAAA'}, 'data/a.json.gz is not what the manifest says'),
    ({'itemCount': 59}, 'another number of records than the manifest says'),
    ({'dataFileS3Key': 'AWSDynamoDB/../secret'}, 'a file outside of the export'),
    ({'dataFileS3Key': '/etc/passwd'}, 'a file outside of the export'),
])
def test_nothing_is_written_of_what_is_not_as_its_manifest_says(server, wire, name, tmp_path, manifest, complaint):
    create_table(wire, name)
    folder = made_by_hand(tmp_path, [record(f'k{n}') for n in range(60)], **manifest)
    assert complaint in apply(server, folder, '--table', name, code=1)
    assert scan(wire, name) == []


def test_nothing_is_written_when_a_file_of_the_list_is_missing(server, wire, name, tmp_path):
    create_table(wire, name)
    folder = made_by_hand(tmp_path, [record('a')])
    (pathlib.Path(folder) / 'manifest-files.json').write_text('')
    assert 'than the summary says' in apply(server, folder, '--table', name, code=1)
    assert scan(wire, name) == []


def test_nothing_is_written_when_the_last_record_is_damaged(server, wire, name, tmp_path):
    create_table(wire, name)
    folder = made_by_hand(tmp_path, [*(record(f'k{n}') for n in range(60)), {'Keys': 1}])
    assert 'a record has no Keys: {"Keys": 1}' in apply(server, folder, '--table', name, code=1)
    assert scan(wire, name) == []


@pytest.mark.parametrize('bad, complaint', [
    ({'Keys': {'id': {'S': 'a'}}}, 'The provided key element does not match the schema'),
    ({'Keys': {'pk': {'S': 'a'}, 'sk': {'S': 'a'}}}, 'The provided key element does not match the schema'),
    ({'Keys': {'pk': {'S': 'a'}}, 'NewImage': {'id': {'S': 'a'}}}, 'an image has not its keys'),
])
def test_nothing_is_written_when_the_table_would_not_take_the_last_record(server, wire, name, tmp_path, bad, complaint):
    create_table(wire, name)
    folder = made_by_hand(tmp_path, [*(record(f'k{n}') for n in range(60)), bad])
    said = apply(server, folder, '--table', name, code=1)
    assert 'data/a.json.gz: ' in said and complaint in said
    assert scan(wire, name) == []


@pytest.mark.parametrize('manifest', ['manifest-summary', 'manifest-files'])
def test_nothing_is_written_when_a_manifest_is_not_what_its_sum_says(server, wire, name, tmp_path, manifest):
    create_table(wire, name)
    folder = pathlib.Path(made_by_hand(tmp_path, [record('a')]))
    (folder / f'{manifest}.md5').write_text('A' * 24)
    assert f'{manifest}.json is not what' in apply(server, str(folder), '--table', name, code=1)
    assert scan(wire, name) == []


def test_items_that_are_long_when_they_are_written_as_json(server, wire, name, tmp_path):
    create_table(wire, name)
    folder = made_by_hand(tmp_path, [record(f'k{n}', v={'S': '\x01' * 390_000}) for n in range(25)])
    assert apply(server, folder, '--table', name) == f'{name}: 25 items put, 0 deleted\n'


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
