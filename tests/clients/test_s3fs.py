"""s3fs: a bucket as a folder."""
import os
import pathlib
import shutil
import subprocess

import pytest

from support.server import until
from support.tools import ACCESS_KEY, SECRET_KEY, environment, need, read_tree, sha256_of, write_tree


@pytest.fixture
def mounted(shared, s3, name, tmp_path):
    """The bucket's folder. Skips where this machine cannot mount."""
    need('s3fs')
    if not os.path.exists('/dev/fuse'):
        pytest.skip('there is no /dev/fuse')
    s3.create_bucket(Bucket=name)
    folder, password, log = tmp_path / 'mount', tmp_path / 'password', tmp_path / 'log'
    folder.mkdir()
    password.write_text(f'{ACCESS_KEY}:{SECRET_KEY}')
    password.chmod(0o600)
    with open(log, 'wb') as output:
        process = subprocess.Popen(
            ['s3fs', name, folder, '-f', '-o', f'url=http://127.0.0.1:{shared.s3_port}', '-o', 'use_path_request_style', '-o',
             f'passwd_file={password}', '-o', 'retries=1', '-o', 'stat_cache_expire=0', '-o', f'tmpdir={tmp_path}'],
            env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    until(lambda: os.path.ismount(folder) or process.poll() is not None, 's3fs to mount')
    if process.poll() is not None:
        text = log.read_text()
        if 'fuse: ' in text and ('permitted' in text or 'denied' in text or 'not found' in text):
            pytest.skip(f'mounting is not allowed here: {text[-200:]}')
        pytest.fail(text)
    yield folder
    subprocess.run(['fusermount', '-u', folder], check=True)
    process.wait(timeout=60)


def test_files_and_folders(mounted, s3, name):
    tree = write_tree(mounted)
    assert read_tree(mounted) == tree
    keys = [entry['Key'] for entry in s3.list_objects_v2(Bucket=name)['Contents']]
    assert set(tree) <= set(keys) and 'a b/' in keys
    (mounted / 'plain.txt').rename(mounted / 'deep/renamed.txt')
    (mounted / 'deep').rename(mounted / 'deeper')
    shutil.copy(mounted / 'deeper/renamed.txt', mounted / 'copied')
    assert (mounted / 'copied').read_bytes() == b'plain'
    os.chmod(mounted / 'copied', 0o640)
    os.utime(mounted / 'copied', (1_600_000_000, 1_600_000_000))
    status = os.stat(mounted / 'copied')
    assert (status.st_mode & 0o777, int(status.st_mtime)) == (0o640, 1_600_000_000)
    os.symlink('copied', mounted / 'link')
    assert (mounted / 'link').read_bytes() == b'plain'
    with open(mounted / 'copied', 'ab') as file:
        file.write(b' and more')
    assert s3.get_object(Bucket=name, Key='copied')['Body'].read() == b'plain and more'
    s3.put_object(Bucket=name, Key='from/elsewhere', Body=b'hello')
    assert (mounted / 'from/elsewhere').read_bytes() == b'hello'
    shutil.rmtree(mounted / 'deeper')
    for path in sorted(mounted.iterdir()):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    assert list(mounted.iterdir()) == []
    assert s3.list_objects_v2(Bucket=name)['KeyCount'] == 0


def test_a_large_file(mounted, s3, name, large):
    shutil.copyfile(large, mounted / 'large')
    head = s3.head_object(Bucket=name, Key='large')
    assert head['ContentLength'] == 100_000_000 and '-' in head['ETag']
    assert sha256_of(mounted / 'large') == sha256_of(large)
    (mounted / 'large').rename(mounted / 'renamed')
    with open(mounted / 'renamed', 'rb') as file, open(large, 'rb') as original:
        for at in (0, 50_000_000, 99_999_990):
            file.seek(at)
            original.seek(at)
            assert file.read(100) == original.read(100)
    pathlib.Path(mounted / 'renamed').unlink()
    assert s3.list_objects_v2(Bucket=name)['KeyCount'] == 0
