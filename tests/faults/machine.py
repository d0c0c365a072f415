"""A supervisor in a process of its own, and what lives below it."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds; only a failing test waits that long


def _heed_hangups() -> None:
    """The tests themselves may run under nohup, which the program would take over."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Machine:
    """A supervisor in a process of its own, and what it has printed so far; killed at the end of a `with`."""

    def __init__(self, folder: Path, *argv: str, env: dict[str, str] | None = None, stdout: int | None = None) -> None:
        self.output = folder / "output"
        with self.output.open("wb") as out:
            self.popen = subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})},  # as anybody would start it
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=subprocess.STDOUT,
                preexec_fn=_heed_hangups,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.popen.kill()
        self.popen.wait()

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until this was printed so often, or until nothing more can be."""

        def found() -> bool:
            ended = self.popen.poll() is not None
            return self.printed.count(text) >= times or ended

        wait_until(found, lambda: f"{text!r} in:\n{self.printed}")
        assert self.printed.count(text) >= times, self.printed

    def pid(self, name: str) -> int:
        """The id that this stand-in printed first."""
        found = re.search(rf"^{name} +\| up (\d+)$", self.printed, re.MULTILINE)
        assert found
        return int(found[1])

    def guard(self) -> int:
        """The id of the guard, which is the one child that leads a process group."""
        (guard,) = {pid for pid in self.descendants() if os.getpgid(pid) == pid}
        return guard

    def child_with_children(self) -> int:
        """The id of the one child that has started processes itself."""
        found = parents()
        (child,) = {pid for pid, parent in found.items() if parent == self.popen.pid and pid in found.values()}
        return child

    def descendants(self) -> set[int]:
        """The ids of all processes below the supervisor."""
        found, fresh = set[int](), {self.popen.pid}
        while fresh:
            fresh = {pid for pid, parent in parents().items() if parent in fresh}
            found |= fresh
        return found

    def signal_and_wait(self, number: signal.Signals) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(PATIENCE)


def parents() -> dict[int, int]:
    """Each living process's parent; a zombie is not living."""
    rows = (row.split() for row in process_rows())
    return {int(pid): int(parent) for pid, state, parent in rows if not state.startswith("Z")}


def process_rows() -> Iterator[str]:
    """Id, state and parent of all processes; `ps` may be missing on Linux."""
    if not Path("/proc/self/stat").exists():
        argv = ("ps", "-Ao", "pid=,state=,ppid=")
        yield from subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield " ".join([file.parent.name, *file.read_text().rpartition(")")[2].split()[:2]])


def wait_until(condition: Callable[[], bool], what: Callable[[], str], patience: float = PATIENCE) -> None:
    """Wait for the condition; `what` describes it when it does not come."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what()}"
        time.sleep(0.02)


def wait_until_gone(pids: set[int]) -> None:
    wait_until(lambda: not pids & parents().keys(), lambda: f"the end of {pids & parents().keys()}")
