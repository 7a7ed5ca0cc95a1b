"""Transactions, single writes and reads at the same time, across kill -9: money is neither made nor lost, nothing happens
twice, and there is one order of all operations that explains every answer."""
import random
import uuid

import pytest

from support.histories import History, Operation, check
from support.server import Failed, Server, create_table, until
from support.until_killed import UntilKilled

ROUNDS = 5
OPERATIONS_PER_ROUND = 500
TABLES = ['left', 'right']
REGISTERS = [(table, name) for table in TABLES for name in ['a', 'b', 'c']]
ACCOUNTS = [(table, f'account{number}') for table in TABLES for number in range(4)]
BALANCE = 100


def ref(item):
    return {'TableName': item[0], 'Key': {'pk': {'S': item[1]}}}


def value_of(item):
    return item['v']['S'] if item else None


def conflicts(failure):
    """Whether a transaction was cancelled for no other reason than that somebody else was at its items."""
    return set(failure.message.split('[')[1].rstrip(']').split(', ')) <= {'None', 'TransactionConflict'}


class Worker(UntilKilled):
    def __init__(self, server, seed):
        super().__init__(server)
        self.random = random.Random(seed)


class Registers(Worker):
    """Reads and writes registers, one or several at a time, and records what it does. Values are never written twice."""

    def __init__(self, server, seed, history):
        super().__init__(server, seed)
        self._history = history
        self._seed = seed
        self._written = 0
        self._seen = {}  # register -> the value that it was last seen to have

    def step(self, wire):
        self.random.choice([self.put, self.swap, self.put_if, self.get, self.read_together, self.write_together,
                            self.write_together])(wire)

    def new_value(self):
        self._written += 1
        return f'{self._seed}-{self._written}'

    def record(self, call, ask, explain):
        """`explain` makes the operation that the answer tells of, from it or from the failure."""
        number = self._history.call(call)
        try:
            answer = ask()
        except Failed as failure:
            if failure.code == 'TransactionConflictException' or (
                    failure.code == 'TransactionCanceledException' and conflicts(failure)):
                self._history.answer(number, None)
                return
            self._history.answer(number, explain(None, failure))
            return
        done = explain(answer, None)
        self._history.answer(number, done)
        self._seen.update(done.reads)
        self._seen.update(done.writes)

    def put(self, wire):
        register, value = self.random.choice(REGISTERS), self.new_value()
        call = Operation('PutItem', writes={register: value})

        def explain(_, failure):
            if failure:
                raise failure
            return call
        self.record(call, lambda: wire.call('PutItem', {
            'TableName': register[0], 'Item': {'pk': {'S': register[1]}, 'v': {'S': value}}}), explain)

    def swap(self, wire):
        register, value = self.random.choice(REGISTERS), self.new_value()
        call = Operation('UpdateItem', writes={register: value})

        def explain(answer, failure):
            if failure:
                raise failure
            return Operation('UpdateItem', call.writes, {register: value_of(answer.get('Attributes'))})
        self.record(call, lambda: wire.call('UpdateItem', {
            **ref(register), 'UpdateExpression': 'SET v = :v', 'ExpressionAttributeValues': {':v': {'S': value}},
            'ReturnValues': 'ALL_OLD'}), explain)

    def put_if(self, wire):
        register, value = self.random.choice(REGISTERS), self.new_value()
        expected = self._seen.get(register)
        call = Operation('PutItem if', {register: value}, {register: expected})
        condition = {'ConditionExpression': 'attribute_not_exists(pk)'} if expected is None else {
            'ConditionExpression': 'v = :e', 'ExpressionAttributeValues': {':e': {'S': expected}}}

        def explain(_, failure):
            if not failure:
                return call
            assert failure.code == 'ConditionalCheckFailedException', failure
            return Operation('PutItem if not', differs={register: expected})
        self.record(call, lambda: wire.call('PutItem', {
            'TableName': register[0], 'Item': {'pk': {'S': register[1]}, 'v': {'S': value}}, **condition}), explain)

    def get(self, wire):
        register = self.random.choice(REGISTERS)

        def explain(answer, failure):
            if failure:
                raise failure
            return Operation('GetItem', reads={register: value_of(answer.get('Item'))})
        self.record(None, lambda: wire.call('GetItem', {**ref(register), 'ConsistentRead': True}), explain)

    def read_together(self, wire):
        registers = self.random.sample(REGISTERS, 3)

        def explain(answer, failure):
            if failure:
                raise failure
            return Operation('TransactGetItems', reads={
                register: value_of(response.get('Item'))
                for register, response in zip(registers, answer['Responses'], strict=True)})
        self.record(None, lambda: wire.call('TransactGetItems', {
            'TransactItems': [{'Get': ref(register)} for register in registers]}), explain)

    def write_together(self, wire):
        checked, *written = self.random.sample(REGISTERS, 3)
        expected = self._seen.get(checked)
        call = Operation('TransactWriteItems', {register: self.new_value() for register in written}, {checked: expected})
        condition = {'ConditionExpression': 'attribute_not_exists(pk)'} if expected is None else {
            'ConditionExpression': 'v = :e', 'ExpressionAttributeValues': {':e': {'S': expected}}}
        items = [{'ConditionCheck': {**ref(checked), **condition}}] + [
            {'Put': {'TableName': register[0], 'Item': {'pk': {'S': register[1]}, 'v': {'S': value}}}}
            for register, value in call.writes.items()]

        def explain(_, failure):
            if not failure:
                return call
            assert failure.code == 'TransactionCanceledException', failure
            assert '[ConditionalCheckFailed, None, None]' in failure.message, failure
            return Operation('TransactWriteItems not', differs={checked: expected})
        self.record(call, lambda: wire.call('TransactWriteItems', {'TransactItems': items}), explain)


