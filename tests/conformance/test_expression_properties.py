"""Random items and expressions against a naive evaluator, which is written from the documented rules on plain Python values and
shares nothing with ours: it has no parser, for it draws the trees that it writes as text.

TIDEMARK_TEST_SEED repeats a run; it is printed when a test fails.
"""
import base64
import copy
import decimal
import os
import random

import pytest

from support.server import Failed, create_table, scan

SEED = int(os.environ.get('TIDEMARK_TEST_SEED', random.SystemRandom().randrange(1 << 32)))
ITEMS = 40
MISSING = object()
TOP = ['a', 'b', 'c', 'd', 'select', 'x.y', 'zz']  # a reserved word and a name with a dot need an alias
INNER = ['a', 'k', 'order']
TYPES = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'BOOL', 'NULL', 'L', 'M']


# Values, as on the wire.

def scalar(rng, kind):
    if kind == 'S':
        return {'S': rng.choice(['', 'a', 'ab', 'abc', 'b', 'é', '😀a', 'B'])}
    if kind == 'N':
        return {'N': rng.choice(['0', '1', '2', '-1', '10', '1.5', '1e2', '100', '1.0'])}
    if kind == 'B':
        return {'B': rng.choice(['', 'AA==', 'AAE=', 'AQ==', '/w=='])}
    if kind == 'BOOL':
        return {'BOOL': rng.random() < 0.5}
    return {'NULL': True}


def value(rng, depth=2, kind=None):
    kind = kind or rng.choice(TYPES if depth else TYPES[:-2])
    if kind in ('SS', 'NS', 'BS'):
        members = [scalar(rng, kind[0]) for _ in range(rng.randrange(1, 4))]
        return {kind: list({normal(member): member[kind[0]] for member in members}.values())}
    if kind == 'L':
        return {'L': [value(rng, depth - 1) for _ in range(rng.randrange(4))]}
    if kind == 'M':
        return {'M': {name: value(rng, depth - 1) for name in INNER if rng.random() < 0.6}}
    return scalar(rng, kind)


def type_of(one):
    return next(iter(one))


def normal(one):
    """A form in which equal values are equal."""
    (kind, data), = one.items()
    if kind == 'N':
        return (kind, decimal.Decimal(data).normalize())
    if kind in ('SS', 'BS'):
        return (kind, frozenset(data))
    if kind == 'NS':
        return (kind, frozenset(decimal.Decimal(number).normalize() for number in data))
    if kind == 'L':
        return (kind, tuple(normal(element) for element in data))
    if kind == 'M':
        return (kind, frozenset((name, normal(element)) for name, element in data.items()))
    return (kind, data)


def bytes_of(one):
    (kind, data), = one.items()
    return base64.b64decode(data) if kind == 'B' else data.encode()


def rank(one):
    """What orders values of one type; None where there is no order."""
    kind = type_of(one)
    if kind == 'N':
        return decimal.Decimal(one['N'])
    return bytes_of(one) if kind in ('S', 'B') else None


def size_of(one):
    (kind, data), = one.items()
    if kind == 'S':
        return len(data.encode('utf-16-le')) // 2
    if kind == 'B':
        return len(bytes_of(one))
    return len(data) if kind in ('SS', 'NS', 'BS', 'L', 'M') else None


# Paths, as lists of names and indices.

def path(rng, depth_max=3):
    steps = [rng.choice(TOP)]
    while len(steps) < depth_max and rng.random() < 0.4:
        steps.append(rng.choice(INNER) if rng.random() < 0.6 else rng.randrange(3))
    return steps


def at(item, steps):
    found = {'M': item}
    for step in steps:
        if isinstance(step, int):
            if type_of(found) != 'L' or step >= len(found['L']):
                return MISSING
            found = found['L'][step]
        else:
            if type_of(found) != 'M' or step not in found['M']:
                return MISSING
            found = found['M'][step]
    return found


