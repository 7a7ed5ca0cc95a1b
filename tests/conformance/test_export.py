"""Full exports: the request and its refusals, the objects byte for byte, and which writes are in."""
import base64
import datetime
import gzip
import hashlib
import json
import re
import threading
import time

import pytest

from support.clock import Clock
from support.server import ACCOUNT, Failed, create_table, running, scan, set_pitr, until
from support.transfers import export, finish_export, get, keys, read_export

EMPTY_GZIP = bytes.fromhex('1f8b08000000000000ff03000000000000000000')
ITEMS = [
    {'pk': {'S': 'b'}, 'sk': {'N': '2'}, 'z': {'SS': ['b', 'a']}, 'a': {'NULL': True}, 'text': {'S': 'Zürich "x"\\\n\u0001/'}},
    {'pk': {'S': 'b'}, 'sk': {'N': '-1.5'}, 'n': {'NS': ['10', '9', '-1']}, 'B': {'B': 'AAH/'}, 'e': {'S': ''}},
    {'pk': {'S': 'c'}, 'sk': {'N': '0'}, 'm': {'M': {'z': {'L': []}, 'a': {'BOOL': False}}}},
]


@pytest.fixture(scope='module', autouse=True)
def bucket(s3):
    s3.create_bucket(Bucket='exports')
    return 'exports'


@pytest.fixture(scope='module')
def orders(shared):
    """The ARN of a table with three items and recovery on."""
    wire = shared.wire()
    arn = create_table(wire, 'Orders', sort_key='sk', pitr=True)
    for item in ITEMS:
        wire.call('PutItem', {'TableName': 'Orders', 'Item': item})
    wire.close()
    return arn


def start(wire, arn, **more):
    return wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'exports', **more})['ExportDescription']


