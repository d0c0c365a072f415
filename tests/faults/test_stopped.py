"""A worker that stands still for twice its lease in the middle of a window, and then goes on as if nothing had been."""

import signal
from collections import Counter

import pytest

from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double
from tests.faults.forge import WINDOW, Start, wait_until
from tests.sending import evidence, handed_over, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]

LEASE = 2.0


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """Leases are shorter than a minute, in all processes."""
    return {**env, "FAULT_LEASE_SECONDS": str(LEASE)}


def test_a_worker_stopped_for_twice_its_lease_doubles_nothing(start: Start) -> None:
    campaign = factories.campaign(recipients=200)
    sweep, slow = start("sweep", silent=1), start(latency_ms=10, silent=1)
    wait_until(lambda: len(handed_over()) > WINDOW + 3, "it is in the midst of a window")
    slow.signal(signal.SIGSTOP)
    wait_until(lambda: states(campaign.id).get("unknown", 0) > 0, "its lease is over")
    assert states(campaign.id)["unknown"] == WINDOW
    other = start(silent=1)
    wait_until(lambda: set(states(campaign.id)) == {"accepted", "unknown"}, "another has sent the rest")
    slow.signal(signal.SIGCONT)
    wait_until(lambda: states(campaign.id) == {"accepted": 200}, "what it knows is kept, though it comes late")
    assert [each.stop() for each in (slow, other, sweep)] == [0, 0, 0]
    assert Counter(each.kind for each in evidence(campaign.id)) == {"late_result": WINDOW}
    assert_none_lost_none_double(campaign.id, handed_over(), 0)
