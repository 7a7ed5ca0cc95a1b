"""Data that rots on disk behind the server's back, seen through boto3."""
import http.client
import os
import time
import pytest
from botocore.exceptions import ClientError

from support.server import until

MIB = 1 << 20
BODY = os.urandom(5 * MIB)


def flip(offset):
    def damage(path):
        with open(path, 'r+b') as file:
            file.seek(offset, os.SEEK_SET if offset >= 0 else os.SEEK_END)
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte[0] ^ 0x10]))
    return damage


def cut(path):
    os.truncate(path, os.path.getsize(path) - 1)


def grow(path):
    with open(path, 'ab') as file:
        file.write(b'x')


DAMAGES = {'first-byte': flip(0), 'middle': flip(5 * MIB // 2), 'last-byte': flip(-1), 'cut': cut, 'grown': grow,
           'missing': os.unlink}


def put_plain(s3):
    s3.put_object(Bucket='bucket', Key='k', Body=BODY)
    return BODY


def put_multipart(s3):
    upload = s3.create_multipart_upload(Bucket='bucket', Key='k')['UploadId']
    parts = []
    for number, body in enumerate((BODY, b'tail'), 1):
        part = s3.upload_part(Bucket='bucket', Key='k', UploadId=upload, PartNumber=number, Body=body)
        parts.append({'PartNumber': number, 'ETag': part['ETag']})
    s3.complete_multipart_upload(Bucket='bucket', Key='k', UploadId=upload, MultipartUpload={'Parts': parts})
    return BODY + b'tail'


def put_copy(s3):
    s3.put_object(Bucket='bucket', Key='source', Body=BODY)
    s3.copy_object(Bucket='bucket', Key='k', CopySource={'Bucket': 'bucket', 'Key': 'source'})
    s3.delete_object(Bucket='bucket', Key='source')
    return BODY


KINDS = {'plain': put_plain, 'multipart': put_multipart, 'copy': put_copy}


def s3_of(server):
    return server.client('s3', endpoint=server.s3_endpoint)


def data_files(server):
    return [path for path in (server.data_dir / 'objects' / 'data').rglob('*') if path.is_file()]


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response['ResponseMetadata']['HTTPStatusCode'], response['Error']['Code']


@pytest.fixture
def store(own_server):
    s3_of(own_server).create_bucket(Bucket='bucket')
    return own_server


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('damage', DAMAGES)
def test_damage_is_an_error_before_a_byte_is_sent(store, kind, damage):
    s3 = s3_of(store)
    body = KINDS[kind](s3)
    assert s3.get_object(Bucket='bucket', Key='k')['Body'].read() == body
    [path] = data_files(store)
    DAMAGES[damage](path)
    assert refused(s3.get_object, Bucket='bucket', Key='k') == (500, 'InternalError')
    assert s3.head_object(Bucket='bucket', Key='k')['ContentLength'] == len(body)
    for start in (0, 5 * MIB // 2 - 3, 5 * MIB - 6):
        try:
            answer = s3.get_object(Bucket='bucket', Key='k', Range=f'bytes={start}-{start + 5}')
            assert answer['Body'].read() == body[start:start + 6]
        except ClientError as error:
            assert error.response['ResponseMetadata']['HTTPStatusCode'] == 500
    log = store.log()
    assert 'object data is damaged' in log
    assert 'bucket=bucket' in log and 'key=k' in log and str(path) in log
    # The store lives on, and the key can be written again.
    s3.put_object(Bucket='bucket', Key='k', Body=b'new')
    assert s3.get_object(Bucket='bucket', Key='k')['Body'].read() == b'new'


def test_damage_found_while_streaming_cuts_the_answer(store):
    s3 = s3_of(store)
    block = os.urandom(MIB)
    s3.put_object(Bucket='bucket', Key='k', Body=block * 80)
    [path] = data_files(store)
    flip(75 * MIB)(path)
    connection = http.client.HTTPConnection('127.0.0.1', store.s3_port, timeout=60)
    connection.request('GET', '/bucket/k')
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    received = caught.value.partial
    assert 64 * MIB <= len(received) <= 75 * MIB
    assert received == (block * 80)[:len(received)]
    connection.close()
    # What is whole is still to be had.
    good = s3.get_object(Bucket='bucket', Key='k', Range=f'bytes=0-{70 * MIB - 1}')['Body'].read()
    assert good == block * 70


def test_copies_and_parts_do_not_carry_damage_on(store):
    s3 = s3_of(store)
    put_plain(s3)
    [path] = data_files(store)
    flip(5 * MIB // 2)(path)
    source = {'Bucket': 'bucket', 'Key': 'k'}
    assert refused(s3.copy_object, Bucket='bucket', Key='c', CopySource=source,
                   ChecksumAlgorithm='SHA256') == (500, 'InternalError')
    upload = s3.create_multipart_upload(Bucket='bucket', Key='m')['UploadId']
    part = {'Bucket': 'bucket', 'Key': 'm', 'UploadId': upload, 'PartNumber': 1, 'CopySource': source}
    assert refused(s3.upload_part_copy, **part,
                   CopySourceRange=f'bytes=1-{5 * MIB - 1}') == (500, 'InternalError')
    # What takes over bytes by reference takes a look at them first.
    assert refused(s3.copy_object, Bucket='bucket', Key='c', CopySource=source) == (500, 'InternalError')
    assert refused(s3.head_object, Bucket='bucket', Key='c')[0] == 404
    assert refused(s3.upload_part_copy, **part) == (500, 'InternalError')
    assert 'Parts' not in s3.list_parts(Bucket='bucket', Key='m', UploadId=upload)


def test_leftovers_are_swept_after_a_kill(store):
    s3 = s3_of(store)
    s3.put_object(Bucket='bucket', Key='k', Body=BODY)
    upload = s3.create_multipart_upload(Bucket='bucket', Key='m')['UploadId']
    s3.upload_part(Bucket='bucket', Key='m', UploadId=upload, PartNumber=1, Body=BODY)
    kept = set(data_files(store))
    connection = http.client.HTTPConnection('127.0.0.1', store.s3_port, timeout=60)
    connection.putrequest('PUT', '/bucket/half')
    connection.putheader('Content-Length', str(10 * MIB))
    connection.endheaders()
    connection.send(BODY)
    deadline = time.monotonic() + 60
    while set(data_files(store)) == kept and time.monotonic() < deadline:
        pass
    store.kill()
    connection.close()
    assert len(data_files(store)) == 3
    store.start()
    while set(data_files(store)) != kept and time.monotonic() < deadline:
        pass
    assert set(data_files(store)) == kept
    s3 = s3_of(store)
    assert s3.get_object(Bucket='bucket', Key='k')['Body'].read() == BODY
    assert refused(s3.head_object, Bucket='bucket', Key='half')[0] == 404
    s3.abort_multipart_upload(Bucket='bucket', Key='m', UploadId=upload)
    until(lambda: len(data_files(store)) == 1, 'the parts to go')
