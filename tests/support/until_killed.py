"""Work that goes on until the server is killed under it."""
import threading

from support.server import Failed


class UntilKilled:
    """A thread that takes one step after the other: subclasses have step(wire). It may be started anew."""

    def __init__(self, server):
        self.count = 0  # of steps that ended
        self._server = server
        self._failure = None
        self._thread = None

    def start(self):
        self._failure = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def is_alive(self):
        return self._thread.is_alive()

    def join(self):
        """Waits for the end, which only the end of the server brings."""
        self._thread.join()
        if isinstance(self._failure, (Failed, AssertionError)) or not isinstance(self._failure, Exception):
            raise AssertionError('a worker failed') from self._failure

    def _run(self):
        wire = self._server.wire()
        try:
            while True:
                self.step(wire)
                self.count += 1
        except Exception as failure:
            self._failure = failure
        finally:
            wire.close()
