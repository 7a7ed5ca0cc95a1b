"""Compressed bodies, in both directions. http.client undoes nothing by itself."""
import gzip
import json
import zlib

import pytest

from support.server import Server, create_table

BODY_MAX = 16 << 20
SCAN = {'X-Amz-Target': 'DynamoDB_20120810.Scan'}


def deflate(data):
    return zlib.compress(data)


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.fixture(scope='module')
def table(shared):
    wire = shared.wire()
    create_table(wire, 'coded')
    yield 'coded'
    wire.close()


def put(wire, name, encode, coding, padding=0):
    """Puts an item by a body that `encode` makes of the JSON; the status and the answer."""
    request = {'TableName': 'coded', 'Item': {'pk': {'S': name}}}
    body = json.dumps(request).encode()
    body += b' ' * max(0, padding - len(body))
    status, _, answer = wire.post(encode(body), **{'X-Amz-Target': 'DynamoDB_20120810.PutItem', 'Content-Encoding': coding})
    return status, answer


def exists(wire, name):
    return 'Item' in wire.call('GetItem', {'TableName': 'coded', 'Key': {'pk': {'S': name}}})


GOOD = [
    ('gzip', gzip.compress, 'gzip'),
    ('upper case', gzip.compress, 'GZIP'),
    ('x-gzip', gzip.compress, 'x-gzip'),
    ('deflate', deflate, 'deflate'),
    ('several members', lambda body: b''.join(gzip.compress(body[at:at + 7]) for at in range(0, len(body), 7)), 'gzip'),
    ('a member of nothing', lambda body: gzip.compress(b'') + gzip.compress(body) + gzip.compress(b''), 'gzip'),
    ('stored blocks', lambda body: gzip.compress(body, 0), 'gzip'),
    ('identity', lambda body: body, 'identity'),
    ('an empty list', lambda body: body, ''),
    ('one after the other', lambda body: gzip.compress(deflate(body)), 'deflate, gzip'),
    ('with identity between', lambda body: deflate(gzip.compress(gzip.compress(body))), 'gzip, gzip,identity , deflate'),
]


