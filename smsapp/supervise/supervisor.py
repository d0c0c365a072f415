"""Runs processes until told to stop: forwards their lines, starts again what ends, leaves nothing behind.

One thread and no waiting for any single process: signals, ends and output of processes all wake one loop.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from smsapp.supervise.child import Child
from smsapp.supervise.group import Group
from smsapp.supervise.lines import LineReader, terminal_watch
from smsapp.supervise.process import Process, Restarts, how_it_ended
from smsapp.supervise.queue_server import answers

OWN_NAME = "smsapp"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs steps one after the other, then processes side by side, all in the guard's process group.

    `private_folder` is removed at the end. A process gets `seconds_to_end` between SIGTERM and SIGKILL; a
    second Ctrl-C cuts that short.
    """

    def __init__(
        self,
        names: Sequence[str],
        private_folder: Path | None = None,
        restarts: Restarts | None = None,
        seconds_to_end: float = 20.0,
    ) -> None:
        self._restarts = restarts or Restarts()
        self._seconds_to_end = seconds_to_end
        self._width = max(len(name) for name in (OWN_NAME, *names))
        self._selector = selectors.DefaultSelector()
        self._status: int | None = None
        self._stopped_at = 0.0
        self._hurry = False
        self._signal: signal.Signals | None = None
        self._children: list[Child] = []
        self._terminal_is_gone = terminal_watch()
        self._wake = self._listen_for_signals()
        self._private_folder = private_folder
        self._group = Group(private_folder)

    def say(self, line: str, name: str = OWN_NAME) -> None:
        """Print one line with the name of who says it."""
        try:
            print(f"{name:<{self._width}} | {line}", flush=True)
        except OSError:
            self._stop(1)  # nobody reads us any more

    def step(self, process: Process) -> str | None:
        """Run one process to its end and return what it wrote to standard output; None if it failed."""
        output: list[str] = []
        child = Child(process)
        self._start(child, output.append)
        self._children = [child]
        while child.popen and self._status is None:
            self._wait(1.0)
            if (returncode := self._end_of(child)) is None:
                continue
            if returncode == 0:
                return "\n".join(output)
            for line in output:
                self.say(line, process.name)
            self.say(f"{process.name} {how_it_ended(returncode)}. Nothing was started.")
            self._stop(1)
        return None

    def run(self, processes: Sequence[Process], announce: Callable[[], str | None]) -> int:
        """Keep the processes running until a signal or until one ends too often; the exit status.

        `announce` is asked five times a second until it returns a text, which is printed.
        """
        self._children = [Child(process) for process in processes]
        text: str | None = None
        while self._status is None:
            self._start_what_is_due()
            if text is None and (text := announce()):
                print(text, flush=True)
            self._wait(0.2 if text is None or any(c.popen is None for c in self._children) else 2.0)
            self._look_after_ended()
            self._look_after_sockets()
        return self._status

    def close(self) -> None:
        """End everything: first what uses the services of others, then those; whoever is left is killed."""
        if self._signal:
            self.say(f"{self._signal.name}: stopping.")
        clients = [child for child in self._children if child.process.socket is None]
        services = [child for child in self._children if child.process.socket is not None]
        for wave in (clients, services):
            self._end(wave)
        self._group.end()
        if self._private_folder:
            shutil.rmtree(self._private_folder, ignore_errors=True)

    def _listen_for_signals(self) -> int:
        wake, write_end = os.pipe()
        for fd in (wake, write_end):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._on_stop_signal)
        self._selector.register(wake, selectors.EVENT_READ)
        return wake

    def _on_stop_signal(self, number: int, _frame: FrameType | None) -> None:
        again = self._status is not None and time.monotonic() > self._stopped_at + 1.0
        if number == signal.SIGINT and again:  # sooner it is the same Ctrl-C, come by two ways
            self._hurry = True
        self._signal = self._signal or signal.Signals(number)
        self._stop(0)

    def _stop(self, status: int) -> None:
        if self._status is None:
            self._status = status
            self._stopped_at = time.monotonic()

    def _start_what_is_due(self) -> None:
        """Start what does not run and may; what comes after a service waits until that answers."""
        if all(child.popen for child in self._children):
            return
        for child in self._children:
            if child.popen is None and time.monotonic() >= child.start_at:
                self._start(child)
            if child.process.socket and not answers(child.process.socket):
                return

    def _start(self, child: Child, output: Callable[[str], None] | None = None) -> None:
        """Start it in the guard's group, so that there is no moment in which it could be left behind."""
        process = child.process
        if process.socket:
            process.socket.parent.mkdir(mode=0o700, exist_ok=True)
        child.started_at = time.monotonic()
        try:
            child.popen = subprocess.Popen(
                process.argv,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **process.env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(*process.keep_fds, self._group.lives),
                process_group=self._group.id,
            )
        except OSError as error:
            self.say(f"{process.name} cannot be started: {error}.")
            self._stop(1)
            return
        self._forward_lines(child, child.popen, output)

    def _forward_lines(
        self, child: Child, popen: subprocess.Popen[bytes], output: Callable[[str], None] | None
    ) -> None:
        def forward(line: str) -> None:
            self.say(line, child.process.name)

        sinks = ((popen.stdout, output or forward), (popen.stderr, forward))
        child.readers = [LineReader(pipe.fileno(), sink) for pipe, sink in sinks if pipe]
        for reader in child.readers:
            self._selector.register(reader.fd, selectors.EVENT_READ, reader)

    def _wait(self, seconds: float) -> None:
        """Sleep until a signal, a line or the time is up; take the lines."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(self._wake, 1024)
            elif not key.data.read():
                key.data.flush()
                self._selector.unregister(key.fd)
        if self._terminal_is_gone():
            self._stop(1)
        if self._status is None and self._group.guard.poll() is not None:
            self.say(f"The guard process {how_it_ended(self._group.guard.returncode)}; stopping.")
            self._stop(1)

    def _end_of(self, child: Child) -> int | None:
        """The return code of a process that has ended since the last look, its last lines taken."""
        popen = child.popen
        if popen is None or popen.poll() is None:
            return None
        for reader in child.readers:
            reader.drain()
            if reader.fd in self._selector.get_map():
                self._selector.unregister(reader.fd)
        for pipe in (popen.stdout, popen.stderr):
            if pipe:
                pipe.close()
        child.popen = None
        return popen.returncode

    def _look_after_ended(self) -> None:
        for child in self._children:
            returncode = self._end_of(child)
            if returncode is None or self._status is not None:
                continue
            child.ends.append(time.monotonic())
            delay = self._restarts.delay(child.ends)
            what = f"{child.process.name} {how_it_ended(returncode)}"
            if delay is None:
                self.say(f"{what}, {self._restarts.limit} times within a minute. Giving up.")
                self._stop(1)
            else:
                child.start_at = child.ends[-1] + delay
                self.say(f"{what}. Starting it again in {delay:g} seconds.")

    def _look_after_sockets(self) -> None:
        """A service whose socket was deleted cannot be reached any more: it is ended, and so started anew."""
        for child in self._children:
            if child.popen and child.has_lost_its_socket():
                self.say(f"Somebody deleted the socket of {child.process.name}.")
                child.popen.kill()

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.popen and child.popen.poll() is None:
                child.popen.terminate()
        deadline = time.monotonic() + self._seconds_to_end
        while any(child.popen for child in children):
            if self._hurry or time.monotonic() > deadline:
                self._kill(children)
                deadline, self._hurry = float("inf"), False
            self._wait(0.2)
            for child in children:
                self._end_of(child)

    def _kill(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.popen and child.popen.poll() is None:
                self.say(f"{child.process.name} does not end; it is killed.")
                child.popen.kill()
