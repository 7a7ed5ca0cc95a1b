"""Vector indexes on the wire: what only raw requests can say, states, imports, and writers beside a new index."""
import json
import random
import threading

import pytest

from support.clock import Clock
from support.server import Failed, running, table_request, until, wait_active
from support.transfers import finish_import, import_request

INDEX = {'IndexName': 'near', 'VectorAttribute': {'AttributeName': 'v'}, 'Projection': {'ProjectionType': 'ALL'},
         'Dimensions': 2, 'DistanceFunction': 'EUCLIDEAN'}


def vector(*numbers):
    return [{'N': str(number)} for number in numbers]


def item(pk, *numbers, **more):
    return {'pk': {'S': pk}, 'v': {'L': vector(*numbers)}, **more}


def search(wire, table, *numbers, **more):
    return wire.call('SearchVectors', {'TableName': table, 'IndexName': 'near', 'SearchVector': vector(*numbers), 'TopK': 100,
                                       **more})['SearchResults']


def index_of(wire, table):
    return wire.call('DescribeTable', {'TableName': table})['Table'].get('VectorIndexes', [None])[0]


def refusal(wire, operation, request):
    with pytest.raises(Failed) as failed:
        wire.call(operation, request)
    return failed.value.code, failed.value.message


# The body, and what the answer ends with: the endpoint of searches counts the columns of what it has read.
BODIES = [
    ('{}', 'ValidationException', 'missing field `TableName` at line 1 column 2'),
    ('{"IndexName": "x"}', 'ValidationException', 'missing field `TableName` at line 1 column 18'),
    ('{"TableName": "no-such-table"}', 'ValidationException', 'missing field `IndexName` at line 1 column 30'),
    ('{"TableName":null,"IndexName":"near"}', 'SerializationException', 'invalid type: null, expected a string at line 1 column 17'),
    ('{"TableName":"t","IndexName": null}', 'SerializationException', 'invalid type: null, expected a string at line 1 column 34'),
    ('{"TableName":"t",\n"IndexName":"near","SearchVector":null}', 'SerializationException',
     'invalid type: null, expected a sequence at line 2 column 38'),
    ('{"Other":{"TableName":[null,"}"]},"TableName":"t"}', 'ValidationException', 'missing field `IndexName` at line 1 column 50'),
]


@pytest.mark.parametrize('body, code, message', BODIES)
def test_members_that_are_not_there(wire, body, code, message):
    status, _, data = wire.post(body, **{'X-Amz-Target': 'DynamoDB_20120810.SearchVectors'})
    answer = json.loads(data)
    assert status == 400
    assert answer['__type'].endswith('#' + code)
    assert message in answer.get('message', answer.get('Message'))


def test_a_short_name_of_an_index(wire):
    code, message = refusal(wire, 'SearchVectors', {'TableName': 'no-such-table', 'IndexName': 'x', 'SearchVector': vector(1), 'TopK': 1})
    assert code == 'ValidationException'
    assert message == ("1 validation error detected: Value 'x' at 'indexName' failed to satisfy constraint: "
                       'Member must have length greater than or equal to 3')


def test_states(name):
    with running(args=['--delay-transient-statuses']) as server:
        wire = server.wire()
        clock = Clock(server.endpoint)
        wire.call('CreateTable', table_request(name))
        clock.change(advance='PT1M')
        wire.call('PutItem', {'TableName': name, 'Item': item('a', 1, 0)})
        wire.call('UpdateTable', {'TableName': name, 'VectorIndexUpdates': [{'Create': INDEX}]})
        assert (index_of(wire, name)['IndexStatus'], index_of(wire, name)['Backfilling']) == ('CREATING', False)
        code, message = refusal(wire, 'SearchVectors', {'TableName': name, 'IndexName': 'near', 'SearchVector': vector(0, 0), 'TopK': 1})
        assert (code, message) == ('ValidationException', 'The table does not have the specified index: near')
        for operation, request in [('DeleteTable', {}), ('UpdateTable', {'VectorIndexUpdates': [{'Delete': {'IndexName': 'near'}}]})]:
            assert refusal(wire, operation, {'TableName': name, **request})[0] == 'ResourceInUseException'
        clock.change(advance='PT1M')
        until(lambda: index_of(wire, name)['IndexStatus'] == 'ACTIVE', 'the index is ACTIVE')
        assert 'Backfilling' not in index_of(wire, name)
        assert [(found['Item']['pk']['S'], found['Score']) for found in search(wire, name, 0, 0)] == [('a', 1.0)]
        wire.call('UpdateTable', {'TableName': name, 'VectorIndexUpdates': [{'Delete': {'IndexName': 'near'}}]})
        assert index_of(wire, name)['IndexStatus'] == 'DELETING'
        clock.change(advance='PT2M')
        assert index_of(wire, name) is None
        wire.close()


