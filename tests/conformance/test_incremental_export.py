"""Incremental exports: windows and their refusals, the objects byte for byte, what a window shows; filters; Ion."""
import datetime
import gzip
import json
import random
import re
import urllib.request

import pytest

from support.clock import Clock
from support.increments import apply_changes, by_key, read_changes
from support.server import Failed, create_table, running, scan, set_pitr
from support.transfers import export, finish_export, get, keys, read_export

SEED = 20260102
INVALID_TIME = 'InvalidExportTimeException'


@pytest.fixture(scope='module')
def server():
    """With a clock that the tests move; the bucket `lake` is there."""
    with running() as started:
        started.client('s3', endpoint=started.s3_endpoint).create_bucket(Bucket='lake')
        yield started


@pytest.fixture(scope='module')
def clock(server):
    return Clock(server.endpoint)


@pytest.fixture
def wire(server):
    connection = server.wire()
    yield connection
    connection.close()


@pytest.fixture(scope='module')
def s3(server):
    return server.client('s3', endpoint=server.s3_endpoint)


def second(clock):
    """A whole second between all writes before and all behind it."""
    clock.change(advance='PT2S')
    return int(clock.now().timestamp()) - 1


def window(begin, end=None, view=None):
    specification = {'ExportFromTime': begin}
    if end is not None:
        specification['ExportToTime'] = end
    if view:
        specification['ExportViewType'] = view
    return {'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': specification}


def start(wire, arn, **more):
    return wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake', **more})['ExportDescription']


def put(wire, table, key, **attributes):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': key}, **attributes}})


def delete(wire, table, key):
    wire.call('DeleteItem', {'TableName': table, 'Key': {'pk': {'S': key}}})


