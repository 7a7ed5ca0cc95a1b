"""Looking back: the header X-Tidemark-As-Of, /_tidemark/tables/{name}/{as-of,history,diff,rewind}, and their commands."""
import contextlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from botocore.exceptions import ClientError

from support.clock import Clock
from support.server import PROGRAM, ROOT, create_table, running, scan, until

HEADER = 'X-Tidemark-As-Of'


@pytest.fixture(scope='module')
def server():
    with running() as started:
        yield started


def past_client(server, moment):
    """A client that looks back, as any SDK can."""
    client = server.client('dynamodb')

    def add(request, **_):
        request.headers[HEADER] = moment
    client.meta.events.register('before-send.dynamodb', add)
    return client


def now():
    """A moment behind every write that was answered, and before every one that has not begun."""
    micros = int(time.time() * 1e6) + 1
    until(lambda: time.time() * 1e6 > micros + 1, 'the next microsecond')
    return f'{micros // 1_000_000}.{micros % 1_000_000:06d}'


def create(server, name, pitr=True):
    dynamodb = server.client('dynamodb')
    dynamodb.create_table(
        TableName=name, BillingMode='PAY_PER_REQUEST',
        KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}, {'AttributeName': 'sk', 'KeyType': 'RANGE'}],
        AttributeDefinitions=[{'AttributeName': name, 'AttributeType': type} for name, type in
                              [('pk', 'S'), ('sk', 'N'), ('rank', 'N')]],
        LocalSecondaryIndexes=[{'IndexName': 'byRank', 'Projection': {'ProjectionType': 'KEYS_ONLY'},
                                'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'},
                                              {'AttributeName': 'rank', 'KeyType': 'RANGE'}]}],
        GlobalSecondaryIndexes=[{'IndexName': 'allRanks', 'Projection': {'ProjectionType': 'ALL'},
                                 'KeySchema': [{'AttributeName': 'rank', 'KeyType': 'HASH'}]}])
    if pitr:
        dynamodb.update_continuous_backups(TableName=name,
                                           PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
    return dynamodb


def item(sk, **more):
    return {'pk': {'S': 'a'}, 'sk': {'N': str(sk)}} | {name: {'N': str(value)} for name, value in more.items()}


def ask(server, table, resource, **parameters):
    """Status and lines, or status and the sentence of the refusal."""
    query = urllib.parse.urlencode({name: value if isinstance(value, str) else json.dumps(value)
                                    for name, value in parameters.items()})
    try:
        with urllib.request.urlopen(f'{server.endpoint}/_tidemark/tables/{table}/{resource}?{query}') as answer:
            return answer.status, [json.loads(line) for line in answer.read().splitlines()]
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)['error']


