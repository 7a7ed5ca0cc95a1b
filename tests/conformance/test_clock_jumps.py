"""Forty days in one call, and in steps: everything happens at the same times and in the same order."""
import datetime
import json
import urllib.parse
import urllib.request

import pytest

from support.clock import Clock
from support.server import running, set_pitr, table_request

BEGIN = datetime.datetime(2035, 3, 1, tzinfo=datetime.timezone.utc)
DAYS = 40
DAY = 86_400
# From seconds to the last day, two of them in one second, and one after the end.
LIVES = [30, 31, 3_600, 3_600, 5 * DAY + 7, 17 * DAY, 39 * DAY + 80_000, 39 * DAY + 85_000, 40 * DAY - 3, 41 * DAY]
STEPS = {'in one call': ['P40D'], 'in days': ['P1D'] * DAYS, 'in odd steps': ['PT7H13M'] * 133 + ['PT11M']}


def epoch(seconds):
    return int(BEGIN.timestamp()) + seconds


def versions(server, table, key):
    query = urllib.parse.urlencode({'key': json.dumps(key)})
    with urllib.request.urlopen(f'{server.endpoint}/_tidemark/tables/{table}/history?{query}') as answer:
        return [json.loads(line) for line in answer]


def removals(server, arn):
    """What the stream still has: key, second, and who it was."""
    streams = server.client('dynamodbstreams')
    found = []
    for shard in streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']:
        at = streams.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'], ShardIteratorType='TRIM_HORIZON')['ShardIterator']
        for record in streams.get_records(ShardIterator=at)['Records']:
            if record['eventName'] == 'REMOVE':
                change = record['dynamodb']
                found.append((change['Keys']['pk']['S'], int(change['ApproximateCreationDateTime'].timestamp()),
                              record['userIdentity']['PrincipalId']))
    return sorted(found)


