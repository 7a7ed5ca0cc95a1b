"""Which of several things that are wrong is told, and in what order things are named."""
import copy
import itertools

import pytest

from support.server import Failed, create_table, wait_active

ENVELOPE = '1 validation error detected: '
NAME_RULES = ('Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length '
              'greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]')
KEY_VALUE = ('AttributeValue(s=a, n=null, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, '
             'iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)')


def message_of(wire, operation, request):
    with pytest.raises(Failed) as failed:
        wire.call(operation, request)
    assert failed.value.code == 'ValidationException', failed.value.message
    return failed.value.message


@pytest.mark.parametrize('operation, element, echo', [
    ('BatchGetItem', {'Keys': [{'pk': {'S': 'a'}}]}, '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}'),
    ('BatchWriteItem', [{'DeleteRequest': {'Key': {'pk': {'S': 'a'}}}}],
     '{bad!name=[WriteRequest(putRequest=null, deleteRequest=DeleteRequest(key={pk=' + KEY_VALUE + '}))]}'),
])
def test_names_of_tables_in_batches(wire, operation, element, echo):
    assert message_of(wire, operation, {'RequestItems': {'bad!name': element}}) == (
        f"{ENVELOPE}Value '{echo}' at 'requestItems' failed to satisfy constraint: {NAME_RULES}")


def index(name, *keys):
    kinds = ['HASH', 'RANGE']
    return {'IndexName': name, 'Projection': {'ProjectionType': 'KEYS_ONLY'},
            'KeySchema': [{'AttributeName': key, 'KeyType': kind} for key, kind in zip(keys, kinds)]}


def test_names_of_global_indexes_come_before_local_ones(wire, name):
    attributes = ['pk', 'sk', 'l']
    request = {'TableName': name, 'BillingMode': 'PAY_PER_REQUEST',
               'AttributeDefinitions': [{'AttributeName': each, 'AttributeType': 'S'} for each in attributes],
               'KeySchema': index('', 'pk', 'sk')['KeySchema'],
               'LocalSecondaryIndexes': [index('lo', 'pk', 'l')], 'GlobalSecondaryIndexes': [index('gl', 'l')]}
    short = "Value '{}' at '{}SecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must have length " \
            'greater than or equal to 3'
    assert message_of(wire, 'CreateTable', request) == (
        '2 validation errors detected: ' + short.format('gl', 'global') + '; ' + short.format('lo', 'local'))
    request['GlobalSecondaryIndexes'][0] |= {'IndexName': 'glob', 'KeySchema': []}
    assert message_of(wire, 'CreateTable', request) == (
        '2 validation errors detected: ' + short.format('lo', 'local') +
        "; Value '[]' at 'globalSecondaryIndexes.1.member.keySchema' failed to satisfy constraint: Member must have length "
        'greater than or equal to 1'), 'what is wrong otherwise comes after'


def test_attributes_that_an_index_lacks_are_told_as_asked_for(wire, name):
    create_table(wire, name, index='color')
    table = f'{name}-keys'
    wire.call('CreateTable', {
        'TableName': table, 'BillingMode': 'PAY_PER_REQUEST', 'KeySchema': index('', 'pk')['KeySchema'],
        'AttributeDefinitions': [{'AttributeName': each, 'AttributeType': 'S'} for each in ('pk', 'g')],
        'GlobalSecondaryIndexes': [index('only-keys', 'g')]})
    assert message_of(wire, 'Query', {
        'TableName': table, 'IndexName': 'only-keys', 'KeyConditionExpression': 'g = :g',
        'ProjectionExpression': 'z, b.x, pk, a, b.y', 'ExpressionAttributeValues': {':g': {'S': 'g'}},
    }) == ('One or more parameter values were invalid: Global secondary index only-keys does not project [z, b, a]')


