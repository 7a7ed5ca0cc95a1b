"""Background jobs and their progress: /_tidemark/jobs and `tidemark jobs`."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import urllib.error
import urllib.request

import pytest

from support.server import PROGRAM, running, set_pitr, table_request, until
from support.transfers import export, finish_export, finish_import, import_request, run_import


@pytest.fixture(scope='module')
def server():
    """A server whose jobs are those of this file."""
    with running() as started:
        yield started


@pytest.fixture
def wire(server):
    connection = server.wire()
    yield connection
    connection.close()


@pytest.fixture(scope='module')
def source(server):
    """A bucket with 3 objects of 1,000 items each under in/, a bad one under bad/, and large ones under large/."""
    s3 = server.client('s3', endpoint=server.s3_endpoint)
    s3.create_bucket(Bucket='source')
    for part in range(3):
        lines = [json.dumps({'Item': {'pk': {'S': f'{part}-{n}'}, 'text': {'S': 'x' * 50}}}) for n in range(1000)]
        s3.put_object(Bucket='source', Key=f'in/{part}', Body='\n'.join(lines).encode())
    s3.put_object(Bucket='source', Key='bad/one', Body=b'{"Item":{"pk":{"S":"a"}}}\n{"Item":{"x":{"S":"no key"}}}\n')
    large = '\n'.join(json.dumps({'Item': {'pk': {'S': f'{n}'}, 'text': {'S': os.urandom(500).hex()}}}) for n in range(2000))
    for part in range(20):
        s3.put_object(Bucket='source', Key=f'large/{part}', Body=large.encode())
    return 'source'


def ask(server, path, method='GET'):
    """Status and document."""
    request = urllib.request.Request(server.endpoint + '/_tidemark/jobs' + path, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def id_of(arn):
    return arn.rsplit('/', 1)[1]


def command(server, *arguments, status=0):
    done = subprocess.run([PROGRAM, 'jobs', '--port', str(server.port), *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done
    return done.stdout if status in (0, 1) and not done.stderr else done.stderr


def on_terminal(server, *arguments):
    """What the command writes to a terminal of 100 columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 100, 0, 0))
    process = subprocess.Popen([PROGRAM, 'jobs', '--port', str(server.port), *arguments], stdout=slave)
    os.close(slave)
    text = b''
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.close(master)
    return process.wait(timeout=60), text.decode()


def test_an_export_and_an_import_show_what_they_did(server, wire, source):
    imported = run_import(wire, table_request('shown'), source, 'in/')
    set_pitr(wire, 'shown', True)
    exported = export(wire, imported['TableArn'], source, S3Prefix='out')

    status, job = ask(server, '/' + id_of(imported['ImportArn']))
    assert status == 200
    assert (job['kind'], job['status'], job['table']) == ('import', 'COMPLETED', 'shown')
    assert job['arn'] == imported['ImportArn'] and job['table_arn'] == imported['TableArn']
    assert (job['items'], job['bytes']) == (imported['ProcessedItemCount'], imported['ProcessedSizeBytes'])
    assert (job['files'], job['errors'], job['measure']) == (3, 0, 'bytes')
    assert job['done'] == job['total'] == job['bytes']
    assert [(part['name'], part['state'], part['items']) for part in job['parts']] == [
        (f'in/{n}', 'DONE', 1000) for n in range(3)]
    assert job['started'] <= job['ended'] and 'failure' not in job

    status, job = ask(server, '/' + id_of(exported['ExportArn']))
    assert (job['kind'], job['status'], job['items'], job['measure']) == ('export', 'COMPLETED', 3000, 'items')
    assert job['bytes'] == exported['BilledSizeBytes']
    assert job['files'] == len(job['parts']) == 4
    for counter in ('items', 'bytes', 'files'):
        assert sum(part[counter] for part in job['parts']) == job[counter]

    _, listed = ask(server, '?table=shown')
    assert [job['kind'] for job in listed['jobs']] == ['export', 'import'], 'newest first'
    assert 'parts' not in listed['jobs'][0] and 'next' not in listed
    _, first = ask(server, '?table=shown&limit=1')
    _, second = ask(server, f'?table=shown&limit=1&before={first["next"]}')
    assert first['jobs'] + second['jobs'] == listed['jobs']
    assert ask(server, f'?kind=import&status=COMPLETED&table={imported["TableArn"]}')[1]['jobs'] == listed['jobs'][1:]


def test_a_failed_job_says_why_here_and_in_the_log(server, wire, source):
    failed = run_import(wire, table_request('refused'), source, 'bad/')
    job_id = id_of(failed['ImportArn'])
    _, job = ask(server, '/' + job_id)
    assert (job['status'], job['items'], job['errors']) == ('FAILED', 2, 1)
    assert job['failure'] == {'code': 'ItemValidationError', 'message': failed['FailureMessage']}
    with open(job['error_log']) as errors:
        assert len(errors.readlines()) == 1
    line = until(lambda: next((text for text in server.log().splitlines() if job_id in text), None), 'the line')
    assert 'a job failed kind=import' in line and 'code=ItemValidationError' in line
    assert f'errors={job["error_log"]}' in line

    missing = wire.call('ImportTable', import_request(table_request('nowhere'), 'no-such-bucket'))['ImportTableDescription']
    assert finish_import(wire, missing['ImportArn'])['FailureCode'] == 'S3NoSuchBucket'
    _, job = ask(server, '/' + id_of(missing['ImportArn']))
    assert job['failure']['code'] == 'S3NoSuchBucket' and 'error_log' not in job


