"""Runs the command line tools of other people against a server, away from the user's own settings."""
import hashlib
import os
import random
import shutil
import subprocess

import pytest

ACCESS_KEY, SECRET_KEY = 'test', 'testtest'


def need(program):
    """Skips the test unless the program is installed."""
    if shutil.which(program, path='/usr/bin:/bin:' + os.environ['PATH']) is None:
        pytest.skip(f'{program} is not installed; script/setup test installs it')


def environment(home, **more):
    """Debian's programs, no configuration of the user, no proxy, no certificate bundle."""
    return {'PATH': '/usr/bin:/bin:/usr/sbin', 'HOME': str(home), 'LANG': 'C.UTF-8', 'TZ': 'UTC',
            'AWS_EC2_METADATA_DISABLED': 'true', 'NO_PROXY': '*', **more}


class Tool:
    """A program with the arguments that every call has in common."""

    def __init__(self, home, *words, **more):
        need(words[0])
        self._words = [str(word) for word in words]
        self._environment = environment(home, **more)

    def __call__(self, *words, fails=False, data=None, text=True):
        """Standard output, or with `fails` everything that was printed."""
        done = subprocess.run([*self._words, *map(str, words)], env=self._environment, input=data, capture_output=True,
                              timeout=120)
        assert (done.returncode != 0) == fails, (words, done.returncode, done.stdout[-2000:], done.stderr[-4000:])
        output = done.stdout + done.stderr if fails else done.stdout
        return output.decode(errors='replace') if text else output


def write_tree(folder):
    """A folder of small files with names of all kinds; their contents by relative path."""
    tree = {'plain.txt': b'plain', 'empty': b'', 'a b/c+d.txt': b'blanks', 'ü/日本.bin': bytes(range(256)), 'deep/er/still/x': b'x' * 5000,
            'q?&=%41#.txt': b'signs', "it's (here) [1].txt": b'brackets', '.hidden': b'dot'}
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tree


def read_tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*') if path.is_file()}


def random_file(path, size, seed=1):
    source = random.Random(seed)
    with open(path, 'wb') as file:
        while size > 0:
            piece = source.randbytes(min(size, 1 << 20))
            file.write(piece)
            size -= len(piece)
    return path


def sha256_of(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()


def multipart_etag(path, part_size):
    digests = []
    with open(path, 'rb') as file:
        while piece := file.read(part_size):
            digests.append(hashlib.md5(piece).digest())
    return f'"{hashlib.md5(b"".join(digests)).hexdigest()}-{len(digests)}"'
