"""Servers that run out of file descriptors, or nearly."""
import os
import random
import resource

import boto3
import pytest
from botocore.config import Config

from support.accounts import signing_client, signing_good_client
from support.attacker import Attack, attacking
from support.server import REGION, running, until

FILES_MAX = 400


@pytest.fixture
def narrow(credentials):
    """A server with few descriptors, so that few connections use them up."""
    with running(args=['--auth', 'strict', '--credentials', str(credentials)], files_max=FILES_MAX) as server:
        yield server


def descriptors(server):
    return len(os.listdir(f'/proc/{server.pid}/fd'))


@pytest.mark.parametrize('head', [b'', b'GET /', b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf'],
                         ids=['silent', 'half a head', 'half a body'])
def test_more_connections_than_there_can_be(narrow, head):
    good = signing_good_client(narrow)
    calm = good.calm(0.3)
    with attacking(Attack(narrow.port, FILES_MAX, head), Attack(narrow.s3_port, FILES_MAX, head)) as counts:
        until(lambda: descriptors(narrow) > FILES_MAX // 3, 'the connections')
        with good.watching() as watch:
            # Newcomers find a place, and writes need files.
            for i in range(20):
                s3 = signing_client(narrow, 'good')
                s3.put_object(Bucket='good', Key=f'large-{i}', Body=b'x' * 100_000)
                assert s3.get_object(Bucket='good', Key=f'large-{i}')['Body'].read(1) == b'x'
                s3.close()
            assert descriptors(narrow) < FILES_MAX
        watch.measured.check(calm)
    assert counts['closed'] > FILES_MAX
    assert narrow.is_running()


def test_downloads_that_nobody_takes(narrow):
    """Each holds a file, and the log, the state and new connections need some too."""
    good = signing_good_client(narrow)
    s3 = signing_client(narrow, 'good')
    s3.put_object(Bucket='good', Key='large', Body=b'x' * 20_000_000, ACL='public-read')
    calm = good.calm(0.3)
    request = b'GET /good/large HTTP/1.1\r\nHost: x\r\n\r\n'
    with attacking(Attack(narrow.s3_port, FILES_MAX, request, reads=False)):
        with good.watching() as watch:
            dynamodb = signing_client(narrow, 'good', 'dynamodb')
            for i in range(200):
                dynamodb.put_item(TableName='good', Item={'pk': {'S': f'{i}'}, 'value': {'S': 'x' * 100_000}})
        watch.measured.check(calm)
    assert narrow.is_running()


def test_a_server_that_has_none_left_goes_on_when_it_has_some(credentials):
    """Below what the plan leaves over: whatever fails, the process stays, and nothing acknowledged is lost."""
    with running(args=['--auth', 'strict', '--credentials', str(credentials)], files_max=FILES_MAX) as server:
        good = signing_good_client(server)
        used = descriptors(server)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used, FILES_MAX))
        acknowledged = []
        hurried = signing_client(server, 'good', 'dynamodb', connect_timeout=1, read_timeout=1)
        with attacking(Attack(server.port, 200)):
            for i in range(15):
                try:
                    hurried.put_item(TableName='good', Item={'pk': {'S': f'{i}'}, 'value': {'S': 'x' * 300_000}})
                    acknowledged.append(f'{i}')
                except Exception:  # whatever it is: a refusal, or no connection
                    pass
        assert server.is_running()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))
        client = boto3.client('dynamodb', endpoint_url=server.endpoint, region_name=REGION, aws_access_key_id='GOOD',
                              aws_secret_access_key='good-secret', config=Config(retries={'total_max_attempts': 5}))
        client.put_item(TableName='good', Item={'pk': {'S': 'last'}})
        for key in acknowledged:
            assert 'Item' in client.get_item(TableName='good', Key={'pk': {'S': key}})
        assert not good.calm(0.3).errors


def test_flushes_and_compactions_without_descriptors(credentials):
    """Writes of tens of megabytes: the state is written to new files, which there cannot be."""
    with running(args=['--auth', 'strict', '--credentials', str(credentials)], files_max=FILES_MAX) as server:
        client = signing_client(server, 'good', 'dynamodb')
        client.create_table(TableName='large', BillingMode='PAY_PER_REQUEST',
                            AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                            KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (descriptors(server), FILES_MAX))
        acknowledged, refused = [], set()
        for i in range(160):
            try:
                client.put_item(TableName='large', Item={'pk': {'S': f'{i}'}, 'value': {'S': f'{i} ' + 'x' * 390_000}})
                acknowledged.append(f'{i}')
            except client.exceptions.ClientError as error:
                refused.add(error.response['ResponseMetadata']['HTTPStatusCode'])
        assert len(acknowledged) > 50
        assert refused <= {503}
        assert server.is_running()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))

        def is_written():
            try:
                client.put_item(TableName='large', Item={'pk': {'S': 'last'}})
                return True
            except client.exceptions.ClientError:
                return False
        until(is_written, 'writes to come back')
        for key in acknowledged:
            value = client.get_item(TableName='large', Key={'pk': {'S': key}})['Item']['value']['S']
            assert value.startswith(f'{key} ')


def test_objects_without_descriptors(credentials):
    """Small ones: what the store keeps of them is written to new files, which there cannot be."""
    with running(args=['--auth', 'strict', '--credentials', str(credentials)], files_max=FILES_MAX) as server:
        s3 = signing_client(server, 'good')
        s3.create_bucket(Bucket='small')

        def is_put(key):
            try:
                s3.put_object(Bucket='small', Key=key, Body=b'x', Metadata={'more': random.randbytes(750).hex()})
                return True
            except s3.exceptions.ClientError as refused:
                assert refused.response['ResponseMetadata']['HTTPStatusCode'] == 503
                return False
        assert is_put('before')
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (descriptors(server), FILES_MAX))
        acknowledged = [key for key in (f'{n:05}' for n in range(3000)) if is_put(key)]
        assert 1000 < len(acknowledged) < 3000
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (FILES_MAX, FILES_MAX))
        until(lambda: is_put('last'), 'objects that can be put again', seconds=3)
        pages = s3.get_paginator('list_objects_v2').paginate(Bucket='small')
        assert [entry['Key'] for page in pages for entry in page['Contents']] == [*acknowledged, 'before', 'last']