def iso(seconds):
    moment = datetime.datetime.fromtimestamp(round(seconds * 1000) // 1000, datetime.timezone.utc)
    return f'{moment:%Y-%m-%dT%H:%M:%S}.{round(seconds * 1000) % 1000:03}Z'


def etag_of(data):
    return hashlib.md5(hashlib.md5(data).digest()).hexdigest() + '-1'


def test_the_description_from_start_to_end(wire, orders):
    started = start(wire, orders, S3Prefix='described/')
    match = re.fullmatch(re.escape(orders) + r'/export/(0\d{13})-[0-9a-f]{8}', started['ExportArn'])
    assert int(match[1]) == round(started['StartTime'] * 1000)
    at_once = wire.call('DescribeExport', {'ExportArn': started['ExportArn']})['ExportDescription']
    always = {'ExportArn', 'ExportStatus', 'StartTime', 'TableArn', 'TableId', 'ExportTime', 'ClientToken', 'S3Bucket',
              'S3Prefix', 'S3SseAlgorithm', 'ExportFormat', 'DestinationType'}
    assert set(started) == always
    assert {name: at_once[name] for name in always - {'ExportStatus'}} == {
        name: started[name] for name in always - {'ExportStatus'}}
    ended = finish_export(wire, started['ExportArn'])
    assert set(ended) == always | {'EndTime', 'ExportManifest', 'BilledSizeBytes', 'ItemCount'}
    assert ended['S3Prefix'] == 'described/', 'as sent'
    assert ended['ExportTime'] == ended['StartTime'] <= ended['EndTime']
    assert (ended['ExportStatus'], ended['ItemCount'], ended['ExportFormat'], ended['S3SseAlgorithm']) == (
        'COMPLETED', 3, 'DYNAMODB_JSON', 'AES256')


def test_the_objects_byte_for_byte(wire, s3, orders):
    ended = export(wire, orders, 'exports', S3Prefix='bytes')
    export_id = ended['ExportArn'].rsplit('/', 1)[1]
    folder = f'bytes/AWSDynamoDB/{export_id}/'
    assert ended['ExportManifest'] == folder + 'manifest-summary.json'
    found = keys(s3, 'exports', 'bytes')
    data_keys = [key for key in found if key.startswith(folder + 'data/')]
    assert sorted(set(found) - set(data_keys)) == [folder + name for name in (
        '_started', 'manifest-files.json', 'manifest-files.md5', 'manifest-summary.json', 'manifest-summary.md5')]
    assert get(s3, 'exports', folder + '_started') == b''
    assert len(data_keys) == 4
    for key in data_keys:
        assert re.fullmatch(re.escape(folder) + r'data/[a-z2-7]{26}\.json\.gz', key)

    lines = {}
    for line in get(s3, 'exports', folder + 'manifest-files.json').decode().split('\n')[:-1]:
        entry = json.loads(line)
        assert line == json.dumps(entry, separators=(',', ':'))
        assert list(entry) == ['itemCount', 'md5Checksum', 'etag', 'dataFileS3Key']
        lines[entry['dataFileS3Key']] = entry
    assert set(lines) == set(data_keys)
    text = b''
    for key, entry in lines.items():
        stored = s3.get_object(Bucket='exports', Key=key)
        data = stored['Body'].read()
        assert stored['ETag'] == f'"{etag_of(data)}"' == f'"{entry["etag"]}"'
        assert 'ContentEncoding' not in stored
        assert base64.b64encode(hashlib.md5(data).digest()).decode() == entry['md5Checksum']
        if entry['itemCount'] == 0:
            assert data == EMPTY_GZIP
        assert data[:10] == EMPTY_GZIP[:10]
        text += gzip.decompress(data)
    assert sorted(text.decode().splitlines(keepends=True)) == sorted([
        '{"Item":{"a":{"NULL":true},"pk":{"S":"b"},"sk":{"N":"2"},"text":{"S":"Zürich \\"x\\"\\\\\\n\\u0001/"},'
        '"z":{"SS":["a","b"]}}}\n',
        '{"Item":{"B":{"B":"AAH/"},"e":{"S":""},"n":{"NS":["-1","9","10"]},"pk":{"S":"b"},"sk":{"N":"-1.5"}}}\n',
        '{"Item":{"m":{"M":{"a":{"BOOL":false},"z":{"L":[]}}},"pk":{"S":"c"},"sk":{"N":"0"}}}\n'])

    expected = {
        'version': '2020-06-30', 'exportArn': ended['ExportArn'], 'startTime': iso(ended['StartTime']),
        'endTime': iso(ended['EndTime']), 'tableArn': orders, 'tableId': ended['TableId'],
        'exportTime': iso(ended['ExportTime']), 's3Bucket': 'exports', 's3Prefix': 'bytes', 's3SseAlgorithm': 'AES256',
        's3SseKmsKeyId': None, 'manifestFilesS3Key': folder + 'manifest-files.json',
        'billedSizeBytes': ended['BilledSizeBytes'], 'itemCount': 3, 'outputFormat': 'DYNAMODB_JSON'}
    summary = get(s3, 'exports', ended['ExportManifest'])
    assert summary.decode() == json.dumps(expected, separators=(',', ':'))
    for name in ('manifest-files', 'manifest-summary'):
        digest = hashlib.md5(get(s3, 'exports', f'{folder}{name}.json')).digest()
        assert get(s3, 'exports', f'{folder}{name}.md5') == base64.b64encode(digest)
        etag = s3.head_object(Bucket='exports', Key=f'{folder}{name}.json')['ETag']
        assert etag == f'"{etag_of(get(s3, "exports", f"{folder}{name}.json"))}"'


@pytest.mark.parametrize('prefix, folder', [
    (None, 'AWSDynamoDB/'), ('p', 'p/AWSDynamoDB/'), ('p/', 'p/AWSDynamoDB/'), ('a b/ü', 'a b/ü/AWSDynamoDB/'),
    ('/lead', '/lead/AWSDynamoDB/'),
])
def test_prefixes(wire, s3, orders, prefix, folder):
    more = {} if prefix is None else {'S3Prefix': prefix}
    ended = export(wire, orders, 'exports', **more)
    export_id = ended['ExportArn'].rsplit('/', 1)[1]
    assert ended['ExportManifest'] == f'{folder}{export_id}/manifest-summary.json'
    assert ended.get('S3Prefix') == prefix
    assert json.loads(get(s3, 'exports', ended['ExportManifest']))['s3Prefix'] == prefix
    assert len(read_export(s3, ended)) == 3
    assert len(keys(s3, 'exports', f'{folder}{export_id}/')) == 9


def test_an_empty_table(wire, s3, name):
    ended = export(wire, create_table(wire, name, pitr=True), 'exports', S3Prefix=name)
    assert read_export(s3, ended) == []
    data = [key for key in keys(s3, 'exports', name) if '/data/' in key]
    assert [get(s3, 'exports', key) for key in data] == [EMPTY_GZIP] * 4


def test_many_items_each_once(wire, s3, name):
    arn = create_table(wire, name, sort_key='sk', pitr=True)
    for n in range(0, 2000, 25):
        wire.call('BatchWriteItem', {'RequestItems': {name: [
            {'PutRequest': {'Item': {'pk': {'S': f'p{k % 300}'}, 'sk': {'N': str(k)}}}} for k in range(n, n + 25)]}})
    items = read_export(s3, export(wire, arn, 'exports', S3Prefix=name))
    assert sorted(int(item['sk']['N']) for item in items) == list(range(2000))


INVALID_TIME = 'InvalidExportTimeException'
REFUSED = [
    ('bare name', {'TableArn': 'Orders'}, 'ValidationException',
     'One or more parameter values were invalid: tableArn is not a valid ARN'),
    ('index', {'TableArn': '{arn}/index/i'}, 'ValidationException', 'Invalid Request: Table ARN is invalid.'),
    ('other account', {'TableArn': 'arn:aws:dynamodb:us-east-1:111111111111:table/Orders'}, 'AccessDeniedException',
     'Access is denied'),
    ('missing table', {'TableArn': '{arn}Missing'}, 'TableNotFoundException', 'Table not found: {arn}Missing'),
    ('bucket ARN', {'S3Bucket': 'arn:aws:s3:::exports'}, 'ValidationException',
     "1 validation error detected: Value 'arn:aws:s3:::exports' at 's3Bucket' failed to satisfy constraint: Member must "
     r'satisfy regular expression pattern: ^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$'),
    ('no bucket', {'S3Bucket': None}, 'ValidationException',
     "1 validation error detected: Value null at 's3Bucket' failed to satisfy constraint: Member must not be null"),
    ('key without KMS', {'S3SseKmsKeyId': 'alias/k'}, 'ValidationException',
     'Invalid Request: KMS Key Id is not supported for this encryption type'),
    ('window without type', {'IncrementalExportSpecification': {}}, 'ValidationException',
     'Invalid Request: Export Type expected to be Incremental Export when incremental export specification is provided'),
    ('window of a full export', {'ExportType': 'FULL_EXPORT', 'IncrementalExportSpecification': {}}, 'ValidationException',
     'Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be provided'),
    ('no window', {'ExportType': 'INCREMENTAL_EXPORT'}, 'ValidationException',
     'Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export'),
    ('future', {'ExportTime': 5}, INVALID_TIME, 'Export Time is invalid'),
    ('before the table', {'ExportTime': -3600}, INVALID_TIME, 'Export Time is invalid'),
]


@pytest.mark.parametrize('change, code, message', [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused_requests(wire, orders, change, code, message):
    request = {'TableArn': orders, 'S3Bucket': 'exports', **change}
    request['TableArn'] = request['TableArn'].format(arn=orders)
    if 'ExportTime' in request:
        request['ExportTime'] += time.time()
    with pytest.raises(Failed) as error:
        wire.call('ExportTableToPointInTime', request)
    assert (error.value.status, error.value.code, error.value.message) == (400, code, message.format(arn=orders))


def test_recovery_must_be_on(wire, name):
    arn = create_table(wire, name)
    with pytest.raises(Failed) as error:
        start(wire, arn, S3Bucket='no-such-bucket')
    assert (error.value.code, error.value.message) == (
        'PointInTimeRecoveryUnavailableException', f"Point in time recovery is not enabled for table '{name}'")


def test_a_time_before_recovery_was_on(wire, name):
    arn = create_table(wire, name)
    created = wire.call('DescribeTable', {'TableName': name})['Table']['CreationDateTime']
    until(lambda: time.time() > created + 1.5, 'a time after the creation')
    moment = time.time()
    until(lambda: time.time() > moment + 1, 'a time after that')
    set_pitr(wire, name, True)
    with pytest.raises(Failed) as error:
        start(wire, arn, ExportTime=moment)
    assert (error.value.code, error.value.message) == (
        INVALID_TIME, 'Point in Time Recovery is not available for specified export time')


@pytest.mark.parametrize('arn, code, message', [
    ('{table}', 'ValidationException', 'Invalid Export ARN'),
    ('{table}/import/01767225600123-0a1b2c3d', 'ValidationException', 'Invalid Export ARN'),
    ('x' * 40, 'ValidationException', 'Invalid Export ARN'),
    ('{table}/export/01767225600123-0a1b2c3d', 'ExportNotFoundException',
     'Export not found: Export not found: {table}/export/01767225600123-0a1b2c3d'),
    ('arn:aws:dynamodb:us-east-1:111111111111:table/Orders/export/01767225600123-0a1b2c3d', 'AccessDeniedException',
     'Access is denied'),
    ('arn:aws:dynamodb:eu-west-1:' + ACCOUNT + ':table/Orders/export/01767225600123-0a1b2c3d',
     'ExportNotFoundException', 'Export not found: Invalid export arn'),
], ids=range(6))
def test_describe_what_is_not_there(wire, orders, arn, code, message):
    with pytest.raises(Failed) as error:
        wire.call('DescribeExport', {'ExportArn': arn.format(table=orders)})
    assert (error.value.code, error.value.message) == (code, message.format(table=orders))


def test_a_missing_bucket_fails_the_job(wire, orders):
    failed = export(wire, orders, 'no-such-bucket')
    assert (failed['ExportStatus'], failed['FailureCode']) == ('FAILED', 'S3NoSuchBucket')
    assert re.fullmatch(
        r'The specified bucket does not exist \(Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; '
        r'Request ID: [0-9A-Z]{16}; S3 Extended Request ID: [A-Za-z0-9+/=]+; Proxy: null\)', failed['FailureMessage'])
    assert {'ExportManifest', 'ItemCount', 'EndTime'}.isdisjoint(failed)


def test_client_tokens(wire, name):
    arn = create_table(wire, name, pitr=True)
    first = start(wire, arn, ClientToken=name)
    assert start(wire, arn, ClientToken=name)['ExportArn'] == first['ExportArn']
    finish_export(wire, first['ExportArn'])
    again = start(wire, arn, ClientToken=name)
    assert (again['ExportArn'], again['ExportStatus']) == (first['ExportArn'], 'COMPLETED')
    for change in [{'S3Prefix': 'other'}, {'S3Bucket': 'other-bucket'}, {'S3SseAlgorithm': 'KMS'}]:
        with pytest.raises(Failed) as error:
            start(wire, arn, ClientToken=name, **change)
        assert (error.value.code, error.value.message) == (
            'ExportConflictException', 'Export conflict: Duplicate request detected with conflicting parameters')
    one, two = start(wire, arn), start(wire, arn)
    assert one['ExportArn'] != two['ExportArn']
    assert one['ClientToken'] != two['ClientToken']
    other = create_table(wire, name + '-2', pitr=True)
    with pytest.raises(Failed) as error:
        start(wire, other, ClientToken=name)
    assert error.value.code == 'ExportConflictException'
    wire.call('DeleteTable', {'TableName': name})
    with pytest.raises(Failed) as error:
        until(lambda: start(wire, arn, ClientToken=name) is None, 'the table to be gone')
    assert error.value.code == 'TableNotFoundException'


def test_a_repeated_request_is_not_judged_again(wire, name):
    """By recorded answers a token that comes back with the same parameters answers its export."""
    arn = create_table(wire, name, pitr=True)
    enabled = time.time()
    until(lambda: time.time() > enabled + 0.003, 'the next milliseconds')
    requests = [{'ClientToken': name + '-now'},
                {'ClientToken': name + '-then', 'ExportTime': round(enabled + 0.0015, 6)}]
    exports = [start(wire, arn, **request)['ExportArn'] for request in requests]
    set_pitr(wire, name, False)
    for on in (False, True):
        if on:
            set_pitr(wire, name, True)
        assert [start(wire, arn, **request)['ExportArn'] for request in requests] == exports
        with pytest.raises(Failed) as error:
            start(wire, arn, **{**requests[0], 'S3Prefix': 'other'})
        assert error.value.code == 'ExportConflictException'
        if not on:
            with pytest.raises(Failed) as error:
                start(wire, arn, ClientToken=name + '-new')
            assert error.value.code == 'PointInTimeRecoveryUnavailableException'


def filtered(bytes):
    """A filter whose names and values come to that."""
    return {'FilterExpression': '#v = :v', 'ExpressionAttributeNames': {'#v': 'v'},
            'ExpressionAttributeValues': {':v': {'S': 'x' * (bytes - 1)}}}


def test_the_values_of_a_filter_have_2_mb_at_most(wire, name):
    arn = create_table(wire, name, pitr=True)
    largest = filtered(2 << 20)
    started = start(wire, arn, FilterSpecification={**largest, 'Unknown': 'x' * 1000}, ClientToken=name)
    assert started['FilterSpecification'] == largest
    assert start(wire, arn, FilterSpecification=largest, ClientToken=name)['ExportArn'] == started['ExportArn']
    other = {**largest, 'ExpressionAttributeValues': {':v': {'S': 'y' * ((2 << 20) - 1)}}}
    with pytest.raises(Failed) as error:
        start(wire, arn, FilterSpecification=other, ClientToken=name)
    assert error.value.code == 'ExportConflictException'
    assert finish_export(wire, started['ExportArn'])['ExportStatus'] == 'COMPLETED'
    with pytest.raises(Failed) as error:
        start(wire, arn, FilterSpecification=filtered((2 << 20) + 1))
    assert (error.value.status, error.value.code) == (400, 'ValidationException')


def test_large_filters_leave_room_for_few_exports_at_a_time():
    with running(args=['--export-duration', 'PT1H']) as server:
        wire = server.wire()
        server.client('s3', endpoint=server.s3_endpoint).create_bucket(Bucket='lake')
        arn = create_table(wire, 'tab', pitr=True)
        request = {'TableArn': arn, 'S3Bucket': 'lake', 'FilterSpecification': filtered(2 << 20)}
        with pytest.raises(Failed) as error:
            for _ in range(20):
                wire.call('ExportTableToPointInTime', request)
        assert error.value.code == 'LimitExceededException'
        assert len(wire.call('ListExports', {'TableArn': arn, 'MaxResults': 25})['ExportSummaries']) >= 10
        # When they are over, there is room again.
        Clock(server.endpoint).change(advance='PT1H')
        wire.call('ExportTableToPointInTime', request)
        wire.close()


def test_lists_are_paged_newest_first(wire, name):
    arn = create_table(wire, name, pitr=True)
    started = []
    for n in range(12):
        started.append(start(wire, arn, S3Prefix=name)['ExportArn'])
        finish_export(wire, started[-1])
    newest_first = sorted(started, reverse=True)
    first = wire.call('ListExports', {'TableArn': arn})
    assert [entry['ExportArn'] for entry in first['ExportSummaries']] == newest_first[:10]
    assert first['ExportSummaries'][0] == {
        'ExportArn': newest_first[0], 'ExportStatus': 'COMPLETED', 'ExportType': 'FULL_EXPORT'}
    assert re.fullmatch('([0-9a-f]{16})+', first['NextToken'])
    rest = wire.call('ListExports', {'TableArn': arn, 'NextToken': first['NextToken']})
    assert [entry['ExportArn'] for entry in rest['ExportSummaries']] == newest_first[10:]
    assert 'NextToken' not in rest
    found, request = [], {'TableArn': arn, 'MaxResults': 5}
    while True:
        page = wire.call('ListExports', request)
        found += [entry['ExportArn'] for entry in page['ExportSummaries']]
        if 'NextToken' not in page:
            break
        request['NextToken'] = page['NextToken']
    assert found == newest_first
    with pytest.raises(Failed) as error:
        wire.call('ListExports', {'TableArn': arn, 'NextToken': 'foreign'})
    assert (error.value.code, error.value.message) == (
        'ValidationException', 'Invalid Request: Provided nextToken is invalid: foreign')

    wire.call('DeleteTable', {'TableName': name})
    until(lambda: wire.call('ListExports', {'TableArn': arn})['ExportSummaries'] == [], 'the list to be empty')
    assert wire.call('DescribeExport', {'ExportArn': started[0]})['ExportDescription']['ExportStatus'] == 'COMPLETED'


class Writers:
    """Threads of which each counts up, first in item a<i>, then in item b<i>."""

    def __init__(self, server, table, count):
        self.tried = [0] * count
        self.acknowledged = [0] * count
        self._stop = False
        self._errors = []
        self._threads = [threading.Thread(target=self._run, args=[server, table, i]) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, server, table, i):
        wire = server.wire()
        try:
            while not self._stop:
                n = self.tried[i] + 1
                for side in 'ab':
                    self.tried[i] = n
                    wire.call('UpdateItem', {
                        'TableName': table, 'Key': {'pk': {'S': f'{side}{i}'}}, 'UpdateExpression': 'SET n = :n',
                        'ExpressionAttributeValues': {':n': {'N': str(n)}}})
                self.acknowledged[i] = n
        except Exception as error:
            self._errors.append(error)

    def stop(self):
        self._stop = True
        for thread in self._threads:
            thread.join()
        assert self._errors == []


def test_an_export_beside_writers_is_one_moment(shared, wire, s3, name):
    """Every write acknowledged before the request is in, none begun after the answer, and of two writes one after
    the other never only the second."""
    arn = create_table(wire, name, pitr=True)
    writers = Writers(shared, name, 4)
    try:
        until(lambda: min(writers.acknowledged) > 3, 'the writers')
        rounds = []
        for _ in range(8):
            before = list(writers.acknowledged)
            started = start(wire, arn, S3Prefix=name)
            rounds.append((before, list(writers.tried), started['ExportArn']))
            until(lambda: all(now > then for now, then in zip(writers.acknowledged, before)), 'more writes')
        for before, after, export_arn in rounds:
            counters = {item['pk']['S']: int(item['n']['N'])
                        for item in read_export(s3, finish_export(wire, export_arn))}
            for i in range(4):
                a, b = counters[f'a{i}'], counters[f'b{i}']
                assert before[i] <= b <= a <= after[i]
                assert a - b <= 1
    finally:
        writers.stop()


def test_the_export_time_of_now_can_be_asked_for_again(shared, wire, s3, name):
    """What an export of now wrote is what an export of its time writes later."""
    arn = create_table(wire, name, pitr=True)
    writers = Writers(shared, name, 2)
    try:
        until(lambda: min(writers.acknowledged) > 3, 'the writers')
        first = export(wire, arn, 'exports', S3Prefix=name)
        seen = list(writers.acknowledged)
        until(lambda: all(now > then for now, then in zip(writers.acknowledged, seen)), 'more writes')
        second = export(wire, arn, 'exports', S3Prefix=name, ExportTime=first['ExportTime'])
    finally:
        writers.stop()
    assert second['ExportTime'] == first['ExportTime'] < second['StartTime']

    def content(description):
        return sorted(map(json.dumps, read_export(s3, description)))
    assert content(first) == content(second)
    assert content(first) != sorted(map(json.dumps, scan(wire, name)))


def test_deleting_the_table_does_not_stop_the_export(wire, s3, name):
    arn = create_table(wire, name, pitr=True)
    for n in range(0, 500, 25):
        wire.call('BatchWriteItem', {'RequestItems': {name: [
            {'PutRequest': {'Item': {'pk': {'S': str(k)}, 'text': {'S': 'x' * 1000}}}} for k in range(n, n + 25)]}})
    started = start(wire, arn, S3Prefix=name)
    wire.call('DeleteTable', {'TableName': name})
    assert len(read_export(s3, finish_export(wire, started['ExportArn']))) == 500
