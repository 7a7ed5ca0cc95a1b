"""`--replica-lag`: what one region writes, the others show later, and the last writer wins; through boto3 with its default
settings, on a clock that stands still."""
import json
import random

import pytest

from support.clock import Clock
from support.global_tables import BOTH_IMAGES, FAR, NEAR, THIRD, add_replica, ask, client_of, create, item, items, refusal
from support.server import running, until

LAG = 10.5
SEED = 20260711


@pytest.fixture
def server():
    with running(args=['--replica-lag', f'PT{LAG}S']) as started:
        yield started


@pytest.fixture
def near(server):
    return client_of(server, NEAR)


@pytest.fixture
def far(server):
    return client_of(server, FAR)


def two_regions(server, near, index=None):
    create(near, 'Prices', index=index)
    add_replica(near, 'Prices', FAR)
    clock = Clock(server.endpoint)
    clock.change(freeze=True)
    return clock


def value(client, key):
    found = client.get_item(TableName='Prices', Key=item(key), ConsistentRead=True).get('Item')
    return found and found.get('v', {}).get('S')


def put(client, key, v, **more):
    client.put_item(TableName='Prices', Item=item(key, v=v), **more)


def test_the_other_region_shows_a_write_when_the_lag_has_passed(server, near, far):
    clock = two_regions(server, near)
    put(near, 'a', '1')
    clock.change(advance='PT5S')
    put(near, 'a', '2')
    assert (value(near, 'a'), value(far, 'a')) == ('2', None)
    clock.change(advance='PT6S')
    assert value(far, 'a') == '1', 'one write after the other'
    clock.change(advance='PT5S')
    assert value(far, 'a') == '2'
    near.delete_item(TableName='Prices', Key=item('a'))
    assert (value(near, 'a'), value(far, 'a')) == (None, '2')
    clock.change(advance='PT11S')
    assert value(far, 'a') is None


def test_a_region_judges_by_what_it_shows_and_the_last_writer_wins(server, near, far):
    clock = two_regions(server, near)
    put(near, 'counter', '0')
    clock.change(advance='PT11S')
    for client in (near, far):
        answer = client.update_item(TableName='Prices', Key=item('counter'), UpdateExpression='ADD n :one', ReturnValues='ALL_NEW',
                                    ExpressionAttributeValues={':one': {'N': '1'}})
        assert answer['Attributes']['n'] == {'N': '1'}, 'an increment is lost, as on the service'
    clock.change(advance='PT1S')
    put(far, 'both', 'far', ConditionExpression='attribute_not_exists(pk)')
    put(near, 'both', 'near', ConditionExpression='attribute_not_exists(pk)')
    assert (value(near, 'both'), value(far, 'both')) == ('near', 'far')
    clock.change(advance='PT11S')
    assert (value(near, 'both'), value(far, 'both')) == ('near', 'near')
    assert refusal(put, far, 'both', 'x', ConditionExpression='attribute_not_exists(pk)')[0] == 'ConditionalCheckFailedException'
    # What was deleted elsewhere, unseen, comes back with a later write.
    near.delete_item(TableName='Prices', Key=item('both'))
    far.update_item(TableName='Prices', Key=item('both'), UpdateExpression='SET w = :w', ExpressionAttributeValues={':w': {'S': 'x'}})
    assert items(near, 'Prices') == [item('counter', v='0') | {'n': {'N': '1'}}]
    clock.change(advance='PT11S')
    assert items(near, 'Prices') == items(far, 'Prices') == [item('both', v='near', w='x'), item('counter', v='0') | {'n': {'N': '1'}}]
    # A delete of what is not seen yet deletes nothing; of what is gone, unseen, it is seen at once.
    put(near, 'new', '1')
    far.delete_item(TableName='Prices', Key=item('new'))
    near.delete_item(TableName='Prices', Key=item('both'))
    old = far.delete_item(TableName='Prices', Key=item('both'), ReturnValues='ALL_OLD')['Attributes']
    assert old == item('both', v='near', w='x')
    assert (value(far, 'both'), value(far, 'new')) == (None, None)
    clock.change(advance='PT11S')
    assert (value(far, 'both'), value(far, 'new'), value(near, 'new')) == (None, '1', '1')


