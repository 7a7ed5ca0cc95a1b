"""Imports: which objects are read, what is counted, refused and logged, and what becomes of the table."""
import gzip
import json
import re
import time

import pytest

from support.server import Failed, create_table, read_all, scan, table_request, until
from support.transfers import export, finish_import, import_request, read_export, run_import

VALIDATION_FAILED = ('Some of the items failed validation checks and were not imported. '
                     'Please check CloudWatch error logs for more details.')


def line(pk, **more):
    return json.dumps({'Item': {'pk': {'S': pk}, **more}}) + '\n'


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def put(s3, bucket):
    def put_object(key, text):
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode() if isinstance(text, str) else text)
    return put_object


def counters(description):
    return (description['ProcessedItemCount'], description['ImportedItemCount'], description['ErrorCount'])


def ids(wire, table):
    return sorted(item['pk']['S'] for item in scan(wire, table))


def error_lines(shared, description):
    import_id = description['ImportArn'].rsplit('/', 1)[1]
    text = (shared.data_dir / 'import-errors' / f'{import_id}.jsonl').read_text()
    return [json.loads(entry) for entry in text.splitlines()]


def test_the_description_from_start_to_end(wire, bucket, put):
    put('in/a', line('a'))
    parameters = table_request('described')
    started = wire.call('ImportTable', import_request(parameters, bucket, 'in/'))['ImportTableDescription']
    assert started['ImportStatus'] == 'IN_PROGRESS'
    assert re.fullmatch(re.escape(started['TableArn']) + r'/import/0\d{13}-[0-9a-f]{8}', started['ImportArn'])
    ended = finish_import(wire, started['ImportArn'])
    assert ended['S3BucketSource'] == {'S3Bucket': bucket, 'S3KeyPrefix': 'in/', 'S3BucketOwner': '000000000000'}
    assert ended['TableCreationParameters'] == parameters
    assert (ended['InputFormat'], ended['InputCompressionType']) == ('DYNAMODB_JSON', 'NONE')
    assert 'InputFormatOptions' not in ended
    assert ended['CloudWatchLogGroupArn'] == (
        'arn:aws:logs:us-east-1:000000000000:log-group:/aws-dynamodb/imports:*')
    assert ended['ImportStatus'] == 'COMPLETED'
    assert counters(ended) == (1, 1, 0)
    assert ended['ProcessedSizeBytes'] == len(line('a'))
    assert ended['StartTime'] <= ended['EndTime'] <= time.time() + 1
    table = wire.call('DescribeTable', {'TableName': 'described'})['Table']
    assert (table['TableStatus'], table['TableArn'], table['TableId'], table['ItemCount']) == (
        'ACTIVE', ended['TableArn'], ended['TableId'], 1)


@pytest.mark.parametrize('prefix, expected', [
    ('data', ['1', '2', '3', '4']), ('data/', ['1', '2']), ('data/x.json', ['1']), (None, ['1', '2', '3', '4', '5']),
    ('nothing', []),
])
def test_a_prefix_is_a_string_not_a_folder(wire, s3, name, prefix, expected):
    if prefix == 'data':
        s3.create_bucket(Bucket='import-prefixes')
        for key, pk in [('data/x.json', '1'), ('data/y.anything', '2'), ('data2/x', '3'), ('data.bak', '4'), ('else', '5')]:
            s3.put_object(Bucket='import-prefixes', Key=key, Body=line(pk).encode())
        s3.put_object(Bucket='import-prefixes', Key='data/empty', Body=b'')
    table = f'prefix-{len(expected)}-{len(prefix or "")}'
    ended = run_import(wire, table_request(table), 'import-prefixes', prefix)
    assert (ended['ImportStatus'], counters(ended)) == ('COMPLETED', (len(expected), len(expected), 0))
    assert ids(wire, table) == expected


