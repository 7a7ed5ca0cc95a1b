"""Who may do what in S3: policies and ACLs between two accounts, and for the exports and imports of DynamoDB."""
import hashlib
import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from support.accounts import signing_client, write_credentials
from support.server import create_table, running, table_request, until
from support.transfers import export, read_export, run_import

ACCOUNTS = {'alice': '111111111111', 'bob': '222222222222'}
EVERYBODY = 'http://acs.amazonaws.com/groups/global/AllUsers'


def canonical(name):
    return hashlib.sha256(f'canonical-user-id:{ACCOUNTS[name]}'.encode()).hexdigest()


@pytest.fixture(scope='module')
def strict(tmp_path_factory):
    credentials = write_credentials(tmp_path_factory.mktemp('access') / 'credentials', ACCOUNTS)
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        yield server


@pytest.fixture(scope='module')
def alice(strict):
    return signing_client(strict, 'alice')


@pytest.fixture(scope='module')
def bob(strict):
    return signing_client(strict, 'bob')


@pytest.fixture
def box(alice, name):
    """A bucket of Alice's with an object of hers."""
    alice.create_bucket(Bucket=name)
    alice.put_object(Bucket=name, Key='k', Body=b'data')
    return name


def refused(call, *args, **kwargs):
    with pytest.raises(ClientError) as failure:
        call(*args, **kwargs)
    return failure.value.response['Error']['Code']


def anonymous(server, target, method='GET', body=None):
    request = urllib.request.Request(server.s3_endpoint + target, data=body, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def statement(bucket, actions, effect='Allow', principal='*', keys='*', **more):
    objects = [action for action in actions if 'Object' in action or 'Multipart' in action]
    resources = ([f'arn:aws:s3:::{bucket}/{keys}'] if objects else []) + (
        [f'arn:aws:s3:::{bucket}'] if len(objects) < len(actions) else [])
    return {'Effect': effect, 'Principal': principal, 'Action': actions, 'Resource': resources, **more}


def put_policy(s3, bucket, *statements):
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({'Version': '2012-10-17', 'Statement': statements}))


def test_what_is_alices_is_hers_alone(strict, alice, bob, box):
    assert refused(bob.get_object, Bucket=box, Key='k') == 'AccessDenied'
    assert refused(bob.list_objects_v2, Bucket=box) == 'AccessDenied'
    assert refused(bob.put_object, Bucket=box, Key='x', Body=b'') == 'AccessDenied'
    assert refused(bob.head_object, Bucket=box, Key='none') == '403'
    assert refused(bob.create_bucket, Bucket=box) == 'BucketAlreadyExists'
    assert anonymous(strict, f'/{box}/k') == 403
    assert box in [bucket['Name'] for bucket in alice.list_buckets()['Buckets']]
    assert box not in [bucket['Name'] for bucket in bob.list_buckets()['Buckets']]
    assert alice.list_objects_v2(Bucket=box, FetchOwner=True)['Contents'][0]['Owner']['ID'] == canonical('alice')


def test_a_policy_lets_others_in(strict, alice, bob, box):
    put_policy(alice, box, statement(box, ['s3:GetObject', 's3:ListBucket'], principal={'AWS': ACCOUNTS['bob']}))
    assert bob.get_object(Bucket=box, Key='k')['Body'].read() == b'data'
    assert refused(bob.get_object, Bucket=box, Key='none') == 'NoSuchKey'
    assert refused(bob.put_object, Bucket=box, Key='x', Body=b'') == 'AccessDenied'
    assert anonymous(strict, f'/{box}/k') == 403
    assert alice.get_bucket_policy_status(Bucket=box)['PolicyStatus']['IsPublic'] is False

    put_policy(alice, box, statement(box, ['s3:GetObject'], keys='open/*'))
    alice.put_object(Bucket=box, Key='open/k', Body=b'open')
    assert (anonymous(strict, f'/{box}/open/k'), anonymous(strict, f'/{box}/k')) == (200, 403)
    assert alice.get_bucket_policy_status(Bucket=box)['PolicyStatus']['IsPublic'] is True

    put_policy(alice, box, statement(box, ['s3:*Object'], 'Deny'))
    assert refused(alice.get_object, Bucket=box, Key='k') == 'AccessDenied'
    url = alice.generate_presigned_url('get_object', {'Bucket': box, 'Key': 'k'})
    assert urllib.request.Request(url).host and anonymous(strict, url.removeprefix(strict.s3_endpoint)) == 403
    alice.delete_bucket_policy(Bucket=box)
    assert anonymous(strict, url.removeprefix(strict.s3_endpoint)) == 200


