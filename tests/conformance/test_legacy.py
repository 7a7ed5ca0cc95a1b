"""The older parameters: Expected, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter, ConditionalOperator,
AttributesToGet. They say what expressions say, of top-level attributes."""
import pytest
from botocore.exceptions import ClientError

INVALID = 'One or more parameter values were invalid: '
ITEM = {'pk': {'S': 'a'}, 's': {'S': 'Hello World'}, 'n': {'N': '10'}, 'b': {'B': b'\x01\x02'}, 'ss': {'SS': ['x', 'y']},
        'ns': {'NS': ['1', '2']}, 'l': {'L': [{'S': 'x'}]}, 'nul': {'NULL': True}, 'bool': {'BOOL': True}}


@pytest.fixture(scope='module')
def legacy(shared):
    client = shared.client('dynamodb')
    for name, keys in [('legacy', ['pk']), ('legacy-sorted', ['pk', 'sk'])]:
        client.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                            AttributeDefinitions=[{'AttributeName': key, 'AttributeType': 'S'} for key in keys],
                            KeySchema=[{'AttributeName': key, 'KeyType': kind} for key, kind in zip(keys, ['HASH', 'RANGE'])])
    for number in range(10):
        client.put_item(TableName='legacy-sorted', Item={'pk': {'S': 'p'}, 'sk': {'S': f's{number}'}, 'n': {'N': str(number)},
                                                         'even': {'BOOL': number % 2 == 0}})
    return client


def condition(operator, *values):
    return {'ComparisonOperator': operator, **({'AttributeValueList': list(values)} if values else {})}


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response['Error']['Code'], error.value.response['Error']['Message']


S, N, SS = ({'S': 'Hello World'}, {'N': '10'}, {'SS': ['y', 'x']})
COMPARISONS = [
    ('s', condition('EQ', S), True), ('s', condition('EQ', {'S': 'hello world'}), False), ('ss', condition('EQ', SS), True),
    ('n', condition('EQ', {'N': '1e1'}), True), ('s', condition('EQ', N), False), ('gone', condition('EQ', S), False),
    ('bool', condition('EQ', {'BOOL': True}), True), ('l', condition('EQ', {'L': [{'S': 'x'}]}), True),
    ('s', condition('NE', S), False), ('s', condition('NE', N), True), ('n', condition('NE', {'N': '11'}), True),
    ('n', condition('LT', {'N': '11'}), True), ('n', condition('LT', N), False), ('n', condition('LE', N), True),
    ('n', condition('GE', N), True), ('n', condition('GT', {'N': '9'}), True), ('n', condition('GT', {'S': '9'}), False),
    ('gone', condition('LT', N), False), ('n', condition('BETWEEN', {'N': '10'}, {'N': '12'}), True),
    ('n', condition('BETWEEN', {'N': '11'}, {'N': '12'}), False), ('n', condition('IN', {'N': '1'}, {'N': '10'}), True),
    ('n', condition('IN', {'N': '1'}), False), ('s', condition('BEGINS_WITH', {'S': 'Hello'}), True),
    ('b', condition('BEGINS_WITH', {'B': b'\x01'}), True), ('s', condition('BEGINS_WITH', {'S': 'World'}), False),
    ('s', condition('CONTAINS', {'S': 'lo W'}), True), ('ss', condition('CONTAINS', {'S': 'x'}), True),
    ('ns', condition('CONTAINS', {'N': '2.0'}), True), ('l', condition('CONTAINS', {'S': 'x'}), True),
    ('ss', condition('CONTAINS', {'S': 'z'}), False), ('ss', condition('NOT_CONTAINS', {'S': 'z'}), True),
    ('s', condition('NOT_CONTAINS', {'S': 'lo W'}), False), ('gone', condition('NULL'), True), ('s', condition('NULL'), False),
    ('nul', condition('NOT_NULL'), True), ('gone', condition('NOT_NULL'), False)]


@pytest.mark.parametrize('name,given,holds', COMPARISONS)
def test_a_comparison_says_the_same_to_writes_and_scans(legacy, name, given, holds):
    legacy.put_item(TableName='legacy', Item=ITEM)
    found = legacy.scan(TableName='legacy', ScanFilter={'pk': condition('EQ', ITEM['pk']), name: given})
    assert found['Count'] == (1 if holds else 0)
    if holds:
        legacy.put_item(TableName='legacy', Item=ITEM, Expected={name: given})
    else:
        assert refused(legacy.put_item, TableName='legacy', Item=ITEM, Expected={name: given}) == (
            'ConditionalCheckFailedException', 'The conditional request failed')