def test_transactions_queries_and_statements_go_by_what_is_shown(server, near, far):
    clock = two_regions(server, near, index='color')
    near.put_item(TableName='Prices', Item=item('a', color='red'))
    clock.change(advance='PT11S')
    near.put_item(TableName='Prices', Item=item('a', color='blue'))
    near.put_item(TableName='Prices', Item=item('b', color='red'))

    def of_color(client, color):
        found = client.query(TableName='Prices', IndexName='by-color', KeyConditionExpression='color = :c',
                             ExpressionAttributeValues={':c': {'S': color}})['Items']
        return sorted(one['pk']['S'] for one in found)
    assert (of_color(near, 'red'), of_color(near, 'blue')) == (['b'], ['a'])
    assert (of_color(far, 'red'), of_color(far, 'blue')) == (['a'], [])
    assert far.execute_statement(Statement='SELECT color FROM "Prices"."by-color"')['Items'] == [{'color': {'S': 'red'}}]
    assert items(far, 'Prices') == [item('a', color='red')]
    read = far.transact_get_items(TransactItems=[{'Get': {'TableName': 'Prices', 'Key': item(key)}} for key in 'ab'])['Responses']
    assert read == [{'Item': item('a', color='red')}, {}]
    batch = far.batch_get_item(RequestItems={'Prices': {'Keys': [item('a'), item('b')]}})['Responses']['Prices']
    assert batch == [item('a', color='red')]
    far.transact_write_items(TransactItems=[
        {'ConditionCheck': {'TableName': 'Prices', 'Key': item('b'), 'ConditionExpression': 'attribute_not_exists(pk)'}},
        {'Update': {'TableName': 'Prices', 'Key': item('a'), 'UpdateExpression': 'SET color = :green',
                    'ConditionExpression': 'color = :red',
                    'ExpressionAttributeValues': {':red': {'S': 'red'}, ':green': {'S': 'green'}}}}])
    assert (of_color(far, 'green'), of_color(near, 'green'), of_color(near, 'blue')) == (['a'], [], ['a'])
    clock.change(advance='PT11S')
    for client in (near, far):
        assert (of_color(client, 'green'), of_color(client, 'blue'), of_color(client, 'red')) == (['a'], [], ['b'])


class StreamReader:
    """All shards of a region's stream, from some place on: what is new at each read."""

    def __init__(self, server, region, kind='TRIM_HORIZON'):
        self._streams = client_of(server, region, 'dynamodbstreams')
        arn = client_of(server, region).describe_table(TableName='Prices')['Table']['LatestStreamArn']
        shards = self._streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']
        self._iterators = {shard['ShardId']: self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard['ShardId'], ShardIteratorType=kind)['ShardIterator'] for shard in shards}

    def read(self):
        found = []
        for shard, iterator in self._iterators.items():
            page = self._streams.get_records(ShardIterator=iterator)
            self._iterators[shard] = page['NextShardIterator']
            found += page['Records']
        found.sort(key=lambda record: int(record['dynamodb']['SequenceNumber']))
        return [(record['eventName'], record['dynamodb']['Keys']['pk']['S']) for record in found]


def test_the_stream_of_the_other_region_tells_of_a_write_as_late(server, near, far):
    clock = two_regions(server, near)
    reader = StreamReader(server, FAR)
    put(far, 'own', '1')
    put(near, 'theirs', '1')
    clock.change(advance='PT1S')
    from_now_on = StreamReader(server, FAR, 'LATEST')
    assert reader.read() == [('INSERT', 'own')]
    assert from_now_on.read() == []
    clock.change(advance='PT10S')
    for each in (reader, from_now_on):
        assert each.read() == [('INSERT', 'theirs')], 'what was not seen yet is new'
        assert each.read() == []
    put(near, 'more', '1')
    server.kill()
    server.start(port=server.port)
    assert (value(far, 'more'), StreamReader(server, FAR).read()[-1]) == ('1', ('INSERT', 'more'))


