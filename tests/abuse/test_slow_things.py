"""Work that takes long, and peers that are slow, at 64 connections: the rest must not wait for it."""
import json
import time

import pytest

from support.attacker import Attack, attacking
from support.good_client import GoodClient
from support.server import create_table, set_pitr, table_request, until
from support.transfers import run_import

CONNECTIONS = 64
JSON = 'Content-Type: application/x-amz-json-1.0\r\n'


@pytest.fixture(scope='module')
def good(own):
    return GoodClient(own).prepare(own.client('dynamodb'), own.client('s3', endpoint=own.s3_endpoint))


def get(target):
    return f'GET {target} HTTP/1.1\r\nHost: x\r\n\r\n'.encode()


def downloads(server, s3):
    s3.put_object(Bucket='good', Key='large', Body=b'x' * (64 << 20))
    return Attack(server.s3_port, CONNECTIONS, get('/good/large'), repeat=True)


def slow_downloads(server, s3):
    s3.put_object(Bucket='good', Key='large', Body=b'x' * (64 << 20))
    return Attack(server.s3_port, CONNECTIONS, get('/good/large'), reads=False)


def uploads(server, _s3):
    head = b'PUT /good/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 64000000\r\n\r\n'
    return Attack(server.s3_port, CONNECTIONS, head, b'x', 64_000_000, repeat=True)


def long_queries(server, _s3):
    return Attack(server.s3_port, CONNECTIONS, get('/good/k?' + 'a&' * 7_500), repeat=True)


def many_headers(server, _s3):
    return Attack(server.s3_port, CONNECTIONS,
                  b'GET /good/k HTTP/1.1\r\nHost: x\r\n' + b'a:b\r\n' * 3_000 + b'\r\n', repeat=True)


def updates_of_a_large_item(server, _s3):
    wire = server.wire()
    wire.call('PutItem', {'TableName': 'good', 'Item': {'pk': {'S': 'large'}, 'n': {'N': '0'}, 'list': {'L': [
        {'M': {'name': {'S': 'x' * 20}, 'number': {'N': str(i)}}} for i in range(8_000)]}}})
    body = json.dumps({'TableName': 'good', 'Key': {'pk': {'S': 'large'}}, 'UpdateExpression': 'SET n = n + :one',
                       'ExpressionAttributeValues': {':one': {'N': '1'}}})
    head = (f'POST / HTTP/1.1\r\nHost: x\r\n{JSON}X-Amz-Target: DynamoDB_20120810.UpdateItem\r\n'
            f'Authorization: {wire.headers["Authorization"]}\r\nX-Amz-Date: 20260101T000000Z\r\n'
            f'Content-Length: {len(body)}\r\n\r\n{body}')
    wire.close()
    return Attack(server.port, CONNECTIONS, head.encode(), repeat=True)


def versions_of_one_key(server, s3):
    s3.create_bucket(Bucket='versions')
    s3.put_object(Bucket='versions', Key='k', Body=b'null')
    s3.put_bucket_versioning(Bucket='versions', VersioningConfiguration={'Status': 'Enabled'})
    for _ in range(2_000):
        s3.put_object(Bucket='versions', Key='k', Body=b'v')
    return Attack(server.s3_port, CONNECTIONS, get('/versions/k?versionId=null'), repeat=True)


def listings_of_versions(server, _s3):
    return Attack(server.s3_port, CONNECTIONS, get('/versions?versions'), repeat=True)


def listings_with_a_delimiter(server, s3):
    s3.create_bucket(Bucket='groups')
    for i in range(1_500):
        s3.put_object(Bucket='groups', Key=f'{i}/k', Body=b'v')
    return Attack(server.s3_port, CONNECTIONS, get('/groups?list-type=2&delimiter=/'), repeat=True)


def large_bodies(server, _s3):
    wire = server.wire()
    head = (f'POST / HTTP/1.1\r\nHost: x\r\n{JSON}X-Amz-Target: DynamoDB_20120810.BatchWriteItem\r\n'
            f'Authorization: {wire.headers["Authorization"]}\r\nX-Amz-Date: 20260101T000000Z\r\n'
            'Content-Length: 16000000\r\n\r\n')
    wire.close()
    return Attack(server.port, CONNECTIONS, head.encode(), b'[[],[],', 16_000_000, repeat=True)


