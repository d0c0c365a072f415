"""Starts real processes of the product on a test's database and queue, which can be told where to die."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from typing import Any

from tests.sending import FAITHFUL, PROMPT

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
WINDOW = 20

SEND = ("worker", "send")


class Forge:
    """The program that forks the processes; see `crashing_worker`."""

    def __init__(self) -> None:
        argv = [sys.executable, "-m", "tests.faults.crashing_worker"]
        self._popen = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0
        )

    def order(self, **what: Any) -> Any:
        assert self._popen.stdin
        assert self._popen.stdout
        self._popen.stdin.write(json.dumps(what) + "\n")
        self._popen.stdin.flush()
        return json.loads(self._popen.stdout.readline())

    def close(self) -> None:
        os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.communicate()


@dataclass
class Forged:
    """One of its processes."""

    forge: Forge
    pid: int
    ended: int | None = None

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        """How it ended: 0, or the negative signal. One that lives on fails the test, instead of holding it up."""
        wait_until(self._has_ended, "the process ends")
        assert self.ended is not None
        return self.ended

    def _has_ended(self) -> bool:
        if self.ended is None:
            self.ended = self.forge.order(ended=self.pid)
        return self.ended is not None

    def stop(self) -> int:
        """Ask it to end, and wait."""
        self.signal(signal.SIGTERM)
        return self.wait()


Start = Callable[..., Forged]


@contextmanager
def starting(forge: Forge, env: dict[str, str]) -> Iterator[Start]:
    """Gives a function that starts a process of ours, which dies at this step; whatever is left is killed."""
    started = []

    def start_one(*words: str, step: str = "never", kill: int = 0, **behaviour: float) -> Forged:
        named = {**env, **simulator_env(**behaviour)}
        started.append(Forged(forge, forge.order(start=words or SEND, step=step, kill=kill, env=named)))
        return started[-1]

    yield start_one
    for process in started:
        if process.ended is None:
            process.signal(signal.SIGKILL)
            process.wait()


def simulator_env(**behaviour: float) -> dict[str, str]:
    values = {**PROMPT, **FAITHFUL, "window": WINDOW, **behaviour}
    return {f"SMSAPP_SIMULATOR_{name.upper()}": str(value) for name, value in values.items()}


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def for_seconds(seconds: float) -> None:
    passed = Event()
    Timer(seconds, passed.set).start()
    assert passed.wait(seconds + 30)