def test_nothing_is_late_without_a_lag_on_a_clock_that_stands_still():
    with running() as server:
        near = client_of(server, NEAR)
        two_regions(server, near)
        for key in 'ab':
            put(near, key, '1')
        assert value(client_of(server, FAR), 'b') == '1'
        assert StreamReader(server, FAR).read() == [('INSERT', 'a'), ('INSERT', 'b')]


def test_strongly_consistent_replicas_never_lag(server, near):
    create(near, 'Prices')
    ask(server, NEAR, 'UpdateTable', TableName='Prices', MultiRegionConsistency='STRONG',
        ReplicaUpdates=[{'Create': {'RegionName': region}} for region in ('us-east-2', 'us-west-2')])
    far = client_of(server, 'us-west-2')
    far.get_waiter('table_exists').wait(TableName='Prices', WaiterConfig={'Delay': 1})
    far.update_table(TableName='Prices', StreamSpecification=BOTH_IMAGES)
    far.get_waiter('table_exists').wait(TableName='Prices', WaiterConfig={'Delay': 1})
    Clock(server.endpoint).change(freeze=True)
    reader = StreamReader(server, 'us-west-2')
    put(near, 'a', '1')
    assert value(far, 'a') == '1'
    assert reader.read() == [('INSERT', 'a')]


def test_what_was_late_has_arrived_after_a_kill(server, near, far):
    two_regions(server, near)
    put(near, 'a', '1')
    assert value(far, 'a') is None
    server.kill()
    server.start(port=server.port)
    assert (value(near, 'a'), value(far, 'a')) == ('1', '1')


def test_an_item_that_expires_goes_in_each_region_when_that_has_seen_it(server, near, far):
    create(near, 'Prices')
    add_replica(near, 'Prices', FAR)
    near.update_time_to_live(TableName='Prices', TimeToLiveSpecification={'AttributeName': 'until', 'Enabled': True})
    put(near, 'a', 'lasting')
    clock = Clock(server.endpoint)
    clock.change(freeze=True)
    clock.change(advance='PT11S')
    soon = int(clock.now().timestamp()) + 3
    near.put_item(TableName='Prices', Item=item('a', v='passing') | {'until': {'N': str(soon)}})
    clock.change(advance='PT6S')
    # Which region's copy the service deletes is its business; neither sees what it has not seen.
    until(lambda: 'lasting' == value(far, 'a') and value(near, 'a') in (None, 'passing'), 'the sweeper')
    clock.change(advance='PT6S')
    until(lambda: value(far, 'a') in (None, 'passing'), 'the write')
    clock.change(advance='PT11S')
    until(lambda: value(near, 'a') is None and value(far, 'a') is None, 'the deletion')


def test_a_table_that_leaves_shows_what_it_has(server):
    clients = [client_of(server, region) for region in (NEAR, FAR)]
    for client in clients:
        create(client, 'Prices', StreamSpecification=BOTH_IMAGES)
    near, far = clients
    near.create_global_table(GlobalTableName='Prices', ReplicationGroup=[{'RegionName': NEAR}, {'RegionName': FAR}])
    Clock(server.endpoint).change(freeze=True)
    put(near, 'a', '1')
    assert value(far, 'a') is None
    near.update_global_table(GlobalTableName='Prices', ReplicaUpdates=[{'Delete': {'RegionName': FAR}}])
    assert value(far, 'a') == '1'
    put(far, 'a', '2')
    read = far.transact_get_items(TransactItems=[{'Get': {'TableName': 'Prices', 'Key': item('a')}}])['Responses']
    assert (value(near, 'a'), value(far, 'a'), read) == ('1', '2', [{'Item': item('a', v='2')}])
    # Back again, empty, before the lag is over: nothing comes back.
    for client in clients:
        client.delete_item(TableName='Prices', Key=item('a'))
    near.update_global_table(GlobalTableName='Prices', ReplicaUpdates=[{'Create': {'RegionName': FAR}}])
    assert value(far, 'a') is None


