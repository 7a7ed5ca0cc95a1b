"""The AWS command line on large files and whole trees."""
import json
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from support.server import REGION
from support.tools import environment, multipart_etag, read_tree, sha256_of, write_tree


def test_buckets_and_trees(aws, s3, name, tmp_path):
    source, back = tmp_path / 'source', tmp_path / 'back'
    tree = write_tree(source)
    aws('s3', 'mb', f's3://{name}')
    assert name in aws('s3', 'ls')
    aws('s3', 'cp', '--recursive', source, f's3://{name}/x y/', '--no-progress')
    aws('s3', 'cp', '--recursive', f's3://{name}/x y/', back, '--no-progress')
    assert read_tree(back) == tree
    aws('s3', 'sync', f's3://{name}/x y', f's3://{name}/copied', '--no-progress')
    assert aws('s3', 'ls', '--recursive', '--summarize', f's3://{name}/copied/').count('copied/') == len(tree)
    (back / 'plain.txt').unlink()
    aws('s3', 'sync', '--delete', '--exclude', 'ü/*', back, f's3://{name}/copied', '--no-progress')
    left = [entry['Key'] for entry in s3.list_objects_v2(Bucket=name, Prefix='copied/')['Contents']]
    assert len(left) == len(tree) - 1 and 'copied/plain.txt' not in left
    aws('s3', 'mv', f's3://{name}/x y/plain.txt', f's3://{name}/moved')
    assert aws('s3', 'cp', f's3://{name}/moved', '-') == 'plain'
    assert 'x y/plain.txt' not in [entry['Key'] for entry in s3.list_objects_v2(Bucket=name)['Contents']]
    aws('s3', 'rm', '--recursive', f's3://{name}', '--exclude', '*', '--include', 'copied/*')
    assert s3.list_objects_v2(Bucket=name, Prefix='copied/')['KeyCount'] == 0
    aws('s3', 'rb', '--force', f's3://{name}')
    assert 'NoSuchBucket' in aws('s3', 'ls', f's3://{name}', fails=True)


def test_parts_and_copies_of_a_large_file(aws, s3, name, large, tmp_path):
    aws('s3', 'mb', f's3://{name}')
    aws('s3', 'cp', large, f's3://{name}/large', '--metadata', 'm=1', '--content-type', 'a/b', '--no-progress')
    head = s3.head_object(Bucket=name, Key='large')
    assert (head['ETag'], head['Metadata'], head['ContentType']) == (multipart_etag(large, 8 << 20), {'m': '1'}, 'a/b')
    aws('s3', 'cp', f's3://{name}/large', f's3://{name}/copy', '--no-progress')
    assert s3.head_object(Bucket=name, Key='copy')['Metadata'] == {'m': '1'}
    aws('s3', 'cp', f's3://{name}/copy', tmp_path / 'back', '--no-progress')
    assert sha256_of(tmp_path / 'back') == sha256_of(large)
    assert aws('s3', 'sync', large.parent, f's3://{name}', '--no-progress', '--size-only') == ''


def test_an_upload_by_hand_is_resumed(aws, name, large, tmp_path):
    aws('s3', 'mb', f's3://{name}')
    upload = aws('s3api', 'create-multipart-upload', '--bucket', name, '--key', 'k', '--checksum-algorithm', 'SHA256')['UploadId']
    pieces = []
    with open(large, 'rb') as file:
        for number in (1, 2):
            piece = tmp_path / str(number)
            piece.write_bytes(file.read(6 << 20))
            pieces.append(piece)
    aws('s3api', 'upload-part', '--bucket', name, '--key', 'k', '--upload-id', upload, '--part-number', 1, '--body', pieces[0], '--checksum-algorithm', 'SHA256')
    assert [u['UploadId'] for u in aws('s3api', 'list-multipart-uploads', '--bucket', name)['Uploads']] == [upload]
    aws('s3api', 'upload-part', '--bucket', name, '--key', 'k', '--upload-id', upload, '--part-number', 2, '--body', pieces[1], '--checksum-algorithm', 'SHA256')
    parts = aws('s3api', 'list-parts', '--bucket', name, '--key', 'k', '--upload-id', upload)['Parts']
    chosen = {'Parts': [{field: part[field] for field in ('PartNumber', 'ETag', 'ChecksumSHA256')} for part in parts]}
    done = aws('s3api', 'complete-multipart-upload', '--bucket', name, '--key', 'k', '--upload-id', upload, '--multipart-upload', chosen)
    assert done['ChecksumSHA256'].endswith('-2') and done['ETag'].endswith('-2"')
    head = aws('s3api', 'head-object', '--bucket', name, '--key', 'k', '--checksum-mode', 'ENABLED')
    assert (head['ChecksumSHA256'], head['ContentLength']) == (done['ChecksumSHA256'], 12 << 20)
    aws('s3api', 'get-object', '--bucket', name, '--key', 'k', '--part-number', 2, tmp_path / 'second')
    assert (tmp_path / 'second').read_bytes() == pieces[1].read_bytes()


