"""SMS by Kannel's sendsms: as many requests at a time as its window, on connections that are kept.

The request is a POST, so that login and text stand in no address and no log. What Kannel answers is an answer. Where
no connection could be made, nothing was sent; whatever else goes wrong may have happened after the first byte.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

import httpx

from smsapp.gateways.base import TOO_LATE, Accepted, Outgoing, RefusedForGood, RefusedForNow, Result, Unknown
from smsapp.gateways.ending import LOOK_SECONDS, Until, forever
from smsapp.gateways.kannel.links import Links
from smsapp.gateways.kannel.receipts import MASK
from smsapp.gateways.kannel.settings import KannelSettings
from smsapp.gateways.kannel.statuses import BUSY, result
from smsapp.gateways.kannel.texts import CODING, would_be_cut
from smsapp.gateways.pace import Pace
from smsapp.text.segments import measure

CALL_SECONDS: Final = 25.0
"""Nothing new is sent after this long; the last answers take `answer_seconds` at most. A lease is 60 seconds."""
GRACE_SECONDS: Final = 1.0
CONNECT_SECONDS: Final = 5.0
FIRST_REST: Final = 1.0
LONGEST_REST: Final = 60.0

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)
log = logging.getLogger(__name__)


class Kannel:
    """The gateway. One thread submits; each request of the window has a thread of its own."""

    def __init__(self, settings: KannelSettings, links: Links) -> None:
        self.settings = settings
        self.links = links
        self.window = settings.window
        self.pace = Pace(settings.rate)
        self._open()
        self._rest_until, self._rest = 0.0, FIRST_REST

    def submit(self, messages: Sequence[Outgoing], until: Until = forever) -> Iterator[tuple[Outgoing, Result]]:
        """Send them through the window; each is answered when its request is."""
        return _Call(self, messages, until).run()

    def send(self, message: Outgoing) -> Result:
        """One SMS; called by several threads."""
        try:
            request = self._request(message)
        except UnicodeError:
            return RefusedForGood("not_understood")
        try:
            answer = self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            log.warning("Kannel cannot be reached: %s", error or type(error).__name__)
            return RefusedForNow("not_connected")
        except httpx.TimeoutException:
            return Unknown("no_answer")
        except httpx.HTTPError as error:
            log.warning("The connection to Kannel has ended: %s", error or type(error).__name__)
            return Unknown("connection_lost")
        return result(answer.status_code, answer.text, message.reference)

    @property
    def rests(self) -> bool:
        """Whether nothing may be sent, because a moment ago it failed."""
        return time.monotonic() < self._rest_until

    def heard(self, answer: Result) -> None:
        """Take note of how Kannel does: the next SMS are sent slower, or after a rest that grows."""
        moment = time.monotonic()
        if isinstance(answer, Unknown) or answer == RefusedForNow("not_connected"):
            if not self.rests:
                self._rest_until, self._rest = moment + self._rest, min(LONGEST_REST, 2 * self._rest)
            return
        self._rest = FIRST_REST
        if isinstance(answer, RefusedForNow) and answer.code in BUSY:
            self.pace.throttled(moment)
        elif isinstance(answer, Accepted):
            self.pace.taken()

    def close(self) -> None:
        """End the connections, also one whose answer never ended; nobody waits for it any more."""
        self.threads.shutdown(wait=False)
        self._client.close()

    def renew(self) -> None:
        """Leave behind what is stuck."""
        self.close()
        self._open()

    def _open(self) -> None:
        self.threads = ThreadPoolExecutor(self.settings.window, thread_name_prefix="kannel")
        self._client = _client(self.settings)

    def _request(self, message: Outgoing) -> httpx.Request:
        settings = self.settings
        return self._client.build_request(
            "POST",
            settings.url,
            content=message.text.encode(),
            headers={
                "Content-Type": "text/plain; charset=UTF-8",
                "X-Kannel-Username": settings.username,
                "X-Kannel-Password": settings.password,
                "X-Kannel-From": message.sender,
                "X-Kannel-To": message.number,
                "X-Kannel-Coding": str(CODING[measure(message.text).encoding]),
                "X-Kannel-Validity": str(max(1, round(settings.validity.total_seconds() / 60))),
                "X-Kannel-DLR-Mask": str(MASK),
                "X-Kannel-DLR-Url": self.links.receipt(message.reference),
            },
        )


class _Call:
    """One call of submit: what is to be sent, and what waits for an answer."""

    def __init__(self, gateway: Kannel, messages: Sequence[Outgoing], until: Until) -> None:
        self._gateway = gateway
        self._todo = deque(messages)
        self._waiting: dict[Future[Result], Outgoing] = {}
        self._begin_until, self._until = until, time.monotonic() + CALL_SECONDS
        self._rest_code = "throttled"
        self._give_up_at = self._until + gateway.settings.answer_seconds + GRACE_SECONDS
        self._answered: list[tuple[Outgoing, Result]] = []

    def run(self) -> Iterator[tuple[Outgoing, Result]]:
        try:
            yield from self._run()
        finally:
            for future in self._waiting:
                future.cancel()  # if it was not begun it never will be

    def _run(self) -> Iterator[tuple[Outgoing, Result]]:
        while self._todo or self._waiting:
            while self._todo and len(self._waiting) < self._gateway.settings.window and self._may_send():
                self._send_next()
            if not self._answered:
                self._take_answers()
            yield from self._answered
            self._answered.clear()

    def _may_send(self) -> bool:
        """Whether the next may go now; if none may in this call any more, all are answered."""
        moment = time.monotonic()
        if moment >= self._begin_until():
            self._end(moment)
        if self._gateway.rests or moment >= self._until:
            code = "not_connected" if self._gateway.rests else self._rest_code
            self._answered += [(message, RefusedForNow(code)) for message in self._todo]
            self._todo.clear()
            return False
        return self._gateway.pace.wait(moment) == 0

    def _end(self, moment: float) -> None:
        """The call is over now, but for the last answers."""
        self._until, self._rest_code = moment, TOO_LATE.code
        self._give_up_at = moment + self._gateway.settings.answer_seconds + GRACE_SECONDS

    def _send_next(self) -> None:
        message = self._todo.popleft()
        if cut := would_be_cut(message.text, self._gateway.settings.max_messages):
            self._answered.append((message, RefusedForGood(cut)))
            return
        self._waiting[self._gateway.threads.submit(self._gateway.send, message)] = message
        self._gateway.pace.sent(time.monotonic())

    def _take_answers(self) -> None:
        """Wait for an answer, or until the next SMS may go."""
        moment = time.monotonic()
        patience = self._give_up_at - moment
        if self._todo and len(self._waiting) < self._gateway.settings.window:
            patience = min(LOOK_SECONDS, self._gateway.pace.wait(moment), max(0.0, self._until - moment))
        if not self._waiting:
            return time.sleep(patience)
        for future in wait(self._waiting, max(0.0, patience), FIRST_COMPLETED).done:
            answer = future.result()
            self._gateway.heard(answer)
            self._answered.append((self._waiting.pop(future), answer))
        if self._waiting and time.monotonic() >= self._give_up_at:
            self._give_up()
        return None

    def _give_up(self) -> None:
        """Kannel answers, but never to the end."""
        for future, message in self._waiting.items():
            self._answered.append(
                (message, RefusedForNow(self._rest_code) if future.cancel() else Unknown("no_answer"))
            )
        self._waiting.clear()
        self._gateway.renew()


def _client(settings: KannelSettings) -> httpx.Client:
    """Connections are kept for less than the minute after which Kannel ends them. The environment names no proxy."""
    limits = httpx.Limits(
        max_connections=settings.window, max_keepalive_connections=settings.window, keepalive_expiry=20
    )
    timeout = httpx.Timeout(settings.answer_seconds, connect=min(CONNECT_SECONDS, settings.answer_seconds))
    return httpx.Client(limits=limits, timeout=timeout, trust_env=False)
