"""Settings of buckets through boto3: each is put, read back as the SDK reads it, and removed."""
import pytest
from botocore.exceptions import ClientError

KMS = {'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'aws:kms', 'KMSMasterKeyID': 'alias/k'},
                  'BucketKeyEnabled': True}]}
AES = {'Rules': [{'ApplyServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}, 'BucketKeyEnabled': False}]}
CORS = [{'ID': 'app', 'AllowedOrigins': ['https://*.example.com', 'http://localhost:3000'],
         'AllowedMethods': ['GET', 'PUT'], 'AllowedHeaders': ['*'], 'ExposeHeaders': ['ETag', 'x-amz-version-id'],
         'MaxAgeSeconds': 300},
        {'AllowedOrigins': ['*'], 'AllowedMethods': ['GET']}]
LIFECYCLE = [
    {'ID': 'logs & more', 'Status': 'Enabled', 'Filter': {'Prefix': 'logs/<a>/'},
     'Transitions': [{'Days': 30, 'StorageClass': 'STANDARD_IA'}, {'Days': 60, 'StorageClass': 'GLACIER'}],
     'Expiration': {'Days': 365}},
    {'ID': 'versions', 'Status': 'Disabled',
     'Filter': {'And': {'Prefix': 'v/', 'Tags': [{'Key': 'a', 'Value': '1'}], 'ObjectSizeGreaterThan': 5}},
     'NoncurrentVersionTransitions': [{'NoncurrentDays': 7, 'StorageClass': 'GLACIER'}],
     'NoncurrentVersionExpiration': {'NoncurrentDays': 30, 'NewerNoncurrentVersions': 3}},
    {'ID': 'uploads', 'Status': 'Enabled', 'Filter': {'Prefix': ''},
     'Expiration': {'ExpiredObjectDeleteMarker': True}, 'AbortIncompleteMultipartUpload': {'DaysAfterInitiation': 7}},
]
WEBSITE = {'IndexDocument': {'Suffix': 'index.html'}, 'ErrorDocument': {'Key': 'error.html'},
           'RoutingRules': [{'Condition': {'KeyPrefixEquals': 'old/'}, 'Redirect': {'ReplaceKeyPrefixWith': 'new/'}}]}
REPLICATION = {'Role': 'arn:aws:iam::000000000000:role/r', 'Rules': [
    {'ID': 'all', 'Priority': 1, 'Filter': {'Prefix': 'a/'}, 'Status': 'Enabled',
     'Destination': {'Bucket': 'arn:aws:s3:::elsewhere', 'StorageClass': 'STANDARD_IA'},
     'DeleteMarkerReplication': {'Status': 'Disabled'}}]}


def code_of(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response['Error']['Code']


def plain(answer):
    return {name: value for name, value in answer.items() if name != 'ResponseMetadata'}


@pytest.fixture
def bucket(s3, name):
    s3.create_bucket(Bucket=name)
    return name


def test_tagging(s3, bucket):
    assert code_of(s3.get_bucket_tagging, Bucket=bucket) == 'NoSuchTagSet'
    tags = [{'Key': 'Name', 'Value': 'a + b'}, {'Key': 'größe', 'Value': ''}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={'TagSet': tags})
    assert s3.get_bucket_tagging(Bucket=bucket)['TagSet'] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    assert code_of(s3.get_bucket_tagging, Bucket=bucket) == 'NoSuchTagSet'
    twice = {'TagSet': [{'Key': 'a', 'Value': '1'}] * 2}
    assert code_of(s3.put_bucket_tagging, Bucket=bucket, Tagging=twice) == 'InvalidTag'


def test_cors(s3, bucket):
    assert code_of(s3.get_bucket_cors, Bucket=bucket) == 'NoSuchCORSConfiguration'
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={'CORSRules': CORS})
    assert s3.get_bucket_cors(Bucket=bucket)['CORSRules'] == CORS
    s3.delete_bucket_cors(Bucket=bucket)
    assert code_of(s3.get_bucket_cors, Bucket=bucket) == 'NoSuchCORSConfiguration'


def test_lifecycle(s3, bucket):
    get, put = s3.get_bucket_lifecycle_configuration, s3.put_bucket_lifecycle_configuration
    assert code_of(get, Bucket=bucket) == 'NoSuchLifecycleConfiguration'
    put(Bucket=bucket, LifecycleConfiguration={'Rules': LIFECYCLE})
    assert get(Bucket=bucket)['Rules'] == LIFECYCLE
    nameless = {'Rules': [{'Status': 'Enabled', 'Filter': {'Prefix': ''}, 'Expiration': {'Days': 1}}]}
    put(Bucket=bucket, LifecycleConfiguration=nameless)
    assert get(Bucket=bucket)['Rules'][0]['ID']
    nameless['Rules'][0]['Expiration'] = {'Days': 0}
    assert code_of(put, Bucket=bucket, LifecycleConfiguration=nameless) == 'InvalidArgument'
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert code_of(get, Bucket=bucket) == 'NoSuchLifecycleConfiguration'


def test_old_lifecycle_requests_have_their_prefix_in_the_rule(s3, bucket):
    rule = {'ID': 'old', 'Status': 'Enabled', 'Prefix': 'p/', 'Expiration': {'Days': 3}}
    s3.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration={'Rules': [rule]})
    assert s3.get_bucket_lifecycle(Bucket=bucket)['Rules'] == [rule]


def test_encryption(s3, bucket):
    assert s3.get_bucket_encryption(Bucket=bucket)['ServerSideEncryptionConfiguration'] == AES
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=KMS)
    assert s3.get_bucket_encryption(Bucket=bucket)['ServerSideEncryptionConfiguration'] == KMS
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.get_bucket_encryption(Bucket=bucket)['ServerSideEncryptionConfiguration'] == AES


def encryption_of(answer):
    return answer.get('ServerSideEncryption'), answer.get('SSEKMSKeyId'), answer.get('BucketKeyEnabled')


def everything_about_an_object(s3, bucket):
    """The answers that tell how an object is encrypted."""
    yield s3.put_object(Bucket=bucket, Key='k', Body=b'k')
    yield s3.get_object(Bucket=bucket, Key='k')
    yield s3.head_object(Bucket=bucket, Key='k')
    yield s3.copy_object(Bucket=bucket, Key='copy', CopySource={'Bucket': bucket, 'Key': 'k'})
    yield s3.head_object(Bucket=bucket, Key='copy')
    created = s3.create_multipart_upload(Bucket=bucket, Key='parts')
    yield created
    upload = {'Bucket': bucket, 'Key': 'parts', 'UploadId': created['UploadId']}
    part = s3.upload_part(**upload, PartNumber=1, Body=b'k')
    yield part
    yield s3.upload_part_copy(**upload, PartNumber=2, CopySource={'Bucket': bucket, 'Key': 'k'})
    yield s3.complete_multipart_upload(**upload, MultipartUpload={'Parts': [{'PartNumber': 1, 'ETag': part['ETag']}]})
    yield s3.head_object(Bucket=bucket, Key='parts')


def test_answers_tell_the_default_encryption_of_the_bucket(s3, bucket):
    for answer in everything_about_an_object(s3, bucket):
        assert encryption_of(answer) == ('AES256', None, None)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=KMS)
    # What is there stays as it was made.
    assert encryption_of(s3.head_object(Bucket=bucket, Key='k')) == ('AES256', None, None)
    for answer in everything_about_an_object(s3, bucket):
        assert encryption_of(answer) == ('aws:kms', 'alias/k', True)
    s3.put_object(Bucket=bucket, Key='own', Body=b'k', ServerSideEncryption='AES256')
    assert encryption_of(s3.head_object(Bucket=bucket, Key='own')) == ('AES256', None, None)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=AES)
    for answer in everything_about_an_object(s3, bucket):
        assert encryption_of(answer) == ('AES256', None, None)


