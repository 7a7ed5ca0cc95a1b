"""Notification configurations, and the webhook: which records come, how they look, and what outages do to it."""
import contextlib
import http.server
import json
import threading
import time
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from support.server import Server, create_table, until
from support.transfers import export

QUEUE = 'arn:aws:sqs:us-east-1:000000000000:queue'


class Receiver:
    """An HTTP endpoint that writes down the records it gets."""

    def __init__(self, port=0):
        records = self.records = []
        receiver = self
        self.status = 200

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
                status = receiver.status
                if status == 200:
                    records.extend(body['Records'])
                self.send_response(status)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
        self.port = self._server.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}/hook'
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, count):
        """Once there are so many records: those, which then are forgotten."""
        until(lambda: len(self.records) >= count, f'{count} records; there are {len(self.records)}')
        got = self.records[:]
        del self.records[:]
        assert len(got) == count, [record['eventName'] for record in got]
        return got


def names(records):
    return [record['eventName'] for record in records]


def key(record):
    return urllib.parse.unquote_plus(record['s3']['object']['key'])


@pytest.fixture(scope='module')
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope='module')
def hooked(receiver):
    server = Server(args=['--s3-webhook', receiver.url])
    yield server
    code = server.terminate()
    assert code == 0, server.log()
    server.close()


@pytest.fixture(scope='module')
def client(hooked):
    return hooked.client('s3', endpoint=hooked.s3_endpoint)


def test_every_change_of_a_bucket_without_configuration(client, receiver):
    client.create_bucket(Bucket='plain')
    etag = client.put_object(Bucket='plain', Key='a b/ä+.txt', Body=b'hello')['ETag']
    [record] = receiver.wait(1)
    assert record['eventVersion'] == '2.1'
    assert record['eventSource'] == 'aws:s3'
    assert record['awsRegion'] == 'us-east-1'
    assert record['eventName'] == 'ObjectCreated:Put'
    assert record['requestParameters'] == {'sourceIPAddress': '127.0.0.1'}
    assert len(record['responseElements']['x-amz-request-id']) == 16
    assert record['s3']['bucket']['name'] == 'plain'
    assert record['s3']['bucket']['arn'] == 'arn:aws:s3:::plain'
    first = record['s3']['object']
    assert first == {'key': 'a+b/%C3%A4%2B.txt', 'size': 5, 'eTag': etag.strip('"'), 'sequencer': first['sequencer']}

    client.copy_object(Bucket='plain', Key='copy', CopySource='plain/a b/ä+.txt')
    upload = client.create_multipart_upload(Bucket='plain', Key='multi')['UploadId']
    part = client.upload_part(Bucket='plain', Key='multi', UploadId=upload, PartNumber=1, Body=b'x')
    client.complete_multipart_upload(
        Bucket='plain', Key='multi', UploadId=upload,
        MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})
    client.put_object_tagging(Bucket='plain', Key='copy', Tagging={'TagSet': [{'Key': 'a', 'Value': '1'}]})
    client.delete_object_tagging(Bucket='plain', Key='copy')
    client.delete_objects(Bucket='plain', Delete={'Objects': [{'Key': 'copy'}, {'Key': 'nothing'}]})
    client.delete_object(Bucket='plain', Key='multi')
    client.delete_object(Bucket='plain', Key='nothing')
    records = receiver.wait(6)
    assert [(record['eventName'], key(record)) for record in records] == [
        ('ObjectCreated:Copy', 'copy'), ('ObjectCreated:CompleteMultipartUpload', 'multi'),
        ('ObjectTagging:Put', 'copy'), ('ObjectTagging:Delete', 'copy'),
        ('ObjectRemoved:Delete', 'copy'), ('ObjectRemoved:Delete', 'multi')]
    sequence = [first['sequencer']] + [record['s3']['object']['sequencer'] for record in records]
    assert sequence == sorted(sequence)


def test_versions_and_delete_markers(client, receiver):
    client.create_bucket(Bucket='versions')
    client.put_bucket_versioning(Bucket='versions', VersioningConfiguration={'Status': 'Enabled'})
    made = client.put_object(Bucket='versions', Key='k', Body=b'1')
    hidden = client.delete_object(Bucket='versions', Key='k')
    client.delete_object(Bucket='versions', Key='k', VersionId=made['VersionId'])
    records = receiver.wait(3)
    assert names(records) == ['ObjectCreated:Put', 'ObjectRemoved:DeleteMarkerCreated', 'ObjectRemoved:Delete']
    assert [record['s3']['object']['versionId'] for record in records] == [
        made['VersionId'], hidden['VersionId'], made['VersionId']]
    assert [record['responseElements']['x-amz-request-id'] for record in records[:2]] == [
        answer['ResponseMetadata']['RequestId'] for answer in (made, hidden)]