def command(server, *arguments):
    done = subprocess.run([PROGRAM, *arguments, '--port', str(server.port)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def three_moments(server, name):
    """A table with a past: before anything, with items 1 to 5, and after changes to them."""
    dynamodb = create(server, name)
    empty = now()
    for sk in range(1, 6):
        dynamodb.put_item(TableName=name, Item=item(sk, rank=10 - sk))
    full = now()
    dynamodb.delete_item(TableName=name, Key=item(1))
    dynamodb.put_item(TableName=name, Item=item(2, rank=100, more=1))
    dynamodb.put_item(TableName=name, Item=item(6))
    return dynamodb, empty, full


def test_every_read_answers_from_a_moment(server):
    dynamodb, empty, full = three_moments(server, 'Reads')
    then = past_client(server, full)
    old = [item(sk, rank=10 - sk) for sk in range(1, 6)]
    assert then.get_item(TableName='Reads', Key=item(1))['Item'] == old[0]
    assert 'Item' not in then.get_item(TableName='Reads', Key=item(6))
    query = {'TableName': 'Reads', 'KeyConditionExpression': 'pk = :a', 'ExpressionAttributeValues': {':a': {'S': 'a'}}}
    assert then.query(**query)['Items'] == old
    assert then.query(ScanIndexForward=False, **query)['Items'] == old[::-1]
    assert then.query(IndexName='byRank', Select='ALL_ATTRIBUTES', **query)['Items'] == old[::-1]
    assert then.scan(TableName='Reads')['Items'] == old
    assert then.scan(TableName='Reads', IndexName='byRank')['Count'] == 5
    got = then.batch_get_item(RequestItems={'Reads': {'Keys': [item(1), item(2), item(6)]}})['Responses']['Reads']
    assert sorted(got, key=lambda one: one['sk']['N']) == old[:2]
    both = then.transact_get_items(TransactItems=[{'Get': {'TableName': 'Reads', 'Key': item(sk)}} for sk in (1, 6)])
    assert both['Responses'] == [{'Item': old[0]}, {}]
    assert past_client(server, empty).scan(TableName='Reads')['Items'] == []
    assert dynamodb.scan(TableName='Reads')['Count'] == 5


def test_the_example_for_boto3(server):
    dynamodb, empty, _ = three_moments(server, 'Example')
    text = (ROOT / 'docs/looking-back.md').read_text()
    example = re.search(r'```python\n(.*?)```', text, re.DOTALL)[1]
    exec(example.replace('2026-01-01T12:00:00Z', empty), {'client': dynamodb})
    assert dynamodb.scan(TableName='Example')['Items'] == []


def test_seconds_as_a_language_prints_them(server):
    dynamodb, empty, _ = three_moments(server, 'Digits')
    assert past_client(server, empty + '1234').scan(TableName='Digits')['Items'] == []


def test_pages_of_the_past_fit_together(server):
    _, _, full = three_moments(server, 'Pages')
    then = past_client(server, full)
    for forward in (True, False):
        pages = then.get_paginator('query').paginate(
            TableName='Pages', KeyConditionExpression='pk = :a', ExpressionAttributeValues={':a': {'S': 'a'}},
            ScanIndexForward=forward, PaginationConfig={'PageSize': 2})
        found = [int(one['sk']['N']) for page in pages for one in page['Items']]
        assert found == ([1, 2, 3, 4, 5] if forward else [5, 4, 3, 2, 1])


@pytest.mark.parametrize('moment, why', [
    ('yesterday', 'a time such as'),
    ('2999-01-01T00:00:00Z', 'is in the future'),
    ('2001-01-01', 'is before the history of the table, which begins at'),
])
def test_a_moment_that_cannot_be_read(server, moment, why):
    name = 'Out' + moment[:2]
    create(server, name)
    with pytest.raises(ClientError) as refused:
        past_client(server, moment).get_item(TableName=name, Key=item(1))
    error = refused.value.response['Error']
    assert error['Code'] == 'ValidationException' and error['Message'].startswith(f'{HEADER}: ') and why in error['Message']


def test_what_has_no_past(server):
    create(server, 'Plain', pitr=False)
    with pytest.raises(ClientError, match='point-in-time recovery is off'):
        past_client(server, now()).get_item(TableName='Plain', Key=item(1))
    create(server, 'Global')
    with pytest.raises(ClientError, match='the past of the global secondary index allRanks cannot be read'):
        past_client(server, now()).scan(TableName='Global', IndexName='allRanks')


def test_nobody_writes_to_the_past(server):
    dynamodb = create(server, 'Fixed')
    then = past_client(server, now())
    for refused in (lambda: then.put_item(TableName='Fixed', Item=item(1)),
                    lambda: then.delete_item(TableName='Fixed', Key=item(1)),
                    lambda: then.batch_write_item(RequestItems={'Fixed': [{'PutRequest': {'Item': item(1)}}]}),
                    lambda: then.transact_write_items(TransactItems=[{'Put': {'TableName': 'Fixed', 'Item': item(1)}}]),
                    lambda: then.delete_table(TableName='Fixed')):
        with pytest.raises(ClientError, match='the past can only be read'):
            refused()
    assert dynamodb.scan(TableName='Fixed')['Count'] == 0


def test_pages_in_a_browser_may_send_the_header(server):
    request = urllib.request.Request(server.endpoint, method='OPTIONS', headers={
        'Origin': 'http://localhost:3000', 'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': f'x-amz-target,{HEADER.lower()}'})
    with urllib.request.urlopen(request) as answer:
        assert HEADER.lower() in answer.headers['Access-Control-Allow-Headers']


def test_a_table_as_it_was(server):
    _, empty, full = three_moments(server, 'Was')
    assert ask(server, 'Was', 'as-of', time=full) == (200, [item(sk, rank=10 - sk) for sk in range(1, 6)])
    assert ask(server, 'Was', 'as-of', time=empty) == (200, [])
    assert ask(server, 'Was', 'as-of', time=full, key=item(1)) == (200, [item(1, rank=9)])
    assert ask(server, 'Was', 'as-of', time=empty, key=item(1)) == (404, 'There was no such item at that time.')
    status, why = ask(server, 'Was', 'as-of', time=full, key={'pk': {'S': 'a'}})
    assert status == 400 and 'pk, sk' in why
    now_there = [item(2, rank=100, more=1), *(item(sk, rank=10 - sk) for sk in range(3, 6)), item(6)]
    assert ask(server, 'Was', 'as-of') == (200, now_there)
    assert ask(server, 'Was', 'as-of', time='yesterday')[0] == 400
    assert ask(server, 'Was', 'as-of', time=full, colour='red')[0] == 400
    assert ask(server, 'Nowhere', 'as-of', time=full) == (404, 'There is no table named Nowhere.')


def test_an_answer_of_any_length(server):
    dynamodb = create(server, 'Long')
    for first in range(0, 400, 20):
        dynamodb.batch_write_item(RequestItems={'Long': [
            {'PutRequest': {'Item': item(sk) | {'v': {'S': 'x' * 10_000}}}} for sk in range(first, first + 20)]})
    full = now()
    for sk in range(400):
        dynamodb.delete_item(TableName='Long', Key=item(sk))
    status, lines = ask(server, 'Long', 'as-of', time=full)
    assert status == 200 and [int(line['sk']['N']) for line in lines] == list(range(400))
    code, printed, _ = command(server, 'as-of', 'Long', '--time', full)
    assert code == 0 and [json.loads(line) for line in printed.splitlines()] == lines


def test_all_versions_of_an_item(server):
    dynamodb, *_ = three_moments(server, 'Versions')
    status, versions = ask(server, 'Versions', 'history', key=item(1))
    assert status == 200 and [version['item'] for version in versions] == [item(1, rank=9), None]
    assert [version['by'] for version in versions] == ['client', 'client']
    assert versions[0]['time'] < versions[1]['time']
    dynamodb.update_time_to_live(TableName='Versions', TimeToLiveSpecification={'Enabled': True, 'AttributeName': 'end'})
    dynamodb.put_item(TableName='Versions', Item=item(3, end=int(time.time()) - 10))
    until(lambda: 'Item' not in dynamodb.get_item(TableName='Versions', Key=item(3)), 'the item expires')
    _, versions = ask(server, 'Versions', 'history', key=item(3))
    assert [version['by'] for version in versions] == ['client', 'client', 'ttl']
    assert ask(server, 'Versions', 'history', key=item(77)) == (200, [])
    code, printed, _ = command(server, 'history', 'Versions', '--key', json.dumps(item(3)))
    assert code == 0 and printed.splitlines()[-1].split()[1:] == ['ttl', '(deleted)']


def test_what_changed_between_two_moments(server):
    dynamodb, empty, full = three_moments(server, 'Diff')
    status, changes = ask(server, 'Diff', 'diff', **{'from': full})
    assert status == 200
    seen = {change['key']['sk']['N']: (change['old'], change['new'], change['by']) for change in changes}
    assert seen == {'1': (item(1, rank=9), None, 'client'),
                    '2': (item(2, rank=8), item(2, rank=100, more=1), 'client'),
                    '6': (None, item(6), 'client')}
    assert len(ask(server, 'Diff', 'diff', **{'from': empty, 'to': full})[1]) == 5
    assert ask(server, 'Diff', 'diff', **{'from': full, 'to': empty})[0] == 400
    code, printed, _ = command(server, 'diff', 'Diff', '--from', full)
    assert code == 0 and sorted(line[0] for line in printed.splitlines() if line[0] != ' ') == ['+', '-', '~']
    code, printed, _ = command(server, 'diff', 'Diff', '--from', now())
    assert (code, printed) == (0, 'nothing changed\n')


def test_a_table_is_taken_back_and_forth(server):
    dynamodb, empty, full = three_moments(server, 'Back')
    latest = now()
    code, printed, complaint = command(server, 'rewind', 'Back', '--to', full)
    assert code == 0, complaint
    assert 'COMPLETED' in printed
    assert dynamodb.scan(TableName='Back')['Items'] == [item(sk, rank=10 - sk) for sk in range(1, 6)]
    found = dynamodb.query(TableName='Back', IndexName='byRank', KeyConditionExpression='pk = :a',
                           ExpressionAttributeValues={':a': {'S': 'a'}})
    assert found['Count'] == 5
    _, versions = ask(server, 'Back', 'history', key=item(1))
    assert [version['by'] for version in versions] == ['client', 'client', 'rewind']
    assert command(server, 'rewind', 'Back', '--to', latest)[0] == 0
    assert dynamodb.scan(TableName='Back')['Items'] == [item(2, rank=100, more=1)] + [
        item(sk, rank=10 - sk) for sk in (3, 4, 5)] + [item(6)]
    assert command(server, 'rewind', 'Back', '--to', full, '--key', json.dumps(item(1)))[0] == 0
    assert dynamodb.get_item(TableName='Back', Key=item(1))['Item'] == item(1, rank=9)
    assert dynamodb.get_item(TableName='Back', Key=item(2))['Item'] == item(2, rank=100, more=1)


def test_an_index_that_comes_during_a_rewind_keeps_out_what_does_not_fit_it(own_server):
    """From then on such items stay as they are, and are counted."""
    wire, clock, count = own_server.wire(), Clock(own_server.endpoint), 10_000

    def write(g):
        for first in range(0, count, 25):
            wire.call('BatchWriteItem', {'RequestItems': {table: [
                {'PutRequest': {'Item': {'pk': {'S': str(n)}, 'g': g}}} for n in range(first, first + 25)]}})
    for attempt in range(5):
        table = f'rewound{attempt}'
        create_table(wire, table, pitr=True)
        write({'N': '5'})
        clock.change(advance='PT1S')
        moment = clock.state()['now']
        clock.change(advance='PT1S')
        write({'S': 'fits'})
        request = urllib.request.Request(f'{own_server.endpoint}/_tidemark/tables/{table}/rewind', json.dumps({'to': moment}).encode(),
                                         {'Content-Type': 'application/json'})
        job = json.load(urllib.request.urlopen(request))

        def state():
            return json.load(urllib.request.urlopen(f'{own_server.endpoint}/_tidemark/jobs/{job["id"]}'))
        wire.call('UpdateTable', {
            'TableName': table, 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}, {'AttributeName': 'g', 'AttributeType': 'S'}],
            'GlobalSecondaryIndexUpdates': [{'Create': {'IndexName': 'byG', 'KeySchema': [{'AttributeName': 'g', 'KeyType': 'HASH'}],
                                                        'Projection': {'ProjectionType': 'ALL'}}}]})
        done_before = state()['items']
        until(lambda: state()['status'] != 'IN_PROGRESS', 'the rewind', seconds=30)
        if done_before < count // 2:
            break
    else:
        raise AssertionError('each time the rewind was over before the index was there')
    ended = state()
    assert ended['status'] == 'COMPLETED'
    back = [found for found in scan(wire, table) if found['g'] == {'N': '5'}]
    assert len(back) <= done_before + 50, 'one commit may have been on its way'
    assert ended['errors'] == count - len(back)
    wire.close()


