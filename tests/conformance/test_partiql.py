"""PartiQL: what statements do, and the exact refusals."""
import json

import pytest

from support.server import Failed, table_request, wait_active

WELL = "Statement wasn't well formed, can't be processed: "


def run(wire, statement, *parameters, **more):
    return wire.call('ExecuteStatement', {'Statement': statement, **({'Parameters': list(parameters)} if parameters else {}), **more})


def items(wire, statement, *parameters, **more):
    return run(wire, statement, *parameters, **more)['Items']


def refusal(wire, statement, *parameters, **more):
    with pytest.raises(Failed) as error:
        run(wire, statement, *parameters, **more)
    return error.value.code, error.value.message


def create(wire, name, **keys):
    """A table whose keys are strings."""
    request = table_request(name, sort_key='sk', **keys)
    for definition in request['AttributeDefinitions']:
        definition['AttributeType'] = 'S'
    wire.call('CreateTable', request)
    wait_active(wire, name)


@pytest.fixture
def table(wire, name):
    """Two partitions; in `a` the sort keys 1 to 5, of which `n` is ten times."""
    create(wire, name)
    for pk in 'ab':
        for n in range(1, 6):
            wire.call('PutItem', {'TableName': name, 'Item': {
                'pk': {'S': pk}, 'sk': {'S': str(n)}, 'n': {'N': str(10 * n)},
                'm': {'M': {'x': {'S': f'{pk}{n}'}, 'l': {'L': [{'N': '1'}, {'N': '2'}]}}}}})
    return name


def keys(found):
    return [item['pk']['S'] + item['sk']['S'] for item in found]


@pytest.mark.parametrize('where, expected', [
    ("pk = 'a'", 'a1 a2 a3 a4 a5'), ("pk = 'a' AND sk = '2'", 'a2'), ("'a' = pk AND '2' < sk", 'a3 a4 a5'),
    ("pk = 'a' AND sk BETWEEN '2' AND '3'", 'a2 a3'), ("pk = 'a' AND begins_with(sk, '4')", 'a4'),
    ("pk = 'a' AND sk IN ('1', '5', '9')", 'a1 a5'), ("pk = 'a' AND sk IN ['5']", 'a5'),
    ("pk = 'a' AND NOT sk = '1'", 'a2 a3 a4 a5'), ("pk = 'a' AND n > 20 AND n <= 40", 'a3 a4'),
    ("pk = 'a' AND (n = 10 OR n = .5e2)", 'a1 a5'), ("pk = 'a' AND n NOT IN (10, 20)", 'a3 a4 a5'),
    ("pk = 'a' AND attribute_exists(nope) = false AND sk = '1'", 'a1'), ("pk = 'a' AND nope IS MISSING AND sk >= '5'", 'a5'),
    ("pk = 'a' AND n IS INT8 AND m IS NOT NULL AND sk > '4'", 'a5'), ("pk = 'a' AND m.x = 'a3'", 'a3'),
    ("pk = 'a' AND m.l[1] = 2 AND sk = '1'", 'a1'), ("pk = 'a' AND size(m.l) = 2 AND sk = '2'", 'a2'),
    ("pk = 'a' AND sk = '1' OR pk = 'a' AND sk = '4'", 'a1 a4'),
    ("pk = 'a' AND CONTAINS(m.x, '5') /* one */ -- two\n", 'a5'), ("pk = 'nope'", ''),
])
def test_selected(wire, table, where, expected):
    assert keys(items(wire, f'SELECT * FROM "{table}" WHERE {where}')) == expected.split()


def test_without_keys_all_are_looked_at(wire, table):
    assert sorted(keys(items(wire, f'select * from "{table}"'))) == [pk + str(n) for pk in 'ab' for n in range(1, 6)]
    assert sorted(keys(items(wire, f'SELECT * FROM "{table}" WHERE n = ?', {'N': '30'}))) == ['a3', 'b3']
    assert sorted(keys(items(wire, f"""SELECT * FROM "{table}" WHERE pk IN ('a', 'b') AND sk = '2'"""))) == ['a2', 'b2']


