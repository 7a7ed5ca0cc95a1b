"""GetCallerIdentity on the endpoint of DynamoDB: what Terraform, CDK and many scripts ask first."""
import re
import urllib.error
import urllib.request
import xml.etree.ElementTree

import pytest
from botocore.exceptions import ClientError

from support.accounts import signing_client, write_credentials
from support.server import ACCOUNT, running

NAMES = {'sts': 'https://sts.amazonaws.com/doc/2011-06-15/'}


def identity(answer):
    return {name: answer[name] for name in ('UserId', 'Account', 'Arn')}


def fetch(shared, method='GET', query='', body=None, scope='sts', **headers):
    """Status, headers and document of a request that is signed in form only."""
    if scope:
        headers['Authorization'] = (f'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{scope}/aws4_request, '
                                    'SignedHeaders=host;x-amz-date, Signature=' + '0' * 64)
        headers['X-Amz-Date'] = '20260101T000000Z'
    request = urllib.request.Request(shared.endpoint + '/' + query, body, headers, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refused:
        answer = refused
    return answer.status, answer.headers, xml.etree.ElementTree.fromstring(answer.read())


def error_of(document):
    return (document.findtext('sts:Error/sts:Type', None, NAMES), document.findtext('sts:Error/sts:Code', None, NAMES),
            document.findtext('sts:Error/sts:Message', None, NAMES))


@pytest.mark.parametrize('account', [ACCOUNT, '123456789012'])
def test_who_calls(shared, account):
    answer = shared.client('sts', account=None if account == ACCOUNT else account).get_caller_identity()
    assert identity(answer) == {'UserId': account, 'Account': account, 'Arn': f'arn:aws:iam::{account}:root'}
    assert re.fullmatch('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', answer['ResponseMetadata']['RequestId'])


def test_the_account_is_that_of_the_tables(shared, name):
    account = shared.client('sts', account='111133335555').get_caller_identity()['Account']
    dynamodb = shared.client('dynamodb', account='111133335555')
    table = dynamodb.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                                  KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                                  AttributeDefinitions=[{'AttributeName': 'pk', 'AttributeType': 'S'}])['TableDescription']
    assert table['TableArn'].split(':')[4] == account


def test_the_document(shared):
    for method, query, body in [('POST', '', b'Action=GetCallerIdentity&Version=2011-06-15'),
                                ('GET', '?Version=2011-06-15&Action=GetCallerIdentity', None)]:
        status, headers, document = fetch(shared, method, query, body)
        assert (status, headers['Content-Type']) == (200, 'text/xml')
        assert document.tag == '{%s}GetCallerIdentityResponse' % NAMES['sts']
        result = document.find('sts:GetCallerIdentityResult', NAMES)
        assert [child.tag.split('}')[1] for child in result] == ['Arn', 'UserId', 'Account']
        assert document.findtext('sts:ResponseMetadata/sts:RequestId', None, NAMES) == headers['x-amzn-RequestId']


REFUSED = [
    ('no action', 'POST', '', b'Version=2011-06-15', 'MissingAction', 'The request must contain the parameter Action'),
    ('another action', 'POST', '', b'Action=AssumeRole&Version=2011-06-15', 'InvalidAction',
     'Could not find operation AssumeRole for version 2011-06-15'),
    ('another version', 'GET', '?Action=GetCallerIdentity&Version=2010-01-01', None, 'InvalidAction',
     'Could not find operation GetCallerIdentity for version 2010-01-01'),
    ('no version', 'GET', '?Action=GetCallerIdentity', None, 'InvalidAction',
     'Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED'),
    ('markup', 'POST', '', b'Action=%3Ca%3E%26&Version=2011-06-15', 'InvalidAction',
     'Could not find operation <a>& for version 2011-06-15'),
]


@pytest.mark.parametrize('method, query, body, code, message', [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(shared, method, query, body, code, message):
    status, headers, document = fetch(shared, method, query, body)
    assert (status, error_of(document)) == (400, ('Sender', code, message))
    assert document.findtext('sts:RequestId', None, NAMES) == headers['x-amzn-RequestId']


def test_nobody(shared):
    status, _, document = fetch(shared, query='?Action=GetCallerIdentity&Version=2011-06-15', scope=None)
    assert (status, error_of(document)) == (
        403, ('Sender', 'MissingAuthenticationToken', 'Request is missing Authentication Token'))


def test_signatures_are_verified(tmp_path):
    credentials = write_credentials(tmp_path / 'credentials', {'alice': '111122223333'})
    with running(args=['--auth', 'strict', '--credentials', str(credentials)]) as server:
        answer = signing_client(server, 'alice', 'sts').get_caller_identity()
        assert (answer['Account'], answer['Arn']) == ('111122223333', 'arn:aws:iam::111122223333:user/alice')
        assert re.fullmatch('AIDA[0-9A-Z]{17}', answer['UserId'])
        for name, account, code in [('nobody', None, 'InvalidClientTokenId'), ('alice', 'ALICE', 'SignatureDoesNotMatch')]:
            client = server.client('sts', account=account) if account else signing_client(server, name, 'sts')
            with pytest.raises(ClientError) as error:
                client.get_caller_identity()
            assert error.value.response['Error']['Code'] == code
            assert error.value.response['ResponseMetadata']['HTTPStatusCode'] == 403