# For each operation what can be wrong with it, in the order in which the service looks (facts of the service's order of checks). Of
# any two in one list the earlier one is told. Those of one list change different members of the request.
A, ONE, BAD_NUMBER = {'S': 'a'}, {'N': '1'}, {'N': 'x'}
KEY = {'pk': A, 'sk': ONE}
ENUM = ('an unknown enum', {'ReturnConsumedCapacity': 'X'})
NO_TABLE = ('no such table', {'TableName': 'nope'})
NO_INDEX = ('no such index', {'IndexName': 'none'})
KEY_VALUE_DEFECT = ('a bad value in the key', {'Key': {'sk': BAD_NUMBER}})
KEY_SCHEMA = ('another key', {'Key': {'zz': A}})
NOT_OLD = ('ReturnValues', {'ReturnValues': 'ALL_NEW'})
SYNTAX = ('syntax of the condition', {'ConditionExpression': 'zz = = b'})
FILTER_SYNTAX = ('syntax of the filter', {'FilterExpression': 'zz = = b'})
FAILS = ('the condition', {'ConditionExpression': 'attribute_exists(zzz)'})
FAILS_LEGACY = ('the condition', {'Expected': {'r': {'Value': A}}})
ITEM_VALUE = ('a bad value in the item', {'Item': {'v': BAD_NUMBER}})
ITEM_SIZE = ('the size', {'Item': {'big': {'S': 'x' * 409_600}}})
ITEM_INDEX = ('the key of an index', {'Item': {'g': ONE}})
UPDATE_INDEX = ('the key of an index', {'UpdateExpression': 'SET g = :g', 'ExpressionAttributeValues': {':g': ONE}})
START_VALUE = ('a bad value in the start key', {'ExclusiveStartKey': {'pk': {}}})
START_SHAPE = ('another start key', {'ExclusiveStartKey': {'zz': A}})
SEGMENT = ('a segment of nothing', {'Segment': 1})
ALL_OF_INDEX = ('more than the index has', {'Select': 'ALL_ATTRIBUTES'})
CONSISTENT = ('a consistent read of a global index', {'ConsistentRead': True})
TWICE = ('an attribute asked for twice', {'AttributesToGet': ['a', 'a']})

PUT = {'Item': KEY}
OF_KEY = {'Key': KEY}
QUERY = {'KeyConditionExpression': 'pk = :p', 'ExpressionAttributeValues': {':p': A}}
QUERY_INDEX = {**QUERY, 'IndexName': 'by-g', 'KeyConditionExpression': 'g = :p'}

