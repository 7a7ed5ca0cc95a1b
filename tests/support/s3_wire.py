"""S3 without an SDK: every header, status and byte of an answer is seen as it stands on the wire."""
import base64
import hashlib
import http.client
import re
import socket
import struct
import urllib.parse
import xml.etree.ElementTree as ElementTree
import zlib

NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'
PROLOG = b'<?xml version="1.0" encoding="UTF-8"?>'


class Answer:
    """One answer. Making it checks what every answer of S3 has in common."""

    def __init__(self, method, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        assert re.fullmatch('[0-9A-Z]{16}', self['x-amz-request-id']), self
        base64.b64decode(self['x-amz-id-2'], validate=True)
        assert re.fullmatch(r'\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT', self['Date']), self
        assert self['Content-Encoding'] is None or b'<Error>' not in body
        if self.status in (204, 304) or method == 'HEAD':
            assert body == b'', self
        else:
            assert int(self['Content-Length']) == len(body), self
        if self.status >= 400 and method != 'HEAD':
            self._check_error()

    def __getitem__(self, header):
        return self.headers.get(header)

    def __repr__(self):
        return f'{self.status}\n{self.headers}{self.body[:2000]!r}'

    def _check_error(self):
        assert self['Content-Type'] == 'application/xml', self
        assert self.body.startswith(PROLOG), self
        root = self._root()
        assert root.tag == 'Error', self
        for child in ('Code', 'Message', 'Resource', 'RequestId', 'HostId'):
            assert root.find(child) is not None, (child, self)
        assert root.findtext('RequestId') == self['x-amz-request-id'], self

    def _root(self):
        # S3 writes control characters as references, which XML 1.0 does not allow.
        return ElementTree.fromstring(re.sub(rb'&#x([1-8BCEF]|1[0-9A-F]|7F);', b'?', self.body))

    @property
    def code(self):
        """The Code of an error."""
        return self._root().findtext('Code') if self.status >= 300 and self.body else None

    def error(self, child):
        return self._root().findtext(child)

    def xml(self, root):
        """The document, which must have this root in S3's namespace, as an Xml."""
        assert self.status == 200, self
        assert self['Content-Type'] == 'application/xml', self
        assert self.body.startswith(PROLOG), self
        # Some clients search the text: no other spelling will do.
        assert f'<{root} xmlns="{NAMESPACE}"'.encode() in self.body, self
        return Xml(self._root())


class Xml:
    """An element whose children are named without the namespace."""

    def __init__(self, element):
        self._element = element

    def text(self, path):
        found = self._element.find(self._path(path))
        return None if found is None else found.text or ''

    def texts(self, path):
        return [found.text or '' for found in self._element.findall(self._path(path))]

    def all(self, path):
        return [Xml(found) for found in self._element.findall(self._path(path))]

    def names(self):
        """The names of the children, in order, each run of equal ones once."""
        names = [child.tag.split('}')[1] for child in self._element]
        return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]

    @staticmethod
    def _path(path):
        return '/'.join('{' + NAMESPACE + '}' + step for step in path.split('/'))


class S3Wire:
    """One keep-alive connection. Targets go out as they are given."""

    def __init__(self, port, host=None):
        self.port = port
        self.host = host or f'127.0.0.1:{port}'
        self._connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)

    def call(self, method, target, body=None, headers=None):
        """The Answer to one request. A body without Content-Length in `headers` gets one; a header of None is
        not sent; a list of pairs allows a header to come twice. A Content-MD5 of its own goes where S3 wants one."""
        pairs = list((headers or {}).items()) if isinstance(headers or {}, dict) else list(headers)
        names = {name.lower() for name, _ in pairs}
        if isinstance(body, str):
            body = body.encode()
        # Past http.client's own check of the target: hostile ones must reach the server.
        self._connection._validate_path = lambda url: None
        self._connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        if 'host' not in names:
            self._connection.putheader('Host', self.host)
        if body is not None and not names & {'content-length', 'transfer-encoding'}:
            self._connection.putheader('Content-Length', str(len(body)))
        # Every client sends a digest where S3 insists on one.
        needs_digest = method in ('PUT', 'POST') and re.search('[?&](delete|cors|lifecycle|tagging)(=|&|$)', target)
        if body is not None and needs_digest and not any(re.match('content-md5$|x-amz-(checksum-|trailer)', name) for name in names):
            self._connection.putheader('Content-MD5', base64_of(hashlib.md5(body).digest()))
        for name, value in pairs:
            if value is not None:
                self._connection.putheader(name, value if isinstance(value, bytes) else value.encode())
        self._connection.endheaders(body)
        response = self._connection.getresponse()
        return Answer(method, response, response.read())

    def ok(self, *arguments, **named):
        answer = self.call(*arguments, **named)
        assert answer.status in (200, 204, 206), answer
        return answer

    def close(self):
        self._connection.close()


def talk(port, data, closes=True):
    """What the server sends back for these bytes until it closes; `closes` ends our side first."""
    with socket.create_connection(('127.0.0.1', port), timeout=30) as connection:
        connection.sendall(data)
        if closes:
            connection.shutdown(socket.SHUT_WR)
        received = b''
        while True:
            piece = connection.recv(65536)
            if not piece:
                return received
            received += piece


def quote(key):
    """A key in a path."""
    return urllib.parse.quote(key, safe='/-._~')


def md5_hex(data):
    return hashlib.md5(data).hexdigest()


def base64_of(digest):
    return base64.b64encode(digest).decode()


def _crc_table(polynomial):
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


def _crc(polynomial, bits):
    table, ones = _crc_table(polynomial), (1 << bits) - 1

    def digest(data):
        value = ones
        for byte in data:
            value = value >> 8 ^ table[(value ^ byte) & 0xff]
        return (value ^ ones).to_bytes(bits // 8, 'big')
    return digest


DIGESTS = {
    'crc32': lambda data: struct.pack('>I', zlib.crc32(data)),
    'crc32c': _crc(0x82F63B78, 32),
    'crc64nvme': _crc(0x9A6C9329AC4BC9B5, 64),
    'sha1': lambda data: hashlib.sha1(data).digest(),
    'sha256': lambda data: hashlib.sha256(data).digest(),
}


def checksum(algorithm, data):
    """As it travels: base64."""
    return base64_of(DIGESTS[algorithm](data))
