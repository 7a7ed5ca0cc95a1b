"""The protocol on the wire: what a broken, slow or hostile client gets, and that others do not notice."""
import contextlib
import json
import re
import socket
import threading
import zlib

import pytest

from support.server import Failed, Server, create_table, scan, until

TARGET = {'X-Amz-Target': 'DynamoDB_20120810.ListTables'}
BODY_MAX = 16 * 1024 * 1024
CORAL = 'com.amazon.coral.service#'


def head(wire, length=None, **more):
    """The head of a PutItem request as bytes."""
    fields = {'Host': 'localhost', 'X-Amz-Target': 'DynamoDB_20120810.PutItem', **wire.headers, **more}
    if length is not None:
        fields['Content-Length'] = str(length)
    lines = ''.join(f'{name}: {value}\r\n' for name, value in fields.items())
    return f'POST / HTTP/1.1\r\n{lines}\r\n'.encode()


def connect(server):
    return socket.create_connection(('127.0.0.1', server.port), timeout=30)


class Answer:
    """Reads answers off a socket."""

    def __init__(self, connection):
        self._file = connection.makefile('rb')

    def read(self):
        status_line = self._file.readline()
        if not status_line:
            return None
        status = int(status_line.split()[1])
        fields = {}
        while (line := self._file.readline()) not in (b'\r\n', b''):
            name, _, value = line.decode().partition(':')
            fields[name.lower()] = value.strip()
        body = self._file.read(int(fields.get('content-length', 0))) if status != 100 else b''
        if 'x-amz-crc32' in fields:
            assert int(fields['x-amz-crc32']) == zlib.crc32(body)
        return status, fields, body


def put_body(pk, **more):
    return json.dumps({'TableName': 'wire', 'Item': {'pk': {'S': pk}, **more}}).encode()


@pytest.fixture(scope='module', autouse=True)
def table(shared):
    connection = shared.wire()
    create_table(connection, 'wire')
    connection.close()


def exists(wire, pk):
    return 'Item' in wire.call('GetItem', {'TableName': 'wire', 'Key': {'pk': {'S': pk}}})


@pytest.mark.parametrize('body, headers, expected', [
    (b'{}', {'X-Amz-Target': None}, CORAL + 'UnknownOperationException'),
    (b'{}', {'X-Amz-Target': 'DynamoDB_20120810.Nonsense'}, CORAL + 'UnknownOperationException'),
    (b'{}', {'X-Amz-Target': 'DynamoDB_20111205.ListTables'}, CORAL + 'UnknownOperationException'),
    (b'', TARGET, CORAL + 'SerializationException'),
    (b'{', TARGET, CORAL + 'SerializationException'),
    (b'not json', TARGET, CORAL + 'SerializationException'),
    (b'{"Limit":1}x', TARGET, CORAL + 'SerializationException'),
    (b'{"Limit":1,}', TARGET, CORAL + 'SerializationException'),
    (b'\xff\xfe{}', TARGET, CORAL + 'SerializationException'),
    (b'{"ExclusiveStartTableName":"\xc3\x28"}', TARGET, CORAL + 'SerializationException'),
    (b'[' * 100_000, TARGET, CORAL + 'SerializationException'),
    (b'{"a":' * 50_000 + b'1' + b'}' * 50_000, TARGET, CORAL + 'SerializationException'),
    (b'{}', {**TARGET, 'Authorization': None}, CORAL + 'MissingAuthenticationTokenException'),
    (b'{}', {**TARGET, 'Authorization': 'Basic dGVzdA=='}, CORAL + 'MissingAuthenticationTokenException'),
    (b'{}', {**TARGET, 'Authorization': 'AWS4-HMAC-SHA256 Signature=0, SignedHeaders=host'},
     CORAL + 'IncompleteSignatureException'),
], ids=range(15))
def test_malformed_requests(wire, body, headers, expected):
    status, fields, answer = wire.post(body, **headers)
    assert status == 400
    assert fields['Content-Type'] == 'application/x-amz-json-1.0'
    assert re.fullmatch('[A-Z0-9]{52}', fields['x-amzn-RequestId'])
    assert json.loads(answer)['__type'] == expected
    assert wire.post(b'{}', **TARGET)[0] == 200, 'the connection is of use still'


