"""Accounts of a class: keys that are accounts, limits, and the command that writes the credentials file."""
import os
import re
import stat
import subprocess

import pytest
from botocore.exceptions import ClientError

from support.server import PROGRAM, Failed, create_table, running, table_request


def test_a_key_of_twelve_digits_is_an_account_for_buckets_too():
    with running() as server:
        one, other = server.client('s3', '111111111111'), server.client('s3', '222222222222')
        one.create_bucket(Bucket='ones')
        other.create_bucket(Bucket='others')
        server.client('s3').create_bucket(Bucket='the-servers')
        assert [b['Name'] for b in one.list_buckets()['Buckets']] == ['ones']
        assert [b['Name'] for b in other.list_buckets()['Buckets']] == ['others']
        assert [b['Name'] for b in server.client('s3', 'anything').list_buckets()['Buckets']] == ['the-servers']
        # Nobody is kept out where nobody is asked who he is.
        other.put_object(Bucket='ones', Key='k', Body=b'1')
        assert one.get_object(Bucket='ones', Key='k')['Body'].read() == b'1'
        one.head_bucket(Bucket='ones', ExpectedBucketOwner='111111111111')
        with pytest.raises(ClientError):
            one.head_bucket(Bucket='ones', ExpectedBucketOwner='222222222222')


def test_a_limit_of_tables():
    with running(args=['--account-tables-max', '2']) as server:
        wire = server.wire('111111111111')
        create_table(wire, 'TblA')
        create_table(server.wire('111111111111', 'eu-west-1'), 'TblB')  # all regions count
        with pytest.raises(Failed) as failed:
            wire.call('CreateTable', table_request('TblC'))
        assert (failed.value.status, failed.value.code) == (400, 'LimitExceededException')
        assert failed.value.message == 'Subscriber limit exceeded: This account may have 2 tables'
        # What is there already is said first, and somebody else may.
        with pytest.raises(Failed) as failed:
            wire.call('CreateTable', table_request('TblA'))
        assert failed.value.code == 'ResourceInUseException'
        create_table(server.wire('222222222222'), 'TblC')
        wire.call('DeleteTable', {'TableName': 'TblA'})
        create_table(wire, 'TblC')


def test_a_limit_of_bytes():
    with running(args=['--account-bytes-max', '10K']) as server:
        wire = server.wire('111111111111')
        create_table(wire, 'Tbl')
        big = {'S': 'x' * 6_000}
        wire.call('PutItem', {'TableName': 'Tbl', 'Item': {'pk': {'S': 'a'}, 'v': big}})
        wire.call('PutItem', {'TableName': 'Tbl', 'Item': {'pk': {'S': 'b'}, 'v': big}})
        full = 'Subscriber limit exceeded: The tables of this account may hold 10240 bytes'
        adding = [
            ('PutItem', {'TableName': 'Tbl', 'Item': {'pk': {'S': 'c'}}}),
            ('UpdateItem', {'TableName': 'Tbl', 'Key': {'pk': {'S': 'c'}}}),
            ('BatchWriteItem', {'RequestItems': {'Tbl': [{'PutRequest': {'Item': {'pk': {'S': 'c'}}}}]}}),
            ('TransactWriteItems', {'TransactItems': [{'Put': {'TableName': 'Tbl', 'Item': {'pk': {'S': 'c'}}}}]}),
            ('ExecuteStatement', {'Statement': " insert INTO Tbl VALUE {'pk':'c'}"}),
        ]
        for operation, request in adding:
            with pytest.raises(Failed) as failed:
                wire.call(operation, request)
            assert (failed.value.code, failed.value.message) == ('LimitExceededException', full), operation
        # Everything else goes on, and what makes room is room.
        assert wire.call('GetItem', {'TableName': 'Tbl', 'Key': {'pk': {'S': 'a'}}})['Item']['v'] == big
        assert wire.call('ExecuteStatement', {'Statement': "SELECT pk FROM Tbl WHERE pk='a'"})['Items'] == [{'pk': {'S': 'a'}}]
        wire.call('BatchWriteItem', {'RequestItems': {'Tbl': [{'DeleteRequest': {'Key': {'pk': {'S': 'a'}}}}]}})
        for operation, request in adding[:1]:
            wire.call(operation, request)
        wire.call('TransactWriteItems', {'TransactItems': [{'Delete': {'TableName': 'Tbl', 'Key': {'pk': {'S': 'b'}}}}]})


@pytest.mark.parametrize('flags, complaint', [
    (['--account-bytes-max', '5X'], "--account-bytes-max: '5X' is not a size (1000000, 500K, 100M or 2G)"),
    (['--account-tables-max', '-1'], '--account-tables-max'),
])
def test_wrong_flags(flags, complaint):
    done = subprocess.run([PROGRAM, 'serve', *flags], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and complaint in done.stderr


def accounts(*arguments):
    return subprocess.run([PROGRAM, 'accounts', *arguments], capture_output=True, text=True, timeout=60)


def test_a_class_is_written_and_served(tmp_path):
    file = tmp_path / 'class'
    done = accounts('add', 'student01', '--count', '3', '--credentials', str(file), '--port', '8123')
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    blocks = re.findall(r'---- (\S+) \(account (\d{12})\)\nexport AWS_ENDPOINT_URL=(\S+)\nexport AWS_ACCESS_KEY_ID=(\S+)\n'
                        r'export AWS_SECRET_ACCESS_KEY=(\S+)\nexport AWS_DEFAULT_REGION=us-east-1\n\n', done.stdout)
    assert [block[0] for block in blocks] == ['student01', 'student02', 'student03']
    assert {block[2] for block in blocks} == {'http://127.0.0.1:8123'}
    assert len({block[1] for block in blocks}) == len({block[3] for block in blocks}) == len({block[4] for block in blocks}) == 3
    before = file.read_text()
    # More come behind; one that is there is refused, and nothing is written then.
    assert accounts('add', 'teacher', '--credentials', str(file)).returncode == 0
    longer = file.read_text()
    assert longer.startswith(before)
    again = accounts('add', 'ada', 'student02', '--credentials', str(file))
    assert (again.returncode, again.stderr) == (
        1, f"tidemark: accounts: {file} has a profile 'student02' already; nothing was written\n")
    assert file.read_text() == longer
    listed = accounts('list', '--credentials', str(file))
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ['NAME', 'student01', 'student02', 'student03', 'teacher']
    assert not any(block[4] in listed.stdout for block in blocks)

    # The hand-outs do with a server of that file, by an SDK that reads the environment.
    with running(args=['--auth', 'strict', '--credentials', str(file)]) as server:
        for name, account, _, key, secret in blocks:
            environment = {**os.environ, 'AWS_ENDPOINT_URL': server.endpoint, 'AWS_ACCESS_KEY_ID': key,
                           'AWS_SECRET_ACCESS_KEY': secret, 'AWS_DEFAULT_REGION': 'us-east-1'}
            said = subprocess.run(['aws', '--endpoint-url', server.endpoint, 'sts', 'get-caller-identity', '--query', 'Account',
                                   '--output', 'text'], env=environment, capture_output=True, text=True, timeout=120)
            assert said.stdout.strip() == account, (name, said.stderr)


def test_a_broken_file_is_not_made_longer(tmp_path):
    file = tmp_path / 'class'
    file.write_text('[a]\naws_access_key_id = A\n')
    done = accounts('add', 'b', '--credentials', str(file))
    assert done.returncode == 1 and str(file) in done.stderr
    assert file.read_text() == '[a]\naws_access_key_id = A\n'
    assert accounts('remove', '--credentials', str(file)).returncode == 1
