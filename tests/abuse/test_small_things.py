"""What a single request, or a look at the disk, gives away or gets."""
import base64
import hashlib
import os
import signal
import socket
import stat
import time

import pytest

from support.attacker import Attack, attacking
from support.s3_wire import talk
from support.server import Server, running, until


def status_of(answer):
    return int(answer.split(b' ', 2)[1])


@pytest.mark.parametrize('coding', ['gzip, chunked', 'chunked, chunked', 'gzip', 'identity', 'chunked, gzip'])
def test_a_body_in_a_coding_that_nobody_takes_off(strict, good, bystander, coding):
    answer = talk(strict.s3_port, f'PUT /any/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {coding}\r\n\r\n'
                                  '5\r\nhello\r\n0\r\n\r\n'.encode(), closes=False)
    assert status_of(answer) == 501


def test_a_doctype(own_server):
    document = ('<!DOCTYPE Delete [<!ENTITY a "b">]>', '<Delete><Object><Key>k</Key></Object></Delete>')
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    s3.create_bucket(Bucket='doctype')
    for parts, code in [(document, b'<Code>MalformedXML</Code>'), (document[1:], b'<Deleted>')]:
        body = ''.join(parts)
        digest = base64.b64encode(hashlib.md5(body.encode()).digest()).decode()
        answer = talk(own_server.s3_port, f'POST /doctype?delete HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-MD5: {digest}\r\nContent-Length: '
                                          f'{len(body)}\r\n\r\n{body}'.encode(), closes=False)
        assert code in answer


def test_what_is_kept_is_for_the_owner_alone(tmp_path):
    directory = tmp_path / 'data'
    old = os.umask(0)
    try:
        server = Server(directory)
    finally:
        os.umask(old)
    try:
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        s3.create_bucket(Bucket='bucket')
        s3.put_object(Bucket='bucket', Key='k', Body=b'x' * 100_000)
        assert server.terminate() == 0
    finally:
        server.close()
    seen = 0
    for path in [directory, *directory.rglob('*')]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, (path, oct(mode))
        seen += 1
    assert seen > 10


@pytest.mark.parametrize('sent', [b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf', b'GET /', b''])
def test_a_stop_waits_for_nobody_who_sends_no_more(sent):
    with running() as server:
        with socket.create_connection(('127.0.0.1', server.port)) as peer:
            peer.sendall(sent)
            assert server.client('dynamodb').list_tables()['TableNames'] == []
            start = time.monotonic()
            server.signal(signal.SIGTERM)
            assert server.wait() == 0
            assert time.monotonic() - start < 5


def test_the_second_signal_ends_at_once():
    server = Server()
    try:
        # A peer that takes its answer slowly, but takes it: the stop waits for it.
        s3 = server.client('s3', endpoint=server.s3_endpoint)
        s3.create_bucket(Bucket='bucket')
        s3.put_object(Bucket='bucket', Key='k', Body=b'x' * 50_000_000)
        with attacking(Attack(server.s3_port, 1, b'GET /bucket/k HTTP/1.1\r\nHost: x\r\n\r\n', read_bytes=1000)):
            server.signal(signal.SIGINT)

            def is_over():
                server.signal(signal.SIGINT)
                return not server.is_running()
            until(is_over, 'the end', seconds=5)
    finally:
        server.close()
