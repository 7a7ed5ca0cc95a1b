"""Runs exports and imports, and reads what an export wrote."""
import base64
import gzip
import hashlib
import json
import uuid

from support.server import until


def finish_export(wire, arn, seconds=240):
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


def read_lines(s3, description):
    """The lines of all data files of an export, in no order, and the keys of these files. Reads as OpenSearch Data Prepper
    does (the first line of the summary, each line of the list, no blank ones, objects by their etag), and checks what
    AWS's bulk executor checks: both checksum files, the counts, the checksums of the compressed bytes."""
    assert description['ExportStatus'] == 'COMPLETED', description
    bucket = description['S3Bucket']
    summary_key = description['ExportManifest']
    summary_bytes = get(s3, bucket, summary_key)
    summary = json.loads(summary_bytes.split(b'\n')[0])
    assert summary['exportArn'] == description['ExportArn']
    files_key = summary['manifestFilesS3Key']
    files = get(s3, bucket, files_key)
    for key, data in ((summary_key, summary_bytes), (files_key, files)):
        digest = base64.b64encode(hashlib.md5(data).digest())
        assert get(s3, bucket, key.removesuffix('.json') + '.md5') == digest
    assert files.endswith(b'\n') and b'\n\n' not in files
    found, data_keys = [], set()
    for line in files.decode().split('\n')[:-1]:
        entry = json.loads(line)
        data = s3.get_object(Bucket=bucket, Key=entry['dataFileS3Key'], IfMatch=entry['etag'])['Body'].read()
        assert base64.b64encode(hashlib.md5(data).digest()).decode() == entry['md5Checksum']
        lines = gzip.decompress(data).decode().split('\n')
        assert lines.pop() == ''
        assert len(lines) == entry['itemCount']
        found += lines
        assert entry['dataFileS3Key'] not in data_keys
        data_keys.add(entry['dataFileS3Key'])
    assert len(found) == summary['itemCount'] == description['ItemCount']
    return found, data_keys


def read_export(s3, description):
    """The items of a full export, in no order. See read_lines()."""
    lines, data_keys = read_lines(s3, description)
    folder = description['ExportManifest'].removesuffix('manifest-summary.json')
    assert set(keys(s3, description['S3Bucket'], folder + 'data/')) == data_keys, 'the manifest names exactly the data objects'
    return [json.loads(line)['Item'] for line in lines]


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


def finish_import(wire, arn, seconds=240):
    def ended():
        description = wire.call('DescribeImport', {'ImportArn': arn})['ImportTableDescription']
        return description if description['ImportStatus'] not in ('IN_PROGRESS', 'CANCELLING') else None
    return until(ended, 'the import', seconds)


def run_import(wire, *arguments, **more):
    started = wire.call('ImportTable', import_request(*arguments, **more))['ImportTableDescription']
    assert started['ImportStatus'] == 'IN_PROGRESS'
    return finish_import(wire, started['ImportArn'])


def bulk_request(table, bucket, prefix=None, compression=None, types=('ERROR', 'CONDITION_CHECK_FAILURE'), **more):
    """A StartBulkPutItems request whose reports go to the same bucket, under out/."""
    source = {'S3Bucket': bucket, 'InputFormat': more.pop('InputFormat', 'DYNAMODB_JSON')}
    if prefix is not None:
        source['S3KeyPrefix'] = prefix
    if compression:
        source['InputCompressionType'] = compression
    return {'TableName': table, 'InputS3Configuration': source,
            'OutputS3Configuration': {'S3Bucket': bucket, 'S3KeyPrefix': 'out', 'OutputType': list(types)}, **more}


def finish_bulk(wire, arn, seconds=240):
    def ended():
        description = wire.call('DescribeBulkOperation', {'BulkOperationArn': arn})['BulkOperationDescription']
        return description if description['BulkOperationStatus'] not in ('IN_PROGRESS', 'CANCELLING') else None
    return until(ended, 'the bulk operation', seconds)


def run_bulk(wire, *arguments, **more):
    started = wire.call('StartBulkPutItems', bulk_request(*arguments, **more))['BulkOperationDescription']
    assert started['BulkOperationStatus'] == 'IN_PROGRESS'
    return finish_bulk(wire, started['BulkOperationArn'])


def read_reports(s3, description):
    """By OutputType, the lines of the reports that the manifest names."""
    output = description['OutputS3Configuration']
    folder = f"{output['S3KeyPrefix']}/AWSDynamoDB/{description['BulkOperationArn'].rsplit('/', 1)[1]}/"
    manifest = json.loads(get(s3, output['S3Bucket'], folder + 'manifest.json'))
    assert manifest['bulkOperationArn'] == description['BulkOperationArn']
    reports = {}
    for entry in manifest['outputFiles']:
        lines = get(s3, entry['s3Bucket'], entry['s3Key']).decode().splitlines()
        assert len(lines) == entry['recordCount']
        reports[entry['outputType']] = [json.loads(line) for line in lines]
    named = {entry['s3Key'] for entry in manifest['outputFiles']} | {folder + 'manifest.json'}
    assert set(keys(s3, output['S3Bucket'], folder)) == named
    return reports
