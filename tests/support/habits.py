"""Tidemark started as another server is: by that server's command, with its variables, in a directory of its own."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading

import boto3
from botocore.config import Config

from support.server import PROGRAM, REGION, until

PATIENCE_S = 60


class Habit:
    """A process, what it has printed so far, and the port that the line of JSON named."""

    def __init__(self, command, directory, variables=None):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(('TIDEMARK_', 'MINIO_', 'LOCALSTACK_', 'AWS_'))}
        self.process = subprocess.Popen(command, cwd=directory, env={**clean, **(variables or {})},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._text = {'out': '', 'err': ''}
        self._lock = threading.Lock()
        self._readers = [threading.Thread(target=self._read, args=(name, stream), daemon=True)
                         for name, stream in (('out', self.process.stdout), ('err', self.process.stderr))]
        for reader in self._readers:
            reader.start()

    def _read(self, name, stream):
        for line in stream:
            with self._lock:
                self._text[name] += line.decode()

    def text(self, stream='both'):
        with self._lock:
            return self._text['out'] + self._text['err'] if stream == 'both' else self._text[stream]

    def wait_for_log(self, pattern, stream='both'):
        def is_there():
            if re.search(pattern, self.text(stream)):
                return True
            assert self.process.poll() is None, self.text()
            return False
        until(is_there, f'{pattern} on {stream}', PATIENCE_S)

    def ready(self):
        def line():
            assert self.process.poll() is None, self.text()
            return [one for one in self.text('out').splitlines(keepends=True) if one.startswith('{"event":"ready"') and one.endswith('\n')]
        return json.loads(until(line, 'the ready line', PATIENCE_S)[0])

    @property
    def port(self):
        return self.ready()['port']

    def ask(self, path, method='GET', headers=None, port=None, body=None):
        """Status and body."""
        connection = http.client.HTTPConnection('127.0.0.1', port or self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def wait_for_status(self, path, status):
        until(lambda: self.ask(path)[0] == status, f'{status} of {path}', PATIENCE_S)

    def wait_for_port(self):
        socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S).close()

    def client(self, service, key='test', region=REGION):
        return boto3.client(service, endpoint_url=f'http://127.0.0.1:{self.port}', region_name=region,
                            aws_access_key_id=key, aws_secret_access_key='secret-secret',
                            config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE_S)
        for reader in self._readers:
            reader.join(timeout=PATIENCE_S)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


@contextlib.contextmanager
def started(command, directory, variables=None):
    habit = Habit(command, directory, variables)
    try:
        yield habit
    finally:
        habit.stop()


def java_in(directory):
    """A `java` that is Tidemark."""
    link = pathlib.Path(directory) / 'java'
    link.symlink_to(pathlib.Path(PROGRAM).resolve())
    return str(link)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as taken:
        return taken.getsockname()[1]
