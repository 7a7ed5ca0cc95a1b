"""Servers that verify signatures, and clients that sign."""
import json
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from support.good_client import GoodClient
from support.server import REGION, Failed


def write_credentials(path, accounts):
    """A file for --credentials. `accounts` are account ids by name."""
    path.write_text(''.join(
        f'[{name}]\naws_access_key_id = {name.upper()}\naws_secret_access_key = {name}-secret\naccount_id = {account}\n'
        for name, account in accounts.items()))
    return path


def signing_client(server, name, service='s3', **config):
    """A boto3 client of an account of write_credentials() that never retries."""
    endpoint = server.s3_endpoint if service == 's3' else server.endpoint
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id=name.upper(),
        aws_secret_access_key=f'{name}-secret',
        config=Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'}, **config))


def signing_good_client(server):
    """The well-behaved client of a server that knows the account `good`."""
    return GoodClient(server, 'GOOD', 'good-secret').prepare(
        signing_client(server, 'good', 'dynamodb'), signing_client(server, 'good'))


def call_signed(server, name, operation, region=REGION, **parameters):
    """An operation of DynamoDB as an account of write_credentials(), also one that Debian's boto3 does not know. Raises
    Failed."""
    body = json.dumps(parameters).encode()
    request = AWSRequest('POST', server.endpoint + '/', data=body, headers={
        'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': f'DynamoDB_20120810.{operation}'})
    SigV4Auth(Credentials(name.upper(), f'{name}-secret'), 'dynamodb', region).add_auth(request)
    try:
        with urllib.request.urlopen(urllib.request.Request(
                request.url, data=body, headers=dict(request.headers.items()))) as answer:
            return json.loads(answer.read() or b'{}')
    except urllib.error.HTTPError as error:
        raise Failed(error.code, error.read()) from None