def test_configuration_is_kept_and_selects(client, receiver):
    client.create_bucket(Bucket='chosen')
    assert client.get_bucket_notification_configuration(Bucket='chosen').keys() == {'ResponseMetadata'}
    client.put_bucket_notification_configuration(Bucket='chosen', NotificationConfiguration={
        'QueueConfigurations': [{'Id': 'texts', 'QueueArn': QUEUE, 'Events': ['s3:ObjectCreated:*'], 'Filter': {
            'Key': {'FilterRules': [{'Name': 'prefix', 'Value': 'in/'}, {'Name': 'suffix', 'Value': '.txt'}]}}}],
        'TopicConfigurations': [{'TopicArn': QUEUE.replace('sqs', 'sns'), 'Events': ['s3:ObjectRemoved:Delete']}],
        'LambdaFunctionConfigurations': [{'Id': 'fn', 'LambdaFunctionArn': 'arn:aws:lambda:us-east-1:0:function:f',
                                          'Events': ['s3:ObjectTagging:Put']}]})
    kept = client.get_bucket_notification_configuration(Bucket='chosen')
    assert kept['QueueConfigurations'][0]['Id'] == 'texts'
    assert kept['QueueConfigurations'][0]['Filter']['Key']['FilterRules'][1]['Value'] == '.txt'
    topic = kept['TopicConfigurations'][0]
    assert topic['Id']
    assert kept['LambdaFunctionConfigurations'][0]['Events'] == ['s3:ObjectTagging:Put']

    for name in ('in/a.txt', 'in/a.bin', 'out/a.txt'):
        client.put_object(Bucket='chosen', Key=name, Body=b'x')
    client.put_object_tagging(Bucket='chosen', Key='in/a.bin', Tagging={'TagSet': []})
    client.delete_object(Bucket='chosen', Key='out/a.txt')
    records = receiver.wait(3)
    assert [(record['s3']['configurationId'], record['eventName'], key(record)) for record in records] == [
        ('texts', 'ObjectCreated:Put', 'in/a.txt'), ('fn', 'ObjectTagging:Put', 'in/a.bin'),
        (topic['Id'], 'ObjectRemoved:Delete', 'out/a.txt')]

    client.put_bucket_notification_configuration(Bucket='chosen', NotificationConfiguration={})
    assert client.get_bucket_notification_configuration(Bucket='chosen').keys() == {'ResponseMetadata'}
    client.put_object(Bucket='chosen', Key='anything', Body=b'x')
    assert key(receiver.wait(1)[0]) == 'anything'


@pytest.mark.parametrize('rules', [
    [{'QueueArn': QUEUE, 'Events': ['s3:ObjectCreated:Move']}],
    [{'QueueArn': 'queue', 'Events': ['s3:ObjectCreated:*']}],
    [{'Id': 'a', 'QueueArn': QUEUE, 'Events': ['s3:ObjectCreated:*']},
     {'Id': 'b', 'QueueArn': QUEUE, 'Events': ['s3:ObjectCreated:Put']}],
    [{'QueueArn': QUEUE, 'Events': ['s3:ObjectCreated:*'],
      'Filter': {'Key': {'FilterRules': [{'Name': 'infix', 'Value': 'x'}]}}}],
])
def test_configurations_that_are_refused(s3, name, rules):
    s3.create_bucket(Bucket=name)
    with pytest.raises(ClientError, match='InvalidArgument'):
        s3.put_bucket_notification_configuration(Bucket=name,
                                                 NotificationConfiguration={'QueueConfigurations': rules})
    with pytest.raises(ClientError, match='NoSuchBucket'):
        s3.put_bucket_notification_configuration(Bucket='no-such-bucket', NotificationConfiguration={})


def test_an_export_is_heard(hooked, client, receiver):
    client.create_bucket(Bucket='pipeline')
    client.put_bucket_notification_configuration(Bucket='pipeline', NotificationConfiguration={
        'QueueConfigurations': [{'Id': 'exports', 'QueueArn': QUEUE, 'Events': ['s3:ObjectCreated:*'], 'Filter': {
            'Key': {'FilterRules': [{'Name': 'suffix', 'Value': 'manifest-files.json'}]}}}]})
    wire = hooked.wire()
    arn = create_table(wire, 'Heard', pitr=True)
    wire.call('PutItem', {'TableName': 'Heard', 'Item': {'pk': {'S': 'a'}}})
    done = export(wire, arn, 'pipeline')
    wire.close()
    assert done['ExportStatus'] == 'COMPLETED'
    [record] = receiver.wait(1)
    assert record['s3']['configurationId'] == 'exports'
    # What a pipeline does next: it reads the list and the files on it.
    listed = client.get_object(Bucket='pipeline', Key=key(record))['Body'].read()
    files = [json.loads(line) for line in listed.splitlines()]
    assert sum(file['itemCount'] for file in files) == 1
    for file in files:
        assert client.head_object(Bucket='pipeline', Key=file['dataFileS3Key'])['ContentLength'] > 0


def test_an_endpoint_that_is_down_and_comes_back(tmp_path):
    receiver = Receiver()
    server = Server(tmp_path / 'data', ['--s3-webhook', receiver.url])
    with contextlib.closing(server):
        client = server.client('s3', endpoint=server.s3_endpoint)
        client.create_bucket(Bucket='down')
        receiver.close()
        started = time.monotonic()
        for number in range(20):
            client.put_object(Bucket='down', Key=f'k{number}', Body=b'x')
        assert time.monotonic() - started < 10
        again = Receiver(receiver.port)
        assert [key(record) for record in again.wait(20)] == [f'k{number}' for number in range(20)]
        again.status = 503
        client.put_object(Bucket='down', Key='refused', Body=b'x')
        again.status = 200
        assert key(again.wait(1)[0]) == 'refused'
        again.close()
        client.put_object(Bucket='down', Key='lost', Body=b'x')
        stopping = time.monotonic()
        assert server.terminate() == 0, server.log()
        assert time.monotonic() - stopping < 15
