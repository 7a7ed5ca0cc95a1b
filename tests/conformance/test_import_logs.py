"""The error logs of imports, read as CloudWatch Logs."""
import json
import time

import pytest
from botocore.exceptions import ClientError

from support.accounts import signing_client, write_credentials
from support.server import running, table_request
from support.transfers import run_import

GROUP = '/aws-dynamodb/imports'
MISSING = 'One or more parameter values were invalid: Missing the key pk in the item'


def refuse(wire, s3, bucket, table, count, prefix=None):
    """Runs an import that refuses so many items, one an object; its description."""
    prefix = prefix or table + '/'
    for number in range(count):
        s3.put_object(Bucket=bucket, Key=f'{prefix}{number:04}', Body=b'{"Item":{"pk":{"S":"a"}}}\n{"Item":{"x":{"S":"y"}}}\n')
    ended = run_import(wire, table_request(table), bucket, prefix)
    assert ended['ErrorCount'] == count
    return ended


def import_id(description):
    return description['ImportArn'].rsplit('/', 1)[1]


def stream_of(description):
    return import_id(description) + '/error'


@pytest.fixture
def logs(shared):
    return shared.client('logs')


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


def failure_of(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response['Error']['Code'], error.value.response['Error']['Message']


def test_there_is_nothing_before_the_first_import(wire, s3):
    with running() as server:
        logs = server.client('logs')
        assert logs.describe_log_groups()['logGroups'] == []
        for call, more in [(logs.describe_log_streams, {}), (logs.filter_log_events, {}),
                           (logs.get_log_events, {'logStreamName': 'x'})]:
            assert failure_of(call, logGroupName=GROUP, **more) == (
                'ResourceNotFoundException', 'The specified log group does not exist.')


def test_group_and_stream(shared, wire, s3, bucket, logs):
    begun = int(time.time() * 1000)
    ended = refuse(wire, s3, bucket, 'logged', 1)
    arn = f'arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}'
    assert ended['CloudWatchLogGroupArn'] == arn + ':*'
    found = logs.describe_log_groups(logGroupNamePrefix='/aws-dynamodb')['logGroups']
    assert [(group['logGroupName'], group['arn'], group['storedBytes']) for group in found] == [(GROUP, arn + ':*', 0)]
    assert logs.describe_log_groups(logGroupNamePrefix='/aws/lambda')['logGroups'] == []
    stream, = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=import_id(ended))['logStreams']
    assert (stream['logStreamName'], stream['arn']) == (stream_of(ended), f'{arn}:log-stream:{stream_of(ended)}')
    assert begun - 1 <= stream['firstEventTimestamp'] == stream['lastEventTimestamp'] <= time.time() * 1000 + 1
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream_of(ended))['events']
    assert [json.loads(event['message']) for event in events] == [{
        'itemS3Pointer': {'bucket': bucket, 'key': 'logged/0000', 'itemIndex': 1}, 'importArn': ended['ImportArn'],
        'errorMessages': [MISSING]}]
    assert events[0]['timestamp'] == stream['firstEventTimestamp']
    other = shared.client('logs', account='111122223333')
    assert other.describe_log_groups()['logGroups'] == [], 'another account has other logs'


def test_an_import_without_errors_has_no_stream(wire, s3, bucket, logs):
    s3.put_object(Bucket=bucket, Key='o', Body=b'{"Item":{"pk":{"S":"a"}}}\n')
    ended = run_import(wire, table_request('unlogged'), bucket)
    assert logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=import_id(ended))['logStreams'] == []
    assert failure_of(logs.get_log_events, logGroupName=GROUP, logStreamName=stream_of(ended)) == (
        'ResourceNotFoundException', 'The specified log stream does not exist.')


def test_pages_of_one_stream(wire, s3, bucket, logs):
    ended = refuse(wire, s3, bucket, 'paged', 7)
    source = {'logGroupName': GROUP, 'logStreamName': stream_of(ended)}
    whole = logs.get_log_events(**source, startFromHead=True)['events']
    assert len(whole) == 7
    assert [event['timestamp'] for event in whole] == sorted(event['timestamp'] for event in whole)
    forward, request = [], {'startFromHead': True}
    while True:
        page = logs.get_log_events(**source, limit=3, **request)
        forward += page['events']
        if page['nextForwardToken'] == request.get('nextToken'):
            assert page['events'] == []
            break
        request = {'nextToken': page['nextForwardToken']}
    assert forward == whole
    backward, request = [], {}
    while True:
        page = logs.get_log_events(**source, limit=3, **request)
        backward = page['events'] + backward
        if page['nextBackwardToken'] == request.get('nextToken'):
            assert page['events'] == []
            break
        request = {'nextToken': page['nextBackwardToken']}
    assert backward == whole
    assert logs.get_log_events(**source, limit=2)['events'] == whole[-2:], 'the newest, unless told otherwise'
    last = whole[-1]['timestamp']
    assert logs.get_log_events(**source, endTime=whole[0]['timestamp'])['events'] == []
    assert len(logs.get_log_events(**source, startTime=whole[0]['timestamp'], endTime=last + 1)['events']) == 7