def test_a_pair_that_is_deleted_unseen_twice_goes_whole(server, near, far):
    clock = two_regions(server, near)
    pair = [item('a', v='1'), item('b', v='1')]
    near.transact_write_items(TransactItems=[{'Put': {'TableName': 'Prices', 'Item': one}} for one in pair])
    clock.change(advance='PT11S')
    deletes = [{'Delete': {'TableName': 'Prices', 'Key': item(key)}} for key in 'ab']
    gets = [{'Get': {'TableName': 'Prices', 'Key': item(key)}} for key in 'ab']
    near.transact_write_items(TransactItems=deletes)
    assert far.transact_get_items(TransactItems=gets)['Responses'] == [{'Item': one} for one in pair]
    far.transact_write_items(TransactItems=deletes)
    assert far.transact_get_items(TransactItems=gets)['Responses'] == [{}, {}]
    clock.change(advance='PT11S')
    assert items(near, 'Prices') == items(far, 'Prices') == []
    assert far.describe_table(TableName='Prices')['Table']['ItemCount'] == 0


class Region:
    """What one region of the model has: for each key the time of the last write, and what it wrote."""

    def __init__(self):
        self.written = {}
        self.on_the_way = []  # (arrives, key, time, written)

    def shown(self, key):
        return self.written.get(key, (0, None))[1]

    def arrive(self, now):
        for arrival in [one for one in self.on_the_way if one[0] <= now]:
            self.on_the_way.remove(arrival)
            _, key, time, written = arrival
            if time > self.written.get(key, (0, None))[0]:
                self.written[key] = (time, written)


