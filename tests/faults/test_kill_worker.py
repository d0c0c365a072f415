"""Real workers on a real queue, killed at each step: no SMS is lost, none is sent twice, quota adds up.

The witness is the simulator's own log, which the application never reads.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from smsapp.extensions import db
from smsapp.overview.health import worker_is_running
from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double, drain_to_the_end, later
from tests.faults.forge import PATIENCE, ROOT, WINDOW, Start, wait_until
from tests.faults.scale import DEEPEST, KILLS
from tests.sending import campaign_state, handed_over, how_many_handed_over, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]

RECIPIENTS_PER_KILL = 180
MAY_BE_UNKNOWN = {"claimed": False, "marked": True, "handed_over": True, "answered": True, "being_recorded": True}
MAY_BE_UNKNOWN["recorded"] = False


@pytest.mark.parametrize("step", MAY_BE_UNKNOWN)
def test_a_worker_killed_again_and_again_at_one_step(start: Start, step: str) -> None:
    campaign = factories.campaign(recipients=RECIPIENTS_PER_KILL * KILLS)
    for kill in range(KILLS):
        later()
        assert start(step=step, kill=kill, silent=1).wait() == -signal.SIGKILL
    later()
    assert "queued" in states(campaign.id), "the kills came too late to matter"
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(campaign.id, handed_over(), KILLS * WINDOW)
    assert ("unknown" in states(campaign.id)) is MAY_BE_UNKNOWN[step], "the kills hit another step"


def test_workers_killed_from_outside_at_any_moment(start: Start) -> None:
    campaign = factories.campaign(recipients=100 * KILLS)
    for kill in range(KILLS):
        later()
        enough = how_many_handed_over() + 1 + 11 * (kill % DEEPEST)
        worker = start(latency_ms=2, silent=1)
        wait_until(lambda enough=enough: how_many_handed_over() >= enough, "some are handed over")  # type: ignore[misc]
        worker.signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(campaign.id, handed_over(), KILLS * WINDOW)


def test_receipts_tell_what_became_of_the_unknown(start: Start) -> None:
    campaign = factories.campaign(recipients=100)
    later()
    assert start(step="answered").wait() == -signal.SIGKILL
    later()
    assert states(campaign.id) == {"delivered": WINDOW, "queued": 100 - WINDOW}
    drain_to_the_end(start, campaign.id)
    later()
    assert states(campaign.id) == {"delivered": 100}
    assert_none_lost_none_double(campaign.id, handed_over(), 0)


def test_two_workers_at_once_share_two_sends(start: Start) -> None:
    campaigns = [factories.campaign(recipients=300), factories.campaign(recipients=300)]
    for _ in range(4):
        later()
    workers = [start(latency_ms=1, silent=1) for _ in range(2)]
    for campaign in campaigns:
        wait_until(lambda c=campaign: campaign_state(c.id) == "handed_over", "everything is handed over")  # type: ignore[misc]
    assert [worker.stop() for worker in workers] == [0, 0]
    numbers = Counter(handed_over())  # both sends go to the same numbers
    assert set(numbers.values()) == {2}
    assert all(states(campaign.id) == {"accepted": 300} for campaign in campaigns)


def test_a_worker_told_to_end_in_the_midst_of_a_window_leaves_nothing_unknown(start: Start) -> None:
    campaign = factories.campaign(recipients=300)
    later()
    worker = start(latency_ms=10, silent=1)
    wait_until(lambda: len(handed_over()) > WINDOW + 3, "it is in the midst of a window")
    worker.signal(signal.SIGTERM)
    assert worker.stop() == 0
    found = states(campaign.id)
    assert set(found) == {"accepted", "queued"}
    assert found["accepted"] == len(handed_over()) < 300
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(campaign.id, handed_over(), 0)


def test_the_command_works_and_an_idle_worker_ends_at_once(env: dict[str, str]) -> None:
    def beats() -> bool:
        db.session.rollback()
        return worker_is_running()

    campaign = factories.campaign(recipients=30)
    later()
    argv = [sys.executable, "-m", "smsapp", "worker", "send"]
    with subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **env}) as worker:
        try:
            wait_until(lambda: beats() and campaign_state(campaign.id) == "handed_over", "it has done its work")
            begun = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(PATIENCE) == 0
        finally:
            worker.kill()
    assert time.monotonic() - begun < 5
    assert not beats()
