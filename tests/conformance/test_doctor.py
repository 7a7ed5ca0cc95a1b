"""`tidemark status`, `doctor` and `healthcheck --wait`: what a server is, and why it is not reached."""
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request

import pytest

from support.server import PROGRAM, Server, create_table, running

CLEAN = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent'}


@pytest.fixture(scope='module')
def server():
    with running(args=['--export-duration', 'PT1H']) as started:
        yield started


def tidemark(*arguments, **environment):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60, env={**CLEAN, **environment})


def findings(*arguments, **environment):
    done = tidemark('doctor', '--json', *arguments, **environment)
    return done.returncode, {one['subject']: one for one in json.loads(done.stdout)}


def test_status_shows_what_there_is(server):
    wire = server.wire()
    create_table(wire, 'Shown', pitr=True, index='state')
    for number in range(3):
        wire.call('PutItem', {'TableName': 'Shown', 'Item': {'pk': {'S': str(number)}, 'state': {'S': 'x'}}})
    create_table(server.wire('111111111111'), 'Other')
    s3, dynamodb = server.client('s3'), server.client('dynamodb')
    s3.create_bucket(Bucket='lake')
    arn = dynamodb.describe_table(TableName='Shown')['Table']['TableArn']
    dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket='lake')
    with urllib.request.urlopen(server.endpoint + '/_tidemark/status') as answer:
        found = json.load(answer)
    assert [(e['url'], e['services']) for e in found['endpoints']] == [
        (server.endpoint, ['dynamodb', 's3', 'sts', 'logs']), (server.s3_endpoint, ['s3'])]
    assert (found['status'], found['pid'], found['auth'], found['in_memory'], found['host']) == (
        'ok', server.pid, 'open', False, '127.0.0.1')
    assert os.path.samefile(found['data_directory'], server.data_dir)
    assert (found['tables']['count'], found['tables']['items']) == (2, 3)
    # Three items of pk and state, in the table and in the index: 5 + 3 and 6 bytes each.
    assert found['tables']['size_bytes'] == sum(a['size_bytes'] for a in found['accounts'])
    assert [(a['account_id'], a['tables'], a['items']) for a in found['accounts']] == [
        ('000000000000', 1, 3), ('111111111111', 1, 0)]
    assert found['buckets'] == 1
    assert [(job['kind'], job['table']) for job in found['jobs']] == [('export', 'Shown')]

    text = tidemark('status', '--port', server.port).stdout.splitlines()
    assert text[0].startswith('Tidemark ') and f' is well, pid {server.pid}, since ' in text[0]
    assert f'endpoint  {server.endpoint}  dynamodb, s3, sts, logs' in text
    assert 'buckets   1' in text and 'jobs      1 running' in text
    assert any(line.startswith('tables    2 with 3 items of ') for line in text)
    assert json.loads(tidemark('status', '--json', '--port', server.port).stdout)['version'] == found['version']


def test_the_clock_in_the_status():
    with running() as server:
        request = urllib.request.Request(server.endpoint + '/_tidemark/clock', data=b'{"advance":"P34D"}',
                                         headers={'Content-Type': 'application/json'})
        urllib.request.urlopen(request).close()
        assert any(line.startswith('clock     ') and line.endswith(', 34 days ahead of the machine')
                   for line in tidemark('status', '--port', server.port).stdout.splitlines())


def test_a_good_place_has_nothing_bad(server):
    code, found = findings('--port', server.port, AWS_ACCESS_KEY_ID='a', AWS_SECRET_ACCESS_KEY='b', AWS_REGION='us-east-1',
                           AWS_ENDPOINT_URL=server.endpoint)
    assert code == 0
    for subject in (f'port {server.port}', 'credentials', 'region', 'endpoint', 'clocks'):
        assert found[subject]['health'] == 'ok', found[subject]
        assert 'fix' not in found[subject]
    assert str(server.data_dir) in found['disk']['found']
    assert found['containers']['health'] == 'look'  # 127.0.0.1 alone


def test_nobody_is_there():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        port = taken.getsockname()[1]
    code, found = findings('--port', port)
    assert code == 1
    assert found[f'port {port}'] == {'health': 'bad', 'subject': f'port {port}', 'found': 'nobody listens there',
                                     'fix': f'start one: tidemark serve --port {port}'}


def test_somebody_else_is_there():
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    other = http.server.HTTPServer(('127.0.0.1', 0), Other)
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    try:
        port = other.server_port
        code, found = findings('--port', port)
        assert code == 1
        one = found[f'port {port}']
        assert one['health'] == 'bad' and f'(pid {os.getpid()}), which does not answer as Tidemark' in one['found']
        assert one['fix'] == f'stop it (kill {os.getpid()}), or serve elsewhere: tidemark serve --port {port + 1}'
        assert tidemark('healthcheck', '--port', port).returncode == 1
    finally:
        other.shutdown()
        thread.join()
        other.server_close()


def test_lines_for_people(server):
    done = tidemark('doctor', '--port', server.port)
    assert done.returncode == 1
    assert f'ok    port {server.port}' in done.stdout
    assert 'bad   credentials    SDKs find none and refuse to send anything\n' in done.stdout
    assert '-> export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n' in done.stdout


def test_health_is_waited_for(tmp_path):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        port = taken.getsockname()[1]
    began = time.monotonic()
    assert tidemark('healthcheck', '--wait', 1, '--port', port).returncode == 1
    assert time.monotonic() - began >= 0.9
    waiting = subprocess.Popen([PROGRAM, 'healthcheck', '--wait', '60', '--port', str(port)], env=CLEAN)
    server = Server(tmp_path / 'data')
    try:
        server.terminate()
        server.start(port)
        assert waiting.wait(timeout=60) == 0
    finally:
        server.close()
    assert tidemark('healthcheck', '--wait', 'x').returncode == 2
