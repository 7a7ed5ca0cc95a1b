"""kill -9 during exports, imports and uploads. TIDEMARK_TEST_SEED repeats the moments; it is printed when a test fails."""
import contextlib
import gzip
import json
import os
import random
import socket
import subprocess
import time

import pytest

from support.server import scan, set_pitr, table_request, until
from support.transfers import finish_export, finish_import, get, import_request, keys, read_export, run_import

COUNT = 8_000
SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))


def put_source(server, bucket):
    """Objects with COUNT items of about 1 KB under in/."""
    s3 = server.client('s3')
    s3.create_bucket(Bucket=bucket)
    text = os.urandom(400).hex()
    for part in range(8):
        lines = [json.dumps({'Item': {'pk': {'S': f'{n:06}'}, 'color': {'S': f'c{n % 10}'}, 'text': {'S': f'{n}{text}'}}})
                 for n in range(part, COUNT, 8)]
        s3.put_object(Bucket=bucket, Key=f'in/{part}', Body='\n'.join(lines).encode())
    return s3


def restart(server, wire):
    server.kill()
    wire.close()
    server.start()
    return server.wire(), server.client('s3')


def test_kill_during_an_export(own_server):
    """After the restart it goes on, with the items of its own time, and leaves nothing of the first attempt."""
    wire = own_server.wire()
    s3 = put_source(own_server, 'lake')
    arn = run_import(wire, table_request('big'), 'lake', 'in/')['TableArn']
    set_pitr(wire, 'big', True)
    for number in range(1, 6):
        prefix = f'round{number}'
        started = wire.call('ExportTableToPointInTime', {
            'TableArn': arn, 'S3Bucket': 'lake', 'S3Prefix': prefix})['ExportDescription']
        wire.call('PutItem', {'TableName': 'big', 'Item': {'pk': {'S': f'mark{number}'}}})
        wire.call('DeleteItem', {'TableName': 'big', 'Key': {'pk': {'S': f'{number:06}'}}})
        # The kill comes at another point of the work each time: at once, or when so many objects are there.
        wanted = (0, 1, 2, 4, 7)[number - 1]
        until(lambda: len(keys(s3, 'lake', prefix)) >= wanted, 'the objects')
        wire, s3 = restart(own_server, wire)
        ended = finish_export(wire, started['ExportArn'])
        assert ended['ExportStatus'] == 'COMPLETED'
        exported = {item['pk']['S'] for item in read_export(s3, ended)}
        assert len(exported) == ended['ItemCount'] == COUNT
        earlier = range(1, number)
        assert exported == {f'{n:06}' for n in range(COUNT)} - {f'{n:06}' for n in earlier} | {f'mark{n}' for n in earlier}
        assert len(keys(s3, 'lake', prefix)) == 9
        assert s3.list_multipart_uploads(Bucket='lake').get('Uploads', []) == []
    wire.close()


def test_kill_during_an_import(own_server):
    """The table never shows with a part of its items, and the import ends."""
    wire = own_server.wire()
    s3 = put_source(own_server, 'source')
    s3.put_object(Bucket='source', Key='in/bad', Body=b'{"Item":{"x":{"S":"y"}}}\n')
    for number in range(4):
        table = f'copy{number}'
        begun = time.monotonic()
        arn = wire.call('ImportTable', import_request(
            table_request(table, index='color'), 'source', 'in/'))['ImportTableDescription']['ImportArn']

        def status():
            return wire.call('DescribeImport', {'ImportArn': arn})['ImportTableDescription']['ImportStatus']
        # The kill comes at another point of the work each time.
        until(lambda: time.monotonic() > begun + 0.15 * number or status() != 'IN_PROGRESS', 'the work')
        wire, s3 = restart(own_server, wire)

        def is_active():
            found = wire.call('DescribeTable', {'TableName': table})['Table']['TableStatus']
            assert found in ('CREATING', 'ACTIVE')
            return found == 'ACTIVE'
        until(is_active, 'the table')
        assert wire.call('DescribeTable', {'TableName': table})['Table']['ItemCount'] == COUNT
        ended = finish_import(wire, arn)
        assert (ended['ImportStatus'], ended['FailureCode']) == ('FAILED', 'ItemValidationError')
        assert (ended['ProcessedItemCount'], ended['ImportedItemCount'], ended['ErrorCount']) == (COUNT + 1, COUNT, 1)
        errors = (own_server.data_dir / 'import-errors' / f'{arn.rsplit("/", 1)[1]}.jsonl').read_text().splitlines()
        assert len(errors) == 1, 'the errors of the first attempt are not there twice'
        index = wire.call('DescribeTable', {'TableName': table})['Table']['GlobalSecondaryIndexes'][0]
        assert (index['IndexStatus'], index['ItemCount']) == ('ACTIVE', COUNT)
    assert len(scan(wire, 'copy1')) == COUNT
    assert len(scan(wire, 'copy3', IndexName='by-color')) == COUNT
    wire.close()


