"""Items through boto3: values, conditions, updates, batches, queries, scans, and the exact refusals."""
import pytest
from botocore.exceptions import ClientError

from support.server import table_request


@pytest.fixture(scope='module')
def table(dynamodb):
    dynamodb.create_table(**table_request('items', sort_key='sk', index='color'))
    dynamodb.get_waiter('table_exists').wait(TableName='items', WaiterConfig={'Delay': 1, 'MaxAttempts': 20})
    return 'items'


def key(pk, sk=0):
    return {'pk': {'S': pk}, 'sk': {'N': str(sk)}}


def get(dynamodb, table, pk, sk=0):
    return dynamodb.get_item(TableName=table, Key=key(pk, sk), ConsistentRead=True).get('Item')


@pytest.mark.parametrize('value', [
    {'S': ''}, {'S': 'a\u0000b "\\ \u2028 \U0001f600'}, {'B': b''}, {'B': bytes(range(256))}, {'BOOL': False},
    {'NULL': True}, {'SS': ['', 'a']}, {'BS': [b'', b'\x00']}, {'L': []}, {'M': {}},
    {'L': [{'M': {'': {'L': [{'NULL': True}]}}}, {'S': 'x'}]},
], ids=str)
def test_value_round_trip(dynamodb, table, value):
    item = {**key('round'), 'v': value}
    dynamodb.put_item(TableName=table, Item=item)
    assert get(dynamodb, table, 'round') == item


@pytest.mark.parametrize('sent, stored', [
    ('0', '0'), ('-0', '0'), ('+5', '5'), ('00042', '42'), ('1.0', '1'), ('3.1400', '3.14'), ('.5', '0.5'),
    ('1.5E2', '150'), ('1E-7', '0.0000001'), ('-1e-130', '-0.' + '0' * 129 + '1'), ('1E125', '1' + '0' * 125),
    ('9' * 38, '9' * 38), ('0.' + '9' * 38, '0.' + '9' * 38),
])
def test_numbers_are_normalised(dynamodb, table, sent, stored):
    dynamodb.put_item(TableName=table, Item={**key('number'), 'n': {'N': sent}, 's': {'NS': [sent]}})
    item = get(dynamodb, table, 'number')
    assert item['n'] == {'N': stored}
    assert item['s'] == {'NS': [stored]}


def nested(depth):
    value = {'S': 'leaf'}
    for _ in range(depth):
        value = {'L': [value]}
    return value


INVALID = 'One or more parameter values were invalid: '
ENVELOPE = '1 validation error detected: '
BAD_PUTS = [
    ('missing key', {'pk': {'S': 'a'}}, INVALID + 'Missing the key sk in the item'),
    ('key type', {'pk': {'N': '1'}, 'sk': {'N': '1'}}, INVALID + 'Type mismatch for key pk expected: S actual: N'),
    ('index key type', {**key('a'), 'color': {'N': '1'}},
     INVALID + 'Type mismatch for Index Key color Expected: S Actual: N IndexName: by-color'),
    ('empty key', key(''), 'One or more parameter values are not valid. The AttributeValue for a key attribute '
     'cannot contain an empty string value. Key: pk'),
    ('empty index key', {**key('a'), 'color': {'S': ''}},
     'One or more parameter values are not valid. A value specified for a secondary index key is not supported. '
     'The AttributeValue for a key attribute cannot contain an empty string value. '
     'IndexName: by-color, IndexKey: color'),
    ('long key', key('x' * 2049),
     INVALID + 'Size of hashkey has exceeded the maximum size limit of2048 bytes'),
    ('not a number', {**key('a'), 'n': {'N': 'foo'}},
     ENVELOPE + 'The parameter cannot be converted to a numeric value: foo'),
    ('39 digits', {**key('a'), 'n': {'N': '1' * 39}},
     ENVELOPE + 'Attempting to store more than 38 significant digits in a Number'),
    ('overflow', {**key('a'), 'n': {'N': '1e126'}},
     ENVELOPE + 'Number overflow. Attempting to store a number with magnitude larger than supported range'),
    ('underflow', {**key('a'), 'n': {'N': '1e-131'}},
     ENVELOPE + 'Number underflow. Attempting to store a number with magnitude smaller than supported range'),
    ('set twice', {**key('a'), 's': {'SS': ['a', 'a']}},
     ENVELOPE + INVALID + 'Input collection ["a", "a"] contains duplicates.'),
    ('numbers twice', {**key('a'), 's': {'NS': ['1', '1.0']}},
     ENVELOPE + INVALID + 'Input collection contains duplicates.'),
    ('empty set', {**key('a'), 's': {'SS': []}}, ENVELOPE + INVALID + 'An string set  may not be empty'),
    ('null false', {**key('a'), 's': {'NULL': False}},
     ENVELOPE + INVALID + 'Null attribute value types must have the value of true'),
    ('too large', {**key('a'), 's': {'S': 'x' * 409600}}, 'Item size has exceeded the maximum allowed size'),
    ('too deep', {**key('a'), 's': nested(32)},
     'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'),
]