def test_order_and_projection(wire, table):
    assert keys(items(wire, f"""SELECT pk, sk FROM "{table}" WHERE pk = 'a' ORDER BY sk DESC""")) == ['a5', 'a4', 'a3', 'a2', 'a1']
    assert items(wire, f"""SELECT m.x, "n", m.l[1], nope FROM "{table}" WHERE pk = 'a' AND sk = '2'""") == [
        {'x': {'S': 'a2'}, 'n': {'N': '20'}, 'l': {'N': '2'}}]
    assert items(wire, f"""SELECT nope FROM "{table}" WHERE pk = 'a' AND sk = '2'""") == [{}]


@pytest.mark.parametrize('statement, expected', [
    ("SELECT * FROM {} WHERE pk = 'a' ORDER BY sk DESC", 'a5 a4 a3 a2 a1'),
    ("SELECT * FROM {} WHERE pk = 'a' AND sk IN ('1', '3', '5')", 'a1 a3 a5'),
    ("SELECT * FROM {} WHERE pk = 'a' AND n > 10", 'a2 a3 a4 a5')])
def test_pages(wire, table, statement, expected):
    text = statement.format(table if '-' not in table else f'"{table}"')
    seen, token = [], {}
    while True:
        page = run(wire, text, Limit=2, **token)
        seen += keys(page['Items'])
        assert ('NextToken' in page) == ('LastEvaluatedKey' in page)
        if 'NextToken' not in page:
            break
        token = {'NextToken': page['NextToken']}
    assert seen == expected.split()
    first = run(wire, text, Limit=1)['NextToken']
    assert refusal(wire, text + ' ', NextToken=first)[1] == 'NextToken does not match request'
    assert refusal(wire, text, NextToken='garbage')[1] == 'Invalid NextToken'


def test_insert(wire, table):
    insert = f"""INSERT INTO "{table}" VALUE {{'pk': ?, 'sk': 'it''s', 's': <<'b', 'a'>>, 'l': [1, -.5, true, null], 'm': {{'n': 1e2}}}}"""
    assert run(wire, insert, {'S': 'c'}) == {'Items': []}
    assert wire.call('GetItem', {'TableName': table, 'Key': {'pk': {'S': 'c'}, 'sk': {'S': "it's"}}})['Item'] == {
        'pk': {'S': 'c'}, 'sk': {'S': "it's"}, 's': {'SS': ['a', 'b']},
        'l': {'L': [{'N': '1'}, {'N': '-0.5'}, {'BOOL': True}, {'NULL': True}]}, 'm': {'M': {'n': {'N': '100'}}}}
    assert refusal(wire, insert, {'S': 'c'}) == ('DuplicateItemException', 'Duplicate primary key exists in table')


def test_update(wire, table):
    where = "WHERE pk = 'a' AND sk = '1'"

    def update(changes, *parameters, more='', **arguments):
        return items(wire, f'UPDATE "{table}" {changes} {where} {more}', *parameters, **arguments)
    assert update("SET n = n + 5 SET c = list_append(m.l, [3]), d = if_not_exists(nope, 'x') REMOVE m.x") == []
    assert update('SET s = set_add(s, <<1, 2>>)', more='RETURNING MODIFIED NEW *') == [{'s': {'NS': ['1', '2']}}]
    assert update('SET s = SET_DELETE(s, ?)', {'NS': ['1']}, more='RETURNING ALL OLD *')[0]['s'] == {'NS': ['1', '2']}
    new = items(wire, f'FROM "{table}" {where} REMOVE c SET m.l[0] = 9 RETURNING ALL NEW *')[0]
    assert new == {'pk': {'S': 'a'}, 'sk': {'S': '1'}, 'n': {'N': '15'}, 'd': {'S': 'x'}, 's': {'NS': ['2']},
                   'm': {'M': {'l': {'L': [{'N': '9'}, {'N': '2'}]}}}}
    failed = ('ConditionalCheckFailedException', 'The conditional request failed')
    assert refusal(wire, f"""UPDATE "{table}" SET n = 1 WHERE pk = 'a' AND sk = 'nope'""") == failed, 'no upsert'
    assert refusal(wire, f'UPDATE "{table}" SET n = 1 {where} AND n = 3') == failed
    with pytest.raises(Failed) as error:
        run(wire, f'UPDATE "{table}" SET n = 1 {where} AND n = 3', ReturnValuesOnConditionCheckFailure='ALL_OLD')
    assert error.value.body['Item']['n'] == {'N': '15'}


