#!/usr/bin/env python3
"""The accident: somebody wants readings that can be typed, tests it on one, and runs it on all of the table.

    ./careless.py Unihan

It writes the Mandarin readings without their accents (zhōng becomes zhong, and is four words in one from now on), and deletes
the readings of the Hanyu Pinyin dictionary, for being "the same".
"""
import concurrent.futures
import sys
import unicodedata

from batch import client, delete, put, write

SEGMENTS = 4


def items_with(dynamodb, table, properties):
    def segment(number):
        pages = dynamodb.get_paginator('scan').paginate(
            TableName=table, Segment=number, TotalSegments=SEGMENTS,
            FilterExpression='#property IN (%s)' % ','.join(f':p{i}' for i in range(len(properties))),
            ExpressionAttributeNames={'#property': 'property'},
            ExpressionAttributeValues={f':p{i}': {'S': name} for i, name in enumerate(properties)})
        return [item for page in pages for item in page['Items']]
    with concurrent.futures.ThreadPoolExecutor(SEGMENTS) as pool:
        return [item for found in pool.map(segment, range(SEGMENTS)) for item in found]


def without_accents(text):
    return ''.join(c for c in unicodedata.normalize('NFD', text) if not unicodedata.combining(c))


def main():
    table = sys.argv[1]
    dynamodb = client('dynamodb')
    requests = []
    for item in items_with(dynamodb, table, ['kMandarin', 'kHanyuPinyin']):
        if item['property']['S'] == 'kHanyuPinyin':
            requests.append(delete(item, 'character', 'property'))
        else:
            requests.append(put({**item, 'value': {'S': without_accents(item['value']['S'])}}))
    done, _ = write(dynamodb, table, requests)
    print(f'{done} readings cleaned up!')


if __name__ == '__main__':
    main()
