"""The sweep finds what was forgotten: undo windows, leases, wake-ups, ends; and does nothing twice."""

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from smsapp.clock import now
from smsapp.delivery import claims, heartbeats, sending, service, sweep
from smsapp.delivery.models import Campaign, CampaignEvent, Heartbeat
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db
from smsapp.overview.health import health
from smsapp.queue import SEND, queue
from smsapp.stop import Stop
from tests import factories
from tests.sending import campaign_state, simulate, states
from tests.servers import QueueServer

pytestmark = pytest.mark.usefixtures("ready_to_send", "invariants_hold")


@pytest.fixture
def jobs(app: Flask, queue_server: QueueServer) -> QueueServer:
    queue_server.use(app)
    return queue_server


def waiting_jobs() -> list[list[int]]:
    return [list(job.args) for job in queue(SEND).jobs]


def test_a_send_starts_after_its_undo_window_and_wakes_a_worker(jobs: QueueServer) -> None:
    campaign = factories.campaign(state="waiting", starts_at=now() + timedelta(seconds=30))
    sweep_once()
    assert (campaign_state(campaign.id), waiting_jobs()) == ("waiting", [])
    sweep_once(now() + timedelta(seconds=31))
    assert (campaign_state(campaign.id), waiting_jobs()) == ("sending", [[campaign.id]])


def test_every_worker_that_lives_is_asked_to_share_a_send(jobs: QueueServer) -> None:
    for name in ("worker send@here-1", "worker send@here-2", "worker background@here-3"):
        heartbeats.beat(name)
    heartbeats.beat("worker send@here-4", now() - timedelta(minutes=1))
    campaign = factories.campaign()
    sweep_once()
    assert waiting_jobs() == [[campaign.id]] * 2


def test_leases_that_are_over_free_the_claimed_and_make_the_begun_unknown() -> None:
    campaign = factories.campaign(recipients=4)
    claimed = claims.claim(campaign.id, "dead", 3)
    claims.begin(campaign.id, "dead", claimed[:2])
    sweep_once(now() + claims.LEASE - timedelta(seconds=1))
    assert states(campaign.id) == {"submitting": 2, "claimed": 1, "queued": 1}
    sweep_once(now() + claims.LEASE + timedelta(seconds=1))
    assert states(campaign.id) == {"unknown": 2, "queued": 2}


def test_a_forgotten_send_is_woken_once_and_again_only_later(jobs: QueueServer) -> None:
    campaign = factories.campaign()
    at = now()
    sweep_once(at)
    sweep_once(at + timedelta(seconds=30))
    assert waiting_jobs() == [[campaign.id]]
    sweep_once(at + timedelta(seconds=61))
    assert waiting_jobs() == [[campaign.id]] * 2


def test_an_empty_queue_has_forgotten_sooner(jobs: QueueServer) -> None:
    campaign = factories.campaign()
    at = now()
    sweep_once(at)
    queue(SEND).empty()
    sweep_once(at + timedelta(seconds=2))
    assert waiting_jobs() == []
    sweep_once(at + timedelta(seconds=4))
    assert waiting_jobs() == [[campaign.id]]


def test_a_full_queue_gets_no_more_calls(jobs: QueueServer) -> None:
    factories.campaign()
    for number in range(sweep.MANY_JOBS):
        queue(SEND).enqueue("some.job", number)
    sweep_once()
    assert len(waiting_jobs()) == sweep.MANY_JOBS


def test_a_send_that_waits_for_its_next_try_is_not_woken_before(jobs: QueueServer) -> None:
    simulate(busy=1.0)
    campaign = factories.campaign()
    sending.drain(campaign.id)
    sweep_once(now() + timedelta(seconds=4))
    assert waiting_jobs() == []
    sweep_once(now() + timedelta(seconds=6))
    assert waiting_jobs() == [[campaign.id]]


@pytest.mark.parametrize("state", ["waiting", "paused"])
def test_a_send_that_shall_not_go_on_is_not_woken(jobs: QueueServer, state: str) -> None:
    factories.campaign(state=state, starts_at=now() + timedelta(days=1))
    sweep_once()
    assert waiting_jobs() == []


def test_without_a_queue_nothing_is_lost() -> None:
    campaign = factories.campaign(state="waiting")
    sweep_once()
    assert campaign_state(campaign.id) == "sending"
    assert states(campaign.id) == {"queued": 3}


def test_a_send_closes_when_everything_is_final() -> None:
    campaign = factories.campaign(recipients=5)
    sending.drain(campaign.id)
    assert campaign_state(campaign.id) == "handed_over"
    sweep_once()
    assert states(campaign.id) == {"delivered": 5}
    assert campaign_state(campaign.id) == "closed"


