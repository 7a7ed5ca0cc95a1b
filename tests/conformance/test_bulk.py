"""Bulk operations: items from S3 into a table that is there and in use."""
import gzip
import json
import re

import pytest

from support.server import Failed, create_table, scan, table_request, until, wait_active
from support.transfers import bulk_request, export, finish_bulk, get, read_reports, run_bulk, run_import


def line(pk, condition=None, **more):
    record = {'Item': {'pk': {'S': pk}, **more}}
    if condition:
        record['ConditionExpression'] = condition
    return json.dumps(record) + '\n'


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def put(s3, bucket):
    def put_object(key, text):
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode() if isinstance(text, str) else text)
    return put_object


@pytest.fixture
def table(wire, name):
    create_table(wire, name, index='color')
    return name


def ids(wire, table, **more):
    return sorted(item['pk']['S'] for item in scan(wire, table, **more))


def counters(description):
    return description['ProcessedItemCount'], description['FailedItemCount']


def test_the_description_from_start_to_end(wire, s3, bucket, put, table):
    put('in/a', line('a') + line('b', color={'S': 'red'}))
    request = bulk_request(table, bucket, 'in/', ClientToken='token-of-' + table)
    started = wire.call('StartBulkPutItems', request)['BulkOperationDescription']
    described = wire.call('DescribeTable', {'TableName': table})['Table']
    assert re.fullmatch(re.escape(described['TableArn']) + r'/bulk-operation/0\d{13}-[0-9a-f]{8}', started['BulkOperationArn'])
    assert started['BulkOperationStatus'] == 'IN_PROGRESS'
    assert 'EndTime' not in started and 'FailureCode' not in started
    ended = finish_bulk(wire, started['BulkOperationArn'])
    size = len(get(s3, bucket, 'in/a'))
    bytes_put = ended['BulkOperationUsage'][0]['BulkPutBytes']
    assert ended.pop('EndTime') >= ended.pop('StartTime')
    assert ended == {
        'BulkOperationArn': started['BulkOperationArn'], 'BulkOperationStatus': 'COMPLETED',
        'TableDetails': [{'TableName': table, 'TableId': described['TableId']}], 'ClientToken': 'token-of-' + table,
        'InputS3Configuration': request['InputS3Configuration'], 'OutputS3Configuration': request['OutputS3Configuration'],
        'ProcessedItemCount': 2, 'ProcessedInputBytes': size, 'TotalInputBytes': size,
        'BulkOperationUsage': [{'TableName': table, 'BulkPutBytes': bytes_put, 'Table': {'BulkPutBytes': bytes_put}}],
        'FailedItemCount': 0, 'PerformanceTier': 'STANDARD'}
    # pk a: 3 bytes; pk b with color red: 3 + 8.
    assert bytes_put == 14
    assert ids(wire, table) == ['a', 'b']
    assert ids(wire, table, IndexName='by-color') == ['b']
    assert read_reports(s3, ended) == {}, 'nothing was refused: there is a manifest alone'


def test_it_goes_through_the_normal_write_path(wire, bucket, put, name):
    """Streams see old and new images, indexes lose what was replaced, time travel sees who wrote."""
    create_table(wire, name, index='color')
    wire.call('UpdateTable', {'TableName': name, 'StreamSpecification': {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}})
    until(lambda: wire.call('DescribeTable', {'TableName': name})['Table']['TableStatus'] == 'ACTIVE', 'the table')
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'a'}, 'color': {'S': 'red'}}})
    put('in/a', line('a', color={'S': 'blue'}))
    assert run_bulk(wire, name, bucket, 'in/')['BulkOperationStatus'] == 'COMPLETED'
    arn = wire.call('DescribeTable', {'TableName': name})['Table']['LatestStreamArn']
    streams = 'DynamoDBStreams_20120810'
    records = []
    for shard in wire.call('DescribeStream', {'StreamArn': arn}, streams)['StreamDescription']['Shards']:
        iterator = wire.call('GetShardIterator', {
            'StreamArn': arn, 'ShardId': shard['ShardId'], 'ShardIteratorType': 'TRIM_HORIZON'}, streams)['ShardIterator']
        records += wire.call('GetRecords', {'ShardIterator': iterator}, streams)['Records']
    images = [(record['eventName'], record['dynamodb'].get('OldImage', {}).get('color'), record['dynamodb']['NewImage']['color'])
              for record in records]
    assert images == [('INSERT', None, {'S': 'red'}), ('MODIFY', {'S': 'red'}, {'S': 'blue'})]
    assert [item['color']['S'] for item in scan(wire, name, IndexName='by-color')] == ['blue']


