"""What the Testcontainers modules for DynamoDB Local, LocalStack and MinIO start and wait for, without containers.

Each row is one module of one language: the command of its container, the variables, and what it waits for, as the module's
public source states it. Ports are free ones, as a container's are mapped. Then an SDK must find what the test is for.
"""
import pytest

from support.habits import free_port, java_in, started
from support.server import PROGRAM


def port():
    return lambda habit: habit.wait_for_port()


def status(path, code):
    return lambda habit: habit.wait_for_status(path, code)


def log(pattern, stream='both'):
    return lambda habit: habit.wait_for_log(pattern, stream)


DYNAMODB_LOCAL = [
    # The image's own command is -jar DynamoDBLocal.jar -inMemory.
    ('java, GenericContainer', ['-jar', 'DynamoDBLocal.jar', '-inMemory'], port()),
    ('go', ['-Djava.library.path=./DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar'], port()),
    ('go, with shared database and without telemetry',
     ['-Djava.library.path=./DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', '-sharedDb', '-disableTelemetry'], port()),
    ('dotnet', ['-jar', 'DynamoDBLocal.jar', '-inMemory'], status('/', 400)),
    ('rust', ['-jar', 'DynamoDBLocal.jar', '-inMemory'],
     log('Initializing DynamoDB Local with the following configuration', 'out')),
    ('@shelf/jest-dynamodb', ['-Xmx256m', '-jar', 'DynamoDBLocal.jar', '-sharedDb', '-inMemory'], status('/', 400)),
]


@pytest.mark.parametrize('name, arguments, wait', DYNAMODB_LOCAL, ids=[row[0] for row in DYNAMODB_LOCAL])
def test_dynamodb_local(tmp_path, name, arguments, wait):
    with started([java_in(tmp_path), *arguments], tmp_path, {'TIDEMARK_PORT': '0'}) as habit:
        wait(habit)
        client = habit.client('dynamodb', 'fakeKey')
        client.create_table(TableName='books', KeySchema=[{'AttributeName': 'title', 'KeyType': 'HASH'}],
                            AttributeDefinitions=[{'AttributeName': 'title', 'AttributeType': 'S'}],
                            ProvisionedThroughput={'ReadCapacityUnits': 10, 'WriteCapacityUnits': 5})
        assert client.list_tables()['TableNames'] == ['books']


LOCALSTACK = [
    ('java', {'SERVICES': 'dynamodb,s3', 'LAMBDA_DOCKER_FLAGS': '-l org.testcontainers=true'}, log(r'(?s).*Ready\.\n')),
    ('go', {'LOCALSTACK_HOST': 'localhost'}, status('/_localstack/health', 200)),
    ('dotnet', {}, status('/_localstack/health', 200)),
    ('node', {'LOCALSTACK_HOST': 'localhost'}, log('Ready')),
    ('python', {'AWS_DEFAULT_REGION': 'us-west-1', 'AWS_ACCESS_KEY_ID': 'testcontainers-localstack',
                'AWS_SECRET_ACCESS_KEY': 'testcontainers-localstack', 'SERVICES': 'dynamodb'}, log(r'Ready\.\n')),
    ('rust', {}, log(r'Ready\.', 'out')),
]


@pytest.mark.parametrize('name, variables, wait', LOCALSTACK, ids=[row[0] for row in LOCALSTACK])
def test_localstack(tmp_path, name, variables, wait):
    with started([PROGRAM, 'localstack'], tmp_path, {**variables, 'GATEWAY_LISTEN': '127.0.0.1:0'}) as habit:
        wait(habit)
        assert habit.client('dynamodb', region='us-west-1').list_tables()['TableNames'] == []
        habit.client('s3').create_bucket(Bucket='b-' + name)


MINIO = [
    ('java', ['server', '--console-address', ':9001', 'DIR', '--address', ':PORT'],
     {'MINIO_ROOT_USER': 'miniouser', 'MINIO_ROOT_PASSWORD': 'miniopassword'},
     log('.*Status:         1 Online, 0 Offline..*')),
    ('go', ['server', 'DIR'], {'MINIO_ROOT_USER': 'minioadmin', 'MINIO_ROOT_PASSWORD': 'minioadmin'},
     status('/minio/health/live', 200)),
    ('dotnet', ['server', 'DIR'], {'MINIO_ROOT_USER': 'minio', 'MINIO_ROOT_PASSWORD': 'minio-minio'}, port()),
    ('dotnet, older', ['server', 'DIR'], {'MINIO_ROOT_USER': 'minio', 'MINIO_ROOT_PASSWORD': 'minio-minio'},
     status('/minio/health/ready', 200)),
    ('node', ['server', '--console-address', ':9001', 'DIR'], {'MINIO_ROOT_USER': 'minioadmin'},
     status('/minio/health/live', 200)),
    ('python', ['server', 'DIR', '--address', ':PORT'], {'MINIO_ACCESS_KEY': 'minioadmin'},
     status('/minio/health/live', 200)),
    ('rust', ['server', 'DIR'], {'MINIO_CONSOLE_ADDRESS': ':9001'}, log('API:', 'err')),
    ('rust, with JSON logs', ['server', 'DIR', '--json'], {}, log('API:', 'err')),
]


@pytest.mark.parametrize('name, command, variables, wait', MINIO, ids=[row[0] for row in MINIO])
def test_minio(tmp_path, name, command, variables, wait):
    number = free_port()
    words = [word.replace('PORT', str(number)).replace('DIR', str(tmp_path)) for word in command]
    with started([PROGRAM, *words], tmp_path, {'MINIO_ADDRESS': f':{number}', **variables}) as habit:
        wait(habit)
        assert habit.port == number
        client = habit.client('s3', 'minioadmin')
        client.create_bucket(Bucket='test-bucket')
        assert [bucket['Name'] for bucket in client.list_buckets()['Buckets']] == ['test-bucket']
