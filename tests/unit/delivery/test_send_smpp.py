"""Whole sends by SMPP: from the queue to the operator and back by receipts. Its log says who got what how often."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from smsapp.clock import now
from smsapp.delivery import claims, receipts, receiver, sending
from smsapp.delivery.claims import LEASE
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.sweep import end_leases
from smsapp.extensions import db_write
from smsapp.gateways.base import Accepted, Incoming
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.smpp.gateway import Smpp
from smsapp.quota.queries import balances
from smsapp.stop import Stop
from tests import factories
from tests.faults.operator import Operator, until
from tests.sending import campaign_state, deliveries, simulate, states, use_gateway

pytestmark = pytest.mark.usefixtures("invariants_hold")


@pytest.fixture
def operator(app: Flask, tmp_path: Path) -> Iterator[Operator]:
    factories.settings(gateway="smpp")
    made = Operator(tmp_path)
    factories.gateway(settings=made.values(window=5))
    yield made
    made.close()


def connect(operator: Operator, **settings: Any) -> Smpp:
    made = Smpp(operator.settings(**settings))
    use_gateway(made, "smpp")
    return made


@pytest.fixture
def gateway(operator: Operator) -> Iterator[Smpp]:
    made = connect(operator, window=5)
    yield made
    made.close()


def campaign(recipients: int, **values: Any) -> Campaign:
    return factories.campaign(recipients=recipients, gateway="smpp", **values)


def make_due(campaign_id: int) -> None:
    """Nobody waits any more because the operator was busy or away."""
    with db_write() as session:
        session.query(Delivery).filter(Delivery.campaign_id == campaign_id).update({"not_before": None})
        session.query(GatewayRow).filter(GatewayRow.open_until.is_not(None)).update({"open_until": now()})


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
    end = Stop()
    thread = Thread(target=receiver.run, args=(app, end))
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


def test_an_answer_that_comes_late_settles_an_earlier_send(operator: Operator) -> None:
    gateway = connect(operator, answer_seconds=0.3)
    operator.order("plan", faults=["late", "ok"])
    first, second = campaign(2, billed=2), campaign(1)
    sending.drain(first.id)
    assert states(first.id) == {"unknown": 1, "accepted": 1}
    until(lambda: not gateway.session().answers.empty())
    sending.drain(second.id)
    gateway.close()
    assert states(first.id) == {"accepted": 2}
    assert (balances().reserved, balances().spent) == (0, 5)
    assert sorted(each.gateway_ref for each in deliveries(first.id)) == ["m1", "m2"]


def test_an_operator_that_is_away_leaves_everybody_waiting(gateway: Smpp, operator: Operator) -> None:
    operator.close()
    sent = campaign(20)
    assert sending.drain(sent.id) is False
    assert states(sent.id) == {"queued": 20}
    assert {each.reason for each in deliveries(sent.id)} <= {"not_connected", None}


@pytest.mark.parametrize(
    "state", [{"active": False}, {"password": None}, {"password": "of another key"}, {"kind": "x"}]
)
def test_a_gateway_that_cannot_be_used_any_more_pauses_the_send(
    gateway: Smpp, operator: Operator, state: dict[str, Any]
) -> None:
    sent = campaign(3)
    with db_write() as session:
        session.execute(update(GatewayRow).filter_by(name="smpp").values(**state, version=2))
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


LONG = "a" * 400


def tell(*told: tuple[str, str]) -> None:
    """Receipts come in and are applied."""
    said = [Incoming(reference, None, state, None, "raw") for reference, state in told]
    receipts.store("smpp", said)
    receipts.apply_stored()


@pytest.fixture
def long_sms(gateway: Smpp) -> Campaign:
    """One SMS of three parts, m1 to m3, handed over."""
    sent = campaign(1, text=LONG)
    sending.drain(sent.id)
    assert states(sent.id) == {"accepted": 1}
    return sent


def test_a_long_sms_is_delivered_once_all_parts_are(long_sms: Campaign) -> None:
    tell(("m3", "delivered"), ("m1", "delivered"))
    assert states(long_sms.id) == {"accepted": 1}
    tell(("m2", "delivered"))
    assert states(long_sms.id) == {"delivered": 1}
    assert receipts.unmatched(now() + timedelta(days=9)) == 0


@pytest.mark.parametrize("failed", ["undelivered", "expired"])
def test_a_long_sms_fails_with_any_of_its_parts(long_sms: Campaign, failed: str) -> None:
    tell(("m1", "delivered"), ("m2", failed))
    assert states(long_sms.id) == {failed: 1}
    tell(("m3", "delivered"))
    assert states(long_sms.id) == {failed: 1}
    assert receipts.unmatched(now() + timedelta(days=9)) == 0


def test_receipts_of_parts_that_overtake_their_hand_over_are_found_later(gateway: Smpp) -> None:
    tell(("m1", "delivered"), ("m2", "delivered"), ("m3", "delivered"))
    sent = campaign(1, text=LONG)
    sending.drain(sent.id)
    receipts.apply_stored()
    assert states(sent.id) == {"delivered": 1}


def test_receipts_of_an_sms_that_went_only_in_part_are_no_riddle(operator: Operator) -> None:
    operator.order("plan", faults=["ok", "refuse"])
    gateway = connect(operator, window=1)
    sent = campaign(1, text=LONG)
    sending.drain(sent.id)
    gateway.close()
    tell(("m1", "delivered"))
    assert states(sent.id) == {"undelivered": 1}
    assert receipts.unmatched(now() + timedelta(days=9)) == 0


def test_parts_are_kept_with_the_hand_over(any_app: Flask) -> None:
    factories.settings()
    sent = campaign(1)
    window = claims.begin(sent.id, "a worker", claims.claim(sent.id, "a worker", 1))
    claims.record(window, {held.reference: Accepted("m1 m2", ("m1", "m2")) for held in window.deliveries})
    tell(("m1", "delivered"))
    assert states(sent.id) == {"accepted": 1}
    tell(("m2", "delivered"))
    assert states(sent.id) == {"delivered": 1}


def test_parts_are_kept_with_a_late_answer(any_app: Flask) -> None:
    factories.settings()
    sent = campaign(1)
    window = claims.begin(sent.id, "a worker", claims.claim(sent.id, "a worker", 1))
    end_leases(now() + 2 * LEASE)
    assert states(sent.id) == {"unknown": 1}
    claims.record(window, {held.reference: Accepted("m1 m2", ("m1", "m2")) for held in window.deliveries})
    tell(("m2", "delivered"), ("m1", "undelivered"))
    assert states(sent.id) == {"undelivered": 1}
