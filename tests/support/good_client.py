"""A well-behaved client beside an attack: signed GetItem and GetObject over connections that stay open, in a process of
its own so that nothing a test does slows it down.

As a program it reads the requests to repeat from its input, sends them in turn until its input ends, and prints what it
measured. Meanwhile two more processes, which have nothing to do with the server, send each other a byte: while they wait
as well it is the machine that stands still, and not the server.
"""
import base64
import contextlib
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import time

if __name__ != '__main__':
    from support.server import until

    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

PAUSE_S = 0.002
STALL_S = 0.5  # what waited behind something has waited for longer
LONGEST_S = 5  # whatever the machine does
MACHINE_STALL_S = 0.05  # shorter ones are what the processors being busy comes to


class Measured:
    """Latencies in seconds, and errors, of one watch."""

    def __init__(self, document):
        self.latencies = sorted(latency for _, latency in document['answers'])
        self.machine_stalls = document['machine_stalls']
        self.waits_for_server = sorted(latency - self._stood_still(start, start + latency)
                                       for start, latency in document['answers'])
        self.errors = document['errors']

    def _stood_still(self, begin, end):
        return sum(max(0, min(end, to) - max(begin, since)) for since, to in self.machine_stalls)

    def percentile(self, share):
        return percentile(self.latencies, share)

    def check(self, calm):
        """That nothing failed, and nothing stalled: how much a busy machine adds is for bench/abuse.py to tell."""
        assert not self.errors, self
        longest = percentile(self.waits_for_server, 0.99)
        assert self.percentile(0.99) < LONGEST_S, (calm, self)
        assert longest < max(20 * calm.percentile(0.99), STALL_S), (calm, self, longest, self.machine_stalls)

    def __repr__(self):
        p50, p99 = (self.percentile(share) * 1000 for share in (0.5, 0.99))
        return (f'{len(self.latencies)} answers, p50 {p50:.2f} ms, p99 {p99:.2f} ms, '
                f'max {self.latencies[-1] * 1000:.2f} ms, {len(self.errors)} errors {self.errors[:3]}')


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Watch:
    """What `watching` hands out; `measured` is there once it is over."""

    def __init__(self):
        self._start = time.monotonic()
        self.measured = None

    def seconds(self):
        """How long it has been going on."""
        return time.monotonic() - self._start


