"""What the server says about itself: a line for each request at debug, failures at info, one line for a start that fails."""
import http.client
import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

from tests.support.server import PROGRAM, StartError, Server, create_table, running, until

DEBUG_JSON = ['--log-level', 'debug', '--log-format', 'json']


def lines(server):
    """Every whole line so far, as a document: one that is no object fails the test."""
    documents = [json.loads(line) for line in server.log().split('\n')[:-1]]
    assert all(list(document)[:3] == ['time', 'level', 'message'] for document in documents), documents
    return documents


def requests(server, **wanted):
    return [line for line in lines(server)
            if line['message'] == 'request' and wanted.items() <= line.items()]


def request(server, **wanted):
    """The one line about the request in question, once it is there."""
    found = until(lambda: requests(server, **wanted), f'a line with {wanted} in {server.log()}', 20)
    assert len(found) == 1, found
    return found[0]


def code_of(call):
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response['Error']['Code']


@pytest.fixture(scope='module')
def debugging():
    with running(args=DEBUG_JSON) as server:
        yield server


def test_a_dynamodb_request_has_a_line_with_its_table(debugging):
    wire = debugging.wire()
    create_table(wire, 'orders')
    body = json.dumps({'TableName': 'orders', 'Item': {'pk': {'S': 'a'}, 'n': {'N': '1'}}})
    status, headers, answer = wire.post(body, **{'X-Amz-Target': 'DynamoDB_20120810.PutItem'})
    assert status == 200
    line = request(debugging, operation='PutItem', table='orders')
    assert line.pop('time').endswith('Z')
    assert isinstance(line.pop('ms'), float)
    assert line == {'level': 'debug', 'message': 'request', 'service': 'dynamodb', 'operation': 'PutItem',
                    'table': 'orders', 'status': 200, 'bytes_in': len(body), 'bytes_out': len(answer),
                    'request_id': headers['x-amzn-RequestId'], 'peer': '127.0.0.1'}


def test_an_error_has_its_type(debugging):
    client = debugging.client('dynamodb')
    assert code_of(lambda: client.describe_table(TableName='nowhere')) == 'ResourceNotFoundException'
    line = request(debugging, operation='DescribeTable', table='nowhere')
    assert (line['status'], line['error']) == (400, 'ResourceNotFoundException')


def test_a_request_that_speaks_no_known_protocol_has_its_error(debugging):
    connection = http.client.HTTPConnection('127.0.0.1', debugging.port, timeout=60)
    connection.request('POST', '/no-content-type', '{}', {'X-Amz-Target': 'DynamoDB_20120810.PutItem'})
    assert connection.getresponse().status == 404
    connection.close()
    line = request(debugging, request='POST /no-content-type')
    assert (line['status'], line['error']) == (404, 'UnknownOperationException')


def test_a_batch_names_its_tables(debugging):
    wire = debugging.wire()
    for name in ('left', 'right'):
        create_table(wire, name)
    keys = {'Keys': [{'pk': {'S': 'a'}}]}
    wire.call('BatchGetItem', {'RequestItems': {'left': keys, 'right': keys}})
    assert request(debugging, operation='BatchGetItem')['tables'] == 'left,right'


def test_statements_name_their_tables(debugging):
    wire = debugging.wire()
    for name in ('said', 'told.twice'):
        create_table(wire, name)
    wire.call('ExecuteStatement', {'Statement': 'SELECT * FROM said WHERE pk = ?', 'Parameters': [{'S': 'a'}]})
    assert request(debugging, operation='ExecuteStatement')['table'] == 'said'
    wire.call('BatchExecuteStatement', {'Statements': [
        {'Statement': """INSERT INTO "told.twice" VALUE {'pk': 'a'}"""}, {'Statement': "DELETE FROM said WHERE pk = 'a'"}]})
    assert request(debugging, operation='BatchExecuteStatement')['tables'] == 'told.twice,said'
    wire.call('ExecuteTransaction', {'TransactStatements': [{'Statement': "INSERT INTO said VALUE {'pk': 'b'}"}]})
    assert request(debugging, operation='ExecuteTransaction')['tables'] == 'said'


