"""A reader of a stream that goes by the rules of the DynamoDB Streams Kinesis adapter: shards in pages, parents before their
children, a checkpoint for each shard, children looked for when a shard ends, what was trimmed passed over."""
import contextlib

import boto3
import botocore.exceptions

from support.server import REGION

SHARD_END = 'SHARD_END'


def streams_client(server):
    """With the default settings of the SDK."""
    return boto3.client('dynamodbstreams', endpoint_url=server.endpoint, region_name=REGION,
                        aws_access_key_id='test', aws_secret_access_key='test')


class MissingChild(Exception):
    """A shard of a stream that is on has ended, and no child is to be seen."""


class Consumer:
    """Its checkpoints and the records it has processed outlive it, and change together: `restart()` is what the end of the
    process would be. Errors of the connection are passed on; call `poll()` again when the server is back."""

    def __init__(self, server, stream_arn, page=1000, shards_page=100):
        self.client = streams_client(server)
        self.records = []      # in the order they were processed
        self.checkpoints = {}  # shard -> number of the last processed record, or SHARD_END
        self.trimmed = 0       # how often a checkpoint was too old
        self._server = server
        self._arn = stream_arn
        self._page = page
        self._shards_page = shards_page
        self._iterators = {}

    def restart(self):
        self._iterators = {}

    def poll(self):
        """Reads one page of every shard whose turn it is. Returns how many records there were."""
        shards = self.shards()
        listed = {shard['ShardId'] for shard in shards}
        count = 0
        for shard in shards:
            parent = shard.get('ParentShardId')
            is_turn = parent not in listed or self.checkpoints.get(parent) == SHARD_END
            if is_turn and self.checkpoints.get(shard['ShardId']) != SHARD_END:
                count += self._read_page(shard['ShardId'])
        return count

    def drain(self):
        """Reads until every shard that is open has nothing more."""
        while self.poll() or self._is_behind():
            pass

    def shards(self, **more):
        shards = []
        while True:
            page = self.client.describe_stream(StreamArn=self._arn, Limit=self._shards_page, **more)['StreamDescription']
            shards += page['Shards']
            if 'LastEvaluatedShardId' not in page:
                return shards
            more['ExclusiveStartShardId'] = page['LastEvaluatedShardId']

    def _is_behind(self):
        closed = [shard['ShardId'] for shard in self.shards() if 'EndingSequenceNumber' in shard['SequenceNumberRange']]
        return any(self.checkpoints.get(shard) != SHARD_END for shard in closed)

    def _iterator(self, shard):
        if shard in self._iterators:
            return self._iterators[shard]
        request = {'StreamArn': self._arn, 'ShardId': shard}
        checkpoint = self.checkpoints.get(shard)
        if checkpoint is not None:
            try:
                return self.client.get_shard_iterator(
                    **request, ShardIteratorType='AFTER_SEQUENCE_NUMBER', SequenceNumber=checkpoint)['ShardIterator']
            except botocore.exceptions.ClientError as error:
                if error.response['Error']['Code'] != 'TrimmedDataAccessException':
                    raise
                self.trimmed += 1
        return self.client.get_shard_iterator(**request, ShardIteratorType='TRIM_HORIZON')['ShardIterator']

    def _read_page(self, shard):
        try:
            page = self.client.get_records(ShardIterator=self._iterator(shard), Limit=self._page)
        except botocore.exceptions.ClientError as error:
            self._iterators.pop(shard, None)
            if error.response['Error']['Code'] == 'ExpiredIteratorException':
                return self._read_page(shard)
            if error.response['Error']['Code'] == 'TrimmedDataAccessException':
                self.checkpoints.pop(shard, None)
                self.trimmed += 1
                return self._read_page(shard)
            raise
        # What was used is not used again, whatever happens behind this.
        self._iterators.pop(shard, None)
        records = page['Records']
        self.records += records
        if records:
            self.checkpoints[shard] = records[-1]['dynamodb']['SequenceNumber']
        if 'NextShardIterator' in page:
            self._iterators[shard] = page['NextShardIterator']
        else:
            self._finish(shard)
        return len(records)

    def _finish(self, shard):
        """Children are asked for once, where the rules have ten attempts: they must be there with the end of the parent."""
        # Without the SDK: older ones do not know the filter.
        with contextlib.closing(self._server.wire()) as wire:
            description = wire.call(
                'DescribeStream', {'StreamArn': self._arn, 'ShardFilter': {'Type': 'CHILD_SHARDS', 'ShardId': shard}},
                service='DynamoDBStreams_20120810')['StreamDescription']
        if not description['Shards'] and description['StreamStatus'] == 'ENABLED':
            raise MissingChild(shard)
        self.checkpoints[shard] = SHARD_END
