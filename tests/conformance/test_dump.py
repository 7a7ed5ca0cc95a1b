"""`tidemark dump`: an export of a table in a folder, which `tidemark load` reads back."""
import base64
import contextlib
import gzip
import hashlib
import http.client
import http.server
import json
import os
import signal
import subprocess
import threading

import pytest

from support.clock import Clock
from support.increments import by_key
from support.lake import lake_fixtures
from support.server import PROGRAM, create_table, scan, until
from support.transfers import export, keys

EVERY_TYPE = {'s': {'S': 'Ada "ü"\n\t\\ \u2028'}, 'n': {'N': '-12.50e-7'}, 'b': {'B': 'AAH/'}, 'bool': {'BOOL': True},
              'null': {'NULL': True}, 'ss': {'SS': ['a', 'b']}, 'ns': {'NS': ['1', '2.5']}, 'bs': {'BS': ['AQ==', 'Ag==']},
              'l': {'L': [{'S': ''}, {'N': '1'}, {'M': {}}]}, 'm': {'M': {'a b': {'NULL': True}, '$ion_1_0': {'S': 'x'}}}}


server, wire = lake_fixtures()


def run(server, *arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments), '--port', str(server.port)], capture_output=True, text=True,
                          env={**os.environ})
    assert done.returncode == code, done.stderr
    return done.stdout or done.stderr


def dump(server, table, folder, *arguments):
    """The folder of the export, once its sums are checked as the service's consumers do, and its lines."""
    said = run(server, 'dump', table, folder, *arguments)
    place = said.rsplit(' records in ', 1)[1].strip().rstrip('/')
    root, export_id = place.rsplit('/AWSDynamoDB/', 1)
    summary = open(f'{place}/manifest-summary.json', 'rb').read()
    listed = open(f'{place}/manifest-files.json', 'rb').read()
    for name, data in (('manifest-summary', summary), ('manifest-files', listed)):
        assert open(f'{place}/{name}.md5').read() == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert os.path.getsize(f'{place}/_started') == 0
    described = json.loads(summary)
    assert described['manifestFilesS3Key'] == f'AWSDynamoDB/{export_id}/manifest-files.json'
    assert described['exportArn'].endswith(f'table/{table}/export/{export_id}')
    lines = []
    for entry in map(json.loads, listed.splitlines()):
        data = open(f'{root}/{entry["dataFileS3Key"]}', 'rb').read()
        digest = hashlib.md5(data).digest()
        assert entry['md5Checksum'] == base64.b64encode(digest).decode()
        assert entry['etag'] == hashlib.md5(digest).hexdigest() + '-1'
        found = gzip.decompress(data).decode().split('\n')[:-1]
        assert len(found) == entry['itemCount']
        lines += found
    assert len(lines) == described['itemCount'] == int(said.split(': ')[1].split()[0])
    return place, described, lines


def fill(wire, table, count, value='first', first=0):
    for n in range(first, first + count):
        wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': f'k{n}'}, 'v': {'S': value}, **EVERY_TYPE}})


@pytest.mark.parametrize('form, suffix', [('json', '.json.gz'), ('ion', '.ion.gz')])
def test_the_present_of_a_table_that_has_no_history(server, wire, tmp_path, form, suffix):
    table = f'Plain-{form}'
    create_table(wire, table)
    fill(wire, table, 30)
    place, summary, lines = dump(server, table, tmp_path, '--format', form)
    assert summary['outputFormat'] == {'json': 'DYNAMODB_JSON', 'ion': 'ION'}[form]
    assert summary['version'] == '2020-06-30' and 'exportTime' in summary
    assert all(name.endswith(suffix) for name in os.listdir(f'{place}/data'))
    if form == 'json':
        assert by_key([json.loads(line)['Item'] for line in lines]) == by_key(scan(wire, table))
    else:
        assert all(line.startswith('$ion_1_0 {Item:{') for line in lines)
    run(server, 'load', place, '--table', table + '-again', '--key', 'pk:S')
    assert by_key(scan(wire, table + '-again')) == by_key(scan(wire, table))


def test_an_empty_table(server, wire, tmp_path):
    create_table(wire, 'Empty')
    _, summary, lines = dump(server, 'Empty', tmp_path)
    assert lines == [] and summary['billedSizeBytes'] == 0