def test_one_change_at_a_time(wire, name):
    wire.call('CreateTable', table_request(name, VectorIndexes=[INDEX]))
    wait_active(wire, name)
    limit = ('LimitExceededException',
             'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table')
    second = {**INDEX, 'IndexName': 'other'}
    for updates in ([{'Create': second}, {'Delete': {'IndexName': 'near'}}], [{'Create': second, 'Delete': {'IndexName': 'near'}}]):
        assert refusal(wire, 'UpdateTable', {'TableName': name, 'VectorIndexUpdates': updates}) == limit
    code, _ = refusal(wire, 'UpdateTable', {'TableName': name, 'VectorIndexUpdates': [{'Delete': {'IndexName': 'other'}}]})
    assert code == 'ResourceNotFoundException'
    code, _ = refusal(wire, 'UpdateTable', {'TableName': name, 'BillingMode': 'PROVISIONED',
                                            'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}})
    assert code == 'ValidationException'


def test_writers_beside_a_new_index(shared, name):
    """Whatever was written meanwhile, in the end the index has what the items say."""
    wire = shared.wire()
    wire.call('CreateTable', table_request(name))
    wait_active(wire, name)
    seed = 20260801
    chance = random.Random(seed)
    for start in range(0, 1000, 25):
        puts = [{'PutRequest': {'Item': item(f'item-{number}', number, 0)}} for number in range(start, start + 25)]
        wire.call('BatchWriteItem', {'RequestItems': {name: puts}})

    def write(numbers):
        other = shared.wire()
        for number in numbers:
            if number % 3 == 0:
                other.call('DeleteItem', {'TableName': name, 'Key': {'pk': {'S': f'item-{number}'}}})
            elif number % 3 == 1:
                other.call('PutItem', {'TableName': name, 'Item': item(f'item-{number}', 0, number)})
            else:
                other.call('UpdateItem', {'TableName': name, 'Key': {'pk': {'S': f'item-{number}'}}, 'UpdateExpression': 'REMOVE v'})
        other.close()
    wire.call('UpdateTable', {'TableName': name, 'VectorIndexUpdates': [{'Create': INDEX}]})
    numbers = chance.sample(range(1000), 600)
    writers = [threading.Thread(target=write, args=(numbers[part::4],)) for part in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    until(lambda: index_of(wire, name)['IndexStatus'] == 'ACTIVE', 'the index is ACTIVE')
    expected = {}
    for number in range(1000):
        if number not in numbers:
            expected[f'item-{number}'] = float(number)
    expected.update({f'item-{number}': float(number) for number in numbers if number % 3 == 1})
    assert index_of(wire, name)['ItemCount'] == len(expected), f'seed {seed}'
    nearest = sorted(expected.items(), key=lambda one: one[1])[:100]
    found = search(wire, name, 0, 0)
    assert [one['Score'] for one in found] == [score for _, score in nearest], f'seed {seed}'
    assert {one['Item']['pk']['S'] for one in found} == {pk for pk, _ in nearest}, f'seed {seed}'
    wire.close()


def test_an_import_fills_it(wire, s3, bucket, name):
    lines = [{'Item': item('a', 3, 4)}, {'Item': item('b', 0, 1)}, {'Item': {'pk': {'S': 'c'}}}]
    s3.put_object(Bucket=bucket, Key='in/a.json', Body=''.join(json.dumps(line) + '\n' for line in lines).encode())
    parameters = table_request(f'{name}-table', VectorIndexes=[INDEX])
    started = wire.call('ImportTable', import_request(parameters, bucket, 'in/'))['ImportTableDescription']
    ended = finish_import(wire, started['ImportArn'])
    assert (ended['ImportStatus'], ended['ImportedItemCount'], ended['ErrorCount']) == ('COMPLETED', 3, 0)
    assert ended['TableCreationParameters'] == parameters
    found = search(wire, f'{name}-table', 0, 0)
    assert [(one['Item'], one['Score']) for one in found] == [(item('b', 0, 1), 1.0), (item('a', 3, 4), 5.0)]
    assert index_of(wire, f'{name}-table')['ItemCount'] == 2


def test_it_survives_a_kill(own_server, name):
    wire = own_server.wire()
    wire.call('CreateTable', table_request(name, VectorIndexes=[INDEX]))
    wait_active(wire, name)
    wire.call('PutItem', {'TableName': name, 'Item': item('a', 3, 4)})
    own_server.kill()
    own_server.start()
    wire = own_server.wire()
    assert [(one['Item'], one['Score']) for one in search(wire, name, 0, 0)] == [(item('a', 3, 4), 5.0)]
    assert index_of(wire, name)['Dimensions'] == 2