class Text:
    """Writes trees as an expression and keeps the names and values that it needs."""

    def __init__(self, rng):
        self.rng, self.names, self.values = rng, {}, {}

    def path(self, steps):
        out = ''
        for step in steps:
            if isinstance(step, int):
                out += f'[{step}]'
                continue
            if step in ('select', 'x.y', 'order') or self.rng.random() < 0.3:
                alias = next((a for a, name in self.names.items() if name == step), f'#n{len(self.names)}')
                self.names[alias] = step
                step = alias
            out += ('.' if out else '') + step
        return out

    def value(self, one):
        placeholder = f':v{len(self.values)}'
        self.values[placeholder] = one
        return placeholder

    def operand(self, operand):
        kind, what = operand
        if kind == 'path':
            return self.path(what)
        if kind == 'size':
            return f'size{self.blank()}({self.path(what)})'
        return self.value(what)

    def blank(self):
        return self.rng.choice(['', '', ' ', '\n', '  '])

    def word(self, word):
        return self.rng.choice([word, word.lower(), word.title()])

    def request(self, **expressions):
        return {**expressions, **({'ExpressionAttributeNames': self.names} if self.names else {}),
                **({'ExpressionAttributeValues': self.values} if self.values else {})}


# Conditions.

ORDERED = {'<': lambda x, y: x < y, '<=': lambda x, y: x <= y, '>': lambda x, y: x > y, '>=': lambda x, y: x >= y}


def operand(rng, ordered=False):
    roll = rng.random()
    if roll < 0.15:
        return 'size', path(rng)
    if roll < 0.35:
        return 'path', path(rng)
    return 'value', value(rng, 1, rng.choice('SNB') if ordered else None)


def distinct(rng, first, **more):
    while True:
        other = operand(rng, **more)
        if other != first:
            return other


def condition(rng, depth=3):
    roll = rng.random()
    if depth and roll < 0.25:
        return rng.choice(['AND', 'OR']), [condition(rng, depth - 1) for _ in range(rng.randrange(2, 4))]
    if depth and roll < 0.33:
        return 'NOT', condition(rng, depth - 1)
    steps = path(rng)
    kind = rng.choice(['=', '<>', '<', '<=', '>', '>=', 'BETWEEN', 'IN', 'exists', 'missing', 'type', 'begins', 'contains'])
    if kind in ORDERED:
        return kind, ('path', steps), distinct(rng, ('path', steps), ordered=True)
    if kind in ('=', '<>'):
        return kind, ('path', steps), distinct(rng, ('path', steps))
    if kind == 'BETWEEN':
        of = rng.choice('SNB')
        low, high = sorted((value(rng, 0, of) for _ in range(2)), key=rank)
        return kind, rng.choice([('path', steps), ('size', steps)]), ('value', low), ('value', high)
    if kind == 'IN':
        return kind, ('path', steps), [distinct(rng, ('path', steps)) for _ in range(rng.randrange(1, 4))]
    if kind == 'type':
        return kind, steps, {'S': rng.choice(TYPES)}
    if kind == 'begins':
        return kind, steps, scalar(rng, rng.choice('SB'))
    if kind == 'contains':
        return kind, steps, distinct(rng, ('path', steps))
    return kind, steps


LEVEL = {'OR': 0, 'AND': 1, 'NOT': 2}


def write(text, tree):
    """As text, with the parentheses that precedence needs; a needless pair is no error, two pairs around one thing are."""
    def part(child, level):
        out = write(text, child)
        needs = LEVEL.get(child[0], 3) < level
        return f'({text.blank()}{out})' if needs or (child[0] in LEVEL and text.rng.random() < 0.3) else out

    kind = tree[0]
    if kind in ('AND', 'OR'):
        # An inner pair of the same kind would be flat again, which means the same.
        return f' {text.word(kind)} '.join(part(child, LEVEL[kind] + 1) for child in tree[1])
    if kind == 'NOT':
        return f'{text.word(kind)} {part(tree[1], LEVEL[kind])}'
    if kind == 'BETWEEN':
        return f'{text.operand(tree[1])} {text.word(kind)} {text.operand(tree[2])} {text.word("AND")} {text.operand(tree[3])}'
    if kind == 'IN':
        first = text.operand(tree[1])
        return f'{first} {text.word(kind)} ({", ".join(text.operand(each) for each in tree[2])})'
    if kind == 'exists':
        return f'attribute_exists({text.path(tree[1])})'
    if kind == 'missing':
        return f'attribute_not_exists({text.blank()}{text.path(tree[1])})'
    if kind == 'type':
        return f'attribute_type({text.path(tree[1])}, {text.value(tree[2])})'
    if kind == 'begins':
        return f'begins_with({text.path(tree[1])},{text.value(tree[2])})'
    if kind == 'contains':
        return f'contains({text.path(tree[1])}, {text.operand(tree[2])})'
    return f'{text.operand(tree[1])}{text.blank()}{kind}{text.blank()}{text.operand(tree[2])}'


