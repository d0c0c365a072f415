"""Workers and receivers at an SMPP operator, killed: its own log says that nobody got an SMS twice and none is lost.

The operator is node-smpp on a real socket, the processes are real ones on a real queue.
"""

import signal

import pytest
from sqlalchemy import select

from smsapp.delivery import receipts
from smsapp.delivery.models import Receipt
from smsapp.extensions import db, db_write
from smsapp.gateways.models import GatewayRow
from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double, drain_to_the_end, later
from tests.faults.conftest import SMPP_WINDOW
from tests.faults.forge import Forged, Start, wait_until
from tests.faults.operator import Operator
from tests.faults.scale import DEEPEST, KILLS
from tests.sending import campaign_state, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold", "smpp_env")]

SMALL_WINDOW = 4
PER_KILL = 9 * SMALL_WINDOW
MAY_BE_UNKNOWN = {"claimed": False, "marked": True, "sent": True, "answered": True, "being_recorded": True}
MAY_BE_UNKNOWN["recorded"] = False


def set_window(size: int) -> None:
    with db_write() as session:
        row = session.query(GatewayRow).filter_by(name="smpp").one()
        row.settings = {**row.settings, "window": str(size)}


def stored() -> list[Receipt]:
    db.session.rollback()
    return list(db.session.scalars(select(Receipt)))


@pytest.mark.parametrize("step", MAY_BE_UNKNOWN)
def test_a_worker_killed_again_and_again_at_one_step(start: Start, operator: Operator, step: str) -> None:
    set_window(SMALL_WINDOW)
    campaign = factories.campaign(recipients=PER_KILL * KILLS, gateway="smpp")
    for kill in range(KILLS):
        later()
        assert start(step=step, kill=kill).wait() == -signal.SIGKILL
    later()
    assert "queued" in states(campaign.id), "the kills came too late to matter"
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(campaign.id, operator.taken(), KILLS * SMALL_WINDOW)
    assert ("unknown" in states(campaign.id)) is MAY_BE_UNKNOWN[step], "the kills hit another step"


def test_workers_killed_at_any_moment(start: Start, operator: Operator) -> None:
    operator.order("latency", ms=5)
    campaign = factories.campaign(recipients=200 * KILLS, gateway="smpp")
    for kill in range(KILLS):
        later()
        enough = len(operator.taken()) + 1 + 17 * (kill % DEEPEST)
        worker = start()
        wait_until(lambda enough=enough: len(operator.taken()) >= enough, "some are taken")  # type: ignore[misc]
        worker.signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    later()
    assert "unknown" in states(campaign.id), "no kill came in a window"
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(campaign.id, operator.taken(), KILLS * SMPP_WINDOW)


def test_a_worker_told_to_end_in_a_window_leaves_nothing_unknown(start: Start, operator: Operator) -> None:
    operator.order("latency", ms=5)
    campaign = factories.campaign(recipients=300, gateway="smpp")
    later()
    worker = start()
    wait_until(lambda: len(operator.taken()) >= 20, "some are taken")
    assert worker.stop() == 0
    assert set(states(campaign.id)) <= {"queued", "accepted"}
    wait_until(lambda: operator.seen()[-1]["event"] == "closed", "it has unbound")
    assert len(operator.seen("unbind")) == 1
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(campaign.id, operator.taken(), 0)


def test_a_worker_keeps_its_bind_between_jobs(start: Start, operator: Operator) -> None:
    first = factories.campaign(recipients=30, gateway="smpp")
    later()
    worker = start()
    wait_until(lambda: campaign_state(first.id) == "handed_over", "the first is handed over")
    second = factories.campaign(recipients=30, gateway="smpp")
    later()
    wait_until(lambda: campaign_state(second.id) == "handed_over", "the second is handed over")
    assert worker.stop() == 0
    assert len(operator.seen("bind_transmitter")) == 1


def bring(start: Start, operator: Operator, references: list[str], enough: int) -> Forged:
    """A receiver that has acknowledged so many of these receipts at least."""
    receiver = start("receiver")
    wait_until(lambda: operator.order("takes"), "the receiver is bound")
    enough += len(operator.seen("deliver_answer"))
    for reference in references:
        operator.order("deliver", pdu={"esm_class": 4, "short_message": f"id:{reference} stat:DELIVRD"})
    wait_until(lambda: len(operator.seen("deliver_answer")) >= enough, "some are stored")
    return receiver


def test_a_receiver_killed_again_and_again_loses_no_receipt(start: Start, operator: Operator) -> None:
    campaign = factories.campaign(recipients=20 * KILLS, gateway="smpp")
    drain_to_the_end(start, campaign.id)
    left = [each["id"] for each in operator.seen("taken")]
    for kill in range(KILLS):
        receiver = bring(start, operator, left[:20], 2 + 4 * (kill % DEEPEST))
        receiver.signal(signal.SIGKILL)
        receiver.wait()
        wait_until(lambda: not operator.order("takes"), "the operator has seen its end")
        acknowledged = {each["id"] for each in operator.seen("deliver_answer")}
        assert acknowledged <= {each.reference for each in stored()}, "acknowledged and not stored"
        left = [reference for reference in left if reference not in acknowledged]
    assert bring(start, operator, left, len(left)).stop() == 0
    assert len(stored()) == 20 * KILLS
    receipts.apply_stored()
    assert states(campaign.id) == {"delivered": 20 * KILLS}
