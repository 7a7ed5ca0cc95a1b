"""What Terraform's aws_dynamodb_table asks, in its order: create, read, change of each argument, delete.

The provider compares what it reads with what the configuration says: a second plan finds no difference only when every
setting is answered as it was given. `Provider` does the same, without an SDK: that of the system may be older than some of
the arguments."""
import pytest

from support.server import Failed

KMS_KEY = 'arn:aws:kms:us-east-1:000000000000:key/01234567-89ab-cdef-0123-456789abcdef'
EVERYTHING = {
    'hash_key': 'pk', 'range_key': 'sk', 'billing_mode': 'PAY_PER_REQUEST', 'read': 0, 'write': 0,
    'attributes': {'pk': 'S', 'sk': 'N', 'color': 'S', 'at': 'S'},
    'gsi': {'by-color': {'hash': 'color', 'range': None, 'projection': 'INCLUDE', 'include': ['size'], 'read': 0, 'write': 0}},
    'lsi': {'by-at': {'range': 'at', 'projection': 'ALL'}},
    'ttl': 'expires', 'pitr': 14, 'tags': {'team': 'data', 'env': 'test'}, 'sse': KMS_KEY,
    'table_class': 'STANDARD_INFREQUENT_ACCESS', 'deletion_protection': True, 'warm': (13000, 5000), 'on_demand': (500, 200),
}
PLAIN = {
    'hash_key': 'pk', 'range_key': None, 'billing_mode': 'PROVISIONED', 'read': 5, 'write': 5, 'attributes': {'pk': 'S'},
    'gsi': {}, 'lsi': {}, 'ttl': None, 'pitr': None, 'tags': {}, 'sse': None, 'table_class': 'STANDARD',
    'deletion_protection': False, 'warm': (5, 5), 'on_demand': None,
}


def keys(hash_key, range_key):
    schema = [{'AttributeName': hash_key, 'KeyType': 'HASH'}]
    return schema + ([{'AttributeName': range_key, 'KeyType': 'RANGE'}] if range_key else [])


def projection(index):
    wanted = {'ProjectionType': index['projection']}
    return {**wanted, 'NonKeyAttributes': index['include']} if index.get('include') else wanted


def units(read, write):
    return {'ReadCapacityUnits': read, 'WriteCapacityUnits': write}


