#!/usr/bin/env python3
"""Compares every #include "folder/..." with the layers that CMakeLists.txt allows. Exits 1 on a violation."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
allowed = {}
for line in pathlib.Path(sys.argv[2]).read_text().splitlines():
    folder, *lower = line.split()
    allowed[folder] = {folder, *lower}
if not allowed:
    sys.exit("no layers declared")

include = re.compile(r'^\s*#\s*include\s+"([^/"]+)/')
broken = []
for folder in allowed:
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in (".h", ".cc") or path == root / "server" / "main.cc":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = include.match(line)
            if match and match[1] not in allowed[folder]:
                broken.append(f"{path.relative_to(root)}:{number}: {folder} may not include {match[1]}")
print("\n".join(broken) if broken else f"{len(allowed)} layers keep their order")
sys.exit(1 if broken else 0)
