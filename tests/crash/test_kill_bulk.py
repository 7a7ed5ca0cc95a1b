"""kill -9 during bulk operations, many times in one. TIDEMARK_TEST_SEED repeats the moments; it is printed when a test fails."""
import json
import os
import random
import time

from support.server import create_table, scan, until
from support.transfers import bulk_request, finish_bulk, read_reports

COUNT = 6_000
OBJECTS = 6
KILLS = 8
SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))


def record(n):
    """Each item may be put once: put again, its condition would fail. Every 50th is refused, every 51st meets an item."""
    if n % 50 == 0:
        return {'Item': {'nokey': {'S': f'{n:06}'}}}
    return {'Item': {'pk': {'S': f'{n:06}'}, 'color': {'S': f'c{n % 10}'}}, 'ConditionExpression': 'attribute_not_exists(pk)'}


def test_a_restart_reads_the_objects_that_were_listed_at_the_beginning(own_server):
    wire, s3 = own_server.wire(), own_server.client('s3')
    s3.create_bucket(Bucket='lake')
    create_table(wire, 'live')
    for part in range(6):
        s3.put_object(Bucket='lake', Key=f'in/{part}', Body='\n'.join(
            json.dumps({'Item': {'pk': {'S': f'{part}-{n}'}}}) for n in range(1_500)).encode())
    arn = wire.call('StartBulkPutItems', bulk_request('live', 'lake', 'in/', MaxWriteRequestUnits=2_000))[
        'BulkOperationDescription']['BulkOperationArn']

    def described():
        return wire.call('DescribeBulkOperation', {'BulkOperationArn': arn})['BulkOperationDescription']
    until(lambda: described()['ProcessedItemCount'] > 1_000, 'some of the first objects')
    s3.delete_object(Bucket='lake', Key='in/0')
    s3.delete_object(Bucket='lake', Key='in/5')
    s3.put_object(Bucket='lake', Key='in/9', Body=json.dumps({'Item': {'pk': {'S': 'new'}}}).encode())
    own_server.kill()
    wire.close()
    own_server.start()
    wire, s3 = own_server.wire(), own_server.client('s3')
    ended = finish_bulk(wire, arn)
    items = {item['pk']['S'] for item in scan(wire, 'live')}
    assert 'new' not in items
    # Two objects are gone: what was put of the first stays, and each is an item that failed.
    assert (ended['BulkOperationStatus'], ended['FailedItemCount']) == ('COMPLETED_WITH_ERRORS', 2)
    assert ended['ProcessedItemCount'] == len(items) + 2
    assert {entry['itemS3Pointer']['key'] for entry in read_reports(s3, ended)['ERROR']} == {'in/0', 'in/5'}
    for part in range(1, 5):
        assert sum(item.startswith(f'{part}-') for item in items) == 1_500
    wire.close()


def test_no_record_is_put_or_counted_twice(own_server):
    print(f'TIDEMARK_TEST_SEED={SEED}')
    moments = random.Random(SEED)
    wire, s3 = own_server.wire(), own_server.client('s3')
    s3.create_bucket(Bucket='lake')
    create_table(wire, 'live', index='color')
    refused = {n for n in range(COUNT) if n % 50 == 0}
    met = {n for n in range(COUNT) if n % 51 == 0} - refused
    for n in met:
        wire.call('PutItem', {'TableName': 'live', 'Item': {'pk': {'S': f'{n:06}'}, 'old': {'BOOL': True}}})
    for part in range(OBJECTS):
        s3.put_object(Bucket='lake', Key=f'in/{part}', Body='\n'.join(
            json.dumps(record(n)) for n in range(part, COUNT, OBJECTS)).encode())
    # At this rate it takes some seconds, so that every kill comes in the middle.
    arn = wire.call('StartBulkPutItems', bulk_request('live', 'lake', 'in/', MaxWriteRequestUnits=2_000))[
        'BulkOperationDescription']['BulkOperationArn']
    killed_in_the_middle = 0
    for _ in range(KILLS):
        moment = time.monotonic() + moments.uniform(0, 0.6)
        until(lambda: time.monotonic() > moment, 'the moment')
        status = wire.call('DescribeBulkOperation', {'BulkOperationArn': arn})['BulkOperationDescription']
        killed_in_the_middle += 0 < status['ProcessedItemCount'] < COUNT
        own_server.kill()
        wire.close()
        own_server.start()
        wire, s3 = own_server.wire(), own_server.client('s3')
    assert killed_in_the_middle > 0
    ended = finish_bulk(wire, arn)
    assert ended['BulkOperationStatus'] == 'COMPLETED_WITH_ERRORS'
    assert (ended['ProcessedItemCount'], ended['FailedItemCount']) == (COUNT, len(refused))
    items = scan(wire, 'live')
    assert {item['pk']['S'] for item in items} == {f'{n:06}' for n in range(COUNT) if n not in refused}
    assert {item['pk']['S'] for item in items if 'old' in item} == {f'{n:06}' for n in met}
    assert len(scan(wire, 'live', IndexName='by-color')) == len(items) - len(met)
    reports = read_reports(s3, ended)
    assert sorted(entry['Item']['pk']['S'] for entry in reports['CONDITION_CHECK_FAILURE']) == sorted(f'{n:06}' for n in met)
    places = [(entry['itemS3Pointer']['key'], entry['itemS3Pointer']['itemIndex']) for entry in reports['ERROR']]
    assert sorted(places) == sorted((f'in/{n % OBJECTS}', n // OBJECTS) for n in refused)
    assert list((own_server.data_dir / 'bulk-reports').iterdir()) == [], 'what was kept while it ran'
    wire.close()
