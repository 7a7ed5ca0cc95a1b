"""Random numbers against Python's decimal, which knows nothing of our code: text, order, sums and the edges of the range.

TIDEMARK_TEST_SEED repeats a run; it is printed when a test fails.
"""
import decimal
import os
import random

import pytest

from support.server import Failed, create_table, read_all

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
EXACT = decimal.Context(prec=1000, Emin=-100000, Emax=100000, traps=[decimal.Inexact, decimal.InvalidOperation])
DIGITS = 38
OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range'
UNDERFLOW = 'Number underflow. Attempting to store a number with magnitude smaller than supported range'
PRECISION = 'Attempting to store more than 38 significant digits in a Number'


@pytest.fixture
def rng():
    print(f'TIDEMARK_TEST_SEED={SEED}')
    return random.Random(SEED)


@pytest.fixture
def table(wire, name):
    create_table(wire, name, sort_key='sk')
    return name


def digits_of(number):
    return len(number.as_tuple().digits) if number else 0


def judge(text):
    """What is wrong with the number, or its normal form."""
    number = EXACT.create_decimal(text)
    if not number:
        return None, '0'
    number = number.normalize(EXACT)
    if number.adjusted() > 125:
        return OVERFLOW, None
    if number.adjusted() < -130:
        return UNDERFLOW, None
    if digits_of(number) > DIGITS:
        return PRECISION, None
    return None, format(number, 'f')


def spelling(rng, digits_max=DIGITS, exponent_max=140):
    """One of the many ways to write a number, most of them in the range."""
    digits = ''.join(rng.choice('0123456789') for _ in range(rng.choice([1, 2, 5, 17, digits_max - 1, digits_max])))
    point = rng.randrange(len(digits) + 1)
    text = '0' * rng.choice([0, 0, 0, 1, 3]) + digits[:point]
    if point < len(digits) or rng.random() < 0.1:
        text += '.' + digits[point:] + '0' * rng.choice([0, 0, 2])
    text = text if any(c.isdigit() for c in text) else '0' + text
    if text.endswith('.'):
        text += '0'
    if rng.random() < 0.6:
        text += rng.choice('eE') + rng.choice(['', '+', '-']) + str(rng.randrange(exponent_max))
    return rng.choice(['', '', '+', '-']) + text


def is_edge_of_zero(text):
    """Zeros are judged by their written exponent; that rule has tests of its own."""
    return not EXACT.create_decimal(text) and 'e' in text.lower()


def put(wire, table, values):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': 'a'}, 'sk': {'N': '0'}, 'n': {'L': values}}})


def test_the_normal_form_is_that_of_decimal(wire, table, rng):
    texts = []
    while len(texts) < 2000:
        text = spelling(rng)
        if not is_edge_of_zero(text) and judge(text)[0] is None:
            texts.append(text)
    put(wire, table, [{'N': text} for text in texts])
    item = wire.call('GetItem', {'TableName': table, 'Key': {'pk': {'S': 'a'}, 'sk': {'N': '0'}}})['Item']
    for text, found in zip(texts, item['n']['L'], strict=True):
        assert found['N'] == judge(text)[1], text


def test_what_is_outside_of_the_range_is_told(wire, table, rng):
    seen = set()
    for _ in range(600):
        text = spelling(rng, digits_max=40, exponent_max=200)
        if is_edge_of_zero(text):
            continue
        problem, _ = judge(text)
        try:
            put(wire, table, [{'N': text}])
            assert problem is None, text
        except Failed as failed:
            # A number with two faults is refused for either.
            assert problem is not None, text
            both = {problem} | ({PRECISION} if digits_of(EXACT.create_decimal(text).normalize(EXACT)) > DIGITS else set())
            assert failed.message.removeprefix('1 validation error detected: ') in both, text
        seen.add(problem)
    assert seen == {None, OVERFLOW, UNDERFLOW, PRECISION}


def test_keys_are_in_the_order_of_numbers(wire, table, rng):
    numbers = {}
    while len(numbers) < 400:
        text = spelling(rng)
        if not is_edge_of_zero(text) and judge(text)[0] is None:
            numbers[EXACT.create_decimal(judge(text)[1])] = text
    texts = list(numbers.values())
    for at in range(0, len(texts), 25):
        wire.call('BatchWriteItem', {'RequestItems': {table: [
            {'PutRequest': {'Item': {'pk': {'S': 'k'}, 'sk': {'N': text}}}} for text in texts[at:at + 25]]}})
    query = {'TableName': table, 'KeyConditionExpression': 'pk = :p', 'ExpressionAttributeValues': {':p': {'S': 'k'}}}
    expected = [format(number, 'f') for number in sorted(numbers)]
    assert [item['sk']['N'] for item in read_all(wire, 'Query', {**query, 'Limit': 37})] == expected
    assert [item['sk']['N'] for item in read_all(wire, 'Query', {**query, 'ScanIndexForward': False})] == expected[::-1]
    low, high = sorted(rng.sample(list(numbers), 2))
    between = read_all(wire, 'Query', {
        **query, 'KeyConditionExpression': 'pk = :p AND sk BETWEEN :l AND :h',
        'ExpressionAttributeValues': {':p': {'S': 'k'}, ':l': {'N': str(low)}, ':h': {'N': str(high)}}})
    assert [item['sk']['N'] for item in between] == [format(n, 'f') for n in sorted(numbers) if low <= n <= high]


@pytest.mark.parametrize('expression, sign', [('SET n = n + :v', 1), ('SET n = n - :v', -1), ('ADD n :v', 1)])
def test_sums_are_exact_or_refused(wire, table, rng, expression, sign):
    key = {'pk': {'S': 'sum'}, 'sk': {'N': '1'}}
    refused = 0
    for _ in range(300):
        # Near each other, so that most sums have few enough digits.
        shift = rng.randrange(-60, 60)
        left, right = (f'{rng.choice(["", "-"])}{rng.randrange(1, 10 ** rng.choice([1, 9, 19, 38]))}e'
                       f'{shift + rng.randrange(-12, 12)}' for _ in range(2))
        wire.call('PutItem', {'TableName': table, 'Item': {**key, 'n': {'N': left}}})
        combine = EXACT.add if sign > 0 else EXACT.subtract
        total = combine(EXACT.create_decimal(left), EXACT.create_decimal(right))
        problem, text = judge(str(total))
        request = {'TableName': table, 'Key': key, 'UpdateExpression': expression, 'ReturnValues': 'ALL_NEW',
                   'ExpressionAttributeValues': {':v': {'N': right}}}
        if problem is None:
            assert wire.call('UpdateItem', request)['Attributes']['n']['N'] == text, (left, right)
        else:
            refused += 1
            with pytest.raises(Failed) as failed:
                wire.call('UpdateItem', request)
            assert failed.value.message in (OVERFLOW, UNDERFLOW), (left, right)
            assert wire.call('GetItem', {'TableName': table, 'Key': key})['Item']['n']['N'] == judge(left)[1]
    assert 0 < refused < 250


def test_sets_hold_a_number_once_however_it_is_written(wire, table, rng):
    for _ in range(100):
        value = rng.randrange(1, 10 ** 6)
        spellings = [f'{value}', f'{value}.0', f'{value}00e-2', f'0{value}', f'+{value}', f'{value}e0']
        left, right = rng.sample(spellings, 2)
        with pytest.raises(Failed) as failed:
            put(wire, table, [{'NS': [left, str(value + 1), right]}])
        assert failed.value.message.endswith('Input collection contains duplicates.')
        put(wire, table, [{'NS': [left, str(value + 1)]}])
