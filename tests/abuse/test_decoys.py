"""Headers that an operation does not go by tell policies nothing."""
import base64
import datetime
import hashlib
import json
import urllib.error
import urllib.request

import pytest

from support.server import running

RETENTION_DAYS = {'s3:object-lock-remaining-retention-days': 'true'}
LOCK_HEADERS = {'x-amz-object-lock-mode': 'COMPLIANCE', 'x-amz-object-lock-retain-until-date': '2090-01-01T00:00:00Z'}
TAGGING = '<Tagging><TagSet><Tag><Key>team</Key><Value>{}</Value></Tag></TagSet></Tagging>'


@pytest.fixture(scope='module')
def server():
    with running() as server:
        yield server


@pytest.fixture
def bucket(server, request):
    """A bucket with an object lock and the object `k`, under a Deny of its test."""
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    name = request.node.name.replace('_', '-').replace('[', '-').rstrip(']')
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=name, Key='k', Body=b'x', Tagging='team=b')

    def deny(action, condition, resource=f'arn:aws:s3:::{name}/*'):
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Deny', 'Principal': '*', 'Action': action, 'Resource': resource, 'Condition': condition}]}))
    s3.deny, s3.name = deny, name
    return s3


def status(server, method, path, body='', headers=None):
    body = body.encode()
    headers = {'Content-MD5': base64.b64encode(hashlib.md5(body).digest()).decode(), **(headers or {})}
    request = urllib.request.Request(server.s3_endpoint + path, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.mark.parametrize('decoys', [{}, LOCK_HEADERS], ids=['plain', 'decoys'])
def test_retention(server, bucket, decoys):
    bucket.put_object_retention(Bucket=bucket.name, Key='k', Retention={
        'Mode': 'GOVERNANCE', 'RetainUntilDate': datetime.datetime(2089, 6, 1)})
    bucket.deny('s3:PutObjectRetention', {'Null': RETENTION_DAYS})
    code, _ = status(server, 'PUT', f'/{bucket.name}/k?retention', '<Retention/>',
                     {'x-amz-bypass-governance-retention': 'true', **decoys})
    assert code == 403
    assert bucket.get_object_retention(Bucket=bucket.name, Key='k')['Retention']['Mode'] == 'GOVERNANCE'


@pytest.mark.parametrize('decoys', [{}, LOCK_HEADERS], ids=['plain', 'decoys'])
def test_lock_configuration(server, bucket, decoys):
    bucket.deny('s3:PutBucketObjectLockConfiguration', {'StringNotEquals': {'s3:object-lock-mode': 'COMPLIANCE'}},
                f'arn:aws:s3:::{bucket.name}')
    document = '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{}</ObjectLockConfiguration>'
    rule = '<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>5</Days></DefaultRetention></Rule>'
    assert status(server, 'PUT', f'/{bucket.name}?object-lock', document.format(rule))[0] == 200
    assert status(server, 'PUT', f'/{bucket.name}?object-lock', document.format(''), decoys)[0] == 403


@pytest.mark.parametrize('decoys', [{}, {'If-Match': '"nope"'}], ids=['plain', 'decoys'])
def test_deletions(server, bucket, decoys):
    bucket.deny('s3:DeleteObject', {'Null': {'s3:if-match': 'true'}})
    code, answer = status(server, 'POST', f'/{bucket.name}?delete', '<Delete><Object><Key>k</Key></Object></Delete>', decoys)
    assert code == 200
    assert '<Code>AccessDenied</Code>' in answer
    assert bucket.head_object(Bucket=bucket.name, Key='k')


@pytest.mark.parametrize('decoys', [{}, {'x-amz-tagging': 'team=a'}], ids=['plain', 'decoys'])
def test_tags(server, bucket, decoys):
    bucket.deny('s3:PutObjectTagging', {'StringNotEquals': {'s3:RequestObjectTag/team': 'a'}})
    assert status(server, 'PUT', f'/{bucket.name}/k?tagging', TAGGING.format('a'), decoys)[0] == 200
    for document in (TAGGING.format('c'), '<Tagging><TagSet/></Tagging>'):
        assert status(server, 'PUT', f'/{bucket.name}/k?tagging', document, decoys)[0] == 403
    assert bucket.get_object_tagging(Bucket=bucket.name, Key='k')['TagSet'] == [{'Key': 'team', 'Value': 'a'}]


def test_copies_keep_their_tags(server, bucket):
    bucket.deny('s3:PutObject', {'StringNotEquals': {'s3:RequestObjectTag/team': 'a'}})
    copy = {'x-amz-copy-source': f'/{bucket.name}/k'}
    tagged = {**copy, 'x-amz-tagging': 'team=a'}
    assert status(server, 'PUT', f'/{bucket.name}/copy', headers=copy)[0] == 403
    assert status(server, 'PUT', f'/{bucket.name}/copy', headers=tagged)[0] == 403
    assert status(server, 'PUT', f'/{bucket.name}/copy', headers={**tagged, 'x-amz-tagging-directive': 'REPLACE'})[0] == 200
    assert bucket.get_object_tagging(Bucket=bucket.name, Key='copy')['TagSet'] == [{'Key': 'team', 'Value': 'a'}]
