"""/_tidemark/metrics, read by Prometheus' own parser."""
import http.client
import math

from botocore.exceptions import ClientError
import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.accounts import write_credentials
from support.server import running, until


class Metrics:
    def __init__(self, text):
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def all(self, name, **labels):
        return [sample for sample in self.samples
                if sample.name == name and labels.items() <= sample.labels.items()]

    def value(self, name, **labels):
        """The sum of what has these labels; 0 when nothing has."""
        return sum(sample.value for sample in self.all(name, **labels))


def scrape(server):
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=60)
    connection.request('GET', '/_tidemark/metrics')
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200
    assert answer.headers['Content-Type'] == 'text/plain; version=0.0.4; charset=utf-8'
    return Metrics(text)


@pytest.fixture(scope='module')
def server():
    with running() as one:
        yield one


def table_of(server, name):
    server.client('dynamodb').create_table(
        TableName=name, BillingMode='PAY_PER_REQUEST', KeySchema=[{'AttributeName': 'k', 'KeyType': 'HASH'}],
        AttributeDefinitions=[{'AttributeName': 'k', 'AttributeType': 'S'}])


def test_requests_and_errors_by_operation(server):
    client = server.client('dynamodb')
    table_of(server, 'requests')
    before = scrape(server)
    for number in range(5):
        client.put_item(TableName='requests', Item={'k': {'S': str(number)}})
    for _ in range(3):
        with pytest.raises(ClientError):
            client.put_item(TableName='nowhere', Item={'k': {'S': 'x'}})
    after = scrape(server)

    def grown(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)

    put = {'service': 'dynamodb', 'operation': 'PutItem'}
    assert grown('tidemark_requests_total', **put, status='200') == 5
    assert grown('tidemark_requests_total', **put, status='400') == 3
    assert grown('tidemark_errors_total', **put, error='ResourceNotFoundException') == 3
    assert grown('tidemark_request_duration_seconds_count', **put) == 8
    assert grown('tidemark_request_duration_seconds_sum', **put) > 0
    buckets = after.all('tidemark_request_duration_seconds_bucket', **put)
    assert [float(one.labels['le']) for one in buckets] == sorted(float(one.labels['le']) for one in buckets)
    assert [one.value for one in buckets] == sorted(one.value for one in buckets)
    assert math.isinf(float(buckets[-1].labels['le']))
    assert buckets[-1].value == after.value('tidemark_request_duration_seconds_count', **put)


def test_requests_of_s3_and_of_nobody(server):
    server.client('s3').create_bucket(Bucket='lake')
    server.client('s3').put_object(Bucket='lake', Key='k', Body=b'x')
    metrics = scrape(server)
    assert metrics.value('tidemark_requests_total', service='s3', operation='PutObject', status='200') == 1
    assert metrics.value('tidemark_requests_total', service='admin', operation='/_tidemark/metrics') >= 1
    assert metrics.value('tidemark_connections') >= 1


# Units as the developer guide counts them: reads by 4 KB, half without strong consistency; writes by 1 KB; twice as many in
# transactions.
def test_consumed_units_are_counted_whether_asked_for_or_not(server):
    client = server.client('dynamodb')
    table_of(server, 'units')
    text = {'S': 'x' * 1500}

    def units():
        metrics = scrape(server)
        return tuple(metrics.value(f'tidemark_consumed_{kind}_units_total', table='units') for kind in ('read', 'write'))

    def costs(call, read, write):
        was = units()
        call()
        now = units()
        assert (now[0] - was[0], now[1] - was[1]) == (read, write)

    item = {'k': {'S': 'a'}, 't': text}
    key = {'k': {'S': 'a'}}
    costs(lambda: client.put_item(TableName='units', Item=item), 0, 2)
    costs(lambda: client.put_item(TableName='units', Item=item, ReturnConsumedCapacity='TOTAL'), 0, 2)
    costs(lambda: client.get_item(TableName='units', Key=key), 0.5, 0)
    costs(lambda: client.get_item(TableName='units', Key=key, ConsistentRead=True), 1, 0)
    costs(lambda: client.query(TableName='units', KeyConditionExpression='k = :k',
                               ExpressionAttributeValues={':k': {'S': 'a'}}), 0.5, 0)
    costs(lambda: client.batch_write_item(RequestItems={'units': [{'PutRequest': {'Item': {'k': {'S': 'b'}}}}]}), 0, 1)
    costs(lambda: client.transact_write_items(TransactItems=[{'Put': {'TableName': 'units', 'Item': item}}]), 0, 4)
    assert 'ConsumedCapacity' not in client.get_item(TableName='units', Key=key)
    assert 'ConsumedCapacity' not in client.batch_write_item(
        RequestItems={'units': [{'PutRequest': {'Item': {'k': {'S': 'c'}}}}]})
    labels = scrape(server).all('tidemark_consumed_read_units_total', table='units')[0].labels
    assert labels == {'account': '000000000000', 'region': 'us-east-1', 'table': 'units'}