def life(steps):
    """What is seen at the end of forty days that pass so."""
    with running(args=['--ttl-lag', 'PT10S', '--pitr-lag', 'PT0S']) as server:
        clock = Clock(server.endpoint)
        clock.change(freeze=True)
        clock.change(set=BEGIN.isoformat().replace('+00:00', 'Z'))
        dynamodb, s3 = server.client('dynamodb'), server.client('s3', endpoint=server.s3_endpoint)
        arn = dynamodb.create_table(**table_request('tab', StreamSpecification={
            'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}))['TableDescription']['LatestStreamArn']
        set_pitr(server.wire(), 'tab', True)
        dynamodb.update_time_to_live(TableName='tab', TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'ttl'})
        for number, lives in enumerate(LIVES):
            dynamodb.put_item(TableName='tab', Item={'pk': {'S': f'item-{number}'}, 'ttl': {'N': str(epoch(lives))}})
        # What becomes noncurrent on one day goes some days after it.
        s3.create_bucket(Bucket='bucket')
        s3.put_bucket_versioning(Bucket='bucket', VersioningConfiguration={'Status': 'Enabled'})
        s3.put_bucket_lifecycle_configuration(Bucket='bucket', LifecycleConfiguration={'Rules': [
            {'ID': 'rule', 'Status': 'Enabled', 'Filter': {'Prefix': 'short/'}, 'Expiration': {'Days': 3},
             'NoncurrentVersionExpiration': {'NoncurrentDays': 4}},
            {'ID': 'other', 'Status': 'Enabled', 'Filter': {'Prefix': 'long/'}, 'Expiration': {'Days': 30},
             'NoncurrentVersionExpiration': {'NoncurrentDays': 20}}]})
        for key in ('short/a', 'long/a', 'kept'):
            s3.put_object(Bucket='bucket', Key=key, Body=b'v')
        for step in steps:
            clock.change(advance=step)
        assert clock.state()['now'].startswith((BEGIN + datetime.timedelta(days=DAYS)).isoformat()[:19])
        deleted = {}
        for number in range(len(LIVES)):
            for last in versions(server, 'tab', {'pk': {'S': f'item-{number}'}})[-1:]:
                deleted[number] = (last['time'][:19], last['by'], last.get('item') is not None)
        listed = s3.list_object_versions(Bucket='bucket')
        backups = dynamodb.describe_continuous_backups(TableName='tab')['ContinuousBackupsDescription']
        return {
            'deleted': deleted,
            'stream': removals(server, arn),
            'left': sorted(item['pk']['S'] for item in dynamodb.scan(TableName='tab')['Items']),
            'versions': sorted((one['Key'], one['LastModified'].isoformat()[:19]) for one in listed.get('Versions', [])),
            'markers': sorted((one['Key'], one['LastModified'].isoformat()[:19]) for one in listed.get('DeleteMarkers', [])),
            'window': backups['PointInTimeRecoveryDescription']['EarliestRestorableDateTime'].isoformat()[:19],
        }


@pytest.fixture(scope='module')
def one_call():
    return life(STEPS['in one call'])


def test_items_go_when_they_are_due(one_call):
    """Those of the last days, of which the history still knows."""
    for number, lives in enumerate(LIVES):
        if 5 * DAY < lives < DAYS * DAY - 10:
            due = datetime.datetime.fromtimestamp(epoch(lives) + 10, datetime.timezone.utc)
            assert one_call['deleted'][number] == (due.isoformat()[:19], 'ttl', False), number
    assert [record[:2] for record in one_call['stream']] == [
        (f'item-{number}', epoch(LIVES[number]) + 10) for number in (6, 7)]
    assert one_call['left'] == ['item-8', 'item-9']


def test_what_a_day_makes_of_an_object_ages_from_then_on(one_call):
    assert one_call['versions'] == [('kept', '2035-03-01T00:00:00'), ('long/a', '2035-03-01T00:00:00')]
    # The object that lives shorter got its marker first, then lost its version, and at last the marker, which
    # stood alone.
    assert one_call['markers'] == [('long/a', '2035-04-01T00:00:00')]


@pytest.mark.parametrize('how', ['in days', 'in odd steps'])
def test_steps_and_one_call_come_to_the_same(one_call, how):
    assert life(STEPS[how]) == one_call


def test_a_jump_over_many_moments():
    """Items of ten thousand different seconds: each goes in its own."""
    with running(args=['--ttl-lag', 'PT0S']) as server:
        clock = Clock(server.endpoint)
        clock.change(freeze=True)
        clock.change(set=BEGIN.isoformat().replace('+00:00', 'Z'))
        wire = server.wire()
        wire.call('CreateTable', table_request('tab'))
        set_pitr(wire, 'tab', True)
        wire.call('UpdateTimeToLive', {'TableName': 'tab', 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 'ttl'}})
        for start in range(0, 10_000, 25):
            wire.call('BatchWriteItem', {'RequestItems': {'tab': [
                {'PutRequest': {'Item': {'pk': {'S': f'item-{n}'}, 'ttl': {'N': str(epoch(60 + 8 * n))}}}}
                for n in range(start, start + 25)]}})
        clock.change(advance='P1D')
        assert wire.call('DescribeTable', {'TableName': 'tab'})['Table']['ItemCount'] == 0
        for n in (0, 1, 4_321, 9_999):
            last = versions(server, 'tab', {'pk': {'S': f'item-{n}'}})[-1]
            at = datetime.datetime.fromtimestamp(epoch(60 + 8 * n), datetime.timezone.utc)
            assert (last['time'][:19], last['by']) == (at.isoformat()[:19], 'ttl')


def test_a_move_loses_no_time():
    """What a move takes has passed when it is over: the offset is what was asked for."""
    with running(args=['--ttl-lag', 'PT0S']) as server:
        clock, wire = Clock(server.endpoint), server.wire()
        wire.call('CreateTable', table_request('tab'))
        wire.call('UpdateTimeToLive', {'TableName': 'tab', 'TimeToLiveSpecification': {'Enabled': True, 'AttributeName': 'ttl'}})
        begin = int(clock.now().timestamp())
        for start in range(0, 5_000, 25):
            wire.call('BatchWriteItem', {'RequestItems': {'tab': [
                {'PutRequest': {'Item': {'pk': {'S': f'item-{n}'}, 'ttl': {'N': str(begin + 3_600 + 60 * n)}}}}
                for n in range(start, start + 25)]}})
        assert clock.change(advance='P34D')['offset'] == 'P34D'
        assert wire.call('DescribeTable', {'TableName': 'tab'})['Table']['ItemCount'] == 0
        assert clock.state()['offset'] == 'P34D'
