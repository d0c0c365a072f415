"""Real workers and a real receiver at an operator that loses, repeats, delays, throttles and breaks off."""

from random import Random

import pytest

from smsapp.delivery import receipts
from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double
from tests.faults.conftest import SMPP_WINDOW
from tests.faults.forge import Start, wait_until
from tests.faults.operator import Operator
from tests.faults.scale import KILLS
from tests.sending import campaign_state, deliveries, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold", "smpp_env")]

RECIPIENTS = 120
PASSING = ("ok", "late", "duplicate", "hold", "throttle", "system_error")
LOSES = ("drop", "half", "half_drop", "broken")
FAULTS = (*PASSING, *LOSES, "none", "nack")
OVER = {"handed_over", "closed"}


def told(reference: str, state: str) -> dict[str, object]:
    return {"esm_class": 4, "short_message": f"id:{reference} sub:001 dlvrd:001 stat:{state} err:000 text:"}


@pytest.mark.parametrize("seed", range(max(1, KILLS // 5)))
def test_any_storm_of_faults(start: Start, operator: Operator, seed: int) -> None:
    """Each fault that ends the connection may leave what waited for an answer unknown, and nothing else."""
    dice = Random(seed)
    plan = dice.sample(FAULTS, len(FAULTS)) + dice.choices(PASSING, k=10)
    operator.order("plan", faults=plan)
    sent = factories.campaign(recipients=RECIPIENTS, gateway="smpp")
    worker, sweep = start(), start("sweep")
    wait_until(lambda: campaign_state(sent.id) in OVER, "everything is handed over")
    assert [worker.stop(), sweep.stop()] == [0, 0]
    doubtful = sum(fault in {"system_error", "none"} for fault in plan)
    ends = sum(fault in LOSES for fault in plan) + 1  # a server that is silent is left
    assert_none_lost_none_double(sent.id, operator.taken(), doubtful + ends * SMPP_WINDOW, most_refused=1)


def test_an_operator_that_ends_every_connection_is_asked_less_and_less(start: Start, operator: Operator) -> None:
    operator.order("bind", answer="drop")
    sent = factories.campaign(recipients=30, gateway="smpp")
    worker, sweep = start(), start("sweep")
    wait_until(lambda: len(operator.seen("bind_transmitter")) >= 2, "it was tried again")
    assert set(states(sent.id)) <= {"queued", "claimed", "submitting"}
    operator.order("bind", answer="ok")
    wait_until(lambda: campaign_state(sent.id) in OVER, "everything is handed over")
    assert [worker.stop(), sweep.stop()] == [0, 0]
    assert len(operator.seen("bind_transmitter")) < 10
    assert_none_lost_none_double(sent.id, operator.taken(), 0)


def test_receipts_early_tripled_reversed_and_forged(start: Start, operator: Operator) -> None:
    """Each SMS gets them before its answer, three times and in any order; strangers' ones name what was never sent."""
    receiver = start("receiver")
    wait_until(lambda: operator.order("takes"), "the receiver is bound")
    references = [f"m{number}" for number in range(1, RECIPIENTS + 1)]
    pdus = [told(each, state) for each in references for state in ("DELIVRD", "DELIVRD", "DELIVRD", "ACCEPTD")]
    pdus += [told(f"forged{number}", "UNDELIV") for number in range(50)]
    Random(1).shuffle(pdus)
    for pdu in [*pdus, *(told(each, "UNDELIV") for each in references)]:  # the last ones come too late to count
        operator.order("deliver", pdu=pdu)
    wait_until(lambda: len(operator.seen("deliver_answer")) == len(pdus) + RECIPIENTS, "all are acknowledged")
    sent = factories.campaign(recipients=RECIPIENTS, gateway="smpp")
    worker, sweep = start(), start("sweep")
    wait_until(lambda: campaign_state(sent.id) == "closed", "all is final")
    assert [each.stop() for each in (worker, sweep, receiver)] == [0, 0, 0]
    assert states(sent.id) == {"delivered": RECIPIENTS}
    assert sorted(operator.taken()) == sorted(each.number for each in deliveries(sent.id))
    assert receipts.apply_stored() == 0
