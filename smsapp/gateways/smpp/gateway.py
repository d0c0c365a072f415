"""SMS by SMPP: a bind that is kept between jobs, and a window of SMS without an answer yet.

What the server answers definitely is an answer. What was sent and has no answer is unknown, what was not sent is
refused for now. Parts of a long SMS that were throttled are sent again while the call lasts, so that it arrives whole.
A definite answer that comes late, on the same connection, follows the unknown, in whatever call it is read.
"""

import logging
import time
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from queue import Empty
from typing import Final

from smsapp.gateways.base import TOO_LATE, Accepted, Outgoing, RefusedForGood, RefusedForNow, Result, Unknown
from smsapp.gateways.ending import LOOK_SECONDS, Until, forever
from smsapp.gateways.pace import Pace
from smsapp.gateways.smpp import pdus
from smsapp.gateways.smpp.encoding import Part, parts
from smsapp.gateways.smpp.fields import address, validity_period
from smsapp.gateways.smpp.pdus import Pdu
from smsapp.gateways.smpp.session import Lost, NotBound, Session, Taker, refuse_for_now
from smsapp.gateways.smpp.settings import SmppSettings
from smsapp.gateways.smpp.statuses import SLOW_DOWN
from smsapp.gateways.smpp.under_way import Sent, Sms

CALL_SECONDS: Final = 25.0
"""Nothing new is sent after this long; the last answers take `answer_seconds` at most. A lease is 60 seconds."""
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
MOST_GIVEN_UP: Final = 1000

log = logging.getLogger(__name__)


class Smpp:
    """The gateway. One thread submits; the session's own keeps the bind alive meanwhile."""

    def __init__(self, settings: SmppSettings, take: Taker = refuse_for_now) -> None:
        self.settings = settings
        self.window = settings.window
        self.take = take
        self.pace = Pace(settings.rate)
        self._session: Session | None = None
        self._connect_at, self._wait = 0.0, FIRST_WAIT
        self._given_up: dict[int, Sent] = {}
        self._references = count(int(time.time()))

    def submit(self, messages: Sequence[Outgoing], until: Until = forever) -> Iterator[tuple[Outgoing, Result]]:
        """Send them through the window; each is answered when all of its parts are."""
        return _Call(self, messages, until).run()

    def parts(self, message: Outgoing) -> list[Part]:
        return parts(message.text, self.settings.concatenation, next(self._references))

    def session(self) -> Session:
        """The bound session, made anew if it has ended; NotBound if it cannot be, or was tried a moment ago."""
        if self._session and not self._session.closed.is_set():
            return self._session
        moment = time.monotonic()
        if moment < self._connect_at:
            raise NotBound("not_connected")
        self._connect_at, self._wait = moment + self._wait, min(LONGEST_WAIT, 2 * self._wait)
        kind = "transceiver" if self.settings.bind == "transceiver" else "transmitter"
        self._session = Session(self.settings, kind, lambda delivered: self.take(delivered))
        self._given_up.clear()
        return self._session

    def give_up(self, sequence: int, sent: Sent) -> None:
        """Its answer may still come on this connection; of very many the oldest are forgotten."""
        self._given_up[sequence] = sent
        if len(self._given_up) > MOST_GIVEN_UP:
            del self._given_up[next(iter(self._given_up))]

    def late(self, sequence: int) -> Sent | None:
        """What was given up, now that it has an answer."""
        return self._given_up.pop(sequence, None)

    def heard(self) -> None:
        """The server answers: should the connection end, the next is made without waiting long."""
        self._connect_at, self._wait = 0.0, FIRST_WAIT

    def lost(self) -> None:
        """The connection ended with SMS under way. A pause, or a server that does it again would lose many."""
        self._connect_at = max(self._connect_at, time.monotonic() + FIRST_WAIT)

    def close(self) -> None:
        """Unbind; the next submit binds again."""
        if self._session:
            self._session.close()
            self._session = None


