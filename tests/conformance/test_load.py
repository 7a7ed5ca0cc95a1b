"""`tidemark load`: an AWS export, and the increments that follow it, as a table."""
import gzip
import json
import os
import subprocess

import pytest

from support.clock import Clock
from support.exports_by_hand import at, full_export, increment
from support.increments import by_key
from support.lake import lake_fixtures
from support.server import PROGRAM, Failed, create_table, scan
from support.transfers import export, keys


server, wire = lake_fixtures()


def load(server, *arguments, code=0, **variables):
    done = subprocess.run([PROGRAM, 'load', *arguments, '--port', str(server.port)], capture_output=True, text=True,
                          env={**os.environ, **variables})
    assert done.returncode == code, done.stderr
    return done.stdout or done.stderr


def item(n, value):
    return {'pk': {'S': f'k{n}'}, 'email': {'S': f'{n % 5}@x.org'}, 'name': {'S': 'Ada "ü'}, 'v': {'S': value},
            'n': {'N': '12.50'}, 'b': {'B': 'AAH/'}, 's': {'NS': ['1', '2.5']}}


def second(clock):
    clock.change(advance='PT2S')
    return int(clock.now().timestamp()) - 1


@pytest.fixture(scope='module')
def past(server, wire, tmp_path_factory):
    """A folder with a full export and two increments, and what the table held at each of their ends."""
    clock = Clock(server.endpoint)
    arn = create_table(wire, 'Source', pitr=True)
    for n in range(60):
        wire.call('PutItem', {'TableName': 'Source', 'Item': item(n, 'first')})
    moments, states = [second(clock)], [by_key(scan(wire, 'Source'))]
    for value, deleted in (('second', range(5, 20)), ('third', range(20, 30))):
        clock.change(advance='PT16M')
        for n in deleted:
            wire.call('DeleteItem', {'TableName': 'Source', 'Key': {'pk': {'S': f'k{n}'}}})
        for n in range(50, 70):
            wire.call('PutItem', {'TableName': 'Source', 'Item': item(n, value)})
        moments.append(second(clock))
        states.append(by_key(scan(wire, 'Source')))
    clock.change(advance='PT2S')
    done = [export(wire, arn, 'lake', ExportTime=moments[0])]
    for begin, end in zip(moments, moments[1:]):
        done.append(export(wire, arn, 'lake', ExportType='INCREMENTAL_EXPORT', IncrementalExportSpecification={
            'ExportFromTime': begin, 'ExportToTime': end, 'ExportViewType': 'NEW_IMAGE'}))
    folder = tmp_path_factory.mktemp('home')
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    for key in keys(s3, 'lake'):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(s3.get_object(Bucket='lake', Key=key)['Body'].read())
    places = [one['ExportManifest'].removesuffix('/manifest-summary.json') for one in done]
    return folder, places, states


def test_a_full_export_from_a_folder(server, wire, past):
    folder, places, states = past
    assert load(server, str(folder / places[0]), '--table', 'Full', '--key', 'pk:S') == 'Full (pk:S): 60 items put, 0 deleted\n'
    assert by_key(scan(wire, 'Full')) == states[0]


def test_a_chain_in_any_order_and_from_s3_with_the_key_of_the_increments(server, wire, past):
    folder, places, states = past
    said = load(server, str(folder / places[2]), f's3://lake/{places[0]}', f's3://lake/{places[1]}/manifest-summary.json',
                '--table', 'Chain')
    assert said.startswith('Chain (pk:S): ')
    assert by_key(scan(wire, 'Chain')) == states[2]


def test_a_table_that_is_there_is_only_written_to_when_told_so(server, wire, past):
    folder, places, states = past
    create_table(wire, 'There')
    wire.call('PutItem', {'TableName': 'There', 'Item': {'pk': {'S': 'own'}}})
    assert 'there is a table There already' in load(server, str(folder / places[0]), '--table', 'There', '--key', 'pk:S', code=1)
    assert len(scan(wire, 'There')) == 1
    load(server, str(folder / places[0]), '--table', 'There', '--into-existing')
    assert len(scan(wire, 'There')) == 61


