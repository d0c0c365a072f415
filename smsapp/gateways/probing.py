"""Tries whether a gateway can be reached, without sending anything and never for long."""

import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

import httpx

from smsapp.gateways.kannel.settings import KannelSettings
from smsapp.gateways.smpp.session import NotBound, Session
from smsapp.gateways.smpp.settings import SmppSettings

PROBE_SECONDS: Final = 10.0

OK: Final = "ok"
TIMED_OUT: Final = "timed_out"
_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "unknown_host"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "refused"),
    (TimeoutError, TIMED_OUT),
    (FileNotFoundError, "no_file"),
    (ConnectionError, "closed"),
)
_STATUSES: Final = {0x05: "already_bound", 0x0E: "wrong_password", 0x0F: "wrong_system_id"}


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of it: a code that `words` has a sentence for, and what the other side said."""

    code: str
    detail: str = ""


log = logging.getLogger(__name__)

Probe = Callable[[Any], Probed]


def probe(call: Probe, settings: Any, seconds: float = PROBE_SECONDS) -> Probed:
    """What came of it after this time at most; a try that takes longer ends by itself, unheard."""
    answers: SimpleQueue[Probed] = SimpleQueue()
    Thread(target=lambda: answers.put(_probed(call, settings)), name="probe", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return Probed(TIMED_OUT)


def simulator(_settings: object) -> Probed:
    """There is nothing to reach."""
    return Probed("simulated")


def smpp(settings: SmppSettings) -> Probed:
    """Bind as a worker does, and unbind. What the server delivers meanwhile is asked to come again."""
    kind = "transceiver" if settings.bind == "transceiver" else "transmitter"
    try:
        Session(settings, kind).close()
    except NotBound as error:
        return (
            Probed(_STATUSES.get(error.status, "bind_refused"), f"{error.status:#x}") if error.status else _lost(error)
        )
    return Probed(OK)


def kannel(settings: KannelSettings) -> Probed:
    """A request without a receiver: Kannel looks at the login first, and then refuses it."""
    login = {"X-Kannel-Username": settings.username, "X-Kannel-Password": settings.password}
    try:
        answer = httpx.post(settings.url, headers=login, content=b"", timeout=PROBE_SECONDS, trust_env=False)
    except httpx.TimeoutException:
        return Probed(TIMED_OUT)
    except httpx.HTTPError as error:
        return _lost(error)
    code = {400: OK, 401: "wrong_login", 403: "wrong_login", 404: "wrong_address"}.get(answer.status_code)
    return Probed(code or "strange_answer", "" if code else str(answer.status_code))


def _probed(call: Probe, settings: Any) -> Probed:
    try:
        return call(settings)
    except Exception as error:  # whatever it is, the person who asked must learn that it does not work
        log.warning("A gateway could not be tried: %s", type(error).__name__)
        return Probed("failed", type(error).__name__)


def _lost(error: BaseException | None) -> Probed:
    """The first cause that there are words for."""
    while error := error.__cause__ or error.__context__ if error else None:
        if isinstance(error, TimeoutError) and "handshake" in str(error):  # it waits for us to speak plainly
            return Probed("tls")
        for kind, code in _CAUSES:
            if isinstance(error, kind):
                return Probed(code)
    return Probed("not_connected")