@pytest.mark.parametrize('encode,coding', [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
@pytest.mark.parametrize('padding', [0, 70_000, 2 << 20])
def test_encoded_requests(wire, table, name, encode, coding, padding):
    if 'members' in name and padding > 1 << 20:
        padding = 1 << 20
    assert put(wire, name, encode, coding, padding) == (200, b'{}')
    assert exists(wire, name)


BAD = [
    ('a coding that is none', lambda body: body, 'br'),
    ('another', gzip.compress, 'zstd'),
    ('known and unknown', gzip.compress, 'compress, gzip'),
    ('not gzip', lambda body: body, 'gzip'),
    ('not deflate', lambda body: body, 'deflate'),
    ('deflate without its frame', raw_deflate, 'deflate'),
    ('gzip for deflate', gzip.compress, 'deflate'),
    ('cut short', lambda body: gzip.compress(body)[:-1], 'gzip'),
    ('nothing', lambda body: b'', 'deflate'),
    ('deflate cut short', lambda body: deflate(body)[:-1], 'deflate'),
    ('wrong checksum', lambda body: gzip.compress(body)[:-8] + b'1234' + gzip.compress(body)[-4:], 'gzip'),
    ('deflate with a wrong checksum', lambda body: deflate(body)[:-4] + b'1234', 'deflate'),
    ('something behind', lambda body: gzip.compress(body) + b'more', 'gzip'),
    ('something behind deflate', lambda body: deflate(body) + b'more', 'deflate'),
    ('once more often than encoded', gzip.compress, 'gzip, gzip'),
    ('five times', lambda body: body, 'gzip, gzip, gzip, gzip, gzip'),
]


@pytest.mark.parametrize('encode,coding', [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_cannot_be_decoded_is_an_error_of_the_server_and_writes_nothing(wire, table, name, encode, coding):
    status, answer = put(wire, name, encode, coding)
    assert status == 500 and json.loads(answer)['__type'].endswith('#InternalServerError'), answer
    assert not exists(wire, name)
    wire.call('ListTables', {})


@pytest.mark.parametrize('encode,coding', [(gzip.compress, 'gzip'), (deflate, 'deflate'), (lambda body: gzip.compress(gzip.compress(body)), 'gzip, gzip')])
def test_the_limit_holds_for_what_is_decoded(shared, wire, table, name, encode, coding):
    assert put(wire, name, encode, coding, BODY_MAX)[0] == 200
    assert put(shared.wire(), name + '-beyond', encode, coding, BODY_MAX + 1)[0] == 413
    assert not exists(wire, name + '-beyond')


def test_bombs_take_no_more_memory_than_large_bodies(own_server):
    wire = own_server.wire()
    bomb = gzip.compress(b' ' * (1 << 28), 9)
    for codings, body in (('gzip', bomb), ('gzip, gzip', gzip.compress(bomb, 9))):
        assert len(body) < 1 << 20 + 1
        for _ in range(3):
            status, _, _ = own_server.wire().post(body, **{**SCAN, 'Content-Encoding': codings})
            assert status == 413
    assert own_server.memory_kb('VmHWM') < 400_000
    wire.call('ListTables', {})


# Answers.

@pytest.fixture(scope='module')
def compressing(tmp_path_factory):
    """A server that compresses for everybody; within one machine it does not by default."""
    server = Server(tmp_path_factory.mktemp('data'), ['--compress-answers', 'always'])
    wire = server.wire()
    create_table(wire, 'coded')
    for number in range(3):
        wire.call('PutItem', {'TableName': 'coded', 'Item': {'pk': {'S': str(number)}, 's': {'S': 'value ' * 1000}}})
    wire.close()
    yield server
    server.close()


def decoded(coding, data):
    return {'gzip': gzip.decompress, 'deflate': zlib.decompress, None: lambda plain: plain}[coding](data)


@pytest.mark.parametrize('accepted,coding', [
    ('gzip', 'gzip'), ('gzip, deflate', 'gzip'), ('deflate', 'deflate'), ('deflate, gzip;q=0', 'deflate'), ('gzip;q=0.5, br', 'gzip'), ('*', 'gzip'),
    ('GZIP', 'gzip'), ('identity', None), (None, None), ('', None), ('br, zstd', None), ('gzip;q=0, *', 'deflate'), ('*;q=0', None), ('gzip;q=0, deflate; q=0.000', None)])
def test_answers_over_4_kb_are_compressed_for_who_accepts_it(compressing, accepted, coding):
    wire = compressing.wire()
    plain = wire.post(b'{"TableName":"coded"}', **SCAN)[2]
    status, fields, data = wire.post(b'{"TableName":"coded"}', **SCAN, **{'Accept-Encoding': accepted or 'identity'})
    assert (status, fields['Content-Encoding']) == (200, coding)
    assert decoded(coding, data) == plain
    assert int(fields['Content-Length']) == len(data) and (coding is None or len(data) < len(plain) / 10)
    wire.close()


def test_small_answers_and_errors_are_not(compressing):
    wire = compressing.wire()
    for target, body, status in (('ListTables', b'{}', 200), ('Scan', b'{}', 400)):
        found, fields, _ = wire.post(body, **{'X-Amz-Target': 'DynamoDB_20120810.' + target, 'Accept-Encoding': 'gzip'})
        assert (found, fields['Content-Encoding']) == (status, None)
    wire.close()


@pytest.mark.parametrize('args', [[], ['--compress-answers', 'never'], ['--compress-answers', 'remote']])
def test_within_the_machine_nothing_is_compressed_by_default(tmp_path, args):
    """Compressing takes longer than sending."""
    server = Server(tmp_path / 'data', args)
    wire = server.wire()
    create_table(wire, 'coded')
    wire.call('PutItem', {'TableName': 'coded', 'Item': {'pk': {'S': 'a'}, 's': {'S': 'value ' * 1000}}})
    status, fields, data = wire.post(b'{"TableName":"coded"}', **SCAN, **{'Accept-Encoding': 'gzip'})
    assert (status, fields['Content-Encoding'], len(data) > 6000) == (200, None, True)
    wire.close()
    server.close()
