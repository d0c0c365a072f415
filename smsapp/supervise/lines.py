"""What processes print, line by line, without ever waiting for it; and whether anybody can read it."""

import os
import select
import sys
from collections.abc import Callable

LONGEST_LINE = 64 * 1024


class LineReader:
    """Hands each whole line that arrives on a pipe to `sink`."""

    def __init__(self, fd: int, sink: Callable[[str], None]) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._sink = sink
        self._rest = b""

    def read(self) -> bool:
        """Take one chunk of what is there; False when nothing is (now, or any more)."""
        try:
            chunk = os.read(self.fd, LONGEST_LINE)
        except BlockingIOError:
            return False
        self._take(chunk)
        return bool(chunk)

    def drain(self) -> None:
        """Take all that is there, a bounded number of times: a grandchild may go on writing."""
        for _ in range(16):
            if not self.read():
                break
        self.flush()

    def flush(self) -> None:
        """Hand over a last line without an end."""
        if self._rest:
            self._emit(self._rest)
            self._rest = b""

    def _take(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._emit(line)
        if len(self._rest) > LONGEST_LINE:
            self.flush()

    def _emit(self, line: bytes) -> None:
        self._sink(line.decode(errors="replace").rstrip("\r"))


def terminal_watch() -> Callable[[], bool]:
    """Tells whether the terminal that we print to was closed: not every parent passes its SIGHUP on to us."""
    if not (sys.stdout and sys.stdout.isatty()):
        return lambda: False
    watch = select.poll()
    watch.register(sys.stdout, 0)
    return lambda: bool(watch.poll(0))