def test_website(s3, bucket):
    assert code_of(s3.get_bucket_website, Bucket=bucket) == 'NoSuchWebsiteConfiguration'
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=WEBSITE)
    assert plain(s3.get_bucket_website(Bucket=bucket)) == WEBSITE
    s3.delete_bucket_website(Bucket=bucket)
    assert code_of(s3.get_bucket_website, Bucket=bucket) == 'NoSuchWebsiteConfiguration'


def test_logging(s3, bucket):
    assert 'LoggingEnabled' not in s3.get_bucket_logging(Bucket=bucket)
    status = {'TargetBucket': bucket, 'TargetPrefix': 'log/', 'TargetGrants': [
        {'Grantee': {'Type': 'Group', 'URI': 'http://acs.amazonaws.com/groups/s3/LogDelivery'}, 'Permission': 'READ'}]}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={'LoggingEnabled': status})
    assert s3.get_bucket_logging(Bucket=bucket)['LoggingEnabled'] == status
    status['TargetBucket'] = 'not-there'
    assert code_of(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={'LoggingEnabled': status}) == \
        'InvalidTargetBucketForLogging'
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert 'LoggingEnabled' not in s3.get_bucket_logging(Bucket=bucket)


def test_request_payment_and_acceleration(s3, bucket):
    assert s3.get_bucket_request_payment(Bucket=bucket)['Payer'] == 'BucketOwner'
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={'Payer': 'Requester'})
    assert s3.get_bucket_request_payment(Bucket=bucket)['Payer'] == 'Requester'
    assert 'Status' not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={'Status': 'Enabled'})
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)['Status'] == 'Enabled'