@pytest.mark.parametrize('body, message', [
    ({'TableName': 1}, 'NUMBER_VALUE cannot be converted to String'),
    ({'TableName': ['wire']}, 'Unrecognized collection type class java.lang.String'),
    ({'TableName': {}}, 'Start of structure or map found where not expected'),
    ({'TableName': 'wire', 'Item': 'x'}, 'Unexpected field type'),
    ({'TableName': 'wire', 'Item': {'pk': 'x'}}, 'Unexpected value type in payload'),
    ({'TableName': 'wire', 'Item': {'pk': {'S': 1}}}, 'NUMBER_VALUE cannot be converted to String'),
    ({'TableName': 'wire', 'Item': {'pk': {'B': 1}}}, 'only base-64-encoded strings are convertible to bytes'),
], ids=range(7))
def test_wrong_types(wire, body, message):
    with pytest.raises(Failed) as error:
        wire.call('PutItem', body)
    assert (error.value.type, error.value.message) == (CORAL + 'SerializationException', message)


def test_constraints_on_the_wire(wire):
    with pytest.raises(Failed) as error:
        wire.call('PutItem', {'Item': {}})
    assert error.value.type == 'com.amazon.coral.validate#ValidationException'
    assert error.value.message == ("1 validation error detected: Value null at 'tableName' failed to satisfy "
                                   'constraint: Member must not be null')


@pytest.mark.parametrize('content_type', [None, 'text/plain', 'application/cbor', 'application/x-amz-json-1.2'])
def test_other_content_types(wire, content_type):
    status, _, answer = wire.post(b'{}', **{**TARGET, 'Content-Type': content_type})
    assert (status, answer) == (404, b'<UnknownOperationException/>\n')


@pytest.mark.parametrize('content_type', ['application/json', 'application/x-amz-json-1.1'])
def test_other_json_is_answered_in_kind(wire, content_type):
    status, fields, answer = wire.post(b'{}', **{**TARGET, 'Content-Type': content_type})
    assert (status, fields['Content-Type']) == (200, content_type)
    assert 'TableNames' in json.loads(answer)


def test_unknown_members_and_nulls_are_ignored(wire):
    wire.call('ListTables', {'Limit': None, 'Whatever': {'deep': [1, None]}})


def test_bodies_up_to_16_mb(shared, wire):
    """One byte more is refused with 413, announced or not; the limit itself is read to the end."""
    padded = put_body('at the limit')
    padded += b' ' * (BODY_MAX - len(padded))
    status, _, _ = wire.post(padded, **{'X-Amz-Target': 'DynamoDB_20120810.PutItem'})
    assert status == 200
    for length, body in [(BODY_MAX + 1, padded + b' '), (10**15, b'{')]:
        with connect(shared) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(head(wire, length) + body)
                connection.shutdown(socket.SHUT_WR)
            if length == BODY_MAX + 1:
                assert Answer(connection).read()[0] == 413
            else:
                answer = Answer(connection).read()
                assert answer is None or answer[0] == 413


def test_a_chunked_body(shared, wire):
    body = put_body('chunked')
    with connect(shared) as connection:
        connection.sendall(head(wire, **{'Transfer-Encoding': 'chunked'}))
        for n in range(0, len(body), 7):
            piece = body[n:n + 7]
            connection.sendall(f'{len(piece):X};ext=1\r\n'.encode() + piece + b'\r\n')
        connection.sendall(b'0\r\nTrailer: x\r\n\r\n')
        assert Answer(connection).read()[0] == 200
    assert exists(wire, 'chunked')


def test_chunks_beyond_16_mb(shared, wire):
    with connect(shared) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(head(wire, **{'Transfer-Encoding': 'chunked'}))
            for _ in range(17):
                connection.sendall(b'100000\r\n' + b' ' * 0x100000 + b'\r\n')
            connection.sendall(b'0\r\n\r\n')
        assert Answer(connection).read()[0] == 413


def test_expect_continue(shared, wire):
    body = put_body('expected')
    with connect(shared) as connection:
        answers = Answer(connection)
        connection.sendall(head(wire, len(body), Expect='100-continue'))
        assert answers.read()[0] == 100
        connection.sendall(body)
        assert answers.read()[0] == 200


def test_pipelined_requests_are_answered_in_order(shared, wire):
    bodies = [put_body(f'pipe{n}') if n % 2 else b'{' for n in range(20)]
    with connect(shared) as connection:
        connection.sendall(b''.join(head(wire, len(body)) + body for body in bodies))
        answers = Answer(connection)
        assert [answers.read()[0] for _ in bodies] == [200 if n % 2 else 400 for n in range(20)]


def test_a_peer_that_has_said_all_gets_its_answer(shared, wire):
    body = put_body('half closed')
    with connect(shared) as connection:
        connection.sendall(head(wire, len(body)) + body)
        connection.shutdown(socket.SHUT_WR)
        answers = Answer(connection)
        assert answers.read()[0] == 200
        assert answers.read() is None
    assert exists(wire, 'half closed')


