"""What people do to a send: undoing, pausing, resuming, cancelling, deciding what is unclear; and how far it is."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from smsapp.clock import now
from smsapp.delivery import claims, sending, service
from smsapp.delivery.queries import progress
from smsapp.delivery.sweep import sweep_once
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db, db_write
from smsapp.gateways.base import (
    Accepted,
    RefusedForGood,
)
from smsapp.quota.models import LedgerEntry
from smsapp.quota.queries import balances, entries
from tests import factories
from tests.sending import (
    OWNER,
    begun,
    campaign_state,
    deliveries,
    everybody,
    evidence,
    handed_over,
    seen,
    simulate,
    states,
)

pytestmark = pytest.mark.usefixtures("ready_to_send", "invariants_hold")


def test_undo_takes_everything_back() -> None:
    campaign = factories.campaign(state="waiting", billed=3)
    user = factories.user()
    service.undo(campaign.id, user.id)
    assert (states(campaign.id), campaign_state(campaign.id)) == ({"cancelled": 3}, "cancelled")
    assert balances().available == 9
    sweep_once(now() + timedelta(hours=1))
    assert handed_over() == []


def test_undo_after_the_start_is_too_late() -> None:
    campaign = factories.campaign(state="waiting", starts_at=now() - timedelta(seconds=1))
    assert service.start_due() == [campaign.id]
    with pytest.raises(Conflict):
        service.undo(campaign.id, factories.user().id)
    assert states(campaign.id) == {"queued": 3}


def test_undo_or_start_wins_but_not_both(app: Flask) -> None:
    user = factories.user()
    campaigns = [factories.campaign(recipients=2, state="waiting", starts_at=now()).id for _ in range(10)]

    def undo(campaign_id: int) -> int:
        with app.app_context():
            try:
                service.undo(campaign_id, user.id)
            except Conflict:
                return 0
            return 1

    def start(_: int) -> int:
        with app.app_context():
            return len(service.start_due())

    with ThreadPoolExecutor(6) as pool:
        undone = [pool.submit(undo, campaign_id) for campaign_id in campaigns]
        started = [pool.submit(start, number) for number in range(3)]
        assert sum(task.result() for task in undone) + sum(task.result() for task in started) == 10


def test_a_campaign_starts_when_its_undo_window_is_over() -> None:
    campaign = factories.campaign(state="waiting", starts_at=now() + timedelta(seconds=30))
    assert service.start_due() == []
    assert service.start_due(now() + timedelta(seconds=31)) == [campaign.id]
    assert campaign_state(campaign.id) == "sending"


def test_nothing_starts_while_the_module_is_off() -> None:
    factories.settings(module_on=False)
    campaign = factories.campaign(state="waiting")
    assert service.start_due() == []
    assert campaign_state(campaign.id) == "waiting"


def test_switching_the_module_off_pauses_what_runs() -> None:
    running = [factories.campaign(state=state) for state in ("waiting", "sending")]
    others = [factories.campaign(recipients=0, state=state) for state in ("handed_over", "closed", "cancelled")]
    claims.claim(running[1].id, OWNER, 2)
    with db_write() as session:
        assert service.pause_all(session) == 2
    assert [campaign_state(c.id) for c in running] == ["paused"] * 2
    assert [campaign_state(c.id) for c in others] == ["handed_over", "closed", "cancelled"]
    assert states(running[1].id) == {"queued": 3}


def test_a_paused_campaign_is_resumed_by_hand_and_only_while_the_module_is_on() -> None:
    campaign, user = factories.campaign(state="paused"), factories.user()
    factories.settings(module_on=False)
    with pytest.raises(NotThere):
        service.resume(campaign.id, user.id)
    factories.settings()
    service.resume(campaign.id, user.id)
    assert campaign_state(campaign.id) == "sending"
    with pytest.raises(Conflict):
        service.resume(campaign.id, user.id)


def test_a_campaign_paused_in_its_undo_window_waits_again_when_resumed() -> None:
    campaign = factories.campaign(state="paused", starts_at=now() + timedelta(seconds=20))
    service.resume(campaign.id, factories.user().id)
    assert campaign_state(campaign.id) == "waiting"


@pytest.mark.parametrize("state", ["paused", "handed_over", "closed", "cancelled"])
def test_what_does_not_run_cannot_be_paused(state: str) -> None:
    campaign = factories.campaign(recipients=0, state=state)
    with pytest.raises(Conflict):
        service.pause(campaign.id, None)


def test_what_is_handed_over_cannot_be_cancelled() -> None:
    campaign = factories.campaign()
    sending.drain(campaign.id)
    with pytest.raises(Conflict):
        service.cancel_rest(campaign.id, factories.user().id)


@pytest.mark.parametrize("action", [service.undo, service.pause, service.resume, service.cancel_rest])
def test_a_campaign_that_does_not_exist_is_not_there(action: Callable[[int, int], object]) -> None:
    user = factories.user()
    with pytest.raises(NotThere):
        action(4711, user.id)


def test_the_ledger_names_who_cancelled() -> None:
    campaign, user = factories.campaign(), factories.user()
    service.cancel_rest(campaign.id, user.id)
    newest = db.session.scalars(entries(campaign.id).order_by(LedgerEntry.id.desc())).first()
    assert newest
    assert (newest.kind, newest.user_id, newest.reason) == ("return", user.id, "cancel_rest")


@pytest.mark.parametrize(("decision", "state", "spent"), [("accepted", "accepted", 1), ("rejected", "rejected", 0)])
def test_a_person_decides_what_is_unknown(decision: service.Decision, state: str, spent: int) -> None:
    simulate(lost=1.0)
    campaign, user = factories.campaign(recipients=1), factories.user()
    sending.drain(campaign.id)
    (delivery,) = deliveries(campaign.id)
    service.settle(seen(delivery), decision, user.id)
    assert states(campaign.id) == {state: 1}
    assert (balances().reserved, balances().spent) == (0, spent)
    (kept,) = evidence(campaign.id)
    assert (kept.kind, kept.user_id, kept.detail) == ("decision", user.id, {"decision": decision})
    with pytest.raises(Conflict):
        service.settle(seen(delivery), decision, user.id)


def test_a_person_may_send_again_knowing_the_risk() -> None:
    simulate(lost=1.0)
    campaign = factories.campaign(recipients=1)
    sending.drain(campaign.id)
    simulate()
    service.settle(seen(deliveries(campaign.id)[0]), "queued", factories.user().id)
    assert campaign_state(campaign.id) == "sending"
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 1}
    assert len(handed_over()) == 2


def test_nothing_of_a_cancelled_campaign_is_sent_again() -> None:
    campaign, user = factories.campaign(recipients=2), factories.user()
    window = begun(campaign, 1)
    service.cancel_rest(campaign.id, user.id)
    claims.record(window, {})
    with pytest.raises(Conflict):
        service.settle({window.deliveries[0].id: 1}, "queued", user.id)
    assert states(campaign.id) == {"unknown": 1, "cancelled": 1}


def test_progress_counts_everything() -> None:
    campaign = factories.campaign(recipients=5, billed=2)
    window = begun(campaign, 3)
    first, second, _third = window.deliveries
    claims.record(window, {first.reference: Accepted("g"), second.reference: RefusedForGood("c")})
    found = progress(campaign.id)
    assert found
    assert found.counts == {"accepted": 1, "rejected": 1, "unknown": 1, "queued": 2}
    assert (found.done, found.waiting, found.recipients) == (3, 2, 5)
    assert (found.reserved, found.spent, found.returned) == (6, 2, 2)
    assert found.seconds_left is None


def test_the_time_left_follows_from_the_pace() -> None:
    campaign = factories.campaign(recipients=50)
    start = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    for second in range(3):
        with time_machine.travel(start + timedelta(seconds=second), tick=False):
            window = begun(campaign, 10)
            claims.record(window, everybody(window, Accepted(f"g{second}")))
            found = progress(campaign.id)
    assert found
    assert found.seconds_left == 2.0


def test_progress_of_nothing_is_none() -> None:
    assert progress(4711) is None
