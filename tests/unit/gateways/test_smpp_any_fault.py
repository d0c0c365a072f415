"""Whatever an operator does, in any order: what the gateway answers fits what the operator's log says."""

from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsapp.gateways.base import Accepted, AcceptedInPart, RefusedForGood, RefusedForNow, Unknown
from smsapp.gateways.smpp.gateway import Smpp
from tests.faults.operator import Operator
from tests.unit.gateways.handing import message

FAULTS = [
    "ok",
    "drop",
    "none",
    "duplicate",
    "hold",
    "throttle",
    "refuse",
    "nack",
    "system_error",
    "half_drop",
    "broken",
]
SERIAL = count(1)  # what an ended connection still carried may reach the operator later: no number is used again
TEXTS = ["Guten Tag", "a" * 200, "€" * 300]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    made = Operator(tmp_path_factory.mktemp("operator"))
    yield made
    made.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(st.sampled_from(FAULTS), max_size=8).map(lambda faults: [*faults, "ok"]),
    texts=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6),
    window=st.integers(1, 4),
)
def test_answers_fit_the_witness(operator: Operator, plan: list[str], texts: list[str], window: int) -> None:
    operator.order("plan", faults=plan)
    gateway = Smpp(operator.settings(window=window, answer_seconds=0.3))
    handed = [message(next(SERIAL), text) for text in texts]
    answered = dict(gateway.submit(handed))  # the last answer stands: one may come late
    gateway.close()
    taken = Counter(operator.taken())
    assert len(answered) == len(handed)
    for sms, answer in answered.items():
        match answer:
            case Accepted():
                assert taken[sms.number] == sms.parts
            case AcceptedInPart():
                assert 0 < taken[sms.number] < sms.parts
            case RefusedForNow() | RefusedForGood():
                assert taken[sms.number] == 0
            case Unknown():
                assert taken[sms.number] <= sms.parts
