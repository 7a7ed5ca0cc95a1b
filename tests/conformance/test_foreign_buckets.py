"""Buckets of S3 services elsewhere: exports write to them and imports read from them, whatever becomes of the connection."""
import base64
import gzip
import json
import os
import pathlib
import random
import socket
import subprocess

import boto3
import pytest
from botocore.config import Config

from support.accounts import signing_client, write_credentials
from support.fake_s3 import CUT, CUT_BODY, HANGS, LATE_ERROR, REFUSED, WRONG_ETAG, Fault, fake_s3
from support.server import PROGRAM, REGION, ROOT, Server, StartError, create_table, running, scan, table_request, until
from support.transfers import export, finish_export, read_export, run_import

S3RVER = ROOT / 'tests/node_modules/s3rver/bin/s3rver.js'
# Above one part of an upload and one block of a download when it is compressed.
LARGE_BYTES = 20 << 20


def write_keys(path, key, secret):
    path.write_text(f'[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n')
    return str(path)


@pytest.fixture
def keys(tmp_path):
    return write_keys(tmp_path / 'keys', 'KEY', 'secret')


@pytest.fixture
def fake():
    with fake_s3() as service:
        yield service


@pytest.fixture
def server(fake, keys):
    """Its exports and imports use the fake service, and do not wait for it long."""
    with running(args=['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys, '--s3-endpoint-patience', 'PT0.4S',
                       '--log-level', 'error']) as server:
        yield server


@pytest.fixture
def wire(server):
    connection = server.wire()
    yield connection
    connection.close()


@pytest.fixture
def orders(wire):
    """The ARN of a table of three items with recovery on."""
    return filled_table(wire, 'Orders')


