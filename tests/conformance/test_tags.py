"""Tags of tables through boto3: kept, overwritten, removed, and the exact refusals."""
import pytest
from botocore.exceptions import ClientError

from support.server import ACCOUNT, Failed, running, table_request

ARN = f'arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/'
BLUE = [{'Key': 'color', 'Value': 'blue'}]


def tags_of(dynamodb, arn):
    answer = dynamodb.list_tags_of_resource(ResourceArn=arn)
    assert 'NextToken' not in answer, 'fifty tags fit into one answer'
    return {tag['Key']: tag['Value'] for tag in answer['Tags']}


def refusal(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response['Error']['Code'], error.value.response['Error']['Message']


def test_kept_overwritten_removed(dynamodb, name):
    created = dynamodb.create_table(**table_request(name, Tags=[{'Key': 'team', 'Value': 'data'}, {'Key': 'Team', 'Value': ''}]))
    arn = created['TableDescription']['TableArn']
    dynamodb.get_waiter('table_exists').wait(TableName=name)
    assert tags_of(dynamodb, arn) == {'team': 'data', 'Team': ''}, 'keys are case sensitive'
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{'Key': 'team', 'Value': 'infra'}, {'Key': 'größe', 'Value': 'x y'}])
    assert tags_of(dynamodb, arn) == {'team': 'infra', 'Team': '', 'größe': 'x y'}
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=['team', 'never there'])
    assert tags_of(dynamodb, arn) == {'Team': '', 'größe': 'x y'}
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=['Team', 'größe'])
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)['Tags'] == []


def test_fifty(dynamodb, name):
    def tags(*numbers):
        return [{'Key': f'k{n}', 'Value': str(n)} for n in numbers]
    too_many = ('ValidationException', 'Number of Tags exceed the current limit for the provided ResourceArn')
    assert refusal(dynamodb.create_table, **table_request(name, Tags=tags(*range(51)))) == too_many
    assert name not in dynamodb.list_tables()['TableNames']
    dynamodb.create_table(**table_request(name, Tags=tags(*range(49))))
    assert refusal(dynamodb.tag_resource, ResourceArn=ARN + name, Tags=tags(49, 50)) == too_many
    assert len(tags_of(dynamodb, ARN + name)) == 49, 'all or nothing'
    dynamodb.tag_resource(ResourceArn=ARN + name, Tags=tags(49, 0))
    assert len(tags_of(dynamodb, ARN + name)) == 50
    dynamodb.tag_resource(ResourceArn=ARN + name, Tags=[{'Key': 'k7', 'Value': 'other'}])
    assert tags_of(dynamodb, ARN + name)['k7'] == 'other', 'overwriting needs no room'


def test_tags_survive_and_go_with_the_table(own_server):
    dynamodb = own_server.client('dynamodb')
    dynamodb.create_table(**table_request('tab', Tags=BLUE))
    dynamodb.tag_resource(ResourceArn=ARN + 'tab', Tags=[{'Key': 'size', 'Value': 'L'}])
    own_server.kill()
    own_server.start()
    dynamodb = own_server.client('dynamodb')
    assert tags_of(dynamodb, ARN + 'tab') == {'color': 'blue', 'size': 'L'}
    dynamodb.delete_table(TableName='tab')
    dynamodb.create_table(**table_request('tab'))
    assert tags_of(dynamodb, ARN + 'tab') == {}


def violation(value, place, constraint):
    return f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: {constraint}"