def test_an_export_comes_back(wire, s3, bucket, shared):
    """Under its data folder; from its root the manifests count as bad objects, and so does the wrong compression."""
    arn = create_table(wire, 'origin', pitr=True, index='color')
    for n in range(3):
        wire.call('PutItem', {'TableName': 'origin', 'Item': {
            'pk': {'S': str(n)}, 'color': {'S': 'red' if n else 'blue'}, 'all': {'L': [{'NS': ['1', '2.5']}, {'B': 'AA=='}]}}})
    exported = export(wire, arn, bucket)
    root = exported['ExportManifest'].removesuffix('manifest-summary.json')
    for table, prefix, compression, expected in [
            ('from-data', root + 'data/', 'GZIP', (3, 3, 0)), ('from-root', root, 'GZIP', (7, 3, 4)),
            ('not-inflated', root + 'data/', None, (4, 0, 4)), ('said-none', root + 'data/', 'NONE', (4, 0, 4)),
            ('root-as-it-is', root, 'NONE', (8, 0, 8))]:
        ended = run_import(wire, table_request(table, index='color'), bucket, prefix, compression)
        assert counters(ended) == expected, table
        failed = expected[2] > 0
        assert ended['ImportStatus'] == ('FAILED' if failed else 'COMPLETED')
        if failed:
            assert (ended['FailureCode'], ended['FailureMessage']) == ('ItemValidationError', VALIDATION_FAILED)
        if table == 'root-as-it-is':
            told = sorted((entry['itemS3Pointer']['key'].split('.')[-1], entry['errorMessages'][0])
                          for entry in error_lines(shared, ended))
            assert told == [*[('gz', 'Unexpected token')] * 4, *[('json', "Expected 'Item' top level container")] * 2,
                            *[('md5', 'Unexpected token')] * 2]
        assert wire.call('DescribeTable', {'TableName': table})['Table']['TableStatus'] == 'ACTIVE'
        copied = sorted(scan(wire, table), key=lambda item: item['pk']['S'])
        assert copied == (sorted(read_export(s3, exported), key=lambda item: item['pk']['S']) if expected[1] else [])
    red = read_all(wire, 'Query', {'TableName': 'from-data', 'IndexName': 'by-color', 'KeyConditionExpression': 'color = :c',
                                   'ExpressionAttributeValues': {':c': {'S': 'red'}}})
    assert sorted(item['pk']['S'] for item in red) == ['1', '2']
    index = wire.call('DescribeTable', {'TableName': 'from-data'})['Table']['GlobalSecondaryIndexes'][0]
    assert (index['IndexStatus'], index['ItemCount']) == ('ACTIVE', 3)


TEN = [line(f'{n:02}') for n in range(10)]
CONTENTS = [
    ('unreadable line', [*TEN[:5], 'broken\n', *TEN[6:]], (6, 5, 1), [5]),
    ('missing key', [*TEN[:5], '{"Item":{"x":{"S":"y"}}}\n', *TEN[6:]], (10, 9, 1), [5]),
    ('no item', [*TEN[:5], '{"Keys":{}}\n'], (6, 5, 1), [5]),
    ('two kinds', ['{"Item":{"pk":{"N":"1"}}}\n', TEN[0], '{"Item":{"pk":{"S":""}}}\n', TEN[1]], (4, 2, 2), [0, 2]),
    ('cut off', [*TEN[:2], TEN[2][:-5]], (3, 2, 1), [2]),
    ('on one line', [''.join(TEN).replace('\n', '')], (10, 10, 0), []),
    ('white space', ['\n\n', ' ' + TEN[0], '\r\n', json.dumps(json.loads(TEN[1]), indent=2), '\n \t'], (2, 2, 0), []),
    ('no last newline', [TEN[0], TEN[1].rstrip()], (2, 2, 0), []),
    ('same key again', [line('a', v={'N': '1'}), line('a', v={'N': '2'})], (2, 2, 0), []),
    ('index key of the wrong type', [line('a', color={'N': '1'}), line('b', color={'S': 'red'})], (2, 1, 1), [0]),
    ('too large', [line('a', s={'S': 'x' * 409600}), TEN[0]], (2, 1, 1), [0]),
    ('too deep', ['{"Item":{"pk":{"S":"a"},"d":' + '{"L":[' * 40 + ']}' * 40 + '}}\n', TEN[0]], (2, 1, 1), [0]),
    ('bad number', [line('a', n={'N': 'x'}), TEN[0]], (2, 1, 1), [0]),
    ('a list', ['[' + TEN[0] + ']\n'], (1, 0, 1), [0]),
    ('bytes', ['\x00\x01\x02' * 1000], (1, 0, 1), [0]),
]


