"""Thousands of requests, each a valid one with random changes: every answer is in order, and the server stays."""
import copy
import json
import random

import pytest

from support.server import Server, create_table, table_request, until

KEY = {'pk': {'S': 'a'}, 'sk': {'N': '1'}}
ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/base'
REQUESTS = [
    ('PutItem', {
        'TableName': 'base', 'Item': {**KEY, 'l': {'L': [{'S': 'x'}, {'M': {'q': {'N': '1'}}}]}, 's': {'SS': ['a', 'b']}},
        'ConditionExpression': 'attribute_not_exists(#a) OR size(l) > :v AND NOT (n IN (:v, :w))',
        'ExpressionAttributeNames': {'#a': 'zz'}, 'ExpressionAttributeValues': {':v': {'N': '1'}, ':w': {'B': 'AAE='}},
        'ReturnValues': 'ALL_OLD', 'ReturnConsumedCapacity': 'INDEXES', 'ReturnItemCollectionMetrics': 'SIZE'}),
    ('UpdateItem', {
        'TableName': 'base', 'Key': KEY, 'ReturnValues': 'UPDATED_NEW',
        'UpdateExpression': 'SET l[0] = :v, m = if_not_exists(m, :m), n = :v + :v REMOVE s ADD c :v DELETE t :s',
        'ExpressionAttributeValues': {':v': {'N': '1'}, ':m': {'M': {}}, ':s': {'SS': ['a']}}}),
    ('DeleteItem', {'TableName': 'base', 'Key': KEY, 'ReturnValues': 'ALL_OLD', 'ConditionExpression': 'contains(l, :v)',
                    'ExpressionAttributeValues': {':v': {'S': 'x'}}}),
    ('GetItem', {'TableName': 'base', 'Key': KEY, 'ProjectionExpression': 'l[0], m.#a, pk',
                 'ExpressionAttributeNames': {'#a': 'b'}, 'ConsistentRead': True}),
    ('Query', {'TableName': 'base', 'KeyConditionExpression': 'pk = :p AND sk BETWEEN :a AND :b', 'Limit': 2,
               'ExpressionAttributeValues': {':p': {'S': 'a'}, ':a': {'N': '0'}, ':b': {'N': '5'}},
               'ScanIndexForward': False, 'ExclusiveStartKey': KEY, 'FilterExpression': 'attribute_exists(l)'}),
    ('Query', {'TableName': 'base', 'IndexName': 'by-color', 'KeyConditionExpression': 'color = :p',
               'ExpressionAttributeValues': {':p': {'S': 'a'}}, 'ExclusiveStartKey': {**KEY, 'color': {'S': 'a'}}}),
    ('Scan', {'TableName': 'base', 'Segment': 0, 'TotalSegments': 2, 'Limit': 3,
              'FilterExpression': 'begins_with(pk, :v) AND l[1].q <> :v', 'ExpressionAttributeValues': {':v': {'S': 'a'}}}),
    ('BatchWriteItem', {'RequestItems': {'base': [{'PutRequest': {'Item': {**KEY, 'color': {'S': 'r'}}}},
                                                  {'DeleteRequest': {'Key': {'pk': {'S': 'b'}, 'sk': {'N': '2'}}}}]}}),
    ('BatchGetItem', {'RequestItems': {'base': {'Keys': [KEY, {'pk': {'S': 'b'}, 'sk': {'N': '2'}}],
                                                'ProjectionExpression': 'pk'}}}),
    ('CreateTable', table_request('other', sort_key='sk', index='color')),
    ('DeleteTable', {'TableName': 'other'}),
    ('UpdateTable', {'TableName': 'base', 'BillingMode': 'PROVISIONED',
                     'ProvisionedThroughput': {'ReadCapacityUnits': 1, 'WriteCapacityUnits': 1}}),
    ('DescribeTable', {'TableName': 'base'}),
    ('ListTables', {'Limit': 3, 'ExclusiveStartTableName': 'aaa'}),
    ('UpdateContinuousBackups', {'TableName': 'base', 'PointInTimeRecoverySpecification': {
        'PointInTimeRecoveryEnabled': True, 'RecoveryPeriodInDays': 3}}),
    ('ExportTableToPointInTime', {'TableArn': ARN, 'S3Bucket': 'lake', 'S3Prefix': 'p', 'ClientToken': 't'}),
    ('DescribeExport', {'ExportArn': ARN + '/export/01767225600123-0a1b2c3d'}),
    ('ListExports', {'TableArn': ARN, 'MaxResults': 3, 'NextToken': '0' * 112}),
    ('ImportTable', {'ClientToken': 't', 'S3BucketSource': {'S3Bucket': 'lake', 'S3KeyPrefix': 'p'}, 'InputFormat': 'DYNAMODB_JSON',
                     'InputCompressionType': 'GZIP', 'TableCreationParameters': table_request('imported')}),
    ('DescribeImport', {'ImportArn': ARN + '/import/01767225600123-0a1b2c3d'}),
    ('ListImports', {'PageSize': 3, 'NextToken': '0' * 112}),
]
WORDS = ['', 'a', 'pk', '#', ':', '#a', ':v', '(', ')', '[', ']', '.', ',', 'AND', 'NOT', 'SET', 'REMOVE', '=', '<>', '+',
         'size(', 'BETWEEN', 'IN', '9' * 20, '\0', '\U0001f600', 'é' * 50]
