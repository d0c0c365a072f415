"""People pause, go on and cancel at any moment while workers send."""

from random import Random

import pytest

from smsapp.delivery import service
from smsapp.errors import Conflict
from tests import factories
from tests.faults.forge import Start, wait_until
from tests.faults.scale import KILLS
from tests.sending import campaign_state, deliveries, handed_over, states

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]

RECIPIENTS = 300
OVER = {"handed_over", "closed", "cancelled"}


@pytest.mark.parametrize("seed", range(max(1, KILLS // 5)))
def test_pauses_and_cancels_at_random_moments(start: Start, seed: int) -> None:
    dice, user = Random(seed), factories.user()
    sent = factories.campaign(recipients=RECIPIENTS)
    workers = [start(latency_ms=2, silent=1) for _ in range(2)]
    sweep = start("sweep", silent=1)
    cancel_after = dice.randrange(RECIPIENTS // 2, RECIPIENTS)
    while campaign_state(sent.id) not in OVER:
        enough = min(RECIPIENTS, len(handed_over()) + dice.randrange(1, 40))
        wait_until(lambda n=enough: len(handed_over()) >= n or campaign_state(sent.id) in OVER, "some are sent")  # type: ignore[misc]
        try:
            service.pause(sent.id, user.id)
            if len(handed_over()) > cancel_after:
                service.cancel_rest(sent.id, user.id)
            else:
                service.resume(sent.id, user.id)
        except Conflict:
            assert campaign_state(sent.id) in OVER | {"sending"}
    wait_until(lambda: not {"queued", "claimed", "submitting"} & states(sent.id).keys(), "the last window ends")
    assert [each.stop() for each in (*workers, sweep)] == [0, 0, 0]
    assert len(handed_over()) == len(set(handed_over()))
    taken = {each.number for each in deliveries(sent.id) if each.state == "accepted"}
    assert taken == set(handed_over())
    assert set(states(sent.id)) <= {"accepted", "cancelled"}
