"""One connection that is bound to the operator's server, and the thread that reads from it.

The thread answers what the server asks, hands over what it delivers, and asks itself when it was quiet for long
(enquire_link): its worker may be idle for minutes. Answers to what we sent are put into `answers`; when the
connection has come to its end, None follows the last of them.
"""

import logging
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from queue import SimpleQueue
from typing import Final

from smsapp.gateways.smpp import pdus
from smsapp.gateways.smpp.pdus import Delivered, Pdu
from smsapp.gateways.smpp.settings import SmppSettings
from smsapp.gateways.smpp.statuses import OK, PERMANENT, TEMPORARY

TICK: Final = 0.5
CONNECT_SECONDS: Final = 5.0
UNBIND_SECONDS: Final = 2.0
_LAST_SEQUENCE: Final = 0x7FFFFFFF
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)  # Linux

Taker = Callable[[Delivered], int]
"""Stores what the server delivers; the command_status to answer. What it raises is answered as "try again"."""

log = logging.getLogger(__name__)


class NotBound(Exception):
    """There is no bound connection: nothing has been sent. The text is a reason's code.

    `status` is the server's answer to the bind, if there was one.
    """

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(code)
        self.status = status


class Lost(Exception):
    """The connection ended while something was being sent: nobody knows how much of it arrived."""


def refuse_for_now(_: Delivered) -> int:
    """For a session that takes nothing: the server tries again, at another one."""
    return TEMPORARY


class Session:
    """A bound connection from when it is made until `closed`; several threads may send."""

    def __init__(self, settings: SmppSettings, kind: str, take: Taker = refuse_for_now) -> None:
        """Connect and bind as "transmitter", "receiver" or "transceiver"; NotBound if that cannot be."""
        self.answers: SimpleQueue[Pdu | None] = SimpleQueue()
        self.closed = threading.Event()
        self.heard_at = time.monotonic()
        self._settings, self._take = settings, take
        self._received = bytearray()
        self._early: list[Pdu] = []
        self._sequence, self._lock = 0, threading.Lock()
        # TLS reads and writes share a state; plain connections must be read while a write waits for the server
        self._reading: AbstractContextManager[object] = self._lock if settings.tls else nullcontext()
        self._unbinding = False
        self._socket = _connected(settings)
        self._socket.settimeout(settings.answer_seconds)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        try:
            self._bind(kind)
        except BaseException:
            self._release()
            raise
        self._thread = threading.Thread(target=self._read_until_closed, name="smpp", daemon=True)
        self._thread.start()

    def next_sequence(self) -> int:
        with self._lock:
            self._sequence = self._sequence % _LAST_SEQUENCE + 1
            return self._sequence

    def send(self, octets: bytes) -> None:
        """Send a whole PDU. NotBound: surely nothing of it went out; Lost: it may have."""
        if self.closed.is_set():
            raise NotBound("connection_lost")
        try:
            with self._lock:
                self._socket.sendall(octets)
        except OSError as error:
            self.drop()
            raise Lost from error
        except BaseException:  # the job's time is over in the middle of a PDU: nothing can follow it
            self.drop()
            raise

    def close(self) -> None:
        """Unbind politely and end; what was not answered stays so."""
        if not self.closed.is_set():
            self._unbinding = True
            with suppress(Lost, NotBound):
                self.send(pdus.request(pdus.UNBIND, self.next_sequence()))
                self.closed.wait(UNBIND_SECONDS)
        self.drop()
        if threading.current_thread() is not self._thread:
            self._thread.join(UNBIND_SECONDS)

    def drop(self) -> None:
        """End the connection at once: nothing more is sent. The thread sees it and cleans up."""
        self.closed.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _bind(self, kind: str) -> None:
        settings, sequence = self._settings, self.next_sequence()
        try:
            self._socket.sendall(pdus.bind(kind, sequence, settings.system_id, settings.password, settings.system_type))
            until = time.monotonic() + min(CONNECT_SECONDS, settings.answer_seconds)
            while (left := until - time.monotonic()) > 0:
                self._early += self._arrived(left)
                if self._early and self._early[0].sequence == sequence:
                    return self._check_bound(self._early.pop(0))
        except (OSError, pdus.Broken) as error:
            raise NotBound("not_connected") from error
        raise NotBound("not_connected")

    def _check_bound(self, pdu: Pdu) -> None:
        if pdu.status != OK:
            log.error("The SMPP server refuses to bind: command_status %#x.", pdu.status)
            raise NotBound("bind_refused", pdu.status)

    def _arrived(self, seconds: float) -> list[Pdu]:
        """The PDUs that arrive within this time, maybe none; OSError when the connection has ended."""
        if not self._selector.select(seconds):
            return []
        with self._reading:
            data = self._socket.recv(65536)
            if _QUICKACK is not None:  # or a server that gathers small answers holds the next back until it is sure
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                data += self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("the server closed the connection")
        self._received += data
        self.heard_at = time.monotonic()
        return list(pdus.frames(self._received))

    def _read_until_closed(self) -> None:
        try:
            self._read()
        except (OSError, pdus.Broken, Lost, NotBound) as error:
            if not self._unbinding:
                log.warning("The SMPP connection has ended: %s.", error or type(error).__name__)
        except Exception:  # whatever it is, whoever waits for an answer must learn that none will come
            log.exception("The SMPP connection ends because of a fault.")
        finally:
            self.closed.set()
            self._release()
            self.answers.put(None)

    def _read(self) -> None:
        asked_at: float | None = None
        for pdu in self._early:
            self._answer(pdu)
        while True:
            for pdu in self._arrived(min(TICK, self._settings.enquire_seconds / 2)):
                self._answer(pdu)
            moment = time.monotonic()
            if asked_at is not None and self.heard_at > asked_at:
                asked_at = None
            if asked_at is None and moment - self.heard_at > self._settings.enquire_seconds:
                asked_at = moment
                self.send(pdus.request(pdus.ENQUIRE_LINK, self.next_sequence()))
            if asked_at is not None and moment - asked_at > self._settings.answer_seconds:
                raise TimeoutError("the server does not answer")

    def _answer(self, pdu: Pdu) -> None:
        if pdu.is_response:
            if pdu.command == pdus.UNBIND | pdus.RESPONSE:
                raise ConnectionResetError("unbound")
            self.answers.put(pdu)
        elif pdu.command == pdus.DELIVER_SM:
            self.send(pdus.response(pdu, self._taken(pdu)))
        else:
            self.send(pdus.response(pdu))
            if pdu.command == pdus.UNBIND:
                raise ConnectionResetError("the server unbound")

    def _taken(self, pdu: Pdu) -> int:
        delivered = pdus.delivered(pdu)
        if delivered is None:
            log.warning("The SMPP server delivered what cannot be read: %s", pdu.body.hex())
            return PERMANENT
        try:
            return self._take(delivered)
        except Exception:  # whatever it is (the database is away), the server keeps it and tries again
            log.exception("What the SMPP server delivered could not be stored; it is asked to try again.")
            return TEMPORARY

    def _release(self) -> None:
        self._selector.close()
        self._socket.close()


def _connected(settings: SmppSettings) -> socket.socket:
    try:
        plain = socket.create_connection((settings.host, settings.port), timeout=CONNECT_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not settings.tls:
            return plain
        try:
            context = ssl.create_default_context(cafile=settings.tls_ca)
            return context.wrap_socket(plain, server_hostname=settings.host)
        except BaseException:
            plain.close()
            raise
    except OSError as error:  # ssl.SSLError is one, too
        log.warning("The SMPP server cannot be reached: %s", error)
        raise NotBound("not_connected") from error
