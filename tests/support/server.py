"""Starts Tidemark servers of a test's own, on free ports of the loopback interface, and talks to them."""
import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import zlib

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get('TIDEMARK_PROGRAM', str(ROOT / 'build/release/tidemark'))
ACCOUNT = '000000000000'
REGION = 'us-east-1'


def until(probe, what, seconds=60):
    """Calls `probe` until it answers something truthy, and returns that. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f'waited {seconds} s for {what}')
        time.sleep(0.005)


class StartError(Exception):
    """The server ended before it was ready."""

    def __init__(self, code, text):
        super().__init__(f'exit code {code}: {text}')
        self.code = code
        self.text = text


class Server:
    """One server process. Without `data_dir` it has a temporary one that goes with it. `files_max` is how many descriptors
    it may have."""

    def __init__(self, data_dir=None, args=(), files_max=None):
        self._files_max = files_max
        self._owns_data = data_dir is None
        self.data_dir = pathlib.Path(data_dir or tempfile.mkdtemp(prefix='tidemark-test-'))
        self._args = list(args)
        number, name = tempfile.mkstemp(prefix='tidemark-log-')
        os.close(number)
        self._log = pathlib.Path(name)
        self.start()

    def start(self, port=0):
        """On a port that is free; or, for clients that wait for the server to come back, on the one that it had."""
        self._log.write_bytes(b'')
        # The server's own: reading would move the place where it writes, if they shared the descriptor.
        with self._log.open('ab') as errors:
            self._process = subprocess.Popen(
                [PROGRAM, 'serve', '--port', str(port), '--s3-port', '0', '--data-dir', str(self.data_dir),
                 *([] if '--log-level' in self._args else ['--log-level', 'warn']), *self._args],
                env={name: value for name, value in os.environ.items() if not name.startswith('TIDEMARK_')},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, preexec_fn=self._limit_files)
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait(timeout=30)
            raise StartError(code, self.log())
        ready = json.loads(line)
        self.pid = self._process.pid
        self.port = ready['port']
        self.s3_port = ready['s3_port']
        self.endpoint = f'http://127.0.0.1:{self.port}'
        self.s3_endpoint = f'http://127.0.0.1:{self.s3_port}'

    def _limit_files(self):
        if self._files_max is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self._files_max, self._files_max))

    def log(self):
        return self._log.read_text(errors='replace')

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds=60):
        """The exit code; a negative one is the signal that ended the process."""
        return self._process.wait(timeout=seconds)

    def is_running(self):
        return self._process.poll() is None

    def kill(self):
        """kill -9: nothing is drained or flushed."""
        self._process.kill()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def terminate(self):
        """SIGTERM; the exit code."""
        if self.is_running():
            self._process.send_signal(signal.SIGTERM)
        code = self.wait()
        self._process.stdout.close()
        return code

    def close(self):
        if self.is_running():
            self.kill()
        self._log.unlink(missing_ok=True)
        if self._owns_data:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def memory_kb(self, field='VmRSS'):
        for line in pathlib.Path(f'/proc/{self.pid}/status').read_text().splitlines():
            if line.startswith(field + ':'):
                return int(line.split()[1])
        raise AssertionError(f'no {field}')

    def forget_peak(self):
        """From now on memory_kb('VmHWM') is the peak since."""
        pathlib.Path(f'/proc/{self.pid}/clear_refs').write_text('5')

    def client(self, service, account=None, region=REGION, endpoint=None):
        """A boto3 client that never retries: a test wants the first answer."""
        return boto3.client(
            service, endpoint_url=endpoint or self.endpoint, region_name=region,
            aws_access_key_id=account or 'test', aws_secret_access_key='test',
            config=Config(retries={'total_max_attempts': 1}, max_pool_connections=32, connect_timeout=10,
                          read_timeout=60, s3={'addressing_style': 'path'}))

    def wire(self, account=None, region=REGION):
        return Wire(self.port, account, region)


@contextlib.contextmanager
def running(data_dir=None, args=(), files_max=None):
    """A server that is drained, and must exit with 0, at the end of a test that went well."""
    server = Server(data_dir, args, files_max)
    try:
        yield server
        code = server.terminate()
        assert code == 0, server.log()
    finally:
        server.close()


class Failed(Exception):
    """The answer of an operation that is not 200."""

    def __init__(self, status, body):
        super().__init__(f'{status}: {body}')
        self.status = status
        self.body = document = json.loads(body)
        self.type = document['__type']
        self.code = self.type.split('#')[1]
        self.message = document.get('message', document.get('Message'))


class Wire:
    """DynamoDB's protocol without an SDK on one connection: fast, and every answer's checksum is checked."""

    def __init__(self, port, account=None, region=REGION):
        self._connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        self.headers = {
            'Content-Type': 'application/x-amz-json-1.0',
            'X-Amz-Date': '20260101T000000Z',
            'Authorization': f'AWS4-HMAC-SHA256 Credential={account or "test"}/20260101/{region}/dynamodb/'
                             'aws4_request, SignedHeaders=host;x-amz-date, Signature=' + '0' * 64,
        }

    def post(self, body, **headers):
        """Status, headers and body of the answer to these bytes. A header of None is not sent."""
        merged = {**self.headers, **headers}
        self._connection.request('POST', '/', body,
                                 {name: value for name, value in merged.items() if value is not None})
        response = self._connection.getresponse()
        data = response.read()
        checksum = response.headers.get('x-amz-crc32')
        if response.status != 413:
            assert checksum is not None, response.headers
            assert int(checksum) == zlib.crc32(data), 'x-amz-crc32'
            assert len(response.headers['x-amzn-RequestId']) == 52
        return response.status, response.headers, data

    def call(self, operation, request, service='DynamoDB_20120810'):
        """The answer as a document. Raises Failed."""
        status, _, data = self.post(json.dumps(request), **{'X-Amz-Target': f'{service}.{operation}'})
        if status != 200:
            raise Failed(status, data)
        return json.loads(data)

    def close(self):
        self._connection.close()


def table_request(name, sort_key=None, index=None, **more):
    """A CreateTable request: partition key `pk` (S), optionally a sort key (N) and an index on the S `index`."""
    attributes = [{'AttributeName': 'pk', 'AttributeType': 'S'}]
    schema = [{'AttributeName': 'pk', 'KeyType': 'HASH'}]
    if sort_key:
        attributes.append({'AttributeName': sort_key, 'AttributeType': 'N'})
        schema.append({'AttributeName': sort_key, 'KeyType': 'RANGE'})
    request = {'TableName': name, 'AttributeDefinitions': attributes, 'KeySchema': schema,
               'BillingMode': 'PAY_PER_REQUEST', **more}
    if index:
        attributes.append({'AttributeName': index, 'AttributeType': 'S'})
        request['GlobalSecondaryIndexes'] = [{
            'IndexName': 'by-' + index, 'KeySchema': [{'AttributeName': index, 'KeyType': 'HASH'}],
            'Projection': {'ProjectionType': 'ALL'}}]
    return request


def wait_active(wire, table):
    until(lambda: wire.call('DescribeTable', {'TableName': table})['Table']['TableStatus'] == 'ACTIVE',
          f'{table} to be active')


def create_table(wire, name, pitr=False, **keys):
    """Creates a table, waits until it is active, returns its ARN."""
    arn = wire.call('CreateTable', table_request(name, **keys))['TableDescription']['TableArn']
    wait_active(wire, name)
    if pitr:
        set_pitr(wire, name, True)
    return arn


def set_pitr(wire, table, enabled):
    return wire.call('UpdateContinuousBackups', {
        'TableName': table,
        'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': enabled}})


def read_all(wire, operation, request):
    """The items of all pages of a Query or Scan."""
    items = []
    while True:
        page = wire.call(operation, request)
        items += page['Items']
        if 'LastEvaluatedKey' not in page:
            return items
        request = {**request, 'ExclusiveStartKey': page['LastEvaluatedKey']}


def scan(wire, table, **more):
    return read_all(wire, 'Scan', {'TableName': table, **more})