ORDERS = [
    ('PutItem', PUT, [ENUM, ITEM_VALUE, NOT_OLD, ITEM_SIZE, SYNTAX, NO_TABLE,
                      ('the type of the key', {'Item': {'pk': ONE}}), ITEM_INDEX]),
    ('PutItem', PUT, [ITEM_VALUE, NOT_OLD, ITEM_SIZE, ('an empty Expected', {'Expected': {'q': {}}}), NO_TABLE,
                      ('the type of the sort key', {'Item': {'sk': A}}), ITEM_INDEX, FAILS_LEGACY]),
    ('PutItem', PUT, [('two styles', {'Expected': {'q': {'Value': A}}, 'ConditionExpression': 'attribute_exists(pk)'}),
                      ITEM_VALUE, NOT_OLD]),
    ('UpdateItem', OF_KEY, [ENUM, ('two styles', {'AttributeUpdates': {'q': {'Value': A}},
                                                  'ConditionExpression': 'attribute_exists(pk)'}), KEY_VALUE_DEFECT]),
    ('UpdateItem', OF_KEY, [KEY_VALUE_DEFECT, ('syntax of the update', {'UpdateExpression': 'SET a = = :v'}), SYNTAX,
                            ('an unused value', {'ExpressionAttributeValues': {':u': A}}), NO_TABLE, KEY_SCHEMA]),
    ('UpdateItem', OF_KEY, [KEY_VALUE_DEFECT, SYNTAX, NO_TABLE, KEY_SCHEMA, ('a key to be changed', {'UpdateExpression': 'REMOVE pk'})]),
    ('UpdateItem', OF_KEY, [NO_TABLE, KEY_SCHEMA, FAILS, ('the update itself', {'UpdateExpression': 'SET j = nope'})]),
    ('UpdateItem', OF_KEY, [NO_TABLE, KEY_SCHEMA, FAILS, UPDATE_INDEX]),
    ('DeleteItem', OF_KEY, [ENUM, KEY_VALUE_DEFECT, NOT_OLD, SYNTAX, NO_TABLE, KEY_SCHEMA]),
    ('DeleteItem', OF_KEY, [NO_TABLE, KEY_SCHEMA, FAILS]),
    ('GetItem', OF_KEY, [ENUM, KEY_VALUE_DEFECT, ('syntax of the projection', {'ProjectionExpression': 'a..b'}), NO_TABLE,
                         KEY_SCHEMA]),
    ('GetItem', OF_KEY, [('two styles', {'AttributesToGet': ['a', 'a'], 'ProjectionExpression': 'b'}), KEY_VALUE_DEFECT, TWICE,
                         NO_TABLE, KEY_SCHEMA]),
    ('GetItem', OF_KEY, [KEY_SCHEMA, ('a path into a key', {'ProjectionExpression': 'pk.a'})]),
    ('Query', QUERY, [('an unknown enum', {'Select': 'X'}), START_VALUE, FILTER_SYNTAX, NO_TABLE, NO_INDEX]),
    ('Query', QUERY, [NO_TABLE, START_SHAPE, ('no equality', {'KeyConditionExpression': 'pk > :p'}),
                      ('a key in the filter', {'FilterExpression': 'sk = :p'})]),
    ('Query', QUERY, [('no partition', {'KeyConditionExpression': 'z = :p'}),
                      ('a start elsewhere', {'ExclusiveStartKey': {'pk': {'S': 'b'}, 'sk': ONE}}),
                      ('a key in the filter', {'FilterExpression': 'sk = :p'})]),
    ('Query', QUERY_INDEX, [CONSISTENT, START_SHAPE, ('no partition', {'KeyConditionExpression': 'h = :p'}),
                            ('a key in the filter', {'FilterExpression': 'g = :p'}), ALL_OF_INDEX]),
    ('Scan', {}, [('an unknown enum', {'Select': 'X'}), TWICE,
                  ('an operand too few', {'ScanFilter': {'a': {'ComparisonOperator': 'EQ', 'AttributeValueList': []}}}),
                  START_VALUE, SEGMENT, NO_TABLE, NO_INDEX]),
    ('Scan', {'IndexName': 'by-g'}, [SEGMENT, FILTER_SYNTAX, NO_TABLE, CONSISTENT, START_SHAPE, ALL_OF_INDEX]),
]


def with_defect(request, defect):
    request = copy.deepcopy(request)
    for member, change in defect.items():
        is_map = member in ('Item', 'Key', 'Expected', 'ExpressionAttributeValues')
        request[member] = {**request.get(member, {}), **change} if is_map else change
    return request


def answer_to(wire, operation, request):
    try:
        return 'OK', wire.call(operation, request)
    except Failed as failed:
        return failed.code, failed.message


@pytest.fixture(scope='module')
def table(shared):
    wire = shared.wire()
    schema = index('', 'pk', 'sk')['KeySchema']
    wire.call('CreateTable', {
        'TableName': 'order-of-checks', 'BillingMode': 'PAY_PER_REQUEST', 'KeySchema': schema,
        'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': kind}
                                 for name, kind in (('pk', 'S'), ('sk', 'N'), ('g', 'S'))],
        'GlobalSecondaryIndexes': [index('by-g', 'g')]})
    wait_active(wire, 'order-of-checks')
    wire.call('PutItem', {'TableName': 'order-of-checks', 'Item': KEY})
    wire.close()
    return 'order-of-checks'


@pytest.mark.parametrize('operation, members, defects', ORDERS,
                         ids=[f'{operation}-{n}' for n, (operation, _, _) in enumerate(ORDERS)])
def test_the_first_of_two(wire, table, operation, members, defects):
    request = {'TableName': table, **members}
    alone = {}
    for why, defect in defects:
        alone[why] = answer_to(wire, operation, with_defect(request, defect))
        assert alone[why][0] != 'OK', why
    for (first, one), (second, other) in itertools.combinations(defects, 2):
        if set(one) & set(other) and any(not isinstance(one[member], dict) for member in set(one) & set(other)):
            continue  # both are the same member, which can have but one of them
        found = answer_to(wire, operation, with_defect(with_defect(request, one), other))
        assert found == alone[first], f'{first} before {second}'