@pytest.mark.parametrize('form', ['json', 'ion'])
def test_the_past_and_what_came_after_it_are_the_same_as_exports_of_the_server(server, wire, tmp_path, form):
    clock = Clock(server.endpoint)
    table = f'Past-{form}'
    arn = create_table(wire, table, pitr=True)
    fill(wire, table, 20)
    clock.change(advance='PT2S')
    first = int(clock.now().timestamp()) - 1
    clock.change(advance='PT20M')
    fill(wire, table, 5, 'second', first=15)
    fill(wire, table, 5, 'second', first=20)
    # What is written as it was is in an export, too.
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': 'k1'}, 'v': {'S': 'first'}, **EVERY_TYPE}})
    for n in range(5):
        wire.call('DeleteItem', {'TableName': table, 'Key': {'pk': {'S': f'k{n}'}}})
    clock.change(advance='PT2S')
    second = int(clock.now().timestamp()) - 1
    clock.change(advance='PT2S')
    fill(wire, table, 1, 'later', first=99)
    exported = {'json': 'DYNAMODB_JSON', 'ion': 'ION'}[form]
    window = {'ExportFromTime': first, 'ExportToTime': second}
    for arguments, request in (
            (('--time', first), {'ExportTime': first}),
            (('--from', first, '--to', second),
             {'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': window}),
            (('--from', first, '--to', second, '--view', 'NEW_IMAGE'),
             {'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': {**window, 'ExportViewType': 'NEW_IMAGE'}})):
        place, summary, lines = dump(server, table, tmp_path / 'dumped', '--format', form, *arguments)
        described = export(wire, arn, 'lake', ExportFormat=exported, **request)
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        theirs = json.loads(s3.get_object(Bucket='lake', Key=described['ExportManifest'])['Body'].read())
        told = ('version', 'tableArn', 'tableId', 'exportTime', 'exportFromTime', 'exportToTime', 'itemCount',
                'billedSizeBytes', 'outputFormat', 'outputView', 'exportType', 's3SseAlgorithm')
        assert {name: summary.get(name) for name in told} == {name: theirs.get(name) for name in told}
        listed = s3.get_object(Bucket='lake', Key=theirs['manifestFilesS3Key'])['Body'].read().splitlines()
        expected = []
        for entry in map(json.loads, listed):
            data = gzip.decompress(s3.get_object(Bucket='lake', Key=entry['dataFileS3Key'])['Body'].read()).decode()
            expected += data.split('\n')[:-1]
        assert sorted(lines) == sorted(expected)
    root = f'{tmp_path}/dumped/AWSDynamoDB'
    places = [f'{root}/{name}' for name in os.listdir(root) if name != 'data']
    full = [place for place in places if os.path.exists(f'{place}/data')]
    run(server, 'load', full[0], *(place for place in places if place not in full), '--table', table + '-again', '--key', 'pk:S')
    again = by_key(scan(wire, table + '-again'))
    assert len(again) == 20
    assert again == by_key([item for item in scan(wire, table) if item['pk']['S'] != 'k99'])


def test_exports_of_the_server_in_ion_are_loaded_and_applied(server, wire, tmp_path):
    clock = Clock(server.endpoint)
    arn = create_table(wire, 'Ion', pitr=True)
    fill(wire, 'Ion', 10)
    clock.change(advance='PT2S')
    first = int(clock.now().timestamp()) - 1
    before = by_key(scan(wire, 'Ion'))
    clock.change(advance='PT16M')
    fill(wire, 'Ion', 5, 'second', first=8)
    wire.call('DeleteItem', {'TableName': 'Ion', 'Key': {'pk': {'S': 'k0'}}})
    clock.change(advance='PT2S')
    second = int(clock.now().timestamp()) - 1
    clock.change(advance='PT2S')
    after = by_key(scan(wire, 'Ion'))
    full = export(wire, arn, 'lake', ExportFormat='ION', ExportTime=first)
    increment = export(wire, arn, 'lake', ExportFormat='ION', ExportType='INCREMENTAL_EXPORT', IncrementalExportSpecification={
        'ExportFromTime': first, 'ExportToTime': second})
    run(server, 'load', f's3://lake/{full["ExportManifest"]}', f's3://lake/{increment["ExportManifest"]}',
        '--table', 'IonChain')
    assert by_key(scan(wire, 'IonChain')) == after
    run(server, 'apply', f's3://lake/{increment["ExportManifest"]}', '--table', 'IonChain', '--reverse')
    assert by_key(scan(wire, 'IonChain')) == before