def evaluate(item, operand):
    kind, what = operand
    if kind == 'value':
        return what
    found = at(item, what)
    if kind == 'path' or found is MISSING:
        return found
    size = size_of(found)
    return MISSING if size is None else {'N': str(size)}


def equal(left, right):
    return left is not MISSING and right is not MISSING and normal(left) == normal(right)


def ordered(kind, left, right):
    if left is MISSING or right is MISSING or type_of(left) != type_of(right) or rank(left) is None:
        return False
    return ORDERED[kind](rank(left), rank(right))


def contains(found, wanted):
    if found is MISSING or wanted is MISSING:
        return False
    kind, of = type_of(found), type_of(wanted)
    if kind in ('S', 'B'):
        return of == kind and bytes_of(wanted) in bytes_of(found)
    if kind in ('SS', 'NS', 'BS'):
        return of == kind[0] and normal(wanted)[1] in normal(found)[1]
    return kind == 'L' and any(normal(element) == normal(wanted) for element in found['L'])


def holds(item, tree):
    kind = tree[0]
    if kind == 'AND':
        return all(holds(item, child) for child in tree[1])
    if kind == 'OR':
        return any(holds(item, child) for child in tree[1])
    if kind == 'NOT':
        return not holds(item, tree[1])
    if kind == '=':
        return equal(evaluate(item, tree[1]), evaluate(item, tree[2]))
    if kind == '<>':
        return not equal(evaluate(item, tree[1]), evaluate(item, tree[2]))
    if kind in ORDERED:
        return ordered(kind, evaluate(item, tree[1]), evaluate(item, tree[2]))
    if kind == 'BETWEEN':
        found = evaluate(item, tree[1])
        return ordered('>=', found, tree[2][1]) and ordered('<=', found, tree[3][1])
    if kind == 'IN':
        return any(equal(evaluate(item, tree[1]), evaluate(item, each)) for each in tree[2])
    found = at(item, tree[1])
    if kind == 'exists':
        return found is not MISSING
    if kind == 'missing':
        return found is MISSING
    if kind == 'type':
        return found is not MISSING and type_of(found) == tree[2]['S']
    if kind == 'begins':
        of = type_of(tree[2])
        return found is not MISSING and type_of(found) == of and bytes_of(found).startswith(bytes_of(tree[2]))
    return contains(found, evaluate(item, tree[2]))


# Updates.

class Refused(Exception):
    pass


def overlaps(left, right):
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]


def conflicts(left, right):
    """A step into a map here and into a list there, in one place."""
    for one, other in zip(left, right):
        if one != other:
            return isinstance(one, int) != isinstance(other, int)
    return True


def update(rng):
    """Clauses with targets that are apart from each other."""
    clauses, targets = [], []
    for _ in range(rng.randrange(1, 5)):
        target = path(rng)
        if any(overlaps(target, other) or conflicts(target, other) for other in targets):
            continue
        targets.append(target)
        kind = rng.choice(['SET', 'SET', 'SET', 'REMOVE', 'ADD', 'DELETE'])
        if kind == 'SET':
            clauses.append((kind, target, term(rng)))
        elif kind == 'REMOVE':
            clauses.append((kind, target))
        elif kind == 'ADD':
            clauses.append((kind, target, value(rng, 0, rng.choice(['N', 'N', 'SS', 'NS', 'BS']))))
        else:
            clauses.append((kind, target, value(rng, 0, rng.choice(['SS', 'NS', 'BS']))))
    return clauses


def term(rng):
    def plain(kind=None):
        roll = rng.random()
        if roll < 0.4:
            return 'path', path(rng)
        if roll < 0.6:
            return 'default', path(rng), ('value', value(rng, 1, kind))
        return 'value', value(rng, 1, kind)

    roll = rng.random()
    if roll < 0.3:
        return rng.choice('+-'), plain('N'), plain('N')
    if roll < 0.45:
        return 'append', plain('L'), plain('L')
    return plain()