def test_delete(wire, table):
    assert items(wire, f"""DELETE FROM "{table}" WHERE pk = 'a' AND sk = '1' RETURNING ALL OLD *""")[0]['n'] == {'N': '10'}
    assert items(wire, f"""DELETE FROM "{table}" WHERE pk = 'a' AND sk = '1'""") == [], 'what is gone can be deleted'
    assert refusal(wire, f"""DELETE FROM "{table}" WHERE pk = 'a' AND sk = '2' AND n = 0""")[0] == 'ConditionalCheckFailedException'


REFUSED = [
    ('SELECTT', WELL + 'Expected data manipulation'),
    ("SELECT * FROM {t} WHERE pk = 'a')", WELL + 'Unexpected token after expression'),
    ('SELECT * FROM {t} WHERE n = 1 e5', WELL + 'Unexpected token after expression'),
    ("DELETE FROM {t} WHERE pk = 'a' ORDER BY sk", WELL + 'Unexpected token after expression'),
    ("SELECT * FROM {t} ORDER BY sk WHERE pk = 'a'", WELL + 'Unexpected token after expression'),
    ("SELECT * FROM {t} WHERE m.inner = 'a'", WELL + 'Invalid path dot component'),
    ('SELECT * FROM {t} WHERE', WELL + 'Unexpected term'),
    ('SELECT * FROM {t} WHERE;', WELL + 'Unexpected term'),
    ('SELECT * FROM {t} WHERE NOT', WELL + 'Unexpected term'),
    ('SELECT * FROM {t} WHERE (', WELL + 'Unexpected term'),
    ('SELECT * FROM', WELL + 'Unexpected term'),
    ("SELECT * FROM {t} WHERE pk = 'a' AND", WELL + 'Missing right-hand side expression of infix operator'),
    ('SELECT * FROM {t} WHERE IS NULL', WELL + 'Unexpected operator'),
    ('SELECT * FROM {t} WHERE pk = LIKE', WELL + 'Unexpected operator'),
    ('SELECT * FROM {t} WHERE pk IS FOO', WELL + 'Expected type name'),
    ('SELECT * FROM {t} WHERE n = 1e2147483648', WELL),
    ('SELECT * FROM {t} WHERE n = 1.5e-2147483647', WELL),
    ("SELECT * FROM {t} WHERE pk = 'a", WELL),
    ('SELECT * FROM {t} /* no end', WELL),
    ('SELECT * FROM {t} # comment', WELL),
    ('SELECT * FROM {t} x', 'Aliasing is not supported'),
    ("UPDATE {t} AS x SET n = 1 WHERE pk = 'a'", 'Aliasing is not supported'),
    ('SELECT attribute_exists(a) FROM {t}', 'Unexpected path component at 1:8:16'),
    ('SELECT * FROM {t} WHERE EXISTS(a)', 'Unrecognized function: exists at 1:{e}:6'),
    ('SELECT * FROM {t} WHERE set_add(a, <<1>>)', 'Unrecognized function: set_add at 1:{e}:7'),
    ("SELECT * FROM {t} WHERE attribute_exists('ss')",
     'Operator or function requires a document path; operator or function: attribute_exists'),
    ('SELECT * FROM {t} WHERE attribute_exists()',
     'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 0'),
    ('SELECT * FROM {t} WHERE n < true', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'),
    ("INSERT INTO {t} VALUE {{'pk': <<>>}}", 'Empty bags are not supported'),
    ("INSERT INTO {t} VALUE {{'pk': <<'x', 'x'>>}}", 'One or more parameter values were invalid: Input collection [x, x] contains duplicates.'),
    ("INSERT INTO {t} VALUE {{'pk': 1e126}}",
     'Number overflow. Attempting to store a number with magnitude larger than supported range under root.pk'),
    ('SELECT * FROM {t} WHERE n = 1e126',
     'Number overflow. Attempting to store a number with magnitude larger than supported range under root'),
    ("SELECT * FROM {t} WHERE pk = ?", "Number of parameters in request and statement don't match."),
    ("UPDATE {t} SET n = 1 WHERE pk = 'a'", 'Where clause does not contain a mandatory equality on all key attributes'),
    ("FROM {t} SET n = 1", 'Where clause does not contain a mandatory equality on all key attributes'),
    ("FROM {t} SET n = 1 WHERE pk = 'a'", WELL + 'Unexpected token after expression'),
    ('SELECT * FROM {t}.nope', 'The table does not have the specified index'),
    ("SELECT * FROM {t} WHERE pk = 'a' AND n = 1 OR pk = 'a' AND sk = '2'",
     'Overlapping conditions with range keys are not supported in where clause'),
]


@pytest.mark.parametrize('statement, message', REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(wire, table, statement, message):
    quoted = f'"{table}"'
    column = statement.replace('{t}', quoted).find('EXISTS') if 'EXISTS' in statement else statement.replace('{t}', quoted).find('set_add')
    assert refusal(wire, statement.format(t=quoted)) == ('ValidationException', message.format(e=column + 1))


def test_parameters_that_cannot_be(wire, table):
    with pytest.raises(Failed) as error:
        wire.call('ExecuteStatement', {'Statement': f'SELECT * FROM "{table}"', 'Parameters': []})
    assert error.value.message == ("1 validation error detected: Value '[]' at 'parameters' failed to satisfy constraint: Member must have "
                                   'length greater than or equal to 1')
    assert refusal(wire, f'SELECT * FROM "{table}" WHERE n = ?', {'N': 'x'})[1] == 'The parameter cannot be converted to a numeric value: x'
    assert refusal(wire, 'SELECT * FROM "missing"') == ('ResourceNotFoundException', 'Requested resource not found')


def test_hostile_nesting(wire, table):
    for n in (30, 150, 1_000, 4_000):
        for text in ('(' * n + 'n = 1' + ')' * n, 'NOT ' * n + 'n = 1', 'n = ' + '[' * n + ']' * n):
            statement = f'SELECT * FROM "{table}" WHERE {text}'[:8_192]
            try:
                run(wire, statement)
            except Failed as error:
                assert error.code == 'ValidationException', statement[:100]


def test_indexes(wire, name):
    create(wire, name, index='color')
    for n in range(3):
        wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'a'}, 'sk': {'S': str(n)}, 'color': {'S': 'red'}}})
    assert len(items(wire, f"""SELECT * FROM "{name}"."by-color" WHERE color = 'red'""")) == 3
    assert len(items(wire, f"""SELECT * FROM "{name}"."by-color" WHERE sk = '1'""")) == 1, 'a scan of the index'
    assert refusal(wire, f"""SELECT * FROM "{name}"."by-color" WHERE color = 'red'""", ConsistentRead=True)[1] == (
        'Strongly consistent read is not supported on Global Secondary Indexes')


