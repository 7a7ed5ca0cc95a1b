"""`--replica-lag`: what one region writes, the others show later, and the last writer wins; through boto3 with its default
settings, on a clock that stands still."""
import random

import pytest

from support.clock import Clock
from support.global_tables import FAR, NEAR, THIRD, add_replica, ask, client_of, create, item, items, refusal
from support.server import running

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


def value(client, key, name='Prices'):
    found = client.get_item(TableName=name, Key=item(key), ConsistentRead=True).get('Item')
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


def test_the_stream_of_the_other_region_tells_of_a_write_as_late(server, near, far):
    clock = two_regions(server, near)
    streams = client_of(server, FAR, 'dynamodbstreams')
    arn = far.describe_table(TableName='Prices')['Table']['LatestStreamArn']
    iterators = {shard['ShardId']: streams.get_shard_iterator(StreamArn=arn, ShardId=shard['ShardId'],
                                                              ShardIteratorType='TRIM_HORIZON')['ShardIterator']
                 for shard in streams.describe_stream(StreamArn=arn)['StreamDescription']['Shards']}

    def read():
        found = []
        for shard, iterator in iterators.items():
            page = streams.get_records(ShardIterator=iterator)
            iterators[shard] = page['NextShardIterator']
            found += [(record['eventName'], record['dynamodb']['Keys']['pk']['S']) for record in page['Records']]
        return found
    put(far, 'own', '1')
    put(near, 'theirs', '1')
    assert read() == [('INSERT', 'own')]
    clock.change(advance='PT11S')
    assert read() == [('INSERT', 'theirs')]
    assert read() == []


def test_strongly_consistent_replicas_never_lag(server, near):
    create(near, 'Prices')
    ask(server, NEAR, 'UpdateTable', TableName='Prices', MultiRegionConsistency='STRONG',
        ReplicaUpdates=[{'Create': {'RegionName': region}} for region in ('us-east-2', 'us-west-2')])
    far = client_of(server, 'us-west-2')
    far.get_waiter('table_exists').wait(TableName='Prices', WaiterConfig={'Delay': 1})
    Clock(server.endpoint).change(freeze=True)
    put(near, 'a', '1')
    assert value(far, 'a') == '1'


def test_what_was_late_has_arrived_after_a_kill(server, near, far):
    two_regions(server, near)
    put(near, 'a', '1')
    assert value(far, 'a') is None
    server.kill()
    server.start(port=server.port)
    assert (value(near, 'a'), value(far, 'a')) == ('1', '1')


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


def test_three_regions_agree_with_a_model_that_delivers_each_write(server, near):
    """The model copies writes to the other regions later, and keeps the later one of two: nothing of how the server does it."""
    print(f'seed {SEED}')
    chance = random.Random(SEED)
    create(near, 'Prices', index='color')
    for region in (FAR, THIRD):
        add_replica(near, 'Prices', region)
    clock = Clock(server.endpoint)
    clock.change(freeze=True)
    clients = [client_of(server, region) for region in (NEAR, FAR, THIRD)]
    models = [Region() for _ in clients]
    keys, colors = [f'k{n}' for n in range(6)], ['red', 'blue', 'green']
    now = 0
    writes = 0

    def write(at, key, written):
        nonlocal writes
        writes += 1
        models[at].written[key] = (writes, written)
        for other, model in enumerate(models):
            if other != at:
                model.on_the_way.append((now + LAG, key, writes, written))

    for step in range(1200):
        at = chance.randrange(3)
        client, model = clients[at], models[at]
        key, color = chance.choice(keys), chance.choice(colors)
        old = model.shown(key)
        match chance.randrange(8):
            case 0:
                now += (seconds := chance.randrange(1, 8))
                clock.change(advance=f'PT{seconds}S')
                for one in models:
                    one.arrive(now)
            case 1 | 2:
                answer = client.put_item(TableName='Prices', Item=item(key, color=color), ReturnValues='ALL_OLD')
                assert answer.get('Attributes') == old
                write(at, key, item(key, color=color))
            case 3:
                answer = client.delete_item(TableName='Prices', Key=item(key), ReturnValues='ALL_OLD')
                assert answer.get('Attributes') == old
                if old:
                    write(at, key, None)
            case 4:
                answer = client.update_item(TableName='Prices', Key=item(key), UpdateExpression='SET note = :s ADD n :one',
                                            ExpressionAttributeValues={':s': {'S': str(step)}, ':one': {'N': '1'}},
                                            ReturnValues='ALL_NEW')['Attributes']
                count = int((old or {}).get('n', {'N': '0'})['N']) + 1
                expected = {**(old or item(key)), 'note': {'S': str(step)}, 'n': {'N': str(count)}}
                assert answer == expected
                write(at, key, expected)
            case 5:
                other = chance.choice([one for one in keys if one != key])
                exists = model.shown(other) is not None
                condition = 'attribute_exists(pk)' if exists else 'attribute_not_exists(pk)'
                client.transact_write_items(TransactItems=[
                    {'ConditionCheck': {'TableName': 'Prices', 'Key': item(other), 'ConditionExpression': condition}},
                    {'Put': {'TableName': 'Prices', 'Item': item(key, color=color, by='transaction')}}])
                write(at, key, item(key, color=color, by='transaction'))
            case 6:
                assert client.get_item(TableName='Prices', Key=item(key)).get('Item') == old
            case 7:
                found = client.query(TableName='Prices', IndexName='by-color', KeyConditionExpression='color = :c',
                                     ExpressionAttributeValues={':c': {'S': color}})['Items']
                expected = [one for one in map(model.shown, keys) if one and one.get('color') == {'S': color}]
                assert sorted(found, key=lambda one: one['pk']['S']) == expected
        if step % 10 == 0:
            for one, shown in zip(clients, models):
                assert items(one, 'Prices') == [found for found in map(shown.shown, keys) if found], step
    clock.change(advance='PT11S')
    for model in models:
        model.arrive(now + 11)
    assert items(clients[0], 'Prices') == items(clients[1], 'Prices') == items(clients[2], 'Prices')
    assert items(clients[0], 'Prices') == [found for found in map(models[0].shown, keys) if found]