def iso(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f'{moment:%Y-%m-%dT%H:%M:%S}'


def lines_of(s3, description):
    """The lines of all data files, as they are."""
    summary = json.loads(get(s3, 'lake', description['ExportManifest']))
    entries = get(s3, 'lake', summary['manifestFilesS3Key']).splitlines()
    return b''.join(gzip.decompress(get(s3, 'lake', json.loads(entry)['dataFileS3Key'])) for entry in entries).decode()


def changed_table(wire, clock, name):
    """A table in which every kind of net effect happens in a window; its ARN and the window."""
    arn = create_table(wire, name, pitr=True)
    for key in ('changes', 'deleted', 'again', 'untouched', 'same'):
        put(wire, name, key, v={'N': '1'})
    begin = second(clock)
    clock.change(advance='PT15M')
    put(wire, name, 'new', v={'N': '2'}, a={'SS': ['b', 'a']})
    put(wire, name, 'changes', v={'N': '2'})
    put(wire, name, 'changes', v={'N': '3'})
    delete(wire, name, 'deleted')
    delete(wire, name, 'again')
    put(wire, name, 'again', v={'N': '4'})
    put(wire, name, 'passing', v={'N': '5'})
    delete(wire, name, 'passing')
    put(wire, name, 'same', v={'N': '1'})
    delete(wire, name, 'never there')
    end = second(clock)
    for key in ('new', 'changes', 'untouched', 'later'):
        put(wire, name, key, v={'N': '9'})
    delete(wire, name, 'again')
    clock.change(advance='PT2S')
    return arn, begin, end


def image(key, value, **more):
    return {**more, 'pk': {'S': key}, 'v': {'N': value}}


NET_EFFECTS = {
    'new': (None, image('new', '2', a={'SS': ['a', 'b']})),
    'changes': (image('changes', '1'), image('changes', '3')),
    'deleted': (image('deleted', '1'), None),
    'again': (image('again', '1'), image('again', '4')),
    'same': (image('same', '1'), image('same', '1')),
}


@pytest.mark.parametrize('view', ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE'])
def test_net_effects(wire, s3, clock, name, view):
    arn, begin, end = changed_table(wire, clock, name)
    ended = export(wire, arn, 'lake', S3Prefix=name, **window(begin, end, view))
    records = {record['Keys']['pk']['S']: record for record in read_changes(s3, ended)}
    expected = {}
    for key, (old, new) in NET_EFFECTS.items():
        expected[key] = {'Keys': {'pk': {'S': key}}}
        if old and view == 'NEW_AND_OLD_IMAGES':
            expected[key]['OldImage'] = old
        if new:
            expected[key]['NewImage'] = new
    times = {key: record.pop('Metadata') for key, record in records.items()}
    assert records == expected
    for key, metadata in times.items():
        assert list(metadata) == ['WriteTimestampMicros']
        assert begin * 10**6 <= int(metadata['WriteTimestampMicros']['N']) < end * 10**6, key


def test_the_window_stays_what_it_was_as_history_ages(wire, s3, clock, name):
    """Also the times of deletions, once history is thinned out to whole seconds."""
    arn, begin, end = changed_table(wire, clock, name)
    first = sorted(lines_of(s3, export(wire, arn, 'lake', S3Prefix=name, **window(begin, end))).splitlines())
    clock.change(advance='P3D')
    put(wire, name, 'new', v={'N': '10'})
    clock.change(advance='PT2H')
    assert sorted(lines_of(s3, export(wire, arn, 'lake', S3Prefix=name, **window(begin, end))).splitlines()) == first


def test_the_objects_byte_for_byte(wire, s3, clock, name):
    arn, begin, end = changed_table(wire, clock, name)
    started = start(wire, arn, S3Prefix='inc', **window(begin, end))
    always = {'ExportArn', 'ExportStatus', 'StartTime', 'TableArn', 'TableId', 'IncrementalExportSpecification',
              'ClientToken', 'S3Bucket', 'S3Prefix', 'S3SseAlgorithm', 'ExportFormat', 'DestinationType', 'ExportType'}
    assert set(started) == always
    match = re.fullmatch(re.escape(arn) + r'/export/((0\d{10})000-[0-9a-f]{8})', started['ExportArn'])
    assert started['StartTime'] == int(match[2])
    assert started['ExportType'] == 'INCREMENTAL_EXPORT'
    assert started['IncrementalExportSpecification'] == {
        'ExportFromTime': begin, 'ExportToTime': end, 'ExportViewType': 'NEW_AND_OLD_IMAGES'}
    ended = finish_export(wire, started['ExportArn'])
    assert set(ended) == always | {'EndTime', 'ExportManifest', 'BilledSizeBytes', 'ItemCount'}
    assert (ended['BilledSizeBytes'], ended['ItemCount']) == (10_000_000, 5)

    folder = f'inc/AWSDynamoDB/{match[1]}/'
    assert keys(s3, 'lake', folder) == [folder + name for name in (
        '_started', 'manifest-files.json', 'manifest-files.md5', 'manifest-summary.json', 'manifest-summary.md5')]
    entries = [json.loads(line) for line in get(s3, 'lake', folder + 'manifest-files.json').splitlines()]
    assert len(entries) == 4
    for entry in entries:
        assert re.fullmatch(r'inc/AWSDynamoDB/data/[a-z2-7]{26}\.json\.gz', entry['dataFileS3Key'])
    summary = get(s3, 'lake', ended['ExportManifest']).decode()
    end_time = json.loads(summary)['endTime']
    assert summary == json.dumps({
        'version': '2023-08-01', 'exportArn': ended['ExportArn'], 'startTime': iso(started['StartTime']) + '.000Z',
        'endTime': end_time, 'tableArn': arn, 'tableId': ended['TableId'], 'exportFromTime': iso(begin) + '.000Z',
        'exportToTime': iso(end) + '.000Z', 's3Bucket': 'lake', 's3Prefix': 'inc', 's3SseAlgorithm': 'AES256',
        's3SseKmsKeyId': None, 'manifestFilesS3Key': folder + 'manifest-files.json', 'billedSizeBytes': 10_000_000,
        'itemCount': 5, 'outputFormat': 'DYNAMODB_JSON', 'outputView': 'NEW_AND_OLD_IMAGES',
        'exportType': 'INCREMENTAL_EXPORT'}, separators=(',', ':'))
    changed = next(line for line in lines_of(s3, ended).splitlines() if '"changes"' in line)
    assert re.sub(r'\d{16}', '#', changed) == (
        '{"Metadata":{"WriteTimestampMicros":{"N":"#"}},"Keys":{"pk":{"S":"changes"}},'
        '"OldImage":{"pk":{"S":"changes"},"v":{"N":"1"}},"NewImage":{"pk":{"S":"changes"},"v":{"N":"3"}}}')
    listed = wire.call('ListExports', {'TableArn': arn})['ExportSummaries']
    assert listed == [{'ExportArn': ended['ExportArn'], 'ExportStatus': 'COMPLETED', 'ExportType': 'INCREMENTAL_EXPORT'}]


def test_two_exports_share_the_data_folder(wire, s3, clock, name):
    arn, begin, end = changed_table(wire, clock, name)
    one = export(wire, arn, 'lake', S3Prefix=name, **window(begin, end))
    two = export(wire, arn, 'lake', S3Prefix=name, **window(begin, end))
    assert one['ExportArn'] != two['ExportArn']
    assert len(keys(s3, 'lake', f'{name}/AWSDynamoDB/data/')) == 8
    assert read_changes(s3, one) == read_changes(s3, two)


def test_a_window_without_an_end_ends_now(wire, s3, clock, name):
    arn, begin, _ = changed_table(wire, clock, name)
    ended = export(wire, arn, 'lake', S3Prefix=name, **window(begin))
    until_now = ended['IncrementalExportSpecification']['ExportToTime']
    assert until_now == int(until_now) <= ended['StartTime']
    assert {'later', 'untouched'} <= {record['Keys']['pk']['S'] for record in read_changes(s3, ended)}


def refusals(arn, created, now):
    spec = 'IncrementalExportSpecification'

    def of(begin, end, **more):
        return {**window(begin, end), **more}
    before, ahead = created - 3600, now + 3600
    return [
        ('no begin', {'ExportType': 'INCREMENTAL_EXPORT', spec: {}}, 'ValidationException',
         'Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification'),
        ('before the table, before all else', of(before, before), INVALID_TIME,
         f'Incremental export period from time cannot be less than the table creation time : {iso(before)}Z'),
        ('ends in the future', of(now - 1000, ahead), INVALID_TIME,
         f'Incremental export period to time cannot be greater than the current time : {iso(ahead)}Z'),
        ('ends where it begins', of(now - 1000, now - 1000), INVALID_TIME,
         'Incremental export period from time should not be greater or equal to incremental export period to time'),
        ('short', of(now - 1000, now - 101), INVALID_TIME,
         'Difference between export period from time and export period to time is less than 15 minutes'),
        ('long', of(now - 90_001, now - 1), INVALID_TIME,
         'Difference between export period from time and export period to time is greater than 24 hours'),
        ('before recovery was on', of(created + 10, created + 2000), INVALID_TIME,
         'Point in Time Recovery is not available for specified export time'),
        ('a view of the prose', {**window(now - 1000, now - 1, 'NEW_IMAGES')}, 'ValidationException', None),
    ]


def test_refused_windows(wire, clock, name):
    arn = create_table(wire, name)
    created = int(wire.call('DescribeTable', {'TableName': name})['Table']['CreationDateTime'])
    clock.change(advance='PT1H')
    with pytest.raises(Failed) as error:
        start(wire, arn, **window(created - 10, created - 5))
    assert error.value.code == INVALID_TIME, 'judged before recovery is'
    with pytest.raises(Failed) as error:
        start(wire, arn, **window(created, created + 900))
    assert error.value.code == 'PointInTimeRecoveryUnavailableException'
    set_pitr(wire, name, True)
    clock.change(advance='P2D')
    now = int(clock.now().timestamp())
    for why, request, code, message in refusals(arn, created, now):
        with pytest.raises(Failed) as error:
            start(wire, arn, **request)
        assert (error.value.status, error.value.code) == (400, code), why
        assert message is None or error.value.message == message, why


def test_recovery_turned_on_inside_the_first_second(wire, s3, clock, name):
    """A window may begin at the EarliestRestorableDateTime that is shown, which is a whole second."""
    arn = create_table(wire, name, pitr=True)
    put(wire, name, 'a')
    clock.change(advance='PT20M')
    description = wire.call('DescribeContinuousBackups', {'TableName': name})['ContinuousBackupsDescription']
    earliest = description['PointInTimeRecoveryDescription']['EarliestRestorableDateTime']
    ended = export(wire, arn, 'lake', S3Prefix=name, **window(earliest))
    assert [record['Keys'] for record in read_changes(s3, ended)] == [{'pk': {'S': 'a'}}]


def test_nothing_changed(wire, s3, clock, name):
    arn = create_table(wire, name, pitr=True)
    begin = second(clock)
    clock.change(advance='PT1H')
    ended = export(wire, arn, 'lake', S3Prefix=name, **window(begin))
    assert read_changes(s3, ended) == []
    assert (ended['ItemCount'], ended['BilledSizeBytes']) == (0, 10_000_000)


def test_client_tokens(wire, clock, name):
    arn, begin, end = changed_table(wire, clock, name)
    first = start(wire, arn, ClientToken=name, **window(begin, end))
    assert start(wire, arn, ClientToken=name, **window(begin, end))['ExportArn'] == first['ExportArn']
    for change in (window(begin, end, 'NEW_IMAGE'), window(begin - 1, end), window(begin), {},
                   {**window(begin, end), 'ExportFormat': 'ION'},
                   {**window(begin, end), 'FilterSpecification': {'ProjectionExpression': 'pk'}}):
        with pytest.raises(Failed) as error:
            start(wire, arn, ClientToken=name, **change)
        assert error.value.code == 'ExportConflictException', change
    # A repeated request is not judged again: not by what the window is now, and not by recovery.
    set_pitr(wire, name, False)
    assert start(wire, arn, ClientToken=name, **window(begin, end))['ExportArn'] == first['ExportArn']
    set_pitr(wire, name, True)
    assert start(wire, arn, ClientToken=name, **window(begin, end))['ExportArn'] == first['ExportArn']
    with pytest.raises(Failed) as error:
        start(wire, arn, ClientToken=name + '-new', **window(begin, end))
    assert error.value.code == INVALID_TIME


def test_windows_in_a_chain_lead_from_one_full_export_to_the_other(wire, s3, clock, name):
    """Random writes, transactions among them, which no window tears."""
    choice = random.Random(SEED)
    arn = create_table(wire, name, pitr=True)
    moments = []
    for part in range(4):
        moments.append(second(clock))
        for _ in range(30):
            key = f'k{choice.randrange(12)}'
            if choice.random() < 0.3:
                delete(wire, name, key)
            else:
                put(wire, name, key, n={'N': str(choice.randrange(10**9))})
            value = {'N': str(choice.randrange(10**9))}
            wire.call('TransactWriteItems', {'TransactItems': [
                {'Put': {'TableName': name, 'Item': {'pk': {'S': side}, 'value': value}}} for side in ('left', 'right')]})
            clock.change(advance=f'PT{choice.randrange(60)}S')
        clock.change(advance='PT15M')
        if part == 1:
            clock.change(advance='P2D')
            moments.append(second(clock))
    moments.append(second(clock))
    clock.change(advance='PT2S')

    def full(moment):
        return by_key(read_export(s3, export(wire, arn, 'lake', S3Prefix=name, ExportTime=moment)))
    items = full(moments[0])
    for begin, end in zip(moments, moments[1:]):
        for piece in range(begin, end, 86_400):
            until = min(piece + 86_400, end)
            if until - piece < 900:
                piece = until - 900
            apply_changes(items, read_changes(
                s3, export(wire, arn, 'lake', S3Prefix=name, **window(piece, until))))
        assert items == full(end), f'seed {SEED}, window {begin} to {end}'
        assert items['[{"S": "left"}]']['value'] == items['[{"S": "right"}]']['value']
    assert items == by_key(scan(wire, name))


@pytest.mark.parametrize('specification, expected', [
    ({'FilterExpression': 'v > :v', 'ExpressionAttributeValues': {':v': {'N': '2'}}}, ['again', 'changes']),
    ({'FilterExpression': 'begins_with(pk, :p)', 'ExpressionAttributeValues': {':p': {'S': 'd'}}}, ['deleted']),
    ({'KeyConditionExpression': 'pk = :p', 'ExpressionAttributeValues': {':p': {'S': 'same'}}}, ['same']),
])
def test_a_filter_judges_the_new_image_or_that_of_what_was_deleted(wire, s3, clock, name, specification, expected):
    arn, begin, end = changed_table(wire, clock, name)
    ended = export(wire, arn, 'lake', S3Prefix=name, FilterSpecification=specification, **window(begin, end))
    assert ended['FilterSpecification'] == specification
    assert sorted(record['Keys']['pk']['S'] for record in read_changes(s3, ended)) == expected


def test_a_filter_of_a_full_export(wire, s3, clock, name):
    arn, _, _ = changed_table(wire, clock, name)
    ended = export(wire, arn, 'lake', S3Prefix=name, FilterSpecification={
        'FilterExpression': '#v = :nine AND pk <> :p', 'ProjectionExpression': '#v',
        'ExpressionAttributeNames': {'#v': 'v'},
        'ExpressionAttributeValues': {':nine': {'N': '9'}, ':p': {'S': 'later'}}})
    assert read_export(s3, ended) == [{'v': {'N': '9'}}] * 3
    assert ended['ItemCount'] == 3


def looked_at(server, ended):
    """How many items the export read."""
    job = ended['ExportArn'].rpartition('/')[2]
    with urllib.request.urlopen(f'{server.endpoint}/_tidemark/jobs/{job}', timeout=60) as answer:
        return sum(part['done'] for part in json.load(answer)['parts'] if 'done' in part)


@pytest.mark.parametrize('condition, values, expected', [
    ('pk = :p', {':p': {'S': 'p7'}}, [('p7', sk) for sk in range(20)]),
    ('pk = :p AND sk BETWEEN :a AND :b', {':p': {'S': 'p7'}, ':a': {'N': '3'}, ':b': {'N': '5'}},
     [('p7', sk) for sk in (3, 4, 5)]),
    ('pk = :p AND sk < :a', {':p': {'S': 'p0'}, ':a': {'N': '2'}}, [('p0', 0), ('p0', 1)]),
    ('pk = :p', {':p': {'S': 'nobody'}}, []),
])
def test_a_key_condition_narrows_what_is_read(server, wire, s3, clock, name, condition, values, expected):
    arn = create_table(wire, name, pitr=True, sort_key='sk')
    for pk in range(30):
        wire.call('BatchWriteItem', {'RequestItems': {name: [
            {'PutRequest': {'Item': {'pk': {'S': f'p{pk}'}, 'sk': {'N': str(sk)}}}} for sk in range(20)]}})
    moment = second(clock)
    wire.call('DeleteItem', {'TableName': name, 'Key': {'pk': {'S': 'p7'}, 'sk': {'N': '4'}}})
    wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'p7'}, 'sk': {'N': '21'}}})
    clock.change(advance='PT16M')
    # By a filter alone everything is read; the records are the same.
    filters = [{'KeyConditionExpression': condition, 'ExpressionAttributeValues': values},
               {'FilterExpression': condition, 'ExpressionAttributeValues': values}]

    def found(items):
        return sorted((item['pk']['S'], int(item['sk']['N'])) for item in items)
    full = [export(wire, arn, 'lake', S3Prefix=name, ExportTime=moment, FilterSpecification=one) for one in filters]
    assert [found(read_export(s3, ended)) for ended in full] == [expected, expected]
    assert looked_at(server, full[0]) <= len(expected) + 1 and looked_at(server, full[1]) == 600
    begin = int(wire.call('DescribeTable', {'TableName': name})['Table']['CreationDateTime'])
    changes = [export(wire, arn, 'lake', S3Prefix=name, FilterSpecification=one, **window(begin, begin + 960))
               for one in filters]
    records = [sorted(map(json.dumps, read_changes(s3, ended))) for ended in changes]
    assert records[0] == records[1]
    assert looked_at(server, changes[0]) <= len(expected) + 1


