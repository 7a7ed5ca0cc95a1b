"""s3cmd, as people use it."""
import re
import urllib.error
import urllib.request

import pytest

from support.tools import ACCESS_KEY, SECRET_KEY, Tool, multipart_etag, read_tree, sha256_of, write_tree


@pytest.fixture(scope='module')
def s3cmd(shared, home):
    config = home / 's3cfg'
    host = f'127.0.0.1:{shared.s3_port}'
    config.write_text(f'[default]\naccess_key = {ACCESS_KEY}\nsecret_key = {SECRET_KEY}\nhost_base = {host}\n'
                      f'host_bucket = {host}\nuse_https = False\nmultipart_chunk_size_mb = 15\nmax_retries = 1\nprogress_meter = False\n')
    return Tool(home, 's3cmd', '-c', config, '--no-progress')


def test_put_get_list_info_delete(s3cmd, name, tmp_path):
    file = tmp_path / 'a b+ü.txt'
    file.write_text('hello')
    assert f"Bucket 's3://{name}/' created" in s3cmd('mb', f's3://{name}')
    assert f's3://{name}' in s3cmd('ls')
    s3cmd('put', file, f's3://{name}/dir/', '--add-header=x-amz-meta-colour: blue', '--mime-type=text/x-test', '--storage-class=STANDARD_IA')
    listed = s3cmd('ls', '--list-md5', f's3://{name}/dir/')
    assert '5d41402abc4b2a76b9719d911017c592' in listed and f's3://{name}/dir/a b+ü.txt' in listed
    assert re.search(r'DIR\s+s3://' + name + '/dir/', s3cmd('ls', f's3://{name}/'))
    info = s3cmd('info', f's3://{name}/dir/a b+ü.txt')
    for line in ('File size: 5', 'MIME type: text/x-test', 'MD5 sum:   5d41402abc4b2a76b9719d911017c592', 'x-amz-meta-colour: blue', 'Storage:   STANDARD_IA',
                 'FULL_CONTROL'):
        assert line in info, info
    assert 'Location:  us-east-1' in s3cmd('info', f's3://{name}')
    s3cmd('get', f's3://{name}/dir/a b+ü.txt', tmp_path / 'back')
    assert (tmp_path / 'back').read_text() == 'hello'
    assert '5 ' in s3cmd('du', f's3://{name}')
    assert 'BucketNotEmpty' in s3cmd('rb', f's3://{name}', fails=True)
    s3cmd('del', f's3://{name}/dir/a b+ü.txt')
    assert s3cmd('ls', '-r', f's3://{name}') == ''
    assert 'removed' in s3cmd('rb', f's3://{name}')
    assert 'NoSuchBucket' in s3cmd('ls', f's3://{name}', fails=True)


def test_cp_mv_and_modify(s3cmd, s3, name, tmp_path):
    s3cmd('mb', f's3://{name}')
    (tmp_path / 'f').write_text('hello')
    s3cmd('put', tmp_path / 'f', f's3://{name}/f')
    s3cmd('cp', f's3://{name}/f', f's3://{name}/copy of f')
    s3cmd('mv', f's3://{name}/copy of f', f's3://{name}/moved')
    s3cmd('modify', '--add-header=Cache-Control: no-store', f's3://{name}/moved')
    assert s3.head_object(Bucket=name, Key='moved')['CacheControl'] == 'no-store'
    assert sorted(line.split()[-1] for line in s3cmd('ls', f's3://{name}').splitlines()) == [f's3://{name}/f', f's3://{name}/moved']
    assert s3cmd('get', f's3://{name}/moved', '-') == 'hello'


def test_sync_and_delete_many(s3cmd, name, tmp_path):
    source, back = tmp_path / 'source', tmp_path / 'back'
    tree = write_tree(source)
    back.mkdir()
    s3cmd('mb', f's3://{name}')
    s3cmd('sync', f'{source}/', f's3://{name}/x/')
    s3cmd('sync', f's3://{name}/x/', f'{back}/')
    assert read_tree(back) == tree
    assert 'upload:' not in s3cmd('sync', f'{source}/', f's3://{name}/x/')
    (source / 'plain.txt').write_text('longer than before')
    (source / 'empty').unlink()
    s3cmd('sync', '--delete-removed', f'{source}/', f's3://{name}/x/')
    s3cmd('sync', '--delete-removed', f's3://{name}/x/', f'{back}/')
    assert read_tree(back) == read_tree(source)
    s3cmd('del', '--recursive', '--force', f's3://{name}/')
    assert s3cmd('ls', '-r', f's3://{name}') == ''


def test_parts_ranges_and_resume(s3cmd, s3, name, large, tmp_path):
    s3cmd('mb', f's3://{name}')
    s3cmd('put', large, f's3://{name}/large')
    assert s3.head_object(Bucket=name, Key='large')['ETag'] == multipart_etag(large, 15 << 20)
    back = tmp_path / 'back'
    with open(large, 'rb') as file:
        back.write_bytes(file.read(30_000_000))
    s3cmd('get', '--continue', f's3://{name}/large', back)
    assert sha256_of(back) == sha256_of(large)
    # An upload that was interrupted after two parts goes on behind them.
    upload = s3.create_multipart_upload(Bucket=name, Key='resumed')['UploadId']
    with open(large, 'rb') as file:
        for number in (1, 2):
            s3.upload_part(Bucket=name, Key='resumed', UploadId=upload, PartNumber=number, Body=file.read(15 << 20))
    assert upload in s3cmd('multipart', f's3://{name}')
    assert s3cmd('listmp', f's3://{name}/resumed', upload).count('15728640') == 2
    output = s3cmd('put', f'--upload-id={upload}', large, f's3://{name}/resumed', '-v')
    assert s3.head_object(Bucket=name, Key='resumed')['ETag'] == multipart_etag(large, 15 << 20), output
    upload = s3.create_multipart_upload(Bucket=name, Key='given-up')['UploadId']
    s3cmd('abortmp', f's3://{name}/given-up', upload)
    assert upload not in s3cmd('multipart', f's3://{name}')


def test_signed_urls(s3cmd, name, tmp_path):
    s3cmd('mb', f's3://{name}')
    (tmp_path / 'f').write_text('hello')
    s3cmd('put', tmp_path / 'f', f's3://{name}/k e+y')
    with urllib.request.urlopen(s3cmd('signurl', f's3://{name}/k e+y', '+60').strip()) as answer:
        assert answer.read() == b'hello'
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(s3cmd('signurl', f's3://{name}/k e+y', '1600000000').strip())
    assert refused.value.code == 403


def test_acls(s3cmd, name, tmp_path):
    s3cmd('mb', f's3://{name}')
    (tmp_path / 'f').write_text('hello')
    s3cmd('put', '--acl-public', tmp_path / 'f', f's3://{name}/f')
    s3cmd('setacl', '--acl-private', f's3://{name}/f')
    assert '*anon*' not in s3cmd('info', f's3://{name}/f')
    s3cmd('setacl', '--acl-public', f's3://{name}/f')
    assert '*anon*' in s3cmd('info', f's3://{name}/f')
