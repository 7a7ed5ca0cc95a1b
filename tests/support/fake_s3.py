"""An S3 service of one process with just what exports and imports need, that misbehaves when it is told to."""
import collections
import contextlib
import hashlib
import http.server
import ssl
import threading
import urllib.parse
from xml.sax.saxutils import escape


class Fault:
    """What becomes of a request instead of, or beside, its answer."""

    def __init__(self, kind, status=503, code='SlowDown', headers=()):
        self.kind, self.status, self.code, self.headers = kind, status, code, headers


REFUSED = 'refused'        # answers an error and does nothing
CUT = 'cut'                # does it, and closes without an answer
CUT_BODY = 'cut body'      # announces the whole body and sends half of it
WRONG_ETAG = 'wrong etag'  # stores, and tells of other bytes
HANGS = 'hangs'            # never answers
LATE_ERROR = 'late error'  # answers 200 with an error in it, and does nothing


class FakeS3:
    """`faults` maps an operation (`UploadPart`) to faults for its next requests, one each; `always` to one for all."""

    def __init__(self, tls=None):
        self.objects = {}
        self.uploads = {}
        self.headers = collections.defaultdict(list)  # of requests, by operation
        self.faults = collections.defaultdict(collections.deque)
        self.always = {}
        self.buckets = {'lake'}
        self.page = 1000
        self.lock = threading.Lock()
        self.hung = threading.Event()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def handle_any(self):
                fake.handle(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f'{"https" if tls else "http"}://127.0.0.1:{self.server.server_port}'
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.hung.set()
        self.server.shutdown()
        self.server.server_close()

    def count(self, operation):
        return len(self.headers[operation])

    @staticmethod
    def operation(method, key, query):
        if not key:
            return 'ListMultipartUploads' if 'uploads' in query else 'ListObjectsV2'
        if method == 'POST':
            return 'CreateMultipartUpload' if 'uploads' in query else 'CompleteMultipartUpload'
        if method == 'PUT':
            return 'UploadPart'
        if method == 'DELETE':
            return 'AbortMultipartUpload' if 'uploadId' in query else 'DeleteObject'
        return 'HeadObject' if method == 'HEAD' else 'GetObject'

    def handle(self, request):
        body = request.rfile.read(int(request.headers.get('Content-Length', 0)))
        url = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        bucket, _, key = urllib.parse.unquote(url.path)[1:].partition('/')
        operation = self.operation(request.command, key, query)
        with self.lock:
            self.headers[operation].append(dict(request.headers.items()))
            waiting = self.faults[operation]
            fault = waiting.popleft() if waiting else self.always.get(operation)
        kind = fault.kind if fault else None
        if kind == HANGS:
            self.hung.wait(60)
            request.close_connection = True
            return
        if kind == REFUSED:
            self.answer(request, fault.status, self.error(fault.code), dict(fault.headers))
            return
        if kind == LATE_ERROR:
            self.answer(request, 200, self.error(fault.code))
            return
        with self.lock:
            status, text, headers = self.act(operation, bucket, key, query, request.headers, body)
        if kind == CUT:
            request.close_connection = True
            return
        if kind == WRONG_ETAG:
            headers['ETag'] = '"' + '0' * 32 + '"'
        self.answer(request, status, text, headers, CUT_BODY if kind == CUT_BODY else None)

    @staticmethod
    def error(code):
        return f'<Error><Code>{code}</Code><Message>told so</Message></Error>'.encode()

    @staticmethod
    def answer(request, status, body, headers=None, cut=None):
        request.send_response(status)
        for name, value in {'x-amz-request-id': 'FAKEREQUEST', **(headers or {})}.items():
            request.send_header(name, value)
        if 'Content-Length' not in (headers or {}):
            request.send_header('Content-Length', str(len(body)))
        request.end_headers()
        if request.command != 'HEAD':
            request.wfile.write(body[:len(body) // 2] if cut else body)
        request.close_connection = request.close_connection or bool(cut)

    def act(self, operation, bucket, key, query, headers, body):
        if bucket not in self.buckets:
            return 404, self.error('NoSuchBucket'), {}
        if 'uploadId' in query and query['uploadId'] not in self.uploads:
            return 404, self.error('NoSuchUpload'), {}
        return getattr(self, operation)(key, query, headers, body)

    def CreateMultipartUpload(self, key, query, headers, body):
        upload = f'upload-{len(self.headers["CreateMultipartUpload"])}-{len(self.uploads)}'
        self.uploads[upload] = (key, {})
        return 200, f'<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>'.encode(), {}

    def UploadPart(self, key, query, headers, body):
        self.uploads[query['uploadId']][1][int(query['partNumber'])] = body
        return 200, b'', {'ETag': f'"{hashlib.md5(body).hexdigest()}"'}

    def CompleteMultipartUpload(self, key, query, headers, body):
        key, parts = self.uploads.pop(query['uploadId'])
        whole = [parts[number] for number in sorted(parts)]
        sums = b''.join(hashlib.md5(part).digest() for part in whole)
        etag = f'"{hashlib.md5(sums).hexdigest()}-{len(whole)}"'
        self.objects[key] = (b''.join(whole), etag)
        return 200, (f'<CompleteMultipartUploadResult><ETag>{escape(etag)}</ETag>'
                     '</CompleteMultipartUploadResult>').encode(), {}

    def AbortMultipartUpload(self, key, query, headers, body):
        del self.uploads[query['uploadId']]
        return 204, b'', {}

    def ListMultipartUploads(self, key, query, headers, body):
        found = ''.join(f'<Upload><Key>{escape(key)}</Key><UploadId>{upload}</UploadId></Upload>'
                        for upload, (key, _) in self.uploads.items() if key.startswith(query['prefix']))
        return 200, f'<ListMultipartUploadsResult>{found}</ListMultipartUploadsResult>'.encode(), {}

    def ListObjectsV2(self, key, query, headers, body):
        after = query.get('continuation-token', '')
        found = sorted(key for key in self.objects if key.startswith(query['prefix']) and key > after)
        page = found[:self.page]
        text = ''.join(f'<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key][0])}</Size></Contents>' for key in page)
        more = '<IsTruncated>false</IsTruncated>'
        if len(found) > len(page):
            more = f'<IsTruncated>true</IsTruncated><NextContinuationToken>{escape(page[-1])}</NextContinuationToken>'
        return 200, f'<ListBucketResult>{text}{more}</ListBucketResult>'.encode(), {}

    def DeleteObject(self, key, query, headers, body):
        self.objects.pop(key, None)
        return 204, b'', {}

    def HeadObject(self, key, query, headers, body):
        if key not in self.objects:
            return 404, b'', {}
        data, etag = self.objects[key]
        return 200, b'', {'ETag': etag, 'Content-Length': str(len(data))}

    def GetObject(self, key, query, headers, body):
        if key not in self.objects:
            return 404, self.error('NoSuchKey'), {}
        data, etag = self.objects[key]
        if headers.get('If-Match', etag) != etag:
            return 412, self.error('PreconditionFailed'), {}
        begin, end = headers['Range'].removeprefix('bytes=').split('-')
        piece = data[int(begin):int(end) + 1]
        if not piece:
            return 416, self.error('InvalidRange'), {}
        return 206, piece, {'ETag': etag,
                            'Content-Range': f'bytes {begin}-{int(begin) + len(piece) - 1}/{len(data)}'}


@contextlib.contextmanager
def fake_s3(**options):
    service = FakeS3(**options)
    try:
        yield service
    finally:
        service.close()
