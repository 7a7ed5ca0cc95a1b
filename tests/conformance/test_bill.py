"""/_tidemark/bill and `tidemark bill`. Every quantity is computed by hand from the sizes of the items and the service's
rules of capacity; every amount from list prices: us-east-1, USD."""
import http.client
import json
import math
import subprocess
import urllib.parse

import pytest

from support.clock import Clock
from support.server import ACCOUNT, PROGRAM, Server, create_table, running, set_pitr, table_request, until
from support.transfers import export, finish_export, finish_import, import_request, keys

GB = 2 ** 30
MONTH = 730  # hours
PRICES = {'write-request-units': 0.625 / 1e6, 'replicated-write-units': 0.625 / 1e6, 'read-request-units': 0.125 / 1e6, 'write-capacity-hours': 0.00065,
          'read-capacity-hours': 0.00013, 'provisioned-writes': 0, 'provisioned-reads': 0, 'stream-reads': 0.02 / 1e5,
          'table-storage': 0.25, 'recovery-storage': 0.20, 'backup-storage': 0.10, 'restored': 0.15, 'exported': 0.10,
          'imported': 0.15, 's3-writes': 0.005 / 1e3, 's3-reads': 0.0004 / 1e3, 's3-free': 0, 's3-storage': 0.023}


@pytest.fixture(scope='module')
def server():
    with running() as one:
        yield one


@pytest.fixture
def timed():
    """A server whose clock stands still until it is moved."""
    with running() as one:
        Clock(one.endpoint).change(freeze=True)
        yield one


