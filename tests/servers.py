"""A real queue server for tests: on a Unix socket of its own, to be killed, wiped and started again."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from smsapp.supervise.queue_server import answers, program

PATIENCE = 15.0


class QueueServer:
    """Keeps nothing on disk: killed is wiped."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="smsq-", dir="/tmp"))  # a socket's path must be short
        self.socket = self.folder / "queue"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        argv = [program(), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        self._process = subprocess.Popen([*argv, "--loglevel", "nothing"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not answers(self.socket):
            assert time.monotonic() < deadline, "the queue server does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        """As a power cut would: everything in it is gone."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart_empty(self) -> None:
        self.kill()
        self.start()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Meanwhile it answers nobody."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        yield
        self._process.send_signal(signal.SIGCONT)

    def delete_folder(self) -> None:
        """It runs on, and nobody finds it."""
        shutil.rmtree(self.folder)

    def use(self, app: Flask) -> None:
        """Let this application use it."""
        kept = app.extensions["smsapp_config"]
        app.extensions["smsapp_config"] = replace(kept, redis_url=self.url)
        if before := app.extensions.pop("smsapp_redis", None):
            before.close()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