def test_capacity(wire, table):
    def units(statement, **more):
        return run(wire, statement, ReturnConsumedCapacity='TOTAL', **more)['ConsumedCapacity']
    assert units(f"""SELECT * FROM "{table}" WHERE pk = 'a'""") == {'TableName': table, 'CapacityUnits': 0.5}
    assert units(f"""SELECT * FROM "{table}" WHERE pk = 'a'""", ConsistentRead=True)['CapacityUnits'] == 1
    assert units(f"""INSERT INTO "{table}" VALUE {{'pk': 'x', 'sk': 'y'}}""") == {'TableName': table, 'CapacityUnits': 1.0}
    native = wire.call('Scan', {'TableName': table, 'ReturnConsumedCapacity': 'TOTAL'})['ConsumedCapacity']
    assert units(f'SELECT * FROM "{table}"') == native


def test_batch(wire, table):
    def batch(*statements):
        return wire.call('BatchExecuteStatement', {'Statements': [{'Statement': text} for text in statements]})['Responses']
    key = "pk = 'a' AND sk = '1'"
    assert batch(f"""SELECT m.x FROM "{table}" WHERE {key}""", """SELECT * FROM "missing" WHERE pk = 'x'""", 'nonsense',
                 f"""SELECT * FROM "{table}" WHERE pk = 'a'""", f"""SELECT * FROM "{table}" WHERE pk = 'z' AND sk = 'z'""") == [
        {'TableName': table, 'Item': {'x': {'S': 'a1'}}},
        {'Error': {'Code': 'ResourceNotFound', 'Message': 'Requested resource not found'}, 'TableName': 'missing'},
        {'Error': {'Code': 'ValidationError', 'Message': WELL + 'Expected data manipulation'}},
        {'Error': {'Code': 'ValidationError', 'Message':
                   'Select statements within BatchExecuteStatement must specify the primary key in the where clause.'}, 'TableName': table},
        {'TableName': table}]
    assert batch(f"""INSERT INTO "{table}" VALUE {{'pk': 'a', 'sk': '1'}}""", f"""UPDATE "{table}" SET n = 0 WHERE pk = 'a' AND sk = '2'""",
                 f"""DELETE FROM "{table}" WHERE pk = 'a' AND sk = '3' AND n = 0""") == [
        {'Error': {'Code': 'DuplicateItem', 'Message': 'Duplicate primary key exists in table'}, 'TableName': table},
        {'TableName': table},
        {'Error': {'Code': 'ConditionalCheckFailed', 'Message': 'The conditional request failed'}, 'TableName': table}]


