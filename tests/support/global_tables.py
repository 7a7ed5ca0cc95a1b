"""Global tables through boto3 with its default settings: clients of several regions of one server."""
import boto3
import pytest
from botocore.exceptions import ClientError

from support.server import table_request, until

NEAR, FAR, THIRD = 'us-east-1', 'eu-west-1', 'ap-northeast-1'
BOTH_IMAGES = {'StreamEnabled': True, 'StreamViewType': 'NEW_AND_OLD_IMAGES'}


def client_of(server, region, service='dynamodb'):
    return boto3.client(service, endpoint_url=server.endpoint, region_name=region, aws_access_key_id='test',
                        aws_secret_access_key='test')


def describe(client, name):
    return client.describe_table(TableName=name)['Table']


def item(key, **more):
    return {'pk': {'S': key}, **{member: {'S': text} for member, text in more.items()}}


def items(client, name):
    pages = client.get_paginator('scan').paginate(TableName=name)
    return sorted((found for page in pages for found in page['Items']), key=lambda found: found['pk']['S'])


def ask(server, region, operation, **request):
    """The answer to what Debian's boto3 does not know yet."""
    wire = server.wire(region=region)
    try:
        return wire.call(operation, request)
    finally:
        wire.close()


def describe_whole(server, region, name):
    return ask(server, region, 'DescribeTable', TableName=name)['Table']


def create(client, name, **more):
    client.create_table(**table_request(name, **more))
    client.get_waiter('table_exists').wait(TableName=name, WaiterConfig={'Delay': 1})


def add_replica(client, name, region, **settings):
    client.update_table(TableName=name, ReplicaUpdates=[{'Create': {'RegionName': region, **settings}}])
    until(lambda: status_of(client, name, region) == 'ACTIVE', f'the replica in {region}')


def status_of(client, name, region):
    return {found['RegionName']: found['ReplicaStatus'] for found in describe(client, name).get('Replicas', [])}.get(region)


def refusal(call, *arguments, **request):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **request)
    error = refused.value.response['Error']
    return error['Code'], error['Message']