def zstd(data):
    return subprocess.run(['zstd', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout


FORMATS = {
    'ION': (gzip.compress, 'GZIP', '{{Item:{{pk:"{0:06}",color:"c{1}",text:"{0}{2}"}}}}\n', '', '{Item:{x:"y"}}\n'),
    'CSV': (zstd, 'ZSTD', '{0:06},c{1},{0}{2}\r\n', 'pk,color,text\r\n', ',x,y\r\n'),
}


@pytest.mark.parametrize('input_format', FORMATS)
def test_kill_during_an_import_of_another_format(own_server, input_format):
    """Killed twice, at any moment: in the end the whole table is there, and nothing else of the work."""
    print(f'TIDEMARK_TEST_SEED={SEED}')
    moments = random.Random(SEED)
    compress, compression, line, head, bad = FORMATS[input_format]
    wire, s3 = own_server.wire(), own_server.client('s3')
    s3.create_bucket(Bucket='source')
    text = os.urandom(400).hex()
    for part in range(8):
        body = head + ''.join(line.format(n, n % 10, text) for n in range(part, COUNT, 8)) + (bad if part == 3 else '')
        s3.put_object(Bucket='source', Key=f'in/{part}', Body=compress(body.encode()))
    for number in range(3):
        table = f'copy{number}'
        arn = wire.call('ImportTable', import_request(
            table_request(table, index='color'), 'source', 'in/', compression,
            InputFormat=input_format))['ImportTableDescription']['ImportArn']
        for _ in range(2):
            until_moment = time.monotonic() + moments.uniform(0, 0.4)
            until(lambda: time.monotonic() > until_moment, 'the moment')
            wire, s3 = restart(own_server, wire)
        ended = finish_import(wire, arn)
        assert (ended['ImportStatus'], ended['FailureCode']) == ('FAILED', 'ItemValidationError')
        assert (ended['ProcessedItemCount'], ended['ImportedItemCount'], ended['ErrorCount']) == (COUNT + 1, COUNT, 1)
        errors = (own_server.data_dir / 'import-errors' / f'{arn.rsplit("/", 1)[1]}.jsonl').read_text().splitlines()
        assert len(errors) == 1
        described = wire.call('DescribeTable', {'TableName': table})['Table']
        assert (described['TableStatus'], described['ItemCount']) == ('ACTIVE', COUNT)
        assert described['GlobalSecondaryIndexes'][0]['ItemCount'] == COUNT
        left = [path for path in (own_server.data_dir / 'dynamodb' / 'load').glob('**/*') if path.is_file()]
        assert left == [], 'what the loads wrote'
    assert len(scan(wire, 'copy2')) == COUNT
    assert len(scan(wire, 'copy2', IndexName='by-color')) == COUNT
    wire.close()


def test_kill_during_uploads(own_server):
    """No half object; parts that were acknowledged are there, and what was to be overwritten is unharmed."""
    s3 = own_server.client('s3')
    s3.create_bucket(Bucket='files')
    s3.put_object(Bucket='files', Key='kept', Body=b'the first version')
    upload = s3.create_multipart_upload(Bucket='files', Key='parts')['UploadId']
    first = os.urandom(5 << 20)
    part = s3.upload_part(Bucket='files', Key='parts', UploadId=upload, PartNumber=1, Body=first)

    def stored():
        return sum(path.stat().st_size for path in (own_server.data_dir / 'objects' / 'data').glob('**/*') if path.is_file())
    length = 8_000_000
    with contextlib.ExitStack() as stack:
        for target in ('/files/new', '/files/kept', f'/files/parts?partNumber=2&uploadId={upload}'):
            connection = stack.enter_context(socket.create_connection(('127.0.0.1', own_server.s3_port), timeout=30))
            connection.sendall(f'PUT {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n'.encode()
                               + b'x' * (length - 1))
        until(lambda: stored() > 2 * length, 'the bytes to arrive')
        own_server.kill()
    own_server.start()
    s3 = own_server.client('s3')
    assert keys(s3, 'files') == ['kept']
    assert get(s3, 'files', 'kept') == b'the first version'
    parts = s3.list_parts(Bucket='files', Key='parts', UploadId=upload)['Parts']
    assert [(entry['PartNumber'], entry['Size']) for entry in parts] == [(1, len(first))]
    s3.complete_multipart_upload(Bucket='files', Key='parts', UploadId=upload, MultipartUpload={
        'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})
    assert get(s3, 'files', 'parts') == first
    until(lambda: stored() < len(first) + 1_000_000, 'the room of what was cut off')