@pytest.mark.parametrize('item, message', [case[1:] for case in BAD_PUTS], ids=[case[0] for case in BAD_PUTS])
def test_refused_puts(dynamodb, table, item, message):
    with pytest.raises(ClientError) as error:
        dynamodb.put_item(TableName=table, Item=item)
    assert error.value.response['Error'] == {'Code': 'ValidationException', 'Message': message}
    assert error.value.response['ResponseMetadata']['HTTPStatusCode'] == 400


def test_largest_item_and_deepest_nesting_are_taken(dynamodb, table):
    names_and_key = len('pk') + len('big') + len('sk') + 1 + len('s')
    item = {**key('big'), 's': {'S': 'x' * (409600 - names_and_key)}}
    dynamodb.put_item(TableName=table, Item=item)
    assert get(dynamodb, table, 'big') == item
    item['s']['S'] += 'x'
    with pytest.raises(dynamodb.exceptions.ClientError):
        dynamodb.put_item(TableName=table, Item=item)
    deep = {**key('deep'), 'd': nested(31)}
    dynamodb.put_item(TableName=table, Item=deep)
    assert get(dynamodb, table, 'deep') == deep
    dynamodb.delete_item(TableName=table, Key=key('big'))


UPDATES = [
    ('swap', 'SET a = b, b = a', {}, {'a': {'N': '2'}, 'b': {'N': '1'}}),
    ('arithmetic', 'SET a = a + :v, b = :v - b', {':v': {'N': '0.5'}}, {'a': {'N': '1.5'}, 'b': {'N': '-1.5'}}),
    ('default', 'SET c = if_not_exists(c, :v), a = if_not_exists(a, :v)', {':v': {'N': '9'}},
     {'c': {'N': '9'}, 'a': {'N': '1'}}),
    ('append', 'SET l = list_append(:v, l)', {':v': {'L': [{'S': '0'}]}},
     {'l': {'L': [{'S': '0'}, {'S': 'x'}, {'S': 'y'}]}}),
    ('beyond the end', 'SET l[9] = :v', {':v': {'S': 'z'}}, {'l': {'L': [{'S': 'x'}, {'S': 'y'}, {'S': 'z'}]}}),
    ('nested', 'SET m.child.k = :v REMOVE l[0]', {':v': {'BOOL': True}},
     {'m': {'M': {'child': {'M': {'k': {'BOOL': True}}}}}, 'l': {'L': [{'S': 'y'}]}}),
    ('add', 'ADD a :v, s :t, fresh :v', {':v': {'N': '10'}, ':t': {'SS': ['q']}},
     {'a': {'N': '11'}, 's': {'SS': ['p', 'q']}, 'fresh': {'N': '10'}}),
    ('last of a set', 'DELETE s :t', {':t': {'SS': ['p']}}, {'s': None}),
    ('remove', 'REMOVE a, m.child', {}, {'a': None, 'm': {'M': {}}}),
]


@pytest.mark.parametrize('expression, values, changes', [case[1:] for case in UPDATES],
                         ids=[case[0] for case in UPDATES])
