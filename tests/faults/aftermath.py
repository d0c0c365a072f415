"""What is done and what must hold after workers were killed, whatever the gateway: none lost, none double.

The witness is the gateway's own log of numbers, which the application never reads.
"""

from collections import Counter
from datetime import timedelta

from smsapp.clock import now
from smsapp.delivery.sweep import sweep_once
from smsapp.quota.queries import balances
from tests.faults.forge import Start, wait_until
from tests.sending import campaign_state, deliveries

CERTAIN = {"accepted", "delivered", "undelivered"}


def later() -> None:
    """The sweep finds, as it would two minutes from now, what a dead worker left."""
    sweep_once(now() + timedelta(minutes=2))


def drain_to_the_end(start: Start, campaign_id: int) -> None:
    later()
    worker = start()
    wait_until(lambda: campaign_state(campaign_id) in {"handed_over", "closed"}, "everything is handed over")
    assert worker.stop() == 0


def assert_none_lost_none_double(
    campaign_id: int, witness: list[str], most_unknown: int, most_refused: int = 0
) -> None:
    """What is unknown may have been handed over or not, what was refused was not; everybody else was, once."""
    witnessed = Counter(witness)
    assert set(witnessed.values()) == {1}, "an SMS was handed over twice"
    said = {each.number: each.state for each in deliveries(campaign_id)}
    rejected = {number for number, state in said.items() if state == "rejected"}
    assert len(rejected) <= most_refused, "more are refused than the gateway said"
    assert not rejected & witnessed.keys(), "an SMS was refused and handed over"
    assert set(said.values()) <= CERTAIN | {"unknown", "rejected"}, "an SMS was lost"
    certain = {number for number, state in said.items() if state in CERTAIN}
    assert certain <= witnessed.keys() <= said.keys(), "an SMS was lost"
    unknown = len(said) - len(certain) - len(rejected)
    assert unknown <= most_unknown, "more are unknown than the killed had begun"
    assert (balances().available, balances().reserved) == (len(rejected), unknown)
