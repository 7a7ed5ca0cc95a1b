"""The capacity that writes and reads of random items consume, against a calculation from the documented sizes: the table by the larger
image, each index by what it stores, transactions doubled on the table alone.

TIDEMARK_TEST_SEED repeats a run; it is printed when a test fails.
"""
import base64
import collections
import decimal
import math
import os
import random

import pytest

from support.server import wait_active

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
EXACT = decimal.Context(prec=38)
KEYS = ('pk', 'sk')
INDEXES = {  # kind, keys, further attributes; None: all of them
    'only-keys': ('GlobalSecondaryIndexes', ('g',), ()),
    'some': ('GlobalSecondaryIndexes', ('g', 'n'), ('text', 'map')),
    'all': ('LocalSecondaryIndexes', ('pk', 'n'), None),
}


def number_bytes(text):
    """A byte for the exponent, one for each two digits around the point between the first and the last that count, one for a sign."""
    number = decimal.Decimal(text).normalize(EXACT)
    if not number:
        return 1
    digits, exponent = ''.join(map(str, number.as_tuple().digits)), number.as_tuple().exponent
    digits += '0' * (exponent % 2)
    return 1 + math.ceil(len(digits) / 2) + (number < 0)


def bytes_of(value):
    (kind, data), = value.items()
    if kind == 'S':
        return len(data.encode())
    if kind == 'B':
        return len(base64.b64decode(data))
    if kind == 'N':
        return number_bytes(data)
    if kind in ('BOOL', 'NULL'):
        return 1
    if kind in ('SS', 'NS', 'BS'):
        return sum(bytes_of({kind[0]: member}) for member in data)
    if kind == 'L':
        return 3 + sum(1 + bytes_of(element) for element in data)
    return 3 + sum(1 + len(name.encode()) + bytes_of(element) for name, element in data.items())


def item_bytes(item):
    return sum(len(name.encode()) + bytes_of(value) for name, value in item.items())


def write_units(*sizes):
    return max(1, math.ceil(max(sizes) / 1024))


def entry(item, keys, others):
    """What an index stores of the item, or None."""
    if item is None or any(key not in item for key in keys):
        return None
    kept = {*KEYS, *keys, *others} if others is not None else set(item)
    return {name: value for name, value in item.items() if name in kept}


def normal(value):
    """Numbers by their value, for they are what is written anew in many ways."""
    if isinstance(value, dict):
        return {name: str(decimal.Decimal(part).normalize(EXACT)) if name == 'N' else normal(part) for name, part in value.items()}
    return [normal(part) for part in value] if isinstance(value, list) else value


def expected_units(old, new):
    """Units of the table and of each index that the change touches."""
    table = write_units(*(item_bytes(item) for item in (old, new) if item is not None), 0)
    indexes = {}
    for name, (_, keys, others) in INDEXES.items():
        before, after = entry(old, keys, others), entry(new, keys, others)
        if normal(before) == normal(after):
            continue
        sizes = [item_bytes(each) for each in (before, after) if each is not None]
        if len(sizes) == 2 and any(normal(before[key]) != normal(after[key]) for key in keys):
            indexes[name] = sum(map(write_units, sizes))
        else:
            indexes[name] = write_units(*sizes)
    return table, indexes


def consumed(table, changes, factor=1):
    """ConsumedCapacity with INDEXES of these changes: pairs of an old and a new image."""
    units = [expected_units(old, new) for old, new in changes]
    of_table = factor * sum(each for each, _ in units)
    of_indexes = collections.Counter()
    for _, indexes in units:
        of_indexes.update(indexes)

    def amount(number):
        return {'CapacityUnits': number, **({'WriteCapacityUnits': number} if factor == 2 else {})}
    result = {'TableName': table, **amount(of_table + sum(of_indexes.values())), 'Table': amount(of_table)}
    for name, number in of_indexes.items():
        result.setdefault(INDEXES[name][0], {})[name] = amount(number)
    return result