def test_updates(dynamodb, table, expression, values, changes):
    before = {**key('update'), 'a': {'N': '1'}, 'b': {'N': '2'}, 'l': {'L': [{'S': 'x'}, {'S': 'y'}]},
              'm': {'M': {'child': {'M': {}}}}, 's': {'SS': ['p']}}
    dynamodb.put_item(TableName=table, Item=before)
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}
    more = {'ExpressionAttributeValues': values} if values else {}
    answer = dynamodb.update_item(TableName=table, Key=key('update'), UpdateExpression=expression,
                                  ReturnValues='ALL_NEW', **more)
    assert answer['Attributes'] == after
    assert get(dynamodb, table, 'update') == after


BAD_UPDATES = [
    ('syntax', 'SET a =', {}, ENVELOPE + 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "="'),
    ('reserved', 'SET status = :v', {':v': {'N': '1'}},
     ENVELOPE + 'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status'),
    ('undefined', 'SET a = :v', {},
     ENVELOPE + 'Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute '
     'value: :v'),
    ('overlap', 'SET a = :v, a.b = :v', {':v': {'N': '1'}},
     ENVELOPE + 'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of '
     'these paths; path one: [a], path two: [a, b]'),
    ('key', 'SET pk = :v', {':v': {'S': '1'}}, INVALID + 'Cannot update attribute pk. This attribute is part of the key'),
    ('path', 'SET nothere.x = :v', {':v': {'S': '1'}},
     'The document path provided in the update expression is invalid for update'),
    ('operand', 'SET a = a + :v', {':v': {'N': '1'}}, 'An operand in the update expression has an incorrect data type'),
    ('absent', 'SET c = gone', {}, 'The provided expression refers to an attribute that does not exist in the item'),
    ('unused', 'SET c = a', {':v': {'N': '1'}},
     ENVELOPE + 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'),
]


@pytest.mark.parametrize('expression, values, message', [case[1:] for case in BAD_UPDATES],
                         ids=[case[0] for case in BAD_UPDATES])
def test_refused_updates_change_nothing(dynamodb, table, expression, values, message):
    item = {**key('refused'), 'a': {'S': 'text'}}
    dynamodb.put_item(TableName=table, Item=item)
    more = {'ExpressionAttributeValues': values} if values else {}
    with pytest.raises(ClientError) as error:
        dynamodb.update_item(TableName=table, Key=key('refused'), UpdateExpression=expression, **more)
    assert error.value.response['Error'] == {'Code': 'ValidationException', 'Message': message}
    assert get(dynamodb, table, 'refused') == item


def test_conditions_decide(dynamodb, table):
    new = {'TableName': table, 'Item': key('once'), 'ConditionExpression': 'attribute_not_exists(pk)'}
    dynamodb.put_item(**new)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as error:
        dynamodb.put_item(**new)
    assert error.value.response['Error']['Message'] == 'The conditional request failed'
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.delete_item(TableName=table, Key=key('nothing there'), ConditionExpression='attribute_exists(pk)')
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(TableName=table, Key=key('nothing there'), UpdateExpression='SET a = :a',
                             ConditionExpression='a > :a', ExpressionAttributeValues={':a': {'N': '1'}})
    assert get(dynamodb, table, 'nothing there') is None


def test_the_index_follows_every_change(dynamodb, table):
    def of(color):
        return sorted(item['pk']['S'] for item in dynamodb.query(
            TableName=table, IndexName='by-color', KeyConditionExpression='color = :c',
            ExpressionAttributeValues={':c': {'S': color}})['Items'])
    for pk in ('one', 'two', 'three'):
        dynamodb.put_item(TableName=table, Item={**key(pk), 'color': {'S': 'crimson'}})
    assert of('crimson') == ['one', 'three', 'two']
    dynamodb.update_item(TableName=table, Key=key('two'), UpdateExpression='SET color = :c',
                         ExpressionAttributeValues={':c': {'S': 'teal'}})
    dynamodb.update_item(TableName=table, Key=key('three'), UpdateExpression='REMOVE color')
    dynamodb.delete_item(TableName=table, Key=key('one'))
    assert of('crimson') == []
    assert of('teal') == ['two']


def test_query_pages_and_sort_conditions(dynamodb, table):
    numbers = [-100, -2.5, -1, 0, 0.5, 1, 2, 10, 100]
    for start in range(0, len(numbers), 25):
        dynamodb.batch_write_item(RequestItems={table: [
            {'PutRequest': {'Item': key('series', n)}} for n in numbers[start:start + 25]]})

    def ask(condition, values, **more):
        pages = dynamodb.get_paginator('query').paginate(
            TableName=table, KeyConditionExpression='pk = :p' + condition, PaginationConfig={'PageSize': 2},
            ExpressionAttributeValues={':p': {'S': 'series'}, **{k: {'N': v} for k, v in values.items()}}, **more)
        return [float(item['sk']['N']) for page in pages for item in page['Items']]
    assert ask('', {}) == numbers
    assert ask('', {}, ScanIndexForward=False) == numbers[::-1]
    assert ask(' AND sk < :a', {':a': '-1'}) == [-100, -2.5]
    assert ask(' AND sk >= :a', {':a': '10.0'}) == [10, 100]
    assert ask(' AND sk BETWEEN :a AND :b', {':a': '-2.5', ':b': '0.5'}) == [-2.5, -1, 0, 0.5]
    assert ask(' AND sk = :a', {':a': '1e1'}) == [10]


def test_a_filter_counts_what_was_read(dynamodb, table):
    for n in range(10):
        dynamodb.put_item(TableName=table, Item={**key('filter', n), 'even': {'BOOL': n % 2 == 0}})
    answer = dynamodb.query(TableName=table, KeyConditionExpression='pk = :p', FilterExpression='even = :t', Limit=7,
                            ExpressionAttributeValues={':p': {'S': 'filter'}, ':t': {'BOOL': True}})
    assert (answer['Count'], answer['ScannedCount']) == (4, 7)
    assert answer['LastEvaluatedKey'] == key('filter', 6)


def test_a_projection_takes_what_it_names(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={
        **key('project'), 'a': {'L': [{'S': '0'}, {'S': '1'}, {'M': {'x': {'N': '1'}, 'y': {'N': '2'}}}]}, 'b': {'S': 'b'}})
    item = dynamodb.get_item(TableName=table, Key=key('project'), ProjectionExpression='a[2].#x, a[0], gone',
                             ExpressionAttributeNames={'#x': 'x'})['Item']
    assert item == {'a': {'L': [{'S': '0'}, {'M': {'x': {'N': '1'}}}]}}
    assert dynamodb.get_item(TableName=table, Key=key('project'), ProjectionExpression='gone')['Item'] == {}


def test_batches_refuse_what_they_must(dynamodb, table):
    cases = [
        (dynamodb.batch_write_item, {table: [{'DeleteRequest': {'Key': key('d')}}] * 2},
         'Provided list of item keys contains duplicates'),
        (dynamodb.batch_get_item, {table: {'Keys': [key('d'), key('d')]}},
         'Provided list of item keys contains duplicates'),
        (dynamodb.batch_write_item, {table: [{'PutRequest': {'Item': {'pk': {'S': 'a'}}}}]},
         'The provided key element does not match the schema'),
    ]
    for call, request, message in cases:
        with pytest.raises(ClientError) as error:
            call(RequestItems=request)
        assert error.value.response['Error'] == {'Code': 'ValidationException', 'Message': message}


def test_large_batch_answers_leave_the_rest_for_later(dynamodb, table):
    for n in range(50):
        dynamodb.put_item(TableName=table, Item={**key('heavy', n), 's': {'S': 'x' * 390_000}})
    wanted = [key('heavy', n) for n in range(50)]
    answers, found = 0, []
    while wanted:
        answer = dynamodb.batch_get_item(RequestItems={table: {'Keys': wanted}})
        answers += 1
        found += [int(item['sk']['N']) for item in answer['Responses'][table]]
        wanted = answer['UnprocessedKeys'].get(table, {}).get('Keys', [])
    assert answers == 2, 'an answer holds at most 16 MB'
    assert sorted(found) == list(range(50))
    for n in range(50):
        dynamodb.delete_item(TableName=table, Key=key('heavy', n))