VALUES = [None, True, 0, -1, 2**31, 2**63, 2**64, -2**63 - 1, 1.5, 1e308, '', 'x', 'a' * 5000, [], {}, [[]], [{}], {'S': 'x'},
          {'N': '1e125'}, {'N': '-'}, {'B': '!!'}, {'B': ''}, {'M': {'': {'S': ''}}}, {'SS': []}, {'NS': ['1', '1.0']},
          {'BS': ['AA==', 'AA==']}, {'S': 'x', 'N': '1'}, {'Z': 1}, {'S': None}, ARN, 'arn:aws:dynamodb:::table/', '../..']


def paths(value, path=()):
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in pairs:
        yield from paths(part, (*path, name))


def mutated(request, choice):
    request = copy.deepcopy(request)
    for _ in range(choice.choice([0, 1, 1, 2, 3, 6])):
        places = list(paths(request))
        if not places:
            break
        *way, last = choice.choice(places)
        parent = request
        for step in way:
            parent = parent[step]
        dice = choice.random()
        if isinstance(parent[last], str) and dice < 0.5:
            words = parent[last].split(' ')
            words.insert(choice.randrange(len(words) + 1), choice.choice(WORDS))
            if choice.random() < 0.5:
                words.pop(choice.randrange(len(words)))
            parent[last] = choice.choice([' ', '']).join(words)
        elif dice < 0.65:
            del parent[last]
        elif dice < 0.75 and isinstance(parent, dict):
            parent[choice.choice(['x', '', '#a', ':v', 'pk', 'a.b', 'base'])] = parent.pop(last)
        else:
            parent[last] = choice.choice(VALUES)
    return request


def damaged(body, choice):
    body = bytearray(body)
    for _ in range(choice.choice([1, 3])):
        if body:
            body[choice.randrange(len(body))] = choice.randrange(256)
    return bytes(body)


@pytest.mark.parametrize('seed', [1, 2])
def test_every_answer_is_in_order(seed):
    choice = random.Random(seed)
    server = Server()
    try:
        wire = server.wire()
        for number in range(2000):
            if number % 100 == 0 and 'base' not in wire.call('ListTables', {})['TableNames']:
                create_table(wire, 'base', sort_key='sk', index='color', pitr=True)
            operation, request = choice.choice(REQUESTS)
            body = json.dumps(mutated(request, choice)).encode()
            if choice.random() < 0.05:
                body = damaged(body, choice)
            status, _, answer = wire.post(body, **{'X-Amz-Target': 'DynamoDB_20120810.' + operation})
            told = f'seed {seed}, number {number}: {operation} {body!r} -> {status} {answer[:500]!r}'
            assert status in (200, 400, 501), told
            assert ('__type' in json.loads(answer)) == (status != 200), told
        until(lambda: all(entry['ImportStatus'] != 'IN_PROGRESS'
                          for entry in wire.call('ListImports', {'PageSize': 25})['ImportSummaryList']), 'the imports')
        wire.close()
        assert server.terminate() == 0
        warnings = [line for line in server.log().splitlines() if ' warn a job failed ' not in line]
        assert warnings == [], 'nothing else to warn of'
    finally:
        server.close()