class _Call:
    """One call of submit: what is to be sent, and what waits for an answer, by sequence number."""

    def __init__(self, gateway: Smpp, messages: Sequence[Outgoing], until: Until) -> None:
        self._gateway = gateway
        self._all = [Sms(message, gateway.parts(message)) for message in messages]
        self._todo = deque((sms, number) for sms in self._all for number in range(len(sms.parts)))
        self._waiting: dict[int, Sent] = {}
        self._begin_until, self._until = until, time.monotonic() + CALL_SECONDS
        self._answered: list[Sms] = []
        self._session: Session

    def run(self) -> Iterator[tuple[Outgoing, Result]]:
        while self._todo or self._waiting:
            try:
                if not self._waiting:  # what waits, waits for the session that it was sent by
                    self._session = self._gateway.session()
                self._turn(self._session)
            except NotBound as error:
                self._refuse_rest(str(error))
            for sms in dict.fromkeys(self._answered):
                if found := sms.result:
                    yield sms.message, found
            self._answered.clear()

    def _turn(self, session: Session) -> None:
        """Send what the window and the pace allow, then take the answers until more may go."""
        while not session.closed.is_set() and self._may_send():
            self._send_next(session)
        if self._waiting:
            self._take_answers(session, self._patience())
        elif self._todo:
            time.sleep(min(self._patience(), max(0.0, self._until - time.monotonic())))
        if time.monotonic() >= self._until:
            self._refuse_rest("throttled")

    def _may_send(self) -> bool:
        moment = time.monotonic()
        if moment >= self._begin_until():
            self._refuse_rest(TOO_LATE.code, but=self._begun())
        has_room = bool(self._todo) and len(self._waiting) < self._gateway.settings.window
        return has_room and moment < self._until and self._gateway.pace.wait(moment) == 0

    def _patience(self) -> float:
        """Seconds until something must be done, answer or not."""
        moment = time.monotonic()
        times = [sent.at + self._gateway.settings.answer_seconds - moment for sent in self._waiting.values()]
        if self._todo and len(self._waiting) < self._gateway.settings.window:
            times.append(min(LOOK_SECONDS, self._gateway.pace.wait(moment)))
        return max(0.0, min(times, default=0.0))

    def _send_next(self, session: Session) -> None:
        sms, number = self._todo.popleft()
        settings, sequence = self._gateway.settings, session.next_sequence()
        sender, to = address(sms.message.sender), address(sms.message.number)
        octets = pdus.submit_sm(sequence, sender, to, sms.parts[number], validity_period(settings.validity))
        self._waiting[sequence] = Sent(sms, number, time.monotonic())
        try:
            session.send(octets)
        except NotBound:
            del self._waiting[sequence]
            self._todo.appendleft((sms, number))
        except Lost:
            pass  # how much of it arrived, nobody knows; the end of the session says so for all that wait
        self._gateway.pace.sent(time.monotonic())

    def _take_answers(self, session: Session, patience: float) -> None:
        """Wait for one answer and take all that are there."""
        try:
            pdu = session.answers.get(timeout=patience)
            while True:
                if pdu is None:
                    return self._lose_waiting()
                self._take(pdu)
                pdu = session.answers.get_nowait()
        except Empty:
            self._give_up_old(session)

    def _take(self, pdu: Pdu) -> None:
        sent = self._waiting.pop(pdu.sequence, None)
        if sent is None:
            return self._take_late(pdu)
        answer = sent.answer(pdu)
        pace = self._gateway.pace
        self._gateway.heard()
        if pdu.status in SLOW_DOWN:
            pace.throttled(time.monotonic())
        elif isinstance(answer, Accepted):
            pace.taken()
        return self._note(sent.sms, sent.number, answer)

    def _take_late(self, pdu: Pdu) -> None:
        """Who was given up is unknown, unless this settles it; one for now does not: it is not sent again by itself."""
        if pdu.command == pdus.SUBMIT_SM | pdus.RESPONSE:
            log.warning("A late or second answer: status %#x, reference %r.", pdu.status, pdu.message_id)
        sent = self._gateway.late(pdu.sequence)
        answer = sent.answer(pdu) if sent else None
        if sent is None or not isinstance(answer, Accepted | RefusedForGood):
            return
        sent.sms.answers[sent.number] = answer
        if isinstance(answer, RefusedForGood):
            self._drop_rest_of(sent.sms, answer.code)
        if not isinstance(sent.sms.result, Unknown):  # because of another part
            self._answered.append(sent.sms)

    def _note(self, sms: Sms, number: int, answer: Result) -> None:
        """An answer to a part. One for now is sent again if other parts went out; after a refusal none does."""
        others = len(sms.answers) or any(each.sms is sms for each in self._waiting.values())
        if isinstance(answer, RefusedForNow) and others and sms.may_arrive_whole and time.monotonic() < self._until:
            self._todo.appendleft((sms, number))
            return
        sms.answers[number] = answer
        if isinstance(answer, RefusedForNow | RefusedForGood):
            self._drop_rest_of(sms, answer.code)
        self._answered.append(sms)

    def _begun(self) -> set[Sms]:
        """Parts of these went out: without the others they could not be read."""
        return {sms for sms in self._all if sms.answers} | {sent.sms for sent in self._waiting.values()}

    def _drop_rest_of(self, sms: Sms, code: str) -> None:
        """What was not sent of it stays unsent."""
        for each in [each for each in self._todo if each[0] is sms]:
            self._todo.remove(each)
            sms.answers[each[1]] = RefusedForNow(code)

    def _give_up_old(self, session: Session) -> None:
        """Who has no answer in time is unknown. If nothing at all came meanwhile, the connection is dead."""
        oldest = time.monotonic() - self._gateway.settings.answer_seconds
        for sequence, sent in [each for each in self._waiting.items() if each[1].at <= oldest]:
            del self._waiting[sequence]
            self._gateway.give_up(sequence, sent)
            self._note(sent.sms, sent.number, Unknown("no_answer"))
            if session.heard_at < sent.at:
                session.drop()

    def _lose_waiting(self) -> None:
        self._gateway.lost()
        waiting, self._waiting = self._waiting, {}
        for sent in waiting.values():
            self._note(sent.sms, sent.number, Unknown("connection_lost"))

    def _refuse_rest(self, code: str, but: Collection[Sms] = ()) -> None:
        """Nothing more is sent in this call, except of these."""
        refused = [each for each in self._todo if each[0] not in but]
        self._todo = deque(each for each in self._todo if each[0] in but)
        for sms, number in refused:
            sms.answers[number] = RefusedForNow(code)
            self._answered.append(sms)