@pytest.mark.parametrize('arguments, complaint', [
    (['Missing'], 'ResourceNotFoundException: Requested resource not found'),
    (['Errors', '--time', 'yesterday'], "--time: 'yesterday' is not a time such as"),
    (['Errors', '--to', '2026-01-01'], '--to needs --from'),
    (['Errors', '--from', '2026-01-01', '--time', '2026-01-01'], '--time and --from exclude each other'),
    (['Errors', '--from', '2026-01-02', '--to', '2026-01-01'], '--from must be before --to'),
    (['Errors', '--format', 'csv'], "--format: 'csv' is not json or ion"),
    (['Errors', '--view', 'OLD'], "--view: 'OLD' is not NEW_IMAGE or NEW_AND_OLD_IMAGES"),
    (['Errors', '--time', '2026-01-01'], ''),
    (['Errors', '--from', '2026-01-01'], ''),
])
def test_what_cannot_be_dumped_leaves_no_file(server, wire, tmp_path, arguments, complaint):
    if 'Errors' not in wire.call('ListTables', {})['TableNames']:
        create_table(wire, 'Errors')
    table, *rest = arguments
    said = run(server, 'dump', table, tmp_path / 'out', *rest, code=1)
    assert complaint in said and said.count('\n') == 1
    assert [path for path in (tmp_path / 'out').rglob('*') if path.is_file()] == []


def test_a_folder_that_cannot_be_written(server, wire, tmp_path):
    create_table(wire, 'NoFolder')
    (tmp_path / 'file').write_text('in the way')
    assert 'file' in run(server, 'dump', 'NoFolder', tmp_path / 'file', code=1)


@contextlib.contextmanager
def stalling(server):
    """The port of what passes questions on to the server, but breaks off in the middle of the items of a table."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
            connection = http.client.HTTPConnection('127.0.0.1', server.port)
            connection.request(self.command, self.path, body, {name: self.headers[name] for name in self.headers if name != 'Host'})
            answer = connection.getresponse()
            data = answer.read()
            self.send_response(answer.status)
            stalls = '/as-of' in self.path
            self.send_header(*(('Transfer-Encoding', 'chunked') if stalls else ('Content-Length', str(len(data)))))
            for name in ('Content-Type', 'X-Tidemark-As-Of'):
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            if not stalls:
                self.wfile.write(data)
                return
            self.wfile.write(b'%x\r\n%s\r\n' % (len(data), data))
            self.wfile.flush()
            over.wait(60)

        protocol_version = 'HTTP/1.1'
        do_GET = do_POST = pass_on

        def log_message(self, *_):
            pass

    over = threading.Event()
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever).start()
        yield listener.server_address[1]
        over.set()
        listener.shutdown()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_dump_that_is_interrupted_leaves_no_file(server, wire, name, tmp_path, number):
    create_table(wire, name)
    for n in range(4):  # more than is held back before it is written
        wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': f'k{n}'}, 'v': {'S': 'x' * 300_000}}})
    first, _, _ = dump(server, name, tmp_path)
    before = sorted(tmp_path.rglob('*'))
    with stalling(server) as port:
        process = subprocess.Popen([PROGRAM, 'dump', name, str(tmp_path), '--port', str(port)], stdout=subprocess.PIPE)
        until(lambda: len(list(tmp_path.rglob('*.json.gz'))) == 2, 'its first data')
        process.send_signal(number)
        assert process.communicate(timeout=60)[0] == b'' and process.returncode == -number
    assert sorted(tmp_path.rglob('*')) == before
    second, _, _ = dump(server, name, tmp_path)
    assert second != first


def test_keys_of_the_server_hold_what_a_dump_of_many_tables_shares(server, wire, tmp_path):
    """Two dumps into one folder lie beside each other, as two exports do under one prefix."""
    create_table(wire, 'Two')
    fill(wire, 'Two', 3)
    first, _, _ = dump(server, 'Two', tmp_path)
    second, _, _ = dump(server, 'Two', tmp_path)
    assert first != second
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    for path in tmp_path.rglob('*'):
        if path.is_file():
            s3.put_object(Bucket='lake', Key=f'home/{path.relative_to(tmp_path)}', Body=path.read_bytes())
    assert keys(s3, 'lake', 'home/')
    run(server, 'load', f's3://lake/home/AWSDynamoDB/{second.rsplit("/", 1)[1]}', '--table', 'TwoAgain', '--key', 'pk:S')
    assert len(scan(wire, 'TwoAgain')) == 3
