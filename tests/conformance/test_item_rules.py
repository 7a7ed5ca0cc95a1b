"""Rules of single items and expressions that real clients meet, as the service was measured to have them."""
import pytest

from support.server import Failed, create_table, table_request

INVALID_PATH = 'The document path provided in the update expression is invalid for update'


@pytest.fixture(scope='module')
def rules(shared):
    wire = shared.wire()
    create_table(wire, 'rules')
    create_table(wire, 'rules-sorted', sort_key='sk')
    yield wire
    wire.close()


def key(name):
    return {'pk': {'S': name}}


def update(wire, name, expression, returns=None, **values):
    request = {'TableName': 'rules', 'Key': key(name), 'UpdateExpression': expression}
    if values:
        request['ExpressionAttributeValues'] = {f':{value}': given for value, given in values.items()}
    if returns:
        request['ReturnValues'] = returns
    return wire.call('UpdateItem', request)


def put(wire, name, **attributes):
    wire.call('PutItem', {'TableName': 'rules', 'Item': {**key(name), **attributes}})


def get(wire, name):
    return wire.call('GetItem', {'TableName': 'rules', 'Key': key(name)}).get('Item')


def refused(wire, operation, request):
    with pytest.raises(Failed) as error:
        wire.call(operation, request)
    assert (error.value.status, error.value.code) == (400, 'ValidationException')
    return error.value.message


def of_write(message):
    """As writes are refused for what their expressions mean."""
    return '1 validation error detected: ' + message


def nested(levels):
    """A value of so many levels, its own included."""
    value = {'S': 'leaf'}
    for level in range(1, levels):
        value = {'L': [value]} if level % 2 else {'M': {'m': value}}
    return value


@pytest.mark.parametrize('expression,values', [
    ('REMOVE a', {}), ('REMOVE a, b', {}), ('REMOVE a.b', {}), ('REMOVE a[0], b.c[3].d', {}), ('DELETE s :s', {'s': {'SS': ['x']}})])