def test_transaction(wire, table):
    def transact(*statements, **more):
        return wire.call('ExecuteTransaction', {'TransactStatements': [{'Statement': text} for text in statements], **more})
    insert = f"""INSERT INTO "{table}" VALUE {{'pk': 't', 'sk': '1', 'n': 1}}"""
    check = f"""EXISTS(SELECT * FROM "{table}" WHERE pk = 'a' AND sk = '1' AND n = 10)"""
    assert transact(check, insert, f"""UPDATE "{table}" SET n = n + 1 WHERE pk = 'a' AND sk = '2'""", ClientRequestToken='once') == {'Responses': []}
    assert transact(check, insert, f"""UPDATE "{table}" SET n = n + 1 WHERE pk = 'a' AND sk = '2'""", ClientRequestToken='once') == {'Responses': []}
    assert transact(f"""SELECT n FROM "{table}" WHERE pk = 'a' AND sk = '2'""", f"""SELECT * FROM "{table}" WHERE pk = 'z' AND sk = 'z'""") == {
        'Responses': [{'Item': {'n': {'N': '21'}}}, {}]}
    with pytest.raises(Failed) as error:
        transact(f"""DELETE FROM "{table}" WHERE pk = 'a' AND sk = '5'""", insert,
                 f"""EXISTS(SELECT * FROM "{table}" WHERE pk = 'a' AND sk = '1' AND n = 11)""")
    assert error.value.code == 'TransactionCanceledException'
    assert error.value.body['CancellationReasons'] == [
        {'Code': 'None'}, {'Code': 'DuplicateItem', 'Message': 'Duplicate primary key exists in table'},
        {'Code': 'ConditionalCheckFailed', 'Message': 'The conditional request failed'}]
    assert len(items(wire, f"""SELECT * FROM "{table}" WHERE pk = 'a' AND sk = '5'""")) == 1, 'nothing happened'
    for statements, message in [
            (['nonsense'], WELL + 'Expected data manipulation'),
            ([f"""SELECT * FROM "{table}" WHERE pk = 'a'"""],
             'Select statements within ExecuteTransaction must specify the primary key in the where clause.'),
            ([f"""EXISTS(SELECT * FROM "{table}" WHERE pk = 'a' AND sk = '1')"""],
             'EXISTS() must contain a single item read with additional condition')]:
        with pytest.raises(Failed) as error:
            transact(*statements)
        assert (error.value.code, error.value.message) == ('ValidationException', 'Validation failed in TransactStatements[0]: ' + message)


def test_statements_stay_apart(wire, table):
    """What stands in a string is no syntax."""
    text = "'; DROP -- \" /* ] ?"
    run(wire, f"""INSERT INTO "{table}" VALUE {{'pk': 'q', 'sk': '{text.replace("'", "''")}'}}""")
    assert json.dumps(items(wire, f"""SELECT sk FROM "{table}" WHERE pk = 'q'""")) == json.dumps([{'sk': {'S': text}}])
