#!/usr/bin/env python3
"""Compares every #include "folder/..." with the layers and rooms that CMakeLists.txt allows. Exits 1 on a violation.

A line of the file with the layers is `folder lower-folder... | room...`, the rooms lowest first; `.` is the folder
itself. A folder without rooms has no order inside. `folder/room lower-folder... |` adds to what one room may include.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
allowed = {}
rooms = {}
allowed_in_room = {}
for line in pathlib.Path(sys.argv[2]).read_text().splitlines():
    layers, _, inner = line.partition('|')
    folder, *lower = layers.split()
    if '/' in folder:
        allowed_in_room[folder] = set(lower)
        continue
    allowed[folder] = {folder, *lower}
    rooms[folder] = inner.split()
if not allowed:
    sys.exit('no layers declared')

include = re.compile(r'^\s*#\s*include\s+"(([^/"]+)/[^"]+)"')
broken = []


def room_of(path):
    return '/'.join(path.parts[1:-1]) or '.'


for folder in allowed:
    order = rooms[folder]
    for path in sorted((root / folder).rglob('*')):
        own = path.relative_to(root)
        if path.suffix not in ('.h', '.cc'):
            continue
        if order and room_of(own) not in order:
            broken.append(f'{own}: {folder} has no room {room_of(own)}')
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = include.match(line)
            if not match:
                continue
            here = f'{folder}/{room_of(own)}'
            if match[2] not in allowed[folder] | allowed_in_room.get(here, set()):
                broken.append(f'{own}:{number}: {here.removesuffix("/.")} may not include {match[2]}')
            elif match[2] == folder and order:
                theirs = room_of(pathlib.PurePath(match[1]))
                if theirs not in order or order.index(theirs) > order.index(room_of(own)):
                    broken.append(f'{own}:{number}: {folder}/{room_of(own)} may not include {match[1]}')
print('\n'.join(broken) if broken else f'{len(allowed)} layers and {sum(map(len, rooms.values()))} rooms keep their order')
sys.exit(1 if broken else 0)