def test_an_s3_request_has_a_line_with_bucket_and_key(debugging):
    s3 = debugging.client('s3')
    s3.create_bucket(Bucket='bucket')
    s3.put_object(Bucket='bucket', Key='a/key with blanks', Body=b'x' * 100_000)
    s3.get_object(Bucket='bucket', Key='a/key with blanks')['Body'].read()
    line = request(debugging, operation='GetObject', key='a/key with blanks')
    assert line['request_id'] and isinstance(line['ms'], float)
    assert {'service': 's3', 'bucket': 'bucket', 'status': 200, 'bytes_in': 0, 'bytes_out': 100_000,
            'peer': '127.0.0.1'}.items() <= line.items()
    assert request(debugging, operation='PutObject')['bytes_in'] >= 100_000
    assert code_of(lambda: s3.get_object(Bucket='bucket', Key='missing')) == 'NoSuchKey'
    assert request(debugging, key='missing')['error'] == 'NoSuchKey'
    assert code_of(lambda: s3.list_objects_v2(Bucket='no-such-bucket')) == 'NoSuchBucket'
    assert request(debugging, bucket='no-such-bucket')['operation'] == 'ListObjectsV2'


def test_the_key_of_a_form_is_told(debugging):
    s3 = debugging.client('s3')
    s3.create_bucket(Bucket='forms')
    body = ('--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nposted\r\n'
            '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbytes\r\n--b--\r\n')
    connection = http.client.HTTPConnection('127.0.0.1', debugging.s3_port, timeout=60)
    connection.request('POST', '/forms', body, {'Content-Type': 'multipart/form-data; boundary=b'})
    assert connection.getresponse().status == 204
    connection.close()
    assert request(debugging, operation='PostObject')['key'] == 'posted'


def test_a_name_cannot_forge_a_line(debugging):
    hostile = 'x","level":"error"}\n{"time":"now","level":"error","message":"forged"}\u2028\x1b[2J\x85'
    wire = debugging.wire()
    status, _, _ = wire.post(json.dumps({'TableName': hostile, 'Key': {}}, ensure_ascii=False).encode(),
                             **{'X-Amz-Target': 'DynamoDB_20120810.GetItem'})
    assert status == 400
    told = 'x","level":"error"}\n{"time":"now","level":"error","message":"forged"}\ufffd\x1b[2J\ufffd'
    assert request(debugging, operation='GetItem')['table'] == told
    s3 = debugging.client('s3')
    s3.create_bucket(Bucket='hostile')
    s3.put_object(Bucket='hostile', Key='k\n{"message":"forged"}', Body=b'')
    assert request(debugging, operation='PutObject', bucket='hostile')['key'] == 'k\n{"message":"forged"}'
    assert not [line for line in lines(debugging) if line['message'] == 'forged']
    assert debugging.log().splitlines() == debugging.log().split('\n')[:-1], 'no other line breaks either'


def test_a_long_name_is_cut(debugging):
    name = 'n' * 100_000
    code_of(lambda: debugging.client('dynamodb').describe_table(TableName=name))
    assert request(debugging, table=name[:1024])['error'] == 'ValidationException'


def test_secrets_of_a_presigned_url_are_not_told(debugging):
    connection = http.client.HTTPConnection('127.0.0.1', debugging.s3_port, timeout=60)
    connection.request('OPTIONS', '/bucket/key?X-Amz-Signature=s3cr3t&X-Amz-Security-Token=t0k3n')
    connection.getresponse().read()
    connection.close()
    line = request(debugging, service='s3', request='OPTIONS /bucket/key?X-Amz-Signature&X-Amz-Security-Token')
    assert line['bucket'] == 'bucket'
    assert 's3cr3t' not in debugging.log() and 't0k3n' not in debugging.log()


def test_a_connection_cut_in_the_middle_of_a_body_is_told(debugging):
    debugging.client('s3').create_bucket(Bucket='cut')
    connection = http.client.HTTPConnection('127.0.0.1', debugging.s3_port, timeout=60)
    connection.putrequest('PUT', '/cut/half')
    connection.putheader('Content-Length', '1000')
    connection.endheaders(b'x' * 10)
    connection.close()
    line = request(debugging, key='half')
    assert 'status' not in line
    assert (line['operation'], line['cut'], line['bytes_in']) == ('PutObject', 'receiving', 10)


def test_at_info_an_unbuilt_operation_is_told_once():
    with running(args=['--log-level', 'info', '--log-format', 'json']) as server:
        s3, wire = server.client('s3'), server.wire()
        create_table(wire, 'quiet')
        s3.create_bucket(Bucket='quiet')
        for _ in range(3):
            assert code_of(lambda: s3.get_object_torrent(Bucket='quiet', Key='k')) == 'NotImplemented'
            assert code_of(lambda: s3.restore_object(Bucket='quiet', Key='k')) == 'NotImplemented'
        status, _, _ = wire.post('{}', **{'X-Amz-Target': 'DynamoDB_20120810.NoSuchOperation'})
        assert status == 400
        told = until(lambda: len(requests(server)) >= 2 and requests(server), 'two lines', 20)
        assert [(line['level'], line['operation'], line['status'], line['error']) for line in told] == [
            ('info', 'GetObjectTorrent', 501, 'NotImplemented'), ('info', 'RestoreObject', 501, 'NotImplemented')]
        assert told[0]['bucket'] == 'quiet' and told[0]['request_id']
        server.terminate()
        assert len(requests(server)) == 2, 'nothing but what failed'


