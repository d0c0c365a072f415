"""Draining a campaign: who is handed over, once, and what is written before and after; people may step in anywhere."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import InternalError, OperationalError

from smsapp.clock import now
from smsapp.contacts.service import delete_contact
from smsapp.delivery import claims, sending, service
from smsapp.delivery.claims import LEASE, Window
from smsapp.delivery.models import Campaign
from smsapp.delivery.queries import Route, paused_because
from smsapp.delivery.sweep import end_leases, sweep_once
from smsapp.errors import Conflict
from smsapp.extensions import db_write
from smsapp.gateways.base import (
    TOO_LATE,
    Accepted,
    AcceptedInPart,
    Outgoing,
    RefusedForGood,
    RefusedForNow,
    Result,
    Unknown,
)
from smsapp.gateways.ending import Until
from smsapp.queue import stop_event
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import (
    OWNER,
    begun,
    campaign_state,
    deliveries,
    everybody,
    evidence,
    handed_over,
    movements,
    seen,
    simulate,
    states,
    use_gateway,
)

pytestmark = pytest.mark.usefixtures("ready_to_send", "invariants_hold")


class Stub:
    """A gateway that does what a test says, message by message."""

    def __init__(self, answer: Callable[[Outgoing], Result], window: int = 50) -> None:
        self.answer = answer
        self.window = window
        self.handed: list[str] = []

    def submit(self, messages: Sequence[Outgoing], _until: Until) -> Iterator[tuple[Outgoing, Result]]:
        for message in messages:
            self.handed.append(message.number)
            yield message, self.answer(message)


class Throttled:
    """Takes one SMS and lets the others wait, until it is told to begin with no more, or for a second."""

    window = 50

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self.meanwhile = meanwhile

    def submit(self, messages: Sequence[Outgoing], until: Until) -> Iterator[tuple[Outgoing, Result]]:
        yield messages[0], Accepted("1")
        self.meanwhile()
        give_up = time.monotonic() + 1
        while time.monotonic() < min(until(), give_up):
            time.sleep(0.01)
        late = time.monotonic() >= until()
        for message in messages[1:]:
            yield message, TOO_LATE if late else Accepted(message.reference)


@pytest.mark.parametrize(
    ("meanwhile", "left"),
    [
        (lambda sent: service.pause(sent.id, None), "queued"),
        (lambda sent: service.cancel_rest(sent.id, factories.user().id), "cancelled"),
        (lambda _: stop_event().set(), "queued"),
    ],
    ids=["paused", "cancelled", "told to end"],
)
def test_nobody_waits_for_a_throttled_call(
    monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Campaign], object], left: str
) -> None:
    monkeypatch.setattr(sending, "WATCH_SECONDS", 0.05)
    campaign = factories.campaign(recipients=10)
    use_gateway(Throttled(lambda: meanwhile(campaign)))
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 1, left: 9}
    assert all(each.not_before is None for each in deliveries(campaign.id)), "whoever goes on has to wait"


def test_everybody_is_handed_over_once_and_charged() -> None:
    campaign = factories.campaign(recipients=230, billed=2)
    assert sending.drain(campaign.id) is False
    assert states(campaign.id) == {"accepted": 230}
    assert campaign_state(campaign.id) == "handed_over"
    assert sorted(handed_over()) == [delivery.number for delivery in deliveries(campaign.id)]
    assert (balances().reserved, balances().spent) == (0, 460)


def test_a_window_is_one_entry_in_the_ledger() -> None:
    simulate(window=50)
    campaign = factories.campaign(recipients=120)
    sending.drain(campaign.id)
    assert movements(campaign.id) == {"reserve": 1, "charge": 3}


def test_the_text_and_sender_are_the_frozen_ones(app: Flask) -> None:
    campaign = factories.campaign(recipients=1, sender="KURZPOST", text="Grüße €")
    sending.drain(campaign.id)
    log = app.extensions["smsapp_config"].data / "simulator" / "handed_over.log"
    line = json.loads(log.read_text())
    (delivery,) = deliveries(campaign.id)
    assert (line["sender"], line["text"], line["reference"]) == ("KURZPOST", "Grüße € 0", f"{delivery.id}-1")


def test_who_is_rejected_costs_nothing() -> None:
    simulate(rejected=0.2)
    campaign = factories.campaign(recipients=60)
    sending.drain(campaign.id)
    found = states(campaign.id)
    assert found["rejected"] > 1
    assert len(handed_over()) == found["accepted"] == balances().spent == 60 - balances().available
    assert {d.reason for d in deliveries(campaign.id) if d.state == "rejected"} == {"not_allowed"}


def test_a_lost_answer_is_unknown_and_stays_reserved() -> None:
    simulate(lost=1.0)
    campaign = factories.campaign(recipients=3)
    sending.drain(campaign.id)
    assert states(campaign.id) == {"unknown": 3}
    assert campaign_state(campaign.id) == "handed_over"
    assert balances().reserved == 3


def test_what_is_unknown_is_never_sent_again() -> None:
    simulate(lost=1.0)
    campaign = factories.campaign(recipients=3)
    for _ in range(3):
        sending.drain(campaign.id)
        sweep_once(now() + timedelta(hours=1))
    assert len(handed_over()) == 3


def test_refused_for_now_is_tried_again_after_a_while() -> None:
    answers = iter([RefusedForNow("throttled"), Accepted("g1"), Accepted("g2")])
    use_gateway(Stub(lambda _: next(answers)))
    campaign = factories.campaign(recipients=2)
    assert sending.drain(campaign.id) is False
    waiting = deliveries(campaign.id)[0]
    assert states(campaign.id) == {"queued": 1, "accepted": 1}
    assert (waiting.reason, waiting.attempt, campaign_state(campaign.id)) == ("throttled", 1, "sending")
    with time_machine.travel(now() + timedelta(seconds=6), tick=True):
        sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 2}
    assert deliveries(campaign.id)[0].attempt == 2


def test_a_gateway_that_takes_nothing_is_left_in_peace() -> None:
    stub = Stub(lambda _: RefusedForNow("throttled"), window=2)
    use_gateway(stub)
    campaign = factories.campaign(recipients=10)
    assert sending.drain(campaign.id) is False
    assert len(stub.handed) == 2
    assert states(campaign.id) == {"queued": 10}


def test_taken_in_part_is_not_delivered_and_charged_whole() -> None:
    use_gateway(Stub(lambda message: AcceptedInPart(message.reference, "part 2 refused")))
    campaign = factories.campaign(recipients=1, billed=3)
    sending.drain(campaign.id)
    (delivery,) = deliveries(campaign.id)
    assert (delivery.state, delivery.reason, balances().spent) == ("undelivered", "in_part", 3)


@pytest.mark.parametrize("state", ["waiting", "paused"])
def test_only_a_campaign_that_is_sending_is_sent(state: str) -> None:
    campaign = factories.campaign(state=state)
    assert claims.claim(campaign.id, OWNER, 50) == []
    assert sending.drain(campaign.id) is False
    assert handed_over() == []
    assert states(campaign.id) == {"queued": 3}


def test_a_campaign_that_is_not_there_is_nothing_to_do() -> None:
    assert sending.drain(4711) is False


def test_when_the_time_is_over_the_rest_stays_queued() -> None:
    campaign = factories.campaign(recipients=300)
    assert sending.drain(campaign.id, seconds=0) is True
    assert states(campaign.id) == {"queued": 300}


def test_a_worker_that_shall_end_stops_between_two_windows() -> None:
    campaign = factories.campaign(recipients=100)

    def told_to_end(message: Outgoing) -> Result:
        stop_event().set()
        return Accepted(message.reference + "x")

    use_gateway(Stub(told_to_end, window=10))
    assert sending.drain(campaign.id) is True
    assert states(campaign.id) == {"accepted": 10, "queued": 90}


def test_the_mark_is_committed_before_the_first_byte_and_no_transaction_is_open(app: Flask) -> None:
    seen = []

    def look(message: Outgoing) -> Result:
        other = sqlite3.connect(app.extensions["smsapp_config"].data / "smsapp.db", timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # fails at once while anybody is writing
        seen.append(other.execute("SELECT state, attempt FROM delivery WHERE number = ?", [message.number]).fetchone())
        other.execute("ROLLBACK")
        other.close()
        return Accepted(message.reference + "x")

    use_gateway(Stub(look))
    sending.drain(factories.campaign(recipients=2).id)
    assert seen == [("submitting", 1)] * 2


def test_a_blocked_number_gets_nothing() -> None:
    campaign = factories.campaign(recipients=3, billed=2)
    factories.block(deliveries(campaign.id)[1].number)
    sending.drain(campaign.id)
    assert [d.state for d in deliveries(campaign.id)] == ["accepted", "suppressed", "accepted"]
    assert len(handed_over()) == 2
    assert (balances().available, balances().spent) == (2, 4)


def test_a_number_blocked_after_the_claim_gets_nothing() -> None:
    campaign = factories.campaign(recipients=3)
    claimed = claims.claim(campaign.id, OWNER, 50)
    factories.block(claimed[0].number)
    window = claims.begin(campaign.id, OWNER, claimed)
    assert [held.number for held in window.deliveries] == [held.number for held in claimed[1:]]
    claims.record(window, everybody(window, Accepted("g")))
    assert states(campaign.id) == {"suppressed": 1, "accepted": 2}


def test_who_wants_no_sms_any_more_gets_nothing() -> None:
    contact = factories.contact(no_sms=True)
    campaign = factories.campaign(recipients=2)
    with db_write() as session:
        session.merge(deliveries(campaign.id)[0]).contact_id = contact.id
    sending.drain(campaign.id)
    assert states(campaign.id) == {"suppressed": 1, "accepted": 1}


def test_whose_number_somebody_else_wants_no_sms_at_gets_nothing() -> None:
    campaign = factories.campaign(recipients=2)
    factories.contact(work=deliveries(campaign.id)[0].number, no_sms=True)
    sending.drain(campaign.id)
    assert [(d.state, d.reason) for d in deliveries(campaign.id)] == [("suppressed", "blocked"), ("accepted", None)]


def test_who_was_deleted_meanwhile_gets_nothing_and_costs_nothing() -> None:
    contact = factories.contact()
    campaign = factories.campaign(recipients=2)
    with db_write() as session:
        session.merge(deliveries(campaign.id)[0]).contact_id = contact.id
    delete_contact(contact.id)
    sending.drain(campaign.id)
    first, second = deliveries(campaign.id)
    assert (first.state, first.reason, second.state) == ("suppressed", "contact_deleted", "accepted")
    assert (balances().available, balances().spent) == (1, 1)


def test_a_pause_after_the_claim_hands_nothing_over() -> None:
    campaign = factories.campaign()
    claimed = claims.claim(campaign.id, OWNER, 50)
    service.pause(campaign.id, None)
    assert claims.begin(campaign.id, OWNER, claimed).deliveries == []
    assert states(campaign.id) == {"queued": 3}


def test_a_failed_gateway_stops_the_other_workers_too() -> None:
    campaign = factories.campaign()
    claimed = claims.claim(campaign.id, OWNER, 50)
    service.pause_after_failure(campaign.id)
    assert claims.begin(campaign.id, OWNER, claimed).deliveries == []


def test_a_cancel_after_the_claim_hands_nothing_over() -> None:
    campaign = factories.campaign()
    claimed = claims.claim(campaign.id, OWNER, 50)
    assert service.cancel_rest(campaign.id, factories.user().id) == 3
    assert claims.begin(campaign.id, OWNER, claimed).deliveries == []
    assert states(campaign.id) == {"cancelled": 3}
    assert balances().available == 3


def test_a_cancel_in_the_midst_of_a_window_lets_it_end() -> None:
    campaign = factories.campaign(recipients=4)
    window = begun(campaign, 2)
    assert service.cancel_rest(campaign.id, factories.user().id) == 2
    first, second = window.deliveries
    claims.record(window, {first.reference: Accepted("g"), second.reference: RefusedForNow("throttled")})
    assert states(campaign.id) == {"cancelled": 3, "accepted": 1}


def test_a_pause_in_the_midst_of_a_window_lets_it_end() -> None:
    campaign = factories.campaign(recipients=4)
    window = begun(campaign, 2)
    service.pause(campaign.id, None)
    claims.record(window, everybody(window, Accepted("g")))
    assert states(campaign.id) == {"accepted": 2, "queued": 2}
    assert campaign_state(campaign.id) == "paused"


def test_a_claim_whose_lease_is_over_is_not_begun() -> None:
    campaign = factories.campaign()
    claimed = claims.claim(campaign.id, OWNER, 50)
    with time_machine.travel(now() + LEASE - timedelta(seconds=5), tick=True):
        assert claims.begin(campaign.id, OWNER, claimed).deliveries == []


def test_a_lease_that_ends_before_the_first_byte_hands_nothing_over() -> None:
    campaign = factories.campaign()
    stub = Stub(lambda message: Accepted("g"))
    window = begun(campaign)
    with time_machine.travel(now() + LEASE, tick=True):
        sending._hand_over_and_record(stub, window, Route(campaign.id, "simulator", "KURZPOST", None))
    assert stub.handed == []
    assert states(campaign.id) == {"queued": 3}


def test_who_claims_later_gets_what_a_dead_worker_left() -> None:
    campaign = factories.campaign()
    claims.claim(campaign.id, OWNER, 50)
    assert claims.claim(campaign.id, "another", 50) == []
    end_leases(now() + LEASE + timedelta(seconds=1))
    assert len(claims.claim(campaign.id, "another", 50)) == 3


@pytest.mark.parametrize(
    ("result", "state", "reserved"),
    [
        (Accepted("g"), "accepted", 0),
        (AcceptedInPart("g", "c"), "undelivered", 0),
        (RefusedForGood("c"), "rejected", 0),
        (RefusedForNow("c"), "unknown", 1),
        (Unknown("c"), "unknown", 1),
    ],
)
def test_what_a_worker_learns_too_late_is_evidence(result: Result, state: str, reserved: int) -> None:
    campaign = factories.campaign(recipients=1)
    window = begun(campaign)
    end_leases(now() + LEASE + timedelta(seconds=1))
    assert states(campaign.id) == {"unknown": 1}
    claims.record(window, everybody(window, result))
    assert states(campaign.id) == {state: 1}
    assert balances().reserved == reserved
    (kept,) = evidence(campaign.id)
    assert (kept.kind, kept.owner, kept.attempt) == ("late_result", OWNER, 1)
    assert kept.detail["result"] == type(result).__name__


def test_late_evidence_of_an_older_attempt_moves_nothing() -> None:
    campaign = factories.campaign(recipients=1)
    first = begun(campaign)
    end_leases(now() + LEASE + timedelta(seconds=1))
    service.settle(seen(deliveries(campaign.id)[0]), "queued", factories.user().id)
    second = begun(campaign)
    end_leases(now() + LEASE + timedelta(seconds=1))
    claims.record(first, everybody(first, RefusedForGood("c")))
    assert states(campaign.id) == {"unknown": 1}
    claims.record(second, everybody(second, Accepted("g")))
    assert states(campaign.id) == {"accepted": 1}


def test_a_worker_that_meets_its_own_older_attempt_keeps_them_apart() -> None:
    campaign = factories.campaign(recipients=1)
    first = begun(campaign)
    end_leases(now() + LEASE + timedelta(seconds=1))
    service.settle(seen(deliveries(campaign.id)[0]), "queued", factories.user().id)
    second = begun(campaign)
    claims.record(first, everybody(first, RefusedForGood("c")))
    assert states(campaign.id) == {"submitting": 1}
    claims.record(second, everybody(second, Accepted("g")))
    assert states(campaign.id) == {"accepted": 1}


def test_what_is_known_is_recorded_though_the_database_is_away_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away, full = OperationalError("", None, OSError("away")), InternalError("", None, OSError("full"))
    record, failures = claims.record, iter([away, full])

    def away_at_first(window: Window, results: dict[str, Result]) -> None:
        for failure in failures:
            raise failure
        record(window, results)

    monkeypatch.setattr(claims, "record", away_at_first)
    campaign = factories.campaign()
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 3}
    assert "trying again" in caplog.text


def test_results_are_recorded_once() -> None:
    campaign = factories.campaign()
    window = begun(campaign)
    claims.record(window, everybody(window, Accepted("g")))
    claims.record(window, everybody(window, Accepted("h")))
    assert states(campaign.id) == {"accepted": 3}
    assert {delivery.gateway_ref for delivery in deliveries(campaign.id)} == {"g"}
    assert len(evidence(campaign.id)) == 3


@pytest.mark.parametrize("error", [ConnectionResetError, JobTimeoutException, ValueError])
def test_a_gateway_that_fails_leaves_the_unanswered_unknown_and_pauses(error: type[Exception]) -> None:
    campaign = factories.campaign(recipients=9)
    answers = iter([Accepted("1"), Accepted("2")])

    def answer(_: Outgoing) -> Result:
        try:
            return next(answers)
        except StopIteration:
            raise error from None

    use_gateway(Stub(answer, window=5))
    assert sending.drain(campaign.id) is False
    assert states(campaign.id) == {"accepted": 2, "unknown": 3, "queued": 4}
    assert campaign_state(campaign.id) == "paused"


def test_a_worker_torn_from_a_hand_over_writes_what_it_knows() -> None:
    campaign = factories.campaign(recipients=3)

    def answer(message: Outgoing) -> Result:
        if message.reference.startswith(f"{deliveries(campaign.id)[1].id}-"):
            raise SystemExit
        return Accepted("g")

    use_gateway(Stub(answer))
    with pytest.raises(SystemExit):
        sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 1, "unknown": 2}


def test_two_workers_share_a_campaign(app: Flask) -> None:
    campaign = factories.campaign(recipients=400)
    simulate(window=10, latency_ms=0.1)

    def work(_: int) -> None:
        with app.app_context():
            sending.drain(campaign.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert states(campaign.id) == {"accepted": 400}
    assert len(handed_over()) == len(set(handed_over())) == 400


def test_a_send_whose_gateway_is_off_is_paused_and_says_why() -> None:
    factories.gateway("away", active=False)
    campaign, user = factories.campaign(gateway="away"), factories.user()
    sending.drain(campaign.id)
    assert (states(campaign.id), paused_because(campaign.id)) == ({"queued": 3}, "gateway_off")
    with pytest.raises(Conflict):
        service.resume(campaign.id, user.id)


def test_a_send_whose_gateway_is_gone_is_not_resumed_and_it_is_said_what_helps() -> None:
    campaign, user = factories.campaign(gateway="gone", state="paused"), factories.user()
    with pytest.raises(Conflict, match="„gone“ gibt es nicht mehr"):
        service.resume(campaign.id, user.id)
    assert states(campaign.id) == {"queued": 3}
    factories.gateway("gone")
    service.resume(campaign.id, user.id)
    assert service.cancel_rest(campaign.id, user.id) == 3