@pytest.mark.parametrize('content, expected, bad', [case[1:] for case in CONTENTS], ids=[case[0] for case in CONTENTS])
@pytest.mark.parametrize('compression', ['NONE', 'GZIP'])
def test_what_an_object_holds(shared, wire, s3, name, content, expected, bad, compression):
    s3.create_bucket(Bucket=name)
    data = ''.join(content).encode()
    s3.put_object(Bucket=name, Key='o', Body=gzip.compress(data) if compression == 'GZIP' else data)
    ended = run_import(wire, table_request(name, index='color'), name, 'o', compression)
    assert counters(ended) == expected
    assert ended['ImportStatus'] == ('FAILED' if bad else 'COMPLETED')
    found = scan(wire, name)
    assert len(found) == len({item['pk']['S'] for item in found}) == expected[1] - (name.startswith('what') and 'same' in name)
    if bad:
        entries = error_lines(shared, ended)
        assert [entry['itemS3Pointer'] for entry in entries] == [
            {'bucket': name, 'key': 'o', 'itemIndex': index} for index in bad]
        assert all(entry['importArn'] == ended['ImportArn'] and entry['errorMessages'] for entry in entries)


def test_errors_are_logged_in_the_words_of_put_item(shared, wire, bucket, put):
    put('o', '{"Item":{"x":{"S":"y"}}}\n{"Item":{"pk":{"N":"1"}}}\n')
    ended = run_import(wire, table_request('worded'), bucket)
    assert [entry['errorMessages'] for entry in error_lines(shared, ended)] == [
        ['One or more parameter values were invalid: Missing the key pk in the item'],
        ['One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N']]


def test_several_gzip_members_are_one_object(wire, bucket, put):
    put('o', gzip.compress(line('a').encode()) + gzip.compress(b'') + gzip.compress((line('b') + line('c')).encode()))
    ended = run_import(wire, table_request('members'), bucket, compression='GZIP')
    assert counters(ended) == (3, 3, 0)
    assert ids(wire, 'members') == ['a', 'b', 'c']


def test_cut_gzip_is_one_error(wire, bucket, put):
    whole = gzip.compress(''.join(line(f'{n:05}') for n in range(1000)).encode())
    put('o', whole[:-9])
    ended = run_import(wire, table_request('cut-gzip'), bucket, compression='GZIP')
    assert ended['ErrorCount'] == 1
    assert ended['ProcessedItemCount'] == ended['ImportedItemCount'] + 1
    assert len(scan(wire, 'cut-gzip')) == ended['ImportedItemCount']


def test_a_record_without_end_is_not_kept_in_memory(shared, wire, bucket, put):
    put('o', gzip.compress(b'{"Item":{"pk":{"S":"a"},"s":{"S":"' + b'x' * 100_000_000, compresslevel=1))
    before = shared.memory_kb()
    ended = run_import(wire, table_request('endless'), bucket, compression='GZIP')
    assert counters(ended) == (1, 0, 1)
    assert shared.memory_kb() - before < 60 * 1024


def test_many_objects_and_an_index(wire, bucket, put):
    for n in range(20):
        put(f'part{n:02}', ''.join(line(f'{n}-{k}', color={'S': f'c{k % 7}'}, text={'S': 'x' * 100}) for k in range(100)))
    ended = run_import(wire, table_request('many', index='color'), bucket, 'part')
    assert counters(ended) == (2000, 2000, 0)
    assert wire.call('DescribeTable', {'TableName': 'many'})['Table']['ItemCount'] == 2000
    for color in range(7):
        found = read_all(wire, 'Query', {'TableName': 'many', 'IndexName': 'by-color', 'KeyConditionExpression': 'color = :c',
                                         'ExpressionAttributeValues': {':c': {'S': f'c{color}'}}})
        assert len(found) == sum(20 for k in range(100) if k % 7 == color)
    wire.call('UpdateItem', {'TableName': 'many', 'Key': {'pk': {'S': '0-0'}}, 'UpdateExpression': 'SET color = :c',
                             'ExpressionAttributeValues': {':c': {'S': 'new'}}})
    found = read_all(wire, 'Query', {'TableName': 'many', 'IndexName': 'by-color', 'KeyConditionExpression': 'color = :c',
                                     'ExpressionAttributeValues': {':c': {'S': 'new'}}})
    assert [item['pk']['S'] for item in found] == ['0-0']


def test_a_missing_bucket_leaves_no_table(wire):
    ended = run_import(wire, table_request('homeless'), 'no-such-bucket')
    assert (ended['ImportStatus'], ended['FailureCode']) == ('FAILED', 'S3NoSuchBucket')
    assert ended['FailureMessage'].startswith('The specified bucket does not exist (Service: Amazon S3; Status Code: 404;')
    assert ended['TableArn'].endswith(':table/homeless')
    with pytest.raises(Failed) as error:
        wire.call('DescribeTable', {'TableName': 'homeless'})
    assert error.value.code == 'ResourceNotFoundException'


