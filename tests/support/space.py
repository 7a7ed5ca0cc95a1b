"""What a server's data directory holds that nobody needs: there must be nothing."""
import json
import re
import urllib.request

from support.server import until


def files_below(folder):
    return [path for path in folder.glob('**/*') if path.is_file()]


def check_no_leftovers(server, buckets=()):
    """Of jobs and of what they read: bulk loads, history that is not in its list, uploads, holds, tables that are gone.
    Waits for what happens in the background."""
    database = server.data_dir / 'dynamodb'
    assert list((database / 'load').glob('*')) == []

    def history_is_listed():
        listed = set(re.findall(r'\d{6}\.sst', (database / 'history' / 'MANIFEST').read_text(errors='replace')))
        return {path.name for path in (database / 'history').iterdir()} == listed | {'MANIFEST'}
    if (database / 'history' / 'MANIFEST').exists():
        until(history_is_listed, 'the files of the history to be those that are listed')
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    total = 0
    for bucket in buckets:
        assert s3.list_multipart_uploads(Bucket=bucket).get('Uploads', []) == []
        pages = s3.get_paginator('list_objects_v2').paginate(Bucket=bucket)
        total += sum(entry['Size'] for page in pages for entry in page.get('Contents', []))
    data = server.data_dir / 'objects' / 'data'
    until(lambda: sum(path.stat().st_size for path in files_below(data)) <= total, 'the room of what was cut off')


def holders(server):
    """Who needs the past of a table, and what is gone but takes space."""
    found = json.load(urllib.request.urlopen(f'{server.endpoint}/_tidemark/tables'))
    return sorted(who for table in found['tables'] + found['gone'] for who in table['held_by']), found['gone']


def wait_for_holders(server, kinds=()):
    """Nobody but these kinds holds anything, and what is gone without being held has been given back."""
    def is_settled():
        who, gone = holders(server)
        return all(name.split('/')[0] in kinds for name in who) and all(entry['held_by'] for entry in gone)
    until(is_settled, 'jobs to let go')