@pytest.mark.parametrize('specification, message', [
    ({}, 'Invalid Request: Invalid FilterSpecification: The specification can not be empty'),
    ({'FilterExpression': 'a ='}, None),
    ({'FilterExpression': 'a = :a'}, None),
    ({'KeyConditionExpression': 'pk = :p', 'FilterExpression': 'pk = :p',
      'ExpressionAttributeValues': {':p': {'S': 'x'}}},
     'Filter Expression can only contain non-primary key attributes: Primary key attribute: pk'),
    ({'KeyConditionExpression': 'pk > :p', 'ExpressionAttributeValues': {':p': {'S': 'x'}}}, None),
    ({'FilterExpression': 'a' * 4097}, None),
], ids=range(6))
def test_refused_filters(wire, clock, name, specification, message):
    arn = create_table(wire, name, pitr=True)
    with pytest.raises(Failed) as error:
        start(wire, arn, FilterSpecification=specification)
    assert (error.value.status, error.value.code) == (400, 'ValidationException')
    assert message is None or error.value.message == message


def test_ion_lines(wire, s3, clock, name):
    arn, begin, end = changed_table(wire, clock, name)
    ended = export(wire, arn, 'lake', S3Prefix=name, ExportFormat='ION', **window(begin, end))
    summary = json.loads(get(s3, 'lake', ended['ExportManifest']))
    assert summary['outputFormat'] == ended['ExportFormat'] == 'ION'
    lines = lines_of(s3, ended).splitlines()
    assert len(lines) == 5
    # A time that ends with zeros is written as every number is: without them.
    assert re.sub(r'Micros:(\d{16}\.|\d+d\d)', 'Micros:#', next(line for line in lines if '"new"' in line)) == (
        '$ion_1_0 {Record:{Keys:{pk:"new"},Metadata:{WriteTimestampMicros:#},'
        'NewImage:{a:$dynamodb_SS::["a","b"],pk:"new",v:2.}}}')
    full = export(wire, arn, 'lake', S3Prefix=name, ExportFormat='ION')
    assert all(key.endswith('.ion.gz') for key in keys(s3, 'lake', full['ExportManifest'][:-len('manifest-summary.json')])
               if '/data/' in key)
    assert '$ion_1_0 {Item:{pk:"deleted"' not in lines_of(s3, full)
    assert '$ion_1_0 {Item:{pk:"same",v:1.}}' in lines_of(s3, full).splitlines()


