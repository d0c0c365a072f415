"""Workers, receipts, people and the sweep in any order that hypothesis thinks of, on both databases.

After each step every promise of the design holds, by the database; at the end everything comes to an end, and by the
gateway's own count nobody got an SMS twice unless a person said so.
"""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from flask import Flask
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import delete, select

from smsapp.contacts.models import Block
from smsapp.delivery import claims, receipts, service
from smsapp.delivery.claims import Held, Window
from smsapp.delivery.invariants import violations
from smsapp.delivery.states import FINAL, NOT_HANDED_OVER
from smsapp.delivery.sweep import sweep_once
from smsapp.errors import Conflict
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Accepted, AcceptedInPart, Incoming, RefusedForGood, RefusedForNow, Result, Unknown
from tests import factories
from tests.sending import campaign_state, deliveries, seen, simulate

RECIPIENTS = 8
ANSWERS = ("accepted", "in part", "not now", "never", "unknown", None)
TAKEN = {"accepted", "in part", "unknown", None}


class Sends(RuleBasedStateMachine):
    """Some windows are held back in memory, as a slow or dead worker would."""

    user_id: int
    moment = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # goes on from one example to the next

    @initialize(state=st.sampled_from(["sending", "waiting"]))
    def begin(self, state: str) -> None:
        self.travel = time_machine.travel(Sends.moment, tick=False)
        self.clock = self.travel.start()
        self.campaign_id = factories.campaign(RECIPIENTS, billed=2, state=state).id
        self.claimed: list[tuple[str, list[Held]]] = []
        self.windows: list[Window] = []
        self.taken: Counter[str] = Counter()
        self.attempts: set[str] = set()
        self.sent_again: Counter[str] = Counter()
        self.owners = 0

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            self.come_to_an_end()
            self.travel.stop()

    @rule(seconds=st.sampled_from([1, 20, 55, 61, 3600]))
    def time_passes(self, seconds: int) -> None:
        Sends.moment += timedelta(seconds=seconds)
        self.clock.move_to(Sends.moment)

    @rule()
    def the_sweep_comes(self) -> None:
        sweep_once()

    @rule(count=st.integers(1, RECIPIENTS))
    def a_worker_claims(self, count: int) -> None:
        self.owners += 1
        owner = f"worker {self.owners}"
        held = claims.claim(self.campaign_id, owner, count)
        if held:
            self.claimed.append((owner, held))

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def a_worker_marks(self, data: st.DataObject) -> None:
        owner, held = self.claimed.pop(data.draw(st.integers(0, len(self.claimed) - 1)))
        window = claims.begin(self.campaign_id, owner, held)
        if window.deliveries:
            self.windows.append(window)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def a_worker_puts_back(self, data: st.DataObject) -> None:
        owner, _ = self.claimed.pop(data.draw(st.integers(0, len(self.claimed) - 1)))
        claims.release(self.campaign_id, owner)

    @precondition(lambda self: self.windows)
    @rule(data=st.data(), dies=st.booleans())
    def a_worker_hands_over(self, data: st.DataObject, dies: bool) -> None:
        """If the lease still runs; it may die before it records, or be late with it."""
        window = self.windows.pop(data.draw(st.integers(0, len(self.windows) - 1)))
        results: dict[str, Result] = {}
        for held in window.deliveries if window.runs() else ():
            answer = data.draw(st.sampled_from(ANSWERS))
            assert held.reference not in self.attempts, "an attempt was handed over twice"
            self.attempts.add(held.reference)
            self.taken[held.number] += answer in TAKEN
            if answer:
                results[held.reference] = _result(answer, held)
        if not window.runs():
            results = {held.reference: RefusedForNow("lease_over") for held in window.deliveries}
        if not dies:
            claims.record(window, results)

    @rule(data=st.data(), said=st.sampled_from(["delivered", "undelivered", "expired", "enroute"]))
    def a_receipt_comes(self, data: st.DataObject, said: str) -> None:
        """A true one, an early one, or one for what was never handed over."""
        ids = [delivery.id for delivery in deliveries(self.campaign_id)]
        reference = f"{data.draw(st.sampled_from(ids))}-{data.draw(st.integers(1, 3))}"
        echo = data.draw(st.sampled_from([None, reference])) if reference in self.attempts else None
        receipts.store("simulator", [Incoming(f"g{reference}", echo, said, None, "raw")])
        receipts.apply_stored()

    @rule(action=st.sampled_from([service.pause, service.resume]))
    def a_person_pauses_or_resumes(self, action: Any) -> None:
        with suppress(Conflict):  # a person may come too late
            action(self.campaign_id, self.user_id)

    @precondition(lambda self: self.owners > 3)
    @rule(action=st.sampled_from([service.cancel_rest, service.undo]))
    def a_person_cancels(self, action: Any) -> None:
        with suppress(Conflict):  # a person may come too late
            action(self.campaign_id, self.user_id)

    @rule(index=st.integers(0, RECIPIENTS - 1))
    def a_number_is_blocked(self, index: int) -> None:
        number = deliveries(self.campaign_id)[index].number
        with db_write() as session:
            if not session.scalar(select(Block.id).where(Block.e164 == number)):
                session.add(Block(e164=number, reason="Wunsch"))

    @rule(data=st.data(), decision=st.sampled_from(["accepted", "rejected", "queued"]))
    def a_person_decides(self, data: st.DataObject, decision: service.Decision) -> None:
        unknown = [delivery for delivery in deliveries(self.campaign_id) if delivery.state == "unknown"]
        if unknown:
            chosen = data.draw(st.sampled_from(unknown))
            with suppress(Conflict):  # a person may come too late
                service.settle(seen(chosen), decision, self.user_id)
                self.sent_again[chosen.number] += decision == "queued"

    @invariant()
    def every_promise_holds(self) -> None:
        if hasattr(self, "clock"):
            assert violations() == []

    @invariant()
    def nobody_gets_it_twice_unless_a_person_said_so(self) -> None:
        if hasattr(self, "clock"):
            for number, times in self.taken.items():
                assert times <= 1 + self.sent_again[number]

    def come_to_an_end(self) -> None:
        """Whatever happened before, some days of sweeps and one more worker leave nothing open but what is unknown."""
        if campaign_state(self.campaign_id) == "paused":
            service.resume(self.campaign_id, self.user_id)
        for _ in range(3):
            self.time_passes(3600)
            sweep_once()
            held = claims.claim(self.campaign_id, "the last", RECIPIENTS)
            window = claims.begin(self.campaign_id, "the last", held)
            claims.record(window, {one.reference: Accepted(f"g{one.reference}") for one in window.deliveries})
        assert not {delivery.state for delivery in deliveries(self.campaign_id)} & NOT_HANDED_OVER
        self.time_passes(80 * 3600)
        sweep_once()
        left = {delivery.state for delivery in deliveries(self.campaign_id)} - FINAL
        assert left <= {"unknown"}
        assert campaign_state(self.campaign_id) in {"closed", "cancelled"}
        assert violations() == []
        with db_write() as session:
            session.execute(delete(Block))
        self.time_passes(1)


def _result(answer: str, held: Held) -> Result:
    results: dict[str, Result] = {
        "accepted": Accepted(f"g{held.reference}"),
        "in part": AcceptedInPart(f"g{held.reference}", "part 2"),
        "not now": RefusedForNow("throttled"),
        "never": RefusedForGood("not_allowed"),
        "unknown": Unknown("connection_lost"),
    }
    return results[answer]


def test_any_order_of_events_keeps_every_promise(any_app: Flask) -> None:
    factories.settings()
    simulate()
    Sends.user_id = factories.user().id
    examples = 14 if db.engine.dialect.name == "sqlite" else 6
    case: Any = Sends.TestCase
    case.settings = hypothesis_settings(max_examples=examples, stateful_step_count=25, deadline=None)
    case().runTest()