INVALID = 'One or more parameter values were invalid: '
NO_ARN = 'Invalid TableArn: Invalid ResourceArn provided as input '
NOT_FOUND = 'Requested resource not found: ResourcArn: %s not found'
ONLY_TABLES = INVALID + 'Invalid resource arn provided, only table or stream is accepted. Provided resource arn: '
NOT_ARNS = [
    *[(arn, INVALID + "ARNs must start with 'arn:': ") for arn in ['not-an-arn', 'tab', 'ARN:aws:dynamodb:us-east-1']],
    *[(arn, INVALID + 'Provided Arn is not a DynamoDB resource arn: ') for arn in ['arn:aws:s3:::bucket', 'arn:aws', 'arn:']],
    *[(arn, NO_ARN) for arn in [
        'arn:aws:dynamodb:us-east-1:000000000000', 'arn:aws:dynamodb:us-east-1::table/tab', 'arn:aws:dynamodb:us-east-1:12345:table/tab',
        'arn:aws:dynamodb::000000000000:table/tab', 'arn:aws:dynamodb::000000000000:global-table/tab',
        'arn:aws:dynamodb:us-east-1:000000000000:table/']],
    *[(ARN + rest, ONLY_TABLES) for rest in [
        'tab/index/by-color', 'tab/backup/01489173575360-b308cd7d', 'tab/export/01695097218000-d6299cbd',
        'tab/import/01695097218000-d6299cbd']],
]


@pytest.mark.parametrize('arn, message', NOT_ARNS)
def test_only_arns_of_tables(wire, arn, message):
    for operation, more in [('TagResource', {'Tags': BLUE}), ('UntagResource', {'TagKeys': ['a']}), ('ListTagsOfResource', {})]:
        with pytest.raises(Failed) as error:
            wire.call(operation, {'ResourceArn': arn, **more})
        assert (error.value.code, error.value.message) == ('ValidationException', message + arn), operation


@pytest.mark.parametrize('arn', [ARN + 'missing', ARN + 'missing/stream/2026-01-01T00:00:00.000', f'arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/missing',
                                 'arn:aws:dynamodb:us-east-1:999999999999:table/missing'])
def test_tables_that_are_not_there(wire, arn):
    for operation, more in [('TagResource', {'Tags': BLUE}), ('UntagResource', {'TagKeys': ['a']})]:
        with pytest.raises(Failed) as error:
            wire.call(operation, {'ResourceArn': arn, **more})
        assert (error.value.code, error.value.message) == ('ResourceNotFoundException', NOT_FOUND % arn)
    with pytest.raises(Failed) as error:
        wire.call('ListTagsOfResource', {'ResourceArn': arn})
    assert error.value.code == 'AccessDeniedException'
    assert error.value.message.startswith(f'User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: '
                                          f'dynamodb:ListTagsOfResource on resource: {arn}')


BAD_KEY = 'The Tag Key provided is invalid, Key: '
BAD_VALUE = 'The Tag Value provided is invalid, Value: '
BAD_REQUESTS = [
    ('no ARN', 'ListTagsOfResource', {},
     "1 validation error detected: Value null at 'resourceArn' failed to satisfy constraint: Member must not be null"),
    ('no tags', 'TagResource', {'ResourceArn': ARN + 'x'},
     "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"),
    ('long ARN', 'ListTagsOfResource', {'ResourceArn': 'x' * 1284},
     violation('x' * 1284, 'resourceArn', 'Member must have length less than or equal to 1283')),
    ('empty key', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [{'Key': '', 'Value': ''}]}, BAD_KEY),
    ('no key', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [{'Value': ''}]}, BAD_KEY + 'null'),
    ('neither', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [{}]}, BAD_KEY + 'null'),
    ('long key', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [*BLUE, {'Key': 'k' * 129, 'Value': ''}]}, BAD_KEY + 'k' * 129),
    ('long key to take away', 'UntagResource', {'ResourceArn': ARN + 'x', 'TagKeys': ['a', 'k' * 129]}, BAD_KEY + 'k' * 129),
    ('empty key to take away', 'UntagResource', {'ResourceArn': ARN + 'x', 'TagKeys': ['']}, BAD_KEY),
    ('long value', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [{'Key': 'k', 'Value': 'v' * 257}]}, BAD_VALUE + 'v' * 257),
    ('value missing', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [{'Key': 'k'}]}, BAD_VALUE + 'null'),
    ('a bad tag at creation', 'CreateTable', table_request('never', Tags=[{'Key': 'bad#char', 'Value': ''}]), BAD_KEY + 'bad#char'),
    ('more keys than there may be', 'UntagResource', {'ResourceArn': ARN + 'x', 'TagKeys': [f'k{n}' for n in range(51)]},
     'Number of Tags exceed the current limit for the provided ResourceArn'),
    ('empty list', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': []}, 'Atleast one Tag needs to be provided as Input.'),
    ('empty list of keys', 'UntagResource', {'ResourceArn': ARN + 'x', 'TagKeys': []},
     'Atleast one Tag Key needs to be provided as Input.'),
    ('ARN before list', 'TagResource', {'ResourceArn': 'x', 'Tags': []},
     INVALID + "ARNs must start with 'arn:': x"),
    ('twice', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': BLUE + BLUE},
     'Duplicate Tag Keys provided as input: Duplicate Tag Key found color'),
    ('reserved', 'TagResource', {'ResourceArn': ARN + 'x', 'Tags': [{'Key': 'aws:createdBy', 'Value': 'me'}]},
     'Tag Key cannot be prefixed with aws:, Key: aws:createdBy'),
    ('reserved in capitals', 'UntagResource', {'ResourceArn': ARN + 'x', 'TagKeys': ['AWS:x']},
     'Tag Key cannot be prefixed with aws:, Key: AWS:x'),
    ('reserved at creation', 'CreateTable', table_request('never', Tags=[{'Key': 'aws:x', 'Value': ''}]),
     'Tag Key cannot be prefixed with aws:, Key: aws:x'),
]