def filled_table(wire, name):
    arn = create_table(wire, name)
    wire.call('UpdateContinuousBackups', {
        'TableName': name, 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
    for pk in 'abc':
        wire.call('PutItem', {'TableName': name, 'Item': {'pk': {'S': pk}, 'text': {'S': 'ünïcode & <markup>'}}})
    return arn


def client_of(url, key, secret):
    return boto3.client('s3', endpoint_url=url, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret,
                        config=Config(s3={'addressing_style': 'path'}))


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


@pytest.fixture
def s3rver(tmp_path):
    """The URL of an S3 server that we did not write, with the bucket `lake`."""
    assert S3RVER.exists(), 's3rver is not installed: script/lib/install_node_modules tests'
    port = free_port()
    folder = tmp_path / 's3rver'
    folder.mkdir()
    process = subprocess.Popen(
        ['node', S3RVER, '-d', folder, '-a', '127.0.0.1', '-p', str(port), '--silent', '--configure-bucket', 'lake'],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        with socket.socket() as client:
            return client.connect_ex(('127.0.0.1', port)) == 0
    try:
        until(answers, 's3rver')
        yield f'http://127.0.0.1:{port}'
    finally:
        process.terminate()
        process.wait(timeout=30)


def round_trip(server, s3):
    """An export that a client of the other service reads, and an import of what it wrote."""
    wire = server.wire()
    arn = filled_table(wire, 'Orders')
    for form in ('DYNAMODB_JSON', 'ION'):
        description = export(wire, arn, 'lake', S3Prefix=f'some where/{form}', ExportFormat=form)
        assert description['ExportStatus'] == 'COMPLETED', description
        if form == 'DYNAMODB_JSON':
            assert sorted(item['pk']['S'] for item in read_export(s3, description)) == ['a', 'b', 'c']
        folder = description['ExportManifest'].removesuffix('manifest-summary.json')
        loaded = run_import(wire, table_request(f'Loaded{form}'), 'lake', folder + 'data/', 'GZIP', InputFormat=form)
        assert loaded['ImportStatus'] == 'COMPLETED', loaded
        assert (sorted(map(json.dumps, scan(wire, f'Loaded{form}')))
                == sorted(map(json.dumps, scan(wire, 'Orders'))))
    wire.close()


def test_s3rver_takes_exports_and_gives_imports(s3rver, tmp_path):
    keys = write_keys(tmp_path / 'keys', 'S3RVER', 'S3RVER')
    with running(args=['--s3-endpoint', s3rver, '--s3-endpoint-credentials', keys]) as server:
        round_trip(server, client_of(s3rver, 'S3RVER', 'S3RVER'))


def test_tidemark_takes_them_with_verified_signatures(tmp_path):
    credentials = write_credentials(tmp_path / 'accounts', {'alice': '111111111111'})
    with running(tmp_path / 'there', ['--auth', 'strict', '--credentials', str(credentials)]) as there:
        s3 = signing_client(there, 'alice')
        s3.create_bucket(Bucket='lake')
        with running(tmp_path / 'here', ['--s3-endpoint', there.s3_endpoint, '--s3-endpoint-credentials', str(credentials),
                                         '--s3-endpoint-profile', 'alice']) as here:
            round_trip(here, s3)


@pytest.mark.skipif('TIDEMARK_RADOSGW' not in os.environ, reason='script/radosgw starts it, and the tests beside it')
def test_radosgw_takes_them(tmp_path):
    url, key, secret = (os.environ[name] for name in ('TIDEMARK_RADOSGW', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'))
    s3 = client_of(url, key, secret)
    s3.create_bucket(Bucket='lake')
    with running(args=['--s3-endpoint', url, '--s3-endpoint-credentials', write_keys(tmp_path / 'keys', key, secret)]) as server:
        round_trip(server, s3)


def test_only_the_named_bucket_is_elsewhere(fake, keys):
    with running(args=['--bucket', f'lake={fake.url}', '--s3-endpoint-credentials', keys]) as server:
        wire, s3 = server.wire(), server.client('s3', endpoint=server.s3_endpoint)
        arn = filled_table(wire, 'Orders')
        s3.create_bucket(Bucket='own')
        assert export(wire, arn, 'own')['ExportStatus'] == 'COMPLETED'
        assert fake.objects == {}
        assert export(wire, arn, 'lake')['ExportStatus'] == 'COMPLETED'
        assert any(key.endswith('manifest-summary.json') for key in fake.objects)
        wire.close()


def test_the_keys_may_come_from_the_environment_as_for_every_sdk(fake, tmp_path, monkeypatch):
    for variable in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(StartError) as refused:
        Server(tmp_path / 'a', ['--s3-endpoint', fake.url])
    assert 'buckets elsewhere need keys' in refused.value.text
    monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'FROMENV')
    monkeypatch.setenv('AWS_SECRET_ACCESS_KEY', 'secret')
    monkeypatch.setenv('AWS_SESSION_TOKEN', 'token')
    with running(tmp_path / 'b', ['--s3-endpoint', fake.url, '--region', 'eu-west-1']) as server:
        wire = server.wire()
        assert export(wire, filled_table(wire, 'Orders'), 'lake')['ExportStatus'] == 'COMPLETED'
        wire.close()
    headers = fake.headers['UploadPart'][0]
    assert 'Credential=FROMENV/' in headers['authorization'] and '/eu-west-1/s3/aws4_request' in headers['authorization']
    assert headers['x-amz-security-token'] == 'token'


@pytest.mark.parametrize('arguments, complaint', [
    (['--s3-endpoint', 'ftp://x'], "--s3-endpoint: 'ftp://x' is not a URL of http:// or https://"),
    (['--s3-endpoint', 'http://me@x'], 'has a user name; the keys stand in a credentials file'),
    (['--bucket', 'lake'], "--bucket: 'lake' is not a list of buckets and where they are"),
    (['--bucket', 'a=http://x,a=http://y'], 'is not a list that names each bucket once'),
    (['--s3-endpoint-style', 'virtual', '--s3-endpoint', 'http://x'], "'virtual' is not path or host"),
    (['--s3-endpoint', 'https://x', '--s3-endpoint-ca', '/dev/null'], 'cannot read the authorities in /dev/null'),
])
def test_settings_that_cannot_be(tmp_path, keys, arguments, complaint):
    with pytest.raises(StartError) as refused:
        Server(tmp_path / 'data', [*arguments, '--s3-endpoint-credentials', keys])
    assert complaint in refused.value.text


# Everything that passes, at every operation of an export: the export is whole, and what was written twice is there once.
@pytest.mark.parametrize('fault', [
    Fault(REFUSED, 503, 'SlowDown'), Fault(REFUSED, 500, 'InternalError'), Fault(REFUSED, 429, 'TooManyRequests'),
    Fault(REFUSED, 400, 'RequestTimeout'), Fault(CUT), Fault(HANGS)],
    ids=lambda fault: f'{fault.kind} {fault.code}')
def test_an_export_gets_over_what_passes(fake, wire, orders, fault):
    for operation in ('CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload', 'HeadObject', 'ListMultipartUploads'):
        # An answer to HEAD has no body to say what 400 means.
        if operation != 'HeadObject' or fault.status != 400:
            fake.faults[operation].extend([fault, None, fault])
    description = export(wire, orders, 'lake')
    assert description['ExportStatus'] == 'COMPLETED', description
    folder = description['ExportManifest'].removesuffix('manifest-summary.json')
    lines = [json.loads(line) for line in fake.objects[folder + 'manifest-files.json'][0].splitlines()]
    items = []
    for line in lines:
        data, etag = fake.objects[line['dataFileS3Key']]
        assert etag == f'"{line["etag"]}"'
        items += gzip.decompress(data).splitlines()
    assert len(items) == 3 and len(fake.objects) == len(lines) + 5
    # Nobody can abort an upload whose id was lost with the answer.
    assert len(fake.uploads) <= (2 if fault.kind == CUT else 0)


@pytest.mark.parametrize('operation, fault', [
    ('UploadPart', Fault(WRONG_ETAG)), ('CompleteMultipartUpload', Fault(LATE_ERROR, code='InternalError'))],
    ids=['the ETag of a part is of other bytes', 'an upload fails behind a status of 200'])
def test_what_looks_like_success_is_looked_at(fake, wire, orders, operation, fault):
    fake.faults[operation].append(fault)
    description = export(wire, orders, 'lake')
    assert description['ExportStatus'] == 'COMPLETED'
    assert fake.count(operation) == fake.count('CreateMultipartUpload') + 1


def test_the_etag_is_asked_for_where_the_end_of_an_upload_does_not_tell_it(fake, wire, orders):
    """As Ceph 16 does it."""
    act = fake.CompleteMultipartUpload

    def silent(key, query, headers, body):
        act(key, query, headers, body)
        return 200, b'<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>', {}
    fake.CompleteMultipartUpload = silent
    description = export(wire, orders, 'lake')
    assert description['ExportStatus'] == 'COMPLETED'
    folder = description['ExportManifest'].removesuffix('manifest-summary.json')
    for line in map(json.loads, fake.objects[folder + 'manifest-files.json'][0].splitlines()):
        assert fake.objects[line['dataFileS3Key']][1] == f'"{line["etag"]}"'


@pytest.mark.parametrize('operation, fault, code, text', [
    ('CreateMultipartUpload', Fault(REFUSED, 403, 'AccessDenied'), 'S3AccessDenied',
     'told so (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: FAKEREQUEST; '),
    ('CreateMultipartUpload', Fault(REFUSED, 400, 'KMS.NotFoundException'), 'KmsNotFoundException', 'told so '),
    ('UploadPart', Fault(REFUSED, 400, 'EntityTooLarge'), 'S3EntityTooLarge', 'told so '),
    ('CreateMultipartUpload', Fault(REFUSED, 301, '', {'x-amz-bucket-region': 'eu-west-3', 'Location': 'http://127.0.0.1:1/'}),
     'S3PermanentRedirect', 'The bucket must be addressed elsewhere: it is in the region eu-west-3. '),
], ids=['denied', 'no such key', 'a part', 'redirected'])
def test_a_refusal_is_the_failure_and_nothing_is_tried_again(fake, wire, orders, operation, fault, code, text):
    fake.always[operation] = fault
    description = export(wire, orders, 'lake')
    assert description['ExportStatus'] == 'FAILED'
    assert description['FailureCode'] == code
    assert description['FailureMessage'].startswith(text)
    assert 'ExportManifest' not in description
    assert fake.count(operation) == 1
    assert fake.uploads == {}


def test_a_bucket_that_is_not_there(fake, wire, orders):
    failed = export(wire, orders, 'sea')
    assert (failed['ExportStatus'], failed['FailureCode']) == ('FAILED', 'S3NoSuchBucket')
    loaded = run_import(wire, table_request('Loaded'), 'sea')
    assert (loaded['ImportStatus'], loaded['FailureCode']) == ('FAILED', 'S3NoSuchBucket')


def test_a_service_that_never_recovers_fails_the_job_in_the_end(fake, wire, orders):
    fake.always['UploadPart'] = Fault(REFUSED, 503, 'SlowDown')
    description = export(wire, orders, 'lake')
    assert (description['ExportStatus'], description['FailureCode']) == ('FAILED', 'S3SlowDown')
    assert fake.count('UploadPart') == 8, 'so often it was tried'
    assert fake.uploads == {}


def test_nobody_listens_there(wire, orders, fake):
    fake.close()
    description = export(wire, orders, 'lake')
    assert (description['ExportStatus'], description['FailureCode']) == ('FAILED', 'S3ServiceUnavailable')
    assert description['FailureMessage'].startswith('The S3 service at 127.0.0.1:')


def test_the_owner_that_is_asked_for_is_told_unless_it_is_our_own(fake, wire, orders):
    export(wire, orders, 'lake', S3BucketOwner='000000000000')
    assert not any('x-amz-expected-bucket-owner' in headers for headers in fake.headers['UploadPart'])
    export(wire, orders, 'lake', S3BucketOwner='222222222222')
    assert fake.headers['UploadPart'][-1]['x-amz-expected-bucket-owner'] == '222222222222'


def large_object(lines):
    noise = random.Random(7)
    return ''.join(json.dumps({'Item': {'pk': {'S': str(i)}, 'noise': {'S': noise.randbytes(200).hex()}}}) + '\n'
                   for i in range(lines)).encode()


@pytest.mark.parametrize('fault', [Fault(REFUSED, 503), Fault(CUT), Fault(CUT_BODY), Fault(HANGS)],
                         ids=lambda fault: fault.kind)
def test_an_import_goes_on_where_its_reading_was_cut(fake, wire, fault):
    data = large_object(50_000)
    assert len(data) > LARGE_BYTES
    fake.objects['in/large'] = (data, '"one"')
    fake.objects['in/empty'] = (b'', '"two"')
    fake.faults['GetObject'].extend([fault, None, fault, fault])
    fake.faults['ListObjectsV2'].append(fault)
    loaded = run_import(wire, table_request('Loaded'), 'lake', 'in/')
    assert loaded['ImportStatus'] == 'COMPLETED', loaded
    assert loaded['ImportedItemCount'] == 50_000
    assert loaded['ProcessedSizeBytes'] == len(data)
    assert fake.count('GetObject') == 1 + -(-len(data) // (8 << 20)) + 3


def test_an_object_that_is_replaced_while_it_is_read_is_a_failed_item(fake, wire):
    fake.objects['in/large'] = (large_object(50_000), '"one"')
    act = fake.GetObject

    def replacing(key, query, headers, body):
        answer = act(key, query, headers, body)
        fake.objects[key] = (fake.objects[key][0], '"two"')
        return answer
    fake.GetObject = replacing
    loaded = run_import(wire, table_request('Loaded'), 'lake', 'in/')
    assert (loaded['ImportStatus'], loaded['FailureCode']) == ('FAILED', 'ItemValidationError')
    assert loaded['ErrorCount'] == 1 and loaded['ImportedItemCount'] > 0
    assert fake.headers['GetObject'][1]['if-match'] == '"one"'


def test_an_import_whose_objects_may_not_be_read_leaves_no_table(fake, wire):
    fake.objects['in/a'] = (b'', '"one"')
    fake.always['GetObject'] = Fault(REFUSED, 403, 'AccessDenied')
    loaded = run_import(wire, table_request('Loaded'), 'lake', 'in/')
    assert (loaded['ImportStatus'], loaded['FailureCode']) == ('FAILED', 'S3AccessDenied')


def test_lists_have_pages(fake, wire):
    for i in range(25):
        fake.objects[f'in/{i} &<>'] = (json.dumps({'Item': {'pk': {'S': str(i)}}}).encode(), f'"{i}"')
    fake.page = 10
    loaded = run_import(wire, table_request('Loaded'), 'lake', 'in/')
    assert (loaded['ImportStatus'], loaded['ImportedItemCount']) == ('COMPLETED', 25)
    assert fake.count('ListObjectsV2') == 3


def test_an_export_goes_on_after_a_crash(fake, keys, tmp_path):
    server = Server(tmp_path / 'data', ['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys,
                                        '--s3-endpoint-patience', 'PT0.4S', '--log-level', 'error'])
    wire = server.wire()
    arn = filled_table(wire, 'Orders')
    fake.always['CompleteMultipartUpload'] = Fault(REFUSED, 503)
    started = wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})['ExportDescription']
    until(lambda: fake.count('CompleteMultipartUpload'), 'the first object')
    server.kill()
    assert fake.uploads
    fake.always.clear()
    server.start()
    wire = server.wire()
    description = finish_export(wire, started['ExportArn'])
    assert (description['ExportStatus'], description['ItemCount']) == ('COMPLETED', 3)
    assert fake.uploads == {}, 'what the crash left unfinished is aborted'
    server.close()


def test_a_cancelled_export_does_not_wait_for_a_service_that_hangs(fake, keys):
    with running(args=['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys, '--log-level', 'error']) as server:
        wire = server.wire()
        arn = filled_table(wire, 'Orders')
        fake.always['UploadPart'] = Fault(HANGS)
        started = wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})['ExportDescription']
        until(lambda: fake.count('UploadPart'), 'the first part')
        job = started['ExportArn'].rsplit('/', 1)[1]
        subprocess.run([os.environ.get('TIDEMARK_PROGRAM', ROOT / 'build/release/tidemark'), 'jobs', job, '--cancel', '--port',
                        str(server.port)], check=True, stdout=subprocess.DEVNULL)
        description = finish_export(wire, started['ExportArn'], 10)
        assert description['ExportStatus'] == 'FAILED'
        wire.close()


def test_jobs_with_buckets_here_do_not_wait_for_a_service_that_hangs(fake, keys):
    with running(args=['--bucket', f'lake={fake.url}', '--s3-endpoint-credentials', keys, '--log-level', 'error']) as server:
        wire, s3 = server.wire(), server.client('s3', endpoint=server.s3_endpoint)
        arn = filled_table(wire, 'Orders')
        s3.create_bucket(Bucket='own')
        fake.always['UploadPart'] = Fault(HANGS)
        hanging = [wire.call('ExportTableToPointInTime', {'TableArn': arn, 'S3Bucket': 'lake'})['ExportDescription']['ExportArn']
                   for _ in range(3)]
        until(lambda: fake.count('UploadPart') >= 2, 'two that hang')
        assert export(wire, arn, 'own')['ExportStatus'] == 'COMPLETED'
        for started in hanging:
            description = wire.call('DescribeExport', {'ExportArn': started})['ExportDescription']
            assert description['ExportStatus'] == 'IN_PROGRESS'
        wire.close()


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 that vouches for itself, and its key."""
    certificate, key = tmp_path / 'certificate.pem', tmp_path / 'key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=here', '-addext', 'subjectAltName=IP:127.0.0.1', '-out', certificate, '-keyout', key],
                   check=True, stderr=subprocess.DEVNULL)
    return pathlib.Path(certificate), pathlib.Path(key)


def test_over_tls_with_an_authority_of_our_own(certificate, keys, tmp_path):
    with fake_s3(tls=certificate) as fake:
        with running(tmp_path / 'a', ['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys, '--s3-endpoint-ca',
                                      str(certificate[0])]) as server:
            wire = server.wire()
            assert export(wire, filled_table(wire, 'Orders'), 'lake')['ExportStatus'] == 'COMPLETED'
            wire.close()


def test_whom_nobody_vouches_for_gets_nothing(certificate, keys, tmp_path):
    with fake_s3(tls=certificate) as fake:
        with running(tmp_path / 'a', ['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys,
                                      '--log-level', 'error']) as server:
            wire = server.wire()
            description = export(wire, filled_table(wire, 'Orders'), 'lake')
            assert (description['ExportStatus'], description['FailureCode']) == ('FAILED', 'S3ServiceUnavailable')
            assert 'certificate verify failed' in description['FailureMessage']
            wire.close()
    assert fake.headers == {}


def test_memory_does_not_grow_with_the_size_of_what_is_sent(fake, keys):
    with running(args=['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys]) as server:
        wire = server.wire()
        fake.objects['in/large'] = (large_object(300_000), '"one"')
        loaded = run_import(wire, table_request('Loaded'), 'lake', 'in/')
        assert loaded['ImportedItemCount'] == 300_000
        wire.call('UpdateContinuousBackups', {
            'TableName': 'Loaded', 'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True}})
        before = server.memory_kb()
        server.forget_peak()
        assert export(wire, loaded['TableArn'], 'lake')['ExportStatus'] == 'COMPLETED'
        assert server.memory_kb('VmHWM') - before < 100 << 10
        wire.close()


def load(server, *arguments, code=0, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith('AWS_')}
    done = subprocess.run([PROGRAM, 'load', *arguments, '--port', str(server.port)], capture_output=True, text=True,
                          env={**environment, **variables})
    assert done.returncode == code, done.stderr
    return done.stdout or done.stderr


@pytest.mark.parametrize('form', ['DYNAMODB_JSON', 'ION'])
def test_an_export_elsewhere_is_loaded_from_there(s3rver, tmp_path, form):
    keys = write_keys(tmp_path / 'keys', 'S3RVER', 'S3RVER')
    with running(tmp_path / 'a', args=['--s3-endpoint', s3rver, '--s3-endpoint-credentials', keys]) as source:
        wire = source.wire()
        description = export(wire, filled_table(wire, 'Orders'), 'lake', S3Prefix=f'to load/{form}', ExportFormat=form)
        orders = scan(wire, 'Orders')
        wire.close()
    with running(tmp_path / 'b') as home:
        place = 's3://lake/' + description['ExportManifest']
        load(home, place, '--table', 'Orders', '--key', 'pk:S', '--s3-endpoint', s3rver, '--s3-endpoint-credentials', keys)
        wire = home.wire()
        assert sorted(map(json.dumps, scan(wire, 'Orders'))) == sorted(map(json.dumps, orders))
        wire.close()


def test_what_is_loaded_from_elsewhere_in_blocks_is_checked(fake, tmp_path):
    """An export of more than one block of a download, from a service that cuts and refuses; then one that lost a file."""
    keys = write_keys(tmp_path / 'k', 'K', 's')
    with running(tmp_path / 'a', ['--s3-endpoint', fake.url, '--s3-endpoint-credentials', keys]) as server:
        wire = server.wire()
        arn = create_table(wire, 'Large', pitr=True)
        noise = random.Random(3)
        for n in range(90):
            wire.call('PutItem', {'TableName': 'Large', 'Item': {'pk': {'S': str(n)}, 'noise': {'B': base64.b64encode(
                noise.randbytes(290_000)).decode()}}})
        description = export(wire, arn, 'lake')
        data = [key for key in fake.objects if '/data/' in key]
        assert max(len(fake.objects[key][0]) for key in data) > 8 << 20
        arguments = ['s3://lake/' + description['ExportManifest'], '--key', 'pk:S', '--s3-endpoint', fake.url]
        secrets = {'AWS_ACCESS_KEY_ID': 'K', 'AWS_SECRET_ACCESS_KEY': 's'}
        fake.faults['GetObject'].extend([Fault(CUT), None, Fault(REFUSED, 503), None, Fault(CUT_BODY)])
        load(server, *arguments, '--table', 'Again', **secrets)
        assert len(scan(wire, 'Again', ProjectionExpression='pk')) == 90
        assert 'needs keys' in load(server, *arguments, '--table', 'No', code=2)
        del fake.objects[max(data, key=lambda key: len(fake.objects[key][0]))]
        assert 'there is no ' in load(server, *arguments, '--table', 'No', code=1, **secrets)
        said = load(server, 's3://sea/AWSDynamoDB/x', '--key', 'pk:S', '--s3-endpoint', fake.url, '--table', 'No', code=1,
                    **secrets)
        assert 'told so' in said
        assert 'No' not in wire.call('ListTables', {})['TableNames']
        wire.close()