@pytest.mark.parametrize('which, arguments, complaint', [
    ((0,), [], 'a full export does not say what the key is: give --key pk:S,sk:N'),
    ((0, 2), [], 'there is a gap between '),
    ((0, 0), ['--key', 'pk:S'], 'there are two full exports'),
    ((0, 1), ['--key', 'id:S'], '--key: the items of the increments have the key pk:S'),
    ((0, 1), ['--key', 'pk:N'], '--key: the items of the increments have the key pk:S'),
    ((0,), ['--key', 'pk'], "--key: 'pk' is not a key like pk:S or pk:S,sk:N"),
    ((0,), ['--key', 'pk:S', '--mask', 'email=blur'], "--mask: 'email=blur' is not attribute=hash or attribute=drop"),
    ((0,), ['--key', 'pk:S', '--mask', 'pk=drop'], '--mask: pk is part of the key; `hash` may be'),
])
def test_what_cannot_be_loaded_leaves_no_table(server, wire, past, which, arguments, complaint):
    folder, places, _ = past
    assert complaint in load(server, *(str(folder / places[i]) for i in which), '--table', 'Nothing', *arguments, code=1)
    with pytest.raises(Failed):
        wire.call('DescribeTable', {'TableName': 'Nothing'})


def entry(key, value=None):
    return {'pk': {'S': key}, **({'v': {'S': value}} if value else {})}


# Windows on a full export of 12:00 in which a and b are from 12:00: what becomes of them, and which have nothing to add.
CHAINS = {
    'a window that ends before the full export': ([((10, 11), {'a': '11', 'c': '11'})], {'a': '12', 'b': '12'}, [0]),
    'a window that ends with the full export': ([((11, 12), {'a': '11', 'c': '11'})], {'a': '12', 'b': '12'}, [0]),
    'a window that begins before the full export': ([((11, 13), {'a': '13'})], {'a': '13', 'b': '12'}, []),
    'a window inside another one': (
        [((12, 14), {'a': '14', 'b': None}), ((12.25, 12.75), {'a': '12:45'})], {'a': '14'}, [1]),
    'windows that overlap': (
        [((12.5, 14), {'a': '14'}), ((12, 13), {'a': '13', 'b': '13'})], {'a': '14', 'b': '13'}, []),
    'windows that begin together': (
        [((12, 13), {'a': '13'}), ((12, 14), {'a': '14', 'b': None})], {'a': '14'}, [0]),
    'the same window twice': ([((12, 13), {'a': '13'}), ((12, 13), {'a': '13'})], {'a': '13', 'b': '12'}, [1]),
}


@pytest.mark.parametrize('windows, expected, left_out', CHAINS.values(), ids=CHAINS.keys())
def test_of_windows_in_any_order_what_is_newer_stays(server, wire, name, tmp_path, windows, expected, left_out):
    def moment(hour):
        return at(int(hour), int(hour % 1 * 60))
    places = [increment(tmp_path, f'w{n}', [entry(*one) for one in records.items()], *map(moment, window))
              for n, (window, records) in enumerate(windows)]
    full = full_export(tmp_path, 'full', [entry('a', '12'), entry('b', '12')], at(12))
    for table, sources in ((f'{name}-1', [*places, full]), (f'{name}-2', [full, *reversed(places)])):
        said = load(server, *sources, '--table', table, '--key', 'pk:S').splitlines()
        assert {one['pk']['S']: one['v']['S'] for one in scan(wire, table)} == expected
        assert len(said) == len(left_out) + 1 and all('is left out: it ends at ' in line for line in said[:-1])
        if len({window for window, _ in windows}) == len(windows):
            assert [line.split()[0] for line in said[:-1]] == [places[n] for n in left_out]


