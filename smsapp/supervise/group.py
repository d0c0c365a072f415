"""The process group that every supervised process is born into, from the side of the supervisor."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from smsapp.supervise import guard


class Group:
    """The group and its leader, the guard. All its processes hold `lives` open: so it sees when the last has ended."""

    def __init__(self, private_folder: Path | None) -> None:
        all_ended, self.lives = os.pipe()
        self.guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__, str(all_ended), str(private_folder or "")],
            stdin=subprocess.PIPE,
            pass_fds=(all_ended,),
            process_group=0,
        )
        os.close(all_ended)

    @property
    def id(self) -> int:
        return self.guard.pid

    def end(self) -> None:
        """Kill whoever is left in it."""
        os.killpg(self.id, signal.SIGKILL)
        self.guard.wait()
