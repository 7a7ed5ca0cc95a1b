"""What a browser sees: preflights and the headers of answers, on the wire."""
import http.client

import pytest

from support.server import running

VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'
RULES = [{'AllowedOrigins': ['http://app.example'], 'AllowedMethods': ['GET', 'PUT'], 'AllowedHeaders': ['*'],
          'ExposeHeaders': ['ETag'], 'MaxAgeSeconds': 60}]


def send(server, method, path, headers, host=None, port=None):
    connection = http.client.HTTPConnection('127.0.0.1', port or server.s3_port, timeout=30)
    try:
        connection.request(method, path, headers={'Host': host or f'127.0.0.1:{server.s3_port}', **headers})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def preflight(server, path, origin='http://app.example', method='PUT', headers='authorization,x-amz-date', **where):
    return send(server, 'OPTIONS', path, {'Origin': origin, 'Access-Control-Request-Method': method,
                                          'Access-Control-Request-Headers': headers}, **where)


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={'CORSRules': RULES})
    s3.put_object(Bucket=name, Key='k', Body=b'v')
    return name


def test_a_granted_preflight(shared, bucket):
    virtual_host = {'host': f'{bucket}.localhost:{shared.s3_port}'}
    places = [(f'/{bucket}/k', {}), ('/k', virtual_host), (f'/{bucket}', {}), ('/', virtual_host),
              (f'/{bucket}/k', {'port': shared.port})]
    for path, where in places:
        status, headers, body = preflight(shared, path, **where)
        assert (status, body) == (200, ''), path
        assert headers['Access-Control-Allow-Origin'] == 'http://app.example'
        assert headers['Access-Control-Allow-Methods'] == 'GET, PUT'
        assert headers['Access-Control-Allow-Headers'] == 'authorization, x-amz-date'
        assert headers['Access-Control-Expose-Headers'] == 'ETag'
        assert headers['Access-Control-Max-Age'] == '60'
        assert headers['Access-Control-Allow-Credentials'] == 'true'
        assert headers['Vary'] == VARY


def test_refused_preflights(shared, s3, bucket):
    s3.create_bucket(Bucket=bucket + '-plain')
    for path, asked, message in [
            (f'/{bucket}/k', {'origin': 'http://other.example'}, 'This CORS request is not allowed.'),
            (f'/{bucket}/k', {'method': 'DELETE'}, 'This CORS request is not allowed.'),
            (f'/{bucket}-plain/k', {}, 'CORS is not enabled for this bucket.')]:
        status, headers, body = preflight(shared, path, **asked)
        assert status == 403
        assert '<Code>AccessForbidden</Code>' in body
        assert 'CORSResponse: ' + message in body
        assert 'Access-Control-Allow-Origin' not in headers
    status, _, body = send(shared, 'OPTIONS', f'/{bucket}/k', {})
    assert (status, 'Origin request header needed' in body) == (400, True)


def test_answers(shared, bucket):
    app = {'Origin': 'http://app.example'}
    for method, path, expected in [('GET', f'/{bucket}/k', 200), ('GET', f'/{bucket}/none', 404),
                                   ('PUT', f'/{bucket}/k', 200), ('GET', f'/{bucket}?list-type=2', 200)]:
        status, headers, _ = send(shared, method, path, app)
        assert status == expected
        assert headers['Access-Control-Allow-Origin'] == 'http://app.example'
        assert headers['Access-Control-Expose-Headers'] == 'ETag'
        assert headers['Vary'] == VARY
    _, headers, _ = send(shared, 'GET', f'/{bucket}/k', {'Origin': 'http://other.example'})
    assert 'Access-Control-Allow-Origin' not in headers
    _, headers, _ = send(shared, 'GET', f'/{bucket}/k', {})
    assert 'Access-Control-Allow-Origin' not in headers


def test_any_origin():
    with running(args=['--s3-cors-any-origin']) as server:
        for path in ('/', '/b', '/b/k'):
            status, headers, _ = preflight(server, path, origin='null', method='DELETE')
            assert status == 200
            assert headers['Access-Control-Allow-Origin'] == '*'
        status, headers, _ = send(server, 'GET', '/b/k', {'Origin': 'null'})
        assert status == 404
        assert headers['Access-Control-Allow-Origin'] == '*'
        assert 'ETag' in headers['Access-Control-Expose-Headers']
