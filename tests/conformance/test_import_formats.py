"""Imports of CSV and Ion, and of compressed files, as other programs write them."""
import base64
import csv
import gzip
import io
import json
import subprocess

import pytest

from support.server import Failed, scan
from support.transfers import export, import_request, keys, run_import

KEYS = {'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'sk', 'AttributeType': 'N'}],
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
        'BillingMode': 'PAY_PER_REQUEST'}
ALL_TYPES = {
    'pk': {'S': 'all'}, 'sk': {'N': '-1.5'}, 'binary': {'B': 'AAECAw=='}, 'true': {'BOOL': True}, 'null': {'NULL': True},
    'strings': {'SS': ['', 'a', "it's"]}, 'numbers': {'NS': ['-1', '2.5']}, 'binaries': {'BS': ['AA==', 'AQ==']},
    'list': {'L': [{'S': 'x'}, {'L': []}, {'M': {'deep': {'N': '1'}}}]}, 'map': {'M': {'': {'S': 'empty name'}, 'a b': {'S': ''}}},
    'hostile': {'S': '\'"\\`${}[]()//,;\r\n\t\x00\x1f\x7f\u2028é😀'}, 'large number': {'N': '9' * 38 + '0' * 80},
    'small number': {'N': '0.' + '0' * 100 + '1'}}


def two_keys(name):
    return {'TableName': name, **KEYS}


def counters(description):
    return (description['ProcessedItemCount'], description['ImportedItemCount'], description['ErrorCount'])


def messages(shared, description):
    import_id = description['ImportArn'].rsplit('/', 1)[1]
    text = (shared.data_dir / 'import-errors' / f'{import_id}.jsonl').read_text()
    return [json.loads(line)['errorMessages'] for line in text.splitlines()]


def zstd(data, *flags):
    return subprocess.run(['zstd', '-q', '-c', *flags], input=data, stdout=subprocess.PIPE, check=True).stdout


COMPRESSIONS = {'NONE': lambda data: data, 'GZIP': gzip.compress, 'ZSTD': zstd}


@pytest.fixture
def put(s3, name):
    s3.create_bucket(Bucket=name)
    return lambda key, body: s3.put_object(Bucket=name, Key=key, Body=body.encode() if isinstance(body, str) else body)


@pytest.fixture
def load(shared, wire, put, name):
    """Imports one object into a table of its own."""
    def run(body, input_format, compression='NONE', options=None, parameters=None):
        put('o', body)
        more = {'InputFormatOptions': {'Csv': options}} if options is not None else {}
        return run_import(wire, parameters or two_keys(name), name, 'o', compression, InputFormat=input_format, **more)
    return run


@pytest.mark.parametrize('compression', COMPRESSIONS)
def test_rows_that_csv_writes(wire, load, name, compression):
    text = io.StringIO(newline='')
    writer = csv.writer(text)
    writer.writerow(['sk', 'text', 'pk', 'empty'])
    rows = [(n, value, f'p{n}', '') for n, value in enumerate([
        'plain', 'with, comma', 'with "quotes"', 'two\nlines', 'two\r\nlines', ' blanks ', 'é😀', "'", 'x' * 300_000])]
    writer.writerows(rows)
    body = text.getvalue().encode()
    ended = load(COMPRESSIONS[compression](body), 'CSV', compression)
    assert (ended['ImportStatus'], counters(ended)) == ('COMPLETED', (len(rows), len(rows), 0))
    assert ended['ProcessedSizeBytes'] == len(body)
    assert (ended['InputFormat'], ended['InputCompressionType']) == ('CSV', compression)
    assert 'InputFormatOptions' not in ended
    assert sorted(scan(wire, name), key=lambda item: float(item['sk']['N'])) == [
        {'pk': {'S': pk}, 'sk': {'N': str(sk)}, 'text': {'S': value}} for sk, value, pk, _ in rows]


BLANK_LINES = {'LF': b'\n' * 17_000_000, 'CRLF': b'\r\n' * 8_500_000}


@pytest.mark.parametrize('input_format, before, after', [
    ('CSV', b'pk,sk\na,1\n', b'b,2\n'),
    ('CSV', b'', b'pk,sk\na,1\nb,2\n'),
    ('CSV', b'pk,sk\na,1\nb,2\n', b''),
    ('DYNAMODB_JSON', b'{"Item":{"pk":{"S":"a"},"sk":{"N":"1"}}}\n', b'{"Item":{"pk":{"S":"b"},"sk":{"N":"2"}}}\n'),
    ('ION', b'{Item:{pk:"a",sk:1.}}\n', b'{Item:{pk:"b",sk:2.}}\n'),
], ids=range(5))
@pytest.mark.parametrize('blank', BLANK_LINES.values(), ids=BLANK_LINES.keys())
def test_empty_lines_are_no_row_however_many(wire, load, name, input_format, before, after, blank):
    description = load(gzip.compress(before + blank + after, compresslevel=1), input_format, 'GZIP')
    assert counters(description) == (2, 2, 0)
    assert sorted(item['pk']['S'] for item in scan(wire, name)) == ['a', 'b']


