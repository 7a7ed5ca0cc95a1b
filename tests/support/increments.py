"""Reads incremental exports by the rules that their consumers follow."""
import base64
import gzip
import hashlib
import json

from support.transfers import get


def read_changes(s3, description):
    """The records of an incremental export in DynamoDB JSON, in no order. Reads as OpenSearch Data Prepper does (the first
    line of the summary, each line of the list, no blank ones, objects by their etag), and checks what AWS's bulk
    executor checks: both checksum files, the counts, the checksums of the compressed bytes, keys that are keys."""
    assert description['ExportStatus'] == 'COMPLETED', description
    bucket = description['S3Bucket']
    summary_key = description['ExportManifest']
    summary_bytes = get(s3, bucket, summary_key)
    summary = json.loads(summary_bytes.split(b'\n')[0])
    assert summary['exportArn'] == description['ExportArn']
    files = get(s3, bucket, summary['manifestFilesS3Key'])
    for key, data in ((summary_key, summary_bytes), (summary['manifestFilesS3Key'], files)):
        digest = base64.b64encode(hashlib.md5(data).digest())
        assert get(s3, bucket, key.removesuffix('.json') + '.md5') == digest
    assert files.endswith(b'\n') and b'\n\n' not in files
    records = []
    for line in files.decode().split('\n')[:-1]:
        entry = json.loads(line)
        data = s3.get_object(Bucket=bucket, Key=entry['dataFileS3Key'], IfMatch=entry['etag'])['Body'].read()
        assert base64.b64encode(hashlib.md5(data).digest()).decode() == entry['md5Checksum']
        lines = gzip.decompress(data).decode().split('\n')
        assert lines.pop() == ''
        assert len(lines) == entry['itemCount']
        records += [json.loads(text) for text in lines]
    assert len(records) == summary['itemCount'] == description['ItemCount']
    return records


def apply_changes(items, records, key_names=('pk',)):
    """Puts what has a new image and deletes the rest, on a dictionary of items by their key."""
    for record in records:
        assert sorted(record['Keys']) == sorted(key_names)
        key = key_of(record['Keys'], key_names)
        if 'NewImage' in record:
            items[key] = record['NewImage']
        else:
            items.pop(key, None)
    return items


def key_of(item, key_names=('pk',)):
    return json.dumps([item[name] for name in key_names])


def by_key(items, key_names=('pk',)):
    found = {key_of(item, key_names): item for item in items}
    assert len(found) == len(items), 'each item once'
    return found
