"""The queue server is killed and wiped at bad moments: it only carries wake-up calls, so nothing is lost."""

import signal
import time

import pytest

from smsapp.delivery import service
from smsapp.delivery.waking import wake_drain
from smsapp.extensions import db
from smsapp.overview.health import health
from smsapp.queue import PATIENCE, SEND, queue
from tests import factories
from tests.faults.forge import WINDOW, Start, wait_until
from tests.faults.scale import KILLS, QUEUE_AWAY
from tests.sending import campaign_state, handed_over, states
from tests.servers import QueueServer

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]


def alive() -> set[str]:
    """The parts that are well, now."""
    db.session.rollback()
    return {part for part, well in health().items() if well}


def over(*campaign_ids: int) -> bool:
    return all(campaign_state(campaign_id) == "closed" for campaign_id in campaign_ids)


def test_killed_and_wiped_in_mid_send(start: Start, queue_server: QueueServer) -> None:
    """One send is at work and the call for the other waits in the queue when everything in it is lost."""
    first, second = (factories.campaign(recipients=150, text=name) for name in ("first", "second"))
    second_waits = factories.campaign(recipients=150, state="waiting")
    worker, sweep = start(latency_ms=4), start("sweep")
    wait_until(lambda: len(handed_over()) > WINDOW, "it is sending")
    assert queue(SEND).count > 0
    queue_server.kill()
    wait_until(lambda: len(handed_over()) > 3 * WINDOW, "it goes on without the queue")
    queue_server.start()
    wait_until(lambda: over(first.id, second.id, second_waits.id), "all sends are closed")
    assert len(handed_over()) == 450
    assert [states(c.id) for c in (first, second, second_waits)] == [{"delivered": 150}] * 3
    assert [worker.stop(), sweep.stop()] == [0, 0]


def test_killed_again_and_again(start: Start, queue_server: QueueServer) -> None:
    times = max(3, KILLS // 5)
    campaigns = [factories.campaign(recipients=40).id for _ in range(times + 5)]
    worker, sweep = start(latency_ms=5), start("sweep")
    for round_number in range(1, times + 1):
        wait_until(lambda n=round_number: len(handed_over()) > 40 * n, "some are handed over")  # type: ignore[misc]
        queue_server.restart_empty()
    wait_until(lambda: over(*campaigns), "all sends are closed")
    assert len(handed_over()) == 40 * len(campaigns)
    assert [worker.stop(), sweep.stop()] == [0, 0]


def test_stopped_for_a_while_in_mid_send(start: Start, queue_server: QueueServer) -> None:
    """It takes connections and does not answer: nobody waits for it longer than for a moment."""
    first = factories.campaign(recipients=150)
    worker, sweep = start(latency_ms=4), start("sweep")
    wait_until(lambda: len(handed_over()) > WINDOW, "it is sending")
    with queue_server.stopped():
        begun = time.monotonic()
        second = factories.campaign(recipients=150, state="waiting")
        assert not wake_drain(first.id)
        assert time.monotonic() - begun < 5 * PATIENCE  # with a second try, and connecting each time
        wait_until(lambda: states(first.id) == {"delivered": 150}, "it goes on without the queue")
        wait_until(lambda: campaign_state(second.id) == "sending", "the sweep goes on")
        wait_until(lambda: time.monotonic() - begun > QUEUE_AWAY, "it was away for long enough")
    wait_until(lambda: over(first.id, second.id), "all sends are closed")
    assert len(handed_over()) == 300
    assert [worker.stop(), sweep.stop()] == [0, 0]


def test_its_folder_is_deleted_in_mid_send(start: Start, queue_server: QueueServer) -> None:
    """Whoever is connected stays so; whoever comes later waits until it is started anew."""
    campaigns = [factories.campaign(recipients=100).id for _ in range(2)]
    worker, sweep = start(latency_ms=4), start("sweep")
    wait_until(lambda: len(handed_over()) > WINDOW, "it is sending")
    queue_server.delete_folder()
    late = start(latency_ms=4)
    wait_until(lambda: len(handed_over()) > 3 * WINDOW, "it goes on without the queue")
    queue_server.restart_empty()
    wait_until(lambda: over(*campaigns), "all sends are closed")
    assert len(handed_over()) == 200
    assert [each.stop() for each in (worker, late, sweep)] == [0, 0, 0]


def test_whoever_starts_before_the_queue_server_waits_for_it(start: Start, queue_server: QueueServer) -> None:
    queue_server.kill()
    worker, sweep = start(), start("sweep")
    campaign, user = factories.campaign(state="paused", recipients=30), factories.user()
    service.resume(campaign.id, user.id)
    wait_until(lambda: alive() == {"database", "worker", "sweep"}, "the worker lives")
    assert states(campaign.id) == {"queued": 30}
    queue_server.start()
    wait_until(lambda: over(campaign.id), "the send is closed")
    wait_until(lambda: len(alive()) == 4, "everything is well")
    assert [worker.stop(), sweep.stop()] == [0, 0]


def test_a_worker_ends_in_mid_window_without_the_queue_server(start: Start, queue_server: QueueServer) -> None:
    campaign = factories.campaign(recipients=200)
    sweep = start("sweep")
    worker = start(latency_ms=10, silent=1)
    wait_until(lambda: len(handed_over()) > WINDOW + 3, "it is in the midst of a window")
    queue_server.kill()
    begun = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - begun < 10
    found = states(campaign.id)
    assert set(found) == {"accepted", "queued"}
    assert found["accepted"] == len(handed_over()) < 200
    assert sweep.stop() == 0


def test_an_idle_worker_without_the_queue_server_ends_when_told(start: Start, queue_server: QueueServer) -> None:
    worker = start()
    wait_until(lambda: "worker" in alive(), "it is idle")
    queue_server.kill()
    begun = time.monotonic()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert time.monotonic() - begun < 10