@pytest.mark.parametrize('operation, request_, message', [case[1:] for case in BAD_REQUESTS], ids=[case[0] for case in BAD_REQUESTS])
def test_refused(wire, operation, request_, message):
    with pytest.raises(Failed) as error:
        wire.call(operation, request_)
    assert (error.value.code, error.value.message) == ('ValidationException', message)


@pytest.mark.parametrize('text, fits', [
    ('a+b-c=d.e_f:g/h@i', True), (' leading', True), ('ключ', True), ('café', True), ('表', True), ('\u00a0', True), ('\u3000', True),
    *[(text, False) for text in ['bad#char', '🔑', '100%', 'a,b', "it's", '"q"', '(x)', '[y]', '{z}', 'a&b', 'a*b', 'a;b', 'a?b',
                                 'a|b', 'a\\b', '<a>', '~a', '–', '“', '€', '\t']]])
def test_characters(dynamodb, wire, name, text, fits):
    dynamodb.create_table(**table_request(name))
    for tag, message in [({'Key': text, 'Value': 'x'}, BAD_KEY), ({'Key': 'x', 'Value': text}, BAD_VALUE)]:
        request = {'ResourceArn': ARN + name, 'Tags': [*BLUE, tag]}
        if fits:
            wire.call('TagResource', request)
            assert tags_of(dynamodb, ARN + name)[tag['Key']] == tag['Value']
            continue
        with pytest.raises(Failed) as error:
            wire.call('TagResource', request)
        assert (error.value.code, error.value.message) == ('ValidationException', message + text)
        assert tags_of(dynamodb, ARN + name) == {}, 'all or nothing'


def test_a_token_of_nobody(dynamodb, name):
    dynamodb.create_table(**table_request(name, Tags=BLUE))
    assert dynamodb.list_tags_of_resource(ResourceArn=ARN + name, NextToken='abc')['Tags'] == BLUE


def test_tables_that_change():
    with running(args=['--delay-transient-statuses']) as server:
        dynamodb = server.client('dynamodb')
        dynamodb.create_table(**table_request('tab', Tags=BLUE))
        assert refusal(dynamodb.tag_resource, ResourceArn=ARN + 'tab', Tags=BLUE) == (
            'ResourceInUseException', 'Attempt to change a resource which is still in use: Table is being created: tab')
        assert tags_of(dynamodb, ARN + 'tab') == {'color': 'blue'}, 'reading is no change'
