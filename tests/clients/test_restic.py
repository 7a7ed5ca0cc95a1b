"""restic, whose client (minio-go) sends bodies in signed chunks over plain HTTP."""
import pytest

from support.tools import ACCESS_KEY, SECRET_KEY, Tool, random_file, read_tree, write_tree


@pytest.fixture
def restic(shared, home, s3, name):
    s3.create_bucket(Bucket=name)
    return Tool(home, 'restic', '--no-cache', '-r', f's3:http://127.0.0.1:{shared.s3_port}/{name}/back up', RESTIC_PASSWORD='secret',
                AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_DEFAULT_REGION='us-east-1')


def test_backup_check_restore_and_prune(restic, s3, name, tmp_path):
    source, back = tmp_path / 'source', tmp_path / 'back'
    write_tree(source)
    random_file(source / 'large', 30_000_000)
    restic('init')
    restic('backup', source)
    restic('check', '--read-data')
    restic('restore', 'latest', '--target', back)
    assert read_tree(back / source.relative_to('/')) == read_tree(source)
    (source / 'large').unlink()
    restic('backup', source)
    restic('forget', '--keep-last', '1', '--prune')
    restic('check')
    keys = [entry['Key'] for page in s3.get_paginator('list_objects_v2').paginate(Bucket=name) for entry in page['Contents']]
    assert all(key.startswith('back up/') for key in keys) and 'back up/config' in keys
