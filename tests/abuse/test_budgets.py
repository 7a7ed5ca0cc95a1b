"""Peers without credentials that send and hold what they like, and what that costs."""
import concurrent.futures
import datetime
import time

import pytest

from support.accounts import signing_client
from support.attacker import Attack, attacking
from support.server import read_all, set_pitr, until

MIB_KB = 1024
CONNECTIONS = 1200  # with 10,000: bench/abuse.py

HEAD = 'Host: x\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\n'


def head_that_claims(key):
    """What is known of an account is the ID of its key: it stands in every presigned URL."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (f'X-Amz-Date: {now:%Y%m%dT%H%M%SZ}\r\nAuthorization: AWS4-HMAC-SHA256 '
            f'Credential={key}/{now:%Y%m%d}/us-east-1/dynamodb/aws4_request, '
            f'SignedHeaders=host;x-amz-date;x-amz-target, Signature={"0" * 64}\r\n')


def attack(server, name, count=CONNECTIONS):
    s3, dynamodb = server.s3_port, server.port
    mib = 1 << 20
    return {
        # Half of a document each.
        'xml bodies': Attack(s3, count, b'POST /any?delete HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n',
                             b'<Delete>', 4 * mib - mib // 2),
        'json bodies': Attack(dynamodb, count,
                              f'POST / HTTP/1.1\r\n{HEAD}Content-Length: 16777216\r\n\r\n'.encode(), b'[[],[],', 8 * mib),
        'whole json bodies': Attack(dynamodb, count // 10,
                                    f'POST / HTTP/1.1\r\n{HEAD}Content-Length: 16777216\r\n\r\n'.encode(), b'[[],[],',
                                    16 * mib, repeat=True),
        'bodies in the name of another': Attack(
            dynamodb, count // 2, f'POST / HTTP/1.1\r\n{HEAD}{head_that_claims("GOOD")}Content-Length: 16777216\r\n\r\n'.encode(),
            b'[[],[],', 8 * mib),
        'forms': Attack(s3, count, b'POST /any HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n'
                        b'Content-Length: 4000000\r\n\r\n--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n', b'k',
                        15_000),
        'heads': Attack(s3, count, b'GET / HTTP/1.1\r\nHost: x\r\nX-Long: ', b'x', 60_000),
        'bodies nobody asked for': Attack(s3, count, b'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n',
                                          b'x', 4 * mib),
        'answers nobody reads': Attack(
            s3, count, b'GET /?' + b'a' * 10_000 + b' HTTP/1.1\r\nHost: x\r\n'
            b'Authorization: AWS4-HMAC-SHA256 Credential=GOOD/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, '
            b'Signature=0\r\nx-amz-date: 20260101T000000Z\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n\r\n', reads=False),
    }[name]


def settled(server, seconds=2.0):
    """Gives the attack the time that it takes to fill whatever it can."""
    end = time.monotonic() + seconds

    def is_over():
        assert server.memory_kb() < 512 * MIB_KB
        return time.monotonic() > end
    until(is_over, 'the attack')


@pytest.mark.parametrize('name', ['xml bodies', 'json bodies', 'whole json bodies', 'bodies in the name of another', 'forms',
                                  'heads', 'bodies nobody asked for', 'answers nobody reads'])
def test_memory_that_strangers_hold(strict, good, bystander, name):
    with attacking(attack(strict, name)) as counts:
        settled(strict)
        assert strict.memory_kb('VmHWM') < 512 * MIB_KB
    assert counts['made'] >= CONNECTIONS // 10


def test_memory_comes_back(strict, good, bystander):
    attacks = [attack(strict, name) for name in ('xml bodies', 'json bodies', 'heads')]
    with attacking(*attacks):
        settled(strict)
    until(lambda: strict.memory_kb() < 200 * MIB_KB, 'memory to come back')


def test_a_known_account_has_room_among_strangers(strict, good, alice):
    """Bodies of megabytes, while strangers hold all they can."""
    alice.create_bucket(Bucket='room')
    keys = [{'Key': f'{i}-{"k" * 900}'} for i in range(1000)]
    with attacking(attack(strict, 'xml bodies'), attack(strict, 'json bodies')):
        settled(strict)
        for _ in range(10):
            answer = alice.delete_objects(Bucket='room', Delete={'Objects': keys})
            assert len(answer['Deleted']) == len(keys)
            alice.put_object(Bucket='room', Key='large', Body=b'x' * 5_000_000)


def test_a_name_alone_makes_nobody_known(strict, good, alice):
    """Whoever has proved once who he is has room for large requests on that connection, whatever others claim to be."""
    client = signing_client(strict, 'good', 'dynamodb')  # which never retries
    client.create_table(TableName='claimed', BillingMode='PAY_PER_REQUEST',
                        AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                        KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])
    with attacking(attack(strict, 'bodies in the name of another')):
        settled(strict)
        for batch in range(20):
            answer = client.batch_write_item(RequestItems={'claimed': [
                {'PutRequest': {'Item': {'pk': {'S': f'{batch}-{n}'}, 'v': {'S': 'x' * 100_000}}}} for n in range(10)]})
            assert answer['UnprocessedItems'] == {}


def test_memory_for_a_large_collection_of_the_past(own):
    """A local index of the past is made again for each page: that must not take what the collection has."""
    wire = own.wire()
    wire.call('CreateTable', {
        'TableName': 'Past', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': type}
                                 for name, type in (('pk', 'S'), ('sk', 'N'), ('rank', 'N'))],
        'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
        'LocalSecondaryIndexes': [{
            'IndexName': 'byRank', 'Projection': {'ProjectionType': 'ALL'},
            'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'rank', 'KeyType': 'RANGE'}]}]})
    set_pitr(wire, 'Past', True)
    for first in range(0, 1500, 25):
        wire.call('BatchWriteItem', {'RequestItems': {'Past': [
            {'PutRequest': {'Item': {'pk': {'S': 'a'}, 'sk': {'N': str(n)}, 'rank': {'N': str(n * 7 % 1500)},
                                     'fat': {'S': 'x' * 30_000}}}} for n in range(first, first + 25)]}})
    then = wire.call('CreateBackup', {'TableName': 'Past', 'BackupName': 'then'})['BackupDetails']['BackupCreationDateTime']
    wire.headers['X-Tidemark-As-Of'] = f'{then:.3f}'
    before = own.memory_kb()
    query = {'TableName': 'Past', 'IndexName': 'byRank', 'KeyConditionExpression': 'pk = :a',
             'ExpressionAttributeValues': {':a': {'S': 'a'}}}
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(lambda _: first_page(own, wire.headers, query), range(32)))
    assert own.memory_kb('VmHWM') - before < 256 * MIB_KB
    assert all([item['rank']['N'] for item in page['Items']] == [str(n) for n in range(len(page['Items']))] for page in pages)
    items = read_all(wire, 'Query', query)
    assert [int(item['rank']['N']) for item in items] == list(range(1500))
    wire.close()


def first_page(server, headers, query):
    wire = server.wire()
    wire.headers = headers
    page = wire.call('Query', query)
    wire.close()
    return page
