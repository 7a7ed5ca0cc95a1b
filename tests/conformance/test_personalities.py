"""What a listener looks like, and the command lines and variables of other servers."""
import json
import subprocess

import pytest

from support.habits import started
from support.server import PROGRAM

NAMES = ['tidemark', 'dynamodb-local', 'localstack', 'minio', 'service']


@pytest.fixture(scope='module')
def listeners():
    """The ports of one server, by their personality."""
    flags = [word for name in NAMES for word in ('--listen', f'0={name}')]
    with started([PROGRAM, 'serve', '--in-memory', '--port', '0', '--s3-port', 'off', *flags], '/') as habit:
        yield habit, dict(zip(NAMES, habit.ready()['ports'], strict=True))


# A path, and the status that an unsigned request to it gets, by personality. 403 and 404 are S3's own.
PATHS = [
    ('/', {'tidemark': 200, 'dynamodb-local': 400, 'localstack': 200, 'service': 200}),
    ('/health', {'tidemark': 200, 'dynamodb-local': 200, 'localstack': 200, 'minio': 404, 'service': 404}),
    ('/_localstack/health', {'tidemark': 200, 'dynamodb-local': 200, 'localstack': 200, 'minio': 200}),
    ('/_localstack/info', {'tidemark': 200, 'localstack': 200}),
    ('/_localstack/init', {'tidemark': 200, 'localstack': 200}),
    ('/_localstack/init/ready', {'tidemark': 200, 'localstack': 200}),
    ('/minio/health/live', {'tidemark': 200, 'dynamodb-local': 200, 'localstack': 200, 'minio': 200, 'service': 404}),
    ('/minio/health/ready', {'minio': 200, 'service': 404}),
    ('/minio/health/cluster', {'minio': 200, 'service': 404}),
    ('/favicon.ico', {'tidemark': 204, 'dynamodb-local': 204, 'localstack': 204, 'minio': 204}),
    ('/_tidemark/health', dict.fromkeys(NAMES, 200)),
]


@pytest.mark.parametrize('path, statuses', PATHS, ids=[path for path, _ in PATHS])
def test_what_unsigned_requests_are_answered(listeners, path, statuses):
    habit, ports = listeners
    for name, status in statuses.items():
        assert habit.ask(path, port=ports[name])[0] == status, name
        assert habit.ask(path, 'HEAD', port=ports[name]) == (status, ''), name


def test_the_root_of_dynamodb_local_misses_a_token(listeners):
    habit, ports = listeners
    _, body = habit.ask('/', port=ports['dynamodb-local'])
    assert json.loads(body)['__type'] == 'com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken'
    assert habit.ask('/', port=ports['service'])[1].startswith('healthy: dynamodb.us-east-1.amazonaws.com')


def test_the_documents_of_localstack(listeners):
    habit, ports = listeners
    _, health = habit.ask('/_localstack/health', port=ports['localstack'])
    assert '"dynamodb": "available"' in health and '"s3": "available"' in health  # scripts look with grep
    assert set(json.loads(health)) == {'services', 'edition', 'version'}
    info = json.loads(habit.ask('/_localstack/info', port=ports['localstack'])[1])
    assert info['edition'] == 'community' and info['uptime'] >= 0
    init = json.loads(habit.ask('/_localstack/init', port=ports['localstack'])[1])
    assert init['completed']['READY'] is True
    assert json.loads(habit.ask('/_localstack/init/ready', port=ports['localstack'])[1])['completed'] is True


def test_a_host_that_names_a_bucket_and_a_signed_request_are_for_s3(listeners):
    habit, ports = listeners
    for name in ('dynamodb-local', 'localstack', 'tidemark'):
        for host in ('lake.localhost', 'lake.s3.localhost.localstack.cloud', 'lake.s3.us-east-1.localhost.localstack.cloud',
                     'lake.localhost.localstack.cloud'):
            status, body = habit.ask('/', headers={'Host': host}, port=ports[name])
            assert status == 404 and '<BucketName>lake</BucketName>' in body, (name, host)
    scope = 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00'
    status, body = habit.ask('/health', headers={'Authorization': scope}, port=ports['localstack'])
    assert status != 200 and 'services' not in body


def test_s3_alone_and_everything(listeners):
    habit, ports = listeners
    target = {'X-Amz-Target': 'DynamoDB_20120810.ListTables', 'Content-Type': 'application/x-amz-json-1.0'}
    scope = 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00'
    headers = {**target, 'Authorization': scope, 'X-Amz-Date': '20260101T000000Z'}
    for name, port in ports.items():
        assert ('TableNames' in habit.ask('/', 'POST', headers, port, '{}')[1]) == (name != 'minio'), name