def test_replication(s3, bucket):
    assert code_of(s3.get_bucket_replication, Bucket=bucket) == 'ReplicationConfigurationNotFoundError'
    put = {'Bucket': bucket, 'ReplicationConfiguration': REPLICATION}
    assert code_of(s3.put_bucket_replication, **put) == 'InvalidRequest'
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
    s3.put_bucket_replication(**put)
    assert s3.get_bucket_replication(Bucket=bucket)['ReplicationConfiguration'] == REPLICATION
    s3.delete_bucket_replication(Bucket=bucket)
    assert code_of(s3.get_bucket_replication, Bucket=bucket) == 'ReplicationConfigurationNotFoundError'


CONFIGURATIONS = {
    'metrics': {'Id': 'a', 'Filter': {'And': {'Prefix': 'p', 'Tags': [{'Key': 'k', 'Value': 'v'}]}}},
    'analytics': {'Id': 'a', 'Filter': {'Prefix': 'p'}, 'StorageClassAnalysis': {'DataExport': {
        'OutputSchemaVersion': 'V_1',
        'Destination': {'S3BucketDestination': {'Format': 'CSV', 'Bucket': 'arn:aws:s3:::b'}}}}},
    'inventory': {'Id': 'a', 'IsEnabled': True, 'IncludedObjectVersions': 'All', 'Schedule': {'Frequency': 'Daily'},
                  'OptionalFields': ['Size', 'ETag'], 'Destination': {'S3BucketDestination': {
                      'Bucket': 'arn:aws:s3:::b', 'Format': 'CSV', 'Encryption': {'SSES3': {}}}}},
    'intelligent_tiering': {'Id': 'a', 'Status': 'Enabled', 'Tierings': [{'Days': 90, 'AccessTier': 'ARCHIVE_ACCESS'}]},
}


@pytest.mark.parametrize('kind', CONFIGURATIONS)
def test_configurations_with_ids(s3, bucket, kind):
    wanted = CONFIGURATIONS[kind]
    name = ''.join(word.capitalize() for word in kind.split('_')) + 'Configuration'
    call = {verb: getattr(s3, f'{verb}_bucket_{kind}_configuration') for verb in ('get', 'put', 'delete')}
    listed = getattr(s3, f'list_bucket_{kind}_configurations')
    assert name + 'List' not in listed(Bucket=bucket)
    assert code_of(call['get'], Bucket=bucket, Id='a') == 'NoSuchConfiguration'
    call['put'](Bucket=bucket, Id='a', **{name: wanted})
    assert call['get'](Bucket=bucket, Id='a')[name] == wanted
    assert listed(Bucket=bucket)[name + 'List'] == [wanted]
    call['delete'](Bucket=bucket, Id='a')
    assert name + 'List' not in listed(Bucket=bucket)


