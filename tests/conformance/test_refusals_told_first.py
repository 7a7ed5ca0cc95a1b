"""Which of several things that are wrong is told, and in what order things are named."""
import pytest

from support.server import Failed, create_table

ENVELOPE = '1 validation error detected: '
NAME_RULES = ('Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length '
              'greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]')
KEY_VALUE = ('AttributeValue(s=a, n=null, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, '
             'iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)')


def message_of(wire, operation, request):
    with pytest.raises(Failed) as failed:
        wire.call(operation, request)
    assert failed.value.code == 'ValidationException', failed.value.message
    return failed.value.message


@pytest.mark.parametrize('operation, element, echo', [
    ('BatchGetItem', {'Keys': [{'pk': {'S': 'a'}}]}, '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}'),
    ('BatchWriteItem', [{'DeleteRequest': {'Key': {'pk': {'S': 'a'}}}}],
     '{bad!name=[WriteRequest(putRequest=null, deleteRequest=DeleteRequest(key={pk=' + KEY_VALUE + '}))]}'),
])
def test_names_of_tables_in_batches(wire, operation, element, echo):
    assert message_of(wire, operation, {'RequestItems': {'bad!name': element}}) == (
        f"{ENVELOPE}Value '{echo}' at 'requestItems' failed to satisfy constraint: {NAME_RULES}")


def index(name, *keys):
    kinds = ['HASH', 'RANGE']
    return {'IndexName': name, 'Projection': {'ProjectionType': 'KEYS_ONLY'},
            'KeySchema': [{'AttributeName': key, 'KeyType': kind} for key, kind in zip(keys, kinds)]}


def test_names_of_global_indexes_come_before_local_ones(wire, name):
    attributes = ['pk', 'sk', 'l']
    request = {'TableName': name, 'BillingMode': 'PAY_PER_REQUEST',
               'AttributeDefinitions': [{'AttributeName': each, 'AttributeType': 'S'} for each in attributes],
               'KeySchema': index('', 'pk', 'sk')['KeySchema'],
               'LocalSecondaryIndexes': [index('lo', 'pk', 'l')], 'GlobalSecondaryIndexes': [index('gl', 'l')]}
    short = "Value '{}' at '{}SecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must have length " \
            'greater than or equal to 3'
    assert message_of(wire, 'CreateTable', request) == (
        '2 validation errors detected: ' + short.format('gl', 'global') + '; ' + short.format('lo', 'local'))
    request['GlobalSecondaryIndexes'][0] |= {'IndexName': 'glob', 'KeySchema': []}
    assert message_of(wire, 'CreateTable', request) == (
        '2 validation errors detected: ' + short.format('lo', 'local') +
        "; Value '[]' at 'globalSecondaryIndexes.1.member.keySchema' failed to satisfy constraint: Member must have length "
        'greater than or equal to 1'), 'what is wrong otherwise comes after'


def test_attributes_that_an_index_lacks_are_told_as_asked_for(wire, name):
    create_table(wire, name, index='color')
    table = f'{name}-keys'
    wire.call('CreateTable', {
        'TableName': table, 'BillingMode': 'PAY_PER_REQUEST', 'KeySchema': index('', 'pk')['KeySchema'],
        'AttributeDefinitions': [{'AttributeName': each, 'AttributeType': 'S'} for each in ('pk', 'g')],
        'GlobalSecondaryIndexes': [index('only-keys', 'g')]})
    assert message_of(wire, 'Query', {
        'TableName': table, 'IndexName': 'only-keys', 'KeyConditionExpression': 'g = :g',
        'ProjectionExpression': 'z, b.x, pk, a, b.y', 'ExpressionAttributeValues': {':g': {'S': 'g'}},
    }) == ('One or more parameter values were invalid: Global secondary index only-keys does not project [z, b, a]')
