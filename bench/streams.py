"""PutItem with a stream off and on; GetRecords, beside Dynoxide."""
import tempfile

import boto3
import botocore.config

from support import Server, create_table, load, table

KEYS = 10_000
RECORDS = 2_000
# The peer's tables with streams want it.
THROUGHPUT = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}


def create_with_stream(server, name, view_type, **settings):
    """A table as the load generator expects it; returns the ARN of its stream."""
    server.dynamodb.create_table(
        TableName=name, AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ["pk", "sk"]],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view_type}, **settings)
    server.dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return server.dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]


def puts(kind, scratch, seconds):
    """Off and on in turn, so that drift hits both."""
    with Server(kind, tempfile.mkdtemp(dir=scratch)) as server:
        create_table(server, "stream-off")
        create_with_stream(server, "stream-on", "NEW_AND_OLD_IMAGES", **THROUGHPUT)
        rates = {"stream-off": [], "stream-on": []}
        cpu = {"stream-off": [], "stream-on": []}
        for name in rates:
            load(server, "put", 16, seconds, table=name, keys=KEYS)
        for _ in range(5):
            for name in rates:
                answer = load(server, "put", 16, seconds, table=name, keys=KEYS)
                rates[name].append(answer["per_second"])
                cpu[name].append(answer["cpu_us"])
    median = {name: sorted(values)[len(values) // 2] for name, values in cpu.items()}
    table(f"{kind}: PutItem with a stream, overwriting 10,000 items", ["table", "requests/s", "CPU us/request"],
          [[name, f"{sorted(rates[name])[2]:,.0f}", f"{median[name]:.1f}"] for name in rates])
    print(f"\nA stream costs {median['stream-on'] / median['stream-off']:.2f}× the CPU of none.")


def first_iterator(server, arn):
    """Of the shard that has records, and how many come with it."""
    # The ids of the peer's shards are shorter than the API's.
    streams = boto3.client("dynamodbstreams", endpoint_url=server.endpoint, region_name="us-east-1",
                           aws_access_key_id="bench", aws_secret_access_key="bench",
                           config=botocore.config.Config(parameter_validation=False))
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        records = streams.get_records(ShardIterator=iterator)["Records"]
        if records:
            return iterator, len(records)
    raise AssertionError("the stream is empty")


def pages(scratch, seconds):
    rows = []
    for kind in ["tidemark", "dynoxide"]:
        with Server(kind, tempfile.mkdtemp(dir=scratch)) as server:
            arn = create_with_stream(server, "changes", "NEW_IMAGE", **THROUGHPUT)
            load(server, "put", requests=RECORDS, keys=RECORDS, seconds=60, table="changes")
            iterator, count = first_iterator(server, arn)
            for connections in [1, 16]:
                answer = load(server, "get-records", connections, seconds, iterator=iterator)
                rows.append([kind, connections, f"{count:,}", f"{answer['cpu_us'] / 1000:.2f} ms",
                             f"{answer['cpu_us'] / count:.2f} us", f"{answer['per_second']:,.0f}",
                             f"{answer['p99_us'] / 1000:.1f} ms"])
    table("GetRecords: pages of at most 1,000 records and 1 MB, new images of 1 KB",
          ["server", "connections", "records a page", "CPU a page", "CPU a record", "pages/s", "p99"], rows)


def streams(scratch, seconds):
    for kind in ["tidemark", "dynoxide"]:
        puts(kind, scratch, seconds)
    pages(scratch, seconds)