def random_value(rng, depth=2):
    kind = rng.choice(['S', 'S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'L', 'M'] if depth else ['S', 'N', 'BOOL'])
    if kind == 'S':
        return {'S': rng.choice('xé€😀') * rng.choice([0, 1, 10, 200, 1000])}
    if kind == 'N':
        return {'N': f'{rng.choice(["", "-"])}{rng.randrange(10 ** rng.choice([1, 4, 20, 37]))}e{rng.randrange(-90, 80)}'}
    if kind == 'B':
        return {'B': base64.b64encode(b'x' * rng.randrange(700)).decode()}
    if kind == 'BOOL':
        return {'BOOL': True}
    if kind == 'NULL':
        return {'NULL': True}
    if kind == 'SS':
        return {'SS': [letter * rng.randrange(1, 50) for letter in 'abc'[:rng.randrange(1, 4)]]}
    if kind == 'NS':
        return {'NS': [str(number) for number in rng.sample(range(-10_000, 10_000), rng.randrange(1, 9))]}
    if kind == 'L':
        return {'L': [random_value(rng, depth - 1) for _ in range(rng.randrange(4))]}
    return {'M': {name: random_value(rng, depth - 1) for name in 'abé'[:rng.randrange(4)]}}


def random_item(rng, key, old=None):
    """Another item under the key; often it keeps much of the old one."""
    item = {name: value for name, value in (old or {}).items() if rng.random() < 0.7}
    for name in ('text', 'map', 'other', 'größe'):
        if rng.random() < 0.4:
            item[name] = random_value(rng)
    if rng.random() < 0.5:
        item['g'] = {'S': rng.choice('uvw') * rng.choice([1, 1, 900])}
    if rng.random() < 0.5:
        item['n'] = {'N': rng.choice(['1', '1.0', '10e-1', '2', '-3.25'])}
    return {**item, **key}


@pytest.fixture
def rng():
    print(f'TIDEMARK_TEST_SEED={SEED}')
    return random.Random(SEED)


@pytest.fixture
def table(wire, name):
    def schema(keys):
        return [{'AttributeName': key, 'KeyType': kind} for key, kind in zip(keys, ('HASH', 'RANGE'))]
    indexes = {}
    for index, (kind, keys, others) in INDEXES.items():
        projection = {'ProjectionType': 'ALL'} if others is None else {'ProjectionType': 'KEYS_ONLY'} if not others else {
            'ProjectionType': 'INCLUDE', 'NonKeyAttributes': list(others)}
        indexes.setdefault(kind, []).append({'IndexName': index, 'KeySchema': schema(keys), 'Projection': projection})
    wire.call('CreateTable', {
        'TableName': name, 'BillingMode': 'PAY_PER_REQUEST', 'KeySchema': schema(KEYS), **indexes,
        'AttributeDefinitions': [{'AttributeName': each, 'AttributeType': 'N' if each == 'n' else 'S'}
                                 for each in (*KEYS, 'g', 'n')]})
    wait_active(wire, name)
    return name


def key_of(number):
    return {'pk': {'S': 'p'}, 'sk': {'S': f'{number:02}'}}


def test_writes(wire, table, rng):
    stored = {}
    for _ in range(500):
        number = rng.randrange(12)
        key, old = key_of(number), stored.get(number)
        new = random_item(rng, key, old)
        request = {'TableName': table, 'ReturnConsumedCapacity': 'INDEXES'}
        roll = rng.random()
        if roll < 0.2:
            new = None
            answer = wire.call('DeleteItem', {**request, 'Key': key})
        elif roll < 0.6 or old is None:
            answer = wire.call('PutItem', {**request, 'Item': new})
        else:
            gone = [name for name in old if name not in new]
            names = {f'#{n}': name for n, name in enumerate([*gone, *new]) if name not in KEYS}
            values = {f':{alias[1:]}': new[name] for alias, name in names.items() if name in new}
            clauses = [', '.join(alias for alias, name in names.items() if name in gone),
                       ', '.join(f'{alias} = :{alias[1:]}' for alias, name in names.items() if name in new)]
            update = ' '.join(f'{word} {clause}' for word, clause in zip(('REMOVE', 'SET'), clauses) if clause)
            answer = wire.call('UpdateItem', {**request, 'Key': key, **({'UpdateExpression': update} if update else {}),
                                              **({'ExpressionAttributeNames': names} if names else {}),
                                              **({'ExpressionAttributeValues': values} if values else {})})
        assert answer['ConsumedCapacity'] == consumed(table, [(old, new)]), (old, new)
        stored[number] = new


@pytest.mark.parametrize('operation, factor', [('BatchWriteItem', 1), ('TransactWriteItems', 2)])
def test_many_writes_at_once(wire, table, rng, operation, factor):
    stored = {}
    for _ in range(60):
        changes, writes = [], []
        for number in rng.sample(range(12), rng.randrange(1, 8)):
            old = stored.get(number)
            new = random_item(rng, key_of(number), old) if rng.random() < 0.7 else None
            changes.append((old, new))
            stored[number] = new
            writes.append(('Put', {'Item': new}) if new else ('Delete', {'Key': key_of(number)}))
        request = {'RequestItems': {table: [{f'{kind}Request': what} for kind, what in writes]}} if factor == 1 else {
            'TransactItems': [{kind: {**what, 'TableName': table}} for kind, what in writes]}
        (capacity,) = wire.call(operation, {**request, 'ReturnConsumedCapacity': 'INDEXES'})['ConsumedCapacity']
        assert capacity == consumed(table, changes, factor), changes


def test_reads(wire, table, rng):
    items = {number: random_item(rng, key_of(number)) for number in range(30)}
    for item in items.values():
        wire.call('PutItem', {'TableName': table, 'Item': item})
    for number, item in items.items():
        for consistent, factor in ((False, 0.5), (True, 1)):
            capacity = wire.call('GetItem', {'TableName': table, 'Key': key_of(number), 'ConsistentRead': consistent,
                                             'ReturnConsumedCapacity': 'TOTAL'})['ConsumedCapacity']
            assert capacity == {'TableName': table, 'CapacityUnits': factor * math.ceil(item_bytes(item) / 4096)}
    for _ in range(100):
        low, high = sorted(rng.sample(range(40), 2))
        consistent = rng.random() < 0.5
        answer = wire.call('Query', {
            'TableName': table, 'KeyConditionExpression': 'pk = :p AND sk BETWEEN :l AND :h', 'ConsistentRead': consistent,
            'ExpressionAttributeValues': {':p': {'S': 'p'}, ':l': {'S': f'{low:02}'}, ':h': {'S': f'{high:02}'}},
            'FilterExpression': 'attribute_exists(g)', 'ProjectionExpression': 'sk', 'ReturnConsumedCapacity': 'TOTAL'})
        size = sum(item_bytes(items[number]) for number in range(low, high + 1) if number in items)
        units = max(1, math.ceil(size / 4096)) * (1 if consistent else 0.5)
        assert answer['ConsumedCapacity'] == {'TableName': table, 'CapacityUnits': units}, 'all that was read, rounded once'
    found = wire.call('Query', {
        'TableName': table, 'IndexName': 'some', 'KeyConditionExpression': 'g = :g',
        'ExpressionAttributeValues': {':g': {'S': 'u'}}, 'ReturnConsumedCapacity': 'INDEXES'})
    size = sum(item_bytes(entry(item, *INDEXES['some'][1:])) for item in items.values()
               if item.get('g') == {'S': 'u'} and 'n' in item)
    units = max(1, math.ceil(size / 4096)) / 2
    assert found['ConsumedCapacity'] == {'TableName': table, 'CapacityUnits': units, 'Table': {'CapacityUnits': 0},
                                         'GlobalSecondaryIndexes': {'some': {'CapacityUnits': units}}}
