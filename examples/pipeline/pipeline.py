#!/usr/bin/env python3
"""Takes a table from DynamoDB into a database for analysis, file by file.

    AWS_ENDPOINT_URL=http://127.0.0.1:8000 ./pipeline.py --table Orders --bucket lake --database orders.db
    AWS_ENDPOINT_URL=http://127.0.0.1:8000 ./pipeline.py --export-arn arn:... --database orders.db   # what is missing of it

Without AWS_ENDPOINT_URL it runs against AWS as it is. It starts an export, waits for it, makes one task of each data file
in its manifest, and writes down in a DynamoDB table how far each task is: who runs it again takes only the files that are
not done. Needs boto3; the database is DuckDB where the module is installed, else SQLite.
"""
import argparse
import base64
import concurrent.futures
import gzip
import hashlib
import json
import os
import sqlite3
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

try:
    import duckdb
except ImportError:
    duckdb = None

STATUS_TABLE = 'PipelineFiles'
LEASE_SECONDS = 900  # after that a task that is RUNNING counts as lost


def clients():
    endpoint = os.environ.get('AWS_ENDPOINT_URL')  # older versions of boto3 do not look at it
    config = Config(s3={'addressing_style': 'path'} if endpoint else None)
    return (boto3.client('dynamodb', endpoint_url=endpoint, config=config),
            boto3.client('s3', endpoint_url=endpoint, config=config))


def make_status_table(dynamodb):
    try:
        dynamodb.create_table(
            TableName=STATUS_TABLE, BillingMode='PAY_PER_REQUEST',
            AttributeDefinitions=[{'AttributeName': name, 'AttributeType': 'S'} for name in ('export', 'file')],
            KeySchema=[{'AttributeName': 'export', 'KeyType': 'HASH'}, {'AttributeName': 'file', 'KeyType': 'RANGE'}])
    except dynamodb.exceptions.ResourceInUseException:
        pass
    dynamodb.get_waiter('table_exists').wait(TableName=STATUS_TABLE, WaiterConfig={'Delay': 1})


def start_export(dynamodb, table, bucket, prefix):
    arn = dynamodb.describe_table(TableName=table)['Table']['TableArn']
    request = {'TableArn': arn, 'S3Bucket': bucket, **({'S3Prefix': prefix} if prefix else {})}
    return dynamodb.export_table_to_point_in_time(**request)['ExportDescription']['ExportArn']


def wait_for_export(dynamodb, arn, poll_seconds):
    while True:
        export = dynamodb.describe_export(ExportArn=arn)['ExportDescription']
        if export['ExportStatus'] == 'COMPLETED':
            return export
        if export['ExportStatus'] == 'FAILED':
            sys.exit(f'the export failed: {export["FailureCode"]}: {export["FailureMessage"]}')
        time.sleep(poll_seconds)


def read_manifest(s3, export):
    """The data files of an export: key, ETag, MD5 and number of items."""
    def read(key):
        return s3.get_object(Bucket=export['S3Bucket'], Key=key)['Body'].read()
    summary = json.loads(read(export['ExportManifest']))
    files = [json.loads(line) for line in read(summary['manifestFilesS3Key']).splitlines()]
    assert sum(file['itemCount'] for file in files) == summary['itemCount'], 'the manifests contradict each other'
    return files


def register(dynamodb, arn, files):
    """Makes a PENDING task of each file that is not known yet."""
    for file in files:
        try:
            dynamodb.put_item(
                TableName=STATUS_TABLE, ConditionExpression='attribute_not_exists(#file)',
                ExpressionAttributeNames={'#file': 'file'},
                Item={'export': {'S': arn}, 'file': {'S': file['dataFileS3Key']}, 'status': {'S': 'PENDING'},
                      'attempts': {'N': '0'}})
        except dynamodb.exceptions.ConditionalCheckFailedException:
            pass