def test_a_send_closes_after_three_days_with_what_is_unknown() -> None:
    simulate(lost=1.0, silent=1.0)
    campaign = factories.campaign(recipients=1)
    sending.drain(campaign.id)
    sweep_once(now() + timedelta(hours=71))
    assert campaign_state(campaign.id) == "handed_over"
    sweep_once(now() + timedelta(hours=73))
    assert (campaign_state(campaign.id), states(campaign.id)) == ("closed", {"unknown": 1})


def test_a_cancelled_send_is_over_when_everything_is_final() -> None:
    campaign = factories.campaign(state="waiting")
    service.undo(campaign.id, factories.user().id)
    sweep_once()
    db.session.rollback()
    assert db.session.get_one(Campaign, campaign.id).closed_at
    assert campaign_state(campaign.id) == "cancelled"


def test_a_paused_send_with_nothing_left_is_handed_over() -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    service.pause(campaign.id, None)
    sweep_once()
    assert campaign_state(campaign.id) == "paused"
    claims.record(window, {})
    sweep_once()
    assert campaign_state(campaign.id) == "handed_over"


def test_every_step_of_a_send_is_noted() -> None:
    campaign, user = factories.campaign(state="waiting"), factories.user()
    service.start_due()
    service.pause(campaign.id, user.id)
    service.resume(campaign.id, user.id)
    sending.drain(campaign.id)
    sweep_once()
    db.session.rollback()
    noted = db.session.execute(select(CampaignEvent.kind, CampaignEvent.user_id).order_by(CampaignEvent.id)).all()
    assert [tuple(row) for row in noted] == [
        ("sending", None),
        ("paused", user.id),
        ("sending", user.id),
        ("handed_over", None),
        ("closed", None),
    ]


def test_two_sweeps_at_once_do_everything_once(app: Flask, jobs: QueueServer) -> None:
    campaigns = [factories.campaign(state="waiting").id for _ in range(5)]

    def one() -> None:
        with app.app_context():
            sweep_once()

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waiting_jobs()) == [[campaign_id] for campaign_id in campaigns]
    db.session.rollback()
    assert db.session.query(CampaignEvent).count() == 5


def run_until(app: Flask, condition: Callable[[], bool]) -> None:
    """The real loop, in a thread, until the condition holds."""
    end = Stop()
    thread = Thread(target=sweep.run, args=(app, end))
    thread.start()
    deadline = time.monotonic() + 20
    try:
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        end.set()
        thread.join()


def beats() -> set[str]:
    db.session.rollback()
    return {name.partition("@")[0] for name in db.session.scalars(select(Heartbeat.name))}


def test_the_loop_sweeps_and_beats(app: Flask) -> None:
    campaign = factories.campaign(state="waiting")
    run_until(app, lambda: beats() == {"sweep"} and campaign_state(campaign.id) == "sending")
    assert health()["sweep"]
    assert not health()["worker"]


def test_a_step_that_fails_stops_no_other_and_no_beat_is_written(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sweep, "OFTEN", (broken, *sweep.OFTEN))
    campaign = factories.campaign(state="waiting")
    with caplog.at_level(logging.ERROR):
        run_until(app, lambda: campaign_state(campaign.id) == "sending")
    assert "disk full" in caplog.text
    assert beats() == set()


def test_a_worker_beats_while_it_lives_and_is_forgotten_when_it_ends(app: Flask) -> None:
    with heartbeats.beating(app, "worker send"):
        deadline = time.monotonic() + 20
        while beats() != {"worker send"}:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert health()["worker"]
    assert beats() == set()


def test_heartbeats_of_the_long_dead_are_dropped() -> None:
    heartbeats.beat("worker send@old-1", now() - timedelta(days=2))
    heartbeats.beat("worker send@new-2")
    sweep_once()
    db.session.rollback()
    assert list(db.session.scalars(select(Heartbeat.name))) == ["worker send@new-2"]


def test_a_quiet_sweep_writes_nothing(app: Flask) -> None:
    factories.campaign(state="paused")
    sweep_once()
    other = sqlite3.connect(app.extensions["smsapp_config"].data / "smsapp.db")
    versions = []
    for _ in range(2):
        versions.append(other.execute("PRAGMA data_version").fetchone())
        sweep_once()
    versions.append(other.execute("PRAGMA data_version").fetchone())
    factories.user()
    assert versions == [versions[0]] * 3
    assert other.execute("PRAGMA data_version").fetchone() != versions[0]
    other.close()