def test_conditions_and_errors_are_counted_and_reported(wire, s3, bucket, put, table):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': 'old'}, 'n': {'N': '7'}}})
    put('in/a', ''.join([
        line('new', 'attribute_not_exists(pk)'),
        line('old', 'attribute_not_exists(pk)'),
        json.dumps({'Item': {'pk': {'S': 'old'}, 'n': {'N': '8'}}, 'ConditionExpression': '#n = :n',
                    'ExpressionAttributeNames': {'#n': 'n'}, 'ExpressionAttributeValues': {':n': {'N': '7'}}}) + '\n',
        line('gone', 'attribute_exists(pk)'),
        json.dumps({'Item': {'no': {'S': 'key'}}}) + '\n',
        line('bad', 'size('),
        line('typed', color={'N': '1'}),
    ]))
    put('in/b', line('before') + 'junk\n' + line('behind'))
    ended = run_bulk(wire, table, bucket, 'in/')
    # A condition that fails is processed, but not failed.
    assert ended['BulkOperationStatus'] == 'COMPLETED_WITH_ERRORS'
    assert counters(ended) == (9, 4)
    assert 'FailureCode' not in ended
    assert ids(wire, table) == ['before', 'new', 'old']
    assert wire.call('GetItem', {'TableName': table, 'Key': {'pk': {'S': 'old'}}})['Item']['n'] == {'N': '8'}
    reports = read_reports(s3, ended)
    assert [entry['itemS3Pointer']['itemIndex'] for entry in reports['CONDITION_CHECK_FAILURE']] == [1, 3]
    assert reports['CONDITION_CHECK_FAILURE'] == [
        {'itemS3Pointer': {'bucket': bucket, 'key': 'in/a', 'itemIndex': 1},
         'Item': {'pk': {'S': 'old'}}, 'ExistingItem': {'pk': {'S': 'old'}, 'n': {'N': '7'}}},
        {'itemS3Pointer': {'bucket': bucket, 'key': 'in/a', 'itemIndex': 3}, 'Item': {'pk': {'S': 'gone'}}}]
    errors = {(entry['itemS3Pointer']['key'], entry['itemS3Pointer']['itemIndex']): entry['errorMessages'][0]
              for entry in reports['ERROR']}
    assert set(errors) == {('in/a', 4), ('in/a', 5), ('in/a', 6), ('in/b', 1)}
    assert errors['in/a', 4] == 'One or more parameter values were invalid: Missing the key pk in the item'
    assert 'ConditionExpression' in errors['in/a', 5]
    assert errors['in/b', 1] == 'Unexpected token'


def test_conditions_of_ion(wire, s3, bucket, put, table):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': 'old'}, 'n': {'N': '7'}}})
    put('in/a', '''
        {Item:{pk:"old",n:8},ConditionExpression:"#n = :n",ExpressionAttributeNames:{'#n':"n"},ExpressionAttributeValues:{':n':7}}
        {ConditionExpression:"attribute_not_exists(pk)",Item:{pk:"old"}}
        {Item:{pk:"bad"},ConditionExpression:7}
        {Item:{pk:"new"},Comment:"nobody reads this"}''')
    ended = run_bulk(wire, table, bucket, 'in/', InputFormat='ION')
    assert (ended['BulkOperationStatus'], *counters(ended)) == ('COMPLETED_WITH_ERRORS', 4, 1)
    assert ids(wire, table) == ['new', 'old']
    assert wire.call('GetItem', {'TableName': table, 'Key': {'pk': {'S': 'old'}}})['Item']['n'] == {'N': '8'}
    reports = read_reports(s3, ended)
    assert [entry['itemS3Pointer']['itemIndex'] for entry in reports['CONDITION_CHECK_FAILURE']] == [1]
    assert [entry['itemS3Pointer']['itemIndex'] for entry in reports['ERROR']] == [2]


def test_only_the_reports_that_were_asked_for(wire, s3, bucket, put, table):
    put('in/a', line('a', 'attribute_exists(pk)') + '{"Item":{}}\n')
    ended = run_bulk(wire, table, bucket, 'in/', types=['CONDITION_CHECK_FAILURE'])
    assert (ended['BulkOperationStatus'], *counters(ended)) == ('COMPLETED_WITH_ERRORS', 2, 1)
    assert set(read_reports(s3, ended)) == {'CONDITION_CHECK_FAILURE'}


