#!/usr/bin/env python3
"""Decides which sources are compiled together: unity_groups.py SIZE FILE... prints a line `GROUP FILE` for each file.

Most of a compiler's time goes into headers and templates, which the files of a group share. Files that declare the same
name for themselves alone (in `namespace {`, or as `static`) come into different groups, and so does a file whose own
type or constant has the name of one in a header that the other includes. Files of one folder come together first,
because they include the same things.
"""
import functools
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
INCLUDE = re.compile(r'^#include "([\w./]+)"', re.M)
PUBLIC = re.compile(
    r'^(?:class|struct|union|enum(?: class)?|using) (\w+)(?=[^;]*[{=])|^(?:inline )?const(?:expr)? [\w:<>, ]*?(k[A-Z]\w*)', re.M)
ROOT = pathlib.Path(__file__).resolve().parent.parent


@functools.cache
def header(name):
    """The headers that a header includes, and the names of its types and constants."""
    path = ROOT / name
    if not path.exists():
        return frozenset(), frozenset()
    text = path.read_text()
    return frozenset(INCLUDE.findall(text)), frozenset(a or b for a, b in PUBLIC.findall(text))


def names_of_headers(text):
    names = set()
    seen = set()
    waiting = INCLUDE.findall(text)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            included, declared = header(name)
            names |= declared
            waiting += included
    return names


class Source:
    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        hidden = ' '.join(HIDDEN.findall(text))
        self.path = path
        self.included = names_of_headers(text)
        self.own = set(STATIC.findall(text)) | set(DEFINED.findall(text))
        declared = DECLARED.findall(COMMENT_OR_TEXT.sub(' ', hidden))
        self.own |= {name for names in declared for name in names if name}

    def clashes_with(self, other):
        return not (self.own.isdisjoint(other.own) and self.own.isdisjoint(other.included) and
                    other.own.isdisjoint(self.included))


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
