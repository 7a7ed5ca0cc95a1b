"""The pipeline of examples/ in Python: every file once, a damaged one alone again."""
import json
import os
import re
import sqlite3
import subprocess

import pytest

from support.increments import by_key
from support.server import ROOT, create_table, scan
from support.transfers import get, keys

LARGE = '12345678901234567890.12345678901234567'  # 37 digits
PIPELINE = ROOT / 'examples/pipeline/pipeline.py'


@pytest.fixture
def pipeline(shared, tmp_path):
    """Runs it; answers the exit code, and the ARN of the export that it printed."""
    environment = {'PATH': os.environ['PATH'], 'AWS_ENDPOINT_URL': shared.endpoint, 'AWS_DEFAULT_REGION': 'us-east-1',
                   'AWS_ACCESS_KEY_ID': 'test', 'AWS_SECRET_ACCESS_KEY': 'test'}

    def run(*arguments):
        done = subprocess.run(['/usr/bin/python3', PIPELINE, '--database', tmp_path / 'items.db', '--poll-seconds', '0.05',
                               *arguments], env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode in (0, 1), done.stderr
        lines = done.stdout.splitlines()
        return done.returncode, lines[0], (done.stderr.splitlines() or [''])[-1] if len(lines) == 1 else lines[-1]
    return run


@pytest.fixture
def table(wire, name):
    create_table(wire, name)
    wire.call('UpdateContinuousBackups', {
        'TableName': name, 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
    for i in range(40):
        wire.call('PutItem', {'TableName': name, 'Item': {
            'pk': {'S': f'{i}'}, 'total': {'N': f'{i}.5'}, 'country': {'S': ('CH', 'DE')[i % 2]}, 'tags': {'SS': ['b', 'a']},
            'bytes': {'B': 'AAE='}, 'large': {'N': LARGE}}})
    return name


def statuses(wire, arn):
    return {item['file']['S']: (item['status']['S'], item['attempts']['N']) for item in scan(wire, 'PipelineFiles')
            if item['export']['S'] == arn}


def sql(tmp_path, text):
    with sqlite3.connect(tmp_path / 'items.db') as connection:
        return list(connection.execute(text))


def rows(tmp_path):
    return [json.loads(item) for item, in sql(tmp_path, 'SELECT item FROM items')]


def put_multipart(s3, bucket, key, data):
    """With the ETag that an export's object has."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)['UploadId']
    part = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=data)
    s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload,
                                 MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})


def test_every_file_once_and_a_damaged_one_alone_again(pipeline, wire, s3, bucket, table, tmp_path):
    code, arn, told = pipeline('--table', table, '--bucket', bucket, '--prefix', 'nightly')
    assert (code, told) == (0, '4 files done, 0 failed, 0 were done before or are with others')
    assert set(statuses(wire, arn).values()) == {('DONE', '1')}
    # Documents are the items, exactly.
    assert by_key(rows(tmp_path)) == by_key(scan(wire, table))
    assert {row['large']['N'] for row in rows(tmp_path)} == {LARGE}
    # docs/pipelines.md: "SQLite".
    assert sql(tmp_path, "SELECT item->>'$.country.S' AS country, count(*), sum(item->>'$.total.N') FROM items "
                         'GROUP BY country ORDER BY country') == [('CH', 20, 390), ('DE', 20, 410)]

    again = pipeline('--export-arn', arn)
    assert (again[0], again[2]) == (0, '0 files done, 0 failed, 4 were done before or are with others')

    # A new export of which one file is not what it was when the manifest was written.
    started = wire.call('ExportTableToPointInTime', {
        'TableArn': re.sub('/export/.*', '', arn), 'S3Bucket': bucket, 'S3Prefix': 'damaged'})['ExportDescription']
    arn = started['ExportArn']
    (tmp_path / 'items.db').unlink()
    code, *_ = pipeline('--export-arn', arn)
    assert code == 0
    (tmp_path / 'items.db').unlink()
    victim = next(key for key in keys(s3, bucket, 'damaged/') if '/data/' in key)
    data = get(s3, bucket, victim)
    wire.call('DeleteTable', {'TableName': 'PipelineFiles'})
    put_multipart(s3, bucket, victim, data[:-5])
    code, _, told = pipeline('--export-arn', arn)
    assert (code, told) == (1, '3 files done, 1 failed, 0 were done before or are with others')
    assert statuses(wire, arn)[victim] == ('FAILED', '1')
    assert len(rows(tmp_path)) < 40

    put_multipart(s3, bucket, victim, data)
    code, _, told = pipeline('--export-arn', arn)
    assert (code, told) == (0, '1 files done, 0 failed, 3 were done before or are with others')
    found = statuses(wire, arn)
    assert found.pop(victim) == ('DONE', '2')
    assert set(found.values()) == {('DONE', '1')}
    assert sorted(int(row['pk']['S']) for row in rows(tmp_path)) == list(range(40))


def test_an_export_that_fails_is_told(pipeline, table):
    code, _, told = pipeline('--table', table, '--bucket', 'there-is-no-such-bucket')
    assert (code, told.split(': ')[:2]) == (1, ['the export failed', 'S3NoSuchBucket'])
