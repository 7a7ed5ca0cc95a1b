"""Accounts of a class: keys that are accounts, limits, and the command that writes the credentials file."""
import http.client
import os
import re
import stat
import subprocess
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support.server import PROGRAM, Failed, create_table, running, table_request, until


@pytest.fixture(scope='module')
def classroom():
    with running(args=['--account-per-key']) as started:
        yield started


def refused(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response['Error']['Code']


def test_every_key_is_an_account(classroom):
    ada, bob = classroom.client('dynamodb', 'ada'), classroom.client('dynamodb', 'bob')
    create_table(classroom.wire('ada'), 'Mine')
    assert ada.list_tables()['TableNames'] == ['Mine']
    assert bob.list_tables()['TableNames'] == []
    create_table(classroom.wire('bob'), 'Mine')  # of his own
    account = classroom.client('sts', 'ada').get_caller_identity()['Account']
    assert re.fullmatch(r'\d{12}', account)
    assert f':{account}:' in ada.describe_table(TableName='Mine')['Table']['TableArn']
    assert classroom.client('sts', 'bob').get_caller_identity()['Account'] != account
    assert classroom.client('sts', '123456789012').get_caller_identity()['Account'] == '123456789012'


def test_buckets_are_apart(classroom):
    ada, bob = classroom.client('s3', 'ada'), classroom.client('s3', 'bob')
    ada.create_bucket(Bucket='lake-ada')
    ada.put_object(Bucket='lake-ada', Key='k', Body=b'hers')
    assert [b['Name'] for b in ada.list_buckets()['Buckets']] == ['lake-ada']
    assert bob.list_buckets()['Buckets'] == []
    assert refused(bob.create_bucket, Bucket='lake-ada') == 'BucketAlreadyExists'
    account = classroom.client('sts', 'bob').get_caller_identity()['Account']
    mine = classroom.client('sts', 'ada').get_caller_identity()['Account']
    assert ada.get_object(Bucket='lake-ada', Key='k', ExpectedBucketOwner=mine)['Body'].read() == b'hers'
    assert refused(ada.get_object, Bucket='lake-ada', Key='k', ExpectedBucketOwner=account) == 'AccessDenied'


def test_exports_go_into_ones_own_bucket(classroom):
    dynamodb, s3 = classroom.client('dynamodb', 'eve'), classroom.client('s3', 'eve')
    create_table(classroom.wire('eve'), 'Source', pitr=True)
    arn = dynamodb.describe_table(TableName='Source')['Table']['TableArn']
    s3.create_bucket(Bucket='lake-eve')

    def ended(bucket):
        export = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket)['ExportDescription']['ExportArn']
        found = {}

        def is_over():
            found.update(dynamodb.describe_export(ExportArn=export)['ExportDescription'])
            return found['ExportStatus'] != 'IN_PROGRESS'
        until(is_over, 'the export')
        return found

    own = ended('lake-eve')
    assert own['ExportStatus'] == 'COMPLETED'
    assert s3.list_objects_v2(Bucket='lake-eve')['KeyCount'] > 0


def test_every_form_of_a_key(classroom):
    # Signature Version 4 and 2, in the header and in presigned URLs.
    ada = classroom.client('s3', 'ada')
    ada.create_bucket(Bucket='forms')
    for signature in ('s3v4', 's3'):
        s3 = boto3.client('s3', endpoint_url=classroom.endpoint, region_name='us-east-1', aws_access_key_id='ada',
                          aws_secret_access_key='x', config=Config(signature_version=signature, s3={'addressing_style': 'path'}))
        assert 'forms' in [bucket['Name'] for bucket in s3.list_buckets()['Buckets']]
        url = s3.generate_presigned_url('list_buckets')
        with urllib.request.urlopen(url) as answer:
            assert b'<Name>forms</Name>' in answer.read()


def test_one_student_is_reset(classroom):
    create_table(classroom.wire('gone'), 'Gone')
    create_table(classroom.wire('stays'), 'Stays')
    done = subprocess.run([PROGRAM, 'reset', '--access-key', 'gone', '--port', str(classroom.port)], capture_output=True, text=True,
                          timeout=60)
    assert done.stdout == 'gone: tables 1, streams 0, backups 0, jobs 0, buckets 0\n'
    assert classroom.client('dynamodb', 'gone').list_tables()['TableNames'] == []
    assert classroom.client('dynamodb', 'stays').list_tables()['TableNames'] == ['Stays']


def test_students_change_nothing_below_tidemark(classroom):
    connection = http.client.HTTPConnection('127.0.0.1', classroom.port)
    connection.request('POST', '/_tidemark/reset', headers={'X-Forwarded-For': '10.0.0.9'})
    answer = connection.getresponse()
    assert (answer.status, b"With --account-per-key this is only for callers on the server's own machine." in answer.read()) == (
        403, True)


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
    (['--auth', 'strict', '--credentials', '/nonexistent', '--account-per-key'],
     '--account-per-key: with --auth strict the credentials file says whose a key is'),
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
