"""What tables take on disk: /_tidemark/tables and `tidemark tables`."""
import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

from support.server import PROGRAM, running, until


@pytest.fixture(scope='module')
def server():
    with running() as started:
        yield started


def ask(server, query=''):
    """Status and document."""
    try:
        with urllib.request.urlopen(f'{server.endpoint}/_tidemark/tables{query}') as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def create(server, name, **more):
    dynamodb = server.client('dynamodb')
    dynamodb.create_table(TableName=name, BillingMode='PAY_PER_REQUEST',
                          KeySchema=[{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                          AttributeDefinitions=[{'AttributeName': name, 'AttributeType': 'S'}
                                                for name in ['pk'] + (['state'] if more else [])], **more)
    return dynamodb


def test_what_a_table_holds(server):
    dynamodb = create(server, 'Held', GlobalSecondaryIndexes=[
        {'IndexName': 'byState', 'KeySchema': [{'AttributeName': 'state', 'KeyType': 'HASH'}],
         'Projection': {'ProjectionType': 'KEYS_ONLY'}}])
    noise = os.urandom(20_000).hex()
    for number in range(20):
        dynamodb.put_item(TableName='Held', Item={'pk': {'S': str(number)}, 'state': {'S': 'open'}, 'v': {'S': noise}})
    status, found = ask(server, '?table=Held')
    assert status == 200 and len(found['tables']) == 1
    table = found['tables'][0]
    index = table.pop('indexes')[0]
    assert table.pop('id') > 0 and index.pop('id') > 0
    assert table.pop('state_bytes') > 400_000 and index.pop('state_bytes') > 0
    size = table.pop('size_bytes')
    assert size == dynamodb.describe_table(TableName='Held')['Table']['TableSizeBytes'] or size > 800_000
    assert index.pop('size_bytes') > 0
    assert table == {'name': 'Held', 'account_id': '000000000000', 'region': 'us-east-1', 'status': 'ACTIVE', 'items': 20,
                     'history_bytes': 0, 'recovery': False, 'held_by': []}
    assert index == {'name': 'byState', 'status': 'ACTIVE', 'items': 20}
    dynamodb.update_continuous_backups(TableName='Held', PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
    assert ask(server, '?table=Held')[1]['tables'][0]['recovery'] is True


def test_a_deleted_table_is_cleaned_up(server):
    dynamodb = create(server, 'Gone')
    noise = os.urandom(50_000).hex()
    for number in range(20):
        dynamodb.put_item(TableName='Gone', Item={'pk': {'S': str(number)}, 'v': {'S': noise}})
    identity = ask(server, '?table=Gone')[1]['tables'][0]['id']
    dynamodb.delete_table(TableName='Gone')
    assert ask(server, '?table=Gone')[1]['tables'] == []
    until(lambda: all(gone['id'] != identity for gone in ask(server)[1]['gone']), 60)


def test_pages(server):
    for name in ['Page1', 'Page2', 'Page3']:
        create(server, name)
    names, query = [], '?limit=2'
    while True:
        found = ask(server, query)[1]
        assert len(found['tables']) <= 2
        names += [table['name'] for table in found['tables']]
        if 'next' not in found:
            break
        query = f'?limit=2&after={found["next"]}'
    assert [name for name in names if name.startswith('Page')] == ['Page1', 'Page2', 'Page3']


@pytest.mark.parametrize('query, sentence', [
    ('?limit=0', 'limit must be a number from 1 to 1000.'),
    ('?after=x', 'after must be the number that an answer gave as next.'),
    ('?name=T', "There is no parameter 'name'; there are table, limit and after."),
    ('?table=%zz', 'The query is not percent-encoded.'),
])
def test_what_is_refused(server, query, sentence):
    assert ask(server, query) == (400, {'error': sentence})


def test_the_command(server):
    create(server, 'Printed')
    done = subprocess.run([PROGRAM, 'tables', 'Printed', '--port', str(server.port)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    head, line = done.stdout.splitlines()
    assert head.split() == ['TABLE', 'OWNER', 'STATUS', 'ITEMS', 'SIZE', 'ON', 'DISK', 'HISTORY', 'HELD', 'BY']
    assert line.split()[:4] == ['Printed', '000000000000/us-east-1', 'ACTIVE', '0']
    done = subprocess.run([PROGRAM, 'tables', '--json', '--port', str(server.port)], capture_output=True, text=True, timeout=60)
    assert 'Printed' in {table['name'] for table in json.loads(done.stdout)['tables']}
