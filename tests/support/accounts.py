"""Servers that verify signatures, and clients that sign."""
import boto3
from botocore.config import Config

from support.good_client import GoodClient
from support.server import REGION


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
