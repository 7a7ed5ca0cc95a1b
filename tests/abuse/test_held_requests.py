"""Requests whose body is held back while what they are about changes."""
import base64
import hashlib
import socket
import time

import pytest

from support.accounts import signing_client
from support.server import until


class Held:
    """An anonymous request that has sent its head and all of its body but the last byte."""

    def __init__(self, server, method, target, body=b'x', headers=''):
        self._rest = body[-1:]
        self._socket = socket.create_connection(('127.0.0.1', server.s3_port), timeout=30)
        # Every client sends a digest where S3 insists on one.
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        head = f'{method} {target} HTTP/1.1\r\nContent-MD5: {digest}\r\nHost: 127.0.0.1:{server.s3_port}\r\nContent-Length: {len(body)}\r\n{headers}\r\n'
        self._socket.sendall(head.encode() + body[:-1])

    def let_go(self):
        """Everything that is answered."""
        try:
            self._socket.sendall(self._rest + b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        except OSError:
            pass  # answered and closed before
        received = b''
        try:
            while piece := self._socket.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
        self._socket.close()
        return received


def settle(server):
    """Waits until what was sent before has been read: the server answers on every of its threads in turn."""
    for _ in range(8):
        with socket.create_connection(('127.0.0.1', server.s3_port), timeout=30) as connection:
            connection.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
            assert connection.recv(12) == b'HTTP/1.1 403'


REQUESTS = [
    ('GET', ''), ('GET', '?acl'), ('GET', '?tagging'), ('DELETE', ''), ('PUT', ''),
]
BUCKET_REQUESTS = [
    ('GET', ''), ('GET', '?list-type=2'), ('GET', '?versions'), ('GET', '?acl'), ('GET', '?cors'), ('GET', '?lifecycle'),
    ('GET', '?policy'), ('DELETE', ''), ('DELETE', '?cors'),
]


def test_a_bucket_that_comes_later_is_nobodys_but_its_owners(strict, alice, bystander):
    held = [Held(strict, method, '/nb-later/secret' + query) for method, query in REQUESTS]
    held += [Held(strict, method, '/nb-later' + query) for method, query in BUCKET_REQUESTS]
    held += [Held(strict, 'PUT', '/nb-later/copy', headers='x-amz-copy-source: /nb-later/secret\r\n'),
             Held(strict, 'POST', '/nb-later?delete', b'<Delete><Object><Key>secret</Key></Object></Delete>')]
    settle(strict)
    alice.create_bucket(Bucket='nb-later')
    alice.put_object(Bucket='nb-later', Key='secret', Body=b'top secret bytes')
    answers = [request.let_go() for request in held]
    # DeleteObjects says for each key what became of it.
    assert answers[-1].startswith(b'HTTP/1.1 200') and b'<Code>AccessDenied</Code>' in answers[-1]
    assert b'<Deleted>' not in answers.pop()
    for answer in answers:
        assert answer.startswith(b'HTTP/1.1 4') and b'top secret' not in answer, answer
    assert alice.get_object(Bucket='nb-later', Key='secret')['Body'].read() == b'top secret bytes'
    assert [entry['Key'] for entry in alice.list_objects_v2(Bucket='nb-later')['Contents']] == ['secret']


def test_a_grant_that_is_taken_back(strict, alice, bystander):
    alice.create_bucket(Bucket='lent')
    alice.put_object(Bucket='lent', Key='k', Body=b'top secret bytes', ACL='public-read')
    held = Held(strict, 'GET', '/lent/k')
    settle(strict)
    alice.put_object_acl(Bucket='lent', Key='k', ACL='private')
    answer = held.let_go()
    assert answer.startswith(b'HTTP/1.1 403') and b'top secret' not in answer


@pytest.mark.parametrize('method', ['get_object', 'put_object', 'delete_object'])
def test_a_presigned_url_that_expires_meanwhile(strict, alice, bystander, method):
    if method == 'get_object':
        alice.create_bucket(Bucket='presigned')
    alice.put_object(Bucket='presigned', Key='k', Body=b'top secret bytes')
    url = signing_client(strict, 'alice', signature_version='s3v4').generate_presigned_url(
        method, Params={'Bucket': 'presigned', 'Key': 'k'}, ExpiresIn=2)
    end = time.time() + 2
    held = Held(strict, method.split('_')[0].upper(), url.split(str(strict.s3_port))[1])
    settle(strict)
    until(lambda: time.time() > end + 1, 'the URL to expire')
    answer = held.let_go()
    assert answer.startswith(b'HTTP/1.1 403') and b'Request has expired' in answer, answer
    assert alice.get_object(Bucket='presigned', Key='k')['Body'].read() == b'top secret bytes'
