"""curl, which signs by itself: virtual hosts on both ports, ranges and resumed transfers."""
import pytest

from support.tools import Tool, random_file


@pytest.fixture(scope='module')
def curl(home):
    return Tool(home, 'curl', '-sS', '--fail-with-body', '--noproxy', '*', '--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', 'test:testtest')


@pytest.fixture(params=['s3_port', 'port'])
def url(request, shared, name):
    """Of a bucket, by its host."""
    return f'http://{name}.localhost:{getattr(shared, request.param)}'


def resolved(url):
    host = url.split('/')[2]
    return ['--resolve', f'{host}:127.0.0.1']


def test_virtual_hosts(curl, url, name, tmp_path):
    there = resolved(url)
    curl(*there, '-X', 'PUT', url)
    file = random_file(tmp_path / 'f', 300_000)
    curl(*there, '-T', file, f'{url}/dir/k%20e+y')
    assert curl(*there, f'{url}/dir/k%20e+y', text=False) == file.read_bytes()
    assert curl(*there, '-r', '10-19', f'{url}/dir/k%20e+y', text=False) == file.read_bytes()[10:20]
    (tmp_path / 'back').write_bytes(file.read_bytes()[:100_000])
    curl(*there, '-C', '-', '-o', tmp_path / 'back', f'{url}/dir/k%20e+y')
    assert (tmp_path / 'back').read_bytes() == file.read_bytes()
    assert f'<Name>{name}</Name>' in curl(*there, url) and '<Key>dir/k e+y</Key>' in curl(*there, f'{url}/?list-type=2')
    assert 'content-length: 300000' in curl(*there, '-I', f'{url}/dir/k%20e+y').lower()
    assert '200' in curl(*there, '--http1.0', '-I', f'{url}/dir/k%20e+y')
    assert '<Code>BucketNotEmpty</Code>' in curl(*there, '-X', 'DELETE', url, fails=True)
    curl(*there, '-X', 'DELETE', f'{url}/dir/k%20e+y')
    assert '<Code>NoSuchKey</Code>' in curl(*there, f'{url}/dir/k%20e+y', fails=True)
    curl(*there, '-X', 'DELETE', url)


def test_a_body_of_unknown_length(curl, url):
    there = resolved(url)
    curl(*there, '-X', 'PUT', url)
    curl(*there, '-T', '-', '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', f'{url}/piped', data=b'p' * 200_000)
    assert len(curl(*there, f'{url}/piped')) == 200_000
