"""What ends or holds up a send by itself: its deadline, and many refusals among its first SMS."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from smsapp.campaigns.history import history
from smsapp.clock import now
from smsapp.delivery import claims, sending, service
from smsapp.delivery.limits import FIRST, expire_overdue
from smsapp.delivery.models import Campaign, CampaignEvent
from smsapp.delivery.sweep import sweep_once
from smsapp.errors import Conflict
from smsapp.extensions import db
from smsapp.gateways.base import Accepted, Outgoing, RefusedForGood, Result, Unknown
from smsapp.gateways.ending import Until
from smsapp.quota.queries import balances
from tests import factories
from tests.sending import campaign_state, deliveries, handed_over, seen, simulate, states, use_gateway

pytestmark = pytest.mark.usefixtures("invariants_hold")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def ready(app: Flask) -> None:
    factories.settings()
    simulate(silent=1.0)


def due(**values: Any) -> Campaign:
    """A send that shall go out within the hour."""
    return factories.campaign(**{"deadline": now() + HOUR, **values})


def events(campaign: Campaign) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(CampaignEvent.kind).where(CampaignEvent.campaign_id == campaign.id)))


# ---- Deadline ----


def test_in_time_everything_goes_out() -> None:
    campaign = due()
    sending.drain(campaign.id)
    assert states(campaign.id) == {"accepted": 3}


def test_after_its_deadline_the_sweep_ends_what_waits_and_returns_its_quota() -> None:
    campaign = due(billed=2)
    sweep_once(now() + HOUR)
    assert states(campaign.id) == {"expired": 3}
    assert {delivery.reason for delivery in deliveries(campaign.id)} == {"deadline"}
    assert (balances().available, balances().reserved) == (6, 0)
    assert campaign_state(campaign.id) == "closed"


def test_a_moment_before_the_sweep_ends_nothing() -> None:
    campaign = due()
    sweep_once(now() + HOUR - timedelta(seconds=5))
    assert states(campaign.id) == {"queued": 3}


def test_after_its_deadline_no_worker_sends_though_the_sweep_has_not_come_by() -> None:
    campaign = due()
    with time_machine.travel(now() + HOUR):
        assert claims.claim(campaign.id, "w", 3) == []
        sending.drain(campaign.id)
    assert handed_over() == []
    assert states(campaign.id) == {"expired": 3}


def test_a_gateway_that_takes_its_time_is_handed_nothing_after_the_deadline(app: Flask) -> None:
    simulate(latency_ms=10.0)
    campaign = due(recipients=60, deadline=now() + timedelta(seconds=0.3))
    sending.drain(campaign.id)
    log = app.extensions["smsapp_config"].data / "simulator" / "handed_over.log"
    lines = log.read_text().splitlines() if log.exists() else []  # on a busy machine it may be too late for all
    times = [datetime.fromisoformat(json.loads(line)["time"]) for line in lines]
    assert all(time < campaign.deadline + timedelta(seconds=0.05) for time in times)
    sweep_once()
    assert states(campaign.id)["expired"] == 60 - len(times) > 0


def test_what_was_claimed_in_time_is_not_begun_after_the_deadline() -> None:
    campaign = due()
    claimed = claims.claim(campaign.id, "killed", 3)
    with time_machine.travel(now() + HOUR):
        assert claims.begin(campaign.id, "killed", claimed).deliveries == []
        sweep_once()  # the worker was killed: its lease is over, and so is the deadline
        sweep_once()
    assert states(campaign.id) == {"expired": 3}


def test_what_is_on_its_way_at_the_deadline_is_recorded_as_ever() -> None:
    campaign = due(recipients=2)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    with time_machine.travel(now() + HOUR):
        expire_overdue(now())
        claims.record(window, {held.reference: Accepted("r") for held in window.deliveries})
    assert states(campaign.id) == {"accepted": 1, "expired": 1}
    assert (balances().spent, balances().available) == (1, 1)


def test_a_busy_gateway_does_not_carry_an_sms_over_the_deadline() -> None:
    simulate(busy=1.0)
    campaign = due()
    sending.drain(campaign.id)
    with time_machine.travel(now() + HOUR):
        sweep_once()
    assert states(campaign.id) == {"expired": 3}


def test_a_paused_send_expires_too() -> None:
    campaign = due(state="paused")
    sweep_once(now() + HOUR)
    assert states(campaign.id) == {"expired": 3}


def test_a_send_that_starts_after_its_deadline_sends_nothing() -> None:
    campaign = due(state="waiting", starts_at=now() + timedelta(minutes=1))
    sweep_once(now() + HOUR)  # nothing had swept since
    assert states(campaign.id) == {"expired": 3}


def test_the_deadline_of_another_send_is_its_own() -> None:
    campaign = due(deadline=None)
    due()
    sweep_once(now() + HOUR)
    assert states(campaign.id) == {"queued": 3}


def test_the_history_names_the_deadline_once() -> None:
    campaign = due()
    claimed = claims.claim(campaign.id, "w", 1)
    expire_overdue(now() + HOUR)
    claims.release(campaign.id, "w")
    expire_overdue(now() + HOUR)
    assert claimed
    assert events(campaign) == ["deadline"]
    assert "Frist abgelaufen: Was noch wartete, wurde nicht gesendet" in [line.what for line in history(campaign)]


def test_nobody_sends_an_unclear_sms_again_after_the_deadline() -> None:
    campaign, user = due(recipients=1), factories.user()
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    claims.record(window, {held.reference: Unknown("no_answer") for held in window.deliveries})
    with time_machine.travel(now() + HOUR), pytest.raises(Conflict):
        service.settle(seen(*deliveries(campaign.id)), "queued", user.id)
    assert states(campaign.id) == {"unknown": 1}


# ---- Many refusals ----


class Picky:
    """Refuses the SMS at these places of those that it is brought."""

    window = 10

    def __init__(self, refuses: Callable[[int], bool]) -> None:
        self.refuses = refuses
        self.brought = 0

    def submit(self, messages: Sequence[Outgoing], _until: Until) -> Iterator[tuple[Outgoing, Result]]:
        for message in messages:
            refused = self.refuses(self.brought)
            self.brought += 1
            yield message, RefusedForGood("number_refused") if refused else Accepted(f"r{message.reference}")


def sent_by(gateway: Picky, recipients: int = 60) -> Campaign:
    use_gateway(gateway)
    campaign = factories.campaign(recipients=recipients)
    sending.drain(campaign.id)
    return campaign


def test_many_refusals_pause_a_send_at_once() -> None:
    campaign = sent_by(Picky(lambda place: place % 4 == 0))
    assert (campaign_state(campaign.id), events(campaign)) == ("paused", ["refused"])
    assert states(campaign.id) == {"accepted": 15, "rejected": 5, "queued": 40}


def test_who_resumes_it_is_not_stopped_again() -> None:
    campaign = sent_by(Picky(lambda place: True))
    service.resume(campaign.id, factories.user().id)
    sending.drain(campaign.id)
    assert states(campaign.id) == {"rejected": 60}


def test_one_in_five_is_not_many() -> None:
    campaign = sent_by(Picky(lambda place: place % 5 == 0))
    assert states(campaign.id) == {"accepted": 48, "rejected": 12}


def test_few_answers_tell_nothing() -> None:
    campaign = sent_by(Picky(lambda place: place < 10), recipients=20)
    assert states(campaign.id) == {"accepted": 10, "rejected": 10}


def test_only_the_first_are_watched() -> None:
    campaign = sent_by(Picky(lambda place: place >= FIRST), recipients=FIRST + 60)
    assert states(campaign.id) == {"accepted": FIRST, "rejected": 60}


def test_a_worker_that_was_killed_after_recording_leaves_the_pause_to_the_next() -> None:
    campaign = factories.campaign(recipients=40)
    window = claims.begin(campaign.id, "killed", claims.claim(campaign.id, "killed", 20))
    claims.record(window, {held.reference: RefusedForGood("number_refused") for held in window.deliveries})
    sending.drain(campaign.id)
    assert states(campaign.id) == {"rejected": 20, "queued": 20}
    assert campaign_state(campaign.id) == "paused"


def test_a_pause_takes_what_others_have_claimed() -> None:
    campaign = factories.campaign(recipients=60)
    other = claims.claim(campaign.id, "other", 10)
    use_gateway(Picky(lambda place: True))
    sending.drain(campaign.id)
    assert claims.begin(campaign.id, "other", other).deliveries == []
    assert states(campaign.id) == {"rejected": 20, "queued": 40}


def test_a_send_without_rest_is_not_paused() -> None:
    campaign = sent_by(Picky(lambda place: True), recipients=20)
    assert campaign_state(campaign.id) == "handed_over"
