"""Random items under keys of every type, read by random key conditions, page by page and both ways, from the table and its indexes,
against a plain list that is filtered and sorted here.

TIDEMARK_TEST_SEED repeats a run; it is printed when a test fails.
"""
import base64
import decimal
import os
import random

import pytest

from support.server import wait_active

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
PARTITIONS = ['p', 'q', 'r']


@pytest.fixture
def rng():
    print(f'TIDEMARK_TEST_SEED={SEED}')
    return random.Random(SEED)


def key_value(rng, kind):
    if kind == 'N':
        return {'N': str(decimal.Decimal(rng.randrange(-30, 30)) / rng.choice([1, 4, 10]))}
    size = rng.randrange(1, 4)
    if kind == 'S':
        return {'S': ''.join(rng.choice('aab\x00Zé€😀') for _ in range(size))}
    return {'B': base64.b64encode(bytes(rng.choice([0, 1, 127, 128, 255]) for _ in range(size))).decode()}


def raw(value):
    """What DynamoDB orders by."""
    (kind, data), = value.items()
    if kind == 'N':
        return decimal.Decimal(data)
    return data.encode() if kind == 'S' else base64.b64decode(data)


def condition(rng, kind):
    """The text of a condition on #s, its values, and what it says as a function."""
    one = key_value(rng, kind)
    comparison = rng.choice(['', '=', '<', '<=', '>', '>=', 'BETWEEN'] + (['begins_with'] if kind != 'N' else []))
    if comparison == '':
        return '', {}, lambda _: True
    if comparison == 'BETWEEN':
        low, high = sorted([one, key_value(rng, kind)], key=raw)
        return ' AND #s BETWEEN :a AND :b', {':a': low, ':b': high}, lambda key: raw(low) <= key <= raw(high)
    if comparison == 'begins_with':
        return ' AND begins_with(#s, :a)', {':a': one}, lambda key: key.startswith(raw(one))
    holds = {'=': lambda key: key == raw(one), '<': lambda key: key < raw(one), '<=': lambda key: key <= raw(one),
             '>': lambda key: key > raw(one), '>=': lambda key: key >= raw(one)}[comparison]
    if rng.random() < 0.3:
        turned = {'<': '>', '<=': '>=', '>': '<', '>=': '<='}.get(comparison, comparison)
        return f' AND :a {turned} #s', {':a': one}, holds
    return f' AND #s {comparison} :a', {':a': one}, holds


def pages(wire, operation, request, rng):
    """All items, in pages of random lengths; sometimes a page is asked for twice."""
    found = []
    while True:
        limited = {**request, **({'Limit': rng.randrange(1, 9)} if rng.random() < 0.8 else {})}
        page = wire.call(operation, limited)
        assert page['Count'] == len(page['Items']) <= page['ScannedCount'] <= limited.get('Limit', 1 << 30)
        if rng.random() < 0.2:
            assert wire.call(operation, limited) == page
        found += page['Items']
        if 'LastEvaluatedKey' not in page:
            return found
        request = {**request, 'ExclusiveStartKey': page['LastEvaluatedKey']}


def identity(item):
    return item['pk']['S'], raw(item['sk'])


@pytest.mark.parametrize('kind', ['S', 'N', 'B'])
def test_conditions_and_pages(wire, name, rng, kind):
    def schema(hash_key, sort_key):
        return [{'AttributeName': hash_key, 'KeyType': 'HASH'}, {'AttributeName': sort_key, 'KeyType': 'RANGE'}]
    everything = {'ProjectionType': 'ALL'}
    wire.call('CreateTable', {
        'TableName': name, 'BillingMode': 'PAY_PER_REQUEST', 'KeySchema': schema('pk', 'sk'),
        'AttributeDefinitions': [{'AttributeName': each, 'AttributeType': 'S' if each in ('pk', 'g') else kind}
                                 for each in ('pk', 'sk', 'g', 'gs', 'ls')],
        'GlobalSecondaryIndexes': [{'IndexName': 'global', 'KeySchema': schema('g', 'gs'), 'Projection': everything}],
        'LocalSecondaryIndexes': [{'IndexName': 'local', 'KeySchema': schema('pk', 'ls'), 'Projection': everything}]})
    wait_active(wire, name)
    items = {}
    for _ in range(150):
        item = {'pk': {'S': rng.choice(PARTITIONS)}, 'sk': key_value(rng, kind), 'odd': {'BOOL': rng.random() < 0.5}}
        # Few distinct keys, so that many entries of an index are equal.
        if rng.random() < 0.8:
            item |= {'g': {'S': rng.choice(PARTITIONS)}, 'gs': rng.choice([key_value(rng, kind), key_value(random.Random(1), kind)])}
        if rng.random() < 0.8:
            item['ls'] = rng.choice([key_value(rng, kind), key_value(random.Random(2), kind)])
        wire.call('PutItem', {'TableName': name, 'Item': item})
        items[identity(item)] = item
        if rng.random() < 0.1:
            gone = items.pop(rng.choice(list(items)))
            wire.call('DeleteItem', {'TableName': name, 'Key': {'pk': gone['pk'], 'sk': gone['sk']}})

    places = [({}, 'pk', 'sk'), ({'IndexName': 'global'}, 'g', 'gs'), ({'IndexName': 'local'}, 'pk', 'ls')]
    for _ in range(120):
        where, hash_key, sort_key = rng.choice(places)
        partition = rng.choice(PARTITIONS)
        text, values, holds = condition(rng, kind)
        forward = rng.random() < 0.5
        request = {'TableName': name, **where, 'KeyConditionExpression': '#p = :p' + text, 'ScanIndexForward': forward,
                   'ExpressionAttributeNames': {'#p': hash_key, **({'#s': sort_key} if text else {})},
                   'ExpressionAttributeValues': {':p': {'S': partition}, **values}}
        expected = [item for item in items.values() if item.get(hash_key) == {'S': partition} and sort_key in item
                    and holds(raw(item[sort_key]))]
        if rng.random() < 0.3:
            request['FilterExpression'] = 'odd = :odd'
            request['ExpressionAttributeValues'][':odd'] = {'BOOL': True}
            expected = [item for item in expected if item['odd']['BOOL']]
        found = pages(wire, 'Query', request, rng)
        assert sorted(map(identity, found)) == sorted(map(identity, expected)), request
        order = [raw(item[sort_key]) for item in found]
        assert order == sorted(order, reverse=not forward), request
        whole = wire.call('Query', request)['Items']
        assert found == whole, 'ties, too, come in one order, however the pages are cut'

    for where, hash_key, sort_key in places:
        inside = {identity(item) for item in items.values() if hash_key in item and sort_key in item}
        segments = rng.randrange(1, 6)
        found = [identity(item) for segment in range(segments) for item in
                 pages(wire, 'Scan', {'TableName': name, **where, 'Segment': segment, 'TotalSegments': segments}, rng)]
        assert sorted(found) == sorted(inside), where