def test_options_of_csv(wire, load, name):
    options = {'Delimiter': ';', 'HeaderList': ['pk', 'sk', 'a b', 'c']}
    ended = load('\ufeffx;1;"semi;colon";\r\ny;2;;z\r\n', 'CSV', options=options)
    assert counters(ended) == (2, 2, 0)
    assert ended['InputFormatOptions'] == {'Csv': options}
    assert sorted(scan(wire, name), key=lambda item: item['pk']['S']) == [
        {'pk': {'S': 'x'}, 'sk': {'N': '1'}, 'a b': {'S': 'semi;colon'}}, {'pk': {'S': 'y'}, 'sk': {'N': '2'}, 'c': {'S': 'z'}}]


def test_columns_have_the_types_of_keys(wire, load, name):
    parameters = {**two_keys(name), 'AttributeDefinitions': [
        *KEYS['AttributeDefinitions'], {'AttributeName': 'rank', 'AttributeType': 'N'},
        {'AttributeName': 'digest', 'AttributeType': 'B'}],
        'GlobalSecondaryIndexes': [{'IndexName': 'by-rank', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [
            {'AttributeName': 'digest', 'KeyType': 'HASH'}, {'AttributeName': 'rank', 'KeyType': 'RANGE'}]}]}
    ended = load('pk,sk,rank,digest,other\na,1,07,AAE=,07\nb,2,,,\nc,3,first,,\nd,4,1,no!,\n', 'CSV', parameters=parameters)
    assert counters(ended) == (4, 2, 2)
    assert sorted(scan(wire, name), key=lambda item: item['pk']['S']) == [
        {'pk': {'S': 'a'}, 'sk': {'N': '1'}, 'rank': {'N': '7'}, 'digest': {'B': 'AAE='}, 'other': {'S': '07'}},
        {'pk': {'S': 'b'}, 'sk': {'N': '2'}}]
    assert len(scan(wire, name, IndexName='by-rank')) == 1, 'the index is sparse'


BAD_ROWS = [
    ('ragged', 'pk,sk\na,1\nb\nc,3,4\nd,4\n', (4, 2, 2), ['The row has 1 columns, the header 2', 'The row has 3 columns, the header 2']),
    ('no key', 'pk,sk\n,1\na,1\n', (2, 1, 1), ['One or more parameter values were invalid: Missing the key pk in the item']),
    ('no column of a key', 'pk,SK\na,1\n', (1, 0, 1), ['One or more parameter values were invalid: Missing the key sk in the item']),
    ('no number', 'pk,sk\na,one\nb,1\n', (2, 1, 1), ['The parameter cannot be converted to a numeric value: one']),
    ('a quote within', 'pk,sk,t\na,1,x\nb,2,say "hi"\nc,3,x\n', (2, 1, 1),
     ['Fields with quotes in them must be quoted, and the quotes in them doubled']),
    ('a column twice', 'pk,sk,sk\na,1,2\nb,2,3\n', (1, 0, 1), ['The header has a column twice']),
    ('compressed', gzip.compress(b'pk,sk\na,1\n'), (1, 0, 1), None),
    ('UTF-16', 'pk,sk\na,1\n'.encode('utf-16'), (1, 0, 1), ['Unexpected token']),
]


@pytest.mark.parametrize('body, expected, told', [case[1:] for case in BAD_ROWS], ids=[case[0] for case in BAD_ROWS])
def test_rows_that_are_refused(shared, load, body, expected, told):
    ended = load(body, 'CSV')
    assert (counters(ended), ended['ImportStatus'], ended['FailureCode']) == (expected, 'FAILED', 'ItemValidationError')
    if told:
        assert messages(shared, ended) == [[message] for message in told]