def write_term(text, tree):
    kind = tree[0]
    if kind in '+-':
        return f'{write_term(text, tree[1])} {kind} {write_term(text, tree[2])}'
    if kind == 'append':
        return f'list_append({write_term(text, tree[1])}, {write_term(text, tree[2])})'
    if kind == 'default':
        return f'if_not_exists({text.path(tree[1])}, {write_term(text, tree[2])})'
    return text.operand(tree)


def write_update(text, clauses):
    sections = {}
    for clause in clauses:
        kind, target = clause[:2]
        written = text.path(target)
        if kind == 'SET':
            written += f'{text.blank()}={text.blank()}{write_term(text, clause[2])}'
        elif kind != 'REMOVE':
            written += f' {text.value(clause[2])}'
        sections.setdefault(kind, []).append(written)
    return ' '.join(f'{text.word(kind)} {", ".join(parts)}' for kind, parts in sections.items())


def compute(old, tree):
    kind = tree[0]
    if kind == 'value':
        return tree[1]
    if kind == 'path':
        found = at(old, tree[1])
        if found is MISSING:
            raise Refused('The provided expression refers to an attribute that does not exist in the item')
        return found
    if kind == 'default':
        found = at(old, tree[1])
        return compute(old, tree[2]) if found is MISSING else found
    left, right = compute(old, tree[1]), compute(old, tree[2])
    wanted = 'L' if kind == 'append' else 'N'
    if type_of(left) != wanted or type_of(right) != wanted:
        raise Refused('An operand in the update expression has an incorrect data type')
    if kind == 'append':
        return {'L': left['L'] + right['L']}
    one, other = decimal.Decimal(left['N']), decimal.Decimal(right['N'])
    return {'N': format(one + other if kind == '+' else one - other, 'f')}


def parent_of(new, target):
    parent = at(new, target[:-1]) if target[:-1] else {'M': new}
    if parent is MISSING or type_of(parent) != ('L' if isinstance(target[-1], int) else 'M'):
        raise Refused('The document path provided in the update expression is invalid for update')
    return next(iter(parent.values()))


def apply(old, clauses):
    """The new item. Raises Refused. All clauses read the old one; the removals of list elements come last."""
    new = copy.deepcopy(old)
    written, appended, removed = [], [], []
    for clause in clauses:
        kind, target = clause[:2]
        if kind == 'SET':
            written.append((target, compute(old, clause[2])))
        elif kind == 'REMOVE':
            parent_of(old, target)
            if at(old, target) is not MISSING:
                removed.append(target)
        else:
            found = at(old, target)
            parent_of(old, target)
            changed = combine(kind, found, clause[2])
            if changed is MISSING:
                if found is not MISSING:
                    removed.append(target)
            else:
                written.append((target, changed))
    for target, result in written:
        parent = parent_of(old, target)
        if isinstance(target[-1], int) and target[-1] >= len(parent):
            appended.append((target, result))
            continue
        parent = parent_of(new, target)
        parent[target[-1]] = copy.deepcopy(result)
    for target, result in sorted(appended, key=lambda each: each[0][-1]):
        parent_of(new, target).append(copy.deepcopy(result))
    for target in sorted(removed, key=lambda each: each[-1] if isinstance(each[-1], int) else -1, reverse=True):
        del parent_of(new, target)[target[-1]]
    return new


def combine(kind, found, operand):
    of = type_of(operand)
    if found is MISSING:
        return operand if kind == 'ADD' else MISSING
    if type_of(found) != of:
        raise Refused('An operand in the update expression has an incorrect data type')
    if of == 'N':
        return {'N': format(decimal.Decimal(found['N']) + decimal.Decimal(operand['N']), 'f')}
    member = of[0]
    inside = {normal({member: each}): each for each in found[of]}
    for each in operand[of]:
        if kind == 'ADD':
            inside.setdefault(normal({member: each}), each)
        else:
            inside.pop(normal({member: each}), None)
    return {of: list(inside.values())} if inside else MISSING


# Projections.

