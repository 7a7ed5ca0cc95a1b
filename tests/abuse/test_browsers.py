"""What pages that somebody looks at may do to a server on the same machine that takes any credentials."""
import http.client
import json
import socket

import pytest

from support.accounts import write_credentials
from support.good_client import GoodClient
from support.server import running, table_request

EVIL = 'http://evil.example'
MOZILLA = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36'
JSON = 'application/x-amz-json-1.0'


@pytest.fixture(scope='module')
def good(own):
    return GoodClient(own).prepare(own.client('dynamodb'), own.client('s3', endpoint=own.s3_endpoint))


def send(port, method, path, headers, body=b''):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host='Host' in headers)
        for name, value in {**headers, 'Content-Length': str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def both(server):
    return [server.port, server.s3_port]


def assert_refused(answer, flag):
    status, headers, text = answer
    assert status == 403, answer
    assert flag in text and text.count('\n') == 1, text
    assert 'Access-Control-Allow-Origin' not in headers


ATTACKS = {
    'DynamoDB, read': ('POST', '/', {
        'Origin': EVIL, 'Content-Type': JSON, 'X-Amz-Target': 'DynamoDB_20120810.ListTables'}, b'{}'),
    'no-cors deletion': ('POST', '/good?delete', {
        'Origin': EVIL, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Content-Type': 'text/plain'},
        b'<Delete><Object><Key>k</Key></Object></Delete>'),
    'a form with a page in it': ('POST', '/good', {
        'Origin': EVIL, 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'multipart/form-data; boundary=b'},
        b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\npage.html\r\n'
        b'--b\r\nContent-Disposition: form-data; name="Content-Type"\r\n\r\ntext/html\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n<script></script>\r\n--b--\r\n'),
    'a sandboxed frame': ('GET', '/good/k', {'Origin': 'null'}, b''),
    'a picture': ('GET', '/good/k', {'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'image'}, b''),
    'the health of the server': ('GET', '/_tidemark/health', {'Origin': EVIL}, b''),
}


@pytest.mark.parametrize('attack', ATTACKS)
def test_somebody_elses_page(own, good, bystander, attack):
    method, path, headers, body = ATTACKS[attack]
    for port in both(own):
        assert_refused(send(port, method, path, {'User-Agent': MOZILLA, **headers}, body), '--cors-allow')
    s3 = own.client('s3', endpoint=own.s3_endpoint)
    assert [entry['Key'] for entry in s3.list_objects_v2(Bucket='good')['Contents']] == ['k']


def test_preflights_of_somebody_elses_page(own, good, bystander):
    asked = {'Origin': EVIL, 'Access-Control-Request-Method': 'POST',
             'Access-Control-Request-Headers': 'authorization,content-type,x-amz-target'}
    assert_refused(send(own.port, 'OPTIONS', '/', asked), '--cors-allow')
    # S3 answers them as S3 does.
    status, headers, text = send(own.s3_port, 'OPTIONS', '/good/k', asked)
    assert status == 403 and 'CORS is not enabled' in text and 'Access-Control-Allow-Origin' not in headers


def test_a_name_that_resolves_to_us(own, good, bystander):
    """DNS rebinding: the page is of the very origin that it asks."""
    for port in both(own):
        host = f'evil.example:{port}'
        for headers in ({'Origin': f'http://{host}'}, {'Sec-Fetch-Site': 'same-origin'}, {'User-Agent': MOZILLA}):
            for path in ('/good/k', '/', '/_tidemark/health'):
                assert_refused(send(port, 'GET', path, {'Host': host, **headers}), '--allowed-host')


def test_applications_on_this_machine(own, good, bystander):
    for origin in ('http://localhost:3000', 'http://127.0.0.1:5173'):
        browser = {'Origin': origin, 'User-Agent': MOZILLA, 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors'}
        status, headers, _ = send(own.port, 'OPTIONS', '/', {
            **browser, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-amz-target'})
        assert status == 200 and headers['Access-Control-Allow-Origin'] == '*'
        assert headers['Access-Control-Allow-Headers'] == 'x-amz-target'
        status, headers, body = send(own.port, 'POST', '/', {
            **browser, 'Content-Type': JSON, 'X-Amz-Target': 'DynamoDB_20120810.ListTables',
            'Authorization': own.wire().headers['Authorization'], 'X-Amz-Date': '20260101T000000Z'}, b'{}')
        assert status == 200 and headers['Access-Control-Allow-Origin'] == '*', body
        assert 'good' in json.loads(body)['TableNames']
        assert send(own.s3_port, 'GET', '/good/k', browser)[0] == 200
    picture = {'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': 'image', 'Referer': 'http://localhost:3000/'}
    assert send(own.s3_port, 'GET', '/good/k', picture)[0] == 200
    assert send(own.s3_port, 'GET', '/good/k', {'Sec-Fetch-Site': 'none', 'User-Agent': MOZILLA})[0] == 200


def test_tools_by_any_name(own, good, bystander):
    for host in ('db.example.com', 'tidemark', 'dynamodb.eu-west-1.amazonaws.com'):
        for agent in ('aws-cli/2.15', 'curl/8.5.0', 'aws-sdk-js/3.600.0 ua/2.0 os/linux'):
            assert send(own.s3_port, 'GET', '/good/k', {'Host': host, 'User-Agent': agent})[0] == 200


def test_a_rule_of_the_bucket(own, good, bystander):
    s3 = own.client('s3', endpoint=own.s3_endpoint)
    s3.create_bucket(Bucket='ruled')
    s3.put_object(Bucket='ruled', Key='k', Body=b'v')
    s3.put_bucket_cors(Bucket='ruled', CORSConfiguration={'CORSRules': [
        {'AllowedOrigins': ['http://app.example'], 'AllowedMethods': ['GET']}]})
    for port in both(own):
        status, headers, _ = send(port, 'GET', '/ruled/k', {'Origin': 'http://app.example'})
        assert status == 200 and headers['Access-Control-Allow-Origin'] == 'http://app.example'
        assert_refused(send(port, 'PUT', '/ruled/k', {'Origin': 'http://app.example'}, b'x'), '--cors-allow')
        assert_refused(send(port, 'GET', '/ruled/k', {'Origin': EVIL}), '--cors-allow')
        assert_refused(send(port, 'GET', '/good/k', {'Origin': 'http://app.example'}), '--cors-allow')
    # Not for DynamoDB, whatever the path.
    assert_refused(send(own.port, 'POST', '/ruled/k', {
        'Origin': 'http://app.example', 'X-Amz-Target': 'DynamoDB_20120810.ListTables', 'Content-Type': JSON}, b'{}'),
        '--cors-allow')


def test_the_flags():
    with running(args=['--cors-allow', 'http://app.example', '--allowed-host', 'db.example']) as server:
        server.wire().call('CreateTable', table_request('table'))
        app = {'Origin': 'http://app.example', 'Content-Type': JSON, 'X-Amz-Date': '20260101T000000Z',
               'X-Amz-Target': 'DynamoDB_20120810.ListTables', 'Authorization': server.wire().headers['Authorization']}
        assert send(server.port, 'POST', '/', app, b'{}')[0] == 200
        assert send(server.port, 'POST', '/', {**app, 'Host': 'db.example'}, b'{}')[0] == 200
        assert_refused(send(server.port, 'POST', '/', {**app, 'Host': 'other.example'}, b'{}'), '--allowed-host')
        assert_refused(send(server.port, 'POST', '/', {**app, 'Origin': EVIL}, b'{}'), '--cors-allow')
        status, headers, _ = send(server.s3_port, 'GET', '/none/k', {'Origin': 'http://app.example'})
        assert status == 404 and headers['Access-Control-Allow-Origin'] == '*'


def test_a_warning_for_a_server_that_everybody_can_reach(tmp_path):
    with running(args=['--host', '0.0.0.0']) as server:
        assert server.log().count('everybody who can reach this address') == 1
    credentials = write_credentials(tmp_path / 'credentials', {'alice': '111111111111'})
    with running(args=['--host', '0.0.0.0', '--auth', 'strict', '--credentials', str(credentials)]) as server:
        assert server.log() == ''
    with running() as server:
        assert server.log() == ''


UNREADABLE = {
    'a head that is too long': (400, 'X-Long: ' + 'x' * 20_000),
    'an expectation nobody knows': (417, 'Expect: the-unexpected'),
    'a coding nobody knows': (501, 'Transfer-Encoding: gzip, chunked'),
    'two lengths': (400, 'Content-Length: 2\r\nTransfer-Encoding: chunked'),
    'no field': (400, 'no field'),
}


@pytest.mark.parametrize('why', UNREADABLE)
def test_a_page_that_may_use_the_server_can_read_why_its_request_was_none(own, why):
    status, fields = UNREADABLE[why]

    def answer(origin):
        with socket.create_connection(('127.0.0.1', own.port), timeout=30) as connection:
            connection.sendall((f'POST / HTTP/1.1\r\nHost: 127.0.0.1:{own.port}\r\nContent-Type: {JSON}\r\n'
                                f'X-Amz-Target: DynamoDB_20120810.ListTables\r\n{origin}{fields}\r\n\r\n').encode())
            received = b''
            while piece := connection.recv(65536):
                received += piece
            return received.decode()

    for origin, granted in (('Origin: http://localhost:3000\r\n', True), (f'Origin: {EVIL}\r\n', False), ('', False)):
        received = answer(origin)
        assert received.startswith(f'HTTP/1.1 {status} '), received
        assert ('access-control-allow-origin: *' in received.lower()) == granted, (origin, received)


def test_a_page_can_read_what_was_wrong_with_its_body(own):
    """The chunks are read when the head is gone."""
    with socket.create_connection(('127.0.0.1', own.port), timeout=30) as connection:
        connection.sendall((f'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\nOrigin: http://localhost:3000\r\n'
                            'X-Amz-Target: DynamoDB_20120810.ListTables\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n').encode())
        received = b''
        while piece := connection.recv(65536):
            received += piece
    assert received.startswith(b'HTTP/1.1 400 ') and b'access-control-allow-origin: *' in received.lower(), received
