"""HTTPS on the same ports: with boto3, the AWS SDK for JavaScript, curl and openssl, and what hostile peers try."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError

from support.server import PROGRAM, ROOT, running

SELF_SIGNED = ['--tls-self-signed']


def authority_of(server):
    return str(server.data_dir / 'tls' / 'authority.pem')


@pytest.fixture(scope='module')
def server():
    with running(args=SELF_SIGNED) as one:
        yield one


def client(server, service, verify):
    return boto3.client(service, endpoint_url=f'https://localhost:{server.port}', region_name='us-east-1',
                        aws_access_key_id='test', aws_secret_access_key='test', verify=verify,
                        config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}))


def connect(server, alpn=None):
    context = ssl.create_default_context(cafile=authority_of(server))
    if alpn:
        context.set_alpn_protocols(alpn)
    return context.wrap_socket(socket.create_connection(('127.0.0.1', server.port), timeout=60),
                               server_hostname='localhost')


def test_boto3_trusts_the_authority_and_nobody_else(server):
    dynamodb = client(server, 'dynamodb', authority_of(server))
    dynamodb.create_table(TableName='things', BillingMode='PAY_PER_REQUEST',
                          KeySchema=[{'AttributeName': 'k', 'KeyType': 'HASH'}],
                          AttributeDefinitions=[{'AttributeName': 'k', 'AttributeType': 'S'}])
    dynamodb.put_item(TableName='things', Item={'k': {'S': 'a'}, 'v': {'S': 'x' * 300_000}})
    assert len(dynamodb.get_item(TableName='things', Key={'k': {'S': 'a'}})['Item']['v']['S']) == 300_000
    with pytest.raises(SSLError):
        client(server, 'dynamodb', True).list_tables()


@pytest.mark.parametrize('size', [0, 1, 16_384, 16_385, 131_072, 131_073, 9_000_001])
def test_objects_come_back_as_they_were(server, size):
    s3 = client(server, 's3', authority_of(server))
    s3.create_bucket(Bucket='lake')
    body = os.urandom(size)
    s3.put_object(Bucket='lake', Key='k', Body=body)
    assert s3.get_object(Bucket='lake', Key='k')['Body'].read() == body
    if size > 10:
        assert s3.get_object(Bucket='lake', Key='k', Range='bytes=3-9')['Body'].read() == body[3:10]
    assert s3.head_object(Bucket='lake', Key='k')['ContentLength'] == size


def test_a_policy_that_asks_for_tls_sees_it(server):
    s3 = client(server, 's3', authority_of(server))
    s3.create_bucket(Bucket='secure')
    s3.put_object(Bucket='secure', Key='k', Body=b'x')
    s3.put_bucket_policy(Bucket='secure', Policy=json.dumps({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::secure/*',
         'Condition': {'Bool': {'aws:SecureTransport': 'false'}}}]}))
    assert s3.get_object(Bucket='secure', Key='k')['Body'].read() == b'x'
    # What a proxy on this machine forwards is as secure as its own connection.
    url = s3.generate_presigned_url('get_object', Params={'Bucket': 'secure', 'Key': 'k'})
    context = ssl.create_default_context(cafile=authority_of(server))

    def forwarded(url):
        return urllib.request.urlopen(urllib.request.Request(url, headers={'Via': '1.1 proxy'}), context=context).read()
    assert forwarded(url) == b'x'
    with pytest.raises(urllib.error.HTTPError) as refused:
        forwarded(url.replace('https:', 'http:'))
    assert refused.value.code == 403


def test_javascript(server):
    node = shutil.which('node')
    subprocess.run([ROOT / 'script/lib/install_node_modules', 'tests'], cwd=ROOT, check=True, capture_output=True)
    text = '''
        import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
        const client = new DynamoDBClient({ endpoint: process.argv[2], region: 'us-east-1', maxAttempts: 1,
            credentials: { accessKeyId: 'javascript', secretAccessKey: 'y' } });
        console.log(JSON.stringify((await client.send(new ListTablesCommand({}))).TableNames));
    '''
    script = ROOT / 'tests' / f'.tls-{os.getpid()}.mjs'
    script.write_text(text)
    try:
        def run(**variables):
            return subprocess.run([node, script, f'https://localhost:{server.port}'], capture_output=True, text=True,
                                  timeout=120, env={**os.environ, **variables})
        trusting = run(NODE_EXTRA_CA_CERTS=authority_of(server))
        assert trusting.returncode == 0 and json.loads(trusting.stdout) is not None, trusting.stderr
        assert run().returncode != 0
    finally:
        script.unlink()


def test_curl(server):
    def run(*words):
        return subprocess.run(['curl', '--silent', '--show-error', '--max-time', '60', *words], capture_output=True, text=True)
    url = f'https://localhost:{server.port}/_tidemark/health'
    shown = run('--cacert', authority_of(server), '--write-out', '%{http_version} %{http_code}', url)
    assert shown.stdout.endswith('1.1 200'), shown.stderr
    assert run(url).returncode == 60  # the authority is not known
    assert run('--cacert', authority_of(server), f'https://127.0.0.1:{server.s3_port}/minio/health/live').returncode == 0
    assert run('--cacert', authority_of(server), '--resolve', f'other.lan:{server.port}:127.0.0.1',
               f'https://other.lan:{server.port}/').returncode == 60  # not one of the names


@pytest.mark.parametrize('flag, version', [('-tls1_2', 'TLSv1.2'), ('-tls1_3', 'TLSv1.3')])
def test_openssl(server, flag, version):
    done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{server.port}', '-CAfile', authority_of(server),
                           '-verify_return_error', '-verify_hostname', 'localhost', '-alpn', 'h2,http/1.1', flag],
                          input='GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
                          capture_output=True, text=True, timeout=60)
    assert version in done.stdout and 'ALPN protocol: http/1.1' in done.stdout, done.stdout + done.stderr
    assert 'Verify return code: 0 (ok)' in done.stdout


def test_old_versions_and_other_protocols_are_refused(server):
    old = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{server.port}', '-tls1_1'], input='',
                         capture_output=True, text=True, timeout=60)
    assert old.returncode != 0
    with pytest.raises(ssl.SSLError):
        connect(server, ['h2'])


def test_many_requests_on_one_connection_and_many_at_once(server):
    with contextlib.closing(connect(server)) as peer:
        request = b'GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\n\r\n'
        peer.sendall(request * 20)
        text = b''
        while text.count(b'HTTP/1.1 200') < 20:
            text += peer.recv(65_536)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(contextlib.closing(connect(server))) for _ in range(50)]
        for peer in peers:
            peer.sendall(request)
        assert all(peer.recv(12) == b'HTTP/1.1 200' for peer in peers)


def test_the_end_of_a_connection_is_told(server):
    with contextlib.closing(connect(server)) as peer:
        peer.sendall(b'GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        text = b''
        while piece := peer.recv(65_536):  # without a close_notify this raises
            text += piece
        assert text.startswith(b'HTTP/1.1 200')


def test_plain_http_is_for_this_machine(server):
    assert subprocess.run([PROGRAM, 'healthcheck', '--port', str(server.port)], capture_output=True).returncode == 0


def own_address():
    """An address of this machine that is no loopback; nothing where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(('192.0.2.1', 9))
            address = probe.getsockname()[0]
            return None if address.startswith('127.') else address
    return None


