"""Runs exports and imports, and reads what an export wrote."""
import base64
import gzip
import hashlib
import json
import uuid

from support.server import until


def finish_export(wire, arn, seconds=60):
    """The description of the export when it is no longer in progress."""
    def ended():
        description = wire.call('DescribeExport', {'ExportArn': arn})['ExportDescription']
        return description if description['ExportStatus'] != 'IN_PROGRESS' else None
    return until(ended, 'the export', seconds)


def export(wire, table_arn, bucket, **more):
    request = {'TableArn': table_arn, 'S3Bucket': bucket, **more}
    started = wire.call('ExportTableToPointInTime', request)['ExportDescription']
    assert started['ExportStatus'] == 'IN_PROGRESS'
    return finish_export(wire, started['ExportArn'])


def get(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)['Body'].read()


def keys(s3, bucket, prefix=''):
    pages = s3.get_paginator('list_objects_v2').paginate(Bucket=bucket, Prefix=prefix)
    return [entry['Key'] for page in pages for entry in page.get('Contents', [])]


def read_export(s3, description):
    """The exported items, as lines in no order. Checks the whole layout and every checksum on the way."""
    assert description['ExportStatus'] == 'COMPLETED', description
    bucket = description['S3Bucket']
    folder = description['ExportManifest'].removesuffix('manifest-summary.json')
    for name in ('manifest-summary', 'manifest-files'):
        digest = hashlib.md5(get(s3, bucket, f'{folder}{name}.json')).digest()
        assert get(s3, bucket, f'{folder}{name}.md5') == base64.b64encode(digest)
    summary = json.loads(get(s3, bucket, description['ExportManifest']))
    assert summary['exportArn'] == description['ExportArn']
    items = []
    data_keys = set()
    for line in get(s3, bucket, summary['manifestFilesS3Key']).splitlines():
        entry = json.loads(line)
        stored = s3.get_object(Bucket=bucket, Key=entry['dataFileS3Key'], IfMatch=entry['etag'])
        data = stored['Body'].read()
        assert base64.b64encode(hashlib.md5(data).digest()).decode() == entry['md5Checksum']
        lines = gzip.decompress(data).splitlines()
        assert len(lines) == entry['itemCount']
        items += [json.loads(text)['Item'] for text in lines]
        data_keys.add(entry['dataFileS3Key'])
    assert set(keys(s3, bucket, folder + 'data/')) == data_keys, 'the manifest names exactly the data objects'
    assert len(items) == summary['itemCount'] == description['ItemCount']
    return items


def import_request(table_parameters, bucket, prefix=None, compression=None, **more):
    source = {'S3Bucket': bucket}
    if prefix is not None:
        source['S3KeyPrefix'] = prefix
    # SDKs make a token themselves; on the wire it must be there.
    request = {'S3BucketSource': source, 'InputFormat': 'DYNAMODB_JSON', 'ClientToken': str(uuid.uuid4()),
               'TableCreationParameters': table_parameters, **more}
    if compression:
        request['InputCompressionType'] = compression
    return request


def finish_import(wire, arn, seconds=60):
    def ended():
        description = wire.call('DescribeImport', {'ImportArn': arn})['ImportTableDescription']
        return description if description['ImportStatus'] != 'IN_PROGRESS' else None
    return until(ended, 'the import', seconds)


def run_import(wire, *arguments, **more):
    started = wire.call('ImportTable', import_request(*arguments, **more))['ImportTableDescription']
    assert started['ImportStatus'] == 'IN_PROGRESS'
    return finish_import(wire, started['ImportArn'])
