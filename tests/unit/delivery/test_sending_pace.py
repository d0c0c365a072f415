"""A send keeps to its gateway's rate, and hands over less when its turn is far."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
import time_machine
from flask import Flask

from smsapp.clock import now
from smsapp.delivery import breaker, sending
from smsapp.extensions import db_write
from smsapp.gateways.base import Accepted, Outgoing, Result
from smsapp.gateways.ending import Until
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.shared_pace import reserve
from smsapp.queue import stop_event
from tests import factories
from tests.sending import campaign_state, states, use_gateway

pytestmark = pytest.mark.usefixtures("invariants_hold")

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Noting:
    """A gateway that notes when it was handed what."""

    window = 50

    def __init__(self) -> None:
        self.handed: list[datetime] = []

    def submit(self, messages: Sequence[Outgoing], _until: Until) -> Iterator[tuple[Outgoing, Result]]:
        for message in messages:
            self.handed.append(now())
            yield message, Accepted(f"ref {message.reference}")


class Waiting(Event):
    """Who waits for the end moves the clock instead."""

    def __init__(self, clock: Any) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self.clock.shift(timeout or 0)
        return self.is_set()


@pytest.fixture
def gateway(app: Flask) -> Iterator[Noting]:
    factories.settings()
    factories.gateway("slow", rate=10)
    made = Noting()
    use_gateway(made, "slow")
    with time_machine.travel(AT, tick=False) as clock:
        app.extensions["smsapp_stopping"] = Waiting(clock)
        yield made


def test_a_send_keeps_to_the_rate(gateway: Noting) -> None:
    sent = factories.campaign(recipients=35, gateway="slow")
    sending.drain(sent.id)
    assert campaign_state(sent.id) == "handed_over"
    counts = [gateway.handed.count(AT + timedelta(seconds=number)) for number in range(4)]
    assert counts == [10, 10, 10, 5]


def test_who_finds_the_near_future_taken_puts_everything_back(gateway: Noting) -> None:
    while reserve("slow", [1] * 10).count:
        pass
    sent = factories.campaign(recipients=35, gateway="slow")
    assert sending.drain(sent.id) is False
    assert states(sent.id) == {"queued": 35}
    assert now() == AT


def test_a_trial_that_finds_no_turn_is_for_somebody_else(gateway: Noting) -> None:
    with db_write() as session:
        row = session.query(GatewayRow).filter_by(name="slow").one()
        row.failures, row.open_until = 9, AT - timedelta(seconds=1)
    while reserve("slow", [1] * 10).count:
        pass
    sending.drain(factories.campaign(recipients=35, gateway="slow").id)
    assert breaker.ask("slow", AT).trial


def test_who_shall_end_waits_for_no_turn(gateway: Noting) -> None:
    reserve("slow", [1] * 10)
    sent = factories.campaign(recipients=35, gateway="slow")
    stop_event().is_set = lambda: bool(gateway.handed) or now() > AT  # type: ignore[method-assign]
    sending.drain(sent.id)
    assert states(sent.id) == {"queued": 35}
