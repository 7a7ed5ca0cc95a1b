import pytest

from support.tools import random_file


@pytest.fixture(scope='session')
def large(tmp_path_factory):
    """A file of 100 MB."""
    path = random_file(tmp_path_factory.mktemp('large') / 'large', 100_000_000)
    yield path
    path.unlink()


@pytest.fixture(scope='module')
def home(tmp_path_factory):
    return tmp_path_factory.mktemp('home')
