"""A server of a test module's own, with a bucket."""
import pytest

from support.server import running


def lake_fixtures(*arguments):
    """The fixtures `server` and `wire` of a module: a server with these flags and the bucket `lake`, and a connection to it."""
    @pytest.fixture(scope='module')
    def server():
        with running(args=arguments) as started:
            started.client('s3', endpoint=started.s3_endpoint).create_bucket(Bucket='lake')
            yield started

    @pytest.fixture(scope='module')
    def wire(server):
        connection = server.wire()
        yield connection
        connection.close()
    return server, wire