class Provider:
    """The resource of one table."""

    def __init__(self, wire, name):
        self._wire = wire
        self._name = name
        self._arn = None

    def _call(self, operation, **request):
        return self._wire.call(operation, request)

    # Create

    def create(self, config):
        on_demand = config['billing_mode'] == 'PAY_PER_REQUEST'
        request = {
            'TableName': self._name, 'BillingMode': config['billing_mode'], 'TableClass': config['table_class'],
            'KeySchema': keys(config['hash_key'], config['range_key']),
            'AttributeDefinitions': [{'AttributeName': name, 'AttributeType': kind} for name, kind in config['attributes'].items()],
            'DeletionProtectionEnabled': config['deletion_protection'],
            'Tags': [{'Key': key, 'Value': value} for key, value in config['tags'].items()]}
        if not on_demand:
            request['ProvisionedThroughput'] = units(config['read'], config['write'])
        if config['on_demand']:
            request['OnDemandThroughput'] = dict(zip(('MaxReadRequestUnits', 'MaxWriteRequestUnits'), config['on_demand']))
        if on_demand:
            request['WarmThroughput'] = dict(zip(('ReadUnitsPerSecond', 'WriteUnitsPerSecond'), config['warm']))
        if config['lsi']:
            request['LocalSecondaryIndexes'] = [
                {'IndexName': name, 'KeySchema': keys(config['hash_key'], index['range']), 'Projection': projection(index)}
                for name, index in config['lsi'].items()]
        if config['gsi']:
            request['GlobalSecondaryIndexes'] = [self._global_index(name, index, on_demand) for name, index in config['gsi'].items()]
        if config['sse']:
            request['SSESpecification'] = {'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': config['sse']}
        self._arn = self._call('CreateTable', **request)['TableDescription']['TableArn']
        self._wait_active()
        if config['ttl']:
            self._set_ttl(True, config['ttl'])
        if config['pitr']:
            self._set_pitr(config['pitr'])

    @staticmethod
    def _global_index(name, index, on_demand):
        wanted = {'IndexName': name, 'KeySchema': keys(index['hash'], index['range']), 'Projection': projection(index)}
        return wanted if on_demand else {**wanted, 'ProvisionedThroughput': units(index['read'], index['write'])}

    def _wait_active(self):
        """The provider asks until table, indexes and encryption are what they will be."""
        for _ in range(100):
            table = self._call('DescribeTable', TableName=self._name)['Table']
            states = [table['TableStatus'], *(index['IndexStatus'] for index in table.get('GlobalSecondaryIndexes', []))]
            if set(states) == {'ACTIVE'} and table.get('SSEDescription', {}).get('Status', 'ENABLED') == 'ENABLED':
                return
        raise AssertionError(states)

    def _set_ttl(self, enabled, attribute):
        self._call(
            'UpdateTimeToLive', TableName=self._name, TimeToLiveSpecification={'Enabled': enabled, 'AttributeName': attribute})
        wanted = 'ENABLED' if enabled else 'DISABLED'
        assert self._call('DescribeTimeToLive', TableName=self._name)['TimeToLiveDescription']['TimeToLiveStatus'] == wanted

    def _set_pitr(self, days):
        specification = {'PointInTimeRecoveryEnabled': bool(days), **({'RecoveryPeriodInDays': days} if days else {})}
        self._call('UpdateContinuousBackups', TableName=self._name, PointInTimeRecoverySpecification=specification)

    # Read: the calls of every refresh, in the provider's order, as the arguments that they stand for.

    def read(self):
        table = self._call('DescribeTable', TableName=self._name)['Table']
        backups = self._call('DescribeContinuousBackups', TableName=self._name)['ContinuousBackupsDescription']
        ttl = self._call('DescribeTimeToLive', TableName=self._name)['TimeToLiveDescription']
        tags = self._call('ListTagsOfResource', ResourceArn=table['TableArn'])['Tags']
        recovery = backups['PointInTimeRecoveryDescription']
        by_kind = {element['KeyType']: element['AttributeName'] for element in table['KeySchema']}
        limits = table.get('OnDemandThroughput')
        return {
            'hash_key': by_kind['HASH'], 'range_key': by_kind.get('RANGE'),
            'billing_mode': table.get('BillingModeSummary', {}).get('BillingMode', 'PROVISIONED'),
            'read': table['ProvisionedThroughput']['ReadCapacityUnits'],
            'write': table['ProvisionedThroughput']['WriteCapacityUnits'],
            'attributes': {one['AttributeName']: one['AttributeType'] for one in table['AttributeDefinitions']},
            'gsi': {index['IndexName']: self._read_global(index) for index in table.get('GlobalSecondaryIndexes', [])},
            'lsi': {index['IndexName']: self._read_local(index) for index in table.get('LocalSecondaryIndexes', [])},
            'ttl': ttl.get('AttributeName') if ttl['TimeToLiveStatus'] == 'ENABLED' else None,
            'pitr': recovery.get('RecoveryPeriodInDays'), 'tags': {tag['Key']: tag['Value'] for tag in tags},
            'sse': table.get('SSEDescription', {}).get('KMSMasterKeyArn'),
            'table_class': table.get('TableClassSummary', {}).get('TableClass', 'STANDARD'),
            'deletion_protection': table['DeletionProtectionEnabled'],
            'warm': (table['WarmThroughput']['ReadUnitsPerSecond'], table['WarmThroughput']['WriteUnitsPerSecond']),
            'on_demand': (limits['MaxReadRequestUnits'], limits['MaxWriteRequestUnits']) if limits else None}

    @staticmethod
    def _read_global(index):
        by_kind = {element['KeyType']: element['AttributeName'] for element in index['KeySchema']}
        return {'hash': by_kind['HASH'], 'range': by_kind.get('RANGE'), 'projection': index['Projection']['ProjectionType'],
                'include': index['Projection'].get('NonKeyAttributes'),
                'read': index['ProvisionedThroughput']['ReadCapacityUnits'],
                'write': index['ProvisionedThroughput']['WriteCapacityUnits']}

    @staticmethod
    def _read_local(index):
        by_kind = {element['KeyType']: element['AttributeName'] for element in index['KeySchema']}
        return {'range': by_kind['RANGE'], 'projection': index['Projection']['ProjectionType']}

    # Update: each argument by a call of its own, in the provider's order.

    def update(self, before, after):
        def changes(*names):
            return any(before[name] != after[name] for name in names)
        on_demand = after['billing_mode'] == 'PAY_PER_REQUEST'
        if changes('billing_mode', 'read', 'write', 'gsi'):
            request = {}
            if changes('billing_mode'):
                request['BillingMode'] = after['billing_mode']
            if not on_demand and changes('billing_mode', 'read', 'write'):
                request['ProvisionedThroughput'] = units(after['read'], after['write'])
            updates = [{'Update': {'IndexName': name, 'ProvisionedThroughput': units(index['read'], index['write'])}}
                       for name, index in after['gsi'].items() if not on_demand and index != before['gsi'].get(name)]
            updates += [{'Delete': {'IndexName': name}} for name in before['gsi'] if name not in after['gsi']]
            self._update_table(**request, **({'GlobalSecondaryIndexUpdates': updates} if updates else {}))
        if changes('on_demand') and on_demand:
            limits = after['on_demand'] or (-1, -1)
            self._update_table(OnDemandThroughput=dict(zip(('MaxReadRequestUnits', 'MaxWriteRequestUnits'), limits)))
        if changes('sse'):
            self._update_table(SSESpecification={'Enabled': True, 'SSEType': 'KMS', 'KMSMasterKeyId': after['sse']}
                               if after['sse'] else {'Enabled': False})
        if changes('ttl'):
            self._set_ttl(after['ttl'] is not None, after['ttl'] or before['ttl'])
        if changes('pitr'):
            self._set_pitr(after['pitr'])
        if changes('table_class'):
            self._update_table(TableClass=after['table_class'])
        if changes('deletion_protection'):
            self._update_table(DeletionProtectionEnabled=after['deletion_protection'])
        if changes('warm') and on_demand:
            self._update_table(WarmThroughput=dict(zip(('ReadUnitsPerSecond', 'WriteUnitsPerSecond'), after['warm'])))
        gone = [key for key in before['tags'] if key not in after['tags']]
        if gone:
            self._call('UntagResource', ResourceArn=self._arn, TagKeys=gone)
        added = [{'Key': key, 'Value': value} for key, value in after['tags'].items() if before['tags'].get(key) != value]
        if added:
            self._call('TagResource', ResourceArn=self._arn, Tags=added)

    def _update_table(self, **change):
        assert change
        self._call('UpdateTable', TableName=self._name, **change)
        self._wait_active()

    # Delete

    def delete(self):
        self._call('DeleteTable', TableName=self._name)
        with pytest.raises(Failed) as error:
            self._call('DescribeTable', TableName=self._name)
        assert error.value.code == 'ResourceNotFoundException'