def test_a_name_that_is_taken(wire, bucket, name):
    create_table(wire, name)
    with pytest.raises(Failed) as error:
        wire.call('ImportTable', import_request(table_request(name), bucket))
    assert (error.value.code, error.value.message) == ('ResourceInUseException', f'Table already exists: {name}')


def test_client_tokens(wire, bucket, put, name):
    put('o', line('a'))
    request = import_request(table_request(name), bucket, ClientToken=name)
    first = wire.call('ImportTable', request)['ImportTableDescription']
    with pytest.raises(Failed) as error:
        wire.call('ImportTable', import_request(table_request(name + '-2'), bucket, ClientToken=name))
    assert (error.value.code, error.value.message) == (
        'ImportConflictException', 'Import conflict: Duplicate request detected with conflicting parameters')
    finish_import(wire, first['ImportArn'])
    with pytest.raises(Failed) as error:
        wire.call('ImportTable', request)
    assert error.value.code == 'ResourceInUseException'
    wire.call('DeleteTable', {'TableName': name})

    def replayed():
        try:
            return wire.call('ImportTable', request)['ImportTableDescription']
        except Failed as failure:
            assert failure.code == 'ResourceInUseException'
    again = until(replayed, 'the table to be gone')
    assert (again['ImportArn'], again['ImportStatus']) == (first['ImportArn'], 'COMPLETED')


