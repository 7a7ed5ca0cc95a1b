"""A disk that tests fill."""
import os
import subprocess

DISK_BYTES = 64 << 20


class SmallDisk:
    """A file system of 64 MB of its own, with room for so many files if that is said."""

    def __init__(self, path, files_max=None):
        self.path = path
        self._filler = path / 'filler'
        path.mkdir()
        options = f'size={DISK_BYTES}' + (f',nr_inodes={files_max}' if files_max else '')
        subprocess.run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', str(path)], check=True)

    def fill(self):
        """Not a byte is left."""
        with self._filler.open('ab', buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(b'\0' * size)
                except OSError:
                    continue

    def fill_but(self, free_bytes):
        stat = os.statvfs(self.path)
        with self._filler.open('ab', buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, stat.f_bavail * stat.f_frsize - free_bytes)

    def take_files(self):
        """So many that no more can be made; their paths."""
        taken = []
        try:
            while True:
                path = self.path / f'taken-{len(taken)}'
                path.touch()
                taken.append(path)
        except OSError:
            return taken

    def free(self):
        self._filler.unlink()

    def unmount(self):
        subprocess.run(['umount', '-l', str(self.path)], check=True)