def test_a_policy_is_its_owners_business_alone(alice, bob, box):
    everything = statement(box, ['s3:ListBucket', 's3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'])
    put_policy(alice, box, everything)
    deny = json.dumps({'Version': '2012-10-17', 'Statement': [{**everything, 'Effect': 'Deny'}]})
    assert refused(bob.put_bucket_policy, Bucket=box, Policy=deny) == 'MethodNotAllowed'
    assert refused(bob.get_bucket_policy, Bucket=box) == 'MethodNotAllowed'
    assert refused(bob.delete_bucket_policy, Bucket=box) == 'MethodNotAllowed'
    assert bob.list_objects_v2(Bucket=box)['KeyCount'] == 1
    assert 'Allow' in alice.get_bucket_policy(Bucket=box)['Policy']


def test_conditions_see_the_request(strict, alice, box):
    here = {'IpAddress': {'aws:SourceIp': '127.0.0.0/8'}}
    put_policy(alice, box, statement(box, ['s3:GetObject'], Condition=here))
    assert anonymous(strict, f'/{box}/k') == 200
    put_policy(alice, box, statement(box, ['s3:GetObject'], Condition={'NotIpAddress': here['IpAddress']}))
    assert anonymous(strict, f'/{box}/k') == 403
    # Loopback counts as secure.
    put_policy(alice, box, statement(box, ['s3:GetObject'], 'Deny',
                                     Condition={'Bool': {'aws:SecureTransport': 'false'}}))
    assert alice.get_object(Bucket=box, Key='k')['Body'].read() == b'data'
    put_policy(alice, box, statement(box, ['s3:PutObject'], 'Deny',
                                     Condition={'StringNotEquals': {'s3:x-amz-storage-class': 'STANDARD_IA'}}))
    assert refused(alice.put_object, Bucket=box, Key='x', Body=b'') == 'AccessDenied'
    alice.put_object(Bucket=box, Key='x', Body=b'', StorageClass='STANDARD_IA')


def test_acls_let_others_in(strict, alice, bob, box):
    alice.put_object_acl(Bucket=box, Key='k', ACL='public-read')
    assert anonymous(strict, f'/{box}/k') == 200
    grants = alice.get_object_acl(Bucket=box, Key='k')['Grants']
    assert [grant['Grantee'].get('URI') for grant in grants] == [None, EVERYBODY]
    alice.put_object_acl(Bucket=box, Key='k', GrantRead=f'id="{canonical("bob")}"')
    assert anonymous(strict, f'/{box}/k') == 403
    assert bob.get_object(Bucket=box, Key='k')['Body'].read() == b'data'
    assert refused(bob.put_object_acl, Bucket=box, Key='k', ACL='private') == 'AccessDenied'

    acl = alice.get_bucket_acl(Bucket=box)
    acl['Grants'].append({'Grantee': {'Type': 'CanonicalUser', 'ID': canonical('bob')}, 'Permission': 'WRITE'})
    alice.put_bucket_acl(Bucket=box, AccessControlPolicy={'Owner': acl['Owner'], 'Grants': acl['Grants']})
    bob.put_object(Bucket=box, Key='bobs', Body=b'bob')
    assert refused(alice.get_object, Bucket=box, Key='bobs') == 'AccessDenied'
    bob.put_object_acl(Bucket=box, Key='bobs', ACL='bucket-owner-full-control')
    assert alice.get_object(Bucket=box, Key='bobs')['Body'].read() == b'bob'
    assert alice.get_object_acl(Bucket=box, Key='bobs')['Owner']['ID'] == canonical('bob')


def test_copies_and_deletions_of_many(alice, bob, box, name):
    bob.create_bucket(Bucket=name[:50] + '-bob')
    source = {'Bucket': box, 'Key': 'k'}
    assert refused(bob.copy_object, Bucket=name[:50] + '-bob', Key='k', CopySource=source) == 'AccessDenied'
    put_policy(alice, box, statement(box, ['s3:GetObject'], principal={'CanonicalUser': canonical('bob')}),
               statement(box, ['s3:DeleteObject'], principal={'AWS': f'arn:aws:iam::{ACCOUNTS["bob"]}:root'},
                         keys='tmp/*'))
    bob.copy_object(Bucket=name[:50] + '-bob', Key='k', CopySource=source)
    alice.put_object(Bucket=box, Key='tmp/1', Body=b'')
    answer = bob.delete_objects(Bucket=box, Delete={'Objects': [{'Key': 'k'}, {'Key': 'tmp/1'}]})
    assert [entry['Key'] for entry in answer['Deleted']] == ['tmp/1']
    assert [(entry['Key'], entry['Code']) for entry in answer['Errors']] == [('k', 'AccessDenied')]