def test_conditions_alone_are_no_errors(wire, s3, bucket, put, table):
    put('in/a', line('a', 'attribute_exists(pk)'))
    ended = run_bulk(wire, table, bucket, 'in/')
    assert (ended['BulkOperationStatus'], *counters(ended)) == ('COMPLETED', 1, 0)


def test_the_later_of_two_items_of_one_key_counts(wire, bucket, put, table):
    put('in/a', ''.join(line('a', n={'N': str(n)}) for n in range(200)))
    assert counters(run_bulk(wire, table, bucket, 'in/')) == (200, 0)
    assert scan(wire, table) == [{'pk': {'S': 'a'}, 'n': {'N': '199'}}]


@pytest.mark.parametrize('input_format, compression, data', [
    ('DYNAMODB_JSON', 'GZIP', gzip.compress(line('a').encode()) + gzip.compress(line('b').encode())),
    ('ION', None, b'{Item:{pk:"a"}}\n{Item:{pk:"b"}}'),
])
def test_formats(wire, bucket, put, table, input_format, compression, data):
    put('in/a', data)
    ended = run_bulk(wire, table, bucket, 'in/', compression, InputFormat=input_format)
    assert ended['BulkOperationStatus'] == 'COMPLETED'
    assert ids(wire, table) == ['a', 'b']


def turned(value):
    """The same JSON, the members of its objects in the reverse order."""
    return {name: turned(member) for name, member in reversed(value.items())} if isinstance(value, dict) else value


def test_tokens(wire, bucket, put, table):
    put('in/a', line('a'))
    request = bulk_request(table, bucket, 'in/', ClientToken='again-' + table)
    arn = wire.call('StartBulkPutItems', request)['BulkOperationDescription']['BulkOperationArn']
    finish_bulk(wire, arn)
    again = wire.call('StartBulkPutItems', request)['BulkOperationDescription']
    assert (again['BulkOperationArn'], again['BulkOperationStatus']) == (arn, 'COMPLETED')
    for same in (turned(request), {**request, 'Unknown': 'member'}):
        assert wire.call('StartBulkPutItems', same)['BulkOperationDescription']['BulkOperationArn'] == arn
    with pytest.raises(Failed) as other:
        wire.call('StartBulkPutItems', bulk_request(table, bucket, 'other/', ClientToken='again-' + table))
    assert other.value.code == 'IdempotentParameterMismatchException'


@pytest.mark.parametrize('where', ['InputS3Configuration', 'OutputS3Configuration'])
def test_a_bucket_that_is_not_there(wire, bucket, put, table, where):
    put('in/a', line('a'))
    request = bulk_request(table, bucket, 'in/')
    request[where]['S3Bucket'] = 'no-such-bucket'
    arn = wire.call('StartBulkPutItems', request)['BulkOperationDescription']['BulkOperationArn']
    ended = finish_bulk(wire, arn)
    assert (ended['BulkOperationStatus'], ended['FailureCode']) == ('FAILED', 'S3NoSuchBucket')
    assert ended['FailureMessage'].startswith('The specified bucket does not exist (Service: Amazon S3; Status Code: 404;')
    assert 'TotalInputBytes' not in ended
    assert ids(wire, table) == [], 'nothing is put that could not be reported on'


def test_cancelling_keeps_what_was_put(wire, shared, bucket, put, table):
    put('in/a', ''.join(line(f'{n:05}') for n in range(20_000)))
    started = wire.call('StartBulkPutItems', bulk_request(table, bucket, 'in/', MaxWriteRequestUnits=1024))
    arn = started['BulkOperationDescription']['BulkOperationArn']

    def describe():
        return wire.call('DescribeBulkOperation', {'BulkOperationArn': arn})['BulkOperationDescription']
    until(lambda: describe()['ProcessedItemCount'] > 0, 'the first items')
    assert wire.call('CancelBulkOperation', {'BulkOperationArn': arn}) == {
        'BulkOperationArn': arn, 'BulkOperationStatus': 'CANCELLING'}
    ended = finish_bulk(wire, arn)
    assert ended['BulkOperationStatus'] == 'CANCELLED'
    assert ended['FailureCode'] == 'Cancelled'
    assert ended['MaxWriteRequestUnits'] == 1024
    assert 0 < ended['ProcessedItemCount'] < 20_000
    # Lines have some 31 bytes, and are read a block at a time.
    assert ended['TotalInputBytes'] == sum(len(line(f'{n:05}')) for n in range(20_000))
    seen = ended['ProcessedItemCount'] * len(line('00000'))
    assert seen - (64 << 10) < ended['ProcessedInputBytes'] <= seen
    assert len(ids(wire, table)) == ended['ProcessedItemCount']
    with pytest.raises(Failed) as late:
        wire.call('CancelBulkOperation', {'BulkOperationArn': arn})
    assert late.value.code == 'ValidationException'


