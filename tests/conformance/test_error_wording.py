"""--error-wording: the same bad requests to a server that speaks the classic wording and to one that speaks the current."""
import pytest

from support.server import Failed, StartError, Server, create_table, running

ENVELOPE = '1 validation error detected: '
INVALID = 'One or more parameter values were invalid: '
KEY = {'TableName': 'words', 'Key': {'pk': {'S': 'a'}}}
PUT = {'TableName': 'words', 'Item': {'pk': {'S': 'a'}}}
VALUE = {'ExpressionAttributeValues': {':v': {'S': 'x'}}}

MIXED = ('Can not use both expression and non-expression parameters in the same request: Non-expression parameters: '
         '{Expected} Expression parameters: {ConditionExpression}')
NOT_OLD = 'ReturnValues can only be ALL_OLD or NONE'
TOO_DEEP = ('Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported '
            'limit')
BAD_CAPACITY = ("Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value "
                'set: [INDEXES, TOTAL, NONE]')
BAD_NAME = (ENVELOPE + "Value 'a b' at 'tableName' failed to satisfy constraint: Member must satisfy regular "
            'expression pattern: [a-zA-Z0-9_.-]+')
NO_KEY = ("2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length "
          "greater than or equal to 1; Value null at 'key' failed to satisfy constraint: Member must not be null")


def nested(levels):
    value = {'S': 'x'}
    for _ in range(levels):
        value = {'M': {'n': value}}
    return value


def condition_on(value):
    return {'ConditionExpression': 'a = :v', 'ExpressionAttributeValues': {':v': value}}


