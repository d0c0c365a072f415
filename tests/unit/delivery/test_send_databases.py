"""What of a send depends on the database: locks, races, conflicts; on SQLite and PostgreSQL alike."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask

from smsapp.clock import now
from smsapp.delivery import claims, receipts, sending, service
from smsapp.delivery.sweep import sweep_once
from smsapp.errors import Conflict
from smsapp.extensions import db, db_write
from smsapp.gateways.base import WAITS_AT_GATEWAY, Accepted, Incoming, Unknown
from smsapp.quota.queries import balances
from smsapp.quota.service import QuotaTooSmall, correct, give_back, reserve
from tests import factories
from tests.sending import campaign_state, deliveries, handed_over, simulate, states

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture(autouse=True)
def ready(any_app: Flask) -> None:
    factories.settings()
    simulate()


def at_once(app: Flask, *works: Callable[[], object]) -> list[object]:
    """Run these callables in threads that begin together; what each returned, or the Conflict it raised."""
    begin = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        with app.app_context():
            begin.wait(30)
            try:
                return work()
            except Conflict as conflict:
                return conflict

    with ThreadPoolExecutor(len(works)) as pool:
        return [task.result() for task in [pool.submit(run, work) for work in works]]


def test_a_send_from_start_to_end(any_app: Flask) -> None:
    simulate(rejected=0.1, lost=0.1, undelivered=0.2)
    campaign = factories.campaign(recipients=150, state="waiting", billed=2)
    sweep_once()
    sending.drain(campaign.id)
    sweep_once()
    sweep_once()
    assert set(states(campaign.id)) == {"delivered", "undelivered", "rejected"}
    assert campaign_state(campaign.id) == "closed"
    assert len(handed_over()) == len(set(handed_over())) == balances().spent / 2


def test_workers_at_once_never_claim_the_same(any_app: Flask) -> None:
    campaign = factories.campaign(recipients=100)

    def claim(owner: str) -> list[int]:
        return [held.id for held in claims.claim(campaign.id, owner, 30)]

    found = at_once(any_app, *(lambda n=n: claim(f"w{n}") for n in range(6)))
    ids = [delivery_id for held in found for delivery_id in held]  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids))
    assert states(campaign.id)["claimed"] == len(ids) > 30


def test_workers_at_once_hand_everybody_over_once(any_app: Flask) -> None:
    simulate(window=10, latency_ms=0.2, busy=0.1)
    campaign = factories.campaign(recipients=300)
    at_once(any_app, *[lambda: sending.drain(campaign.id)] * 4)
    found = states(campaign.id)
    assert set(found) <= {"accepted", "queued"}
    assert len(handed_over()) == len(set(handed_over())) == found["accepted"] > 200


def test_a_pause_and_the_marks_of_a_window_do_not_overlap(any_app: Flask) -> None:
    for _ in range(5):
        campaign = factories.campaign(recipients=20)
        held = claims.claim(campaign.id, "w", 20)
        at_once(
            any_app,
            lambda c=campaign, h=held: claims.begin(c.id, "w", h),
            lambda c=campaign: service.pause(c.id, None),
        )
        assert states(campaign.id) in ({"submitting": 20}, {"queued": 20})


def test_a_cancel_and_a_claim_do_not_overlap(any_app: Flask) -> None:
    user = factories.user()
    for _ in range(5):
        campaign = factories.campaign(recipients=20)
        at_once(
            any_app,
            lambda c=campaign: claims.claim(c.id, "w", 20),
            lambda c=campaign: service.cancel_rest(c.id, user.id),
        )
        assert states(campaign.id) == {"cancelled": 20}


def test_the_sweep_and_a_late_worker_settle_it_once(any_app: Flask) -> None:
    for _ in range(5):
        campaign = factories.campaign(recipients=10)
        window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 10))
        results = {held.reference: Accepted("g" + held.reference) for held in window.deliveries}
        at_once(
            any_app,
            lambda w=window, r=results: claims.record(w, r),
            lambda: sweep_once(now() + timedelta(minutes=2)),
        )
        assert states(campaign.id) == {"accepted": 10}


def test_sweeps_at_once_apply_each_receipt_once(any_app: Flask) -> None:
    simulate(lost=0.5)
    campaign = factories.campaign(recipients=60)
    sending.drain(campaign.id)
    assert set(states(campaign.id)) == {"accepted", "unknown"}
    at_once(any_app, *[sweep_once] * 4)
    sweep_once()
    assert states(campaign.id) == {"delivered": 60}
    assert balances().spent == 60


def test_the_same_receipts_at_once_are_stored_once(any_app: Flask) -> None:
    came = [Incoming(f"r{i}", None, "delivered", None, "raw") for i in range(50)]
    at_once(any_app, *[lambda: receipts.store("simulator", came)] * 4)
    db.session.rollback()
    assert db.session.query(receipts.Receipt).count() == 50


def test_two_sends_race_for_the_last_quota(any_app: Flask) -> None:
    campaigns = [factories.campaign(recipients=0).id for _ in range(8)]
    factories.quota(10)

    def take(campaign_id: int) -> int:
        with db_write() as session:
            reserve(session, 4, campaign_id, None)
        return 4

    found = at_once(any_app, *(lambda c=c: take(c) for c in campaigns))
    assert sum(isinstance(result, QuotaTooSmall) for result in found) == 6
    assert found.count(4) == 2
    assert (balances().available, balances().reserved) == (2, 8)
    with db_write() as session:
        for campaign_id, result in zip(campaigns, found, strict=True):
            if result == 4:
                give_back(session, 4, campaign_id)


def test_corrections_at_once_never_go_below_zero(any_app: Flask) -> None:
    factories.quota(10)
    found = at_once(any_app, *[lambda: correct(-4, "counted again", None)] * 5)
    assert sum(result is None for result in found) == 2
    assert balances().available == 2


def test_the_operators_word_that_it_has_an_sms_settles_what_waits_and_what_is_unknown(any_app: Flask) -> None:
    campaign = factories.campaign(recipients=2)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 2))
    first, second = (held.reference for held in window.deliveries)
    claims.record(window, {first: Accepted(first, reason=WAITS_AT_GATEWAY), second: Unknown("no_answer")})
    receipts.store("simulator", [Incoming(each, each, "accepted", None, "raw") for each in (first, second)])
    receipts.store("simulator", [Incoming(second, second, "delivered", None, "raw")])
    receipts.apply_stored()
    assert [(each.state, each.reason) for each in deliveries(campaign.id)] == [("accepted", None), ("delivered", None)]
    assert (balances().reserved, balances().spent) == (0, 2)
