"""The sweep killed at each of its steps, again and again, while it mends what killed workers left."""

import signal
from datetime import timedelta

import pytest
from sqlalchemy import update

from smsapp.clock import now
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.waking import wake_drain
from smsapp.extensions import db_write
from smsapp.queue import SEND, queue
from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double, later
from tests.faults.forge import WINDOW, Start
from tests.faults.scale import KILLS
from tests.sending import campaign_state, handed_over, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]


def killed(start: Start, *words: str, step: str) -> None:
    """A process that dies at this step, and at no other."""
    assert start(*words, step=step).wait() == -signal.SIGKILL


def minutes_pass() -> None:
    """Leases are over, wake-up calls are forgotten."""
    past = now() - timedelta(minutes=2)
    with db_write() as session:
        session.execute(update(Delivery).where(Delivery.lease_until.is_not(None)).values(lease_until=past))
        session.execute(update(Campaign).where(Campaign.woken_at.is_not(None)).values(woken_at=past))


def after(start: Start, campaign_id: int, *steps: str) -> dict[str, int]:
    """What is left of the send when sweeps have died at these steps."""
    for step in steps:
        killed(start, "sweep", step=step)
    return states(campaign_id)


@pytest.mark.parametrize("kill", range(KILLS))
def test_each_sweep_dies_a_step_later_than_the_one_before(start: Start, kill: int) -> None:
    """Every step does what the one before left undone, and nothing of it twice."""
    sent = factories.campaign(recipients=2 * WINDOW).id
    assert wake_drain(sent)
    killed(start, step="answered")
    minutes_pass()
    assert after(start, sent, "claims_ended") == {"claimed": WINDOW, "submitting": WINDOW}
    assert after(start, sent, "leases_ended") == {"queued": WINDOW, "submitting": WINDOW}
    assert after(start, sent, "receipts_stored", "receipts_applied") == {"queued": WINDOW, "unknown": WINDOW}
    assert after(start, sent, "to_be_woken") == {"queued": WINDOW, "delivered": WINDOW}
    assert queue(SEND).count == 0
    minutes_pass()
    assert after(start, sent, "woken") == {"queued": WINDOW, "delivered": WINDOW}
    killed(start, step="recorded")
    assert after(start, sent, "finished") == {"delivered": 2 * WINDOW}
    assert campaign_state(sent) == "sending"
    after(start, sent, "closed")
    assert campaign_state(sent) == "handed_over"
    later()
    assert campaign_state(sent) == "closed"
    assert_none_lost_none_double(sent, handed_over(), 0)
