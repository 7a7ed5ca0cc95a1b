"""kill -9 during imports, at many points: what was read is not read again, nothing is lost, counted twice or left behind.
TIDEMARK_TEST_SEED repeats the moments; it is printed when a test fails."""
import json
import os
import random
import struct
import subprocess
import threading
import time

import pytest

from support.fake_s3 import REFUSED, Fault, fake_s3
from support.server import PROGRAM, Server, scan, table_request, until
from support.transfers import finish_import, import_request

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
OBJECTS = 10
ITEMS = 180  # of an object; of 100 KB each, so that every object is made safe by itself
KILLS = 12


def key_of(n):
    return {'pk': {'S': f'{n:06}'}}


def record(n, part):
    return {'Item': {**key_of(n), 'color': {'S': f'c{n % 7}'}, 'part': {'N': str(part)}, 'text': {'S': f'{n:06}' * 17_000}}}


def source():
    """Objects by key. Each also writes item 0, of which the last object's counts, and has a record that is refused."""
    objects = {}
    for part in range(OBJECTS):
        numbers = [0, *range(1 + part, OBJECTS * ITEMS, OBJECTS)]
        lines = [json.dumps(record(n, part)) for n in numbers]
        lines.insert(5, json.dumps({'Item': {'nokey': {'S': 'x'}}}))
        objects[f'in/{part}'] = '\n'.join(lines).encode()
    return objects


SOURCE = source()
IMPORTED = sum(len(data.splitlines()) - 1 for data in SOURCE.values())
DISTINCT = OBJECTS * ITEMS


def load_files(server):
    return [path.name for path in (server.data_dir / 'dynamodb' / 'load').iterdir()]


def checkpoints(server):
    """How many records the manifest of the only load has behind its head; 0 without one."""
    found = [path for path in (server.data_dir / 'dynamodb' / 'load').glob('*-manifest')]
    if not found:
        return 0
    data, at, records = found[0].read_bytes(), 0, 0
    while at + 8 <= len(data):
        at += 8 + struct.unpack_from('<I', data, at)[0]
        records += at <= len(data)
    return max(records - 1, 0)


def begin(wire, table='Taken'):
    return wire.call('ImportTable', import_request(
        table_request(table, index='color'), 'lake', 'in/'))['ImportTableDescription']['ImportArn']


def check_outcome(server, wire, arn, table='Taken'):
    ended = finish_import(wire, arn, 120)
    assert (ended['ImportStatus'], ended['FailureCode']) == ('FAILED', 'ItemValidationError')
    assert (ended['ProcessedItemCount'], ended['ImportedItemCount'], ended['ErrorCount']) == (
        IMPORTED + OBJECTS, IMPORTED, OBJECTS)
    assert ended['ProcessedSizeBytes'] == sum(map(len, SOURCE.values()))
    described = wire.call('DescribeTable', {'TableName': table})['Table']
    assert (described['TableStatus'], described['ItemCount']) == ('ACTIVE', DISTINCT)
    items = {item['pk']['S']: int(item['part']['N']) for item in scan(wire, table, ProjectionExpression='pk, part')}
    assert items == {f'{n:06}': OBJECTS - 1 if n == 0 else (n - 1) % OBJECTS for n in range(DISTINCT)}
    assert len(scan(wire, table, IndexName='by-color', ProjectionExpression='pk')) == DISTINCT
    lines = (server.data_dir / 'import-errors' / f'{arn.rsplit("/", 1)[1]}.jsonl').read_text().splitlines()
    pointers = sorted((entry['itemS3Pointer']['key'], entry['itemS3Pointer']['itemIndex']) for entry in map(json.loads, lines))
    assert pointers == sorted((key, 5) for key in SOURCE), 'each refused record is told of once'
    until(lambda: load_files(server) == [], 'the files of the load to go')


def restart(server, wire, graceful=False):
    if graceful:
        assert server.terminate() == 0
    else:
        server.kill()
    wire.close()
    server.start()
    return server.wire()


def put_source(server):
    s3 = server.client('s3')
    s3.create_bucket(Bucket='lake')
    for key, data in SOURCE.items():
        s3.put_object(Bucket='lake', Key=key, Body=data)


def goes_on(server, job):
    """For how many objects the log of this process says that they were done when it took the import up."""
    for line in server.log().splitlines():
        if 'an import goes on' in line and job in line:
            return int(line.rsplit('done=', 1)[1].split()[0].strip('"'))
    return 0


