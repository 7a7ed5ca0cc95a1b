"""Many connections at once that do what a peer should not do, in a process of its own.

As a program it reads one line of JSON from its input, a list of Attack.document(), attacks until its input ends, and
prints how often connections were made, answered and closed.
"""
import contextlib
import json
import os
import pathlib
import resource
import selectors
import socket
import subprocess
import sys
import time

CHUNK_BYTES = 64 * 1024
# What was sent and not taken lies in the system of the attackers, which may be far away: it is not for the server's to hold.
SEND_BUFFER_BYTES = 128 * 1024
PAUSE_S = 0.2  # before a connection that was closed is made again


class Attack:
    """`count` connections to `port`. Each sends `head`, then `piece` over and over, `total` bytes; once it was answered it
    does so again with `repeat`, else it holds on. With `reads`, answers are taken, `read_bytes` at a time."""

    def __init__(self, port, count, head=b'', piece=b'', total=0, repeat=False, reads=True,
                 read_bytes=1 << 20):
        self._document = {'port': port, 'count': count, 'head': head.decode('latin-1'), 'piece': piece.decode('latin-1'),
                          'total': total, 'repeat': repeat, 'reads': reads, 'read_bytes': read_bytes}

    def document(self):
        return self._document


@contextlib.contextmanager
def attacking(*attacks, spare_time_only=False):
    """Runs while the block does, which begins once all connections were tried. The block gets a dictionary that is filled
    at its end. With `spare_time_only` the attackers run when nobody else wants the processors, as if they sat elsewhere:
    what they still cost others is what the server does for them."""
    process = subprocess.Popen([sys.executable, str(pathlib.Path(__file__))], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    if spare_time_only:
        os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
    counts = {}
    try:
        process.stdin.write(json.dumps([attack.document() for attack in attacks]) + '\n')
        process.stdin.flush()
        assert process.stdout.readline() == 'ready\n'
        yield counts
    finally:
        output, _ = process.communicate(timeout=60)
    counts.update(json.loads(output))


class Connection:
    def __init__(self, plan, selector, counts):
        self._plan = plan
        self._selector = selector
        self._counts = counts
        self._bytes = plan['head'].encode('latin-1')
        self._piece = plan['piece'].encode('latin-1')
        if self._piece:
            self._piece *= max(1, CHUNK_BYTES // len(self._piece))
        self.made_after = 0.0
        self.socket = None

    def connect(self):
        self._sent = 0
        self._pending = memoryview(self._bytes)
        self._is_answered = False
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.socket.connect_ex(('127.0.0.1', self._plan['port']))
        self._counts['made'] += 1
        self._selector.register(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def handle(self, events):
        try:
            if events & selectors.EVENT_WRITE:
                self._write()
            if events & selectors.EVENT_READ:
                self._read()
        except OSError:
            self.close()

    def _write(self):
        if not self._pending:
            self._next()
        if self._pending:
            count = self.socket.send(self._pending)
            self._sent += count
            self._pending = self._pending[count:]
        else:
            self._listen()

    def _next(self):
        left = len(self._bytes) + self._plan['total'] - self._sent
        if left > 0 and self._piece:
            self._pending = memoryview(self._piece)[:left]
        elif self._plan['repeat'] and self._is_answered:
            self._sent = 0
            self._is_answered = False
            self._pending = memoryview(self._bytes)

    def _listen(self):
        if self._plan['reads']:
            self._selector.modify(self.socket, selectors.EVENT_READ, self)
        else:
            self._selector.unregister(self.socket)

    def _read(self):
        if not self._plan['reads']:
            # Only to see whether it is closed.
            if self.socket.recv(1, socket.MSG_PEEK) == b'':
                self.close()
            return
        received = self.socket.recv(self._plan['read_bytes'])
        if not received:
            self.close()
            return
        self._counts['received'] += len(received)
        if not self._is_answered:
            self._is_answered = True
            status = received[9:12].decode('latin-1')
            self._counts['answers'][status] = self._counts['answers'].get(status, 0) + 1
        if self._plan['repeat']:
            self._selector.modify(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def close(self):
        self._counts['closed'] += 1
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self.socket)
        self.socket.close()
        self.socket = None
        self.made_after = time.monotonic() + PAUSE_S


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    selector = selectors.DefaultSelector()
    counts = {'made': 0, 'closed': 0, 'received': 0, 'answers': {}}
    connections = [Connection(plan, selector, counts)
                   for plan in json.loads(sys.stdin.readline()) for _ in range(plan['count'])]
    for i, connection in enumerate(connections):
        connection.connect()
        if i % 100 == 99:
            turn(selector, 0)
    print('ready', flush=True)
    stop = selectors.DefaultSelector()
    stop.register(sys.stdin, selectors.EVENT_READ)
    while not stop.select(0):
        turn(selector, 0.05)
        now = time.monotonic()
        for connection in connections:
            if connection.socket is None and now > connection.made_after:
                connection.connect()
    print(json.dumps(counts))


def turn(selector, patience):
    for key, events in selector.select(patience):
        key.data.handle(events)


if __name__ == '__main__':
    main()