@pytest.mark.parametrize('expected,holds', [
    ({'s': {'Value': S}}, True), ({'s': {'Value': S, 'Exists': True}}, True), ({'s': {'Value': N}}, False), ({'s': {'Exists': False}}, False),
    ({'gone': {'Exists': False}}, True), ({'n': {'Value': {'N': '9'}, 'ComparisonOperator': 'GT'}}, True), ({}, True)])
def test_expected_without_a_list_of_values(legacy, expected, holds):
    legacy.put_item(TableName='legacy', Item=ITEM)
    request = {'TableName': 'legacy', 'Key': {'pk': ITEM['pk']}, 'Expected': expected}
    if holds:
        assert legacy.delete_item(**request, ReturnValues='ALL_OLD')['Attributes'] == ITEM
    else:
        assert refused(legacy.delete_item, **request)[0] == 'ConditionalCheckFailedException'


@pytest.mark.parametrize('operator,first,second,holds', [
    (None, True, False, False), (None, True, True, True), ('AND', True, False, False), ('OR', True, False, True), ('OR', False, False, False)])
def test_conditional_operator(legacy, operator, first, second, holds):
    legacy.put_item(TableName='legacy', Item=ITEM)
    expected = {'s': {'Value': S if first else N}, 'n': {'Value': N if second else S}}
    request = {'TableName': 'legacy', 'Key': {'pk': ITEM['pk']}, 'Expected': expected, **({'ConditionalOperator': operator} if operator else {}),
               'AttributeUpdates': {'done': {'Value': {'BOOL': True}}}}
    if holds:
        legacy.update_item(**request)
    else:
        assert refused(legacy.update_item, **request)[0] == 'ConditionalCheckFailedException'
    assert ('done' in legacy.get_item(TableName='legacy', Key={'pk': ITEM['pk']})['Item']) == holds


@pytest.mark.parametrize('updates,changed', [
    ({'s': {'Value': {'S': 'new'}}}, {'s': {'S': 'new'}}), ({'s': {'Value': {'S': 'new'}, 'Action': 'PUT'}}, {'s': {'S': 'new'}}),
    ({'s': {'Action': 'DELETE'}}, {'s': None}), ({'gone': {'Action': 'DELETE'}}, {}),
    ({'ss': {'Action': 'DELETE', 'Value': {'SS': ['x', 'q']}}}, {'ss': {'SS': ['y']}}),
    ({'ss': {'Action': 'DELETE', 'Value': {'SS': ['x', 'y']}}}, {'ss': None}),
    ({'n': {'Action': 'ADD', 'Value': {'N': '-0.5'}}}, {'n': {'N': '9.5'}}), ({'fresh': {'Action': 'ADD', 'Value': {'N': '3'}}}, {'fresh': {'N': '3'}}),
    ({'ss': {'Action': 'ADD', 'Value': {'SS': ['a', 'x']}}}, {'ss': {'SS': ['a', 'x', 'y']}}),
    ({'l': {'Action': 'ADD', 'Value': {'L': [{'N': '1'}]}}}, {'l': {'L': [{'S': 'x'}, {'N': '1'}]}}),
    ({'s': {'Action': 'DELETE'}, 'n': {'Value': {'S': 'now text'}}}, {'s': None, 'n': {'S': 'now text'}}), ({}, {})])
def test_attribute_updates(legacy, updates, changed):
    legacy.put_item(TableName='legacy', Item=ITEM)
    wanted = {name: value for name, value in {**ITEM, **changed}.items() if value is not None}
    answer = legacy.update_item(TableName='legacy', Key={'pk': ITEM['pk']}, AttributeUpdates=updates, ReturnValues='ALL_NEW')
    assert answer['Attributes'] == wanted


@pytest.mark.parametrize('updates,item', [
    ({'n': {'Action': 'ADD', 'Value': {'N': '3'}}}, {'n': {'N': '3'}}), ({'n': {'Value': {'N': '3'}}}, {'n': {'N': '3'}}),
    ({'n': {'Action': 'DELETE'}}, None), ({}, {})])
def test_attribute_updates_of_an_absent_item(legacy, updates, item):
    key = {'pk': {'S': 'absent'}}
    legacy.delete_item(TableName='legacy', Key=key)
    legacy.update_item(TableName='legacy', Key=key, AttributeUpdates=updates)
    found = legacy.get_item(TableName='legacy', Key=key).get('Item')
    assert found == (None if item is None else {**key, **item})


KEYS = {'pk': condition('EQ', {'S': 'p'})}


@pytest.mark.parametrize('sort,numbers', [
    (None, range(10)), (condition('EQ', {'S': 's3'}), [3]), (condition('LT', {'S': 's3'}), [0, 1, 2]), (condition('LE', {'S': 's3'}), [0, 1, 2, 3]),
    (condition('GT', {'S': 's7'}), [8, 9]), (condition('GE', {'S': 's7'}), [7, 8, 9]),
    (condition('BETWEEN', {'S': 's2'}, {'S': 's4'}), [2, 3, 4]), (condition('BEGINS_WITH', {'S': 's'}), range(10))])
