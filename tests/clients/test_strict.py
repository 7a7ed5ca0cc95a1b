"""The signatures of real clients, verified: what each of them signs by its own code, weird keys and parts included."""
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.server import running
from support.tools import Tool, random_file, read_tree, sha256_of, write_tree

ACCESS_KEY, SECRET_KEY = 'AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
KEYS = ['plain', 'a b+c/ü.txt', "it's (1) [2] ~*!", 'q?x=1&y#z', 'a//b', 'dir/', '100%', '%41', 'x=y;z', '日本/語']


@pytest.fixture(scope='module')
def strict(home):
    credentials = home / 'credentials'
    credentials.write_text(f'[owner]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n')
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        yield server


@pytest.fixture(scope='module')
def middle(tmp_path_factory):
    return random_file(tmp_path_factory.mktemp('middle') / 'middle', 21_000_000)


def client_of(port, secret=SECRET_KEY, signature='s3v4', **more):
    return boto3.client('s3', endpoint_url=f'http://127.0.0.1:{port}', region_name='eu-west-1', aws_access_key_id=ACCESS_KEY, aws_secret_access_key=secret,
                        config=Config(signature_version=signature, retries={'total_max_attempts': 1}, s3={'addressing_style': 'path', **more}))


@pytest.fixture(scope='module')
def owner(strict):
    client = client_of(strict.s3_port)
    yield client
    client.close()


def refusal(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response['Error']['Code']


def test_wrong_ones_are_refused(strict, owner, name):
    owner.create_bucket(Bucket=name)
    assert refusal(client_of(strict.s3_port, 'other').list_buckets) == 'SignatureDoesNotMatch'
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f'{strict.s3_endpoint}/{name}')
    assert refused.value.code == 403


@pytest.mark.parametrize('port', ['s3_port', 'port'])
@pytest.mark.parametrize('signature', [None, 's3v4', 's3'], ids=['default', 'version 4', 'version 2'])
def test_boto3(strict, name, port, signature, middle):
    client = client_of(getattr(strict, port), signature=signature)
    client.create_bucket(Bucket=name)
    for key in KEYS:
        client.put_object(Bucket=name, Key=key, Body=key.encode(), Metadata={'m': 'a  b'}, ContentType='a/b')
        assert client.get_object(Bucket=name, Key=key, ResponseContentType='c/d')['ContentType'] == 'c/d'
        url = client.generate_presigned_url('get_object', Params={'Bucket': name, 'Key': key, 'ResponseCacheControl': 'no store'})
        assert urllib.request.urlopen(url).read() == key.encode()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(url.replace('no%20store', 'store').replace('no+store', 'store'))
    assert sorted(entry['Key'] for entry in client.list_objects(Bucket=name)['Contents']) == sorted(KEYS)
    client.copy_object(Bucket=name, Key="copy of it's (1)", CopySource={'Bucket': name, 'Key': 'a b+c/ü.txt'})
    for key in KEYS:
        client.delete_object(Bucket=name, Key=key)
    if signature != 's3':  # under version 2 boto signs the query of an operation twice: only plain ones work
        client.upload_file(str(middle), name, 'middle', ExtraArgs={'ChecksumAlgorithm': 'CRC32'})
        client.copy({'Bucket': name, 'Key': 'middle'}, name, 'a copy+')
        assert client.list_objects_v2(Bucket=name)['KeyCount'] == 3
        deleted = client.delete_objects(Bucket=name, Delete={'Objects': [{'Key': 'middle'}, {'Key': 'a copy+'}]})
        assert len(deleted['Deleted']) == 2
    assert [entry['Key'] for entry in client.list_objects(Bucket=name)['Contents']] == ["copy of it's (1)"]
    client.close()