def test_killed_at_any_moment(tmp_path):
    print(f'TIDEMARK_TEST_SEED={SEED}')
    moments = random.Random(SEED)
    server = Server(tmp_path / 'data', ['--log-level', 'info'])
    put_source(server)
    wire = server.wire()
    arn = begin(wire)
    resumed = []
    for _ in range(KILLS):
        moment = time.monotonic() + moments.uniform(0, 0.5)
        until(lambda: time.monotonic() > moment, 'the moment')
        wire = restart(server, wire, graceful=moments.random() < 0.25)
        resumed.append(goes_on(server, arn))
        status = wire.call('DescribeImport', {'ImportArn': arn})['ImportTableDescription']['ImportStatus']
        assert wire.call('DescribeTable', {'TableName': 'Taken'})['Table']['TableStatus'] in ('CREATING', 'ACTIVE')
        if status != 'IN_PROGRESS':
            break
    check_outcome(server, wire, arn)
    wire.close()
    server.close()
    # Every time it goes on with at least what it had before; the zeros are of times when it was over, or had not begun.
    counts = [count for count in resumed if count]
    assert counts == sorted(counts)


@pytest.fixture
def elsewhere(tmp_path):
    """A server whose bucket `lake` is in a service that counts who reads what."""
    with fake_s3() as fake:
        fake.objects = {key: (data, f'"{key}"') for key, data in SOURCE.items()}
        fake.read, act = [], fake.GetObject

        def counting(key, query, headers, body):
            fake.read.append(key)
            return act(key, query, headers, body)
        fake.GetObject = counting
        keys = tmp_path / 'keys'
        keys.write_text('[default]\naws_access_key_id = KEY\naws_secret_access_key = secret\n')
        server = Server(tmp_path / 'data', ['--s3-endpoint', fake.url, '--s3-endpoint-credentials', str(keys),
                                            '--s3-endpoint-patience', 'PT30S', '--log-level', 'error'])
        yield fake, server
        server.close()


class Held:
    """Holds the requests for some objects until it is told to let go."""

    def __init__(self, fake, keys):
        self.free = threading.Event()
        handle = fake.handle

        def holding(request):
            if not self.free.is_set() and any(f'/{key}' in request.path for key in keys):
                self.free.wait(60)
                request.close_connection = True
                return None
            return handle(request)
        fake.handle = holding


@pytest.mark.parametrize('graceful', [False, True], ids=['killed', 'stopped'])
def test_what_was_read_elsewhere_is_not_read_again(elsewhere, graceful):
    fake, server = elsewhere
    held_keys = ['in/4', 'in/7']
    held = Held(fake, held_keys)
    wire = server.wire()
    arn = begin(wire)
    until(lambda: checkpoints(server) == OBJECTS - len(held_keys), 'what can be read to be safe')
    listings = fake.count('ListObjectsV2')
    # Objects that appear later are none of the import's; those it has read may go.
    fake.objects['in/5a'] = (json.dumps(record(999_999, 0)).encode(), '"new"')
    wire = restart(server, wire, graceful)
    fake.read.clear()
    del fake.objects['in/1']
    held.free.set()
    check_outcome(server, wire, arn)
    assert set(fake.read) <= set(held_keys)
    assert fake.count('ListObjectsV2') == listings
    wire.close()


def test_killed_at_any_moment_with_a_bucket_elsewhere(elsewhere):
    print(f'TIDEMARK_TEST_SEED={SEED}')
    moments = random.Random(SEED)
    fake, server = elsewhere
    wire = server.wire()
    arn = begin(wire)
    for _ in range(KILLS // 2):
        moment = time.monotonic() + moments.uniform(0, 0.8)
        until(lambda: time.monotonic() > moment, 'the moment')
        wire = restart(server, wire)
    check_outcome(server, wire, arn)
    wire.close()


@pytest.mark.parametrize('how', ['cancelled', 'cancelled after a crash', 'failed'])
def test_an_import_that_comes_to_nothing_leaves_nothing(elsewhere, how):
    fake, server = elsewhere
    held = Held(fake, ['in/4', 'in/7'])
    wire = server.wire()
    arn = begin(wire)
    until(lambda: checkpoints(server) > 0, 'something to be safe')
    assert load_files(server)
    if how == 'cancelled after a crash':
        wire = restart(server, wire)
    if how == 'failed':
        fake.always['GetObject'] = Fault(REFUSED, 403, 'AccessDenied')
        held.free.set()
    else:
        subprocess.run([PROGRAM, 'jobs', arn.rsplit('/', 1)[1], '--cancel', '--port', str(server.port)], check=True,
                       stdout=subprocess.DEVNULL)
    ended = finish_import(wire, arn)
    assert ended['ImportStatus'] == ('FAILED' if how == 'failed' else 'CANCELLED')
    until(lambda: load_files(server) == [], 'the files of the load to go')
    assert wire.call('ListTables', {})['TableNames'] == []
    held.free.set()
    wire.close()