def test_a_body_cut_short_changes_nothing(shared, wire):
    body = put_body('cut short')
    with connect(shared) as connection:
        connection.sendall(head(wire, len(body) + 1) + body)
        connection.shutdown(socket.SHUT_WR)
        answer = Answer(connection).read()
        assert answer is None or answer[0] == 400
    assert not exists(wire, 'cut short')


@pytest.mark.parametrize('garbage, statuses', [
    (b'\x00\x01\x02\x03\xff\xfe\r\n\r\n', {400}),
    (b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\x00' * 300, {400}),
    (b'GET / HTTP/9.9\r\n\r\n', {400, 505}),
    (b'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', {400}),
    (b'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}', {400}),
    (b'POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n', {400}),
    (b'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}', {400}),
    (b'POST / HTTP/1.1\r\nX-Amz-Target: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', {400, 404}),
    (b'POST / HTTP/1.1\r\nHost : x\r\n\r\n', {400}),
    (b'A' * 100_000, {400}),
    (b'GET / HTTP/1.1\r\nX: ' + b'a' * 200_000 + b'\r\n\r\n', {400}),
    (b'GET / HTTP/1.1\r\n' + b'X: a\r\n' * 40_000 + b'\r\n', {400}),
    # 16 KB of header fields, or of the target, are the most.
    (b'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nX: ' + b'a' * 16_384 + b'\r\n\r\n', {400}),
    (b'GET /' + b'garbage/' * 2_049 + b' HTTP/1.1\r\nHost: x\r\n\r\n', {400}),
    (b'POST /?' + b'a' * 16_384 + b' HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n\r\n', {400}),
], ids=range(15))
def test_garbage(shared, wire, garbage, statuses):
    with connect(shared) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            status = Answer(connection).read()[0]
            assert status in statuses
    wire.call('ListTables', {})


def test_healthy(shared):
    with connect(shared) as connection:
        connection.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
        status, fields, body = Answer(connection).read()
    assert (status, body) == (200, b'healthy: dynamodb.us-east-1.amazonaws.com ')
    assert fields['x-amz-crc32'] == '3128867991'


@pytest.mark.parametrize('target', ['/x', '/x?y', '//', '/healthy/'])
@pytest.mark.parametrize('method', ['GET', 'HEAD'])
def test_nothing_else_is_healthy(shared, wire, target, method):
    with connect(shared) as connection:
        connection.sendall(head(wire).replace(b'POST /', f'{method} {target}'.encode()))
        answer = Answer(connection)
        if method == 'GET':
            status, fields, body = answer.read()
            assert (status, body) == (404, b'<UnknownOperationException/>\n')
            assert re.fullmatch('[A-Z0-9]{52}', fields['x-amzn-requestid'])
        else:
            connection.shutdown(socket.SHUT_WR)
            assert connection.makefile('rb').readline().split()[1] == b'404'


def test_cross_origin(shared):
    with connect(shared) as connection:
        connection.sendall(b'OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n'
                           b'Access-Control-Request-Method: POST\r\n'
                           b'Access-Control-Request-Headers: x-amz-target, content-type\r\n\r\n')
        status, fields, body = Answer(connection).read()
    assert (status, body) == (200, b'')
    assert fields['access-control-allow-origin'] == '*'
    assert fields['access-control-allow-headers'] == 'x-amz-target, content-type'
    assert fields['access-control-allow-methods'] == 'POST'
    assert fields['access-control-max-age'] == '172800'


UNSIGNED = {'Authorization': None, 'X-Amz-Date': None}
CROSS_ORIGIN = [
    # What is wrong, headers beside the Origin, body; status
    ('nothing', {'X-Amz-Target': 'DynamoDB_20120810.ListTables'}, b'{}', 200),
    ('not signed', {**UNSIGNED, 'X-Amz-Target': 'DynamoDB_20120810.ListTables'}, b'{}', 400),
    ('not signed, no target, plain JSON', {**UNSIGNED, 'Content-Type': 'application/json'}, b'{}', 400),
    ('not signed, no type', {**UNSIGNED, 'Content-Type': None}, b'{}', 404),
    ('no such operation', {'X-Amz-Target': 'DynamoDB_20120810.Nothing'}, b'{}', 400),
    ('no JSON', {'X-Amz-Target': 'DynamoDB_20120810.ListTables'}, b'{', 400),
    ('not valid', {'X-Amz-Target': 'DynamoDB_20120810.ListTables'}, b'{"Limit":0}', 400),
    ('unknown coding', {'X-Amz-Target': 'DynamoDB_20120810.ListTables', 'Content-Encoding': 'br'}, b'{}', 500),
]


@pytest.mark.parametrize('headers,body,status', [case[1:] for case in CROSS_ORIGIN], ids=[case[0] for case in CROSS_ORIGIN])
def test_pages_can_read_errors(wire, headers, body, status):
    """Without the header a page would see nothing of the answer, not even that there was one."""
    found, fields, _ = wire.post(body, Origin='http://localhost:3000', **headers)
    assert (found, fields['access-control-allow-origin']) == (status, '*')
    assert fields['access-control-expose-headers'] == 'x-amzn-RequestId, x-amz-crc32'
    found, fields, _ = wire.post(body, **headers)
    assert (found, fields['access-control-allow-origin']) == (status, None)


@pytest.mark.parametrize('is_announced', [True, False])
def test_pages_can_read_that_a_body_is_too_large(shared, wire, is_announced):
    with connect(shared) as connection:
        with contextlib.suppress(ConnectionError):
            if is_announced:
                connection.sendall(head(wire, BODY_MAX + 1, Origin='http://localhost:3000'))
            else:
                connection.sendall(head(wire, Origin='http://localhost:3000', **{'Transfer-Encoding': 'chunked'}))
                for _ in range(17):
                    connection.sendall(b'100000\r\n' + b' ' * 0x100000 + b'\r\n')
        status, fields, _ = Answer(connection).read()
    assert (status, fields['access-control-allow-origin']) == (413, '*')


def test_preflights_for_the_endpoint_itself(shared):
    """What a page asks before it posts without naming x-amz-target is no matter of S3."""
    with connect(shared) as connection:
        connection.sendall(b'OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\n'
                           b'Access-Control-Request-Headers: content-type\r\n\r\n')
        status, fields, _ = Answer(connection).read()
    assert (status, fields['access-control-allow-origin'], fields['access-control-allow-methods']) == (200, '*', 'POST')


def test_slow_and_silent_peers_do_not_hold_others_up(shared, wire):
    body = put_body('slow')
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connect(shared)) for _ in range(200)]
        for n, connection in enumerate(silent):
            connection.sendall(head(wire, len(body))[:n] if n % 2 else head(wire, len(body)) + body[:n % len(body)])
        for n in range(200):
            wire.call('PutItem', {'TableName': 'wire', 'Item': {'pk': {'S': f'beside{n}'}}})
        silent[0].sendall(body)
        assert Answer(silent[0]).read()[0] == 200, 'the slow one is served when it has come to its end'
    assert exists(wire, 'slow')