@pytest.mark.skipif(own_address() is None, reason='this machine has no address but the loopback')
@pytest.mark.parametrize('flags, status', [([], 400), (['--tls-also-plain'], 200)])
def test_plain_http_from_elsewhere(flags, status):
    address = own_address()
    with running(args=[*SELF_SIGNED, '--host', address, *flags]) as server:
        connection = http.client.HTTPConnection(address, server.port, timeout=60)
        connection.request('GET', '/_tidemark/health')
        answer = connection.getresponse()
        assert answer.status == status
        assert status == 200 or b'This port speaks HTTPS.' in answer.read()
        connection.close()


@pytest.mark.parametrize('bytes_sent', [
    b'\x16', b'\x16\x03\x01', b'\x16\x03\x01\xff\xff' + b'\x00' * 200, b'\x16' * 5_000,
    b'\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00', b'\x80\x2e\x01\x03\x01'],
    ids=['one byte', 'a head cut short', 'a record too long', 'nothing but types', 'a hello cut short', 'SSL 2'])
def test_nonsense_instead_of_a_handshake(server, bytes_sent):
    with contextlib.closing(socket.create_connection(('127.0.0.1', server.port), timeout=60)) as peer:
        with contextlib.suppress(OSError):  # the server may be quicker to close
            peer.sendall(bytes_sent)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(4_096):
                pass
    with contextlib.closing(connect(server)) as good:
        good.sendall(b'GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
        assert good.recv(12) == b'HTTP/1.1 200'


def test_thousands_that_begin_a_handshake_and_stop_neither_grow_nor_stop_the_server(server):
    hello = b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
    with contextlib.ExitStack() as stack:
        for _ in range(2_000):
            peer = stack.enter_context(contextlib.closing(socket.create_connection(('127.0.0.1', server.port), timeout=60)))
            peer.sendall(hello)
        with contextlib.closing(connect(server)) as good:
            good.sendall(b'GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
            assert good.recv(12) == b'HTTP/1.1 200'
        assert server.memory_kb() < 400 * 1024


def test_a_certificate_is_kept_as_long_as_its_names_are_the_same(tmp_path):
    def authority(*flags):
        with running(tmp_path, [*SELF_SIGNED, *flags]) as server:
            return pathlib.Path(authority_of(server)).read_text()
    first = authority()
    assert authority() == first
    other = authority('--tls-name', 'db.lan,10.0.0.7')
    assert other != first
    copy = tmp_path / 'trusted.pem'
    assert authority('--tls-name', 'db.lan,10.0.0.7', '--tls-ca-file', str(copy)) == other == copy.read_text()
    assert (tmp_path / 'tls' / 'key.pem').stat().st_mode & 0o077 == 0


def test_a_certificate_of_ones_own(tmp_path):
    key, chain = tmp_path / 'key.pem', tmp_path / 'chain.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', chain, '-days', '2',
                    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], check=True, capture_output=True)
    with running(args=['--tls-cert', str(chain), '--tls-key', str(key)]) as server:
        context = ssl.create_default_context(cafile=chain)
        with context.wrap_socket(socket.create_connection(('127.0.0.1', server.port)), server_hostname='localhost') as peer:
            peer.sendall(b'GET /_tidemark/health HTTP/1.1\r\nHost: localhost\r\n\r\n')
            assert peer.recv(12) == b'HTTP/1.1 200'


REFUSED = [
    (['--tls-cert', 'a.pem'], 2, '--tls-cert and --tls-key need each other'),
    (['--tls-self-signed', '--tls-cert', 'a', '--tls-key', 'b'], 2, '--tls-self-signed and --tls-cert exclude each other'),
    (['--tls-name', 'a.lan'], 2, '--tls-name needs --tls-self-signed'),
    (['--tls-also-plain'], 2, '--tls-also-plain needs --tls-cert or --tls-self-signed'),
    (['--tls-cert', '/dev/null', '--tls-key', '/dev/null'], 1, "'/dev/null' is no certificate in PEM"),
    (['--tls-self-signed', '--tls-name', 'a b'], 1, "'a b' is no name or address for a certificate"),
]


@pytest.mark.parametrize('flags, code, message', REFUSED, ids=[' '.join(row[0]) for row in REFUSED])
def test_what_is_refused_at_the_start(tmp_path, flags, code, message):
    done = subprocess.run([PROGRAM, 'serve', '--port', '0', '--s3-port', 'off', '--data-dir', tmp_path / 'data', *flags],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code and done.stderr.splitlines()[-1].startswith(f'tidemark: {message}'), done.stderr