@pytest.mark.parametrize('other', [{'table': 'Other', 'table_id': 'two'}, {'table_id': 'two'}, {'table': 'Other', 'table_id': ''}])
def test_exports_of_different_tables_are_not_mixed(server, wire, tmp_path, other):
    full = full_export(tmp_path, 'full', [entry('a', '12')], at(12))
    window = increment(tmp_path, 'window', [entry('a', 'OTHER'), entry('z', 'OTHER')], at(12), at(13), **other)
    said = load(server, full, window, '--table', 'Mixed', '--key', 'pk:S', code=1)
    assert 'the exports are of different tables: ' in said
    assert f'{full} is of arn:aws:dynamodb:us-east-1:000000000000:table/Source (one)' in said and window in said
    with pytest.raises(Failed):
        wire.call('DescribeTable', {'TableName': 'Mixed'})


def test_an_export_that_does_not_say_of_when_it_is(server, tmp_path):
    full = full_export(tmp_path, 'full', [entry('a', '12')], '')
    assert 'full does not say of when it is' in load(server, full, '--table', 'Timeless', '--key', 'pk:S', code=1)


BAD_ITEMS = {
    'no key': ({'other': {'S': 'x'}}, 'Missing the key pk in the item'),
    'another type': ({'pk': {'N': '1'}}, 'Type mismatch for key pk expected: S actual: N'),
    'an empty key': ({'pk': {'S': ''}}, 'pk'),
    'a long key': ({'pk': {'S': 'x' * 2049}}, '2048'),
    'a large item': ({'pk': {'S': 'x'}, 'v': {'S': 'x' * 409_600}}, 'Item size has exceeded the maximum allowed size'),
}


@pytest.mark.parametrize('bad, complaint', BAD_ITEMS.values(), ids=BAD_ITEMS.keys())
def test_an_item_that_the_table_would_not_take_leaves_no_table(server, wire, tmp_path, bad, complaint):
    items = [entry(f'k{n}', 'v') for n in range(200)]
    items[150] = bad
    full = full_export(tmp_path, 'full', items, at(12))
    said = load(server, full, '--table', 'Half', '--key', 'pk:S', code=1)
    assert 'full/data/full.json.gz: ' in said and complaint in said and said.count('\n') == 1
    with pytest.raises(Failed):
        wire.call('DescribeTable', {'TableName': 'Half'})


@pytest.mark.parametrize('key', ['idd:S', 'pk:N', 'pk:S,sk:S'])
def test_a_key_that_the_items_do_not_have_leaves_no_table(server, wire, name, tmp_path, key):
    full = full_export(tmp_path, 'full', [entry('a', '12')], at(12))
    assert 'One or more parameter values were invalid: ' in load(server, full, '--table', name, '--key', key, code=1)
    load(server, full, '--table', name, '--key', 'pk:S')
    assert scan(wire, name) == [entry('a', '12')]


def test_nothing_is_written_to_a_table_that_does_not_take_all(server, wire, name, tmp_path):
    create_table(wire, name)
    items = [entry(f'k{n}', 'v') for n in range(60)]
    full = full_export(tmp_path, 'full', [*items, {'other': {'S': 'x'}}], at(12))
    assert 'Missing the key pk in the item' in load(server, full, '--table', name, '--into-existing', code=1)
    assert scan(wire, name) == []
    indexed = f'{name}-index'
    wire.call('CreateTable', {
        'TableName': indexed, 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'v', 'AttributeType': 'N'}],
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}],
        'GlobalSecondaryIndexes': [{'IndexName': 'by-v', 'KeySchema': [{'AttributeName': 'v', 'KeyType': 'HASH'}],
                                    'Projection': {'ProjectionType': 'ALL'}}]})
    full = full_export(tmp_path, 'other', [{'pk': {'S': f'k{n}'}, 'v': {'N': '1'}} for n in range(60)] + [entry('z', 'text')], at(12))
    assert 'Type mismatch for Index Key v' in load(server, full, '--table', indexed, '--into-existing', code=1)
    assert scan(wire, indexed) == []
    window = increment(tmp_path, 'window', [entry('a', '1')], at(12), at(13))
    numbered = f'{name}-number'
    create_table(wire, numbered, sort_key='a')
    assert 'the table has the key pk:S,a:N, the items of the increments pk:S' in load(
        server, window, '--table', numbered, '--into-existing', code=1)
    assert '--key: the table has the key pk:S,a:N' in load(
        server, window, '--table', numbered, '--into-existing', '--key', 'pk:S', code=1)


