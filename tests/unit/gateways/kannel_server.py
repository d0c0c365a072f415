"""A server that answers as Kannel does, or as badly as a test wants."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import BinaryIO

ACCEPTED, QUEUED = (202, "0: Accepted for delivery"), (202, "3: Queued for later delivery")
CUT, SILENT, HALF, ENDLESS = "cut", "silent", "half", "endless"
"""Ends the connection after the request; never answers; answers half a status line and ends; drops by drop for ever."""

Answer = tuple[int, str] | str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(eq=False)
class KannelServer:
    """Plays `plan`, one answer for each request, and then `always`; `asked` has what came."""

    always: Answer = ACCEPTED
    plan: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    gather: int = 0
    """Answer nobody before so many ask at once."""

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock, self._at_once, self._gathered, self._end = Lock(), 0, Event(), Event()
        self._open: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._end.set()
        self._gathered.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            quietly(lambda each=each: each.shutdown(socket.SHUT_RDWR))  # type: ignore[misc]
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._end.is_set():
            try:
                made, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(made)
            self._threads.append(Thread(target=self._serve, args=(made,)))
            self._threads[-1].start()

    def _serve(self, made: socket.socket) -> None:
        with made, made.makefile("rb") as stream:
            quietly(lambda: self._talk(made, stream))

    def _talk(self, made: socket.socket, stream: BinaryIO) -> None:
        while line := stream.readline().decode().strip():
            headers = {}
            while header := stream.readline().decode().strip():
                name, _, value = header.partition(": ")
                headers[name.lower()] = value
            asked = Asked(line, headers, stream.read(int(headers.get("content-length", "0"))))
            with self._lock:
                self.asked.append(asked)
                answer = self.plan.pop(0) if self.plan else self.always
                self._at_once += 1
                self.most_at_once = max(self.most_at_once, self._at_once)
                if self._at_once >= self.gather:
                    self._gathered.set()
            if self.gather:
                self._gathered.wait(10)
            with self._lock:
                self._at_once -= 1
            if not self._answer(made, answer):
                return

    def _answer(self, made: socket.socket, answer: Answer) -> bool:
        """Whether the connection goes on."""
        if answer == SILENT:
            return self._end.wait(30) and False
        if answer == ENDLESS:
            made.sendall(b"HTTP/1.1 202 Whatever\r\nContent-Length: 999999\r\n\r\n0: Accepted")
            while not self._end.wait(0.02):
                made.sendall(b".")
        if answer == HALF:
            made.sendall(b"HTTP/1.1 2")
        if isinstance(answer, str):
            return False
        status, body = answer
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: text/html\r\nContent-Length: {len(body.encode())}\r\n\r\n"
        made.sendall((head + body).encode())
        return True


def quietly(act: Callable[[], object]) -> None:
    """What ends a connection of a test is no matter."""
    try:
        act()
    except OSError:
        return