def test_a_peer_that_does_not_read_holds_nobody_up(shared, wire):
    for n in range(3):
        wire.call('PutItem', {'TableName': 'wire', 'Item': {'pk': {'S': f'wide{n}'}, 's': {'S': 'x' * 300_000}}})
    request = json.dumps({'TableName': 'wire'}).encode()
    scan_head = head(wire, len(request), **{'X-Amz-Target': 'DynamoDB_20120810.Scan'})
    with connect(shared) as connection:
        connection.setblocking(False)
        sent = True
        while sent:  # until the server, whose answers nobody takes, stops reading
            try:
                sent = connection.send(scan_head + request)
            except BlockingIOError:
                sent = 0
        for _ in range(50):
            wire.call('ListTables', {})
    assert len(scan(wire, 'wire')) >= 3


def test_memory_is_bounded_while_many_send_large_bodies():
    """200 peers announce 16 MB each and stop shortly before the end: together 3 GB, of which the server must
    not hold more than a part."""
    server = Server()
    try:
        wire = server.wire()
        create_table(wire, 'wire')
        before = server.memory_kb()
        piece = b' ' * (1 << 20)
        accepted = []

        def feed(connection):
            count = 0
            with contextlib.suppress(OSError):
                connection.sendall(head(wire, BODY_MAX))
                for _ in range(15):
                    connection.sendall(piece)
                    count += 1
            accepted.append(count)
        with contextlib.ExitStack() as stack:
            peers = [stack.enter_context(connect(server)) for _ in range(200)]
            for peer in peers:
                peer.settimeout(2)
            for start in range(0, len(peers), 20):
                threads = [threading.Thread(target=feed, args=[peer]) for peer in peers[start:start + 20]]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                wire.call('PutItem', {'TableName': 'wire', 'Item': {'pk': {'S': str(start)}}})
            assert len(accepted) == 200

            def is_refused(peer):
                with contextlib.suppress(OSError):
                    return peer.recv(12) == b'HTTP/1.1 503'
            assert any(is_refused(peer) for peer in reversed(peers)), 'clients are told to come again'
            assert server.memory_kb('VmHWM') - before < 700 * 1024, 'peak of the resident memory'
        assert len(scan(wire, 'wire')) == 10
        until(lambda: server.memory_kb() - before < 200 * 1024, 'memory to be given back')
    finally:
        server.close()