def test_any_name_of_a_region_is_a_label(server):
    wire = server.wire(region='a"b\\c')
    wire.call('CreateTable', {'TableName': 'strange', 'BillingMode': 'PAY_PER_REQUEST',
                              'KeySchema': [{'AttributeName': 'k', 'KeyType': 'HASH'}],
                              'AttributeDefinitions': [{'AttributeName': 'k', 'AttributeType': 'S'}]})
    wire.call('PutItem', {'TableName': 'strange', 'Item': {'k': {'S': 'a'}}})
    [sample] = scrape(server).all('tidemark_consumed_write_units_total', table='strange')
    assert sample.labels['region'] == 'a"b\\c' and sample.value == 1


def test_a_table_that_is_gone_is_among_the_others(server):
    client = server.client('dynamodb')
    table_of(server, 'gone')
    client.put_item(TableName='gone', Item={'k': {'S': 'a'}})
    assert scrape(server).value('tidemark_consumed_write_units_total', table='gone') == 1
    others = scrape(server).value('tidemark_consumed_write_units_total', table='(others)')
    client.delete_table(TableName='gone')
    metrics = scrape(server)
    assert metrics.all('tidemark_consumed_write_units_total', table='gone') == []
    assert metrics.value('tidemark_consumed_write_units_total', table='(others)') == others + 1


def test_storage_jobs_and_process(server):
    client = server.client('dynamodb')
    table_of(server, 'exported')
    client.update_continuous_backups(TableName='exported',
                                     PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True})
    server.client('s3').create_bucket(Bucket='exports')
    arn = client.describe_table(TableName='exported')['Table']['TableArn']
    client.export_table_to_point_in_time(TableArn=arn, S3Bucket='exports')
    until(lambda: scrape(server).value('tidemark_jobs', kind='export', status='completed') == 1, 'the export')
    metrics = scrape(server)
    assert {sample.labels['part'] for sample in metrics.all('tidemark_disk_bytes')} == {'log', 'history', 'state'}
    assert metrics.value('tidemark_disk_bytes', part='log') > 0
    assert metrics.value('tidemark_disk_room') == 2
    assert metrics.value('tidemark_rocksdb_memtable_bytes') > 0
    assert metrics.value('tidemark_rocksdb_write_stopped') == 0
    assert metrics.value('process_resident_memory_bytes') > 1_000_000
    assert metrics.value('process_open_fds') > 10
    assert metrics.value('process_cpu_seconds_total') > 0
    for family in metrics.families.values():
        assert family.documentation and family.type in ('counter', 'gauge', 'histogram'), family.name


def test_strangers_see_nothing_where_signatures_are_verified(tmp_path):
    file = write_credentials(tmp_path / 'credentials', {'alice': '111111111111'})
    with running(args=['--auth', 'strict', '--credentials', str(file)]) as strict:
        connection = http.client.HTTPConnection('127.0.0.1', strict.port, timeout=60)
        connection.request('GET', '/_tidemark/metrics', headers={'X-Forwarded-For': '10.0.0.1'})
        assert connection.getresponse().status == 403
        connection.close()
        assert scrape(strict).value('tidemark_build_info') == 1