def test_public_access_blocks_and_ownership(strict, alice, box):
    alice.put_public_access_block(Bucket=box, PublicAccessBlockConfiguration={
        'BlockPublicAcls': True, 'IgnorePublicAcls': False, 'BlockPublicPolicy': True, 'RestrictPublicBuckets': False})
    assert refused(alice.put_object_acl, Bucket=box, Key='k', ACL='public-read') == 'AccessDenied'
    with pytest.raises(ClientError):
        put_policy(alice, box, statement(box, ['s3:GetObject']))
    assert alice.get_public_access_block(Bucket=box)['PublicAccessBlockConfiguration']['BlockPublicPolicy'] is True
    alice.delete_public_access_block(Bucket=box)
    assert refused(alice.get_public_access_block, Bucket=box) == 'NoSuchPublicAccessBlockConfiguration'

    rules = {'Rules': [{'ObjectOwnership': 'BucketOwnerEnforced'}]}
    alice.put_bucket_ownership_controls(Bucket=box, OwnershipControls=rules)
    assert alice.get_bucket_ownership_controls(Bucket=box)['OwnershipControls'] == rules
    assert refused(alice.put_object_acl, Bucket=box, Key='k', ACL='public-read') == 'AccessControlListNotSupported'
    alice.put_object(Bucket=box, Key='k', Body=b'', ACL='bucket-owner-full-control')
    alice.delete_bucket_ownership_controls(Bucket=box)
    alice.put_object_acl(Bucket=box, Key='k', ACL='public-read')


@pytest.mark.parametrize('policy, message', [
    ('', 'Request body is empty.'),
    ('no', "Policies must be valid JSON and the first byte must be '{'"),
    ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::x"}]}',
     'Missing required field Principal'),
    ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
     'Policy has invalid resource'),
    ('{' + ' ' * 20480 + '}', 'Policy exceeds the maximum allowed document size.'),
])
def test_policies_that_are_refused(alice, box, policy, message):
    with pytest.raises(ClientError) as failure:
        alice.put_bucket_policy(Bucket=box, Policy=policy)
    assert failure.value.response['Error']['Message'] == message


def test_a_policy_outlives_the_server(own_server, name):
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    s3.create_bucket(Bucket=name)
    put_policy(s3, name, statement(name, ['s3:GetObject'], 'Deny'))
    own_server.kill()
    own_server.start()
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    s3.put_object(Bucket=name, Key='k', Body=b'')
    assert refused(s3.get_object, Bucket=name, Key='k') == 'AccessDenied'


# Exports and imports.

def exported(wire, arn, bucket, **more):
    ended = export(wire, arn, bucket, **more)
    return ended['ExportStatus'], ended.get('FailureCode'), ended


class Signed:
    """Calls DynamoDB as `wire` does, with an account's signature."""

    def __init__(self, server, name):
        self.client = signing_client(server, name, 'dynamodb')

    def call(self, operation, request):
        snake = ''.join('_' + c.lower() if c.isupper() else c for c in operation).lstrip('_')
        return getattr(self.client, snake)(**request)