BAD_REQUESTS = [
    ('no throughput', {'TableCreationParameters': {**table_request('bad-import'), 'BillingMode': 'PROVISIONED'}},
     'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when '
     'BillingMode is PROVISIONED'),
    ('on-demand limits', {'TableCreationParameters': {
        **table_request('bad-import'), 'BillingMode': 'PROVISIONED',
        'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}, 'OnDemandThroughput': {'MaxWriteRequestUnits': 5}}},
     'One or more parameter values were invalid: MaxWriteRequestUnits for OnDemandThroughput cannot be specified when table '
     'BillingMode is PROVISIONED.'),
    ('CSV options', {'InputFormatOptions': {'Csv': {'Delimiter': ','}}},
     'Invalid Request: Unsupported InputFormatOptions for the given input format: DYNAMODB_JSON.'),
    ('compression', {'InputCompressionType': 'LZ4'},
     "1 validation error detected: Value 'LZ4' at 'inputCompressionType' failed to satisfy constraint: Member must "
     'satisfy enum value set: [ZSTD, NONE, GZIP]'),
    ('no token', {'ClientToken': None},
     "1 validation error detected: Value null at 'clientToken' failed to satisfy constraint: Member must not be null"),
    *((f'token {token!r}', {'ClientToken': token},
       f"1 validation error detected: Value '{token}' at 'clientToken' failed to satisfy constraint: Member must satisfy "
       r'regular expression pattern: ^[^\$]+$') for token in ('', '$', 'has$dollar')),
]


@pytest.mark.parametrize('change, message', [case[1:] for case in BAD_REQUESTS], ids=[case[0] for case in BAD_REQUESTS])
def test_refused_requests(wire, change, message):
    with pytest.raises(Failed) as error:
        wire.call('ImportTable', {**import_request(table_request('bad-import'), 'some-bucket'), **change})
    assert (error.value.code, error.value.message) == ('ValidationException', message)


@pytest.mark.parametrize('arn, code, message', [
    ('{table}', 'ValidationException', 'Invalid Import ARN'),
    ('{table}/export/01767225600123-0a1b2c3d', 'ValidationException', 'Invalid Import ARN'),
    ('{table}/import/01767225600123-0a1b2c3d', 'ImportNotFoundException',
     'Import not found: {table}/import/01767225600123-0a1b2c3d'),
    ('arn:aws:dynamodb:us-east-1:000000000000:table/T/import/01767225600123-0a1b2c3d', 'ValidationException',
     'Invalid Import ARN'),
    ('arn:aws:dynamodb:us-east-1:111111111111:table/Gone/import/01767225600123-0a1b2c3d', 'AccessDeniedException',
     'Access is denied'),
], ids=range(5))
def test_describe_what_is_not_there(wire, arn, code, message):
    table = 'arn:aws:dynamodb:us-east-1:000000000000:table/Gone'
    with pytest.raises(Failed) as error:
        wire.call('DescribeImport', {'ImportArn': arn.format(table=table)})
    assert (error.value.code, error.value.message) == (code, message.format(table=table))


def test_what_import_table_does_not_know_is_passed_over(wire, bucket, put, name):
    put('o', line('a'))
    parameters = table_request(name)
    more = {'LocalSecondaryIndexes': 'none', 'StreamSpecification': {'StreamEnabled': True}, 'Tags': [{'Key': 'k', 'Value': 'v'}]}
    ended = run_import(wire, {**parameters, **more}, bucket)
    assert ended['TableCreationParameters'] == parameters
    table = wire.call('DescribeTable', {'TableName': name})['Table']
    assert 'LocalSecondaryIndexes' not in table and 'StreamSpecification' not in table


def test_nothing_read_has_no_size(wire, bucket, name):
    ended = run_import(wire, table_request(name), bucket)
    assert (ended['ImportStatus'], counters(ended)) == ('COMPLETED', (0, 0, 0))
    assert 'ProcessedSizeBytes' not in ended


def test_a_taken_name_goes_before_a_token(wire, bucket, put, name):
    put('o', line('a'))
    run_import(wire, table_request(name), bucket, ClientToken=name)
    create_table(wire, name + '-2')
    with pytest.raises(Failed) as error:
        wire.call('ImportTable', import_request(table_request(name + '-2'), bucket, ClientToken=name))
    assert (error.value.code, error.value.message) == ('ResourceInUseException', f'Table already exists: {name}-2')


def test_lists_survive_the_table(wire, bucket, put, name):
    put('o', line('a'))
    started = []
    for n in range(3):
        ended = run_import(wire, table_request(f'{name}-{n}'), bucket)
        started.append(ended)
    listed = wire.call('ListImports', {'TableArn': started[0]['TableArn']})['ImportSummaryList']
    assert [entry['ImportArn'] for entry in listed] == [started[0]['ImportArn']]
    assert set(listed[0]) == {'ImportArn', 'ImportStatus', 'TableArn', 'S3BucketSource', 'CloudWatchLogGroupArn',
                              'InputFormat', 'StartTime', 'EndTime'}
    wire.call('DeleteTable', {'TableName': f'{name}-0'})
    assert wire.call('ListImports', {'TableArn': started[0]['TableArn']})['ImportSummaryList'] == listed
    found, request = [], {'PageSize': 2}
    while True:
        page = wire.call('ListImports', request)
        assert len(page['ImportSummaryList']) <= 2
        found += [entry['ImportArn'] for entry in page['ImportSummaryList']]
        if 'NextToken' not in page:
            break
        request['NextToken'] = page['NextToken']
    assert len(found) == len(set(found))
    assert {entry['ImportArn'] for entry in started} <= set(found)
    times = [arn.rsplit('/', 1)[1] for arn in found]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize('request_', [{'PageSize': 0}, {'PageSize': 26}, {'PageSize': 1000}, {'NextToken': '0' * 112}])
def test_refused_lists(wire, request_):
    with pytest.raises(Failed) as error:
        wire.call('ListImports', request_)
    assert error.value.code == 'ValidationException'
    if 'NextToken' in request_:
        assert error.value.message == f'Invalid Request: Provided nextToken is invalid: {"0" * 112}'


def test_an_import_in_progress_is_listed_and_counts_nothing(wire, bucket, put, name):
    put('o', ''.join(line(f'{n:06}', text={'S': 'x' * 500}) for n in range(20_000)))
    started = wire.call('ImportTable', import_request(table_request(name), bucket))['ImportTableDescription']
    assert counters(started) == (0, 0, 0)
    assert not {'EndTime', 'FailureCode', 'FailureMessage', 'ProcessedSizeBytes'} & set(started)
    newest = wire.call('ListImports', {'PageSize': 1})['ImportSummaryList'][0]
    assert newest['ImportArn'] == started['ImportArn']
    while True:
        seen = wire.call('DescribeImport', {'ImportArn': started['ImportArn']})['ImportTableDescription']
        if seen['ImportStatus'] != 'IN_PROGRESS':
            break
        assert counters(seen) == (0, 0, 0)
        assert not {'EndTime', 'FailureCode', 'FailureMessage'} & set(seen)
    assert (seen['ImportStatus'], counters(seen)) == ('COMPLETED', (20_000, 20_000, 0))