def test_key_conditions(legacy, sort, numbers):
    keys = {**KEYS, **({'sk': sort} if sort else {})}
    found = legacy.query(TableName='legacy-sorted', KeyConditions=keys)
    assert [item['n']['N'] for item in found['Items']] == [str(number) for number in numbers]


def test_query_filters_and_attributes_to_get(legacy):
    both = {'even': condition('EQ', {'BOOL': True}), 'n': condition('GT', {'N': '5'})}
    found = legacy.query(TableName='legacy-sorted', KeyConditions=KEYS, QueryFilter=both, AttributesToGet=['n'], ScanIndexForward=False)
    assert (found['Items'], found['ScannedCount']) == ([{'n': {'N': '8'}}, {'n': {'N': '6'}}], 10)
    either = legacy.query(TableName='legacy-sorted', KeyConditions=KEYS, QueryFilter=both, ConditionalOperator='OR')
    assert either['Count'] == 7
    # The older key conditions may stand beside the newer filter and projection.
    mixed = legacy.query(TableName='legacy-sorted', KeyConditions=KEYS, FilterExpression='n > :n', ProjectionExpression='n',
                         ExpressionAttributeValues={':n': {'N': '8'}})
    assert mixed['Items'] == [{'n': {'N': '9'}}]
    page = legacy.query(TableName='legacy-sorted', KeyConditions=KEYS, Limit=4)
    rest = legacy.query(TableName='legacy-sorted', KeyConditions=KEYS, ExclusiveStartKey=page['LastEvaluatedKey'])
    assert (page['Count'], rest['Count']) == (4, 6)


BAD_COMPARISONS = [
    (condition('EQ'), 'Invalid number of argument(s) for the EQ ComparisonOperator'),
    (condition('EQ', S, S), 'Invalid number of argument(s) for the EQ ComparisonOperator'),
    (condition('NULL', S), 'Invalid number of argument(s) for the NULL ComparisonOperator'),
    (condition('IN'), 'Invalid number of argument(s) for the IN ComparisonOperator'),
    (condition('BETWEEN', N), 'Invalid number of argument(s) for the BETWEEN ComparisonOperator'),
    (condition('BETWEEN', N, S), 'AttributeValues inside AttributeValueList must be of same type'),
    (condition('IN', N, S), 'AttributeValues inside AttributeValueList must be of same type'),
    (condition('BEGINS_WITH', N), 'ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type'),
    (condition('LT', SS), 'ComparisonOperator LT is not valid for SS AttributeValue type'),
    (condition('BETWEEN', {'M': {}}, {'M': {}}), 'ComparisonOperator BETWEEN is not valid for M AttributeValue type'),
    (condition('CONTAINS', SS), 'ComparisonOperator CONTAINS is not valid for SS AttributeValue type')]


@pytest.mark.parametrize('given,message', BAD_COMPARISONS)
def test_comparisons_that_cannot_be(legacy, given, message):
    wanted = ('ValidationException', INVALID + message)
    assert refused(legacy.scan, TableName='legacy', ScanFilter={'n': given}) == wanted
    assert refused(legacy.query, TableName='legacy', KeyConditions=KEYS, QueryFilter={'n': given}) == wanted
    if given.get('AttributeValueList') or given['ComparisonOperator'] == 'NULL':
        code, said = refused(legacy.put_item, TableName='legacy', Item=ITEM, Expected={'n': given})
        assert (code, said) == ('ValidationException', '1 validation error detected: ' + wanted[1])


@pytest.mark.parametrize('expected,message', [
    ({'Value': S, 'AttributeValueList': [S], 'ComparisonOperator': 'EQ'}, 'Value and AttributeValueList cannot be used together'),
    ({'Exists': True, 'ComparisonOperator': 'EQ', 'Value': S}, 'Exists and ComparisonOperator cannot be used together'),
    ({'ComparisonOperator': 'EQ'}, 'Value or AttributeValueList must be used with ComparisonOperator: EQ'),
    ({'AttributeValueList': [S]}, 'AttributeValueList can only be used with a ComparisonOperator'),
    ({}, 'Value must be provided when Exists is null'), ({'Exists': True}, 'Value must be provided when Exists is true'),
    ({'Exists': False, 'Value': S}, 'Value cannot be used when Exists is false')])