BAD_OPTIONS = [
    ({'Delimiter': ';;'}, r"2 validation errors detected: Value ';;' at 'inputFormatOptions.csv.delimiter' failed to satisfy "
     r"constraint: Member must satisfy regular expression pattern: [,;:|\t ]; Value ';;' at 'inputFormatOptions.csv.delimiter' "
     'failed to satisfy constraint: Member must have length less than or equal to 1'),
    ({'Delimiter': 'x'}, r"1 validation error detected: Value 'x' at 'inputFormatOptions.csv.delimiter' failed to satisfy "
     r'constraint: Member must satisfy regular expression pattern: [,;:|\t ]'),
    ({'HeaderList': []}, "1 validation error detected: Value '[]' at 'inputFormatOptions.csv.headerList' failed to satisfy "
     'constraint: Member must have length greater than or equal to 1'),
    ({'HeaderList': ['pk', 'a,b']}, "1 validation error detected: Value '[pk, a,b]' at 'inputFormatOptions.csv.headerList' failed "
     'to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 65536, Member must have '
     'length greater than or equal to 1, Member must satisfy regular expression pattern: '
     r'[\x20-\x21\x23-\x2B\x2D-\x7E]*]'),
]


@pytest.mark.parametrize('options, message', BAD_OPTIONS, ids=range(len(BAD_OPTIONS)))
def test_options_that_are_refused(wire, name, options, message):
    with pytest.raises(Failed) as error:
        wire.call('ImportTable', import_request(two_keys(name), 'some-bucket', InputFormat='CSV',
                                                InputFormatOptions={'Csv': options}))
    assert (error.value.code, error.value.message) == ('ValidationException', message)


