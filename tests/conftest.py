import pathlib
import sys
import zlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.server import Server, running  # noqa: E402


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