def ask(server, method, path, body=None):
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
    headers = {} if body is None else {'Content-Type': 'application/json'}
    connection.request(method, '/_tidemark/bill' + path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    data = json.loads(answer.read())
    connection.close()
    return answer.status, data


def bill(server, **query):
    status, answer = ask(server, 'GET', '?' + urllib.parse.urlencode(query))
    assert status == 200, answer
    return answer


def quantities(answer, resource):
    """What a table or bucket is charged for: {(charge, operation, part): quantity}; the amounts are checked on the way."""
    found = {}
    for line in answer['lines']:
        assert math.isclose(line['usd'], line['quantity'] * PRICES[line['charge']], rel_tol=1e-9, abs_tol=1e-15), line
        if line.get('resource') == resource:
            found[line['charge'], line.get('operation', ''), line.get('part', '')] = line['quantity']
    return found


def requests(answer, resource):
    """The same without what passing time costs."""
    return {key: quantity for key, quantity in quantities(answer, resource).items() if key[1]}


def item(size, **more):
    """An item of so many bytes with the key `a`."""
    attributes = {'pk': {'S': 'a'}, **{name: {'S': value} for name, value in more.items()}, 'v': {'S': ''}}
    used = sum(len(name) + len(value['S']) for name, value in attributes.items())
    return {**attributes, 'v': {'S': 'x' * (size - used)}}


def test_reads_are_charged_by_size_and_consistency(server):
    wire = server.wire()
    create_table(wire, 'reads')
    wire.call('PutItem', {'TableName': 'reads', 'Item': item(5_000)})
    key = {'pk': {'S': 'a'}}
    wire.call('GetItem', {'TableName': 'reads', 'Key': key})                                       # 2 blocks of 4 KB: 1
    wire.call('GetItem', {'TableName': 'reads', 'Key': key, 'ConsistentRead': True})               # 2
    wire.call('GetItem', {'TableName': 'reads', 'Key': {'pk': {'S': 'none'}}})                     # 0.5
    wire.call('TransactGetItems', {'TransactItems': [{'Get': {'TableName': 'reads', 'Key': key}}]})  # 2 for each block: 4
    wire.call('BatchGetItem', {'RequestItems': {'reads': {'Keys': [key, {'pk': {'S': 'none'}}]}}})  # 1 + 0.5
    wire.call('Scan', {'TableName': 'reads'})                                                      # 4 partitions: 2
    wire.call('ExecuteStatement', {'Statement': "SELECT * FROM reads WHERE pk = 'a'"})             # as GetItem
    answer = bill(server)
    assert requests(answer, 'reads') == {
        ('write-request-units', 'PutItem', ''): 5, ('read-request-units', 'GetItem', ''): 3.5,
        ('read-request-units', 'TransactGetItems', ''): 4, ('read-request-units', 'BatchGetItem', ''): 1.5,
        ('read-request-units', 'Scan', ''): 2, ('read-request-units', 'ExecuteStatement', ''): 1}
    line = next(line for line in answer['lines'] if line.get('resource') == 'reads' and line.get('operation') == 'PutItem')
    assert (line['service'], line['account'], line['region'], line['unit']) == ('dynamodb', ACCOUNT, 'us-east-1', 'unit')
    assert math.isclose(line['usd'], 0.000003125)


def test_writes_are_charged_with_their_indexes(server):
    wire = server.wire()
    create_table(wire, 'writes', index='owner')
    table = {'TableName': 'writes'}
    wire.call('PutItem', {**table, 'Item': item(1_500, owner='o')})  # 2 KB begun: 2, and 2 on the index
    with pytest.raises(Exception, match='ConditionalCheckFailed'):
        wire.call('PutItem', {**table, 'Item': item(10), 'ConditionExpression': 'attribute_not_exists(pk)'})  # 2
    wire.call('BatchWriteItem', {'RequestItems': {'writes': [
        {'PutRequest': {'Item': {'pk': {'S': str(number)}}}} for number in range(3)]}})  # 3
    wire.call('TransactWriteItems', {'TransactItems': [
        {'Put': {**table, 'Item': {'pk': {'S': 't'}, 'owner': {'S': 'o'}}}}]})  # twice 1; the index is not doubled
    wire.call('Query', {**table, 'IndexName': 'by-owner', 'KeyConditionExpression': '#o = :o',
                        'ExpressionAttributeNames': {'#o': 'owner'}, 'ExpressionAttributeValues': {':o': {'S': 'o'}}})  # 1,500 bytes and a few: 0.5
    wire.call('DeleteItem', {**table, 'Key': {'pk': {'S': 'a'}}})  # as what is gone: 2 and 2
    wire.call('ExecuteStatement', {'Statement': "INSERT INTO writes VALUE {'pk': 'p'}"})  # 1
    assert requests(bill(server), 'writes') == {
        ('write-request-units', 'PutItem', ''): 4, ('write-request-units', 'PutItem', 'indexes'): 2,
        ('write-request-units', 'BatchWriteItem', ''): 3, ('write-request-units', 'TransactWriteItems', ''): 2,
        ('write-request-units', 'TransactWriteItems', 'indexes'): 1, ('read-request-units', 'Query', 'indexes'): 0.5,
        ('write-request-units', 'DeleteItem', ''): 2, ('write-request-units', 'DeleteItem', 'indexes'): 2,
        ('write-request-units', 'ExecuteStatement', ''): 1}


def test_a_write_to_a_global_table_is_charged_in_each_region(server):
    """By the developer guide: one replicated write request unit a replica for each KB, priced as other writes; the indexes
    of each replica as those of any table."""
    wire = server.wire()
    create_table(wire, 'global', index='owner')
    table = {'TableName': 'global'}
    wire.call('UpdateTable', {**table, 'ReplicaUpdates': [{'Create': {'RegionName': 'eu-west-1'}}]})
    until(lambda: wire.call('DescribeTable', table)['Table']['Replicas'][0]['ReplicaStatus'] == 'ACTIVE', 'the replica')
    wire.call('PutItem', {**table, 'Item': item(1_500, owner='o')})  # 2 KB begun
    with pytest.raises(Exception, match='ConditionalCheckFailed'):  # 2, and nothing to replicate
        wire.call('PutItem', {**table, 'Item': item(10), 'ConditionExpression': 'attribute_not_exists(pk)'})
    wire.call('TransactWriteItems', {'TransactItems': [{'Put': {**table, 'Item': {'pk': {'S': 't'}}}}]})  # 2; a plain write there
    lines = [line for line in bill(server)['lines'] if line.get('resource') == 'global' and line.get('operation')]
    found = {(line['region'], line['charge'], line['operation'], line.get('part', '')): line['quantity'] for line in lines}
    assert found == {
        ('us-east-1', 'write-request-units', 'PutItem', ''): 4, ('us-east-1', 'write-request-units', 'PutItem', 'indexes'): 2,
        ('us-east-1', 'write-request-units', 'TransactWriteItems', ''): 2,
        ('eu-west-1', 'replicated-write-units', 'PutItem', ''): 2, ('eu-west-1', 'write-request-units', 'PutItem', 'indexes'): 2,
        ('eu-west-1', 'replicated-write-units', 'TransactWriteItems', ''): 1}


def test_each_reading_of_a_stream_is_a_unit(server):
    wire = server.wire()
    wire.call('CreateTable', table_request('streams', StreamSpecification={
        'StreamEnabled': True, 'StreamViewType': 'KEYS_ONLY'}))
    arn = wire.call('DescribeTable', {'TableName': 'streams'})['Table']['LatestStreamArn']
    streams = 'DynamoDBStreams_20120810'
    shard = wire.call('DescribeStream', {'StreamArn': arn}, streams)['StreamDescription']['Shards'][0]['ShardId']
    iterator = wire.call('GetShardIterator', {'StreamArn': arn, 'ShardId': shard, 'ShardIteratorType': 'TRIM_HORIZON'},
                         streams)['ShardIterator']
    for _ in range(3):
        iterator = wire.call('GetRecords', {'ShardIterator': iterator}, streams)['NextShardIterator']
    assert requests(bill(server), 'streams') == {('stream-reads', 'GetRecords', ''): 3}


def test_a_table_is_charged_under_its_name_when_it_is_gone(server):
    wire = server.wire()
    create_table(wire, 'gone')
    wire.call('PutItem', {'TableName': 'gone', 'Item': {'pk': {'S': 'a'}}})
    wire.call('DeleteTable', {'TableName': 'gone'})
    assert requests(bill(server), 'gone') == {('write-request-units', 'PutItem', ''): 1}


def test_storage_recovery_and_backups_cost_by_time(timed):
    wire, clock = timed.wire(), Clock(timed.endpoint)
    create_table(wire, 'stored', index='owner')
    set_pitr(wire, 'stored', True)
    assert ask(timed, 'POST', '/marks/begin')[0] == 200
    wire.call('PutItem', {'TableName': 'stored', 'Item': item(100_000, owner='o')})
    backup = wire.call('CreateBackup', {'TableName': 'stored', 'BackupName': 'kept'})['BackupDetails']['BackupArn']
    clock.change(advance=f'PT{MONTH}H')
    month = {('table-storage', '', ''): 200_000 / GB,  # the index has a copy
             ('recovery-storage', '', ''): 100_000 / GB, ('backup-storage', '', ''): 100_000 / GB}

    def passed():
        return {key: quantity for key, quantity in quantities(bill(timed, since='begin'), 'stored').items() if not key[1]}

    assert passed() == pytest.approx(month, rel=1e-6)
    wire.call('DeleteBackup', {'BackupArn': backup})
    set_pitr(wire, 'stored', False)
    clock.change(advance=f'PT{MONTH}H')
    assert passed() == pytest.approx({**month, ('table-storage', '', ''): 400_000 / GB}, rel=1e-6)
    total = sum(line['usd'] for line in bill(timed, since='begin')['lines'])
    assert math.isclose(total, bill(timed, since='begin')['usd'], rel_tol=1e-9)


def test_provisioned_capacity_costs_by_the_hour_and_its_requests_nothing(timed):
    wire, clock = timed.wire(), Clock(timed.endpoint)
    ask(timed, 'POST', '/marks/begin')
    wire.call('CreateTable', {**table_request('provisioned'), 'BillingMode': 'PROVISIONED',
                              'ProvisionedThroughput': {'ReadCapacityUnits': 5, 'WriteCapacityUnits': 10}})
    wire.call('PutItem', {'TableName': 'provisioned', 'Item': {'pk': {'S': 'a'}}})
    wire.call('GetItem', {'TableName': 'provisioned', 'Key': {'pk': {'S': 'a'}}})
    clock.change(advance='PT2H')
    found = quantities(bill(timed, since='begin'), 'provisioned')
    found.pop(('table-storage', '', ''))
    assert found == pytest.approx({
        ('provisioned-writes', 'PutItem', ''): 1, ('provisioned-reads', 'GetItem', ''): 0.5,
        ('read-capacity-hours', '', ''): 10, ('write-capacity-hours', '', ''): 20}, rel=1e-6)


def test_exports_restores_and_imports_cost_by_the_gigabyte(server):
    wire, s3 = server.wire(), server.client('s3', endpoint=server.s3_endpoint)
    s3.create_bucket(Bucket='jobs')
    arn = create_table(wire, 'jobs', pitr=True)
    wire.call('PutItem', {'TableName': 'jobs', 'Item': item(100_000)})
    assert export(wire, arn, 'jobs')['BilledSizeBytes'] == 100_000
    objects = len(keys(s3, 'jobs'))
    answer = bill(server)
    assert requests(answer, 'jobs')['exported', 'ExportTableToPointInTime', ''] == pytest.approx(100_000 / GB)
    assert requests(answer, 'jobs')['s3-writes', 'CreateMultipartUpload', ''] == objects

    started = wire.call('RestoreTableToPointInTime', {
        'SourceTableName': 'jobs', 'TargetTableName': 'restored', 'UseLatestRestorableTime': True})
    assert started['TableDescription']['TableStatus'] == 'CREATING'
    until(lambda: wire.call('DescribeTable', {'TableName': 'restored'})['Table']['TableStatus'] == 'ACTIVE', 'the restore')
    assert until(lambda: requests(bill(server), 'restored'), 'its charge') == {
        ('restored', 'RestoreTable', ''): pytest.approx(100_000 / GB)}

    data = b''.join(b'{"Item":{"pk":{"S":"%d"}}}\n' % number for number in range(1_000))
    s3.put_object(Bucket='jobs', Key='in/data.json', Body=data)
    started = wire.call('ImportTable', import_request(table_request('imported'), 'jobs', 'in/'))
    done = finish_import(wire, started['ImportTableDescription']['ImportArn'])
    assert done['ImportStatus'] == 'COMPLETED'
    assert until(lambda: requests(bill(server), 'imported'), 'its charge') == {
        ('imported', 'ImportTable', ''): pytest.approx(done['ProcessedSizeBytes'] / GB)}
    assert done['ProcessedSizeBytes'] == len(data)


def test_an_incremental_export_costs_ten_megabytes_at_least(timed):
    wire, clock = timed.wire(), Clock(timed.endpoint)
    timed.client('s3', endpoint=timed.s3_endpoint).create_bucket(Bucket='increments')
    arn = create_table(wire, 'increments', pitr=True)
    begin = clock.now().timestamp()
    clock.change(advance='PT1H')
    description = export(wire, arn, 'increments', ExportType='INCREMENTAL_EXPORT', IncrementalExportSpecification={
        'ExportFromTime': math.ceil(begin), 'ExportToTime': math.ceil(begin) + 1_800})
    assert description['BilledSizeBytes'] == 10_000_000
    assert requests(bill(timed), 'increments')['exported', 'ExportTableToPointInTime', ''] == pytest.approx(10_000_000 / GB)


def test_a_job_is_charged_however_far_the_clock_is_moved_behind_it(timed):
    wire, clock = timed.wire(), Clock(timed.endpoint)
    timed.client('s3', endpoint=timed.s3_endpoint).create_bucket(Bucket='late')
    arn = create_table(wire, 'late', pitr=True)
    wire.call('PutItem', {'TableName': 'late', 'Item': item(1_000)})
    export(wire, arn, 'late')
    clock.change(advance='P200D')  # by then it is forgotten
    assert wire.call('ListExports', {'TableArn': arn})['ExportSummaries'] == []
    assert requests(bill(timed), 'late')['exported', 'ExportTableToPointInTime', ''] == pytest.approx(1_000 / GB)


def test_s3_requests_and_storage(timed):
    s3, clock = timed.client('s3', endpoint=timed.s3_endpoint), Clock(timed.endpoint)
    s3.create_bucket(Bucket='requests')
    ask(timed, 'POST', '/marks/begin')
    for number in range(3):
        s3.put_object(Bucket='requests', Key=str(number), Body=b'x' * 1_000_000)
    s3.get_object(Bucket='requests', Key='0')['Body'].read()
    s3.get_object(Bucket='requests', Key='1')['Body'].read()
    s3.head_object(Bucket='requests', Key='0')
    s3.list_objects_v2(Bucket='requests')
    s3.delete_object(Bucket='requests', Key='0')
    clock.change(advance=f'PT{MONTH}H')
    answer = bill(timed, since='begin')
    assert quantities(answer, 'requests') == pytest.approx({
        ('s3-writes', 'PutObject', ''): 3, ('s3-writes', 'ListObjectsV2', ''): 1, ('s3-reads', 'GetObject', ''): 2,
        ('s3-reads', 'HeadObject', ''): 1, ('s3-free', 'DeleteObject', ''): 1,
        ('s3-storage', '', ''): 2_000_000 / GB}, rel=1e-6)
    assert {line['service'] for line in answer['lines'] if line.get('resource') == 'requests'} == {'s3'}


def labelled(wire, operation, request, **headers):
    status, _, data = wire.post(json.dumps(request), **{'X-Amz-Target': f'DynamoDB_20120810.{operation}', **headers})
    assert status == 200, data
    return json.loads(data)


def test_what_carried_a_label_is_told_apart(server):
    wire, s3 = server.wire(), server.client('s3', endpoint=server.s3_endpoint)
    arn = create_table(wire, 'labels', pitr=True)
    put = {'TableName': 'labels', 'Item': item(1_000)}
    wire.call('PutItem', put)
    labelled(wire, 'PutItem', put, **{'X-Tidemark-Bill-Label': 'nightly'})
    # What SDKs send when AWS_SDK_UA_APP_ID is set.
    labelled(wire, 'PutItem', put, **{'User-Agent': 'Boto3/1.40.0 md/Botocore#1.40.0 os/linux app/nightly'})
    labelled(wire, 'PutItem', put, **{'X-Tidemark-Bill-Label': 'other', 'User-Agent': 'Boto3/1.40.0 app/nightly'})
    assert requests(bill(server, label='nightly'), 'labels') == {('write-request-units', 'PutItem', ''): 2}
    assert requests(bill(server, label='other'), 'labels') == {('write-request-units', 'PutItem', ''): 1}
    assert requests(bill(server), 'labels') == {('write-request-units', 'PutItem', ''): 4}
    # What the console's pages ask for is nobody's run, whatever it is that they ask with.
    labelled(wire, 'PutItem', put, **{'X-Tidemark-Console': '1', 'User-Agent': 'Mozilla/5.0 Firefox/140.0'})
    labelled(wire, 'PutItem', put, Referer=f'http://127.0.0.1:{server.port}/_tidemark/console/tables/labels')
    assert requests(bill(server, label='console'), 'labels') == {('write-request-units', 'PutItem', ''): 2}
    assert requests(bill(server, label='nightly'), 'labels') == {('write-request-units', 'PutItem', ''): 2}

    s3.create_bucket(Bucket='labels')
    started = labelled(wire, 'ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'labels'},
                       **{'X-Tidemark-Bill-Label': 'nightly'})
    finish_export(wire, started['ExportDescription']['ExportArn'])
    answer = bill(server, label='nightly')
    assert requests(answer, 'labels')['exported', 'ExportTableToPointInTime', ''] == pytest.approx(1_000 / GB)
    told = {entry['label']: entry['usd'] for entry in bill(server)['labels']}
    assert math.isclose(told['nightly'], answer['usd'], rel_tol=1e-9)
    assert told['other'] == pytest.approx(0.625 / 1e6)


def test_a_label_is_read_as_that_of_a_request_is(server):
    """Cut at 64 characters, and what is no printable character of ASCII is `-`."""
    wire = server.wire()
    create_table(wire, 'spelling')
    put = {'TableName': 'spelling', 'Item': item(1_000)}
    for sent, asked in (('x' * 100, 'x' * 100), ('two words', 'two words'), ('two words', 'two-words')):
        labelled(wire, 'PutItem', put, **{'X-Tidemark-Bill-Label': sent})
        answer = bill(server, label=asked)
        assert answer['label'] == asked[:64].replace(' ', '-')
        assert requests(answer, 'spelling')['write-request-units', 'PutItem', ''] >= 1
        code, out, _ = run(server, '--label', asked, '--max', '0')
        assert code == 1 and 'above the limit' in out
    assert ask(server, 'GET', '?label=') == (400, {'error': 'label is empty: leave it out for the bill of everything.'})
    code, out, err = run(server, '--label', '', '--max', '1')
    assert (code, out) == (2, '') and '--label: the label is empty' in err


def test_a_label_that_no_request_carried_has_no_bill():
    with running() as server:
        wire = server.wire()
        create_table(wire, 'few')
        assert ask(server, 'GET', '?label=nightly') == (404, {
            'error': "No request has carried the label 'nightly' since the server started (nor any other)."})
        labelled(wire, 'Scan', {'TableName': 'few'}, **{'X-Tidemark-Bill-Label': 'nightly'})
        assert bill(server, label='nightly')['usd'] > 0
        told = "No request has carried the label 'nightyl' since the server started (there are nightly)"
        assert ask(server, 'GET', '?label=nightyl') == (404, {'error': told + '.'})
        assert run(server, '--max', '1', '--label', 'nightyl') == (
            1, '', f'tidemark: {told} at http://127.0.0.1:{server.port}\n')
        # A label that came, of which nothing was used since the mark, has a bill of nothing.
        ask(server, 'POST', '/marks/later')
        assert run(server, '--max', '1', '--label', 'nightly', '--since', 'later')[0] == 0
        for number in range(1_000):
            labelled(wire, 'Scan', {'TableName': 'few'}, **{'X-Tidemark-Bill-Label': f'many-{number}'})
        assert bill(server, label='(others)')['usd'] > 0
        code, out, err = run(server, '--max', '1', '--label', 'many-999')
        assert (code, out) == (1, '')
        assert 'or it is one of those beyond the first 999, which are billed together as (others)' in err


def test_the_labels_of_an_account_are_its_own(server):
    for account, label in (('111111111111', 'first'), ('222222222222', 'second')):
        wire = server.wire(account)
        create_table(wire, 'labels-of')
        labelled(wire, 'Scan', {'TableName': 'labels-of'}, **{'X-Tidemark-Bill-Label': label})
    assert {entry['label'] for entry in bill(server, account='111111111111')['labels']} == {'first'}
    assert {'first', 'second'} <= {entry['label'] for entry in bill(server)['labels']}


def test_a_bill_of_several_regions_says_which(timed):
    for region in ('us-east-1', 'eu-west-1'):
        create_table(timed.wire(region=region), 'regions')
    timed.wire(region='eu-west-1').call('PutItem', {'TableName': 'regions', 'Item': {'pk': {'S': 'a'}}})
    _, out, _ = run(timed)
    assert 'REGION' not in out
    timed.wire().call('PutItem', {'TableName': 'regions', 'Item': {'pk': {'S': 'a'}}})
    assert {line['region'] for line in bill(timed)['lines'] if line.get('resource') == 'regions'} == {'us-east-1', 'eu-west-1'}
    _, out, _ = run(timed)
    rows = [line.split() for line in out.splitlines() if 'RESOURCE' in line or ' regions ' in line]
    assert rows[0][-3:] == ['RESOURCE', 'REGION', 'OPERATION']
    assert {tuple(row[-3:]) for row in rows[1:]} >= {('regions', 'us-east-1', 'PutItem'), ('regions', 'eu-west-1', 'PutItem')}


def test_a_bill_between_two_marks(server):
    wire = server.wire()
    create_table(wire, 'marks')
    put = {'TableName': 'marks', 'Item': {'pk': {'S': 'a'}}}
    wire.call('PutItem', put)
    assert ask(server, 'POST', '/marks/one')[0] == 200
    wire.call('PutItem', put)
    wire.call('PutItem', put)
    assert ask(server, 'POST', '/marks/two%20words')[0] == 200
    wire.call('PutItem', put)
    units = ('write-request-units', 'PutItem', '')
    assert requests(bill(server, since='one', until='two words'), 'marks') == {units: 2}
    assert requests(bill(server, since='one'), 'marks') == {units: 3}
    assert requests(bill(server, until='one'), 'marks') == {units: 1}
    answer = bill(server, since='one', until='two words')
    assert (answer['since']['mark'], answer['until']['mark']) == ('one', 'two words')
    assert answer['since']['time'] < answer['until']['time']
    assert {'one', 'two words'} <= {mark['mark'] for mark in ask(server, 'GET', '/marks')[1]['marks']}
    assert ask(server, 'DELETE', '/marks/one')[0] == 200
    assert ask(server, 'GET', '?since=one') == (404, {'error': "There is no mark 'one'."})
    assert ask(server, 'DELETE', '/marks/one')[0] == 404
    assert ask(server, 'DELETE', '/marks/two%20words')[0] == 200


def test_marks_are_bounded(timed):
    for number in range(20):
        assert ask(timed, 'POST', f'/marks/{number}')[0] == 200
    assert ask(timed, 'POST', '/marks/more') == (
        409, {'error': 'There are 20 marks: remove one, or set one of them anew.'})
    assert ask(timed, 'POST', '/marks/7')[0] == 200


def test_wrong_questions(server):
    for path, sentence in (
            ('?sinc=x', "There is no parameter 'sinc'; there are since, until, label, account and limit."),
            ('?account=abc', 'account must be twelve digits.'),
            ('?account=', 'account must be twelve digits.'),
            ('/export-or-scan?table=x&account=12345678901', 'account must be twelve digits.'),
            ('/marks?limit=1', "There is no parameter 'limit'; this path takes none."),
            ('/export-or-scan', 'The parameter table is missing.'),
            ('/export-or-scan?name=x', "There is no parameter 'name'; there are table, account and region.")):
        assert ask(server, 'GET', path) == (400, {'error': sentence})
    assert ask(server, 'GET', '?until=never') == (404, {'error': "There is no mark 'never'."})
    assert ask(server, 'GET', '/export-or-scan?table=never-made')[0] == 404
    status, answer = ask(server, 'POST', '', {'prices': {'gold': 1}})
    assert status == 400 and "there is no price 'gold'" in answer['error']
    assert ask(server, 'GET', '?limit=1')[1]['line_count'] >= 0


def test_prices_are_shown_with_their_date_and_replaceable(server):
    answer = bill(server)
    assert {price['charge']: price['usd'] / price['per'] for price in answer['prices']['list']} == pytest.approx(PRICES)
    assert (answer['prices']['region'], answer['prices']['currency']) == ('us-east-1', 'USD')
    assert {price['date'] for price in answer['prices']['list']} == {answer['prices']['date']} == {'2026-11-01'}
    assert 'estimate' in answer['estimate']
    wire = server.wire()
    create_table(wire, 'priced')
    wire.call('PutItem', {'TableName': 'priced', 'Item': {'pk': {'S': 'a'}}})
    status, answer = ask(server, 'POST', '', {'date': '2030-01-01', 'prices': {'write-request-units': 1_000_000}})
    assert status == 200 and answer['prices']['date'] == '2030-01-01'
    assert [line['usd'] for line in answer['lines'] if line.get('resource') == 'priced' and line.get('operation')] == [1.0]


def test_a_reset_clears_it(timed):
    put = {'TableName': 'cleared', 'Item': {'pk': {'S': 'a'}}}
    for account in ('111111111111', '222222222222'):
        wire = timed.wire(account)
        create_table(wire, 'cleared')
        wire.call('PutItem', put)

    def accounts():
        return {line['account'] for line in bill(timed)['lines'] if line.get('operation') == 'PutItem'}

    def reset(body):
        connection = http.client.HTTPConnection('127.0.0.1', timed.port, timeout=60)
        connection.request('POST', '/_tidemark/reset', json.dumps(body), {'Content-Type': 'application/json'})
        assert connection.getresponse().status == 200
        connection.close()

    assert accounts() == {'111111111111', '222222222222'}
    assert {line['account'] for line in bill(timed, account='111111111111')['lines']} == {'111111111111'}
    ask(timed, 'POST', '/marks/begin')
    reset({'account': '111111111111'})
    assert accounts() == {'222222222222'}
    assert bill(timed, since='begin')['lines'] == []
    wire = timed.wire('111111111111')
    create_table(wire, 'cleared')
    wire.call('PutItem', put)
    assert bill(timed, since='begin')['lines'][0]['account'] == '111111111111', 'counting begins anew'
    reset({})
    answer = bill(timed)
    assert (answer['usd'], answer['lines']) == (0.0, [])
    assert ask(timed, 'GET', '/marks') == (200, {'marks': []})


def test_export_or_scan(server):
    wire = server.wire()
    create_table(wire, 'compared')
    wire.call('PutItem', {'TableName': 'compared', 'Item': item(100_000)})
    status, answer = ask(server, 'GET', '/export-or-scan?table=compared')
    assert status == 200
    assert (answer['items'], answer['size_bytes'], answer['partitions']) == (1, 100_000, 4)
    # 25 blocks of 4 KB.
    scanned = wire.call('Scan', {'TableName': 'compared', 'ReturnConsumedCapacity': 'TOTAL'})['ConsumedCapacity']
    assert answer['scan']['read_units'] == scanned['CapacityUnits'] == 12.5
    assert answer['consistent_scan']['read_units'] == 25
    assert answer['scan']['usd'] == pytest.approx(12.5 * 0.125 / 1e6)
    assert answer['scan']['seconds_at_least'] == pytest.approx(12.5 / 12_000)
    # A data object for each partition, five around them, each by a multipart upload of three requests.
    assert answer['export']['s3_requests'] == 27
    assert answer['export']['usd'] == pytest.approx(100_000 / GB * 0.10 + 27 * 0.005 / 1e3)
    assert (answer['export']['read_units'], answer['cheaper']) == (0, 'scan')
    free = {'prices': {'exported': 0, 's3-writes': 0}}
    assert ask(server, 'POST', '/export-or-scan?table=compared', free)[1]['cheaper'] == 'export'


def run(server, *arguments):
    done = subprocess.run([PROGRAM, 'bill', '--port', str(server.port), *arguments], capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_the_command_and_its_exit_codes(server, tmp_path):
    wire = server.wire()
    create_table(wire, 'command')
    for number in range(8):
        labelled(wire, 'PutItem', {'TableName': 'command', 'Item': {'pk': {'S': str(number)}}},
                 **{'X-Tidemark-Bill-Label': 'test'})
    create_table(wire, 'more')
    for operation, request in (('GetItem', {'Key': {'pk': {'S': 'a'}}}), ('Scan', {}),
                               ('DeleteItem', {'Key': {'pk': {'S': 'a'}}}), ('PutItem', {'Item': {'pk': {'S': 'a'}}}),
                               ('UpdateItem', {'Key': {'pk': {'S': 'a'}}})):
        labelled(wire, operation, {'TableName': 'more', **request}, **{'X-Tidemark-Bill-Label': 'test'})
    # 11 writes, 2.5 reads.
    usd = 11 * 0.625e-6 + 2.5 * 0.125e-6
    code, out, err = run(server, '--max', '0.000001', '--label', 'test')
    assert (code, err) == (1, '')
    assert f'{usd:.8f} USD, label test' in out and 'above the limit of 0.00000100 USD' in out
    rows = [line for line in out.splitlines() if line.startswith('0.000')]
    assert len(rows) == 5 and rows[0].split() == ['0.00000500', '8', 'unit', 'write-request-units', 'command', 'PutItem']
    assert 'and 1 more lines' in out
    assert 'write-request-units: 0.625 USD for 1000000 unit (2026-11-01)' in out and 'An estimate' in out
    code, out, _ = run(server, '--max', '0.05', '--label', 'test')
    assert code == 0 and 'within the limit of 0.05000000 USD' in out
    code, out, _ = run(server, '--max', '0', '--label', 'test', '--json')
    assert code == 1 and json.loads(out)['usd'] == pytest.approx(usd)

    assert run(server, 'mark', 'by command')[0] == 0
    assert 'by command' in run(server, 'marks')[1]
    code, out, _ = run(server, '--since', 'by command', '--label', 'test')
    assert code == 0 and '0.00000000 USD' in out
    assert run(server, 'unmark', 'by command')[0] == 0
    assert run(server, '--since', 'by command') == (
        1, '', f"tidemark: There is no mark 'by command' at http://127.0.0.1:{server.port}\n")
    code, out, _ = run(server, 'export-or-scan', 'command')
    assert code == 0 and 'cheaper: scan' in out

    prices = tmp_path / 'prices.yaml'
    prices.write_text('region: eu-west-1\ndate: 2031-02-03\nprices:\n  write-request-units: 2000000\n')
    code, out, _ = run(server, '--label', 'test', '--prices', str(prices))
    assert code == 0 and '22.00000031 USD' in out and 'prices of eu-west-1, 2031-02-03' in out


@pytest.mark.parametrize('text, line, what', [
    ('prices:\n  write-request-unit: 1\n', 2, "there is no price 'write-request-unit'"),
    ('prices:\n  restored: -1\n', 2, 'restored must be a number of USD, 0 or more'),
    ('prices:\n  restored: cheap\n', 2, 'restored must be a number of USD, 0 or more'),
    ('price:\n  restored: 1\n', 2, "there is no member 'price'"),
    ('date: 2026-01-01\n', 1, 'the member prices is missing'),
    ('prices: 3\n', 1, 'prices must be names with a number each'),
    ('- 1\n', 1, 'there must be a member prices')])
def test_wrong_prices_are_refused_with_their_line(server, tmp_path, text, line, what):
    prices = tmp_path / 'prices.yaml'
    prices.write_text(text)
    code, out, err = run(server, '--prices', str(prices))
    assert (code, out) == (1, '')
    assert f'{prices}:{line}: {what}' in err
    done = subprocess.run([PROGRAM, 'serve', '--in-memory', '--bill-prices', str(prices)], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 2 and f'{prices}:{line}: {what}' in done.stderr


def test_prices_that_make_much_out_of_little_are_refused(server):
    """Aliases of aliases: 9 ** 9 values out of a quarter of a kilobyte."""
    text = 'a0: &a0 x\n' + ''.join(
        f'a{number}: &a{number} [{",".join([f"*a{number - 1}"] * 9)}]\n' for number in range(1, 10))
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
    connection.request('POST', '/_tidemark/bill', text, {'Content-Type': 'application/json'})
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())) == (
        400, {'error': 'prices:6: its anchors, aliases and tags make too much of it'})
    connection.close()


def test_words_that_do_not_go_together(server):
    for arguments, what in ((['spend'], 'must be mark, unmark, marks, export-or-scan'), (['mark'], 'a name is missing'),
                            (['marks', 'x'], 'a name is too much'), (['marks', '--max', '1'], '--max is for the bill')):
        code, out, err = run(server, *arguments)
        assert (code, out) == (2, '') and what in err, err
    for amount in ('-1', '-0', 'nan', 'NaN', 'inf', 'infinity', '0x1', '', ' 1', '1 ', '0.05USD', '1e13', '1e999', '1,5'):
        code, out, err = run(server, f'--max={amount}')
        assert (code, out) == (2, ''), amount
        if amount:  # empty is as good as none there
            done = subprocess.run([PROGRAM, 'serve', '--in-memory', f'--bill-limit={amount}'], capture_output=True, text=True,
                                  timeout=60)
            assert done.returncode == 2, amount
    wire = server.wire()
    create_table(wire, 'amounts')
    labelled(wire, 'PutItem', {'TableName': 'amounts', 'Item': {'pk': {'S': 'a'}}}, **{'X-Tidemark-Bill-Label': 'amounts'})
    for amount in ('0.05', '5e-2', '.05', '1', '1e12'):
        assert run(server, '--max', amount, '--label', 'amounts')[0] == 0, amount
    assert run(server, '--prices', '/nowhere/prices.yaml')[0] == 1


def test_the_end_of_a_server_above_its_limit_is_a_failure():
    for limit, expected in (('0.000001', 1), ('1', 0)):
        server = Server(args=['--bill-limit', limit])
        try:
            wire = server.wire()
            create_table(wire, 'limited')
            for number in range(2):
                wire.call('PutItem', {'TableName': 'limited', 'Item': {'pk': {'S': str(number)}}})  # 0.00000125
            assert bill(server)['limit_usd'] == float(limit)
            assert server.terminate() == expected
            assert ('the bill is above its limit' in server.log()) == bool(expected)
            assert ('write-request-units' in server.log()) == bool(expected)
        finally:
            server.close()