def test_who_wrote_what_is_known_when_history_is_thinned_out(own_server):
    """A client and a rewind write in one second, of which the first record would do for what was there."""
    clock = Clock(own_server.endpoint)
    dynamodb = create(own_server, 'Thinned')
    dynamodb.put_item(TableName='Thinned', Item=item(1, v=1))
    clock.change(advance='PT2S')
    clock.change(freeze=True)
    before = clock.state()['now']
    dynamodb.put_item(TableName='Thinned', Item=item(1, v=2))
    code, _, complaint = command(own_server, 'rewind', 'Thinned', '--to', before)
    assert code == 0, complaint
    clock.change(freeze=False)
    clock.change(advance='PT1S')
    after = clock.state()['now']
    clock.change(advance='PT1S')
    dynamodb.put_item(TableName='Thinned', Item=item(1, v=3))

    def told():
        _, versions = ask(own_server, 'Thinned', 'history', key=item(1))
        _, (change,) = ask(own_server, 'Thinned', 'diff', **{'from': before, 'to': after, 'unchanged': 'true'})
        return ([(version['time'], version['by'], version['item']['v']['N']) for version in versions],
                (change['time'], change['by']))
    fresh = told()
    assert [version[1:] for version in fresh[0]] == [
        ('client', '1'), ('client', '2'), ('rewind', '1'), ('client', '3')]
    assert fresh[1] == fresh[0][2][:2]
    clock.change(advance='P3D')
    assert told() == fresh


