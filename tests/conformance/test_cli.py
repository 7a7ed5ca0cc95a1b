"""The AWS command line against the server: what people type."""
import hashlib
import json
import os
import urllib.request

import pytest

from support.server import until


def test_a_table_its_items_and_their_export_and_import(aws):
    aws('dynamodb', 'create-table', '--table-name', 'Shop', '--billing-mode', 'PAY_PER_REQUEST',
        '--attribute-definitions', 'AttributeName=id,AttributeType=S', 'AttributeName=n,AttributeType=N',
        '--key-schema', 'AttributeName=id,KeyType=HASH', 'AttributeName=n,KeyType=RANGE')
    aws('dynamodb', 'wait', 'table-exists', '--table-name', 'Shop')
    for n in (1, 2):
        aws('dynamodb', 'put-item', '--table-name', 'Shop', '--item', {'id': {'S': 'a'}, 'n': {'N': str(n)}, 'b': {'B': 'AQI='}})
    assert 'ConditionalCheckFailedException' in aws(
        'dynamodb', 'put-item', '--table-name', 'Shop', '--item', {'id': {'S': 'a'}, 'n': {'N': '1'}},
        '--condition-expression', 'attribute_not_exists(id)', fails=True)
    found = aws('dynamodb', 'query', '--table-name', 'Shop', '--key-condition-expression', 'id = :i AND n > :n',
                '--expression-attribute-values', {':i': {'S': 'a'}, ':n': {'N': '1'}})
    assert found['Items'] == [{'id': {'S': 'a'}, 'n': {'N': '2'}, 'b': {'B': 'AQI='}}]
    scanned = aws('dynamodb', 'scan', '--table-name', 'Shop', '--page-size', 1)
    assert (scanned['Count'], len(scanned['Items'])) == (2, 2)

    aws('dynamodb', 'update-continuous-backups', '--table-name', 'Shop',
        '--point-in-time-recovery-specification', 'PointInTimeRecoveryEnabled=true')
    aws('s3', 'mb', 's3://cli-lake')
    arn = aws('dynamodb', 'describe-table', '--table-name', 'Shop')['Table']['TableArn']
    started = aws('dynamodb', 'export-table-to-point-in-time', '--table-arn', arn, '--s3-bucket', 'cli-lake',
                  '--s3-prefix', 'nightly')['ExportDescription']
    assert started['ExportStatus'] == 'IN_PROGRESS'
    ended = until(lambda: [d for d in [aws('dynamodb', 'describe-export', '--export-arn', started['ExportArn'])[
        'ExportDescription']] if d['ExportStatus'] != 'IN_PROGRESS'], 'the export')[0]
    assert (ended['ExportStatus'], ended['ItemCount']) == ('COMPLETED', 2)
    folder = ended['ExportManifest'].rsplit('/', 1)[0]
    assert len(aws('s3', 'ls', '--recursive', f's3://cli-lake/{folder}/').splitlines()) == 9

    started = aws('dynamodb', 'import-table', '--s3-bucket-source', f'S3Bucket=cli-lake,S3KeyPrefix={folder}/data/',
                  '--input-format', 'DYNAMODB_JSON', '--input-compression-type', 'GZIP', '--table-creation-parameters',
                  {'TableName': 'Shop2', 'BillingMode': 'PAY_PER_REQUEST',
                   'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}, {'AttributeName': 'n', 'AttributeType': 'N'}],
                   'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}, {'AttributeName': 'n', 'KeyType': 'RANGE'}]})
    arn = started['ImportTableDescription']['ImportArn']
    ended = until(lambda: [d for d in [aws('dynamodb', 'describe-import', '--import-arn', arn)[
        'ImportTableDescription']] if d['ImportStatus'] != 'IN_PROGRESS'], 'the import')[0]
    assert (ended['ImportStatus'], ended['ImportedItemCount'], ended['ErrorCount']) == ('COMPLETED', 2, 0)
    copy = aws('dynamodb', 'scan', '--table-name', 'Shop2')
    assert copy['Items'] == scanned['Items']


def test_files_up_and_down(aws, s3, tmp_path):
    small = tmp_path / 'small.txt'
    small.write_text('hello')
    large = tmp_path / 'large.bin'
    large.write_bytes(os.urandom(20_000_000))
    aws('s3', 'mb', 's3://cli-files')
    aws('s3', 'cp', small, 's3://cli-files/a b+ü/small.txt')
    aws('s3', 'cp', large, 's3://cli-files/large.bin')
    head = s3.head_object(Bucket='cli-files', Key='large.bin')
    assert head['ContentLength'] == 20_000_000
    parts = [large.read_bytes()[at:at + (8 << 20)] for at in range(0, 20_000_000, 8 << 20)]
    digest = hashlib.md5(b''.join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert head['ETag'] == f'"{digest}-3"'
    aws('s3', 'cp', 's3://cli-files/large.bin', 's3://cli-files/copy.bin')
    aws('s3', 'cp', 's3://cli-files/copy.bin', tmp_path / 'back.bin')
    assert (tmp_path / 'back.bin').read_bytes() == large.read_bytes()
    assert aws('s3', 'cp', 's3://cli-files/a b+ü/small.txt', '-') == 'hello'
    listed = aws('s3', 'ls', 's3://cli-files/').splitlines()
    assert [line.split(maxsplit=1)[1] if 'PRE' in line else line.split()[-1] for line in listed] == [
        'a b+ü/', 'copy.bin', 'large.bin']
    assert 'BucketNotEmpty' in aws('s3', 'rb', 's3://cli-files', fails=True)
    aws('s3', 'rb', '--force', 's3://cli-files')
    with pytest.raises(s3.exceptions.ClientError):
        s3.head_bucket(Bucket='cli-files')


def test_sync_moves_what_changed(aws, s3, tmp_path):
    source = tmp_path / 'source'
    (source / 'deep').mkdir(parents=True)
    for name in ('a', 'b', 'deep/c'):
        (source / name).write_text(name)
    s3.create_bucket(Bucket='cli-sync')
    assert aws('s3', 'sync', source, 's3://cli-sync/x', '--no-progress').count('upload:') == 3
    assert aws('s3', 'sync', source, 's3://cli-sync/x', '--no-progress') == ''
    (source / 'a').unlink()
    (source / 'b').write_text('longer')
    output = aws('s3', 'sync', source, 's3://cli-sync/x', '--delete', '--no-progress')
    assert (output.count('upload:'), output.count('delete:')) == (1, 1)
    back = tmp_path / 'back'
    aws('s3', 'sync', 's3://cli-sync/x', back)
    assert sorted(str(path.relative_to(back)) for path in back.rglob('*') if path.is_file()) == ['b', 'deep/c']
    assert (back / 'b').read_text() == 'longer'
    aws('s3', 'rm', '--recursive', 's3://cli-sync/')
    assert s3.list_objects_v2(Bucket='cli-sync')['KeyCount'] == 0


def test_presigned_urls(aws, s3):
    s3.create_bucket(Bucket='cli-signed')
    s3.put_object(Bucket='cli-signed', Key='k e/y', Body=b'signed')
    url = aws('s3', 'presign', 's3://cli-signed/k e/y', '--expires-in', 60).strip()
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b'signed'
    put = s3.generate_presigned_url('put_object', Params={'Bucket': 'cli-signed', 'Key': 'up'}, ExpiresIn=60)
    request = urllib.request.Request(put, data=b'by url', method='PUT', headers={'Content-Type': ''})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert s3.get_object(Bucket='cli-signed', Key='up')['Body'].read() == b'by url'


def test_objects_through_s3api(aws, s3, tmp_path):
    body = tmp_path / 'body'
    body.write_text('0123456789')
    aws('s3api', 'create-bucket', '--bucket', 'cli-api')
    put = aws('s3api', 'put-object', '--bucket', 'cli-api', '--key', 'k', '--body', body,
              '--content-type', 'text/plain', '--metadata', 'color=red')
    assert put['ETag'] == f'"{hashlib.md5(b"0123456789").hexdigest()}"'
    part = aws('s3api', 'get-object', '--bucket', 'cli-api', '--key', 'k', '--range', 'bytes=2-4', tmp_path / 'part')
    assert (part['ContentRange'], (tmp_path / 'part').read_text()) == ('bytes 2-4/10', '234')
    assert (part['ContentType'], part['Metadata']) == ('text/plain', {'color': 'red'})
    aws('s3api', 'copy-object', '--bucket', 'cli-api', '--key', 'copy', '--copy-source', 'cli-api/k')
    listed = aws('s3api', 'list-objects-v2', '--bucket', 'cli-api')
    assert [entry['Key'] for entry in listed['Contents']] == ['copy', 'k']
    deleted = aws('s3api', 'delete-objects', '--bucket', 'cli-api', '--delete', {'Objects': [{'Key': 'k'}, {'Key': 'gone'}]})
    assert [entry['Key'] for entry in deleted['Deleted']] == ['k', 'gone']
    assert 'NoSuchKey' in aws('s3api', 'get-object', '--bucket', 'cli-api', '--key', 'k', tmp_path / 'none', fails=True)
    assert aws('s3api', 'get-bucket-location', '--bucket', 'cli-api') == {'LocationConstraint': None}


def test_answers_that_are_not_200(s3):
    """What the SDK makes of partial, unchanged and impossible reads."""
    s3.create_bucket(Bucket='cli-status')
    etag = s3.put_object(Bucket='cli-status', Key='k', Body=b'0123456789')['ETag']
    for status, code, arguments in [(416, 'InvalidRange', {'Range': 'bytes=10-'}), (304, '304', {'IfNoneMatch': etag}),
                                    (412, 'PreconditionFailed', {'IfMatch': '"other"'})]:
        with pytest.raises(s3.exceptions.ClientError) as error:
            s3.get_object(Bucket='cli-status', Key='k', **arguments)
        assert error.value.response['ResponseMetadata']['HTTPStatusCode'] == status
        assert error.value.response['Error']['Code'] == code
