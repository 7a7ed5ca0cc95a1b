"""Damaged files and a data directory that is in use: what the next start says and does."""
import os
import struct
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support.clock import Clock
from support.server import Failed, Server, StartError, create_table, scan

SEGMENT_HEADER = 16
FRAME_HEADER = struct.Struct('<II')  # checksum, length


@pytest.fixture
def killed_data(tmp_path):
    """The data directory of a server that was killed after 20 acknowledged writes."""
    server = Server(tmp_path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'logged')
        for n in range(20):
            wire.call('PutItem', {'TableName': 'logged', 'Item': {'pk': {'S': f'{n:02}'}}})
        wire.close()
        server.kill()
    finally:
        server.close()
    return tmp_path / 'data'


def last_segment(data_dir):
    return max((data_dir / 'dynamodb' / 'wal').glob('*.log'))


def test_a_damaged_log_is_not_read_past(killed_data):
    """A flipped bit before the tail: the server refuses to start, and says which file and where."""
    path = last_segment(killed_data)
    data = bytearray(path.read_bytes())
    _, length = FRAME_HEADER.unpack_from(data, SEGMENT_HEADER)
    assert len(data) > SEGMENT_HEADER + FRAME_HEADER.size + length, 'more frames follow'
    data[SEGMENT_HEADER + FRAME_HEADER.size + length // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StartError) as error:
        Server(killed_data).close()
    assert error.value.code > 0, 'an orderly end'
    assert path.name in error.value.text
    assert f' {SEGMENT_HEADER}' in error.value.text.split(path.name, 1)[1]
    assert path.read_bytes() == data, 'what is left is not touched'


@pytest.mark.parametrize('cut', [1, 9])
def test_a_torn_tail_is_cut(killed_data, cut):
    """The last frame is not whole: the server starts with all before it."""
    path = last_segment(killed_data)
    os.truncate(path, path.stat().st_size - cut)
    server = Server(killed_data)
    try:
        wire = server.wire()
        assert sorted(item['pk']['S'] for item in scan(wire, 'logged')) == [f'{n:02}' for n in range(19)]
        wire.call('PutItem', {'TableName': 'logged', 'Item': {'pk': {'S': 'new'}}})
        wire.close()
        server.kill()
        server.start()
        wire = server.wire()
        assert len(scan(wire, 'logged')) == 20
        assert wire.call('DescribeTable', {'TableName': 'logged'})['Table']['ItemCount'] == 20
        wire.close()
    finally:
        server.close()


def test_zeros_behind_the_log_are_cut(killed_data):
    with last_segment(killed_data).open('ab') as file:
        file.write(b'\0' * 5000)
    server = Server(killed_data)
    try:
        wire = server.wire()
        assert len(scan(wire, 'logged')) == 20
        wire.close()
    finally:
        server.close()


def test_two_servers_do_not_share_their_data(own_server):
    with pytest.raises(StartError) as error:
        Server(own_server.data_dir).close()
    assert error.value.code > 0
    assert f'the data directory {own_server.data_dir} is in use by process {own_server.pid}' in error.value.text
    wire = own_server.wire()
    create_table(wire, 'unharmed')
    wire.close()


@pytest.fixture
def closed_data(tmp_path):
    """The data directory of a server with history that was ended in order, so that its files decide everything."""
    server = Server(tmp_path / 'data')
    try:
        wire = server.wire()
        create_table(wire, 'kept')
        wire.call('UpdateContinuousBackups', {
            'TableName': 'kept', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
        for n in range(20):
            wire.call('PutItem', {'TableName': 'kept', 'Item': {'pk': {'S': f'{n:02}'}}})
        wire.close()
        assert server.terminate() == 0
    finally:
        server.close()
    return tmp_path / 'data'


def test_a_flipped_digit_in_the_checkpoint_is_refused(closed_data):
    """It says where the log is to be read from: a wrong one would lose acknowledged writes in silence."""
    path = closed_data / 'dynamodb' / 'CHECKPOINT'
    good = path.read_bytes()
    at = good.index(b'"sequence":') + len(b'"sequence":')
    path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    with pytest.raises(StartError) as error:
        Server(closed_data).close()
    assert error.value.code > 0, 'an orderly end'
    assert str(path) in error.value.text
    path.write_bytes(good)
    server = Server(closed_data)
    try:
        wire = server.wire()
        assert len(scan(wire, 'kept')) == 20
        wire.close()
    finally:
        server.close()


def test_a_former_value_that_is_damaged_in_the_log_is_not_shown(own_server):
    """The past is read from the log by places, not by whole records."""
    wire, clock = own_server.wire(), Clock(own_server.endpoint)
    create_table(wire, 'kept', pitr=True)
    wire.call('PutItem', {'TableName': 'kept', 'Item': {'pk': {'S': 'a'}, 'v': {'S': 'former'}}})
    clock.change(advance='PT2S')
    moment = clock.state()['now']
    clock.change(advance='PT2S')
    wire.call('PutItem', {'TableName': 'kept', 'Item': {'pk': {'S': 'a'}, 'v': {'S': 'later'}}})
    path = last_segment(own_server.data_dir)
    with open(path, 'r+b') as log:
        log.seek(log.read().rindex(b'former'))
        log.write(b'F')

    def as_of():
        return urllib.request.urlopen(f'{own_server.endpoint}/_tidemark/tables/kept/as-of?time={urllib.parse.quote(moment)}').read()
    for _ in range(2):
        with pytest.raises(urllib.error.HTTPError) as refused:
            as_of()
        assert refused.value.code == 500
        clock.change(advance='PT2H')  # what is sealed by then is damaged, too
    assert 'the former value of an item is damaged in a log segment' in own_server.log()
    item = wire.call('GetItem', {'TableName': 'kept', 'Key': {'pk': {'S': 'a'}}})['Item']
    assert item['v'] == {'S': 'later'}, 'the rest goes on'
    wire.close()
    own_server.kill()
    with pytest.raises(StartError) as error:
        own_server.start()
    assert f'{path} at offset ' in error.value.text


@pytest.fixture
def killed_objects(tmp_path):
    """A data directory whose objects are recorded in the log of their store alone."""
    server = Server(tmp_path / 'data')
    try:
        s3 = server.client('s3')
        s3.create_bucket(Bucket='kept')
        for n in range(20):
            s3.put_object(Bucket='kept', Key=f'{n:02}', Body=b'x' * n)
        server.kill()
    finally:
        server.close()
    return tmp_path / 'data'


def log_of_objects(data_dir):
    return max((data_dir / 'objects/meta').glob('*.log'), key=lambda path: path.stat().st_size)


def keys_of(server):
    return [entry['Key'] for entry in server.client('s3').list_objects_v2(Bucket='kept')['Contents']]


def test_a_damaged_record_of_an_object_is_not_read_past(killed_objects):
    path = log_of_objects(killed_objects)
    good = path.read_bytes()
    at = len(good) // 2
    path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
    with pytest.raises(StartError) as error:
        Server(killed_objects).close()
    assert error.value.code > 0, 'an orderly end'
    assert 'object store metadata: Corruption' in error.value.text
    path.write_bytes(good)
    server = Server(killed_objects)
    try:
        assert keys_of(server) == [f'{n:02}' for n in range(20)]
    finally:
        server.close()


@pytest.mark.parametrize('cut', [1, 10, 100])
def test_a_torn_record_of_an_object_is_cut(killed_objects, cut):
    path = log_of_objects(killed_objects)
    path.write_bytes(path.read_bytes()[:-cut])
    server = Server(killed_objects)
    try:
        assert keys_of(server) == [f'{n:02}' for n in range(19)]
        server.client('s3').put_object(Bucket='kept', Key='19', Body=b'again')
        server.kill()
        server.start()
        assert len(keys_of(server)) == 20
    finally:
        server.close()


def test_damage_that_a_compaction_meets_does_not_end_the_server(tmp_path):
    """What lies in the damaged file is refused; everything else goes on, over restarts, too."""
    server = Server(tmp_path / 'data')

    def write(name):
        """Leaves a file of the state behind."""
        wire = server.wire()
        for n in range(100):
            value = f'{name}-{n:03}-' + 'x' * 2000
            wire.call('PutItem', {'TableName': 'kept', 'Item': {'pk': {'S': f'{name}{n}'}, 'v': {'S': value}}})
        wire.close()
        assert server.terminate() == 0
    try:
        wire = server.wire()
        create_table(wire, 'kept')
        wire.close()
        write('a')
        damage(server.data_dir / 'dynamodb' / 'state', b'a-050-xxx')
        for name in 'bc':
            server.start()
            write(name)
        server.start()
        for _ in range(6):
            wire = server.wire()
            for n in range(3):
                wire.call('PutItem', {'TableName': 'kept', 'Item': {'pk': {'S': 'later'}, 'v': {'N': str(n)}}})
            with pytest.raises(Failed) as refused:
                wire.call('GetItem', {'TableName': 'kept', 'Key': {'pk': {'S': 'a50'}}})
            assert refused.value.status == 500
            assert wire.call('GetItem', {'TableName': 'kept', 'Key': {'pk': {'S': 'c50'}}})['Item']['v']['S'][:5] == 'c-050'
            wire.close()
            if 'a file is damaged' in server.log():
                break
            assert server.terminate() == 0
            server.start()
        assert 'a file is damaged' in server.log()
        wire = server.wire()
        wire.call('PutItem', {'TableName': 'kept', 'Item': {'pk': {'S': 'last'}}})
        assert server.is_running()
        wire.close()
        assert server.terminate() == 0
        server.start()
        wire = server.wire()
        assert 'Item' in wire.call('GetItem', {'TableName': 'kept', 'Key': {'pk': {'S': 'last'}}})
        wire.close()
    finally:
        server.close()


def damage(directory, text):
    """Flips a bit of the file that has the text."""
    for path in directory.glob('*.sst'):
        data = bytearray(path.read_bytes())
        if text in data:
            data[data.index(text)] ^= 1
            path.write_bytes(data)
            return
    raise AssertionError(f'{text} is in no file of {directory}')
