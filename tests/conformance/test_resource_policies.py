"""Policies of tables and streams: their operations, and what they allow and deny between two accounts."""
import json
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from support.accounts import signing_client, write_credentials
from support.server import REGION, running, until

ACCOUNTS = {'alice': '111111111111', 'bob': '222222222222'}
BOB = 'arn:aws:iam::222222222222:user/bob'


class Refused(Exception):
    def __init__(self, body):
        super().__init__(json.dumps(body))
        self.code = body['__type'].split('#')[1]
        self.message = body.get('message') or body.get('Message')


def call(server, name, operation, service='DynamoDB', secret=None, headers=(), **parameters):
    """An operation that older SDKs do not know, signed. Raises Refused."""
    body = json.dumps(parameters).encode()
    request = AWSRequest('POST', server.endpoint + '/', data=body, headers={
        'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': f'{service}_20120810.{operation}', **dict(headers)})
    SigV4Auth(Credentials(name.upper(), secret or f'{name}-secret'), 'dynamodb', REGION).add_auth(request)
    try:
        with urllib.request.urlopen(urllib.request.Request(
                request.url, data=body, headers=dict(request.headers.items()))) as answer:
            return json.loads(answer.read() or b'{}')
    except urllib.error.HTTPError as error:
        raise Refused(json.loads(error.read())) from None


def refused(*args, **kwargs):
    with pytest.raises(Refused) as failure:
        call(*args, **kwargs)
    return failure.value


def code_of(function, *args, **kwargs):
    with pytest.raises(ClientError) as failure:
        function(*args, **kwargs)
    return failure.value.response['Error']['Code']


@pytest.fixture(scope='module')
def strict(tmp_path_factory):
    credentials = write_credentials(tmp_path_factory.mktemp('policies') / 'credentials', ACCOUNTS)
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        yield server


@pytest.fixture(scope='module')
def alice(strict):
    return signing_client(strict, 'alice', 'dynamodb')


@pytest.fixture(scope='module')
def bob(strict):
    return signing_client(strict, 'bob', 'dynamodb')


