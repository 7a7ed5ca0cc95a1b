#!/usr/bin/env python3
"""Decides which sources are compiled together: unity_groups.py SIZE FILE... prints a line `GROUP FILE` for each file.

Most of a compiler's time goes into headers and templates, which the files of a group share. Files that declare the same
name for themselves alone (in `namespace {`, or as `static`) come into different groups. Files of one folder come
together first, because they include the same things.
"""
import pathlib
import re
import sys

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.S)
HIDDEN = re.compile(r'^namespace \{$(.*?)^\}  // namespace$', re.S | re.M)
# The line starts with the declaration: what is indented is inside one.
DECLARED = re.compile(
    r'^(?=\w|\[)(?:\[\[\w+\]\] )?(?:template <[^\n]*>\s)?(?:'
    r'(?:class|struct|union|enum(?: class)?|concept) (\w+)|using (\w+) ='  # a type, an alias
    r'|[\w:<>,&*\[\]() ]*?[\s&*](\w+)\s?(?:\(|=|\{|;|\[))', re.M)  # a function, a constant
STATIC = re.compile(r'^static [^\n]*?(\w+)\(', re.M)
DEFINED = re.compile(r'^#define (\w+)', re.M)


class Source:
    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        hidden = ' '.join(HIDDEN.findall(text))
        self.path = path
        self.own = set(STATIC.findall(text)) | set(DEFINED.findall(text))
        declared = DECLARED.findall(COMMENT_OR_TEXT.sub(' ', hidden))
        self.own |= {name for names in declared for name in names if name}

    def clashes_with(self, other):
        return not self.own.isdisjoint(other.own)


def main():
    size = int(sys.argv[1])
    open_groups = []
    closed = []
    for source in map(Source, sorted(sys.argv[2:])):
        for group in reversed(open_groups):
            if not any(source.clashes_with(other) for other in group):
                group.append(source)
                break
        else:
            group = [source]
            open_groups.append(group)
        if len(group) == size:
            open_groups.remove(group)
            closed.append(group)
    for number, group in enumerate(closed + open_groups):
        for source in group:
            print(number, source.path)


main()