class Bank(Worker):
    """Moves money between accounts, counting its transfers in the same transactions, and adds all of it up. Now and
    then it sends a transfer twice, and after a crash what got no answer."""

    def __init__(self, server, seed):
        super().__init__(server, seed)
        self.counter = (self.random.choice(TABLES), f'transfers-{seed}')
        self.transfers = 0
        self._pending = None

    def step(self, wire):
        if self._pending is None and self.random.random() < 0.3:
            self.audit(wire)
        else:
            self.transfer(wire)

    def transfer(self, wire):
        if self._pending is None:
            self._pending = self.new_transfer()
        request = self._pending
        try:
            wire.call('TransactWriteItems', request)
        except Failed as failure:
            assert failure.code == 'TransactionCanceledException', failure
            assert conflicts(failure) or 'ConditionalCheckFailed' in failure.message, failure
            self._pending = None
            return
        self.transfers += 1
        self._pending = None
        if self.random.random() < 0.2:
            wire.call('TransactWriteItems', request)  # as if the answer had been lost

    def new_transfer(self):
        source, *targets = self.random.sample(ACCOUNTS, self.random.randint(2, 4))
        amount = self.random.randint(1, 40)
        items = [{'Update': {
            **ref(source), 'UpdateExpression': 'SET balance = balance - :all', 'ConditionExpression': 'balance >= :all',
            'ExpressionAttributeValues': {':all': {'N': str(amount * len(targets))}}}}]
        items += [{'Update': {**ref(target), 'UpdateExpression': 'ADD balance :n',
                              'ExpressionAttributeValues': {':n': {'N': str(amount)}}}} for target in targets]
        items.append({'Update': {**ref(self.counter), 'UpdateExpression': 'ADD transfers :n',
                                 'ExpressionAttributeValues': {':n': {'N': '1'}}}})
        self.random.shuffle(items)
        return {'TransactItems': items, 'ClientRequestToken': str(uuid.UUID(int=self.random.getrandbits(128)))}

    def audit(self, wire):
        try:
            answer = wire.call('TransactGetItems', {'TransactItems': [{'Get': ref(account)} for account in ACCOUNTS]})
        except Failed as failure:
            assert failure.code == 'TransactionCanceledException' and conflicts(failure), failure
            return
        balances = [int(response['Item']['balance']['N']) for response in answer['Responses']]
        assert sum(balances) == BALANCE * len(ACCOUNTS), balances
        assert min(balances) >= 0, balances

    def settle(self, wire):
        """With nobody else there."""
        if self._pending is not None:
            self.transfer(wire)
        self.audit(wire)
        found = wire.call('GetItem', {**ref(self.counter), 'ConsistentRead': True}).get('Item')
        assert int(found['transfers']['N'] if found else 0) == self.transfers