@pytest.mark.parametrize('returns', ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'])
def test_an_update_that_only_takes_away_makes_no_item(rules, name, expression, values, returns):
    assert update(rules, name, expression, returns, **values) == {}
    assert get(rules, name) is None
    capacity = rules.call('UpdateItem', {'TableName': 'rules', 'Key': key(name), 'UpdateExpression': 'REMOVE a',
                                         'ReturnConsumedCapacity': 'TOTAL'})['ConsumedCapacity']
    assert capacity['CapacityUnits'] == 1


def test_an_update_that_also_sets_makes_one(rules, name):
    assert update(rules, name, 'REMOVE a, b.c SET d = :v', 'ALL_NEW', v={'N': '1'})['Attributes'] == {**key(name), 'd': {'N': '1'}}
    with pytest.raises(Failed, match=INVALID_PATH):
        update(rules, name, 'REMOVE b.c')
    # No expression at all makes the bare item.
    assert rules.call('UpdateItem', {'TableName': 'rules', 'Key': key(name + '-bare')}) == {}
    assert get(rules, name + '-bare') == key(name + '-bare')


@pytest.mark.parametrize('expression,shown', [
    ('SET l[5] = :v', None), ('SET l[1] = :v', None), ('SET l[5] = :v, l[9] = :v', None), ('SET m.l[7] = :v', None),
    ('SET l[0] = :v', {'l': {'L': [{'N': '2'}]}}), ('SET l[5] = :v, z = :v', {'z': {'N': '2'}}),
    ('SET l[0] = :v, l[5] = :v', {'l': {'L': [{'N': '2'}]}})])
def test_elements_set_behind_the_end_of_a_list_are_not_shown(rules, name, expression, shown):
    put(rules, name, l={'L': [{'N': '1'}]}, m={'M': {'l': {'L': []}}})
    assert update(rules, name, expression, 'UPDATED_NEW', v={'N': '2'}).get('Attributes') == shown
    item = get(rules, name)
    assert {'N': '2'} in [*item['l']['L'], *item['m']['M']['l']['L']]


@pytest.mark.parametrize('where', ['item', 'nested', 'key', 'name', 'bytes of a name', 'AttributesToGet', 'bytes of AttributesToGet', 'batch'])
def test_attribute_names_have_65535_bytes_at_most(rules, name, where):
    longest, too_long = 'n' * 65_535, 'n' * 65_536
    in_bytes = 'ü' * 32_768  # as many bytes
    if where in ('item', 'nested', 'batch'):
        def request(attribute):
            value = {attribute: {'S': 'x'}}
            item = {**key(name), **({'m': {'M': value}} if where == 'nested' else value)}
            if where == 'batch':
                return 'BatchWriteItem', {'RequestItems': {'rules': [{'PutRequest': {'Item': item}}]}}
            return 'PutItem', {'TableName': 'rules', 'Item': item}
        rules.call(*request(longest))
        bad = [request(too_long), request(in_bytes)]
    else:
        def get_with(**parameters):
            return 'GetItem', {'TableName': 'rules', 'Key': key(name), **parameters}
        bad = [{
            'key': get_with(Key={too_long: {'S': 'x'}}),
            'name': get_with(ProjectionExpression='#n', ExpressionAttributeNames={'#n': too_long}),
            'bytes of a name': get_with(ProjectionExpression='#n', ExpressionAttributeNames={'#n': in_bytes}),
            'AttributesToGet': get_with(AttributesToGet=[too_long]),
            'bytes of AttributesToGet': get_with(AttributesToGet=[in_bytes]),
        }[where]]
        rules.call(*get_with(ProjectionExpression='#n', ExpressionAttributeNames={'#n': longest}))
    for operation, request in bad:
        assert '65535' in refused(rules, operation, request)


@pytest.mark.parametrize('operation,request_of', [
    ('GetItem', lambda names: {'TableName': 'rules', 'Key': key('a'), 'AttributesToGet': names}),
    ('BatchGetItem', lambda names: {'RequestItems': {'rules': {'Keys': [key('a')], 'AttributesToGet': names}}}),
    ('Scan', lambda names: {'TableName': 'rules', 'AttributesToGet': names}),
    ('Query', lambda names: {'TableName': 'rules', 'AttributesToGet': names, 'KeyConditionExpression': 'pk = :p',
                             'ExpressionAttributeValues': {':p': {'S': 'a'}}})], ids=lambda value: value if isinstance(value, str) else '')
def test_attributes_to_get_have_names(rules, operation, request_of):
    for names in ([''], ['a', '']):
        message = refused(rules, operation, request_of(names))
        assert 'Empty attribute name' in message or 'Can not use both' in message


@pytest.mark.parametrize('kind,expression,token,near', [
    ('Update', 'SET _abc = :v', '_', 'SET _abc'), ('Update', 'SET a._b = :v', '_', '._b'), ('Filter', '_a = :v', '_', '_a'),
    ('Filter', 'a = _b', '_', '= _b'), ('Projection', '_a', '_', '_a'), ('Projection', 'a, __b', '_', ', __')])
def test_names_that_begin_with_an_underscore_need_an_alias(rules, kind, expression, token, near):
    values = {'ExpressionAttributeValues': {':v': {'S': 'x'}}} if ':v' in expression else {}
    operation, request = {
        'Update': ('UpdateItem', {'Key': key('a'), 'UpdateExpression': expression}),
        'Filter': ('Scan', {'FilterExpression': expression}), 'Projection': ('GetItem', {'Key': key('a'), 'ProjectionExpression': expression}),
    }[kind]
    message = refused(rules, operation, {'TableName': 'rules', **request, **values})
    told = f'Invalid {kind}Expression: Syntax error; token: "{token}", near: "{near}"'
    assert message == (of_write(told) if operation == 'UpdateItem' else told)


def test_aliases_and_later_underscores_are_fine(rules, name):
    update(rules, name, 'SET a_b = :_v', _v={'S': 'x'})
    rules.call('UpdateItem', {'TableName': 'rules', 'Key': key(name), 'UpdateExpression': 'SET #_a = :v',
                              'ExpressionAttributeNames': {'#_a': '_a'}, 'ExpressionAttributeValues': {':v': {'S': 'y'}}})
    assert get(rules, name) == {**key(name), 'a_b': {'S': 'x'}, '_a': {'S': 'y'}}


MISUSED = [
    ('size(a)', 'size'), ('if_not_exists(a, :v)', 'if_not_exists'), ('list_append(a, :v)', 'list_append'), ('NOT size(a)', 'size'),
    ('if_not_exists(a, :v) = :v', 'if_not_exists'), ('list_append(a, :v) = :v', 'list_append'), ('attribute_exists(a) = :v', 'attribute_exists'),
    ('a = contains(b, :v)', 'contains'), ('a IN (begins_with(b, :v), :v)', 'begins_with'), ('a BETWEEN attribute_type(b, :v) AND :v', 'attribute_type'),
    ('begins_with(begins_with(a, :v), :v)', 'begins_with'), ('size(if_not_exists(a, :v)) > :v', 'if_not_exists'),
]


@pytest.mark.parametrize('condition,function', MISUSED)
def test_functions_where_conditions_do_not_take_them(rules, condition, function):
    values = {'ExpressionAttributeValues': {':v': {'S': 'S'}}} if ':v' in condition else {}
    text = f'The function is not allowed to be used this way in an expression; function: {function}'
    assert refused(rules, 'Scan', {'TableName': 'rules', 'FilterExpression': condition, **values}) == f'Invalid FilterExpression: {text}'
    request = {'TableName': 'rules', 'Key': key('a'), 'ConditionExpression': condition, **values}
    assert refused(rules, 'DeleteItem', request) == of_write(f'Invalid ConditionExpression: {text}')


@pytest.mark.parametrize('expression', [
    'SET a = list_append(list_append(a, :v), :v)', 'SET a = list_append(:v, list_append(a, :v))', 'SET a = list_append(if_not_exists(a, list_append(b, :v)), :v)'])
def test_list_append_is_no_operand_of_itself(rules, expression):
    with pytest.raises(Failed) as error:
        update(rules, 'a', expression, v={'L': []})
    assert error.value.message == of_write('Invalid UpdateExpression: The function is not allowed to be used this way in an '
                                           'expression; function: list_append')


def test_the_other_nestings_work(rules, name):
    update(rules, name, 'SET a = list_append(if_not_exists(a, :empty), :v), b = if_not_exists(b, if_not_exists(c, :v))',
           empty={'L': []}, v={'L': [{'N': '1'}]})
    assert get(rules, name)['a'] == get(rules, name)['b'] == {'L': [{'N': '1'}]}


@pytest.mark.parametrize('levels', [32, 33, 40])
@pytest.mark.parametrize('step', ['.a', '[0]'])
def test_document_paths_have_32_levels_at_most(rules, levels, step):
    path = 'a' + step * (levels - 1)
    calls = {
        'Projection': ('GetItem', {'Key': key('none'), 'ProjectionExpression': path}),
        'Filter': ('Scan', {'FilterExpression': f'attribute_exists({path})'}),
        'Condition': ('DeleteItem', {'Key': key('none'), 'ConditionExpression': f'attribute_not_exists({path})'}),
        'Update': ('UpdateItem', {'Key': key('none'), 'UpdateExpression': f'REMOVE {path}'}),
    }
    for kind, (operation, request) in calls.items():
        request = {'TableName': 'rules', **request}
        if levels <= 32:
            rules.call(operation, request)
        else:
            text = f'Invalid {kind}Expression: The document path has too many nesting levels; nesting levels: {levels}'
            assert refused(rules, operation, request) == (of_write(text) if operation in ('DeleteItem', 'UpdateItem') else text)


TOO_DEEP = 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'


@pytest.mark.parametrize('levels', [32, 33, 39, 40])
def test_only_what_is_stored_must_not_be_nested_too_deep(rules, name, levels):
    values = {'ExpressionAttributeValues': {':v': nested(levels)}}
    compared = [('PutItem', {'Item': key(name), 'ConditionExpression': 'a <> :v', **values}),
                ('UpdateItem', {'Key': key(name), 'ConditionExpression': 'a <> :v', 'UpdateExpression': 'REMOVE b', **values}),
                ('DeleteItem', {'Key': key(name), 'ConditionExpression': 'NOT contains(a, :v)', **values}),
                ('Scan', {'FilterExpression': 'a <> :v', **values})]
    stored = [('UpdateItem', {'Key': key(name), 'UpdateExpression': 'SET a = :v', **values}),
              ('UpdateItem', {'Key': key(name), 'UpdateExpression': 'SET a = if_not_exists(a, :v)', **values}),
              ('PutItem', {'Item': {**key(name), 'a': nested(levels)}})]
    for operation, request in [(operation, {'TableName': 'rules', **request}) for operation, request in compared]:
        if levels < 40:
            rules.call(operation, request)
        else:
            scanned = f'ExpressionAttributeValues contains invalid value: {TOO_DEEP} for key :v'
            assert refused(rules, operation, request) == (scanned if operation == 'Scan' else TOO_DEEP)
    for operation, request in [(operation, {'TableName': 'rules', **request}) for operation, request in stored]:
        if levels <= 32:
            rules.call(operation, request)
        else:
            assert TOO_DEEP in refused(rules, operation, request)
            assert 'a' not in (get(rules, name) or {})


BARE = 'The provided starting key is invalid'
SCHEMA = BARE + ': The provided key element does not match the schema'


@pytest.mark.parametrize('start,query,scan', [
    ({}, BARE, SCHEMA), ({'zz': {'S': 'a'}}, BARE, SCHEMA), ({'pk': {'S': 'a'}, 'sk': {'N': '1'}}, BARE, SCHEMA),
    ({'pk': {'N': '1'}}, SCHEMA, SCHEMA)])
def test_start_keys_of_another_shape_on_a_table_without_sort_key(rules, start, query, scan):
    request = {'TableName': 'rules', 'ExclusiveStartKey': start}
    assert refused(rules, 'Scan', request) == scan
    conditions = {'KeyConditionExpression': 'pk = :p', 'ExpressionAttributeValues': {':p': {'S': 'a'}}}
    assert refused(rules, 'Query', {**request, **conditions}) == query


@pytest.mark.parametrize('operation, more', [
    ('Scan', {'FilterExpression': '#v = :v and #v <> :w'}),
    ('Query', {'KeyConditionExpression': 'pk = :w', 'FilterExpression': '#v = :v'}),
    ('UpdateItem', {'Key': {'pk': {'S': 'large'}}, 'UpdateExpression': 'SET a = :w', 'ConditionExpression': '#v <> :v'}),
    ('PutItem', {'Item': {'pk': {'S': 'large'}}, 'ConditionExpression': '#v <> :v and #v <> :w'}),
    ('DeleteItem', {'Key': {'pk': {'S': 'large'}}, 'ConditionExpression': '#v <> :v and #v <> :w'}),
], ids=lambda value: value if isinstance(value, str) else '')
def test_names_and_values_have_2_mb_together(rules, operation, more):
    most = (2 << 20) - len('value') - len('w')

    def request(bytes):
        return {'TableName': 'rules', **more, 'ExpressionAttributeNames': {'#v': 'value'},
                'ExpressionAttributeValues': {':w': {'S': 'w'}, ':v': {'S': 'x' * bytes}}}
    rules.call(operation, request(most))
    with pytest.raises(Failed) as error:
        rules.call(operation, request(most + 1))
    assert (error.value.status, error.value.code) == (400, 'ValidationException')


def test_definitions_that_stand_twice(rules):
    a, b = [{'AttributeName': 'pk', 'AttributeType': kind} for kind in 'SN']
    index = table_request('twice', index='color')
    for definitions in ([a, a], [a, b]):
        message = refused(rules, 'CreateTable', {**table_request('twice'), 'AttributeDefinitions': definitions})
        assert message == 'Attribute Name is duplicated: pk'
    message = refused(rules, 'CreateTable', {**index, 'AttributeDefinitions': [*index['AttributeDefinitions'], a]})
    assert message == 'Attribute Name is duplicated: pk'
    index['GlobalSecondaryIndexes'][0]['Projection'] = {'ProjectionType': 'INCLUDE', 'NonKeyAttributes': ['x', 'y', 'x']}
    assert 'Duplicate' in refused(rules, 'CreateTable', index)
    assert 'twice' not in rules.call('ListTables', {})['TableNames']


def test_a_table_has_50_tags_at_most(rules):
    tags = [{'Key': f'key {number}', 'Value': 'v'} for number in range(51)]
    assert 'Number of Tags exceed the current limit' in refused(rules, 'CreateTable', table_request('tagged', Tags=tags))
    assert 'tagged' not in rules.call('ListTables', {})['TableNames']
    rules.call('CreateTable', table_request('tagged', Tags=tags[:50]))


def scanned(wire, table, **more):
    answer = wire.call('Scan', {'TableName': table, 'ReturnConsumedCapacity': 'TOTAL', **more})
    return answer['ConsumedCapacity']['CapacityUnits']


def test_a_scan_costs_the_minimum_of_each_partition_it_reads(shared, name):
    wire = shared.wire()
    create_table(wire, name)  # on demand: four partitions
    assert (scanned(wire, name), scanned(wire, name, ConsistentRead=True)) == (2.0, 4.0)
    for number in range(16):
        wire.call('PutItem', {'TableName': name, 'Item': key(str(number))})
    assert (scanned(wire, name), scanned(wire, name, ConsistentRead=True)) == (2.0, 4.0)
    assert scanned(wire, name, Limit=1, ConsistentRead=True) == 1.0
    for segments in (2, 4, 8):
        units = [scanned(wire, name, Segment=segment, TotalSegments=segments, ConsistentRead=True) for segment in range(segments)]
        assert units == [max(1.0, 4 / segments)] * segments
    query = {'TableName': name, 'KeyConditionExpression': 'pk = :p', 'ExpressionAttributeValues': {':p': {'S': '1'}},
             'ReturnConsumedCapacity': 'TOTAL', 'ConsistentRead': True}
    assert wire.call('Query', query)['ConsumedCapacity']['CapacityUnits'] == 1.0
    provisioned = {**table_request(name + '-p'), 'BillingMode': 'PROVISIONED',
                   'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}}
    wire.call('CreateTable', provisioned)
    wire.close()
