#!/usr/bin/env python3
"""What an import costs, and what writing the same does: ./cost.py FILE TABLE IMPORT_ARN

Writes the rows of FILE to TABLE by BatchWriteItem, adds up the capacity that the answers tell of, and puts it beside the size
that the import was billed for.
"""
import sys

import characters
from batch import client, put, write

# List prices of us-east-1 in USD: an estimate of a bill, not one.
IMPORT_PER_GB = 0.15  # of the source, decompressed; indexes and errors cost nothing
WRITE_UNITS_PER_MILLION = 0.625  # on demand; each index is written, too
GB = 2 ** 30


def main():
    file, table, import_arn = sys.argv[1:]
    dynamodb = client('dynamodb')
    with open(file, encoding='utf-8') as source:
        puts = [put(characters.item(row)) for row in characters.rows(source.read())]
    done, units = write(dynamodb, table, puts)
    read = dynamodb.describe_import(ImportArn=import_arn)['ImportTableDescription']['ProcessedSizeBytes']
    imported, written = read * IMPORT_PER_GB / GB, units * WRITE_UNITS_PER_MILLION / 1e6
    print(f'ImportTable:    {read} bytes read, {imported:.6f} USD')
    print(f'BatchWriteItem: {done} items, {units:.0f} write units, {written:.6f} USD')
    print(f'The import is {written / imported:.0f} times cheaper.')


if __name__ == '__main__':
    main()
