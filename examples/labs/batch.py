"""BatchWriteItem, by as many threads as are worth it: what the scripts of the labs write with."""
import concurrent.futures
import os

import boto3

BATCH = 25  # what one request may have
THREADS = 4


def client(service):
    endpoint = os.environ.get('AWS_ENDPOINT_URL')  # older versions of boto3 do not look at it
    return boto3.client(service, endpoint_url=endpoint)


def write(dynamodb, table, requests):
    """Writes PutRequests and DeleteRequests of keys that differ. Returns how many there were, and the write units they took."""
    def send(chunk):
        pending, units = {table: chunk}, 0.0
        while pending:
            answer = dynamodb.batch_write_item(RequestItems=pending, ReturnConsumedCapacity='INDEXES')
            units += sum(part['CapacityUnits'] for part in answer['ConsumedCapacity'])
            pending = answer['UnprocessedItems']
        return units
    requests = list(requests)
    chunks = [requests[first:first + BATCH] for first in range(0, len(requests), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return len(requests), sum(pool.map(send, chunks))


def put(item):
    return {'PutRequest': {'Item': item}}


def delete(item, *key):
    return {'DeleteRequest': {'Key': {name: item[name] for name in key}}}