def damaged(past, tmp_path, name, change):
    """The full export with one of its files changed."""
    folder, places, _ = past
    source = folder / places[0]
    copy = tmp_path / places[0]
    for path in source.rglob('*'):
        if path.is_file():
            target = copy / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            data = path.read_bytes()
            target.write_bytes(change(data) if path.match(name) and len(data) > 20 else data)
    return str(copy)


@pytest.mark.parametrize('name, change, complaint', [
    ('data/*', lambda data: data[:-9], '.json.gz: gzip stream ends inside a member'),
    ('data/*', lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:], '.json.gz: gzip stream is damaged'),
    ('data/*', lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:], '.json.gz'),
    ('data/*', lambda data: gzip.compress(b'{"Item":7}\n'), '.json.gz: a record cannot be read: {"Item":7}'),
    ('manifest-summary.json', lambda data: b'', 'manifest-summary.json'),
    ('manifest-files.json', lambda data: data.replace(b'"itemCount":', b'"itemCount": '), 'manifest-files.md5 says'),
    ('manifest-summary.json', lambda data: data + b' ', 'manifest-summary.md5 says'),
    ('manifest-files.md5', lambda data: b'A' * 24, 'manifest-files.md5 says'),
])
def test_damage_is_named_and_nothing_is_made_of_it(server, wire, past, tmp_path, name, change, complaint):
    said = load(server, damaged(past, tmp_path, name, change), '--table', 'Damaged', '--key', 'pk:S', code=1)
    assert complaint in said and said.count('\n') == 1
    with pytest.raises(Failed):
        wire.call('DescribeTable', {'TableName': 'Damaged'})


def test_what_is_masked_is_not_there_and_equal_values_stay_equal(server, wire, past):
    folder, places, states = past
    mask = ['--mask', 'email=hash,name=drop,n=hash,b=hash,s=hash,pk=hash']
    for table in ('MaskedA', 'MaskedB'):
        load(server, *(str(folder / place) for place in places), '--table', table, *mask, TIDEMARK_MASK_KEY='one')
    masked = scan(wire, 'MaskedA')
    assert len(masked) == len(states[2]), 'increments find the items by their masked keys'
    assert 'x.org' not in json.dumps(masked) and 'Ada' not in json.dumps(masked)
    assert len({one['email']['S'] for one in masked}) == 5
    assert all(len(one['pk']['S']) == 32 and 'N' in one['n'] and 'B' in one['b'] and 'S' in one['s'] for one in masked)
    assert {one['v']['S'] for one in masked} == {'first', 'third'} | ({'second'} & {one['v']['S'] for one in masked})
    assert by_key(scan(wire, 'MaskedB')) == by_key(masked), 'the same with the same key'
    load(server, str(folder / places[0]), '--table', 'MaskedC', '--key', 'pk:S', *mask)
    assert not {one['pk']['S'] for one in scan(wire, 'MaskedC')} & {one['pk']['S'] for one in masked}, 'not with another'


def test_two_key_attributes_want_to_be_confirmed(server, wire, tmp_path):
    clock = Clock(server.endpoint)
    arn = create_table(wire, 'Sorted', pitr=True, sort_key='a')
    begin = second(clock)
    clock.change(advance='PT15M')
    wire.call('PutItem', {'TableName': 'Sorted', 'Item': {'pk': {'S': 'x'}, 'a': {'N': '1'}}})
    end = second(clock)
    clock.change(advance='PT2S')
    done = export(wire, arn, 'lake', S3Prefix='sorted', ExportType='INCREMENTAL_EXPORT', IncrementalExportSpecification={
        'ExportFromTime': begin, 'ExportToTime': end})
    source = 's3://lake/' + done['ExportManifest']
    said = load(server, source, '--table', 'Again', code=1)
    assert 'confirm or turn it with --key a:N,pk:S' in said
    load(server, source, '--table', 'Again', '--key', 'pk:S,a:N')
    assert scan(wire, 'Again') == [{'pk': {'S': 'x'}, 'a': {'N': '1'}}]