def test_object_lock(s3, name):
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    get = s3.get_object_lock_configuration
    assert get(Bucket=name)['ObjectLockConfiguration'] == {'ObjectLockEnabled': 'Enabled'}
    assert s3.get_bucket_versioning(Bucket=name)['Status'] == 'Enabled'
    assert code_of(s3.put_bucket_versioning, Bucket=name,
                   VersioningConfiguration={'Status': 'Suspended'}) == 'InvalidBucketState'
    rule = {'ObjectLockEnabled': 'Enabled', 'Rule': {'DefaultRetention': {'Mode': 'GOVERNANCE', 'Days': 1}}}
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    assert get(Bucket=name)['ObjectLockConfiguration'] == rule

    version = s3.put_object(Bucket=name, Key='k', Body=b'v')['VersionId']
    head = s3.head_object(Bucket=name, Key='k')
    assert head['ObjectLockMode'] == 'GOVERNANCE'
    retention = s3.get_object_retention(Bucket=name, Key='k', VersionId=version)['Retention']
    assert retention['RetainUntilDate'] == head['ObjectLockRetainUntilDate']
    this = {'Bucket': name, 'Key': 'k', 'VersionId': version}
    assert code_of(s3.delete_object, **this) == 'AccessDenied'
    compliance = {'Mode': 'COMPLIANCE', 'RetainUntilDate': '2100-01-01T00:00:00Z'}
    assert code_of(s3.put_object_retention, **this, Retention=compliance) == 'AccessDenied'
    s3.put_object_legal_hold(**this, LegalHold={'Status': 'ON'})
    assert s3.get_object_legal_hold(**this)['LegalHold']['Status'] == 'ON'
    assert s3.head_object(**this)['ObjectLockLegalHoldStatus'] == 'ON'
    assert code_of(s3.delete_object, **this, BypassGovernanceRetention=True) == 'AccessDenied'
    s3.put_object_legal_hold(**this, LegalHold={'Status': 'OFF'})
    s3.delete_object(**this, BypassGovernanceRetention=True)
    assert code_of(s3.head_object, **this) == '404'
    assert code_of(s3.get_object_lock_configuration, Bucket=name + '-none') == 'NoSuchBucket'


def test_what_terraform_reads_of_a_new_bucket(s3, bucket):
    """In its order; what is not set must be told with exactly these errors."""
    def none(call, error):
        assert code_of(call, Bucket=bucket) == error

    assert s3.get_bucket_location(Bucket=bucket)['LocationConstraint'] is None
    assert s3.get_bucket_acl(Bucket=bucket)['Grants'][0]['Permission'] == 'FULL_CONTROL'
    none(s3.get_bucket_cors, 'NoSuchCORSConfiguration')
    none(s3.get_bucket_website, 'NoSuchWebsiteConfiguration')
    assert plain(s3.get_bucket_versioning(Bucket=bucket)) == {}
    assert plain(s3.get_bucket_accelerate_configuration(Bucket=bucket)) == {}
    assert s3.get_bucket_request_payment(Bucket=bucket)['Payer'] == 'BucketOwner'
    assert plain(s3.get_bucket_logging(Bucket=bucket)) == {}
    none(s3.get_bucket_lifecycle_configuration, 'NoSuchLifecycleConfiguration')
    none(s3.get_bucket_replication, 'ReplicationConfigurationNotFoundError')
    assert s3.get_bucket_encryption(Bucket=bucket)['ServerSideEncryptionConfiguration'] == AES
    none(s3.get_object_lock_configuration, 'ObjectLockConfigurationNotFoundError')
    none(s3.get_bucket_tagging, 'NoSuchTagSet')
    none(s3.get_bucket_policy, 'NoSuchBucketPolicy')


def test_buckets_are_made_where_asked(s3, name):
    place = {'LocationConstraint': 'eu-west-1'}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    assert s3.get_bucket_location(Bucket=name)['LocationConstraint'] == 'eu-west-1'
    assert s3.head_bucket(Bucket=name)['ResponseMetadata']['HTTPHeaders']['x-amz-bucket-region'] == 'eu-west-1'
    assert code_of(s3.create_bucket, Bucket=name, CreateBucketConfiguration=place) == 'BucketAlreadyOwnedByYou'
    s3.create_bucket(Bucket=name + '-2')
    s3.create_bucket(Bucket=name + '-2')


def test_settings_survive_a_kill(own_server, name):
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={'CORSRules': CORS})
    own_server.kill()
    own_server.start()
    s3 = own_server.client('s3', endpoint=own_server.s3_endpoint)
    assert s3.get_bucket_cors(Bucket=name)['CORSRules'] == CORS
    own_server.terminate()
