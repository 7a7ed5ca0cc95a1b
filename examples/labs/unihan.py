#!/usr/bin/env python3
"""Writes the Unicode Consortium's database of Chinese characters as items: one for each property of a character.

    ./unihan.py out/unihan.json.gz                     # all 1,437,651 properties, as ImportTable takes them
    ./unihan.py out/readings.json.gz Readings          # those of one of its files
    LAB_ROWS=20000 ./unihan.py out/unihan.json.gz      # about so many: characters from U+4E00 on

The data is in Debian's package unicode-data: /usr/share/unicode/Unihan_*.txt.bz2.
"""
import bz2
import gzip
import json
import os
import pathlib
import sys

FOLDER = pathlib.Path('/usr/share/unicode')
FIRST = 0x4E00  # where the common characters begin: they have about 40 properties each


def name_of(path):
    return path.name.removeprefix('Unihan_').removesuffix('.txt.bz2')


def properties(files):
    """(file, code point, property, value) of each line that has one."""
    rows = int(os.environ.get('LAB_ROWS') or 0)
    for path in files:
        for line in bz2.open(path, 'rt', encoding='utf-8'):
            if line.startswith('U+'):
                character, name, value = line.rstrip('\n').split('\t')
                if not rows or FIRST <= int(character[2:], 16) < FIRST + rows // 40:
                    yield name_of(path), character, name, value


def item_of(file, character, name, value):
    return {'character': {'S': character}, 'glyph': {'S': chr(int(character[2:], 16))}, 'property': {'S': name},
            'source': {'S': file}, 'value': {'S': value}}


def main():
    target, *wanted = sys.argv[1:]
    files = sorted(FOLDER.glob('Unihan_*.txt.bz2'))
    if wanted:
        files = [path for path in files if name_of(path) in wanted]
    if not files:
        sys.exit(f'{FOLDER} has no such files: apt-get install unicode-data')
    count = 0
    with gzip.open(target, 'wt', encoding='utf-8', compresslevel=1) as out:
        for row in properties(files):
            out.write(json.dumps({'Item': item_of(*row)}, ensure_ascii=False, separators=(',', ':')) + '\n')
            count += 1
    print(f'{count} items in {target}')


if __name__ == '__main__':
    main()