MANY = 60_000  # at 1,024 a second: a minute


@pytest.fixture
def paced(own_server):
    """A bulk operation that has begun: one small block of compressed bytes that holds all of its records."""
    wire, s3 = own_server.wire(), own_server.client('s3')
    s3.create_bucket(Bucket='lake')
    create_table(wire, 'live')
    s3.put_object(Bucket='lake', Key='in/a', Body=gzip.compress(''.join(line(f'{n:05}') for n in range(MANY)).encode()))
    arn = wire.call('StartBulkPutItems', bulk_request('live', 'lake', 'in/', 'GZIP', MaxWriteRequestUnits=1024))[
        'BulkOperationDescription']['BulkOperationArn']
    until(lambda: described(wire, arn)['ProcessedItemCount'] > 0, 'the first items')
    wire.close()
    return own_server, arn


def described(wire, arn):
    return wire.call('DescribeBulkOperation', {'BulkOperationArn': arn})['BulkOperationDescription']


def test_a_cancelled_operation_does_not_put_what_is_left(paced):
    server, arn = paced
    wire = server.wire()
    wire.call('CancelBulkOperation', {'BulkOperationArn': arn})
    ended = finish_bulk(wire, arn)
    assert ended['BulkOperationStatus'] == 'CANCELLED'
    assert 0 < ended['ProcessedItemCount'] < MANY / 2
    assert 0 <= ended['ProcessedInputBytes'] < ended['TotalInputBytes']
    assert len(ids(wire, 'live')) == ended['ProcessedItemCount']
    wire.close()


def test_a_server_that_stops_does_not_put_what_is_left(paced):
    server, arn = paced
    server.terminate()
    server.start()
    wire = server.wire()
    first = described(wire, arn)
    assert first['BulkOperationStatus'] == 'IN_PROGRESS'
    assert first['ProcessedItemCount'] < MANY / 2
    until(lambda: described(wire, arn)['ProcessedItemCount'] > max(64, first['ProcessedItemCount']), 'it goes on')
    wire.call('CancelBulkOperation', {'BulkOperationArn': arn})
    ended = finish_bulk(wire, arn)
    assert len(ids(wire, 'live')) == ended['ProcessedItemCount'] < MANY / 2
    wire.close()


def test_paced_operations_hold_up_nobody_else(own_server):
    """More of them than may run at a time: neither other jobs nor operations without a rate wait for any."""
    wire, s3 = own_server.wire(), own_server.client('s3')
    s3.create_bucket(Bucket='lake')
    s3.put_object(Bucket='lake', Key='many/a', Body=gzip.compress(''.join(line(f'{n:05}') for n in range(MANY)).encode()))
    s3.put_object(Bucket='lake', Key='one/a', Body=line('a').encode())
    create_table(wire, 'small', pitr=True)
    wire.call('PutItem', {'TableName': 'small', 'Item': {'pk': {'S': 'a'}}})
    paced = []
    for n in range(6):
        create_table(wire, f'live{n}')
        paced.append(wire.call('StartBulkPutItems', bulk_request(f'live{n}', 'lake', 'many/', 'GZIP', MaxWriteRequestUnits=1024))[
            'BulkOperationDescription']['BulkOperationArn'])
    until(lambda: described(wire, paced[3])['ProcessedItemCount'], 'the fourth')
    arn = wire.call('DescribeTable', {'TableName': 'small'})['Table']['TableArn']
    assert export(wire, arn, 'lake')['ExportStatus'] == 'COMPLETED'
    assert run_import(wire, table_request('imported'), 'lake', 'one/')['ImportStatus'] == 'COMPLETED'
    wire.call('RestoreTableToPointInTime', {
        'SourceTableName': 'small', 'TargetTableName': 'restored', 'UseLatestRestorableTime': True})
    wait_active(wire, 'restored')
    assert run_bulk(wire, 'small', 'lake', 'one/')['BulkOperationStatus'] == 'COMPLETED'
    assert {described(wire, arn)['BulkOperationStatus'] for arn in paced} == {'IN_PROGRESS'}
    assert described(wire, paced[5])['ProcessedItemCount'] == 0, 'it waits for one of the others'
    for arn in reversed(paced):
        wire.call('CancelBulkOperation', {'BulkOperationArn': arn})
    assert {finish_bulk(wire, arn)['BulkOperationStatus'] for arn in paced} == {'CANCELLED'}
    wire.close()