def test_kms_is_shown(wire, s3, clock, name):
    arn = create_table(wire, name, pitr=True)
    key = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555'
    ended = export(wire, arn, 'lake', S3Prefix=name, S3SseAlgorithm='KMS', S3SseKmsKeyId=key)
    assert (ended['S3SseAlgorithm'], ended['S3SseKmsKeyId']) == ('KMS', key)
    head = s3.head_object(Bucket='lake', Key=ended['ExportManifest'])
    assert (head['ServerSideEncryption'], head['SSEKMSKeyId']) == ('aws:kms', key)
    default = export(wire, arn, 'lake', S3Prefix=name, S3SseAlgorithm='KMS')
    assert default['S3SseAlgorithm'] == 'KMS' and 'S3SseKmsKeyId' not in default
    alias = export(wire, arn, 'lake', S3Prefix=name, S3SseAlgorithm='KMS', S3SseKmsKeyId='alias/aws/s3')
    assert (alias['ExportStatus'], alias['S3SseKmsKeyId']) == ('COMPLETED', 'alias/aws/s3')


NOBODYS_KEY = '00000000-0000-0000-0000-000000000000'


@pytest.mark.parametrize('key, named', [
    (NOBODYS_KEY, f'arn:aws:kms:us-east-1:000000000000:key/{NOBODYS_KEY}'),
    ('arn:aws:kms:eu-west-1:000000000000:key/11111111-2222-3333-4444-555555555555', None),
    ('arn:aws:kms:eu-west-1:000000000000:alias/mine', None),
])
def test_a_key_that_is_not_there_fails_the_export(wire, s3, name, key, named):
    arn = create_table(wire, name, pitr=True)
    failed = export(wire, arn, 'lake', S3Prefix=name, S3SseAlgorithm='KMS', S3SseKmsKeyId=key)
    assert (failed['ExportStatus'], failed['FailureCode']) == ('FAILED', 'KmsNotFoundException')
    assert re.fullmatch(
        rf"Key '{named or key}' does not exist \(Service: Amazon S3; Status Code: 400; Error Code: KMS.NotFoundException; "
        r'Request ID: [0-9A-Z]{16}; S3 Extended Request ID: [A-Za-z0-9+/=]+; Proxy: null\)', failed['FailureMessage'])
    assert keys(s3, 'lake', name) == []
    # The bucket is judged first.
    assert export(wire, arn, 'no-such-bucket', S3SseAlgorithm='KMS', S3SseKmsKeyId=key)['FailureCode'] == 'S3NoSuchBucket'


