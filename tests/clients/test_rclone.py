"""rclone, as people use it."""
import json
import urllib.request

import pytest

from support.tools import ACCESS_KEY, SECRET_KEY, Tool, read_tree, sha256_of, write_tree


@pytest.fixture(scope='module')
def rclone(shared, home):
    settings = {'TYPE': 's3', 'PROVIDER': 'Other', 'ENDPOINT': f'http://127.0.0.1:{shared.s3_port}', 'ACCESS_KEY_ID': ACCESS_KEY,
                'SECRET_ACCESS_KEY': SECRET_KEY, 'FORCE_PATH_STYLE': 'true', 'REGION': 'eu-central-1'}
    return Tool(home, 'rclone', '--config', home / 'none', '--retries', '1', '--low-level-retries', '1', '--checkers', '4', '--transfers', '4',
                **{f'RCLONE_CONFIG_S3_{key}': value for key, value in settings.items()})


def test_copy_check_sync_and_purge(rclone, name, tmp_path):
    source, back = tmp_path / 'source', tmp_path / 'back'
    tree = write_tree(source)
    rclone('mkdir', f's3:{name}')
    assert name in rclone('lsd', 's3:')
    rclone('copy', source, f's3:{name}/x y')
    rclone('check', source, f's3:{name}/x y')
    assert sorted(rclone('lsf', '-R', '--files-only', f's3:{name}/x y').splitlines()) == sorted(tree)
    entry = next(e for e in json.loads(rclone('lsjson', '-R', '-M', f's3:{name}')) if e['Name'] == 'plain.txt')
    local = (source / 'plain.txt').stat().st_mtime
    assert (entry['Size'], 'mtime' in entry['Metadata']) == (5, True)
    rclone('copy', f's3:{name}/x y', back)
    assert read_tree(back) == tree
    assert (back / 'plain.txt').stat().st_mtime == pytest.approx(local, abs=0.001), 'kept as metadata'
    (source / 'plain.txt').write_text('longer than before')
    (source / '.hidden').unlink()
    rclone('sync', source, f's3:{name}/x y')
    rclone('sync', f's3:{name}/x y', back)
    assert read_tree(back) == read_tree(source)
    (source / 'plain.txt').write_text('not longer than b.')
    rclone('check', source, f's3:{name}/x y', fails=True)
    rclone('purge', f's3:{name}')
    assert 'directory not found' in rclone('lsf', f's3:{name}', fails=True)


def test_server_side_move_and_copy(rclone, name, tmp_path):
    rclone('mkdir', f's3:{name}')
    rclone('rcat', f's3:{name}/a/f', data=b'0123456789')
    rclone('copyto', f's3:{name}/a/f', f's3:{name}/b/copy of f')
    rclone('moveto', f's3:{name}/a/f', f's3:{name}/c/moved')
    assert rclone('lsf', '-R', '--files-only', f's3:{name}').splitlines() == ['b/copy of f', 'c/moved']
    assert rclone('cat', f's3:{name}/c/moved') == '0123456789'
    assert rclone('cat', '--offset', 3, '--count', 4, f's3:{name}/c/moved') == '3456'
    assert rclone('cat', '--tail', 2, f's3:{name}/c/moved') == '89'
    rclone('move', f's3:{name}/c', f's3:{name}/d')
    assert rclone('lsf', '-R', '--files-only', f's3:{name}').splitlines() == ['b/copy of f', 'd/moved']
    rclone('touch', '--timestamp', '2020-01-02T03:04:05', f's3:{name}/d/moved')
    assert '2020-01-02 03:04:05' in rclone('lsl', f's3:{name}/d')
    rclone('deletefile', f's3:{name}/d/moved')
    rclone('delete', f's3:{name}')
    rclone('rmdir', f's3:{name}')


def test_parts(rclone, s3, name, large, tmp_path):
    rclone('mkdir', f's3:{name}')
    rclone('copyto', '--s3-upload-cutoff', '10M', '--s3-chunk-size', '10M', large, f's3:{name}/large')
    head = s3.head_object(Bucket=name, Key='large')
    assert head['ETag'].endswith('-10"') and head['ContentLength'] == 100_000_000
    rclone('copyto', f's3:{name}/large', tmp_path / 'back')
    assert sha256_of(tmp_path / 'back') == sha256_of(large)
    rclone('copyto', '--s3-copy-cutoff', '30M', f's3:{name}/large', f's3:{name}/copy')
    assert s3.head_object(Bucket=name, Key='copy')['ETag'].endswith('-4"')
    rclone('check', '--download', large.parent, f's3:{name}', '--include', 'large')
    s3.create_multipart_upload(Bucket=name, Key='left')
    assert 'left' in rclone('backend', 'list-multipart-uploads', f's3:{name}')
    rclone('backend', 'cleanup', '-o', 'max-age=1ns', f's3:{name}')
    assert 'left' not in rclone('backend', 'list-multipart-uploads', f's3:{name}')


def test_links(rclone, name):
    rclone('mkdir', f's3:{name}')
    rclone('rcat', f's3:{name}/k e y', data=b'hello')
    with urllib.request.urlopen(rclone('link', '--expire', '60s', f's3:{name}/k e y').strip()) as answer:
        assert answer.read() == b'hello'