def make_table(dynamodb, name):
    arn = dynamodb.call('CreateTable', table_request(name))['TableDescription']['TableArn']
    until(lambda: dynamodb.call('DescribeTable', {'TableName': name})['Table']['TableStatus'] == 'ACTIVE', 'the table')
    dynamodb.call('UpdateContinuousBackups', {
        'TableName': name, 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
    dynamodb.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': 'a'}}})
    return arn


@pytest.fixture(scope='module')
def alices(strict):
    return Signed(strict, 'alice')


@pytest.fixture(scope='module')
def table(alices):
    return make_table(alices, 'access')


def test_an_export_to_the_bucket_of_another_account(strict, alice, bob, alices, table, name):
    bob.create_bucket(Bucket=name)
    status, code, ended = exported(alices, table, name)
    assert (status, code) == ('FAILED', 'S3AccessDenied')
    assert ended['FailureMessage'].startswith('Access Denied (Service: Amazon S3; Status Code: 403; ')
    assert 'Contents' not in bob.list_objects_v2(Bucket=name)
    assert exported(alices, table, name, S3BucketOwner=ACCOUNTS['alice'])[1] == 'S3AccessDenied'

    to_alice = {'AWS': ACCOUNTS['alice']}
    put_policy(bob, name, statement(name, ['s3:PutObject'], principal=to_alice))
    assert exported(alices, table, name)[1] == 'S3AccessDenied', 'it gives its objects an ACL'
    put_policy(bob, name, statement(name, ['s3:PutObject', 's3:PutObjectAcl'], principal=to_alice,
                                    Condition={'StringEquals': {'s3:x-amz-acl': 'bucket-owner-full-control'}}))
    status, code, ended = exported(alices, table, name, S3BucketOwner=ACCOUNTS['bob'])
    assert (status, code) == ('COMPLETED', None)
    assert [item['pk']['S'] for item in read_export(bob, ended)] == ['a']
    acl = bob.get_object_acl(Bucket=name, Key=ended['ExportManifest'])
    assert acl['Owner']['ID'] == canonical('alice')
    assert {grant['Grantee']['ID'] for grant in acl['Grants']} == {canonical('alice'), canonical('bob')}


def test_an_import_from_the_bucket_of_another_account(strict, bob, alices, name):
    bob.create_bucket(Bucket=name)
    bob.put_object(Bucket=name, Key='in/1', Body=b'{"Item":{"pk":{"S":"x"}}}\n')
    theirs = {'S3BucketSource': {'S3Bucket': name, 'S3KeyPrefix': 'in/', 'S3BucketOwner': ACCOUNTS['bob']}}

    def outcome(table_name, **more):
        ended = run_import(alices, table_request(table_name), name, 'in/', **{**theirs, **more})
        return ended['ImportStatus'], ended.get('FailureCode')

    to_alice = {'AWS': ACCOUNTS['alice']}
    assert outcome('import-1') == ('FAILED', 'S3AccessDenied')
    put_policy(bob, name, statement(name, ['s3:ListBucket'], principal=to_alice))
    assert outcome('import-2') == ('FAILED', 'S3AccessDenied'), 'listed, but not read'
    put_policy(bob, name, statement(name, ['s3:ListBucket', 's3:GetObject'], principal=to_alice))
    mine = {'S3BucketSource': {'S3Bucket': name, 'S3KeyPrefix': 'in/'}}
    assert outcome('import-3', **mine) == ('FAILED', 'S3AccessDenied'), 'the bucket is not of the caller'
    assert outcome('import-4') == ('COMPLETED', None)
    assert alices.call('ListTables', {})['TableNames'].count('import-4') == 1
    assert not {'import-1', 'import-2', 'import-3'} & set(alices.call('ListTables', {})['TableNames'])


def test_an_explicit_deny_stops_exports_in_open_mode(wire, s3, name):
    arn = create_table(wire, name, pitr=True)
    s3.create_bucket(Bucket=name)
    put_policy(s3, name, statement(name, ['s3:PutObject'], 'Deny', keys='locked/*'))
    assert exported(wire, arn, name, S3Prefix='free')[0] == 'COMPLETED'
    status, code, ended = exported(wire, arn, name, S3Prefix='locked')
    assert (status, code) == ('FAILED', 'S3AccessDenied')
    assert 'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::' in ended['FailureMessage']
    assert 'ExportManifest' not in ended
    put_policy(s3, name, statement(name, ['s3:PutObjectAcl'], 'Deny'))
    assert exported(wire, arn, name, S3Prefix='free')[1] == 'S3AccessDenied'
    assert exported(wire, arn, name + '-none')[1] == 'S3NoSuchBucket'
    s3.delete_bucket_policy(Bucket=name)
    assert exported(wire, arn, name, S3BucketOwner='123456789012')[1] == 'S3AccessDenied'
    assert exported(wire, arn, name, S3BucketOwner='000000000000')[0] == 'COMPLETED'


@pytest.mark.parametrize('action', ['s3:ListBucket', 's3:GetObject'])
def test_an_explicit_deny_stops_imports_in_open_mode(wire, s3, name, action):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key='k', Body=b'{"Item":{"pk":{"S":"x"}}}\n')
    put_policy(s3, name, statement(name, [action], 'Deny'))
    ended = run_import(wire, table_request(name), name)
    assert (ended['ImportStatus'], ended['FailureCode']) == ('FAILED', 'S3AccessDenied')
    assert name not in wire.call('ListTables', {})['TableNames']
    s3.delete_bucket_policy(Bucket=name)
    assert run_import(wire, table_request(name), name)['ImportStatus'] == 'COMPLETED'