def test_what_is_refused(server):
    assert ask(server, '/nothing') == (404, {'error': 'There is no job nothing.'})
    assert ask(server, '/nothing', 'DELETE')[0] == 404
    assert ask(server, '?state=FAILED')[0] == 400
    assert ask(server, '', 'DELETE')[0] == 405


def test_cancel(server, wire, source):
    """Two imports run, the third waits: it ends at once. The others end when they notice."""
    arns = [wire.call('ImportTable', import_request(table_request(f'cancel{n}'), source, 'large/'))
            ['ImportTableDescription']['ImportArn'] for n in range(3)]
    status, job = ask(server, '/' + id_of(arns[2]), 'DELETE')
    assert (status, job['status'], job['failure']['code']) == (202, 'CANCELLED', 'Cancelled')
    for arn in arns[:2]:
        status, job = ask(server, '/' + id_of(arn), 'DELETE')
        assert (status, job['status'] in ('CANCELLING', 'CANCELLED')) == (202, True)
    for number, arn in enumerate(arns):
        description = until(
            lambda: (lambda d: d if d['ImportStatus'] not in ('IN_PROGRESS', 'CANCELLING') else None)(
                wire.call('DescribeImport', {'ImportArn': arn})['ImportTableDescription']), 'the end')
        assert (description['ImportStatus'], description['FailureCode']) == ('CANCELLED', 'Cancelled')
        assert f'cancel{number}' not in wire.call('ListTables', {})['TableNames'], 'no half table'
        assert ask(server, '/' + id_of(arn), 'DELETE') == (409, {'error': 'The job has ended.'})


def test_a_cancelled_export_is_a_failed_one_to_clients(server, wire, source):
    arn = run_import(wire, table_request('to-cancel'), source, 'large/')['TableArn']
    set_pitr(wire, 'to-cancel', True)
    started = [wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': source, 'S3Prefix': f'gone{n}'})
               ['ExportDescription']['ExportArn'] for n in range(3)]
    status, job = ask(server, '/' + id_of(started[2]), 'DELETE')
    assert (status, job['status']) == (202, 'CANCELLED')
    description = finish_export(wire, started[2])
    assert (description['ExportStatus'], description['FailureCode'], description['FailureMessage']) == (
        'FAILED', 'Cancelled', 'The job was cancelled.')
    assert 'ExportManifest' not in description
    assert finish_export(wire, started[0])['ExportStatus'] == 'COMPLETED'
    finish_export(wire, started[1])


def test_the_command_lists_jobs(server, wire, source):
    done = run_import(wire, table_request('listed'), source, 'in/')
    lines = command(server, '--table', 'listed').splitlines()
    assert re.fullmatch(r'ID +KIND +TABLE +STATUS +PROGRESS +ITEMS +BYTES +FILES +ERRORS', lines[0])
    assert re.fullmatch(rf'{id_of(done["ImportArn"])} +import +listed +COMPLETED +\[#{{20}}\] 100 % +3000 +[0-9.]+ KiB +3 +0', lines[1])
    assert len(lines) == 2
    assert command(server, '--table', 'nothing') == 'no jobs\n'
    assert json.loads(command(server, '--table', 'listed', '--json')) == ask(server, '?table=listed')[1]


def test_the_command_shows_one_job(server, wire, source):
    done = run_import(wire, table_request('one'), source, 'in/')
    lines = command(server, id_of(done['ImportArn'])).splitlines()
    assert [line.split()[0] for line in lines[4:]] == ['in/0', 'in/1', 'in/2']
    failed = run_import(wire, table_request('one-bad'), source, 'bad/')
    text = command(server, id_of(failed['ImportArn']))
    assert 'failed: ItemValidationError: Some of the items' in text and 'errors: ' in text
    assert 'There is no job x' in command(server, 'x', status=1)


def test_the_command_waits_for_the_end(server, wire, source):
    """Not on a terminal: when it is over. The exit status says how one job went."""
    arn = wire.call('ImportTable', import_request(table_request('watched'), source, 'large/'))['ImportTableDescription']['ImportArn']
    assert json.loads(command(server, id_of(arn), '--watch', '--json'))['status'] == 'COMPLETED'
    failed = run_import(wire, table_request('watched-bad'), source, 'bad/')
    text = command(server, id_of(failed['ImportArn']), '--watch', status=1)
    assert '\x1b' not in text and 'FAILED' in text
    assert 'IN_PROGRESS' not in command(server, '--watch')


def test_the_command_draws_on_a_terminal(server, wire, source):
    arn = wire.call('ImportTable', import_request(table_request('drawn'), source, 'large/'))['ImportTableDescription']['ImportArn']
    status, text = on_terminal(server, id_of(arn), '--watch')
    assert status == 0
    frames = text.split('\x1b[J')
    assert 'COMPLETED' in frames[-2] and '[####################] 100 %' in frames[-2]
    lines = frames[-2].split('\r\n')
    assert all(len(re.sub(r'\x1b\[[0-9]*[A-Z]|\r', '', line)) <= 100 for line in lines)
    if len(frames) > 2:
        assert re.match(r'\x1b\[\d+A', frames[1]), 'drawn over what was there'


def test_the_command_cancels(server, wire, source):
    arn = wire.call('ImportTable', import_request(table_request('unwanted'), source, 'large/'))['ImportTableDescription']['ImportArn']
    text = command(server, id_of(arn), '--cancel', '--watch', status=1)
    assert 'CANCELLED' in text
    assert 'The job has ended.' in command(server, id_of(arn), '--cancel', status=1)
    assert 'needs the id of a job' in command(server, '--cancel', status=2)
