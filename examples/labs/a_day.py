#!/usr/bin/env python3
"""A day's work on the table of readings: ./a_day.py Readings 1|2|3

Day 1: the variants of characters come in. Day 2: somebody has reviewed the Cantonese readings. Day 3: those of the old Hanyu Pinlu
dictionary go, and one that was added by mistake is taken out again.
"""
import sys

from batch import client, delete, put, write
from unihan import FOLDER, item_of, properties


def items(file, *names):
    for row in properties([FOLDER / f'Unihan_{file}.txt.bz2']):
        if not names or row[2] in names:
            yield item_of(*row)


def main():
    table, day = sys.argv[1], sys.argv[2]
    dynamodb = client('dynamodb')
    if day == '1':
        done, _ = write(dynamodb, table, (put(item) for item in items('Variants')))
        print(f'{done} variants added')
    elif day == '2':
        done, _ = write(dynamodb, table, (put({**item, 'reviewed': {'BOOL': True}}) for item in items('Readings', 'kCantonese')))
        print(f'{done} Cantonese readings reviewed')
    else:
        mistake = item_of('Readings', 'U+4E2D', 'kKlingon', 'botlh')
        write(dynamodb, table, [put(mistake)])
        write(dynamodb, table, [delete(mistake, 'character', 'property')])
        done, _ = write(dynamodb, table, (delete(item, 'character', 'property') for item in items('Readings', 'kHanyuPinlu')))
        print(f'{done} old readings deleted')


if __name__ == '__main__':
    main()