def test_what_has_changed_until_now_while_the_clock_stands_still(own_server):
    """Commits go on by microseconds then, ahead of the clock."""
    clock = Clock(own_server.endpoint)
    dynamodb = create(own_server, 'Frozen')
    clock.change(freeze=True)
    before = clock.state()['now']
    for v in '012':
        dynamodb.put_item(TableName='Frozen', Item=item(1, v=v))
    _, (change,) = ask(own_server, 'Frozen', 'diff', **{'from': before})
    assert change['new']['v'] == {'N': '2'}


def test_a_table_is_taken_back_to_a_number_of_seconds(server):
    dynamodb, _, full = three_moments(server, 'Number')
    request = urllib.request.Request(f'{server.endpoint}/_tidemark/tables/Number/rewind', b'{"to":%s}' % full.encode(),
                                     {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 202
    expected = [item(sk, rank=10 - sk) for sk in range(1, 6)]
    until(lambda: dynamodb.scan(TableName='Number')['Items'] == expected, 'the rewind')


def test_commands_say_in_plain_words_what_is_wrong(server):
    create(server, 'Words')
    code, _, complaint = command(server, 'as-of', 'Words', '--time', '2001-01-01')
    assert code == 1 and 'is before the history of the table' in complaint
    code, _, complaint = command(server, 'rewind', 'Words', '--to', 'soon')
    assert code == 1 and 'to must be a time such as' in complaint
    code, _, complaint = command(server, 'diff', 'Nowhere', '--from', now())
    assert code == 1 and f'There is no table named Nowhere at http://127.0.0.1:{server.port}' in complaint


def test_readers_that_do_not_read_cost_little_memory(own_server):
    """Answers are made as they are taken: what nobody takes is not made."""
    dynamodb = create(own_server, 'Wide')
    begin = now()
    for round_ in range(2):
        for first in range(0, 1_500, 25):
            dynamodb.batch_write_item(RequestItems={'Wide': [
                {'PutRequest': {'Item': item(sk, rank=round_) | {'v': {'S': 'x' * 10_000}}}} for sk in range(first, first + 25)]})
    full = now()
    for _ in range(60):
        dynamodb.put_item(TableName='Wide', Item=item(0) | {'v': {'S': 'y' * 300_000}})
    paths = [f'as-of?time={full}', f'diff?from={begin}&to={full}', 'history?' + urllib.parse.urlencode({'key': json.dumps(item(0))})]
    assert ask(own_server, 'Wide', 'as-of', time=full)[0] == 200  # what the first one costs
    before = own_server.memory_kb()
    with contextlib.ExitStack() as peers:
        for path in paths * 10:
            peer = peers.enter_context(socket.socket())
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            peer.connect(('127.0.0.1', own_server.port))
            peer.sendall(f'GET /_tidemark/tables/Wide/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
            assert peer.recv(12) == b'HTTP/1.1 200'
        status, lines = ask(own_server, 'Wide', 'as-of', time=full)
        assert status == 200 and len(lines) == 1_500, 'others are served'
        # Thirty answers of fifteen megabytes each.
        assert own_server.memory_kb() - before < 120_000


def test_commands_obey_the_variables_of_aws(server):
    create(server, 'Named')
    there = {'AWS_ENDPOINT_URL': 'http://127.0.0.1:1', 'AWS_ENDPOINT_URL_DYNAMODB': f'http://127.0.0.1:{server.port}',
             'AWS_REGION': 'us-east-1', 'AWS_DEFAULT_REGION': 'eu-west-1'}

    def ask_with(*words, **variables):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(('AWS_', 'TIDEMARK_'))}
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60, env={**clean, **variables})
        return done.returncode, done.stderr

    diff = ('diff', 'Named', '--from', now())
    assert ask_with(*diff, **there) == (0, '')
    told = ('tidemark: There is no table named Named in region eu-west-1 (there is one in 000000000000/us-east-1: say which with account and region)'
            f' at http://127.0.0.1:{server.port}\n')
    assert ask_with(*diff, **{**there, 'AWS_REGION': ''}) == (1, told)
    assert ask_with(*diff, '--region', 'us-east-1', **{**there, 'AWS_REGION': ''}) == (0, '')
    for words in (('branch', 'Named', 'New'), ('rewind', 'Named', '--to', now()), ('bill', 'export-or-scan', 'Named')):
        assert ask_with(*words, **{**there, 'AWS_REGION': 'eu-west-1'}) == (1, told)
    assert ask_with('tables', 'Nowhere', **there) == (
        1, f'tidemark: There is no table named Nowhere at http://127.0.0.1:{server.port}\n')
    code, complaint = ask_with('dump', 'Named', '/nowhere', **{**there, 'AWS_REGION': 'eu-west-1'})
    assert code == 1 and f'(in region eu-west-1 at http://127.0.0.1:{server.port}: AWS_REGION says which region)' in complaint
