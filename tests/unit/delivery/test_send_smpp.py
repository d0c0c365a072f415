"""Whole sends by SMPP: from the queue to the operator and back by receipts. Its log says who got what how often."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask, current_app

from smsapp.delivery import receipts, receiver, sending
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db_write
from smsapp.gateways.smpp.gateway import Smpp
from smsapp.quota.queries import balances
from tests import factories
from tests.faults.operator import Operator, until
from tests.sending import campaign_state, deliveries, simulate, states

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture
def operator(app: Flask, tmp_path: Path) -> Iterator[Operator]:
    factories.settings(gateway="smpp")
    made = Operator(tmp_path)
    yield made
    made.close()


def connect(operator: Operator, **settings: Any) -> Smpp:
    made = Smpp(operator.settings(**settings))
    current_app.extensions["smsapp_gateways"] = {"smpp": made}
    return made


@pytest.fixture
def gateway(operator: Operator) -> Iterator[Smpp]:
    made = connect(operator, window=5)
    yield made
    made.close()


def campaign(recipients: int, **values: Any) -> Campaign:
    return factories.campaign(recipients=recipients, gateway="smpp", **values)


def make_due(campaign_id: int) -> None:
    """Nobody waits any more because the operator was busy."""
    with db_write() as session:
        session.query(Delivery).filter(Delivery.campaign_id == campaign_id).update({"not_before": None})


def handed_over_once(operator: Operator, campaign_id: int) -> None:
    """Nobody got it twice, and who got it is in a state that says so."""
    taken = Counter(operator.taken())
    assert set(taken.values()) <= {1}
    said = {each.number: each.state for each in deliveries(campaign_id)}
    assert {said[number] for number in taken} <= {"accepted", "delivered", "unknown", "undelivered"}
    accepted = {number for number, state in said.items() if state in ("accepted", "delivered")}
    assert accepted <= set(taken)


def test_everybody_gets_it_and_is_charged(gateway: Smpp, operator: Operator) -> None:
    sent = campaign(60, billed=2)
    sending.drain(sent.id)
    assert states(sent.id) == {"accepted": 60}
    assert sorted(operator.taken()) == sorted(each.number for each in deliveries(sent.id))
    assert (balances().reserved, balances().spent) == (0, 120)
    assert campaign_state(sent.id) == "handed_over"


def test_receipts_find_their_sms(app: Flask, gateway: Smpp, operator: Operator) -> None:
    operator.order("receipts", on=True)
    end = Event()
    thread = Thread(target=receiver.run, args=(app, operator.settings(), end))
    thread.start()
    try:
        until(lambda: operator.seen("bind_receiver"))
        sent = campaign(20)
        sending.drain(sent.id)
        until(lambda: len(operator.seen("deliver_answer")) == 20)
    finally:
        end.set()
        thread.join()
    receipts.apply_stored()
    assert states(sent.id) == {"delivered": 20}


@pytest.mark.parametrize(
    "plan",
    [
        ["ok", "drop"],
        ["ok", "none"],
        ["throttle"] * 5,
        ["duplicate"] * 5,
        ["hold", "hold", "ok"],
        ["half_drop"],
        ["nack", "ok", "system_error"],
    ],
    ids=" ".join,
)
def test_whatever_the_operator_does_nobody_gets_it_twice_and_nobody_is_lost(
    plan: list[str], gateway: Smpp, operator: Operator
) -> None:
    operator.order("plan", faults=plan)
    sent = campaign(30)
    until(lambda: drained(sent.id))
    handed_over_once(operator, sent.id)
    found = states(sent.id)
    assert found.get("unknown", 0) <= gateway.settings.window
    assert found["accepted"] >= 30 - gateway.settings.window


def drained(campaign_id: int) -> bool:
    sending.drain(campaign_id)
    make_due(campaign_id)
    return not {"queued", "claimed", "submitting"} & states(campaign_id).keys()


def test_an_operator_that_is_away_leaves_everybody_waiting(gateway: Smpp, operator: Operator) -> None:
    operator.close()
    sent = campaign(20)
    assert sending.drain(sent.id) is False
    assert states(sent.id) == {"queued": 20}
    assert {each.reason for each in deliveries(sent.id)} <= {"not_connected", None}


def test_a_gateway_that_is_not_here_any_more_pauses_the_send(app: Flask, operator: Operator) -> None:
    sent = campaign(3)
    assert sending.drain(sent.id) is False
    assert campaign_state(sent.id) == "paused"


def test_sample_contacts_get_no_real_sms(gateway: Smpp, operator: Operator) -> None:
    sample, real = factories.contact(is_sample=True), factories.contact()
    sent = campaign(2)
    with db_write() as session:
        for each, contact in zip(deliveries(sent.id), (sample, real), strict=True):
            session.get_one(Delivery, each.id).contact_id = contact.id
    sending.drain(sent.id)
    first, second = deliveries(sent.id)
    assert (first.state, first.reason, second.state) == ("suppressed", "sample_contact", "accepted")
    assert operator.taken() == [second.number]


def test_sample_contacts_are_sent_to_by_the_simulator(app: Flask) -> None:
    factories.settings()
    simulate()
    sample = factories.contact(is_sample=True)
    sent = factories.campaign(recipients=1)
    with db_write() as session:
        session.get_one(Delivery, deliveries(sent.id)[0].id).contact_id = sample.id
    sending.drain(sent.id)
    assert states(sent.id) == {"accepted": 1}