def claim(dynamodb, arn, key):
    """Whether the task is ours now: nobody has done it, and nobody is at it."""
    now = int(time.time())
    try:
        dynamodb.update_item(
            TableName=STATUS_TABLE, Key={'export': {'S': arn}, 'file': {'S': key}},
            UpdateExpression='SET #status = :running, lease_until = :until ADD attempts :one REMOVE #error',
            ConditionExpression='#status IN (:pending, :failed) OR (#status = :running AND lease_until < :now)',
            ExpressionAttributeNames={'#status': 'status', '#error': 'error'},
            ExpressionAttributeValues={':running': {'S': 'RUNNING'}, ':pending': {'S': 'PENDING'}, ':failed': {'S': 'FAILED'},
                                       ':now': {'N': str(now)}, ':until': {'N': str(now + LEASE_SECONDS)}, ':one': {'N': '1'}})
        return True
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False


def report(dynamodb, arn, key, status, error=''):
    dynamodb.update_item(
        TableName=STATUS_TABLE, Key={'export': {'S': arn}, 'file': {'S': key}},
        UpdateExpression='SET #status = :status, #error = :error',
        ExpressionAttributeNames={'#status': 'status', '#error': 'error'},
        ExpressionAttributeValues={':status': {'S': status}, ':error': {'S': error}})


def read_items(s3, bucket, file):
    """The items of one data file, which must be what the manifest says: the same object, the same bytes, as many items."""
    data = s3.get_object(Bucket=bucket, Key=file['dataFileS3Key'], IfMatch=file['etag'])['Body'].read()
    if base64.b64encode(hashlib.md5(data).digest()).decode() != file['md5Checksum']:
        raise ValueError('other bytes than the manifest says')
    items = [json.loads(line)['Item'] for line in gzip.decompress(data).splitlines()]
    if len(items) != file['itemCount']:
        raise ValueError(f'{len(items)} items, the manifest says {file["itemCount"]}')
    return items


class Database:
    """One table of JSON documents, with the file that each came from: a file that is loaded again replaces its rows.

    Documents are the items as the export has them, types and all: {"total":{"N":"12.5"}}. A number stays a text with all of its
    digits, up to 38, which the numbers of JSON readers and of most databases do not have.
    """

    def __init__(self, path):
        self.connection = duckdb.connect(path) if duckdb else sqlite3.connect(path, check_same_thread=False)
        self.connection.execute('CREATE TABLE IF NOT EXISTS items (file VARCHAR, item JSON)')

    def replace(self, key, items):
        self.connection.execute('BEGIN')
        self.connection.execute('DELETE FROM items WHERE file = ?', (key,))
        if items:
            self.connection.executemany('INSERT INTO items VALUES (?, ?)', [
                (key, json.dumps(item, ensure_ascii=False, separators=(',', ':'))) for item in items])
        self.connection.execute('COMMIT')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--table')
    parser.add_argument('--bucket')
    parser.add_argument('--prefix')
    parser.add_argument('--export-arn', help='go on with this export instead of a new one')
    parser.add_argument('--database', required=True)
    parser.add_argument('--tasks', type=int, default=4, help='how many files are read at once')
    parser.add_argument('--poll-seconds', type=float, default=10)
    options = parser.parse_args()
    if not options.export_arn and not (options.table and options.bucket):
        parser.error('give --table and --bucket, or --export-arn')

    dynamodb, s3 = clients()
    make_status_table(dynamodb)
    arn = options.export_arn or start_export(dynamodb, options.table, options.bucket, options.prefix)
    print(arn)
    export = wait_for_export(dynamodb, arn, options.poll_seconds)
    files = read_manifest(s3, export)
    register(dynamodb, arn, files)
    mine = [file for file in files if claim(dynamodb, arn, file['dataFileS3Key'])]

    database = Database(options.database)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.tasks) as pool:
        reading = {pool.submit(read_items, s3, export['S3Bucket'], file): file['dataFileS3Key'] for file in mine}
        for done in concurrent.futures.as_completed(reading):
            key = reading[done]
            try:
                database.replace(key, done.result())
                report(dynamodb, arn, key, 'DONE')
            except (ClientError, ValueError, OSError, EOFError) as error:
                failed += 1
                report(dynamodb, arn, key, 'FAILED', str(error))
                print(f'{key}: {error}', file=sys.stderr)
    print(f'{len(mine) - failed} files done, {failed} failed, {len(files) - len(mine)} were done before or are with others')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
