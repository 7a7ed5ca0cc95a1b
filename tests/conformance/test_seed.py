"""`tidemark seed` and `serve --seed`: tables and items out of templates, requests, JSON lines, CSV and exports."""
import json
import os
import pathlib
import signal
import subprocess

import pytest

from support.server import PROGRAM, Server, StartError, create_table, running, scan, until

TEMPLATE = '''\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
  Units: {Type: Number, Default: 7}
Resources:
  Function:                     # what is no table is passed over, whatever it needs
    Type: AWS::Serverless::Function
    Properties: {Role: !GetAtt Role.Arn}
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub "${Stage}-orders"
      AttributeDefinitions:
        - {AttributeName: customer, AttributeType: S}
        - {AttributeName: id, AttributeType: N}
        - AttributeName: state
          AttributeType: S
      KeySchema:
        - {AttributeName: customer, KeyType: HASH}
        - {AttributeName: id, KeyType: RANGE}
      BillingMode: PROVISIONED
      ProvisionedThroughput: {ReadCapacityUnits: "5", WriteCapacityUnits: !Ref Units}
      GlobalSecondaryIndexes:
        - IndexName: byState
          KeySchema: [{AttributeName: state, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
          ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      Tags:
        - {Key: of, Value: !Join ["/", [a, !Ref Orders, !Ref "AWS::Region"]]}
      KinesisStreamSpecification: {StreamArn: x}
  Plain:
    Type: AWS::Serverless::SimpleTable
    Properties:
      PrimaryKey: {Name: key, Type: Number}
'''
CREATE = {'TableName': 'Made', 'BillingMode': 'PAY_PER_REQUEST',
          'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
          'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}


@pytest.fixture(scope='module')
def server():
    with running() as started:
        yield started


@pytest.fixture(autouse=True)
def clean(server):
    yield
    subprocess.run([PROGRAM, 'reset', '--port', str(server.port)], check=True, capture_output=True, timeout=60)


def seed(server, *arguments, **environment):
    return subprocess.run([PROGRAM, 'seed', '--port', str(server.port), *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, env={**os.environ, **environment})


def write(folder, **files):
    """Files by name, with __ for a dot."""
    for name, content in files.items():
        path = folder / name.replace('__', '.')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def lines(*items):
    return ''.join(json.dumps(item) + '\n' for item in items)


def test_a_template_makes_what_it_says(server, tmp_path):
    write(tmp_path, template__yaml=TEMPLATE)
    write(tmp_path, Orders__jsonl=lines(
        {'customer': {'S': 'ada'}, 'id': {'N': '1'}, 'state': {'S': 'new'}},
        {'Item': {'customer': {'S': 'ada'}, 'id': {'N': '2'}, 'tags': {'SS': ['a', 'b']}}}))
    write(tmp_path, Plain__csv='key,name,note\n1,"a, b",\n2,"two\nlines",x\n')
    done = seed(server, tmp_path)
    assert (done.returncode, done.stdout) == (0, 'Plain: made, 2 items\ndev-orders: made, 2 items\n'), done.stderr
    dynamodb, wire = server.client('dynamodb'), server.wire()
    table = dynamodb.describe_table(TableName='dev-orders')['Table']
    assert [key['AttributeName'] for key in table['KeySchema']] == ['customer', 'id']
    assert (table['ProvisionedThroughput']['ReadCapacityUnits'], table['ProvisionedThroughput']['WriteCapacityUnits']) == (5, 7)
    assert table['StreamSpecification'] == {'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'}
    assert [index['IndexName'] for index in table['GlobalSecondaryIndexes']] == ['byState']
    assert dynamodb.list_tags_of_resource(ResourceArn=table['TableArn'])['Tags'] == [
        {'Key': 'of', 'Value': 'a/dev-orders/us-east-1'}]
    assert dynamodb.describe_time_to_live(TableName='dev-orders')['TimeToLiveDescription']['AttributeName'] == 'expires'
    recovery = dynamodb.describe_continuous_backups(TableName='dev-orders')['ContinuousBackupsDescription']
    assert recovery['PointInTimeRecoveryDescription']['PointInTimeRecoveryStatus'] == 'ENABLED'
    assert scan(wire, 'dev-orders') == [
        {'customer': {'S': 'ada'}, 'id': {'N': '1'}, 'state': {'S': 'new'}},
        {'customer': {'S': 'ada'}, 'id': {'N': '2'}, 'tags': {'SS': ['a', 'b']}}]
    assert sorted(scan(wire, 'Plain'), key=lambda item: item['key']['N']) == [
        {'key': {'N': '1'}, 'name': {'S': 'a, b'}}, {'key': {'N': '2'}, 'name': {'S': 'two\nlines'}, 'note': {'S': 'x'}}]


def test_parameters_and_json_templates(server, tmp_path):
    template = {'Parameters': {'Name': {'Type': 'String'}}, 'Resources': {'T': {
        'Type': 'AWS::DynamoDB::Table', 'Properties': {**{k: v for k, v in CREATE.items() if k != 'BillingMode'},
                                                       'TableName': {'Fn::Sub': ['${Name}-${Of}', {'Of': {'Ref': 'AWS::AccountId'}}]}}}}}
    file = write(tmp_path, t__json=template) / 't.json'
    refused = seed(server, file)
    assert refused.returncode == 1
    assert refused.stderr == f'tidemark: {file}:1: the parameter Name has no Default: give --parameter Name=VALUE\n'
    assert seed(server, file, '--parameter', 'Name=x').stdout == 'x-000000000000: made, 0 items\n'
    assert server.client('dynamodb').describe_table(TableName='x-000000000000')['Table']['BillingModeSummary'][
        'BillingMode'] == 'PAY_PER_REQUEST'


def test_requests_descriptions_and_scans(server, tmp_path):
    create_table(server.wire(), 'Copied', index='state')
    server.wire().call('PutItem', {'TableName': 'Copied', 'Item': {'pk': {'S': 'a'}, 'b': {'B': 'AQI='}}})
    described = server.wire().call('DescribeTable', {'TableName': 'Copied'})
    scanned = server.wire().call('Scan', {'TableName': 'Copied'})
    server.wire().call('DeleteTable', {'TableName': 'Copied'})
    write(tmp_path, a__json=CREATE, b__json=described, Copied__json=scanned)
    write(tmp_path / 'Made', one__jsonl=lines({'pk': {'S': '1'}}), two__ndjson=lines({'pk': {'S': '2'}}))
    write(tmp_path, README__md='not for the seed', _=' ')
    assert seed(server, tmp_path).stdout == 'Copied: made, 1 item\nMade: made, 2 items\n'
    assert scan(server.wire(), 'Copied') == [{'pk': {'S': 'a'}, 'b': {'B': 'AQI='}}]
    index = server.wire().call('DescribeTable', {'TableName': 'Copied'})['Table']['GlobalSecondaryIndexes'][0]
    assert index['IndexName'] == 'by-state'


def test_a_real_export(server, tmp_path):
    dynamodb, s3 = server.client('dynamodb'), server.client('s3')
    create_table(server.wire(), 'Made', pitr=True)
    for number in range(60):
        dynamodb.put_item(TableName='Made', Item={'pk': {'S': str(number)}})
    s3.create_bucket(Bucket='lake')
    arn = dynamodb.describe_table(TableName='Made')['Table']['TableArn']
    export = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket='lake')['ExportDescription']['ExportArn']
    until(lambda: dynamodb.describe_export(ExportArn=export)['ExportDescription']['ExportStatus'] == 'COMPLETED', 'the export')
    for entry in s3.list_objects_v2(Bucket='lake')['Contents']:
        path = tmp_path / 'Made' / entry['Key']
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file('lake', entry['Key'], str(path))
    dynamodb.delete_table(TableName='Made')
    write(tmp_path, made__json=CREATE)
    assert seed(server, tmp_path).stdout == 'Made: made, 60 items\n'
    assert dynamodb.scan(TableName='Made', Select='COUNT')['Count'] == 60


def test_sown_again_nothing_changes(server, tmp_path):
    write(tmp_path, made__json=CREATE, Made__jsonl=lines({'pk': {'S': 'a'}, 'v': {'N': '1'}}))
    assert seed(server, tmp_path).stdout == 'Made: made, 1 item\n'
    wire = server.wire()
    wire.call('PutItem', {'TableName': 'Made', 'Item': {'pk': {'S': 'a'}, 'v': {'N': '2'}}})
    assert seed(server, tmp_path).stdout == 'Made: is there already, left as it is\n'
    assert scan(wire, 'Made') == [{'pk': {'S': 'a'}, 'v': {'N': '2'}}]
    assert seed(server, tmp_path, '--into-existing').stdout == 'Made: was there, 1 item put\n'
    assert scan(wire, 'Made') == [{'pk': {'S': 'a'}, 'v': {'N': '1'}}]


def test_a_seed_that_was_cut_off_begins_anew(server, tmp_path):
    write(tmp_path, made__json=CREATE, Made__jsonl=lines({'pk': {'S': 'a'}}) + '{"pk":{"S":"b"}\n')
    assert seed(server, tmp_path).returncode == 1
    arn = server.wire().call('DescribeTable', {'TableName': 'Made'})['Table']['TableArn']
    assert server.client('dynamodb').list_tags_of_resource(ResourceArn=arn)['Tags'] == [{'Key': 'tidemark:seeding', 'Value': ''}]
    server.wire().call('PutItem', {'TableName': 'Made', 'Item': {'pk': {'S': 'of before'}}})
    write(tmp_path, Made__jsonl=lines({'pk': {'S': 'a'}}))
    assert seed(server, tmp_path).stdout == 'Made: made, 1 item\n'
    assert scan(server.wire(), 'Made') == [{'pk': {'S': 'a'}}]
    arn = server.wire().call('DescribeTable', {'TableName': 'Made'})['Table']['TableArn']
    assert server.client('dynamodb').list_tags_of_resource(ResourceArn=arn)['Tags'] == []


RESOURCE = 'Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: {}\n'


@pytest.mark.parametrize('name, content, complaint', [
    ('t.yaml', RESOURCE.format('!GetAtt Other.Name'), 't.yaml:5: the function GetAtt is not supported; Ref, Sub and Join are'),
    ('t.yaml', RESOURCE.format('{"Fn::ImportValue": x}'),
     't.yaml:5: the function ImportValue is not supported; Ref, Sub and Join are'),
    ('t.yaml', RESOURCE.format('!Ref Nobody'), 't.yaml:5: there is no parameter and no table Nobody'),
    ('t.yaml', RESOURCE.format('!Ref T'), 't.yaml:5: the references go round in a circle'),
    ('t.yaml', RESOURCE.format('!Sub "${A"'), 't.yaml:5: Sub: a ${ is not closed'),
    ('t.yaml', RESOURCE.format('!Sub "${A.Arn}"'), 't.yaml:5: Sub: attributes of resources are not supported: A.Arn'),
    ('t.yaml', RESOURCE.format('${self:service}-x'),
     't.yaml:5: variables of the Serverless Framework are not supported: ${self:service}-x'),
    ('t.yaml', RESOURCE.format('a') + '      Nonsense: 1\n', 't.yaml:6: the property Nonsense of a table is not known'),
    ('t.yaml', RESOURCE.format('a') + '      DeletionProtectionEnabled: maybe\n',
     "t.yaml:6: DeletionProtectionEnabled must be true or false, not 'maybe'"),
    ('t.yaml', 'Resources:\n  T:\n    Type: AWS::DynamoDB::GlobalTable\n',
     't.yaml:3: T is an AWS::DynamoDB::GlobalTable, which is not supported: write an AWS::DynamoDB::Table'),
    ('t.yaml', 'Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Condition: Prod\n',
     't.yaml:4: the Condition of T is not supported: leave it out for the seed'),
    ('t.yaml', 'a: [1\nb: 2\n', 't.yaml:2: '),
    ('t.yaml', 'services: {}\n', 't.yaml:1: this is no template: it has no Resources'),
    ('t.yaml', 'Resources:\n  T: 1\n  T: 2\n', 't.yaml:3: the key T stands here twice'),
    ('t.yaml', RESOURCE.format('a'), 't.yaml:3: ValidationException: '),
    ('Made.jsonl', '{"pk":{"S":"a"}}\n\n{"pk":\n', 'Made.jsonl:3: this is not JSON'),
    ('Made.jsonl', '{"pk":"a","n":1}\n{"pk":"b"}\n',
     """Made.jsonl:1: this is not DynamoDB JSON: the attribute 'pk' must be like {"S":"text"} or {"N":"1"}"""),
    ('Made.jsonl', '{"pk":{"S":"a"}}\n{"pk":{"N":"1"}}\n', 'Made.jsonl:2: ValidationException: '),
    ('Made.csv', 'pk,v\na,1\nb,1,2\n', 'Made.csv:3: '),
    ('Nobody.jsonl', '{"pk":{"S":"a"}}\n', 'Nobody.jsonl: there is no table Nobody: '),
])
def test_what_is_wrong_is_told_with_its_place(server, tmp_path, name, content, complaint):
    write(tmp_path, made__json=CREATE)
    (tmp_path / name).write_text(content)
    done = seed(server, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f'tidemark: {tmp_path}/{complaint}'), done.stderr


def test_sources_that_are_not_there(server):
    done = seed(server, '/nonexistent')
    assert (done.returncode, done.stderr) == (1, 'tidemark: there is no file and no folder /nonexistent\n')


def test_a_server_is_sown_before_it_answers(tmp_path):
    folder = write(tmp_path / 'seed', template__yaml=TEMPLATE, Orders__jsonl=lines({'customer': {'S': 'a'}, 'id': {'N': '1'}}))
    for restart in range(2):
        with running(tmp_path / 'data', ['--seed', str(folder), '--delay-transient-statuses']) as server:
            assert server.client('dynamodb').list_tables()['TableNames'] == ['Plain', 'dev-orders']
            assert len(scan(server.wire(), 'dev-orders')) == 1 + restart
            server.wire().call('PutItem', {'TableName': 'dev-orders', 'Item': {'customer': {'S': 'b'}, 'id': {'N': '2'}}})


def test_a_server_with_a_wrong_seed_does_not_start(tmp_path):
    folder = write(tmp_path / 'seed', made__json=CREATE, Made__jsonl='nonsense\n')
    with pytest.raises(StartError) as failed:
        Server(tmp_path / 'data', ['--seed', str(folder)])
    assert (failed.value.code, failed.value.text) == (1, f'tidemark: {folder}/Made.jsonl:1: this is not JSON\n')


def test_a_kill_in_the_middle_of_a_seed(tmp_path):
    folder = write(tmp_path / 'seed', made__json=CREATE,
                   Made__jsonl=lines(*({'pk': {'S': str(n)}, 'v': {'S': 'x' * 1000}} for n in range(20_000))))
    process = subprocess.Popen([PROGRAM, 'serve', '--port', '0', '--s3-port', 'off', '--data-dir', str(tmp_path / 'data'),
                                '--seed', str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # So much is written when some of the items are in, and not all.
    log = tmp_path / 'data/dynamodb/wal'
    until(lambda: process.poll() is not None or sum(f.stat().st_size for f in pathlib.Path(log).glob('*.log')) > 2_000_000,
          'some of the items')
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    with running(tmp_path / 'data', ['--seed', str(folder)]) as server:
        assert server.wire().call('DescribeTable', {'TableName': 'Made'})['Table']['ItemCount'] == 20_000


def test_with_keys_that_count(tmp_path):
    folder = write(tmp_path / 'seed', made__json=CREATE)
    file = write(tmp_path, keys='[a]\naws_access_key_id = A\naws_secret_access_key = s\n') / 'keys'
    refused = subprocess.run([PROGRAM, 'serve', '--auth', 'strict', '--credentials', str(file), '--seed', str(folder)], capture_output=True, text=True,
                             timeout=60, env={'PATH': os.environ['PATH']})
    assert refused.returncode == 2
    assert refused.stderr == ('tidemark: --seed: whose the tables are say AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which are '
                              'not set\n')
