"""Requests whose body is held back while what they are about changes."""
import base64
import hashlib
import json
import select
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

    def is_answered(self):
        return bool(select.select([self._socket], [], [], 0)[0])

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
    ('GET', ''), ('GET', '?acl'), ('GET', '?tagging'), ('DELETE', ''),
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
    assert [request.is_answered() for request in held] == [False] * len(held)
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


def test_a_bucket_that_goes_and_comes_again_is_nobodys_but_its_owners(strict, alice, bystander):
    alice.create_bucket(Bucket='swapped', ACL='public-read-write')
    held = [Held(strict, 'PUT', '/swapped/k', b'stolen bytes'), Held(strict, 'PUT', '/swapped/other', b'stolen bytes')]
    settle(strict)
    assert [request.is_answered() for request in held] == [False, False]
    alice.delete_bucket(Bucket='swapped')
    alice.create_bucket(Bucket='swapped')
    alice.put_object(Bucket='swapped', Key='k', Body=b'top secret bytes')
    for request in held:
        assert request.let_go().startswith(b'HTTP/1.1 403')
    assert alice.get_object(Bucket='swapped', Key='k')['Body'].read() == b'top secret bytes'
    assert [entry['Key'] for entry in alice.list_objects_v2(Bucket='swapped')['Contents']] == ['k']


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


# Whether these may be done can depend on their bodies.
JUDGED_BY_BODY = ['/k?tagging', '/k?retention', '/k?legal-hold', '?ownershipControls', '?object-lock']


class Awaiting:
    """An anonymous PUT that asks whether its body is wanted."""

    def __init__(self, server, target, body=b'x'):
        self._body = body
        self._socket = socket.create_connection(('127.0.0.1', server.s3_port), timeout=30)
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        self._socket.sendall(f'PUT {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.s3_port}\r\nContent-MD5: {digest}\r\n'
                             f'Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n'.encode())

    def status(self):
        """Of the next answer."""
        received = b''
        while b'\r\n\r\n' not in received:
            piece = self._socket.recv(65536)
            assert piece, received
            received += piece
        return int(received.split(b' ')[1])

    def statuses(self):
        """Of all answers; the body is sent if it is wanted."""
        statuses = [self.status()]
        if statuses == [100]:
            self._socket.sendall(self._body)
            statuses.append(self.status())
        self._socket.close()
        return statuses


@pytest.mark.parametrize('target', JUDGED_BY_BODY)
def test_whom_no_body_could_help_is_refused_at_the_head(strict, alice, bystander, target):
    alice.create_bucket(Bucket='heads')
    alice.put_object(Bucket='heads', Key='k', Body=b'bytes')
    assert Awaiting(strict, '/heads' + target).statuses() == [403]
    assert Awaiting(strict, '/no-such-bucket' + target).statuses() == [404]


@pytest.mark.parametrize('denies', [False, True])
def test_who_may_be_allowed_by_the_body_is_asked_for_it(strict, alice, bystander, denies):
    """Allowed with one value of a tag, or denied with the other."""
    alice.create_bucket(Bucket='asked')
    alice.put_object(Bucket='asked', Key='k', Body=b'bytes')
    statement = {'Effect': 'Allow', 'Principal': '*', 'Action': 's3:PutObjectTagging', 'Resource': 'arn:aws:s3:::asked/*'}

    def condition(value):
        return {'Condition': {'StringEquals': {'s3:RequestObjectTag/class': value}}}

    statements = [statement, {**statement, 'Effect': 'Deny', **condition('secret')}] if denies else [
        {**statement, **condition('open')}]
    alice.put_bucket_policy(Bucket='asked', Policy=json.dumps({'Version': '2012-10-17', 'Statement': statements}))

    def tag(value):
        body = f'<Tagging><TagSet><Tag><Key>class</Key><Value>{value}</Value></Tag></TagSet></Tagging>'
        return Awaiting(strict, '/asked/k?tagging', body.encode()).statuses()

    assert tag('open') == [100, 200]
    assert tag('secret') == [100, 403]
    # What is denied to all, whatever they send.
    statements.append({**statement, 'Effect': 'Deny'})
    alice.put_bucket_policy(Bucket='asked', Policy=json.dumps({'Version': '2012-10-17', 'Statement': statements}))
    assert tag('open') == [403]
