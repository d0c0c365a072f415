"""A process of the supervisor's list while it runs, and what happened to it before."""

import subprocess
import time

from smsapp.supervise.lines import LineReader
from smsapp.supervise.process import Process

SECONDS_TO_LISTEN = 3.0


class Child:
    """A process of the list, the running one of it, and when it ended before."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.popen: subprocess.Popen[bytes] | None = None
        self.readers: list[LineReader] = []
        self.ends: list[float] = []
        self.start_at = 0.0
        self.started_at = 0.0

    def has_lost_its_socket(self) -> bool:
        """Whether it had time to make its socket, and there is none."""
        path = self.process.socket
        return path is not None and time.monotonic() > self.started_at + SECONDS_TO_LISTEN and not path.exists()
