"""Histories of operations on shared registers, and whether there is an order of them that explains every answer.

The check is that of strict serializability: the operations can be put in one order in which each takes effect as a whole
at a moment between its call and its answer. It follows the history event by event and keeps every state that is still
possible, together with the running operations that have taken effect in it (P. Wing and J. Gong, "Testing and verifying
concurrent objects", 1993; G. Lowe, "Testing for linearizability", 2017)."""
import dataclasses
import itertools
import threading


@dataclasses.dataclass
class Operation:
    """What was asked for and what came of it, over registers that are named and hold a value or None."""
    name: str
    writes: dict = dataclasses.field(default_factory=dict)   # register -> value
    reads: dict = dataclasses.field(default_factory=dict)    # register -> the value it must have had before
    differs: dict = dataclasses.field(default_factory=dict)  # register -> a value it must not have had before

    def apply(self, state):
        """The state afterwards, or None where the answer cannot have been given."""
        for register, value in self.reads.items():
            if state.get(register) != value:
                return None
        for register, value in self.differs.items():
            if state.get(register) == value:
                return None
        return {**state, **self.writes}


class History:
    """Calls and answers in the order in which they happened. Thread-safe."""

    def __init__(self):
        self.events = []  # (kind, id, operation); kind: call, answer, crash
        self._lock = threading.Lock()
        self._ids = itertools.count()

    def call(self, operation):
        """`operation` as far as it is known before the answer: what it would write. Returns the number of the call."""
        with self._lock:
            number = next(self._ids)
            self.events.append(('call', number, operation))
            return number

    def answer(self, number, operation):
        """What the answer says happened; None: nothing."""
        with self._lock:
            self.events.append(('answer', number, operation))

    def crash(self):
        """Calls without an answer have happened by now, or never do."""
        with self._lock:
            self.events.append(('crash', None, None))


def check(events, state):
    """Raises AssertionError, naming the first answer that no order explains. Returns the states that are possible at the
    end. `state`: register -> value."""
    answers = {number: operation for kind, number, operation in events if kind == 'answer'}
    running = {}
    configurations = {(frozen(state), frozenset())}
    for position, (kind, number, operation) in enumerate(events):
        if kind == 'call':
            # Without an answer: as it was called, or not at all.
            known = answers.get(number, operation)
            if known is not None:
                running[number] = known
        elif kind == 'crash':
            configurations = {(state, frozenset()) for state, _ in closure(configurations, running)}
            running.clear()
        elif number in running:
            found = {(state, done - {number}) for state, done in closure(configurations, running) if number in done}
            assert found, f'event {position}: no order explains {answers[number]} beside {list(running.values())}, ' \
                          f'from {[dict(state) for state, _ in configurations][:3]}'
            configurations = found
            del running[number]
    return [dict(state) for state, _ in configurations]


def frozen(state):
    return tuple(sorted(state.items()))


def closure(configurations, running):
    """All configurations that come about when running operations take effect, in whatever order."""
    seen = set(configurations)
    todo = list(configurations)
    while todo:
        state, done = todo.pop()
        for number, operation in running.items():
            if number in done:
                continue
            after = operation.apply(dict(state))
            if after is None:
                continue
            configuration = (frozen(after), done | {number})
            if configuration not in seen:
                seen.add(configuration)
                todo.append(configuration)
    return seen
