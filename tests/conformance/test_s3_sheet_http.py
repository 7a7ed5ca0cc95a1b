"""HTTP as S3's clients use it, and errors that arrive before a body is read."""
import re
import socket
import threading

import pytest

from support.s3_wire import S3Wire, talk
from support.server import until

END = b'\r\n\r\n'


def receive_until(connection, mark):
    received = b''
    while mark not in received:
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return received


def statuses(received):
    return re.findall(rb'HTTP/1\.1 (\d{3})', received)


@pytest.fixture
def connection(shared):
    with socket.create_connection(('127.0.0.1', shared.s3_port), timeout=30) as made:
        yield made


def test_continue_is_said_before_the_body(connection, bucket):
    connection.sendall(f'PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n'.encode())
    assert receive_until(connection, END) == b'HTTP/1.1 100 Continue\r\n\r\n'
    connection.sendall(b'hello')
    assert statuses(receive_until(connection, END)) == [b'200']
    connection.sendall(f'GET /{bucket}/k HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
    assert receive_until(connection, b'hello').endswith(END + b'hello')


def test_continue_in_another_case(connection, bucket):
    connection.sendall(f'PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nexpect: 100-Continue\r\n\r\n'.encode())
    assert receive_until(connection, END).startswith(b'HTTP/1.1 100 ')


REFUSED_EARLY = [
    ('PUT', '/no-such-bucket/k', '', b'NoSuchBucket'), ('PUT', '/{b}/k', 'Content-MD5: x\r\n', b'InvalidDigest'),
    ('PUT', '/{b}/k', 'x-amz-storage-class: FLOPPY\r\n', b'InvalidStorageClass'), ('PUT', '/{b}/k?torrent', '', b'NotImplemented'),
    ('PUT', '/{b}/' + 'x' * 1025, '', b'KeyTooLongError'), ('PUT', '/{b}/k?partNumber=1&uploadId=none', '', b'NoSuchUpload'),
]


@pytest.mark.parametrize('method,target,header,code', REFUSED_EARLY)
def test_an_error_instead_of_continue(connection, bucket, method, target, header, code):
    connection.sendall(f'{method} {target.format(b=bucket)} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n{header}Expect: 100-continue\r\n\r\n'.encode())
    received = receive_until(connection, b'</Error>')
    assert b'100 Continue' not in received
    assert b'<Code>' + code + b'</Code>' in received


@pytest.mark.parametrize('method,target,header,code', REFUSED_EARLY)
@pytest.mark.parametrize('size', [5, 300_000, 8 << 20])
def test_the_error_is_seen_although_the_body_is_sent(connection, bucket, method, target, header, code, size):
    head = f'{method} {target.format(b=bucket)} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n{header}\r\n'.encode()
    sender = threading.Thread(target=lambda: send_quietly(connection, head + b'x' * size))
    sender.start()
    received = receive_until(connection, b'</Error>')
    sender.join()
    assert b'<Code>' + code + b'</Code>' in received


def send_quietly(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass  # the server may close behind its answer


def test_many_requests_on_one_connection(shared, bucket):
    requests = b''.join(f'PUT /{bucket}/k{i} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{i:02}'.encode() for i in range(50))
    requests += b''.join(f'GET /{bucket}/k{i} HTTP/1.1\r\nHost: x\r\n\r\n'.encode() for i in range(50))
    received = talk(shared.s3_port, requests + f'HEAD /{bucket}/k0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode())
    assert statuses(received) == [b'200'] * 101
    assert re.findall(rb'\r\n\r\n(\d\d)HTTP', received) == [b'%02d' % i for i in range(50)], 'in order'


@pytest.mark.parametrize('head', ['GET /{b}/k HTTP/1.0\r\n\r\n', 'GET /{b}/k HTTP/1.0\r\nHost: x\r\n\r\n', 'GET /{b}/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
                                  'GET http://127.0.0.1/{b}/k HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'])
def test_other_forms_of_a_request(shared, s3_wire, bucket, head):
    s3_wire.ok('PUT', f'/{bucket}/k', 'hello')
    received = talk(shared.s3_port, head.format(b=bucket).encode(), closes=False)
    assert re.match(rb'HTTP/1\.[01] 200 ', received) and received.endswith(END + b'hello'), received
    assert b'Transfer-Encoding' not in received


def test_http_1_0_stays_when_asked_to(connection, s3_wire, bucket):
    for _ in range(2):
        connection.sendall(f'HEAD /{bucket} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'.encode())
        assert re.match(rb'HTTP/1\.[01] 200 ', receive_until(connection, END))


NO_BODY = ['Content-Length: 0\r\n', '', 'Content-Length: 0\r\nExpect: 100-continue\r\n']


@pytest.mark.parametrize('header', NO_BODY)
def test_puts_without_a_body_make_empty_objects(shared, s3_wire, bucket, header):
    received = talk(shared.s3_port, f'PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\n{header}Connection: close\r\n\r\n'.encode())
    assert statuses(received)[-1] == b'200'
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b''


@pytest.mark.parametrize('method', ['GET', 'HEAD', 'DELETE'])
@pytest.mark.parametrize('body', ['', 'ignored'])
def test_bodies_where_none_belongs(s3_wire, bucket, method, body):
    s3_wire.ok('PUT', f'/{bucket}/k', 'hello')
    assert s3_wire.call(method, f'/{bucket}/k', body).status == (204 if method == 'DELETE' else 200)
    assert s3_wire.call('GET', '/').status == 200, 'the connection goes on'


HEAD_TARGETS = ['/', '/{b}', '/{b}?list-type=2', '/{b}?uploads', '/{b}?location', '/{b}?acl', '/{b}?versions', '/{b}/k', '/{b}/k?tagging', '/{b}/k?acl', '/{b}/none', '/none-such', '/{b}?policy',
                '/{b}?torrent']


@pytest.mark.parametrize('target', HEAD_TARGETS)
def test_head_wherever_get_is(s3_wire, bucket, target):
    s3_wire.ok('PUT', f'/{bucket}/k', 'hello')
    head = s3_wire.call('HEAD', target.format(b=bucket))
    assert head.body == b''
    assert s3_wire.call('GET', '/').status == 200, 'nothing was left on the connection'


def test_large_heads(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x', {'Authorization': 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, '
                                            f'SignedHeaders={";".join("x-amz-" + "h" * 100 for _ in range(100))}, Signature=' + '0' * 64})
    token = 'T' * 7900
    assert s3_wire.call('GET', f'/{bucket}/k?X-Amz-Security-Token={token}').status in (200, 400)
    s3_wire.ok('GET', f'/{bucket}/k?x-id={token}')
    received = s3_wire.ok('GET', f'/{bucket}/k', headers={f'x-unknown-{i}': 'v' * 100 for i in range(90)})
    assert received.body == b'x'


@pytest.mark.parametrize('size', [17 << 10, 1 << 17, 1 << 20])
def test_heads_without_bound_are_refused(shared, size):
    received = talk(shared.s3_port, b'GET / HTTP/1.1\r\nHost: x\r\nX-Long: ' + b'a' * size + b'\r\n\r\n')
    assert statuses(received) in ([b'400'], []), received[:200]


def test_a_body_that_ends_early_leaves_nothing(shared, s3_wire, bucket):
    received = talk(shared.s3_port, f'PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nshort'.encode())
    assert statuses(received) in ([], [b'400'])
    if received:
        assert b'<Code>IncompleteBody</Code>' in received
    assert s3_wire.call('HEAD', f'/{bucket}/k').status == 404


def test_a_slow_writer_is_waited_for(connection, shared, s3_wire, bucket):
    connection.sendall(f'PUT /{bucket}/k HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n'.encode())
    for byte in b'0123456789' * 2:
        connection.sendall(bytes([byte]))
    assert statuses(receive_until(connection, END)) == [b'200']
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b'0123456789' * 2


def test_many_connections_at_once(shared, s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', 'hello')
    made = [socket.create_connection(('127.0.0.1', shared.s3_port), timeout=30) for _ in range(100)]
    for one in made:
        one.sendall(f'GET /{bucket}/k HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
    for one in made:
        assert receive_until(one, b'hello')
        one.close()


BROKEN = [b'GET\r\n\r\n', b'GET /\r\n\r\n', b'\x00\x01\x02\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET / HTTP/1.1\r\nNo colon\r\n\r\n', b'GET  / HTTP/1.1\r\nHost: x\r\n\r\n',
          b'PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n', b'PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
          b'PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', b'PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
          b'PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n', b'PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', b'\r\n\r\n']


@pytest.mark.parametrize('data', BROKEN)
def test_broken_requests_end_their_connection_alone(shared, s3_wire, data):
    received = talk(shared.s3_port, data)
    assert statuses(received) in ([], [b'400'], [b'501'], [b'505'], [b'404']), received
    assert s3_wire.call('GET', '/').status == 200


def test_codes_have_their_children(s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', 'x')
    for target, child, value in ((f'/{bucket}/none', 'Key', 'none'), (f'/{bucket}-none', 'BucketName', f'{bucket}-none'),
                                 (f'/{bucket}-none/k', 'BucketName', f'{bucket}-none'), (f'/{bucket}/k?uploadId=u', 'UploadId', 'u'),
                                 (f'/{bucket}?encoding-type=x', 'ArgumentName', 'encoding-type'), (f'/{bucket}?max-keys=x', 'ArgumentValue', 'x')):
        assert s3_wire.call('GET', target).error(child) == value
    assert s3_wire.call('GET', f'/{bucket}/none').error('Resource') == f'/{bucket}/none'
    assert s3_wire.call('GET', f'/{bucket}/none').error('Message') == 'The specified key does not exist.'
    assert 'The specified bucket does not exist' in s3_wire.call('GET', f'/{bucket}-none').error('Message')


@pytest.mark.parametrize('path,text', [('%3Cb%3E%26%22', b'&lt;b&gt;&amp;&quot;'), ('%01%02', b'&#x1;&#x2;'), ('%5D%5D%3E', b']]&gt;')])
def test_names_cannot_break_an_error(shared, bucket, path, text):
    received = talk(shared.s3_port, f'GET /{bucket}/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode())
    assert b'<Code>NoSuchKey</Code>' in received and b'<Key>' + text + b'</Key>' in received


def test_a_reader_that_goes_away(shared, s3_wire, bucket):
    s3_wire.ok('PUT', f'/{bucket}/k', b'x' * (4 << 20))
    for _ in range(5):
        with socket.create_connection(('127.0.0.1', shared.s3_port)) as reader:
            reader.sendall(f'GET /{bucket}/k HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
            reader.recv(100)
    assert until(lambda: s3_wire.call('HEAD', f'/{bucket}/k').status == 200, 'an answer')
    other = S3Wire(shared.s3_port)
    assert len(other.ok('GET', f'/{bucket}/k').body) == 4 << 20
    other.close()


XML_TARGETS = [('POST', '?delete', 'Delete'), ('POST', '/k?uploadId=none', 'CompleteMultipartUpload'), ('PUT', '/k?tagging', 'Tagging'), ('PUT', '?versioning', 'VersioningConfiguration'),
               ('PUT', '?cors', 'CORSConfiguration'), ('PUT', '?lifecycle', 'LifecycleConfiguration'), ('PUT', '?acl', 'AccessControlPolicy')]
HOSTILE_XML = {
    'deep': lambda root: f'<{root}>' + '<a>' * 100_000,
    'deep and closed': lambda root: f'<{root}>' + '<a>' * 60_000 + '</a>' * 60_000 + f'</{root}>',
    'many attributes': lambda root: f'<{root} ' + ' '.join(f'a{i}="b"' for i in range(30_000)) + '/>',
    'entities of entities': lambda root: '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + ''.join(f'<!ENTITY a{i} "&a{i - 1 or ""};&a{i - 1 or ""};">' for i in range(1, 30))
                                         + f']><{root}>&a29;</{root}>',
    'a file': lambda root: f'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><{root}>&e;</{root}>',
    'a comment without end': lambda root: f'<{root}><!-- ' + '-' * 50_000,
    'no text': lambda root: '\x00' * 1000,
    'another encoding': lambda root: f'<{root}/>'.encode('utf-16'),
}


@pytest.mark.parametrize('kind', HOSTILE_XML)
def test_hostile_xml(shared, s3_wire, bucket, kind):
    s3_wire.ok('PUT', f'/{bucket}/k', 'kept')
    memory = shared.memory_kb()
    for method, target, root in XML_TARGETS:
        answer = s3_wire.call(method, f'/{bucket}{target}', HOSTILE_XML[kind](root))
        assert 400 <= answer.status < 500 or answer.status == 501, (target, answer)
        assert b'root:' not in answer.body
    assert shared.memory_kb() < memory + 200_000
    assert s3_wire.ok('GET', f'/{bucket}/k').body == b'kept'


@pytest.mark.parametrize('method,target,root', XML_TARGETS)
def test_xml_without_bound(s3_wire, bucket, method, target, root):
    answer = s3_wire.call(method, f'/{bucket}{target}', f'<{root}>' + ' ' * (5 << 20) + f'</{root}>')
    assert 400 <= answer.status < 500 or answer.status == 501, answer
