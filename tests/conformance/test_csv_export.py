"""ExportFormat CSV, which DynamoDB does not have: refused without --extensions csv-export, read back by others with it."""
import csv
import gzip
import io
import json

import pytest

from support.lake import lake_fixtures
from support.server import Failed, StartError, Server, create_table, scan, table_request
from support.transfers import export, keys, run_import

# Item, and what its columns hold; nothing: an empty field without quotes.
ITEMS = [
    ({'pk': {'S': 'plain'}, 'sk': {'N': '1'}, 'text': {'S': 'just text'}}, {'text': 'just text'}),
    ({'pk': {'S': 'quotes'}, 'sk': {'N': '2.50'}, 'text': {'S': 'say "hi", you'}}, {'text': 'say "hi", you'}),
    ({'pk': {'S': 'lines'}, 'sk': {'N': '-3'}, 'text': {'S': 'a\r\nb\nc'}}, {'text': 'a\r\nb\nc'}),
    ({'pk': {'S': 'blanks'}, 'sk': {'N': '4'}, 'text': {'S': ' ü '}}, {'text': ' ü '}),
    ({'pk': {'S': 'empty'}, 'sk': {'N': '5'}, 'text': {'S': ''}, 'none': {'NULL': True}}, {'text': ''}),
    ({'pk': {'S': 'big'}, 'sk': {'N': '12345678901234567890123456789012345678'}, 'flag': {'BOOL': True}, 'off': {'BOOL': False}},
     {'flag': 'true', 'off': 'false'}),
    ({'pk': {'S': 'bytes'}, 'sk': {'N': '7'}, 'b': {'B': 'AAH/'}, 'bs': {'BS': ['AQ==', 'Ag==']}},
     {'b': 'AAH/', 'bs': '["AQ==","Ag=="]'}),
    ({'pk': {'S': 'nested'}, 'sk': {'N': '8'}, 'list': {'L': [{'S': 'x,"y"'}, {'N': '1.5'}, {'NULL': True}, {'BOOL': False}]},
      'map': {'M': {'k': {'M': {'deep': {'SS': ['a', 'b']}}}, 'n': {'NS': ['1', '2']}}}},
     {'list': '["x,\\"y\\"",1.5,null,false]', 'map': '{"k":{"deep":["a","b"]},"n":[1,2]}'}),
    ({'pk': {'S': 'column names'}, 'sk': {'N': '9'}, 'a,"b"': {'S': 'v'}}, {'a,"b"': 'v'}),
]
COLUMNS = ['pk', 'sk', 'a,"b"', 'b', 'bs', 'flag', 'list', 'map', 'none', 'off', 'text']


server, wire = lake_fixtures('--extensions', 'csv-export')


@pytest.fixture(scope='module')
def orders(wire):
    arn = create_table(wire, 'Orders', pitr=True, sort_key='sk')
    for item, _ in ITEMS:
        wire.call('PutItem', {'TableName': 'Orders', 'Item': item})
    return arn


def shown_number(item):
    """The sort key as DynamoDB shows it."""
    return '2.5' if item['sk']['N'] == '2.50' else item['sk']['N']


def read_files(server, description):
    """By key, the text of each data file, which the manifest counts and names."""
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    summary = json.loads(s3.get_object(Bucket='lake', Key=description['ExportManifest'])['Body'].read())
    assert summary['outputFormat'] == 'CSV'
    texts = {}
    for line in s3.get_object(Bucket='lake', Key=summary['manifestFilesS3Key'])['Body'].read().splitlines():
        entry = json.loads(line)
        assert entry['dataFileS3Key'].endswith('.csv.gz')
        text = gzip.decompress(s3.get_object(Bucket='lake', Key=entry['dataFileS3Key'])['Body'].read()).decode()
        assert len(list(csv.reader(io.StringIO(text, newline='')))) == entry['itemCount'] + 1
        texts[entry['dataFileS3Key']] = text
    return texts


def test_it_is_refused_as_on_aws_unless_asked_for(shared):
    wire = shared.wire()
    arn = create_table(wire, 'NoCsv', pitr=True)
    with pytest.raises(Failed) as refused:
        wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake', 'ExportFormat': 'CSV'})
    assert refused.value.code == 'ValidationException'
    assert refused.value.message == ("1 validation error detected: Value 'CSV' at 'exportFormat' failed to satisfy constraint: "
                                     'Member must satisfy enum value set: [DYNAMODB_JSON, ION]')
    wire.close()


