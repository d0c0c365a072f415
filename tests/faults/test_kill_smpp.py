"""Workers and receivers at an SMPP operator, killed: its own log says that nobody got an SMS twice and none is lost.

The operator is node-smpp on a real socket, the processes are real ones on a real queue.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from smsapp.clock import now
from smsapp.delivery import receipts
from smsapp.delivery.models import Receipt
from smsapp.delivery.sweep import sweep_once
from smsapp.extensions import db
from smsapp.gateways.smpp.gateway import CALLS_PER_WINDOW
from smsapp.quota.queries import balances
from tests import factories
from tests.faults.forge import Start, wait_until
from tests.faults.operator import Operator
from tests.sending import campaign_state, deliveries, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]

KILLS = 5
SMPP_WINDOW = 10
WINDOW = SMPP_WINDOW * CALLS_PER_WINDOW


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    made = Operator(tmp_path)
    yield made
    made.close()


@pytest.fixture
def env(env: dict[str, str], operator: Operator) -> dict[str, str]:
    """The processes know the operator, and all sends go there."""
    factories.gateway(settings=operator.values(window=SMPP_WINDOW, answer_seconds=2), password=None)
    return {**env, "SMSAPP_GATEWAY_SMPP_PASSWORD": "geheim"}


def later() -> None:
    """The sweep finds, as it would two minutes from now, what a dead worker left."""
    sweep_once(now() + timedelta(minutes=2))


def drain_to_the_end(start: Start, campaign_id: int) -> None:
    later()
    worker = start()
    wait_until(lambda: campaign_state(campaign_id) == "handed_over", "everything is handed over")
    assert worker.stop() == 0


def assert_none_lost_none_double(operator: Operator, campaign_id: int, most_unknown: int) -> None:
    witnessed = Counter(operator.taken())
    assert set(witnessed.values()) == {1}, "an SMS was handed over twice"
    said = {each.number: each.state for each in deliveries(campaign_id)}
    assert set(said.values()) <= {"accepted", "unknown"}, "an SMS was lost"
    assert {number for number, state in said.items() if state == "accepted"} <= witnessed.keys() <= said.keys()
    unknown = Counter(said.values())["unknown"]
    assert unknown <= most_unknown
    assert (balances().available, balances().reserved) == (0, unknown)


def stored() -> list[Receipt]:
    db.session.rollback()
    return list(db.session.scalars(select(Receipt)))


def test_workers_killed_at_any_moment(start: Start, operator: Operator) -> None:
    operator.order("latency", ms=5)
    campaign = factories.campaign(recipients=600, gateway="smpp")
    for kill in range(KILLS):
        later()
        enough = len(operator.taken()) + 1 + 17 * kill
        worker = start()
        wait_until(lambda enough=enough: len(operator.taken()) >= enough, "some are taken")  # type: ignore[misc]
        worker.signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
    later()
    assert "unknown" in states(campaign.id), "no kill came in a window"
    drain_to_the_end(start, campaign.id)
    assert_none_lost_none_double(operator, campaign.id, KILLS * WINDOW)


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
    assert_none_lost_none_double(operator, campaign.id, 0)


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


def test_a_receiver_killed_again_and_again_loses_no_receipt(start: Start, operator: Operator) -> None:
    campaign = factories.campaign(recipients=100, gateway="smpp")
    drain_to_the_end(start, campaign.id)
    left = [each["id"] for each in operator.seen("taken")]
    while left:
        receiver = start("receiver")
        wait_until(lambda: operator.order("takes"), "the receiver is bound")
        enough = len(operator.seen("deliver_answer")) + min(30, len(left))
        for reference in left:
            operator.order("deliver", pdu={"esm_class": 4, "short_message": f"id:{reference} stat:DELIVRD"})
        wait_until(lambda enough=enough: len(operator.seen("deliver_answer")) >= enough, "some are stored")  # type: ignore[misc]
        receiver.signal(signal.SIGKILL)
        receiver.wait()
        wait_until(lambda: not operator.order("takes"), "the operator has seen its end")
        acknowledged = {each["id"] for each in operator.seen("deliver_answer")}
        assert acknowledged <= {each.reference for each in stored()}, "acknowledged and not stored"
        left = [reference for reference in left if reference not in acknowledged]
    assert len(stored()) == 100
    receipts.apply_stored()
    assert states(campaign.id) == {"delivered": 100}