@pytest.mark.parametrize('flags', [[], ['--fsync']], ids=['default', 'fsync'])
def test_transactions_are_serializable_across_kills(tmp_path, flags):
    server = Server(tmp_path / 'data', flags)
    try:
        wire = server.wire()
        for table in TABLES:
            create_table(wire, table)
        for account in ACCOUNTS:
            wire.call('PutItem', {'TableName': account[0],
                                  'Item': {'pk': {'S': account[1]}, 'balance': {'N': str(BALANCE)}}})
        history = History()
        registers = [Registers(server, f'r{number}', history) for number in range(4)]
        banks = [Bank(server, f'b{number}') for number in range(3)]
        for round_number in range(ROUNDS):
            goal = (round_number + 1) * OPERATIONS_PER_ROUND
            for worker in registers + banks:
                worker.start()
            until(lambda: min(sum(w.count for w in registers), sum(w.count for w in banks)) >= goal or not all(
                worker.is_alive() for worker in registers + banks), 'the workers')
            server.kill()
            history.crash()
            for worker in registers + banks:
                worker.join()
            wire.close()
            server.start()
            wire = server.wire()
            for bank in banks:
                bank.settle(wire)
        states = check(history.events, dict.fromkeys(REGISTERS))
        found = {register: value_of(wire.call('GetItem', {**ref(register), 'ConsistentRead': True}).get('Item'))
                 for register in REGISTERS}
        assert found in states
        # It was worth looking at.
        done = [operation.name for kind, _, operation in history.events if kind == 'answer' and operation]
        assert min(done.count('TransactWriteItems'), done.count('TransactGetItems'), done.count('UpdateItem')) > 50
        assert min(bank.transfers for bank in banks) > 50
        wire.close()
        assert server.terminate() == 0
    finally:
        server.close()


def write(**writes):
    return Operation('write', writes)


def read(**reads):
    return Operation('read', {}, reads)


BAD = {
    'a stale read': [('call', 0, write(x=1)), ('answer', 0, write(x=1)), ('call', 1, None), ('answer', 1, read(x=None))],
    'half a transaction': [('call', 0, write(x=1, y=1)), ('call', 1, None), ('answer', 1, read(x=1, y=None)),
                           ('answer', 0, write(x=1, y=1))],
    'a lost write': [('call', 0, write(x=1)), ('answer', 0, write(x=1)), ('crash', None, None), ('call', 1, None),
                     ('answer', 1, read(x=None))],
    'a write after the crash': [('call', 0, write(x=1)), ('crash', None, None), ('call', 1, None), ('answer', 1, read(x=None)),
                                ('call', 2, None), ('answer', 2, read(x=1))],
    'two that each saw the state before the other': [
        ('call', 0, Operation('swap', {'x': 1})), ('call', 1, Operation('swap', {'x': 2})),
        ('answer', 0, Operation('swap', {'x': 1}, {'x': None})), ('answer', 1, Operation('swap', {'x': 2}, {'x': None}))],
    'a write skew': [
        ('call', 0, Operation('if', {'x': 1}, {'y': None})), ('call', 1, Operation('if', {'y': 1}, {'x': None})),
        ('answer', 0, Operation('if', {'x': 1}, {'y': None})), ('answer', 1, Operation('if', {'y': 1}, {'x': None}))],
    'a condition that cannot have failed': [('call', 0, write(x=1)), ('answer', 0, Operation('not', differs={'x': None}))],
}
GOOD = {
    'reads beside a write': [('call', 0, write(x=1)), ('call', 1, None), ('answer', 1, read(x=1)), ('answer', 0, write(x=1))],
    'a write without an answer': [('call', 0, write(x=1)), ('crash', None, None), ('call', 1, None), ('answer', 1, read(x=1))],
    'one that did nothing': [('call', 0, write(x=1)), ('answer', 0, None), ('call', 1, None), ('answer', 1, read(x=None))],
}


@pytest.mark.parametrize('events', BAD.values(), ids=BAD.keys())
def test_the_check_finds(events):
    with pytest.raises(AssertionError):
        check(events, {'x': None, 'y': None})


@pytest.mark.parametrize('events', GOOD.values(), ids=GOOD.keys())
def test_the_check_accepts(events):
    check(events, {'x': None, 'y': None})
