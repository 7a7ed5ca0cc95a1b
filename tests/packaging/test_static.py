"""The program of `script/package static`, in a folder where nothing else is. Runs with `script/package --check`."""
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import urllib.request

import boto3
import pytest

from support.fake_s3 import fake_s3
from support.server import until

PACKAGES = os.environ.get('TIDEMARK_PACKAGES')
pytestmark = [pytest.mark.skipif(not PACKAGES, reason='script/package --check has the static program'),
              pytest.mark.skipif(os.geteuid() != 0, reason='only root may change the root')]


@pytest.fixture
def empty(tmp_path):
    root = tmp_path / 'root'
    root.mkdir()
    shutil.copy(pathlib.Path(PACKAGES, 'static/tidemark'), root)
    return root


@pytest.fixture
def serve(empty):
    """Starts the program with the given flags; answers what it says when it is ready."""
    started = []

    def start(*flags):
        server = subprocess.Popen(['/usr/sbin/chroot', empty, '/tidemark', 'serve', '--port', '0', '--s3-port', '0', '--data-dir', '/data', *flags],
                                  env={}, stdout=subprocess.PIPE, text=True)
        started.append(server)
        return json.loads(server.stdout.readline())

    yield start
    for server in started:
        server.terminate()
        assert server.wait(timeout=60) == 0


def ask(url, method='GET', body=None, **headers):
    request = urllib.request.Request(url, method=method, data=body, headers=headers)
    return urllib.request.urlopen(request, timeout=30).read()


def test_it_needs_no_loader_and_no_newer_processor(empty):
    parts = subprocess.run(['readelf', '--wide', '--program-headers', empty / 'tidemark'], check=True, capture_output=True, text=True).stdout
    assert 'INTERP' not in parts and 'DYNAMIC' not in parts
    notes = subprocess.run(['readelf', '--wide', '--notes', empty / 'tidemark'], check=True, capture_output=True, text=True).stdout
    assert 'x86-64-v2' not in notes and 'x86-64-v3' not in notes


def test_it_serves_where_nothing_else_is(empty, serve):
    ready = serve()
    assert {path.name for path in empty.iterdir()} == {'tidemark', 'data'}
    assert json.loads(ask(f'{ready["endpoint"]}/_tidemark/health'))['status'] == 'ok'
    credential = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0'
    tables = ask(ready['endpoint'], 'POST', b'{}', **{'X-Amz-Target': 'DynamoDB_20120810.ListTables', 'Authorization': credential,
                                                      'X-Amz-Date': '20260101T000000Z', 'Content-Type': 'application/x-amz-json-1.0'})
    assert json.loads(tables) == {'TableNames': []}
    done = subprocess.run(['/usr/sbin/chroot', empty, '/tidemark', 'healthcheck', '--port', str(ready['port'])], env={})
    assert done.returncode == 0


@pytest.mark.parametrize('switch', [None, 'hosts: resolve [!UNAVAIL=return] mymachines\n'], ids=['no nsswitch.conf', 'another nsswitch.conf'])
def test_names_are_found_by_the_hosts_file(empty, serve, switch):
    """A webhook is where the server looks up a name. Whatever the machine's nsswitch.conf asks for, no library of its is loaded."""
    (empty / 'etc').mkdir()
    (empty / 'etc/hosts').write_text('127.0.0.1 hook.lan\n')
    if switch:
        (empty / 'etc/nsswitch.conf').write_text(switch)
    told = threading.Event()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers['Content-Length']))
            self.send_response(200)
            self.send_header('Content-Length', '0')
            self.end_headers()
            told.set()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        ready = serve('--s3-webhook', f'http://hook.lan:{hook.server_port}/')
        s3 = f'http://127.0.0.1:{ready["s3_port"]}'
        ask(f'{s3}/lake', 'PUT')
        ask(f'{s3}/lake/note', 'PUT', b'a note')
        assert told.wait(timeout=30)
        hook.shutdown()


def export_to(endpoint, serve):
    """Exports a table to the bucket `lake` at an S3 service elsewhere; answers the description at its end."""
    ready = serve('--s3-endpoint', endpoint, '--s3-endpoint-credentials', '/keys', '--log-level', 'off')
    client = boto3.client('dynamodb', endpoint_url=ready['endpoint'], region_name='us-east-1', aws_access_key_id='test',
                          aws_secret_access_key='test')
    arn = client.create_table(TableName='Orders', BillingMode='PAY_PER_REQUEST', KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}],
                              AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}])['TableDescription']['TableArn']
    client.update_continuous_backups(TableName='Orders', PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
    export = client.export_table_to_point_in_time(TableArn=arn, S3Bucket='lake')['ExportDescription']['ExportArn']

    def end():
        described = client.describe_export(ExportArn=export)['ExportDescription']
        return described if described['ExportStatus'] != 'IN_PROGRESS' else None

    return until(end, 'the end of the export')


@pytest.mark.parametrize('bundle, status', [
    ('etc/ssl/certs/ca-certificates.crt', 'COMPLETED'),
    ('etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', 'COMPLETED'),
    ('etc/ssl/ca-bundle.pem', 'COMPLETED'),
    (None, 'FAILED'),
], ids=['Debian', 'Fedora', 'openSUSE', 'none'])
def test_authorities_are_found_where_distributions_keep_them(empty, serve, tmp_path, bundle, status):
    certificate, key = tmp_path / 'certificate.pem', tmp_path / 'key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=here', '-addext', 'subjectAltName=DNS:s3.lan', '-out', certificate, '-keyout', key],
                   check=True, stderr=subprocess.DEVNULL)
    (empty / 'etc').mkdir()
    (empty / 'etc/hosts').write_text('127.0.0.1 s3.lan\n')
    if bundle:
        (empty / bundle).parent.mkdir(parents=True)
        shutil.copy(certificate, empty / bundle)
    (empty / 'keys').write_text('[default]\naws_access_key_id = ours\naws_secret_access_key = secret\n')
    with fake_s3(tls=(certificate, key)) as fake:
        ended = export_to(f'https://s3.lan:{fake.server.server_port}', serve)
    assert ended['ExportStatus'] == status, ended
    if status == 'FAILED':
        assert 'certificate verify failed' in ended['FailureMessage']