@pytest.mark.parametrize('compression', COMPRESSIONS)
@pytest.mark.parametrize('export_format', ['ION', 'DYNAMODB_JSON'])
def test_an_export_of_every_type_comes_back(wire, s3, put, name, export_format, compression):
    arn = wire.call('CreateTable', two_keys(name + '-from'))['TableDescription']['TableArn']
    wire.call('UpdateContinuousBackups', {'TableName': name + '-from',
                                          'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
    items = [ALL_TYPES, {'pk': {'S': 'big'}, 'sk': {'N': '0'}, 'text': {'S': 'é' * 204_000}},
             {'pk': {'S': 'bytes'}, 'sk': {'N': '0'}, 'b': {'B': base64.b64encode(bytes(range(256)) * 1_500).decode()}}]
    for item in items:
        wire.call('PutItem', {'TableName': name + '-from', 'Item': item})
    exported = export(wire, arn, name, S3Prefix='out', ExportFormat=export_format)
    data = exported['ExportManifest'].removesuffix('manifest-summary.json') + 'data/'
    for number, key in enumerate(keys(s3, name, data)):
        body = gzip.decompress(s3.get_object(Bucket=name, Key=key)['Body'].read())
        put(f'in/{number}', COMPRESSIONS[compression](body))
    ended = run_import(wire, two_keys(name), name, 'in/', compression, InputFormat=export_format)
    assert (ended['ImportStatus'], counters(ended)) == ('COMPLETED', (3, 3, 0))
    by_key = {item['pk']['S']: item for item in scan(wire, name)}
    assert by_key == {item['pk']['S']: item for item in scan(wire, name + '-from')}
    assert set(by_key) == {'all', 'big', 'bytes'}


BINARY_ION = bytes.fromhex(
    'e00100ea'  # marker
    'ee94 8183 de90 87 be8d 84 4974656d 82 706b 82 736b 81 76'  # {symbols:["Item","pk","sk","v"]}
    'dc 8a da 8b 8161 8c 2105 8d 52c17d')  # {Item:{pk:"a",sk:5,v:12.5}}
IONS = [
    ('markers and comments', '$ion_1_0 /* a */ {Item:{pk:"a",sk:1}} // b\n$ion_1_0\n{\'Item\':{pk:\'\'\'a\'\'\' \'\'\'b\'\'\',sk:2.}}',
     (2, 2, 0), []),
    ('a list under one marker', '$ion_1_0\n[{Item:{pk:"a",sk:1}},\n{Item:{pk:"b",sk:1e0}}]\n', (2, 2, 0), []),
    ('symbols', '$ion_1_0 $ion_symbol_table::{symbols:["Item","pk","sk"]} {$10:{$11:"a",$12:1d0}}', (1, 1, 0), []),
    ('binary', BINARY_ION, (1, 1, 0), []),
    ('no key, and no value', '{Item:{pk:"a"}} {Item:{pk:"a",sk:2024-01-01}} {Item:{pk:"a",sk:1}}', (3, 1, 2),
     ['One or more parameter values were invalid: Missing the key sk in the item', 'An Ion timestamp is no attribute value']),
    ('cut', '{Item:{pk:"a",sk:1}} {Item:{pk:"b"', (2, 1, 1), ['The file ends inside an item']),
    ('no Item', '{Record:{Keys:{pk:"a",sk:1}}} {Item:{pk:"a",sk:1}}', (1, 0, 1), ["Expected 'Item' top level container"]),
    ('compressed', gzip.compress(b'{Item:{pk:"a",sk:1}}'), (1, 0, 1), ['Unexpected token']),
]


@pytest.mark.parametrize('body, expected, told', [case[1:] for case in IONS], ids=[case[0] for case in IONS])
def test_what_ion_holds(shared, wire, load, name, body, expected, told):
    ended = load(body, 'ION')
    assert counters(ended) == expected
    assert ended['ImportStatus'] == ('FAILED' if told else 'COMPLETED')
    assert len(scan(wire, name)) == expected[1]
    if told:
        assert messages(shared, ended) == [[message] for message in told]


def lines(*names):
    return ''.join(json.dumps({'Item': {'pk': {'S': name}, 'sk': {'N': '1'}}}) + '\n' for name in names).encode()


CONTAINERS = [
    ('several members', 'GZIP', gzip.compress(lines('a')) + gzip.compress(b'') + gzip.compress(lines('b')), (2, 2, 0)),
    ('junk behind a member', 'GZIP', gzip.compress(lines('a', 'b')) + b'junk', (3, 2, 1)),
    ('several frames', 'ZSTD', zstd(lines('a')) + zstd(b'') + zstd(lines('b'), '-19', '--long=27'), (2, 2, 0)),
    ('a skippable frame', 'ZSTD', b'\x50\x2a\x4d\x18\x03\0\0\0abc' + zstd(lines('a')), (1, 1, 0)),
    ('junk behind a frame', 'ZSTD', zstd(lines('a', 'b')) + b'junk', (3, 2, 1)),
    ('a cut frame', 'ZSTD', zstd(lines('a'))[:-3], None),
    ('gzip said to be zstd', 'ZSTD', gzip.compress(lines('a')), (1, 0, 1)),
    ('plain said to be zstd', 'ZSTD', lines('a'), (1, 0, 1)),
    ('nothing', 'ZSTD', b'', (0, 0, 0)),
    ('an empty frame', 'ZSTD', zstd(b''), (0, 0, 0)),
    ('a byte order mark', 'NONE', b'\xef\xbb\xbf' + lines('a'), (1, 1, 0)),
    ('a byte order mark inside', 'GZIP', gzip.compress(b'\xef\xbb\xbf' + lines('a')), (1, 1, 0)),
    ('a byte order mark alone', 'NONE', b'\xef\xbb\xbf', (0, 0, 0)),
    ('line ends of DOS', 'NONE', lines('a', 'b').replace(b'\n', b'\r\n'), (2, 2, 0)),
    ('the end-of-file mark of DOS', 'NONE', lines('a') + b'\x1a', (2, 1, 1)),
    ('UTF-16', 'NONE', lines('a').decode().encode('utf-16'), (1, 0, 1)),
    ('zeros behind a member, as tapes have them', 'GZIP', gzip.compress(lines('a')) + bytes(512), None),
]


def test_a_folder_as_other_programs_leave_it(wire, put, name):
    """The markers of consoles and of Hadoop are empty objects, and none of them an item or an error."""
    for marker in ('in/', 'in/_SUCCESS', 'in/_temporary_$folder$', 'in/part=1/'):
        put(marker, b'')
    put('in/part=1/part-00000', gzip.compress(lines('a')))
    put('in/part=1/part-00001.json.gz', gzip.compress(lines('b', 'c')))
    put('in/part=2/part-00000', gzip.compress(b''))
    ended = run_import(wire, two_keys(name), name, 'in/', 'GZIP')
    assert (ended['ImportStatus'], counters(ended)) == ('COMPLETED', (3, 3, 0))
    assert sorted(item['pk']['S'] for item in scan(wire, name)) == ['a', 'b', 'c']


def test_a_checksum_file_beside_the_data_is_an_error(shared, wire, put, name):
    put('in/part-00000', lines('a'))
    put('in/.part-00000.crc', b'crc\x00\x00\x00\x02\x00\x12\x34\x56\x78')
    ended = run_import(wire, two_keys(name), name, 'in/')
    assert (ended['ImportStatus'], counters(ended)) == ('FAILED', (2, 1, 1))
    assert messages(shared, ended) == [['Unexpected token']]


@pytest.mark.parametrize('compression, body, expected', [case[1:] for case in CONTAINERS], ids=[case[0] for case in CONTAINERS])
def test_containers(shared, wire, load, name, compression, body, expected):
    ended = load(body, 'DYNAMODB_JSON', compression)
    if expected is None:
        assert ended['ErrorCount'] == 1
    else:
        assert counters(ended) == expected
    assert len(scan(wire, name)) == ended['ImportedItemCount']
    assert shared.is_running()
