"""Settings of tables that are kept and given back: contributor insights and Kinesis destinations, by the service's rules."""
import pytest
from botocore.exceptions import ClientError

from support.server import Failed, create_table

STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/changes'


def refusal(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response['Error']['Code'], error.value.response['Error']['Message']


def test_contributor_insights(wire, name):
    create_table(wire, name, sort_key='sk', index='color')

    def describe(**more):
        return wire.call('DescribeContributorInsights', {'TableName': name, **more})

    def update(action, **more):
        return wire.call('UpdateContributorInsights', {'TableName': name, 'ContributorInsightsAction': action, **more})
    assert describe() == {'TableName': name, 'ContributorInsightsStatus': 'DISABLED'}
    assert describe(IndexName='by-color') == {'TableName': name, 'IndexName': 'by-color', 'ContributorInsightsStatus': 'DISABLED'}
    assert update('ENABLE') == {'TableName': name, 'ContributorInsightsStatus': 'ENABLING',
                                'ContributorInsightsMode': 'ACCESSED_AND_THROTTLED_KEYS'}
    enabled = describe()
    assert (enabled['ContributorInsightsStatus'], enabled['ContributorInsightsMode']) == ('ENABLED', 'ACCESSED_AND_THROTTLED_KEYS')
    assert [rule.split('-')[1] for rule in enabled['ContributorInsightsRuleList']] == ['PKC', 'PKT', 'SKC', 'SKT']
    assert update('ENABLE', IndexName='by-color', ContributorInsightsMode='THROTTLED_KEYS')['IndexName'] == 'by-color'
    of_index = describe(IndexName='by-color')
    assert [rule.split('-')[1] for rule in of_index['ContributorInsightsRuleList']] == ['PKT']
    assert update('DISABLE')['ContributorInsightsStatus'] == 'DISABLING'
    disabled = describe()
    assert disabled['ContributorInsightsStatus'] == 'DISABLED' and 'ContributorInsightsRuleList' not in disabled
    assert wire.call('ListContributorInsights', {'TableName': name})['ContributorInsightsSummaries'] == [
        {'TableName': name, 'IndexName': 'by-color', 'ContributorInsightsStatus': 'ENABLED', 'ContributorInsightsMode': 'THROTTLED_KEYS'}]


def test_what_insights_are_already(wire, name):
    create_table(wire, name, index='color')

    def update(action, **more):
        return wire.call('UpdateContributorInsights', {'TableName': name, 'ContributorInsightsAction': action, **more})

    def updated_at():
        return wire.call('DescribeContributorInsights', {'TableName': name})['LastUpdateDateTime']
    assert update('DISABLE') == {'TableName': name, 'ContributorInsightsStatus': 'DISABLED'}, 'never enabled'
    assert update('ENABLE')['ContributorInsightsStatus'] == 'ENABLING'
    before = updated_at()
    assert update('ENABLE') == {'TableName': name, 'ContributorInsightsStatus': 'ENABLED',
                                'ContributorInsightsMode': 'ACCESSED_AND_THROTTLED_KEYS'}
    assert updated_at() == before, 'nothing happened'
    assert update('ENABLE', ContributorInsightsMode='THROTTLED_KEYS')['ContributorInsightsStatus'] == 'ENABLING'
    assert update('DISABLE')['ContributorInsightsStatus'] == 'DISABLING'
    assert update('DISABLE')['ContributorInsightsStatus'] == 'DISABLED'
    for operation in ('DescribeContributorInsights', 'UpdateContributorInsights'):
        for index, code, message in [
                ('ghost', 'ResourceNotFoundException', f'Requested resource not found: Index: ghost not found for table: {name}'),
                ('', 'ValidationException', 'IndexName must be at least 3 characters long and at most 255 characters long')]:
            with pytest.raises(Failed) as error:
                wire.call(operation, {'TableName': name, 'IndexName': index, 'ContributorInsightsAction': 'ENABLE'})
            assert (error.value.code, error.value.message) == (code, message)


def test_a_list_in_pages(shared, name):
    wire = shared.wire(account='111122224444')
    for n in range(3):
        create_table(wire, f'{name}-{n}', index='color')
        for more in ({}, {'IndexName': 'by-color'}):
            wire.call('UpdateContributorInsights',
                      {'TableName': f'{name}-{n}', 'ContributorInsightsAction': 'ENABLE', **more})
    create_table(wire, f'{name}-x')
    seen, token = [], {}
    while True:
        page = wire.call('ListContributorInsights', {'MaxResults': 4, **token})
        seen.append([(line['TableName'], line.get('IndexName')) for line in page['ContributorInsightsSummaries']])
        if 'NextToken' not in page:
            break
        token = {'NextToken': page['NextToken']}
    lines = [(f'{name}-{n}', index) for n in range(3) for index in (None, 'by-color')]
    assert seen == [lines[:4], lines[4:]]
    with pytest.raises(Failed) as error:
        wire.call('ListContributorInsights', {'NextToken': 'x'})
    assert error.value.message == 'Invalid Request: Provided nextToken is invalid: x'


def test_kinesis_destinations(dynamodb, wire, name):
    create_table(wire, name)

    def described():
        return wire.call('DescribeKinesisStreamingDestination', {'TableName': name})
    target = {'TableName': name, 'StreamArn': STREAM}
    assert described() == {'TableName': name, 'KinesisDataStreamDestinations': []}
    assert wire.call('EnableKinesisStreamingDestination', target) == {
        **target, 'DestinationStatus': 'ENABLING', 'EnableKinesisStreamingConfiguration': {}}
    assert described()['KinesisDataStreamDestinations'] == [{'StreamArn': STREAM, 'DestinationStatus': 'ACTIVE'}]
    invalid_state = 'Table is not in a valid state to enable Kinesis Streaming Destination: '
    other = STREAM + '-other'
    for arn in (STREAM, other):
        assert refusal(dynamodb.enable_kinesis_streaming_destination, TableName=name, StreamArn=arn) == (
            'ValidationException', invalid_state + 'EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED '
            'to perform ENABLE operation.'), 'one at a time'

    micros = {'UpdateKinesisStreamingConfiguration': {'ApproximateCreationDateTimePrecision': 'MICROSECOND'}}
    assert wire.call('UpdateKinesisStreamingDestination', {**target, **micros}) == {
        **target, 'DestinationStatus': 'UPDATING', **micros}
    assert described()['KinesisDataStreamDestinations'] == [
        {'StreamArn': STREAM, 'DestinationStatus': 'ACTIVE', 'ApproximateCreationDateTimePrecision': 'MICROSECOND'}]
    table_id = dynamodb.describe_table(TableName=name)['Table']['TableId']
    for configuration, message in [
            (micros, f'Invalid Request: Precision is already set to the desired value of MICROSECOND for tableId: {table_id}, '
                     f'kdsArn: {STREAM}'),
            ({}, 'Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot be '
                 'null or contain only null values'),
            ({'UpdateKinesisStreamingConfiguration': {'ApproximateCreationDateTimePrecision': 'HOUR'}},
             "1 validation error detected: Value 'HOUR' at 'updateKinesisStreamingConfiguration."
             "approximateCreationDateTimePrecision' failed to satisfy constraint: Member must satisfy enum value set: "
             '[MILLISECOND, MICROSECOND]')]:
        with pytest.raises(Failed) as error:
            wire.call('UpdateKinesisStreamingDestination', {**target, **configuration})
        assert (error.value.code, error.value.message) == ('ValidationException', message)

    assert wire.call('DisableKinesisStreamingDestination', target) == {
        **target, 'DestinationStatus': 'DISABLING', 'EnableKinesisStreamingConfiguration': {}}
    assert [one['DestinationStatus'] for one in described()['KinesisDataStreamDestinations']] == ['DISABLED'], 'it stays listed'
    for arn in (STREAM, other, 'not-an-arn'):
        with pytest.raises(Failed) as error:
            wire.call('DisableKinesisStreamingDestination', {'TableName': name, 'StreamArn': arn})
        assert (error.value.code, error.value.message) == (
            'ValidationException', invalid_state + 'KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.')
    for arn, message in [
            (STREAM, 'Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. '
                     f'TableName: {name}, kdsArn: {STREAM}'),
            (other, f'No streaming destination with streamArn: {other} found for table with tableName: {name}')]:
        with pytest.raises(Failed) as error:
            wire.call('UpdateKinesisStreamingDestination', {'TableName': name, 'StreamArn': arn, **micros})
        assert (error.value.code, error.value.message) == ('ValidationException', invalid_state + message)
    wire.call('EnableKinesisStreamingDestination', target)
    assert [one['DestinationStatus'] for one in described()['KinesisDataStreamDestinations']] == ['ACTIVE']


MISSING = [
    ('DescribeContributorInsights', {}), ('UpdateContributorInsights', {'ContributorInsightsAction': 'ENABLE'}),
    ('ListContributorInsights', {}), ('DescribeKinesisStreamingDestination', {}),
    ('EnableKinesisStreamingDestination', {'StreamArn': STREAM}), ('DisableKinesisStreamingDestination', {'StreamArn': STREAM}),
    ('UpdateKinesisStreamingDestination', {'StreamArn': STREAM, 'UpdateKinesisStreamingConfiguration': {
        'ApproximateCreationDateTimePrecision': 'MICROSECOND'}}),
]


@pytest.mark.parametrize('operation, request_', MISSING, ids=[case[0] for case in MISSING])
def test_tables_that_are_not_there(wire, operation, request_):
    with pytest.raises(Failed) as error:
        wire.call(operation, {'TableName': 'missing', **request_})
    assert (error.value.code, error.value.message) == (
        'ResourceNotFoundException', 'Requested resource not found: Table: missing not found')