def test_a_failure_is_told_once_a_second_with_the_number_left_out():
    with running(args=['--log-level', 'info', '--log-format', 'json']) as server:
        s3 = server.client('s3')
        s3.create_bucket(Bucket='lost')
        s3.put_object(Bucket='lost', Key='k', Body=b'x' * 100_000)
        for file in (server.data_dir / 'objects/data').rglob('*'):
            if file.is_file():
                file.unlink()
        asked = 0

        def told_again():
            nonlocal asked
            asked += 1
            assert code_of(lambda: s3.get_object(Bucket='lost', Key='k')) == 'InternalError'
            return [line for line in requests(server) if 'left_out' in line]
        again = until(told_again, 'a second line', 20)
        first = requests(server)[0]
        assert (first['level'], first['operation'], first['bucket'], first['key'], first['status'], first['error']) == \
            ('error', 'GetObject', 'lost', 'k', 500, 'InternalError')
        assert 'left_out' not in first and asked > 2
        assert len(requests(server)) + again[0]['left_out'] <= asked


def test_a_start_says_what_listens_where(tmp_path):
    with running(tmp_path / 'data', args=['--log-level', 'info', '--log-format', 'json']) as server:
        told = until(lambda: [line for line in lines(server) if line['message'] == 'serving'] and lines(server),
                     'the line', 20)
        listening = [(line['endpoint'], line['services']) for line in told if line['message'] == 'listening']
        assert listening == [(server.endpoint, 'dynamodb,s3'), (server.s3_endpoint, 's3')]
        serving = told[-1]
        assert (serving['data'], serving['auth'], serving['pid']) == (str(tmp_path / 'data'), 'open', server.pid)


def test_text_lines(tmp_path):
    with running(tmp_path / 'data', args=['--log-level', 'debug']) as server:
        create_table(server.wire(), 'orders')
        line = until(lambda: [line for line in server.log().splitlines() if 'operation=CreateTable' in line],
                     'the line', 20)[0]
        assert ' debug request service=dynamodb operation=CreateTable table=orders status=200 ms=' in line


@pytest.mark.parametrize('args, environment, message', [
    (['serve', '--log-format', 'json', '--port', 'abc'], {}, "--port: 'abc' is not a port (0 to 65535)"),
    (['serve', '--port', 'abc', '--log-format=json'], {}, "--port: 'abc' is not a port (0 to 65535)"),
    (['serve', '--port', 'abc'], {'TIDEMARK_LOG_FORMAT': 'json'}, "--port: 'abc' is not a port (0 to 65535)"),
    (['serve', '--log-format', 'json', '--log-level', 'off', '--port', 'abc'], {},
     "--port: 'abc' is not a port (0 to 65535)"),
    (['serve', '--log-format', 'json', '--nonsense'], {}, None),
    (['--log-format', 'json'], {}, None),
])
def test_wrong_usage_is_one_line_of_json_when_asked_for(args, environment, message):
    clean = {name: value for name, value in os.environ.items() if not name.startswith('TIDEMARK_')}
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, env={**clean, **environment})
    assert (done.returncode, done.stdout, done.stderr.count('\n')) == (2, '', 1)
    document = json.loads(done.stderr)
    assert list(document) == ['time', 'level', 'message'] and document['level'] == 'error'
    if message:
        assert document['message'] == message


def test_the_file_may_ask_for_json_too(tmp_path):
    (tmp_path / 'config').write_text('log-format = json\nport = abc\n')
    done = subprocess.run([PROGRAM, 'serve', '--config', str(tmp_path / 'config')], capture_output=True, text=True)
    assert done.returncode == 2
    assert json.loads(done.stderr)['message'] == f"{tmp_path}/config: port: 'abc' is not a port (0 to 65535)"


def test_a_failed_start_is_one_line_of_json_when_asked_for(tmp_path):
    with running(tmp_path) as first:
        with pytest.raises(StartError) as failed:
            Server(tmp_path, ['--log-format', 'json', '--log-level', 'off'])
        assert failed.value.code == 1
        assert json.loads(failed.value.text)['message'] == \
            f'the data directory {tmp_path} is in use by process {first.pid}'