def project(item, paths):
    """The parts of the item on the paths: maps keep the names, lists close their gaps."""
    def cut(one, tails):
        if [] in tails:
            return one
        kind = type_of(one)
        steps = {}
        for tail in tails:
            steps.setdefault(tail[0], []).append(tail[1:])
        if kind == 'M':
            parts = {name: cut(one['M'][name], steps[name]) for name in one['M'] if name in steps}
            parts = {name: part for name, part in parts.items() if part is not MISSING}
        elif kind == 'L':
            parts = [cut(element, steps[index]) for index, element in enumerate(one['L']) if index in steps]
            parts = [part for part in parts if part is not MISSING]
        else:
            return MISSING
        return {kind: parts} if parts else MISSING

    found = cut({'M': item}, paths)
    return {} if found is MISSING else found['M']


# Tests.

@pytest.fixture
def rng():
    print(f'TIDEMARK_TEST_SEED={SEED}')
    return random.Random(SEED)


@pytest.fixture
def table(wire, name):
    create_table(wire, name)
    return name


def random_item(rng, key):
    return {'pk': {'S': key}, **{name: value(rng) for name in TOP if rng.random() < 0.75}}


def same(left, right):
    return normal({'M': left}) == normal({'M': right})


def test_conditions(wire, table, rng):
    items = {f'i{n}': random_item(rng, f'i{n}') for n in range(ITEMS)}
    for item in items.values():
        wire.call('PutItem', {'TableName': table, 'Item': item})
    matched = 0
    for _ in range(600):
        tree = condition(rng)
        text = Text(rng)
        request = text.request(FilterExpression=write(text, tree))
        found = {item['pk']['S'] for item in scan(wire, table, **request)}
        expected = {key for key, item in items.items() if holds(item, tree)}
        assert found == expected, (request, [items[key] for key in found ^ expected])
        matched += len(expected)
    assert matched > ITEMS, 'conditions that never hold show nothing'


def test_conditions_of_writes(wire, table, rng):
    key = {'pk': {'S': 'w'}}
    for _ in range(400):
        item = random_item(rng, 'w')
        is_there = rng.random() < 0.9
        wire.call(*(('PutItem', {'TableName': table, 'Item': item}) if is_there
                    else ('DeleteItem', {'TableName': table, 'Key': key})))
        tree = condition(rng)
        text = Text(rng)
        request = {'TableName': table, 'Key': key, **text.request(ConditionExpression=write(text, tree))}
        try:
            wire.call('DeleteItem', request)
            held = True
        except Failed as failed:
            assert failed.message == 'The conditional request failed', request
            held = False
        assert held == holds(item if is_there else {}, tree), (request, item, is_there)


def test_updates(wire, table, rng):
    key = {'pk': {'S': 'u'}}
    done = refused = 0
    for _ in range(800):
        item = random_item(rng, 'u')
        clauses = update(rng)
        text = Text(rng)
        request = {'TableName': table, 'Key': key, 'ReturnValues': 'ALL_NEW',
                   **text.request(UpdateExpression=write_update(text, clauses))}
        wire.call('PutItem', {'TableName': table, 'Item': item})
        try:
            expected = apply(item, clauses)
        except Refused:
            expected = None
        try:
            found = wire.call('UpdateItem', request)['Attributes']
        except Failed as failed:
            assert expected is None, (failed.message, request, item)
            refused += 1
            assert same(wire.call('GetItem', {'TableName': table, 'Key': key})['Item'], item)
            continue
        assert expected is not None and same(found, expected), (request, item, found, expected)
        done += 1
    assert done > 40 and refused > 40  # by 15 and 85 in a hundred


def test_projections(wire, table, rng):
    key = {'pk': {'S': 'p'}}
    shown = 0
    for _ in range(600):
        item = random_item(rng, 'p')
        wire.call('PutItem', {'TableName': table, 'Item': item})
        paths = []
        for _ in range(rng.randrange(1, 6)):
            steps = path(rng, 4)
            if not any(overlaps(steps, other) or conflicts(steps, other) for other in paths):
                paths.append(steps)
        text = Text(rng)
        request = {'TableName': table, 'Key': key, 'ConsistentRead': True,
                   **text.request(ProjectionExpression=', '.join(text.path(steps) for steps in paths))}
        found = wire.call('GetItem', request)['Item']
        assert same(found, project(item, paths)), (request, item, found)
        shown += len(found)
    assert shown > 300