@pytest.mark.parametrize('key', ['my key', 'key-1', 'alias/', 'arn:aws:s3:::bucket', 'arn:aws:kms:us-east-1:1:key/x'])
def test_what_is_no_key_is_refused_at_once(wire, name, key):
    arn = create_table(wire, name, pitr=True)
    with pytest.raises(Failed) as refused:
        start(wire, arn, S3SseAlgorithm='KMS', S3SseKmsKeyId=key)
    assert refused.value.code == 'ValidationException'
    assert refused.value.message.startswith(
        f"Invalid Request: 1 validation error detected: Value '{key}' at 's3SseKmsKeyId' failed to satisfy constraint: "
        'Member must satisfy regular')


def test_an_increment_goes_on_after_the_server_is_killed(own_server):
    """What is left by then does not stay, and nothing is there twice."""
    wire, clock = own_server.wire(), Clock(own_server.endpoint)
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    s3.create_bucket(Bucket='lake')
    arn = create_table(wire, 'killed', pitr=True)
    begin = second(clock)
    text = {'S': 'x' * 2000}
    for n in range(0, 2000, 25):
        wire.call('BatchWriteItem', {'RequestItems': {'killed': [
            {'PutRequest': {'Item': {'pk': {'S': str(k)}, 'text': text}}} for k in range(n, n + 25)]}})
    clock.change(advance='PT20M')
    started = start(wire, arn, **window(begin))
    wire.close()
    own_server.kill()
    own_server.start()
    wire = own_server.wire()
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    ended = finish_export(wire, started['ExportArn'])
    assert len(read_changes(s3, ended)) == 2000
    assert ended['IncrementalExportSpecification'] == started['IncrementalExportSpecification']
    assert len(keys(s3, 'lake', 'AWSDynamoDB/data/')) == 4
    assert 'Uploads' not in s3.list_multipart_uploads(Bucket='lake')
    wire.close()