def test_an_extension_that_there_is_not(tmp_path):
    with pytest.raises(StartError) as refused:
        Server(tmp_path / 'data', ['--extensions', 'csv-export,more'])
    assert "'csv-export,more' is not a list of extensions (csv-export)" in refused.value.text


def test_each_file_has_the_header_and_rows_as_rfc_4180_has_them(server, wire, orders):
    texts = read_files(server, export(wire, orders, 'lake', ExportFormat='CSV'))
    rows = {}
    for text in texts.values():
        assert text.endswith('\r\n')
        header, *found = csv.reader(io.StringIO(text, newline=''))
        assert header == COLUMNS
        rows.update({row[0]: dict(zip(header, row)) for row in found})
    assert rows == {item['pk']['S']: {**dict.fromkeys(COLUMNS, ''), 'pk': item['pk']['S'], 'sk': shown_number(item), **cells}
                    for item, cells in ITEMS}
    whole = '\r\n'.join(texts.values())
    assert f'plain,1{"," * 9}just text\r\n' in whole
    assert f'quotes,2.5{"," * 9}"say ""hi"", you"\r\n' in whole
    assert f'empty,5{"," * 9}""\r\n' in whole, 'an empty text is told from none, and from NULL'


def test_import_table_reads_it_back(server, wire, orders):
    description = export(wire, orders, 'lake', S3Prefix='again', ExportFormat='CSV')
    folder = description['ExportManifest'].removesuffix('manifest-summary.json')
    done = run_import(wire, table_request('Again', sort_key='sk'), 'lake', folder + 'data/', 'GZIP', InputFormat='CSV')
    assert (done['ImportStatus'], done['ImportedItemCount']) == ('COMPLETED', len(ITEMS))
    expected = {item['pk']['S']: {'pk': item['pk'], 'sk': {'N': shown_number(item)},
                                  **{name: {'S': value} for name, value in cells.items() if value}} for item, cells in ITEMS}
    assert {item['pk']['S']: item for item in scan(wire, 'Again')} == expected


def test_a_projection_decides_what_the_columns_are(server, wire, orders):
    texts = read_files(server, export(wire, orders, 'lake', ExportFormat='CSV', FilterSpecification={
        'FilterExpression': 'attribute_exists(b)', 'ProjectionExpression': 'pk, b'}))
    assert [row for text in texts.values() for row in list(csv.reader(io.StringIO(text)))[1:]] == [['bytes', '', 'AAH/']]
    assert all(text.startswith('pk,sk,b\r\n') for text in texts.values())


def test_an_empty_table_has_files_with_a_header_alone(server, wire):
    arn = create_table(wire, 'Empty', pitr=True)
    texts = read_files(server, export(wire, arn, 'lake', ExportFormat='CSV'))
    assert set(texts.values()) == {'pk\r\n'}


def test_increments_are_not_written_as_csv(server, wire, orders):
    with pytest.raises(Failed) as refused:
        wire.call('ExportTableToPointInTime', {
            'TableArn': orders, 'S3Bucket': 'lake', 'ExportFormat': 'CSV', 'ExportType': 'INCREMENTAL_EXPORT',
            'IncrementalExportSpecification': {'ExportFromTime': 1, 'ExportToTime': 2}})
    assert refused.value.message == 'Invalid Request: Incremental exports are not written as CSV'


def test_more_attributes_than_a_header_holds(server, wire):
    arn = create_table(wire, 'Wide', pitr=True)
    for n in range(11):
        wire.call('PutItem', {'TableName': 'Wide', 'Item': {
            'pk': {'S': str(n)}, **{f'a{n}-{i}': {'BOOL': True} for i in range(1_000)}}})
    failed = export(wire, arn, 'lake', S3Prefix='wide', ExportFormat='CSV')
    assert (failed['ExportStatus'], failed['FailureCode']) == ('FAILED', 'TooManyColumns')
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    assert not any('/data/' in key for key in keys(s3, 'lake', 'wide/'))