def test_expected_whose_members_do_not_go_together(legacy, expected, message):
    for call, item in [(legacy.put_item, {'Item': ITEM}), (legacy.delete_item, {'Key': {'pk': {'S': 'a'}}}),
                       (legacy.update_item, {'Key': {'pk': {'S': 'a'}}})]:
        assert refused(call, TableName='legacy', **item, Expected={'a': expected}) == (
            'ValidationException', f'1 validation error detected: {INVALID}{message} for Attribute: a')


@pytest.mark.parametrize('update,message', [
    ({'Action': 'PUT'}, 'Only DELETE action is allowed when no attribute value is specified'),
    ({'Action': 'ADD'}, 'Only DELETE action is allowed when no attribute value is specified'),
    ({}, 'Only DELETE action is allowed when no attribute value is specified'),
    ({'Action': 'DELETE', 'Value': S}, 'DELETE action with value is not supported for the type S'),
    ({'Action': 'ADD', 'Value': {'BOOL': True}}, 'ADD action is not supported for the type BOOL'),
    ({'Action': 'ADD', 'Value': S}, 'ADD action is not supported for the type S')])
def test_attribute_updates_that_cannot_be(legacy, update, message):
    assert refused(legacy.update_item, TableName='legacy', Key={'pk': {'S': 'a'}}, AttributeUpdates={'x': update}) == (
        'ValidationException', f'1 validation error detected: {INVALID}{message}')


def test_attribute_updates_that_the_item_refuses(legacy):
    legacy.put_item(TableName='legacy', Item=ITEM)
    for update in [{'s': {'Action': 'ADD', 'Value': {'N': '1'}}}, {'n': {'Action': 'DELETE', 'Value': {'NS': ['1']}}}]:
        assert refused(legacy.update_item, TableName='legacy', Key={'pk': {'S': 'a'}}, AttributeUpdates=update) == (
            'ValidationException', 'Type mismatch for attribute to update')
    assert refused(legacy.update_item, TableName='legacy', Key={'pk': {'S': 'a'}}, AttributeUpdates={'pk': {'Value': {'S': 'z'}}}) == (
        'ValidationException', INVALID + 'Cannot update attribute pk. This attribute is part of the key')


TOO_FEW = 'ConditionalOperator can only be used when Filter or Expected has two or more elements'


def test_conditional_operator_needs_something_to_join(legacy):
    one = {'n': condition('EQ', N)}
    assert refused(legacy.scan, TableName='legacy', ScanFilter=one, ConditionalOperator='OR') == ('ValidationException', TOO_FEW)
    assert refused(legacy.query, TableName='legacy', KeyConditions=KEYS, ConditionalOperator='AND') == ('ValidationException', TOO_FEW)
    assert refused(legacy.put_item, TableName='legacy', Item=ITEM, Expected=one, ConditionalOperator='AND') == (
        'ValidationException', '1 validation error detected: ' + TOO_FEW)


@pytest.mark.parametrize('keys,message', [
    ({'pk': condition('EQ', {'S': 'p'}), 'sk': condition('NE', {'S': 'a'})}, 'Attempted conditional constraint is not an indexable operation'),
    ({'pk': condition('EQ', {'S': 'p'}), 'sk': condition('IN', {'S': 'a'})}, 'Attempted conditional constraint is not an indexable operation'),
    ({'pk': condition('NULL')}, 'Attempted conditional constraint is not an indexable operation'),
    ({'pk': condition('EQ', {'S': 'p'}), 'sk': condition('BETWEEN', {'S': 'b'}, {'S': 'a'})},
     'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound'),
    ({'pk': condition('LT', {'S': 'p'})}, 'Query key condition not supported'), ({'sk': condition('EQ', {'S': 'p'})}, 'Query condition missed key schema element: pk'),
    ({'pk': condition('EQ', {'S': 'p'}), 'n': condition('EQ', N)}, 'Query condition missed key schema element: sk'),
    ({'pk': condition('EQ', N)}, INVALID + 'Condition parameter type does not match schema type'), ({}, 'Conditions can be of length 1 or 2 only')])
def test_key_conditions_that_cannot_be(legacy, keys, message):
    assert refused(legacy.query, TableName='legacy-sorted', KeyConditions=keys) == ('ValidationException', message)


def test_filters_on_keys_and_names_that_cannot_be(legacy):
    assert refused(legacy.query, TableName='legacy-sorted', KeyConditions=KEYS, QueryFilter={'sk': condition('EQ', S)}) == (
        'ValidationException', 'QueryFilter can only contain non-primary key attributes: Primary key attribute: sk')
    for request in [{'ScanFilter': {'': condition('EQ', S)}}, {'AttributesToGet': ['']}]:
        assert 'Empty attribute name' in refused(legacy.scan, TableName='legacy', **request)[1]
    assert refused(legacy.scan, TableName='legacy', AttributesToGet=['n', 'n']) == ('ValidationException', INVALID + 'Duplicate value in attribute name: n')
