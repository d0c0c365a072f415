"""What `python app.py` does: check, prepare the database, run every process, say where the pages are."""

import http.client
import os
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from smsapp.config import Config, ConfigError
from smsapp.supervise.process import Process
from smsapp.supervise.queue_server import NoQueueServer, queue_server
from smsapp.supervise.supervisor import Supervisor

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds for all parts to come up before we say what is missing


class CannotStart(Exception):
    """Something is missing or taken; the text is one clear line for a person."""


def start(environ: Mapping[str, str]) -> int:
    """Run everything until Ctrl-C; the exit status of this program."""
    try:
        config = Config.from_env(environ)
        _check_writable(config.data)
        with closing(_listen(environ.get("HOST") or "127.0.0.1", config.port)) as listener:
            return _run(config, listener)
    except (ConfigError, CannotStart, NoQueueServer) as error:
        print(error, file=sys.stderr)
        return 1


def _run(config: Config, listener: socket.socket) -> int:
    os.chdir(ROOT)
    own_queue = None if config.redis_url else queue_server()
    env = _environment(config, own_queue)
    prepare = _command("prepare", ("prepare",), env)
    processes = [*([own_queue] if own_queue else []), *_processes(listener, env)]
    folder = own_queue.socket.parent if own_queue and own_queue.socket else None
    supervisor = Supervisor([process.name for process in (prepare, *processes)], folder)
    welcome = Welcome(_address(listener))
    try:
        supervisor.say("Preparing the database.")
        welcome.add(supervisor.step(prepare))
        status = supervisor.run(processes, welcome)
    finally:
        supervisor.close()
        welcome.print_unseen_notes()
    return status


def _environment(config: Config, own_queue: Process | None) -> dict[str, str]:
    """What all processes share, independent of the folder they run in."""
    env = {"SMSAPP_DATA": str(config.data.resolve()), "PORT": str(config.port)}
    if own_queue:
        env["REDIS_URL"] = f"unix://{own_queue.socket}"
    return env


def _processes(listener: socket.socket, env: Mapping[str, str]) -> list[Process]:
    return [
        _web(listener, env),
        _command("send", ("worker", "send"), env),
        _command("background", ("worker", "background"), env),
        _command("sweep", ("sweep",), env),
        _command("receiver", ("receiver",), env),
    ]


def _command(name: str, words: tuple[str, ...], env: Mapping[str, str]) -> Process:
    return Process(name, (sys.executable, "-m", "smsapp", *words), env)


def _web(listener: socket.socket, env: Mapping[str, str]) -> Process:
    """Gunicorn on our listening socket: while it is started again, browsers wait instead of failing.

    It loads the application once, before it forks: that is quicker, and what was loaded is there once, not twice.
    """
    fd = listener.fileno()
    argv = (
        *(sys.executable, "-m", "gunicorn", "app:app", "--bind", f"fd://{fd}", "--no-control-socket", "--preload"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--graceful-timeout", "10", "--log-level", "warning"),
    )
    return Process("web", argv, env, keep_fds=(fd,))


def _check_writable(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotStart(f"The data folder {folder} cannot be written: {error.strerror}.") from error


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise CannotStart(
            f"Port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}). "
            "Is it running already? Another port: PORT=8001 make run"
        ) from error


def _address(listener: socket.socket) -> tuple[str, int]:
    """Where a browser on this machine reaches the listener."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104


class Welcome:
    """The text that is printed once the pages can be used: address, logins of the sample data."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._notes: list[str] = []
        self._first_answer: float | None = None
        self._told = False

    def add(self, note: str | None) -> None:
        """Show this, too."""
        if note:
            self._notes.append(note)

    def print_unseen_notes(self) -> None:
        """At the end: a password that was made is told, though the pages never came up."""
        if not self._told and self._notes:
            print(*self._notes, sep="\n", flush=True)

    def __call__(self) -> str | None:
        """The text when /healthz is content, or not content for a long time; else None."""
        status = _health(self._address)
        if status is None:
            return None
        self._first_answer = self._first_answer or time.monotonic()
        if status == http.HTTPStatus.OK:
            return self._text([])
        if time.monotonic() < self._first_answer + PATIENCE:
            return None
        return self._text([f"Not everything is up: /healthz answers {status}."])

    def _text(self, warnings: list[str]) -> str:
        self._told = True
        host, port = self._address
        where = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        return "\n".join(["", f"Ready: {where}", *warnings, *self._notes, "Ctrl-C ends it.", ""])


def _health(address: tuple[str, int]) -> int | None:
    connection = http.client.HTTPConnection(*address, timeout=1.0)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