# why, operation, request, classic, current
CASES = [
    ('syntax of a write', 'PutItem', {**PUT, 'ConditionExpression': 'a = = b'},
     'Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"',
     ENVELOPE + 'Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"'),
    ('syntax of a read', 'Scan', {'TableName': 'words', 'FilterExpression': 'a = = b'},
     'Invalid FilterExpression: Syntax error; token: "=", near: "= = b"',
     'Invalid FilterExpression: Syntax error; token: "=", near: "= = b"'),
    ('values without an expression', 'DeleteItem', {**KEY, **VALUE},
     'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
     ENVELOPE + 'ExpressionAttributeValues can only be specified when using expressions'),
    ('an unused value', 'UpdateItem', {**KEY, 'UpdateExpression': 'REMOVE a', **VALUE},
     'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}',
     ENVELOPE + 'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}'),
    ('an unknown ReturnValues', 'PutItem', {**PUT, 'ReturnValues': 'SOME'},
     ENVELOPE + "Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: "
     '[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]',
     ENVELOPE + 'Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, '
     'UPDATE_NEW, NONE]'),
    ('an empty table name', 'PutItem', {**PUT, 'TableName': ''},
     ENVELOPE + "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal "
     'to 1',
     ENVELOPE + "Value at 'TableName' failed to satisfy constraint: Member must have length greater than or equal to "
     '1'),
    ('a duplicate in a set', 'PutItem', {'TableName': 'words', 'Item': {'pk': {'S': 'a'}, 's': {'SS': ['b', 'a', 'b']}}},
     INVALID + 'Input collection [b, a, b] contains duplicates.',
     ENVELOPE + INVALID + 'Input collection ["a", "b", "b"] contains duplicates.'),
    ('an empty number in a key', 'GetItem', {'TableName': 'words', 'Key': {'pk': {'N': ''}}},
     'The parameter cannot be converted to a numeric value', 'The parameter cannot be converted to a numeric value: '),
    ('a bad number in a filter of Query', 'Query',
     {'TableName': 'words', 'KeyConditionExpression': 'pk = :p', 'FilterExpression': 'a = :n',
      'ExpressionAttributeValues': {':p': {'S': 'a'}, ':n': {'N': 'ten'}}},
     'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: ten for '
     'key :n',
     'The parameter cannot be converted to a numeric value: ten'),
    ('a bad number in a batch', 'BatchWriteItem',
     {'RequestItems': {'words': [{'PutRequest': {'Item': {'pk': {'N': ''}}}}]}},
     'The parameter cannot be converted to a numeric value', 'The parameter cannot be converted to a numeric value'),
    ('nothing to read', 'BatchGetItem', {'RequestItems': {}},
     'The requestItems parameter is required for BatchGetItem',
     ENVELOPE + "Value at 'RequestItems' failed to satisfy constraint: Member must have length greater than or equal "
     'to 1'),
    ('an unknown ConditionalOperator', 'UpdateItem', {**KEY, 'ConditionalOperator': 'NOR'},
     ENVELOPE + "Value 'NOR' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value "
     'set: [OR, AND]',
     ENVELOPE + 'Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]'),
    ('two bad enums', 'UpdateItem', {**KEY, 'ReturnConsumedCapacity': 'SOME', 'ReturnValues': 'SOME'},
     '2 validation errors detected: ' + BAD_CAPACITY + "; Value 'SOME' at 'returnValues' failed to satisfy constraint: "
     'Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]',
     '2 validation errors detected: ' + BAD_CAPACITY + '; Failed to satisfy constraint: Member must satisfy enum value '
     'set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]'),
    ('an update without its key', 'UpdateItem', {'TableName': ''}, NO_KEY, NO_KEY),
    ('another table name that cannot be', 'PutItem', {**PUT, 'TableName': 'a b'}, BAD_NAME, BAD_NAME),
    ('mixed styles', 'DeleteItem', {**KEY, 'Expected': {}, 'ConditionExpression': 'a = b'}, MIXED, ENVELOPE + MIXED),
    ('NULL:false', 'PutItem', {'TableName': 'words', 'Item': {'pk': {'NULL': False}}},
     INVALID + 'Null attribute value types must have the value of true',
     ENVELOPE + INVALID + 'Null attribute value types must have the value of true'),
    ('a duplicate number', 'PutItem', {'TableName': 'words', 'Item': {'pk': {'S': 'a'}, 's': {'NS': ['1', '1.0']}}},
     'Input collection contains duplicates',
     ENVELOPE + INVALID + 'Input collection contains duplicates.'),
    ('a duplicate binary', 'UpdateItem',
     {**KEY, 'UpdateExpression': 'SET a = :v',
      'ExpressionAttributeValues': {':v': {'BS': ['/w==', 'AA==', 'AA==']}}},
     'ExpressionAttributeValues contains invalid value: ' + INVALID +
     'Input collection [/w==, AA==, AA==]of type BS contains duplicates. for key :v',
     ENVELOPE + INVALID + 'Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.'),
    ('an exponent past 32 bits', 'GetItem', {'TableName': 'words', 'Key': {'pk': {'N': '1e2147483647'}}},
     'Number underflow. Attempting to store a number with magnitude smaller than supported range',
     'Number overflow. Attempting to store a number with magnitude larger than supported range'),
    ('an empty number in a filter of Scan', 'Scan',
     {'TableName': 'words', 'FilterExpression': 'a = :v', 'ExpressionAttributeValues': {':v': {'N': ''}}},
     'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value for key '
     ':v',
     'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value for key '
     ':v'),
    ('three key conditions', 'Query',
     {'TableName': 'words', 'KeyConditionExpression': 'pk = :v AND a = :v AND b = :v', **VALUE},
     'Conditions can be of length 1 or 2 only',
     'The number of query conditions (3) exceeds the number of key attributes defined in the schema (1)'),
    ('a table with 26 writes', 'BatchWriteItem', {'RequestItems': {'words': [{}] * 26}},
     ENVELOPE + "Value '{words=[" + ', '.join(['WriteRequest(putRequest=null, deleteRequest=null)'] * 26) +
     "]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "
     'less than or equal to 25, Member must have length greater than or equal to 1]',
     ENVELOPE + "Value at 'RequestItems.words.member' failed to satisfy constraint: Member must have length less than "
     'or equal to 25'),
    ('an index key that is never a key', 'UpdateItem',
     {**KEY, 'UpdateExpression': 'SET gk = :v', 'ExpressionAttributeValues': {':v': {'BOOL': True}}},
     'The update expression attempted to update the secondary index key to unsupported type',
     INVALID + 'Type mismatch for Index Key gk Expected: S Actual: BOOL IndexName: by-gk'),
    ('nesting', 'PutItem', {'TableName': 'words', 'Item': {'pk': {'S': 'a'}, 'm': nested(40)}}, TOO_DEEP, TOO_DEEP),
    ('ReturnValues beside 40 levels', 'DeleteItem', {**KEY, 'ReturnValues': 'ALL_NEW', **condition_on(nested(40))},
     NOT_OLD, ENVELOPE + NOT_OLD),
    ('and beside 63', 'DeleteItem', {**KEY, 'ReturnValues': 'ALL_NEW', **condition_on(nested(63))}, NOT_OLD, NOT_OLD),
    ('a key of another type', 'DeleteItem', {'TableName': 'words', 'Key': {'pk': {'N': '1'}}},
     'The provided key element does not match the schema', 'The provided key element does not match the schema'),
    ('an item without its key', 'PutItem', {'TableName': 'words', 'Item': {'a': {'S': 'x'}}},
     INVALID + 'Missing the key pk in the item', INVALID + 'Missing the key pk in the item'),
]


# Without the flag the wording is the current one.
@pytest.fixture(scope='module', params=['classic', 'current', None])
def speaker(request):
    with running(args=['--error-wording', request.param] if request.param else []) as server:
        wire = server.wire()
        create_table(wire, 'words', index='gk')
        yield request.param or 'current', wire
        wire.close()


@pytest.mark.parametrize('operation, request_body, classic, current', [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])
def test_each_wording(speaker, operation, request_body, classic, current):
    wording, wire = speaker
    with pytest.raises(Failed) as refused:
        wire.call(operation, request_body)
    assert refused.value.code == 'ValidationException'
    assert refused.value.message == (classic if wording == 'classic' else current)


def test_size_of_an_update(speaker):
    wording, wire = speaker
    with pytest.raises(Failed) as refused:
        wire.call('UpdateItem', {**KEY, 'UpdateExpression': 'SET a = :v', 'ConditionExpression': 'attribute_exists(pk)',
                                 'ExpressionAttributeValues': {':v': {'S': 'x' * (409_600 - 22)}}})
    assert refused.value.message == ('The conditional request failed' if wording == 'classic' else
                                     'Item size to update has exceeded the maximum allowed size')


def test_no_other_wording():
    with pytest.raises(StartError) as refused:
        Server(args=['--error-wording', 'kind'])
    assert refused.value.code == 2
    assert "--error-wording: 'kind' is not current or classic" in refused.value.text