def table_with_a_past(server):
    """A table of 2,000 items of 2 KB that were each written twice; returns a moment before the first write."""
    wire = server.wire()
    if 'Past' not in wire.call('ListTables', {})['TableNames']:
        create_table(wire, 'Past', pitr=True)
        wire.call('PutItem', {'TableName': 'Past', 'Item': {'pk': {'S': 'begin'}, 'at': {'N': f'{time.time():.3f}'}}})
        for turn in ('x', 'y'):
            for first in range(0, 2_000, 25):
                wire.call('BatchWriteItem', {'RequestItems': {'Past': [
                    {'PutRequest': {'Item': {'pk': {'S': str(n)}, 'fat': {'S': turn * 2_000}}}}
                    for n in range(first, first + 25)]}})
    begin = wire.call('GetItem', {'TableName': 'Past', 'Key': {'pk': {'S': 'begin'}}})['Item']['at']['N']
    wire.close()
    return begin


def reads_of_the_past(server, _s3):
    table_with_a_past(server)
    return Attack(server.port, CONNECTIONS, get(f'/_tidemark/tables/Past/as-of?time={time.time():.3f}'), repeat=True)


def reads_of_the_past_that_nobody_takes(server, _s3):
    table_with_a_past(server)
    return Attack(server.port, 4 * CONNECTIONS, get(f'/_tidemark/tables/Past/as-of?time={time.time():.3f}'), reads=False)


def differences(server, _s3):
    begin = table_with_a_past(server)
    return Attack(server.port, CONNECTIONS, get(f'/_tidemark/tables/Past/diff?from={begin}'), repeat=True)


def differences_that_nobody_takes(server, _s3):
    begin = table_with_a_past(server)
    return Attack(server.port, 4 * CONNECTIONS, get(f'/_tidemark/tables/Past/diff?from={begin}'), reads=False)


def statements_with_many_terms(server, _s3):
    table_with_a_past(server)
    wire = server.wire()
    body = json.dumps({'Statement': 'SELECT * FROM "Past" WHERE ' + ' OR '.join(f'a={n}' for n in range(700))})
    head = (f'POST / HTTP/1.1\r\nHost: x\r\n{JSON}X-Amz-Target: DynamoDB_20120810.ExecuteStatement\r\n'
            f'Authorization: {wire.headers["Authorization"]}\r\nX-Amz-Date: 20260101T000000Z\r\n'
            f'Content-Length: {len(body)}\r\n\r\n{body}')
    wire.close()
    return Attack(server.port, CONNECTIONS, head.encode(), repeat=True)


def searches_of_an_error_log(server, s3):
    s3.put_object(Bucket='good', Key='import/bad', Body=b'{"Item":{}}\n' * 20_000)
    wire = server.wire()
    imported = run_import(wire, table_request('Imported'), 'good', 'import/')
    assert imported['ErrorCount'] > 1_000
    body = json.dumps({'logGroupName': '/aws-dynamodb/imports', 'filterPattern': 'nothing'})
    head = (f'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.1\r\n'
            f'X-Amz-Target: Logs_20140328.FilterLogEvents\r\nX-Amz-Date: 20260101T000000Z\r\n'
            f'Authorization: {wire.headers["Authorization"]}\r\nContent-Length: {len(body)}\r\n\r\n{body}')
    wire.close()
    return Attack(server.port, CONNECTIONS, head.encode(), repeat=True)


@pytest.mark.parametrize('prepare', [
    reads_of_the_past, reads_of_the_past_that_nobody_takes, differences, differences_that_nobody_takes,
    statements_with_many_terms, searches_of_an_error_log, downloads, slow_downloads, uploads, long_queries, many_headers, updates_of_a_large_item, versions_of_one_key,
    listings_of_versions, listings_with_a_delimiter, large_bodies])
def test_beside(own, good, prepare):
    attack = prepare(own, own.client('s3', endpoint=own.s3_endpoint))
    calm = good.calm(0.5)
    with attacking(attack) as counts:
        with good.watching() as watch:
            until(lambda: watch.seconds() > 1.5, 'a while')
    print(counts, calm, watch.measured, own.memory_kb('VmHWM') // 1024)
    watch.measured.check(calm)
    assert counts['made'] >= CONNECTIONS
    # One body of 16 MB takes fifteen times as much while it is read, on top of those that wait.
    assert own.memory_kb() < 1024 * 1024
    until(lambda: own.memory_kb() < 512 * 1024, 'memory that comes back')