def test_events_of_all_streams(wire, s3, bucket, logs):
    ended = [refuse(wire, s3, bucket, f'many-{number}', 3) for number in range(3)]
    names = [stream_of(one) for one in ended]
    whole = logs.filter_log_events(logGroupName=GROUP, logStreamNames=names)['events']
    assert [event['logStreamName'] for event in whole] == [name for name in names for _ in range(3)]
    assert len({event['eventId'] for event in whole}) == 9
    assert [event['eventId'] for event in whole] == sorted(event['eventId'] for event in whole)
    found = []
    for page in logs.get_paginator('filter_log_events').paginate(
            logGroupName=GROUP, logStreamNames=names, interleaved=True, PaginationConfig={'PageSize': 2}):
        assert len(page['events']) <= 2
        found += page['events']
    assert found == whole
    assert logs.filter_log_events(logGroupName=GROUP, logStreamNamePrefix=import_id(ended[1]))['events'] == whole[3:6]
    since = whole[5]['timestamp'] + 1
    assert logs.filter_log_events(logGroupName=GROUP, logStreamNames=names, startTime=since)['events'] == [
        event for event in whole if event['timestamp'] >= since]
    streams = [stream['logStreamName'] for page in logs.get_paginator('describe_log_streams').paginate(
        logGroupName=GROUP, orderBy='LastEventTime', descending=True, PaginationConfig={'PageSize': 2})
        for stream in page['logStreams']]
    assert [name for name in streams if name in names] == names[::-1]


PATTERNS = [('', 2), ('Missing', 2), ('"Missing the key pk"', 2), ('mISSING', 0), ('Missing alpha', 1), ('Missing -alpha', 1),
            ('?alpha ?nothing', 1), ('?alpha ?beta', 2), ('-Missing', 0)]


def test_patterns(wire, s3, bucket, logs):
    for key in ('alpha', 'beta'):
        s3.put_object(Bucket=bucket, Key=key, Body=b'{"Item":{"x":{"S":"y"}}}')
    name = stream_of(run_import(wire, table_request(bucket), bucket))
    for pattern, count in PATTERNS:
        found = logs.filter_log_events(logGroupName=GROUP, logStreamNames=[name], filterPattern=pattern)
        assert len(found['events']) == count, pattern


def test_refusals(wire, s3, bucket, logs):
    name = stream_of(refuse(wire, s3, bucket, 'refusing', 1))
    source = {'logGroupName': GROUP, 'logStreamName': name}
    assert failure_of(logs.get_log_events, logGroupName='/other', logStreamName=name)[0] == 'ResourceNotFoundException'
    assert failure_of(logs.filter_log_events, logGroupName=GROUP, logStreamNames=[name, 'x'])[0] == 'ResourceNotFoundException'
    for call, request in [
            (logs.get_log_events, {**source, 'nextToken': 'f/1/s'}), (logs.get_log_events, {**source, 'limit': 10_001}),
            (logs.filter_log_events, {'logGroupName': GROUP, 'nextToken': 'x'}),
            (logs.filter_log_events, {'logGroupName': GROUP, 'filterPattern': '{ $.a = 1 }'}),
            (logs.filter_log_events, {'logGroupName': GROUP, 'filterPattern': '"open'}),
            (logs.describe_log_streams, {'logGroupName': GROUP, 'nextToken': 'x'}),
            (logs.describe_log_groups, {'limit': 51})]:
        assert failure_of(call, **request)[0] == 'InvalidParameterException', request
    assert failure_of(logs.create_log_group, logGroupName='x')[0] == 'NotImplementedException'


def test_signatures_are_judged(tmp_path):
    keys = write_credentials(tmp_path / 'keys', {'alice': '111111111111'})
    with running(args=('--auth', 'strict', '--credentials', keys)) as server:
        assert signing_client(server, 'alice', 'logs').describe_log_groups()['logGroups'] == []
        assert failure_of(server.client('logs').describe_log_groups)[0] == 'UnrecognizedClientException'


def test_the_command_line_tails(aws, wire, s3, bucket):
    ended = refuse(wire, s3, bucket, 'tailed', 2)
    lines = aws('logs', 'tail', GROUP, '--since', '1h', '--log-stream-name-prefix', import_id(ended)).splitlines()
    assert len(lines) == 2
    for line in lines:
        moment, stream, message = line.split(' ', 2)
        assert moment.startswith('20') and stream == stream_of(ended)
        assert json.loads(message)['errorMessages'] == [MISSING]


def test_errors_survive_a_restart_and_old_lines_have_the_time_of_the_start(own_server):
    wire, s3 = own_server.wire(), own_server.client('s3')
    s3.create_bucket(Bucket='old')
    ended = refuse(wire, s3, 'old', 'old', 2)
    own_server.kill()
    wire.close()
    path = own_server.data_dir / 'import-errors' / f'{import_id(ended)}.jsonl'
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert list(entries[0]) == ['itemS3Pointer', 'importArn', 'errorMessages', 'timestamp']
    old = dict(entries[0])
    del old['timestamp']
    path.write_text(json.dumps(old) + '\n' + json.dumps(entries[1], separators=(',', ':')) + '\n' + '{"cut')
    own_server.start()
    events = own_server.client('logs').get_log_events(logGroupName=GROUP, logStreamName=stream_of(ended))['events']
    assert [json.loads(event['message']) for event in events] == [old, {**old, 'itemS3Pointer': entries[1]['itemS3Pointer']}]
    assert events[0]['timestamp'] == int(import_id(ended).split('-')[0])
    assert events[1]['timestamp'] == entries[1]['timestamp']
