import json
import os
import pathlib
import subprocess
import sys
import zlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.s3_wire import S3Wire  # noqa: E402
from support.server import REGION, ROOT, Server, running  # noqa: E402


@pytest.fixture(scope='session')
def shared():
    """One server for all tests that leave no trace but tables and buckets with names of their own."""
    with running() as server:
        yield server


@pytest.fixture
def wire(shared):
    connection = shared.wire()
    yield connection
    connection.close()


@pytest.fixture(scope='session')
def dynamodb(shared):
    return shared.client('dynamodb')


@pytest.fixture(scope='session')
def s3(shared):
    return shared.client('s3', endpoint=shared.s3_endpoint)


@pytest.fixture
def s3_wire(shared):
    connection = S3Wire(shared.s3_port)
    yield connection
    connection.close()


@pytest.fixture
def bucket(s3_wire, name):
    s3_wire.ok('PUT', f'/{name}')
    return name


@pytest.fixture
def own_server(tmp_path):
    """A server of this test alone, which it may kill and start again."""
    server = Server(tmp_path / 'data')
    yield server
    server.close()


@pytest.fixture
def name(request):
    """A name that no other test uses, good for tables and buckets."""
    plain = ''.join(c if c.isalnum() else '-' for c in request.node.name.lower())
    return f'{plain[5:50].strip("-")}-{zlib.crc32(request.node.nodeid.encode()) % 10000}'


@pytest.fixture(scope='module')
def aws(shared, tmp_path_factory):
    """Runs `aws ...`; answers its output, parsed when it is JSON."""
    home = tmp_path_factory.mktemp('home')
    environment = {'PATH': os.environ['PATH'], 'HOME': str(home), 'AWS_ACCESS_KEY_ID': 'test',
                   'AWS_SECRET_ACCESS_KEY': 'test', 'AWS_DEFAULT_REGION': REGION, 'AWS_PAGER': '', 'LANG': 'C.UTF-8',
                   'AWS_MAX_ATTEMPTS': '1', 'AWS_EC2_METADATA_DISABLED': 'true'}
    output, errors = home / 'output', home / 'errors'
    host = subprocess.Popen(['/usr/bin/python3', ROOT / 'tests/support/cli_host.py'], env=environment,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(service, *arguments, fails=False):
        endpoint = shared.endpoint if service in ('dynamodb', 'logs') else shared.s3_endpoint
        words = [json.dumps(word) if isinstance(word, (dict, list)) else str(word) for word in arguments]
        request = {'words': ['--endpoint-url', endpoint, '--output', 'json', service, *words],
                   'output': str(output), 'errors': str(errors)}
        host.stdin.write(json.dumps(request) + '\n')
        host.stdin.flush()
        failed = int(host.stdout.readline()) != 0
        assert failed == fails, errors.read_text()
        if fails:
            return errors.read_text()
        text = output.read_text()
        return json.loads(text) if text.lstrip().startswith(('{', '[')) else text
    yield run
    host.stdin.close()
    assert host.wait(timeout=30) == 0
    host.stdout.close()