@pytest.fixture
def table(alice, name):
    """A table of Alice's with a sort key, an index and two items; its ARN."""
    arn = alice.create_table(
        TableName=name, BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[{'AttributeName': n, 'AttributeType': 'S'} for n in ('pk', 'sk', 'kind')],
        KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
        GlobalSecondaryIndexes=[{'IndexName': 'by-kind', 'KeySchema': [{'AttributeName': 'kind', 'KeyType': 'HASH'}],
                                 'Projection': {'ProjectionType': 'ALL'}}],
        StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'})['TableDescription']['TableArn']
    for pk in ('bob', 'eve'):
        alice.put_item(TableName=name, Item=item(pk))
    return arn


def item(pk, **more):
    return {'pk': {'S': pk}, 'sk': {'S': '1'}, 'kind': {'S': 'k'}, 'secret': {'S': 'x'}, **more}


def key(pk):
    return {'pk': {'S': pk}, 'sk': {'S': '1'}}


def statement(actions, resources, effect='Allow', principal=None, **condition):
    made = {'Effect': effect, 'Principal': principal or {'AWS': BOB}, 'Action': actions, 'Resource': resources}
    if condition:
        made['Condition'] = condition
    return made


def policy(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


def put(server, arn, *statements, **more):
    return call(server, 'alice', 'PutResourcePolicy', ResourceArn=arn, Policy=policy(*statements), **more)['RevisionId']


# The three operations.

def test_a_policy_is_kept_as_it_was_sent_and_has_a_revision(strict, table):
    text = json.dumps({'Version': '2012-10-17',
                       'Statement': [statement('dynamodb:GetItem', table)]}, indent=3)
    first = call(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=text)['RevisionId']
    assert call(strict, 'alice', 'GetResourcePolicy', ResourceArn=table) == {'Policy': text, 'RevisionId': first}
    # The identical policy keeps its revision, another one has a later one.
    assert call(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=text)['RevisionId'] == first
    second = put(strict, table, statement('dynamodb:Query', table))
    assert int(second) > int(first)
    assert call(strict, 'alice', 'DeleteResourcePolicy', ResourceArn=table) == {'RevisionId': second}
    assert call(strict, 'alice', 'DeleteResourcePolicy', ResourceArn=table) == {}
    gone = refused(strict, 'alice', 'GetResourcePolicy', ResourceArn=table)
    assert gone.code == 'PolicyNotFoundException'
    assert gone.message == f'Resource-based policy not found for the provided ResourceArn: {table}'


def test_expected_revisions(strict, table, name):
    one = statement('dynamodb:GetItem', table)
    revision = put(strict, table, one, ExpectedRevisionId='NO_POLICY')
    prefix = 'Resource-based policy not found for the provided ResourceArn: '
    text = policy(statement('dynamodb:Query', table))
    for expected, why in (
            ('NO_POLICY', f'Requested policy update expecting none to be present for table {name}, but a policy exists with '
                          f'revision id {revision}.'),
            ('12', f'Requested update for policy with revision id 12, but the policy associated to target table {name} has '
                   f'revision id {revision}.')):
        error = refused(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=text, ExpectedRevisionId=expected)
        assert (error.code, error.message) == ('PolicyNotFoundException', prefix + why)
        error = refused(strict, 'alice', 'DeleteResourcePolicy', ResourceArn=table, ExpectedRevisionId=expected)
        assert (error.code, error.message) == ('PolicyNotFoundException', prefix + why)
    assert call(strict, 'alice', 'GetResourcePolicy', ResourceArn=table)['RevisionId'] == revision
    call(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=text, ExpectedRevisionId=revision)
    latest = call(strict, 'alice', 'GetResourcePolicy', ResourceArn=table)['RevisionId']
    assert call(strict, 'alice', 'DeleteResourcePolicy', ResourceArn=table, ExpectedRevisionId=latest) == {'RevisionId': latest}
    error = refused(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=text, ExpectedRevisionId=latest)
    assert (error.code, error.message) == ('PolicyNotFoundException', prefix + table)


def test_documents_that_are_refused(strict, table):
    begin = 'One or more parameter values were invalid: Invalid policy document: '

    def why(text):
        error = refused(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=text)
        assert error.code == 'ValidationException'
        assert error.message.startswith(begin)
        return error.message[len(begin):]

    assert 'JSON' in why('hello')
    assert 'invalid action' in why(policy(statement('dynamodb:ListTables', table)))
    assert 'invalid action' in why(policy(statement('dynamodb:GetRecords', table)))
    assert 'invalid action' in why(policy(statement('s3:GetObject', table)))
    assert 'invalid resource' in why(policy(statement('dynamodb:GetItem', table + 's')))
    assert 'invalid resource' in why(policy(statement('dynamodb:GetItem', table + '/stream/*')))
    assert 'invalid condition key' in why(policy(
        statement('dynamodb:GetItem', table, StringEquals={'dynamodb:Colour': 'red'})))
    assert 'public' in why(policy(statement('dynamodb:GetItem', table, principal='*')))
    assert 'size' in why(policy(statement('dynamodb:GetItem', table)) + ' ' * 20480)
    # A public Allow is none when a condition limits who may come.
    put(strict, table, statement('dynamodb:GetItem', table, principal='*',
                                 StringEquals={'aws:PrincipalAccount': ACCOUNTS['bob']}))
    put(strict, table, statement('dynamodb:*', [table, table + '/index/*']))


def test_resources_that_have_no_policy(strict, table):
    def error(operation, arn, **more):
        return refused(strict, 'alice', operation, ResourceArn=arn, **more)

    missing = table + '-not'
    for operation, more in (('GetResourcePolicy', {}), ('DeleteResourcePolicy', {}), ('PutResourcePolicy', {'Policy': '{}'})):
        answer = error(operation, missing, **more)
        assert answer.code == 'ResourceNotFoundException'
        assert answer.message == f'Requested resource not found: Table: {missing.split("/")[1]} not found'
        assert error(operation, 'orders', **more).code == 'ValidationException'
        assert error(operation, table + '/index/by-kind', **more).code == 'ValidationException'
        stream = table + '/stream/2020-01-01T00:00:00.000'
        assert error(operation, stream, **more).message == f'Requested resource not found: Stream: {stream} not found'


def test_whoever_locks_himself_out_has_to_say_so(strict, alice, table, name):
    lock = statement('dynamodb:*', table, effect='Deny', principal={'AWS': ACCOUNTS['alice']})
    assert refused(strict, 'alice', 'PutResourcePolicy', ResourceArn=table, Policy=policy(lock)).code == 'ValidationException'
    put(strict, table, lock, ConfirmRemoveSelfResourceAccess=True)
    error = refused(strict, 'alice', 'DeleteResourcePolicy', ResourceArn=table)
    assert error.code == 'AccessDeniedException'
    assert error.message.endswith(
        f'is not authorized to perform: dynamodb:DeleteResourcePolicy on resource: {table} with an explicit deny in a '
        'resource-based policy')
    assert code_of(alice.get_item, TableName=name, Key=key('bob')) == 'AccessDeniedException'


def test_a_table_is_made_with_a_policy(strict, bob, name):
    arn = f'arn:aws:dynamodb:{REGION}:{ACCOUNTS["alice"]}:table/{name}'
    made = dict(TableName=name, BillingMode='PAY_PER_REQUEST',
                AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])
    lock = policy(statement('dynamodb:*', arn, effect='Deny', principal='*'))
    assert refused(strict, 'alice', 'CreateTable', **made, ResourcePolicy=lock).code == 'ValidationException'
    bad = refused(strict, 'alice', 'CreateTable', **made, ResourcePolicy=policy(statement('dynamodb:GetItem', arn + 'x')))
    assert bad.code == 'ValidationException'
    text = policy(statement('dynamodb:GetItem', arn))
    call(strict, 'alice', 'CreateTable', **made, ResourcePolicy=text)
    assert call(strict, 'alice', 'GetResourcePolicy', ResourceArn=arn)['Policy'] == text
    assert 'Item' not in bob.get_item(TableName=arn, Key={'pk': {'S': 'a'}})
    assert code_of(bob.scan, TableName=arn) == 'AccessDeniedException'


def test_policies_survive_a_restart(tmp_path):
    credentials = write_credentials(tmp_path / 'credentials', ACCOUNTS)
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        alice = signing_client(server, 'alice', 'dynamodb')
        description = alice.create_table(
            TableName='kept', BillingMode='PAY_PER_REQUEST', KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
            AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
            StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'})['TableDescription']
        arn, stream = description['TableArn'], description['LatestStreamArn']
        revisions = put(server, arn, statement('dynamodb:GetItem', arn)), put(server, stream, statement(
            'dynamodb:GetRecords', stream))
        server.kill()
        server.start()
        for resource, revision in zip((arn, stream), revisions):
            assert call(server, 'alice', 'GetResourcePolicy', ResourceArn=resource)['RevisionId'] == revision
        assert 'Item' not in signing_client(server, 'bob', 'dynamodb').get_item(TableName=arn, Key={'pk': {'S': 'a'}})


# Between accounts.

def test_nobody_else_comes_in_without_an_allow(strict, bob, table):
    error = refused(strict, 'bob', 'GetItem', TableName=table, Key=key('bob'))
    assert error.code == 'AccessDeniedException'
    assert error.message == (
        f'User: {BOB} is not authorized to perform: dynamodb:GetItem on resource: {table} because no resource-based policy '
        'allows the dynamodb:GetItem action')
    put(strict, table, statement('dynamodb:GetItem', table))
    assert bob.get_item(TableName=table, Key=key('bob'))['Item'] == item('bob')
    call(strict, 'alice', 'DeleteResourcePolicy', ResourceArn=table)
    assert code_of(bob.get_item, TableName=table, Key=key('bob')) == 'AccessDeniedException'


def everything(client, arn, index=True):
    """All ways to the items and settings of a table, by the action that a policy calls them."""
    yield 'GetItem', lambda: client.get_item(TableName=arn, Key=key('bob'))
    yield 'GetItem', lambda: client.transact_get_items(TransactItems=[{'Get': {'TableName': arn, 'Key': key('bob')}}])
    yield 'BatchGetItem', lambda: client.batch_get_item(RequestItems={arn: {'Keys': [key('bob')]}})
    yield 'Query', lambda: client.query(TableName=arn, KeyConditionExpression='pk = :p',
                                        ExpressionAttributeValues={':p': {'S': 'bob'}})
    yield 'Scan', lambda: client.scan(TableName=arn)
    yield 'PartiQLSelect', lambda: client.execute_statement(Statement=f'SELECT * FROM "{arn}"')
    yield 'PartiQLSelect', lambda: client.execute_transaction(TransactStatements=[
        {'Statement': f'''SELECT * FROM "{arn}" WHERE pk = 'bob' AND sk = '1' '''}])
    yield 'PutItem', lambda: client.put_item(TableName=arn, Item=item('bob'))
    yield 'PutItem', lambda: client.transact_write_items(TransactItems=[{'Put': {'TableName': arn, 'Item': item('bob')}}])
    yield 'UpdateItem', lambda: client.update_item(
        TableName=arn, Key=key('bob'), UpdateExpression='SET seen = :s', ExpressionAttributeValues={':s': {'N': '1'}})
    yield 'UpdateItem', lambda: client.transact_write_items(TransactItems=[{'Update': {
        'TableName': arn, 'Key': key('bob'), 'UpdateExpression': 'SET seen = :s', 'ExpressionAttributeValues': {':s': {'N': '1'}}}}])
    yield 'ConditionCheckItem', lambda: client.transact_write_items(TransactItems=[{'ConditionCheck': {
        'TableName': arn, 'Key': key('bob'), 'ConditionExpression': 'attribute_exists(pk)'}}])
    yield 'DeleteItem', lambda: client.delete_item(TableName=arn, Key=key('new'))
    yield 'DeleteItem', lambda: client.transact_write_items(TransactItems=[{'Delete': {'TableName': arn, 'Key': key('new')}}])
    yield 'BatchWriteItem', lambda: client.batch_write_item(RequestItems={arn: [{'PutRequest': {'Item': item('bob')}}]})
    yield 'PartiQLInsert', lambda: client.execute_statement(
        Statement=f'''INSERT INTO "{arn}" VALUE {{'pk': 'inserted', 'sk': '1'}}''')
    yield 'PartiQLUpdate', lambda: client.execute_statement(
        Statement=f'''UPDATE "{arn}" SET seen = 2 WHERE pk = 'bob' AND sk = '1' ''')
    yield 'PartiQLDelete', lambda: client.execute_transaction(TransactStatements=[
        {'Statement': f'''DELETE FROM "{arn}" WHERE pk = 'inserted' AND sk = '1' '''}])
    yield 'DescribeTable', lambda: client.describe_table(TableName=arn)
    yield 'DescribeTimeToLive', lambda: client.describe_time_to_live(TableName=arn)
    yield 'DescribeContinuousBackups', lambda: client.describe_continuous_backups(TableName=arn)
    yield 'UpdateContinuousBackups', lambda: client.update_continuous_backups(
        TableName=arn, PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
    yield 'ListTagsOfResource', lambda: client.list_tags_of_resource(ResourceArn=arn)
    yield 'TagResource', lambda: client.tag_resource(ResourceArn=arn, Tags=[{'Key': 'a', 'Value': 'b'}])
    yield 'UpdateTable', lambda: client.update_table(TableName=arn, BillingMode='PAY_PER_REQUEST')


def test_each_way_needs_its_own_action(strict, bob, table):
    ways = list(everything(bob, table))
    for action in {action for action, _ in ways}:
        put(strict, table, statement(f'dynamodb:{action}', table))
        for other, way in ways:
            if other == action:
                way()
            else:
                assert code_of(way) == 'AccessDeniedException', (action, other)


def test_a_deny_holds_the_owner_up_on_all_ways(strict, alice, table):
    put(strict, table, statement(
        ['dynamodb:*Item', 'dynamodb:Query', 'dynamodb:Scan', 'dynamodb:PartiQL*', 'dynamodb:Describe*',
         'dynamodb:UpdateContinuousBackups', 'dynamodb:*Tag*', 'dynamodb:UpdateTable', 'dynamodb:CreateBackup',
         'dynamodb:ExportTableToPointInTime', 'dynamodb:RestoreTableToPointInTime', 'dynamodb:DeleteTable'],
        table, effect='Deny', principal='*'))
    for action, way in everything(alice, table):
        assert code_of(way) == 'AccessDeniedException', action
    name = table.split('/')[1]
    assert code_of(alice.create_backup, TableName=name, BackupName='all') == 'AccessDeniedException'
    assert code_of(alice.export_table_to_point_in_time, TableArn=table, S3Bucket='none') == 'AccessDeniedException'
    assert code_of(alice.restore_table_to_point_in_time, SourceTableName=name, TargetTableName=name + '2',
                   UseLatestRestorableTime=True) == 'AccessDeniedException'
    assert code_of(alice.delete_table, TableName=name) == 'AccessDeniedException'
    # Nor does the past show what the present hides.
    past = refused(strict, 'alice', 'GetItem', TableName=name, Key=key('bob'),
                   headers=[('X-Tidemark-As-Of', '2030-01-01T00:00:00Z')])
    assert past.code == 'AccessDeniedException'


def test_statements_of_a_batch_are_judged_one_by_one(strict, bob, table):
    put(strict, table, statement('dynamodb:PartiQLSelect', table,
                                 **{'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['bob']}}))
    answers = bob.batch_execute_statement(Statements=[
        {'Statement': f'''SELECT * FROM "{table}" WHERE pk = '{pk}' AND sk = '1' '''} for pk in ('bob', 'eve')])['Responses']
    assert answers[0]['Item'] == item('bob')
    assert answers[1]['Error']['Code'] == 'AccessDenied'


def test_indexes_are_resources_of_their_own(strict, bob, table):
    query = dict(TableName=table, IndexName='by-kind', KeyConditionExpression='kind = :k',
                 ExpressionAttributeValues={':k': {'S': 'k'}})
    put(strict, table, statement(['dynamodb:Query', 'dynamodb:Scan'], table))
    assert code_of(bob.query, **query) == 'AccessDeniedException'
    assert bob.scan(TableName=table)['Count'] == 2
    put(strict, table, statement(['dynamodb:Query', 'dynamodb:Scan', 'dynamodb:PartiQLSelect'], table + '/index/*'))
    assert bob.query(**query)['Count'] == 2
    assert bob.scan(TableName=table, IndexName='by-kind')['Count'] == 2
    assert len(bob.execute_statement(Statement=f'SELECT * FROM "{table}"."by-kind"')['Items']) == 2
    assert code_of(bob.scan, TableName=table) == 'AccessDeniedException'


def test_leading_keys(strict, bob, table):
    put(strict, table, statement(['dynamodb:*Item', 'dynamodb:Query', 'dynamodb:PartiQL*'], table,
                                 **{'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['${aws:username}']}}))

    def ways(pk):
        yield lambda: bob.get_item(TableName=table, Key=key(pk))
        yield lambda: bob.put_item(TableName=table, Item=item(pk))
        yield lambda: bob.batch_get_item(RequestItems={table: {'Keys': [key('bob'), key(pk)][pk == 'bob':]}})
        yield lambda: bob.batch_write_item(RequestItems={table: [{'PutRequest': {'Item': item(pk)}}]})
        yield lambda: bob.transact_write_items(TransactItems=[{'Put': {'TableName': table, 'Item': item(pk)}}])
        yield lambda: bob.query(TableName=table, KeyConditionExpression='pk = :p', ExpressionAttributeValues={':p': {'S': pk}})
        yield lambda: bob.query(TableName=table, KeyConditions={
            'pk': {'ComparisonOperator': 'EQ', 'AttributeValueList': [{'S': pk}]}})
        yield lambda: bob.execute_statement(Statement=f'''SELECT * FROM "{table}" WHERE pk IN ['bob', '{pk}']''')
        yield lambda: bob.execute_statement(
            Statement=f'''UPDATE "{table}" SET seen = 2 WHERE pk = '{pk}' AND sk = '1' ''')

    for way in ways('bob'):
        way()
    for way in ways('eve'):
        assert code_of(way) == 'AccessDeniedException'


def test_attributes(strict, bob, table):
    put(strict, table, statement(
        ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], table,
        **{'ForAllValues:StringEquals': {'dynamodb:Attributes': ['pk', 'sk', 'kind']},
           'StringEqualsIfExists': {'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
                                    'dynamodb:ReturnValues': ['NONE', 'UPDATED_NEW']}}))
    values = {':p': {'S': 'bob'}}
    assert bob.get_item(TableName=table, Key=key('bob'), ProjectionExpression='kind')['Item'] == {'kind': {'S': 'k'}}
    assert bob.query(TableName=table, KeyConditionExpression='pk = :p', ExpressionAttributeValues=values,
                     ProjectionExpression='sk, kind')['Count'] == 1
    update = dict(TableName=table, Key=key('bob'), UpdateExpression='SET kind = :p', ExpressionAttributeValues=values)
    bob.update_item(**update)
    for way in (lambda: bob.get_item(TableName=table, Key=key('bob')),
                lambda: bob.get_item(TableName=table, Key=key('bob'), ProjectionExpression='kind, secret'),
                lambda: bob.query(TableName=table, KeyConditionExpression='pk = :p', ExpressionAttributeValues=values),
                lambda: bob.query(TableName=table, KeyConditionExpression='pk = :p', ExpressionAttributeValues=values,
                                  ProjectionExpression='kind', FilterExpression='secret = :p'),
                lambda: bob.update_item(**{**update, 'UpdateExpression': 'SET secret = :p'}),
                lambda: bob.update_item(**update, ConditionExpression='secret = :p'),
                lambda: bob.update_item(**update, ReturnValues='ALL_OLD')):
        assert code_of(way) == 'AccessDeniedException'


def test_streams_have_policies_of_their_own(strict, alice, bob, table):
    stream = alice.describe_table(TableName=table)['Table']['LatestStreamArn']
    readers = {name: signing_client(strict, name, 'dynamodbstreams') for name in ACCOUNTS}

    def read(client):
        records = []
        for shard in client.describe_stream(StreamArn=stream)['StreamDescription']['Shards']:
            iterator = client.get_shard_iterator(StreamArn=stream, ShardId=shard['ShardId'],
                                                 ShardIteratorType='TRIM_HORIZON')
            records += client.get_records(ShardIterator=iterator['ShardIterator'])['Records']
        return records

    put(strict, table, statement('dynamodb:*', table))
    assert code_of(read, readers['bob']) == 'AccessDeniedException'
    put(strict, stream, statement(['dynamodb:DescribeStream', 'dynamodb:GetShardIterator'], stream))
    assert code_of(read, readers['bob']) == 'AccessDeniedException'
    put(strict, stream, statement(['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords'], stream))
    assert until(lambda: read(readers['bob']), 'records of the stream')
    put(strict, stream, statement('dynamodb:GetRecords', stream, effect='Deny', principal='*'))
    for reader in readers.values():
        assert code_of(read, reader) == 'AccessDeniedException'
    error = refused(strict, 'alice', 'PutResourcePolicy', ResourceArn=stream,
                    Policy=policy(statement('dynamodb:GetItem', stream)))
    assert error.code == 'ValidationException'


def test_conditions_on_callers_and_requests(strict, alice, bob, table):
    for condition, lets_in in (
            ({'StringEquals': {'aws:PrincipalAccount': ACCOUNTS['bob']}}, True),
            ({'StringEquals': {'aws:PrincipalAccount': ACCOUNTS['alice']}}, False),
            ({'IpAddress': {'aws:SourceIp': '127.0.0.0/8'}}, True),
            ({'IpAddress': {'aws:SourceIp': '10.0.0.0/8'}}, False),
            ({'StringEquals': {'aws:RequestedRegion': REGION}}, True),
            ({'DateLessThan': {'aws:CurrentTime': '2020-01-01T00:00:00Z'}}, False),
            ({'StringEquals': {'aws:ResourceAccount': ACCOUNTS['alice']}}, True),
            ({'Bool': {'aws:SecureTransport': 'true'}}, True)):
        put(strict, table, statement('dynamodb:GetItem', table, **condition))
        if lets_in:
            bob.get_item(TableName=table, Key=key('bob'))
        else:
            assert code_of(bob.get_item, TableName=table, Key=key('bob')) == 'AccessDeniedException', condition


def test_what_no_policy_can_open(strict, alice, bob, table, name):
    put(strict, table, statement('dynamodb:*', table))
    backup = alice.create_backup(TableName=name, BackupName='mine')['BackupDetails']['BackupArn']
    assert code_of(bob.restore_table_from_backup, BackupArn=backup, TargetTableName=name) == 'AccessDeniedException'
    assert code_of(bob.describe_backup, BackupArn=backup) == 'AccessDeniedException'
    assert code_of(bob.export_table_to_point_in_time, TableArn=table, S3Bucket='none') == 'AccessDeniedException'
    assert code_of(bob.restore_table_to_point_in_time, SourceTableArn=table, TargetTableName=name,
                   UseLatestRestorableTime=True) == 'ValidationException'
    assert name not in bob.list_tables()['TableNames']


# Without signatures.

def test_in_open_mode_a_deny_counts_and_nothing_else():
    with running() as server:
        def send(operation, **parameters):
            return call(server, 'any', operation, **parameters)
        arn = send('CreateTable', TableName='Things', BillingMode='PAY_PER_REQUEST',
                   AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}],
                   KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}])['TableDescription']['TableArn']
        send('PutItem', TableName='Things', Item={'pk': {'S': 'a'}})
        send('PutResourcePolicy', ResourceArn=arn, Policy=policy(
            statement('dynamodb:Query', arn),
            statement(['dynamodb:DeleteItem', 'dynamodb:PartiQLDelete'], arn, effect='Deny', principal='*')))
        assert send('Scan', TableName='Things')['Count'] == 1
        with pytest.raises(Refused) as failure:
            send('DeleteItem', TableName='Things', Key={'pk': {'S': 'a'}})
        assert failure.value.code == 'AccessDeniedException'
        with pytest.raises(Refused):
            send('ExecuteStatement', Statement="DELETE FROM Things WHERE pk = 'a'")
        send('DeleteResourcePolicy', ResourceArn=arn)
        send('DeleteItem', TableName='Things', Key={'pk': {'S': 'a'}})