def test_an_index_that_is_added_meanwhile_judges_what_comes_behind(wire, s3, bucket, put, name):
    create_table(wire, name)
    put('in/a', ''.join(line(f'{n:05}', color={'N': '1'}) for n in range(5_000)))
    arn = wire.call('StartBulkPutItems', bulk_request(name, bucket, 'in/', MaxWriteRequestUnits=1024))[
        'BulkOperationDescription']['BulkOperationArn']
    until(lambda: described(wire, arn)['ProcessedItemCount'], 'the first items')
    wire.call('UpdateTable', {
        'TableName': name,
        'AttributeDefinitions': [{'AttributeName': key, 'AttributeType': 'S'} for key in ('pk', 'color')],
        'GlobalSecondaryIndexUpdates': [{'Create': {
            'IndexName': 'by-color', 'KeySchema': [{'AttributeName': 'color', 'KeyType': 'HASH'}],
            'Projection': {'ProjectionType': 'ALL'}}}]})
    before = described(wire, arn)['ProcessedItemCount']
    with pytest.raises(Failed) as refused:
        wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'x'}, 'color': {'N': '1'}}})
    ended = finish_bulk(wire, arn)
    assert ended['BulkOperationStatus'] == 'COMPLETED_WITH_ERRORS'
    items = len(ids(wire, name))
    assert counters(ended) == (5_000, 5_000 - items)
    # One batch may have been put that was not counted yet.
    assert 0 < items <= before + 64 < 5_000
    errors = read_reports(s3, ended)['ERROR']
    assert [entry['itemS3Pointer']['itemIndex'] for entry in errors] == list(range(items, 5_000))
    assert {entry['errorMessages'][0] for entry in errors} == {refused.value.message}


def test_the_table_deleted_in_the_middle(wire, bucket, put, table):
    put('in/a', ''.join(line(f'{n:05}') for n in range(20_000)))
    arn = wire.call('StartBulkPutItems', bulk_request(
        table, bucket, 'in/', MaxWriteRequestUnits=1024))['BulkOperationDescription']['BulkOperationArn']
    until(lambda: wire.call('DescribeBulkOperation', {'BulkOperationArn': arn})['BulkOperationDescription']['ProcessedItemCount'], 'items')
    wire.call('DeleteTable', {'TableName': table})
    ended = finish_bulk(wire, arn)
    assert (ended['BulkOperationStatus'], ended['FailureCode']) == ('FAILED', 'TableNotFound')
    assert ended['ProcessedItemCount'] > 0
    assert ended['TotalInputBytes'] == sum(len(line(f'{n:05}')) for n in range(20_000))


@pytest.mark.parametrize('change, code, message', [
    ({'TableName': 'no-such-table'}, 'ResourceNotFoundException', 'Requested resource not found'),
    ({'MaxWriteRequestUnits': 1023}, 'ValidationException', "at 'maxWriteRequestUnits' failed to satisfy constraint"),
    ({'PerformanceTier': 'FAST'}, 'ValidationException', "at 'performanceTier' failed to satisfy constraint"),
    ({'OutputS3Configuration': None}, 'ValidationException', "Value null at 'outputS3Configuration' failed"),
])
def test_refused_at_once(wire, bucket, table, change, code, message):
    with pytest.raises(Failed) as refused:
        wire.call('StartBulkPutItems', {**bulk_request(table, bucket), **change})
    assert refused.value.code == code
    assert message in refused.value.message


def test_listing(own_server):
    wire, s3 = own_server.wire(), own_server.client('s3')
    assert wire.call('ListBulkOperations', {}) == {'BulkOperationsSummaryList': []}
    s3.create_bucket(Bucket='lake')
    create_table(wire, 'listed')
    arns = [run_bulk(wire, 'listed', 'lake', 'in/')['BulkOperationArn'] for _ in range(3)]
    page = wire.call('ListBulkOperations', {'MaxResults': 2})
    assert [entry['BulkOperationArn'] for entry in page['BulkOperationsSummaryList']] == arns[:0:-1]
    assert set(page['BulkOperationsSummaryList'][0]) == {'BulkOperationArn', 'BulkOperationStatus', 'StartTime', 'EndTime'}
    rest = wire.call('ListBulkOperations', {'NextToken': page['NextToken']})
    assert [entry['BulkOperationArn'] for entry in rest['BulkOperationsSummaryList']] == arns[:1]
    with pytest.raises(Failed) as unknown:
        wire.call('DescribeBulkOperation', {'BulkOperationArn': arns[0][:-8] + '00000000'})
    assert unknown.value.code == 'ResourceNotFoundException'
    wire.close()
