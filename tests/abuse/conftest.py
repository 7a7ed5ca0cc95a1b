"""Attacks, each with a well-behaved client beside it. Everything here is bounded in time and count."""
import pytest

from support.accounts import signing_client, signing_good_client, write_credentials
from support.server import running

ACCOUNTS = {'good': '111111111111', 'alice': '222222222222'}


@pytest.fixture(scope='session')
def credentials(tmp_path_factory):
    return write_credentials(tmp_path_factory.mktemp('abuse') / 'credentials', ACCOUNTS)


@pytest.fixture(scope='module')
def strict(credentials):
    """A server that wants signatures."""
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        yield server


@pytest.fixture(scope='module')
def own():
    """A server as it comes, which takes anybody's word; its modules have a `good` of their own."""
    with running() as server:
        yield server


@pytest.fixture(scope='module')
def alice(strict):
    return signing_client(strict, 'alice')


@pytest.fixture(scope='module')
def good(strict):
    return signing_good_client(strict)


@pytest.fixture
def bystander(good):
    """Runs beside the test: no request of it may fail, nor wait for what the test does."""
    calm = good.calm(0.3)
    with good.watching() as watch:
        yield
    watch.measured.check(calm)
