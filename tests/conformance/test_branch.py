"""Branches: POST /_tidemark/tables/{name}/branch and `tidemark branch`."""
import calendar
import datetime
import json
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from support.clock import Clock
from support.server import PROGRAM, Failed, create_table, running, scan, set_pitr, table_request, until, wait_active


@pytest.fixture(scope='module')
def server():
    with running() as started:
        yield started


def ask(server, source, body):
    """Status and the job, or status and the sentence of the refusal."""
    request = urllib.request.Request(f'{server.endpoint}/_tidemark/tables/{source}/branch', json.dumps(body).encode(),
                                     {'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)['error']


def command(server, *arguments):
    done = subprocess.run([PROGRAM, 'branch', *arguments, '--port', str(server.port)], capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stdout, done.stderr


def now():
    """A moment behind every write that was answered, and before every one that has not begun."""
    micros = int(time.time() * 1e6) + 1
    until(lambda: time.time() * 1e6 > micros + 1, 'the next microsecond')
    return f'{micros // 1_000_000}.{micros % 1_000_000:06d}'


def put(wire, table, pk, **more):
    wire.call('PutItem', {'TableName': table, 'Item': {'pk': {'S': pk}} | {k: {'S': v} for k, v in more.items()}})


def keys_of(wire, table, **more):
    return sorted(item['pk']['S'] for item in scan(wire, table, **more))


def test_a_branch_of_a_microsecond_that_goes_its_own_way(server):
    wire = server.wire()
    create_table(wire, 'Orders', pitr=True, index='colour')
    put(wire, 'Orders', 'a', colour='red')
    put(wire, 'Orders', 'b', colour='blue')
    then = now()
    wire.call('DeleteItem', {'TableName': 'Orders', 'Key': {'pk': {'S': 'a'}}})
    put(wire, 'Orders', 'c', colour='red')

    code, printed, complaint = command(server, 'Orders', 'Orders-fix', '--as-of', then)
    assert code == 0, complaint
    assert 'branch' in printed and 'COMPLETED' in printed
    table = wire.call('DescribeTable', {'TableName': 'Orders-fix'})['Table']
    assert table['TableStatus'] == 'ACTIVE' and table['ItemCount'] == 2
    assert keys_of(wire, 'Orders-fix') == ['a', 'b']
    assert keys_of(wire, 'Orders-fix', IndexName='by-colour') == ['a', 'b']

    put(wire, 'Orders-fix', 'd', colour='red')
    put(wire, 'Orders', 'e')
    assert keys_of(wire, 'Orders-fix') == ['a', 'b', 'd']
    assert keys_of(wire, 'Orders') == ['b', 'c', 'e']


def test_seconds_as_a_json_number_are_exact():
    with running() as server:
        wire, clock = server.wire(), Clock(server.endpoint)
        clock.change(freeze=True, set='2040-01-01T12:00:00Z')
        create_table(wire, 'Exact', pitr=True)
        for n in range(4):
            put(wire, 'Exact', 'a', n=str(n))
        with urllib.request.urlopen(f'{server.endpoint}/_tidemark/tables/Exact/history?key=%7B%22pk%22:%7B%22S%22:%22a%22%7D%7D') as answer:
            times = [datetime.datetime.fromisoformat(json.loads(line)['time'].replace('Z', '+00:00')) for line in answer]
        assert len(times) == 4
        for n, time in enumerate(times):
            # While the clock stands still, writes are microseconds apart. As text: nothing is rounded on the way.
            number = f'{calendar.timegm(time.timetuple())}.{time.microsecond:06d}'
            body = f'{{"target":"Exact{n}","asOf":{number}}}'.encode()
            request = urllib.request.Request(f'{server.endpoint}/_tidemark/tables/Exact/branch', body,
                                             {'Content-Type': 'application/json'})
            urllib.request.urlopen(request)
            wait_active(wire, f'Exact{n}')
            assert scan(wire, f'Exact{n}') == [{'pk': {'S': 'a'}, 'n': {'S': str(n)}}]
        for number in ('1e9', '-1.5', '1e300', '99999999999999.5', 'true', '[1.5]'):
            request = urllib.request.Request(f'{server.endpoint}/_tidemark/tables/Exact/branch',
                                             f'{{"target":"Not","asOf":{number}}}'.encode(), {'Content-Type': 'application/json'})
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request)
            assert refused.value.code == 400


def test_a_branch_of_now_needs_no_recovery(server):
    wire = server.wire()
    create_table(wire, 'Plain')
    put(wire, 'Plain', 'a')
    status, job = ask(server, 'Plain', {'target': 'Plain2'})
    assert status == 202 and (job['kind'], job['status']) == ('restore', 'IN_PROGRESS')
    wait_active(wire, 'Plain2')
    assert keys_of(wire, 'Plain2') == ['a']
    # A branch of a branch; without waiting, the command prints the job.
    code, printed, complaint = command(server, 'Plain2', 'Plain3', '--no-wait')
    assert code == 0, complaint
    assert json.loads(printed)['table'] == 'Plain3'
    wait_active(wire, 'Plain3')
    assert keys_of(wire, 'Plain3') == ['a']


def test_what_a_branch_takes_over(server):
    wire = server.wire()
    wire.call('CreateTable', table_request('Rich', index='colour', Tags=[{'Key': 'a', 'Value': 'b'}],
                                           StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'},
                                           DeletionProtectionEnabled=True))
    wait_active(wire, 'Rich')
    set_pitr(wire, 'Rich', True)
    ask(server, 'Rich', {'target': 'Rich2'})
    wait_active(wire, 'Rich2')
    source, copy = (wire.call('DescribeTable', {'TableName': name})['Table'] for name in ('Rich', 'Rich2'))
    for member in ('KeySchema', 'AttributeDefinitions'):
        assert copy[member] == source[member]
    assert copy['BillingModeSummary']['BillingMode'] == 'PAY_PER_REQUEST'
    assert [index['IndexName'] for index in copy['GlobalSecondaryIndexes']] == ['by-colour']
    assert 'StreamSpecification' not in copy and not copy['DeletionProtectionEnabled']
    backups = wire.call('DescribeContinuousBackups', {'TableName': 'Rich2'})['ContinuousBackupsDescription']
    assert backups['PointInTimeRecoveryDescription']['PointInTimeRecoveryStatus'] == 'DISABLED'


def test_older_history_is_exact_to_the_second():
    with running() as server:
        wire = server.wire()
        clock = Clock(server.endpoint)
        clock.change(freeze=True, set='2035-01-01T12:00:00Z')
        create_table(wire, 'Old', pitr=True)
        clock.change(advance='PT10S')
        put(wire, 'Old', 'first')
        clock.change(advance='PT10.4S')
        put(wire, 'Old', 'second')
        clock.change(advance='P3D')
        for moment, keys in (('2035-01-01T12:00:15Z', ['first']), ('2035-01-01T12:00:20.9Z', ['first']),
                             ('2035-01-01T12:00:21Z', ['first', 'second'])):
            name = 'At' + ''.join(c for c in moment if c.isdigit())
            code, _, complaint = command(server, 'Old', name, '--as-of', moment)
            assert code == 0, complaint
            assert keys_of(wire, name) == keys


@pytest.mark.parametrize('body, status, why', [
    ({}, 400, 'The member target is missing.'),
    ({'target': 'x'}, 400, 'The name of a table has 3 to 255 of the characters'),
    ({'target': 'no spaces'}, 400, 'The name of a table has 3 to 255 of the characters'),
    ({'target': 1}, 400, 'target must be a string.'),
    ({'target': 'Good', 'asOf': 'soon'}, 400, 'asOf must be a time such as'),
    ({'target': 'Good', 'asOf': '2999-01-01'}, 400, 'is in the future'),
    ({'target': 'Good', 'asOf': '2001-01-01'}, 400, 'is before the history of the table'),
    ({'target': 'Good', 'to': '2001-01-01'}, 400, "There is no member 'to'"),
    ({'target': 'Good', 'region': 'mars-1'}, 404, 'There is no table named Refuses in region mars-1 (there is one in 000000000000/us-east-1: say which'
     ' with account and region).'),
    ({'target': 'Refuses'}, 409, 'There is a table Refuses already.'),
    ([], 400, 'The body must be a JSON object with target.'),
])
def test_refusals(server, body, status, why):
    wire = server.wire()
    try:
        create_table(wire, 'Refuses', pitr=True)
    except Failed as there:
        assert there.code == 'ResourceInUseException'
    answered, sentence = ask(server, 'Refuses', body)
    assert (answered, why in sentence) == (status, True), sentence
    with pytest.raises(Failed, match='ResourceNotFound'):
        wire.call('DescribeTable', {'TableName': 'Good'})
    assert ask(server, 'Nowhere', {'target': 'Good'}) == (404, 'There is no table named Nowhere.')


def test_without_a_history_there_is_only_now(server):
    wire = server.wire()
    create_table(wire, 'Forgets')
    code, _, complaint = command(server, 'Forgets', 'Forgets2', '--as-of', now())
    assert code == 1 and 'point-in-time recovery' in complaint


def test_branches_among_the_jobs(server):
    wire = server.wire()
    create_table(wire, 'listed')
    status, job = ask(server, 'listed', {'target': 'listedBranch'})
    assert status == 202
    wait_active(wire, 'listedBranch')
    done = subprocess.run([PROGRAM, 'jobs', '--kind', 'branch', '--json', '--port', str(server.port)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert job['id'] in done.stdout
    wire.close()