def test_spaces_of_dynamodb_local(tmp_path):
    def tables(habit, key, region):
        return habit.client('dynamodb', key, region).list_tables()['TableNames']

    def create(habit, key, region):
        habit.client('dynamodb', key, region).create_table(
            TableName='things', KeySchema=[{'AttributeName': 'k', 'KeyType': 'HASH'}],
            AttributeDefinitions=[{'AttributeName': 'k', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')

    base = [PROGRAM, 'dynamodb-local', '-port', '0', '-inMemory']
    with started(base, tmp_path) as habit:
        create(habit, 'one', 'us-east-1')
        assert tables(habit, 'one', 'us-east-1') == ['things']
        assert tables(habit, 'one', 'eu-west-1') == [] and tables(habit, 'two', 'us-east-1') == []
    with started([*base, '-sharedDb'], tmp_path) as habit:
        create(habit, 'one', 'us-east-1')
        assert tables(habit, 'two', 'eu-west-1') == tables(habit, '123456789012', 'local') == ['things']
        arn = habit.client('dynamodb', 'two', 'eu-west-1').describe_table(TableName='things')['Table']['TableArn']
        assert habit.client('dynamodb', 'three').describe_table(TableName=arn)['Table']['TableName'] == 'things'


def test_the_block_of_dynamodb_local(tmp_path):
    command = [PROGRAM, 'dynamodb-local', '-port', '0', '-dbPath', str(tmp_path), '-sharedDb', '-cors', 'a.lan,*',
               '-delayTransientStatuses', '-optimizeDbBeforeStartup', '-disableTelemetry']
    with started(command, tmp_path) as habit:
        habit.wait_for_log('CorsParams:.*\n', 'out')
        block = habit.text('out').split('configuration:\n')[1].strip().splitlines()
        assert [line.split('\t')[0] for line in block] == [
            'Port:', 'InMemory:', 'Version:', 'DbPath:', 'SharedDb:', 'shouldDelayTransientStatuses:', 'CorsParams:']
        assert block[0] == f'Port:\t{habit.port}' and block[1] == 'InMemory:\tfalse' and block[4] == 'SharedDb:\ttrue'
        assert (tmp_path / 'tidemark-data' / 'FORMAT').exists()


REFUSED = [
    (['dynamodb-local', '-inMemory', '-dbPath', '.'], 'Error while parsing options. -inMemory and -dbPath exclude each other'),
    (['dynamodb-local', '-optimizeDbBeforeStartup'], 'Error while parsing options. -optimizeDbBeforeStartup needs -dbPath'),
    (['dynamodb-local', '-dbPath', '/nowhere/at/all'], 'Invalid directory for database creation.'),
    (['dynamodb-local', '-sharedDB'],
     'Error while parsing options. Unrecognized option: -sharedDB; did you mean -sharedDb?'),
    (['dynamodb-local', '-port'], 'Error while parsing options. Missing argument for option: port'),
    (['server'], 'server: one directory is needed: tidemark server DIR'),
    (['server', '/tmp/a', '/tmp/b'], 'server: one directory is needed: tidemark server DIR'),
    (['server', '/tmp/a', '--adress', ':9000'], 'server: Unrecognized option: --adress; did you mean --address?'),
    (['server', '/tmp/a', '--address', ':http'], "--address: ':http' is not an address like :9000 or 127.0.0.1:9000"),
    (['serve', '--in-memroy'], 'The following argument was not expected: --in-memroy; did you mean --in-memory?'),
    (['serve', '--personality', 'moto'],
     "--personality: 'moto' is not tidemark, dynamodb-local, localstack, minio or service"),
    (['serve', '--listen', '4566=moto'],
     "--listen: 'moto' is not tidemark, dynamodb-local, localstack, minio or service"),
    (['serve', '--listen', '4566', '--listen', '4566'], '--listen: port 4566 is given more than once'),
]


@pytest.mark.parametrize('arguments, message', REFUSED, ids=[' '.join(row[0]) for row in REFUSED])
def test_what_is_wrong_with_a_command_line(tmp_path, arguments, message):
    done = subprocess.run([PROGRAM, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (2, f'tidemark: {message}\n')


def test_help_and_version_of_dynamodb_local(tmp_path):
    run = lambda *words: subprocess.run([PROGRAM, 'dynamodb-local', *words], capture_output=True, text=True, timeout=60)
    assert run('-help').stdout.startswith('usage: ') and run('-help').returncode == 0
    assert 'DynamoDB Local' in run('-version').stdout


def test_variables_of_localstack(tmp_path):
    variables = {'LOCALSTACK_GATEWAY_LISTEN': '127.0.0.1:0,127.0.0.1:443', 'EAGER_SERVICE_LOADING': '1', 'DEBUG': '1',
                 'DEFAULT_REGION': 'eu-central-1', 'DYNAMODB_SHARE_DB': '1', 'SERVICES': 's3'}
    with started([PROGRAM, 'localstack', 'start'], tmp_path, variables) as habit:
        habit.wait_for_log('Ready\\.\n', 'out')
        assert '"s3": "running"' in habit.ask('/_localstack/health')[1]
        habit.wait_for_log('debug', 'err')
        habit.client('dynamodb', 'x', 'us-east-1').create_table(
            TableName='things', KeySchema=[{'AttributeName': 'k', 'KeyType': 'HASH'}],
            AttributeDefinitions=[{'AttributeName': 'k', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')
        table = habit.client('dynamodb', 'y', 'ap-east-1').describe_table(TableName='things')['Table']
        assert ':eu-central-1:' in table['TableArn']
