#!/usr/bin/env python3
"""Puts what an import has refused: ./repair.py TABLE IMPORT_ARN

The error log says which record of which object it was. Those are read again, their fractions made decimals, and put.
"""
import collections
import json
import sys

import characters
from batch import client, put, write


def refused(logs, import_arn):
    """{(bucket, key): the numbers of the records}"""
    request = {'logGroupName': '/aws-dynamodb/imports', 'logStreamName': import_arn.split('/')[-1] + '/error',
               'startFromHead': True}
    found = collections.defaultdict(set)
    while True:
        page = logs.get_log_events(**request)
        for event in page['events']:
            pointer = json.loads(event['message'])['itemS3Pointer']
            found[pointer['bucket'], pointer['key']].add(pointer['itemIndex'])
        if page['nextForwardToken'] == request.get('nextToken'):
            return found
        request['nextToken'] = page['nextForwardToken']


def main():
    table, import_arn = sys.argv[1:]
    s3 = client('s3')
    puts = []
    for (bucket, key), numbers in refused(client('logs'), import_arn).items():
        rows = characters.rows(s3.get_object(Bucket=bucket, Key=key)['Body'].read().decode())
        puts += [put(characters.item(rows[index])) for index in sorted(numbers)]
    done, _ = write(client('dynamodb'), table, puts)
    print(f'{done} items repaired')


if __name__ == '__main__':
    main()
