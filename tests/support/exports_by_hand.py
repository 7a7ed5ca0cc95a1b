"""Exports whose records a test writes itself, as files in a folder: manifests, sums and data."""
import base64
import gzip
import hashlib
import json

ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/'


def at(hour, minute=0):
    return f'2026-01-01T{hour:02}:{minute:02}:00.000Z'


def _md5(data):
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def _write(folder, export_id, data_place, records, **summary):
    root = folder / 'AWSDynamoDB'
    (root / data_place).mkdir(parents=True, exist_ok=True)
    (root / export_id).mkdir(exist_ok=True)
    data = gzip.compress(b''.join(json.dumps(one).encode() + b'\n' for one in records))
    name = f'AWSDynamoDB/{data_place}/{export_id}.json.gz'
    (folder / name).write_bytes(data)
    listed = json.dumps({'itemCount': len(records), 'md5Checksum': _md5(data), 'dataFileS3Key': name}).encode() + b'\n'
    described = json.dumps({'manifestFilesS3Key': f'AWSDynamoDB/{export_id}/manifest-files.json', 'itemCount': len(records),
                            'outputFormat': 'DYNAMODB_JSON', **summary}).encode()
    for kind, text in (('files', listed), ('summary', described)):
        (root / export_id / f'manifest-{kind}.json').write_bytes(text)
        (root / export_id / f'manifest-{kind}.md5').write_text(_md5(text))
    return str(root / export_id)


def full_export(folder, export_id, records, time, table='Source', table_id='one'):
    return _write(folder, export_id, f'{export_id}/data', [{'Item': one} for one in records], exportTime=time,
                  tableArn=ARN + table, tableId=table_id)


def increment(folder, export_id, records, begin, end, table='Source', table_id='one'):
    """`records`: the key `pk` and what became of the item, nothing where it went."""
    return _write(folder, export_id, 'data', [
        {'Keys': {'pk': one['pk']}, **({'NewImage': one} if len(one) > 1 else {})} for one in records],
        exportFromTime=begin, exportToTime=end, outputView='NEW_IMAGE', exportType='INCREMENTAL_EXPORT',
        tableArn=ARN + table, tableId=table_id)