def sorted_table(client):
    client.create_table(
        TableName='Prices', BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[{'AttributeName': name, 'AttributeType': kind} for name, kind in (('pk', 'S'), ('n', 'N'), ('color', 'S'))],
        KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'n', 'KeyType': 'RANGE'}],
        LocalSecondaryIndexes=[{'IndexName': 'colors', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [
            {'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'color', 'KeyType': 'RANGE'}]}],
        GlobalSecondaryIndexes=[{'IndexName': 'by-color', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': [
            {'AttributeName': 'color', 'KeyType': 'HASH'}, {'AttributeName': 'n', 'KeyType': 'RANGE'}]}])
    client.get_waiter('table_exists').wait(TableName='Prices', WaiterConfig={'Delay': 1})


def key_of(key):
    return {'pk': {'S': key[0]}, 'n': {'N': str(key[1])}}


def alike(found):
    return sorted(json.dumps(one, sort_keys=True) for one in found)


def all_pages(client, operation, **request):
    found = []
    while True:
        page = getattr(client, operation)(TableName='Prices', **request)
        found += page['Items']
        if 'LastEvaluatedKey' not in page:
            return found
        request['ExclusiveStartKey'] = page['LastEvaluatedKey']


def test_three_regions_agree_with_a_model_that_delivers_each_write(server, near):
    """The model copies writes to the other regions later, and keeps the later one of two: nothing of how the server does it."""
    print(f'seed {SEED}')
    chance = random.Random(SEED)
    sorted_table(near)
    for region in (FAR, THIRD):
        add_replica(near, 'Prices', region)
    clock = Clock(server.endpoint)
    clock.change(freeze=True)
    clients = [client_of(server, region) for region in (NEAR, FAR, THIRD)]
    models = [Region() for _ in clients]
    keys = [(pk, n) for pk in ('a', 'b') for n in range(4)]
    colors = ['blue', 'green', 'red']
    now = 0
    writes = 0

    def write(at, key, written):
        nonlocal writes
        writes += 1
        models[at].written[key] = (writes, written)
        for other, model in enumerate(models):
            if other != at:
                model.on_the_way.append((now + LAG, key, writes, written))

    def query(client, forward, **request):
        return all_pages(client, 'query', ScanIndexForward=forward, Limit=chance.randrange(1, 5), **request)

    for step in range(1200):
        at = chance.randrange(3)
        client, model = clients[at], models[at]
        key, color = chance.choice(keys), chance.choice(colors)
        old = model.shown(key)
        new = key_of(key) | {'color': {'S': color}}
        forward = chance.random() < 0.5
        match chance.randrange(9):
            case 0:
                now += (seconds := chance.randrange(1, 8))
                clock.change(advance=f'PT{seconds}S')
                for one in models:
                    one.arrive(now)
            case 1 | 2:
                assert client.put_item(TableName='Prices', Item=new, ReturnValues='ALL_OLD').get('Attributes') == old
                write(at, key, new)
            case 3:
                answer = client.delete_item(TableName='Prices', Key=key_of(key), ReturnValues='ALL_OLD')
                assert answer.get('Attributes') == old
                if old:
                    write(at, key, None)
            case 4:
                answer = client.update_item(TableName='Prices', Key=key_of(key), UpdateExpression='SET note = :s ADD hits :one',
                                            ExpressionAttributeValues={':s': {'S': str(step)}, ':one': {'N': '1'}},
                                            ReturnValues='ALL_NEW')['Attributes']
                count = int((old or {}).get('hits', {'N': '0'})['N']) + 1
                expected = {**(old or key_of(key)), 'note': {'S': str(step)}, 'hits': {'N': str(count)}}
                assert answer == expected
                write(at, key, expected)
            case 5:
                other = chance.choice([one for one in keys if one != key])
                exists = model.shown(other) is not None
                condition = 'attribute_exists(pk)' if exists else 'attribute_not_exists(pk)'
                client.transact_write_items(TransactItems=[
                    {'ConditionCheck': {'TableName': 'Prices', 'Key': key_of(other), 'ConditionExpression': condition}},
                    {'Put': {'TableName': 'Prices', 'Item': new | {'by': {'S': 'transaction'}}}}])
                write(at, key, new | {'by': {'S': 'transaction'}})
            case 6:
                assert client.get_item(TableName='Prices', Key=key_of(key)).get('Item') == old
            case 7:
                found = query(client, forward, IndexName='by-color', KeyConditionExpression='color = :c',
                              ExpressionAttributeValues={':c': {'S': color}})
                expected = [one for one in map(model.shown, keys) if one and one.get('color') == {'S': color}]
                assert [one['n'] for one in found] == sorted((one['n'] for one in expected), key=lambda n: n['N'], reverse=not forward)
                assert alike(found) == alike(expected)
            case 8:
                index, order = chance.choice([({}, 'n'), ({'IndexName': 'colors'}, 'color')])
                found = query(client, forward, KeyConditionExpression='pk = :p',
                              ExpressionAttributeValues={':p': {'S': key[0]}}, **index)
                expected = [one for one in (model.shown(other) for other in keys if other[0] == key[0]) if one and order in one]
                values = [next(iter(one[order].values())) for one in found]
                assert values == sorted(values, reverse=not forward)
                assert alike(found) == alike(expected)
        if step % 10 == 0:
            for one, shown in zip(clients, models):
                found = all_pages(one, 'scan', Limit=3)
                assert alike(found) == alike(filter(None, map(shown.shown, keys))), step
    clock.change(advance='PT11S')
    for model in models:
        model.arrive(now + 11)
    ends = [alike(all_pages(client, 'scan')) for client in clients]
    assert ends[0] == ends[1] == ends[2] == alike(filter(None, map(models[0].shown, keys)))