def test_tags_acl_and_listings_through_s3api(aws, name, tmp_path):
    aws('s3', 'mb', f's3://{name}')
    (tmp_path / 'f').write_text('x')
    for key in ('a/1', 'a/2', 'b'):
        aws('s3api', 'put-object', '--bucket', name, '--key', key, '--body', tmp_path / 'f', '--tagging', 'k=v')
    aws('s3api', 'put-object-tagging', '--bucket', name, '--key', 'b', '--tagging', {'TagSet': [{'Key': 'a b', 'Value': 'ü'}]})
    assert aws('s3api', 'get-object-tagging', '--bucket', name, '--key', 'b')['TagSet'] == [{'Key': 'a b', 'Value': 'ü'}]
    aws('s3api', 'delete-object-tagging', '--bucket', name, '--key', 'b')
    assert aws('s3api', 'get-object-tagging', '--bucket', name, '--key', 'b')['TagSet'] == []
    assert aws('s3api', 'get-object-acl', '--bucket', name, '--key', 'b')['Grants'][0]['Permission'] == 'FULL_CONTROL'
    assert [p['Prefix'] for p in aws('s3api', 'list-objects', '--bucket', name, '--delimiter', '/')['CommonPrefixes']] == ['a/']
    paged = aws('s3api', 'list-objects-v2', '--bucket', name, '--page-size', 1)
    assert [entry['Key'] for entry in paged['Contents']] == ['a/1', 'a/2', 'b']
    assert len(aws('s3api', 'list-object-versions', '--bucket', name)['Versions']) == 3
    aws('s3api', 'wait', 'object-exists', '--bucket', name, '--key', 'b')
    assert 'PreconditionFailed' in aws('s3api', 'get-object', '--bucket', name, '--key', 'b', '--if-match', '"x"', tmp_path / 'none', fails=True)


def test_presigned_urls_end(aws, name):
    aws('s3', 'mb', f's3://{name}')
    url = aws('s3', 'presign', f's3://{name}/none', '--expires-in', 60).strip()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url)
    assert refused.value.code == 404, 'the signature is accepted'
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url.replace('X-Amz-Date=20', 'X-Amz-Date=19'))
    assert refused.value.code == 403 and b'Request has expired' in refused.value.read()


def test_virtual_host_style(shared, name, home):
    """The CLI itself: the host of the bucket is given by name, which needs a resolver that knows *.localhost."""
    try:
        socket.getaddrinfo(f'{name}.localhost', shared.s3_port)
    except OSError:
        pytest.skip('*.localhost is no name on this machine; test_boto3.py has the same through a resolver of its own')
    config = home / 'config'
    config.write_text('[default]\ns3 =\n  addressing_style = virtual\n')
    done = subprocess.run(['aws', '--endpoint-url', f'http://localhost:{shared.s3_port}', 's3api', 'create-bucket', '--bucket', name],
                          env=environment(home, AWS_CONFIG_FILE=str(config), AWS_ACCESS_KEY_ID='test', AWS_SECRET_ACCESS_KEY='test', AWS_DEFAULT_REGION=REGION),
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)['Location'] == f'/{name}'
