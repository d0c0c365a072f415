"""The clock is set an hour forward or back in the middle of a send: nothing stops, nothing is sent twice."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from smsapp.clock import now
from smsapp.delivery import claims, heartbeats, sending, sweep
from smsapp.delivery.models import Heartbeat
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db
from smsapp.gateways.base import Outgoing
from smsapp.queue import SEND, queue
from smsapp.stop import Stop
from tests import factories
from tests.sending import handed_over, simulate, states
from tests.servers import QueueServer

pytestmark = pytest.mark.usefixtures("invariants_hold")

HOUR = timedelta(hours=1)
MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    factories.settings()
    simulate(silent=1.0)
    with time_machine.travel(MOMENT) as clock:
        yield clock


def everybody(window: claims.Window) -> list[Outgoing]:
    return [held.outgoing("KURZPOST") for held in window.deliveries]


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
def test_who_was_claimed_before_the_jump_is_sent_once(clock: time_machine.Traveller, jump: timedelta) -> None:
    campaign = factories.campaign(recipients=5)
    claimed = claims.claim(campaign.id, "slow", 5)
    clock.shift(jump)
    sweep_once()
    sending.drain(campaign.id)
    assert claims.begin(campaign.id, "slow", claimed).deliveries == []
    assert states(campaign.id) == {"accepted": 5}
    assert len(handed_over()) == 5


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
def test_who_was_begun_before_the_jump_is_sent_at_most_once(clock: time_machine.Traveller, jump: timedelta) -> None:
    gateway = simulate(silent=1.0)
    campaign = factories.campaign(recipients=5)
    window = claims.begin(campaign.id, "slow", claims.claim(campaign.id, "slow", 5))
    clock.shift(jump)
    sweep_once()
    sending.drain(campaign.id)
    assert (states(campaign.id), handed_over()) == ({"unknown": 5}, [])
    results = {message.reference: result for message, result in gateway.submit(everybody(window) * window.runs())}
    claims.record(window, results)
    assert len(handed_over()) == len(results)
    assert states(campaign.id) == {"accepted": 5} if results else {"unknown": 5}


def test_a_clock_set_back_makes_no_lease_longer(clock: time_machine.Traveller) -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "slow", claims.claim(campaign.id, "slow", 1))
    clock.shift(-HOUR)
    assert window.runs()
    assert not replace(window, ends_at=time.monotonic()).runs()
    claims.record(window, {})


def test_after_a_clock_was_set_back_a_forgotten_send_is_woken_at_once(
    app: Flask, clock: time_machine.Traveller, queue_server: QueueServer
) -> None:
    queue_server.use(app)
    factories.campaign(woken_at=now() + HOUR)
    sweep_once()
    assert queue(SEND).count == 1


def test_after_a_clock_was_set_back_nobody_waits_an_hour_for_the_next_try(clock: time_machine.Traveller) -> None:
    simulate(busy=1.0)
    campaign = factories.campaign(recipients=1)
    sending.drain(campaign.id)
    assert claims.claim(campaign.id, "w", 1) == []
    clock.shift(-HOUR)
    assert len(claims.claim(campaign.id, "w", 1)) == 1


def test_the_loop_goes_on_when_the_clock_is_set_back(
    app: Flask, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare: list[datetime] = []
    monkeypatch.setattr(sweep, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(sweep, "RARELY_SECONDS", 0.05)
    monkeypatch.setattr(heartbeats, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(sweep, "RARE", (rare.append,))
    end = Stop()
    thread = Thread(target=sweep.run, args=(app, end))
    thread.start()
    try:
        _until(lambda: _beats_after(MOMENT) and bool(rare))
        clock.shift(-HOUR)
        _until(lambda: not _beats_after(MOMENT - HOUR / 2) and rare[-1] < MOMENT)
    finally:
        end.set()
        thread.join()


def _beats_after(moment: datetime) -> bool:
    db.session.rollback()
    return db.session.scalar(select(Heartbeat.at).where(Heartbeat.at >= moment)) is not None


def _until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