class GoodClient:
    """Has a table and a bucket of its own in `server`, which it makes."""

    def __init__(self, server, access_key='test', secret='test'):
        self._server = server
        self._credentials = Credentials(access_key, secret)
        self._requests = None

    def prepare(self, dynamodb, s3, name='good'):
        """Puts what is read later, by boto3 clients of the same credentials."""
        dynamodb.create_table(
            TableName=name, BillingMode='PAY_PER_REQUEST',
            AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
            KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])
        dynamodb.get_waiter('table_exists').wait(TableName=name, WaiterConfig={'Delay': 1})
        dynamodb.put_item(TableName=name, Item={'pk': {'S': 'k'}, 'value': {'S': 'x' * 200}})
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key='k', Body=b'y' * 1000)
        get_item = json.dumps({'TableName': name, 'Key': {'pk': {'S': 'k'}}})
        self._requests = [
            [self._server.port, self._signed('dynamodb', self._server.port, 'POST', '/', get_item, {
                'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'DynamoDB_20120810.GetItem'})],
            [self._server.s3_port, self._signed('s3', self._server.s3_port, 'GET', f'/{name}/k', '', {})],
        ]
        return self

    def _signed(self, service, port, method, path, body, headers):
        request = AWSRequest(method, f'http://127.0.0.1:{port}{path}', data=body,
                             headers={'Host': f'127.0.0.1:{port}', **headers})
        signer = S3SigV4Auth if service == 's3' else SigV4Auth
        signer(self._credentials, service, 'us-east-1').add_auth(request)
        lines = [f'{method} {path} HTTP/1.1', *(f'{name}: {value}' for name, value in request.headers.items()),
                 f'Content-Length: {len(body)}', '', body]
        return base64.b64encode('\r\n'.join(lines).encode()).decode()

    @contextlib.contextmanager
    def watching(self):
        """Runs while the block does. The block gets a Watch."""
        process = subprocess.Popen([sys.executable, str(pathlib.Path(__file__))], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        watch = Watch()
        try:
            process.stdin.write(json.dumps(self._requests) + '\n')
            process.stdin.flush()
            assert process.stdout.readline() == 'ready\n'
            yield watch
        finally:
            output, _ = process.communicate(timeout=60)
        watch.measured = Measured(json.loads(output))

    def calm(self, seconds=1):
        """Measured while nobody attacks."""
        with self.watching() as watch:
            until(lambda: watch.seconds() > seconds, 'a calm while')
        return watch.measured


class Connection:
    """One keep-alive connection that sends the same request over and over."""

    def __init__(self, port, request):
        self._port = port
        self._request = request
        self._socket = None

    def ask(self):
        """An error, or nothing when the answer was 200 and complete."""
        if self._socket is None:
            self._socket = socket.create_connection(('127.0.0.1', self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(self._request)
        received = b''
        while b'\r\n\r\n' not in received:
            piece = self._socket.recv(65536)
            if not piece:
                raise OSError('closed')
            received += piece
        head, _, body = received.partition(b'\r\n\r\n')
        fields = dict(line.lower().split(b': ', 1) for line in head.split(b'\r\n')[1:])
        while len(body) < int(fields[b'content-length']):
            body += self._socket.recv(65536)
        return None if head.startswith(b'HTTP/1.1 200') else (head + body).decode(errors='replace')

    def drop(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def ask(connection):
    """When it began, how long it took, and an error or nothing."""
    start = time.monotonic()
    try:
        error = connection.ask()
    except (OSError, KeyError, ValueError) as exception:
        error = repr(exception)
        connection.drop()
    return start, time.monotonic() - start, error


def echo(peer):
    while byte := peer.recv(1):
        peer.sendall(byte)


def watch_machine(peer, control):
    """Tells, once `control` can be read, from when to when a byte took long."""
    stalls = []
    while not select.select([control], [], [], PAUSE_S)[0]:
        start = time.monotonic()
        peer.sendall(b'x')
        peer.recv(1)
        if time.monotonic() - start > MACHINE_STALL_S:
            stalls.append([start, time.monotonic()])
    control.sendall(json.dumps(stalls).encode())


def in_a_child(work, *sockets, without):
    """Runs work(*sockets) in a process of its own, which does not keep the sockets of others open."""
    if os.fork() != 0:
        return
    try:
        for other in without:
            other.close()
        work(*sockets)
    finally:
        os._exit(0)


class MachineWatch:
    """From now until stalls() is called."""

    def __init__(self):
        near, far = socket.socketpair()
        self._control, control = socket.socketpair()
        in_a_child(echo, far, without=(near, control, self._control))
        in_a_child(watch_machine, near, control, without=(far, self._control))
        for end in (near, far, control):
            end.close()

    def stalls(self):
        self._control.shutdown(socket.SHUT_WR)
        text = b''
        while piece := self._control.recv(65536):
            text += piece
        return json.loads(text)


def main():
    connections = [Connection(port, base64.b64decode(request))
                   for port, request in json.loads(sys.stdin.readline())]
    answers, errors = [], []
    machine = MachineWatch()
    # Opening the connections is no part of it, and one may be closed while the other is opened.
    clean_rounds = 0
    for _ in range(20):
        failed = any([ask(connection)[2] for connection in connections])
        clean_rounds = 0 if failed else clean_rounds + 1
        if clean_rounds == 2:
            break
    print('ready', flush=True)
    while True:
        for connection in connections:
            start, latency, error = ask(connection)
            answers.append([start, latency])
            if error:
                errors.append(error)
        if select.select([sys.stdin], [], [], PAUSE_S)[0]:
            break
    print(json.dumps({'answers': answers, 'errors': errors, 'machine_stalls': machine.stalls()}))


if __name__ == '__main__':
    main()