def test_s3cmd(strict, owner, home, name, middle, tmp_path):
    config = home / 's3cfg-strict'
    host = f'127.0.0.1:{strict.s3_port}'
    config.write_text(f'[default]\naccess_key = {ACCESS_KEY}\nsecret_key = {SECRET_KEY}\nhost_base = {host}\nhost_bucket = {host}\nuse_https = False\n'
                      'multipart_chunk_size_mb = 10\nmax_retries = 1\n')
    s3cmd = Tool(home, 's3cmd', '-c', config, '--no-progress')
    source, back = tmp_path / 'source', tmp_path / 'back'
    write_tree(source)
    back.mkdir()
    s3cmd('mb', f's3://{name}')
    s3cmd('sync', f'{source}/', f's3://{name}/x y/')
    s3cmd('sync', f's3://{name}/x y/', f'{back}/')
    assert read_tree(back) == read_tree(source)
    s3cmd('put', middle, f's3://{name}/middle')
    s3cmd('cp', f's3://{name}/middle', f's3://{name}/a copy+')
    s3cmd('info', f's3://{name}/middle')
    assert urllib.request.urlopen(s3cmd('signurl', f's3://{name}/x y/a b/c+d.txt', '+60').strip()).read() == b'blanks'
    s3cmd('del', '-r', '-f', f's3://{name}')
    assert owner.list_objects_v2(Bucket=name)['KeyCount'] == 0


def test_rclone(strict, home, name, middle, tmp_path):
    settings = {'TYPE': 's3', 'PROVIDER': 'Other', 'ENDPOINT': f'http://127.0.0.1:{strict.s3_port}', 'ACCESS_KEY_ID': ACCESS_KEY, 'SECRET_ACCESS_KEY': SECRET_KEY,
                'FORCE_PATH_STYLE': 'true'}
    rclone = Tool(home, 'rclone', '--config', home / 'none', '--retries', '1', '--low-level-retries', '1', **{f'RCLONE_CONFIG_S3_{key}': value for key, value in settings.items()})
    source, back = tmp_path / 'source', tmp_path / 'back'
    write_tree(source)
    rclone('mkdir', f's3:{name}')
    rclone('sync', source, f's3:{name}/x y')
    rclone('sync', f's3:{name}/x y', back)
    assert read_tree(back) == read_tree(source)
    rclone('copyto', '--s3-upload-cutoff', '5M', middle, f's3:{name}/middle')
    rclone('moveto', f's3:{name}/middle', f's3:{name}/mov ed')
    assert urllib.request.urlopen(rclone('link', '--expire', '60s', f's3:{name}/x y/plain.txt').strip()).read() == b'plain'
    rclone('purge', f's3:{name}')


def test_restic(strict, owner, home, name, middle, tmp_path):
    """Signed chunks."""
    owner.create_bucket(Bucket=name)
    restic = Tool(home, 'restic', '--no-cache', '-r', f's3:http://127.0.0.1:{strict.s3_port}/{name}/r', RESTIC_PASSWORD='secret', AWS_ACCESS_KEY_ID=ACCESS_KEY,
                  AWS_SECRET_ACCESS_KEY=SECRET_KEY)
    restic('init')
    restic('backup', middle)
    restic('check', '--read-data')
    restic('restore', 'latest', '--target', tmp_path)
    assert sha256_of(tmp_path / middle.relative_to('/')) == sha256_of(middle)


@pytest.mark.parametrize('port', ['s3_port', 'port'])
def test_curl(strict, owner, home, name, middle, port):
    owner.create_bucket(Bucket=name)
    curl = Tool(home, 'curl', '-sS', '--fail-with-body', '--noproxy', '*', '--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', f'{ACCESS_KEY}:{SECRET_KEY}')
    host = f'{name}.localhost:{getattr(strict, port)}'
    curl('--resolve', f'{host}:127.0.0.1', '-T', middle, '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', f'http://{host}/k')
    assert owner.head_object(Bucket=name, Key='k')['ContentLength'] == middle.stat().st_size
    assert curl('--resolve', f'{host}:127.0.0.1', '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', f'http://{host}/k', text=False) == middle.read_bytes()