def test_whose_account_it_is(shared, wire, name):
    """The provider asks that before anything else."""
    account = shared.client('sts').get_caller_identity()['Account']
    Provider(wire, name).create(PLAIN)
    assert wire.call('DescribeTable', {'TableName': name})['Table']['TableArn'].split(':')[4] == account


@pytest.mark.parametrize('config', [EVERYTHING, PLAIN], ids=['everything', 'plain'])
def test_a_second_plan_finds_nothing(wire, name, config):
    resource = Provider(wire, name)
    resource.create(config)
    assert resource.read() == config
    assert resource.read() == config, 'reading changes nothing'


CHANGES = [
    ('tags', {'tags': {'team': 'infra', 'size': 'L'}}),
    ('no tags', {'tags': {}}),
    ('no time to live', {'ttl': None}),
    ('another recovery period', {'pitr': 35}),
    ('no recovery', {'pitr': None}),
    ('another key', {'sse': KMS_KEY.replace('0123', '4567')}),
    ('no key', {'sse': None}),
    ('class', {'table_class': 'STANDARD'}),
    ('no protection', {'deletion_protection': False}),
    ('warmer', {'warm': (14000, 6000)}),
    ('other limits', {'on_demand': (1000, 200)}),
    ('provisioned', {'billing_mode': 'PROVISIONED', 'read': 20000, 'write': 10000, 'on_demand': None, 'warm': (20000, 10000),
                     'gsi': {'by-color': {**EVERYTHING['gsi']['by-color'], 'read': 3, 'write': 4}}}),
    ('no global index', {'gsi': {}, 'attributes': {'pk': 'S', 'sk': 'N', 'at': 'S'}}),
]


@pytest.mark.parametrize('change', [case[1] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_each_argument_can_change(wire, name, change):
    resource, after = Provider(wire, name), {**EVERYTHING, **change}
    resource.create(EVERYTHING)
    resource.update(resource.read(), after)
    assert resource.read() == after
    resource.update(after, {**after, 'deletion_protection': False})
    resource.delete()


def test_a_provisioned_table_grows_and_goes_on_demand(wire, name):
    resource = Provider(wire, name)
    config = {**PLAIN, 'attributes': {'pk': 'S', 'color': 'S'},
              'gsi': {'by-color': {'hash': 'color', 'range': 'pk', 'projection': 'KEYS_ONLY', 'include': None, 'read': 1, 'write': 1}}}
    resource.create(config)
    for change in [
            {'read': 7, 'warm': (7, 5)},
            {'gsi': {'by-color': {**config['gsi']['by-color'], 'write': 9}}},
            {'billing_mode': 'PAY_PER_REQUEST', 'read': 0, 'write': 0, 'warm': (12000, 4000),
             'gsi': {'by-color': {**config['gsi']['by-color'], 'read': 0, 'write': 0}}},
            {'ttl': 'expires'}, {'pitr': 35}, {'tags': {'a': 'b'}}, {'sse': KMS_KEY}]:
        before, config = config, {**config, **change}
        resource.update(before, config)
        assert resource.read() == config, change
    resource.delete()


def test_protected_tables_stay(wire, name):
    resource = Provider(wire, name)
    resource.create(EVERYTHING)
    with pytest.raises(Failed) as error:
        resource.delete()
    assert (error.value.code, error.value.message) == (
        'ValidationException',
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.')
    assert resource.read() == EVERYTHING
    resource.update(EVERYTHING, {**EVERYTHING, 'deletion_protection': False})
    resource.delete()
    with pytest.raises(Failed) as error:
        resource.read()
    assert error.value.code == 'ResourceNotFoundException'
