"""Receipts and incoming SMS: stored before they are acknowledged, once, and a wish for no more is a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from smsapp.clock import now
from smsapp.contacts.models import Block
from smsapp.delivery import claims, incoming, receipts, receiver
from smsapp.delivery.gateway_queries import receipts_are_awaited
from smsapp.delivery.incoming import SAME_WITHIN, Arrived
from smsapp.delivery.models import Heartbeat, IncomingSms, Receipt
from smsapp.delivery.stop_words import asks_to_stop
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Accepted
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.smpp.pdus import Delivered
from smsapp.settings.models import STOP_WORDS
from smsapp.stop import Stop
from tests import factories
from tests.faults.operator import Operator, until
from tests.sending import begun, states

NUMBER, OURS = "+491715550000", "+358457396"


@contextmanager
def receiving(app: Flask, operator: Operator, **settings: Any) -> Iterator[None]:
    """A receiver that is bound, in a thread."""
    factories.gateway(settings=operator.values(**settings))
    end = Stop()
    thread = Thread(target=receiver.run, args=(app, end))
    thread.start()
    try:
        until(lambda: operator.seen("bind_receiver") or operator.seen("bind_transceiver"))
        yield
    finally:
        end.set()
        thread.join()


def deliver(operator: Operator, text: str, esm_class: int = 0, **more: Any) -> None:
    operator.order(
        "deliver",
        pdu={
            **{"source_addr": NUMBER[1:], "source_addr_ton": 1, "destination_addr": OURS[1:], "dest_addr_ton": 1},
            **{"esm_class": esm_class, "short_message": text, **more},
        },
    )


def answers(operator: Operator) -> list[int]:
    return [each["status"] for each in operator.seen("deliver_answer")]


def rows(model: type[Any]) -> list[Any]:
    db.session.rollback()
    return list(db.session.scalars(select(model)))


def arrived(text: str) -> None:
    incoming.store("smpp", Arrived(NUMBER, OURS, text))


def test_a_receipt_is_stored_and_acknowledged(app: Flask, operator: Operator) -> None:
    with receiving(app, operator):
        deliver(operator, "id:m1 sub:001 dlvrd:001 stat:UNDELIV err:011 text:", 4)
        until(lambda: answers(operator))
    [receipt] = rows(Receipt)
    assert (receipt.gateway, receipt.reference, receipt.state, receipt.reason) == (
        "smpp",
        "m1",
        "undelivered",
        "err_011",
    )
    assert answers(operator) == [0]
    assert rows(Heartbeat) == []


def test_nothing_is_acknowledged_before_it_is_committed(app: Flask, operator: Operator) -> None:
    seen: list[list[int]] = []
    event.listen(db.engine, "commit", lambda _: seen.append(answers(operator)))
    with receiving(app, operator):
        deliver(operator, "id:m1 stat:DELIVRD", 4)
        until(lambda: answers(operator))
    assert [] in seen
    assert len(rows(Receipt)) == 1


def test_what_cannot_be_stored_is_asked_for_again(app: Flask, operator: Operator) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with receiving(app, operator):
        event.listen(db.engine, "before_cursor_execute", fail)
        deliver(operator, "id:m1 stat:DELIVRD", 4)
        until(lambda: answers(operator))
        event.remove(db.engine, "before_cursor_execute", fail)
        deliver(operator, "id:m1 stat:DELIVRD", 4)
        until(lambda: len(answers(operator)) == 2)
    assert answers(operator) == [0x64, 0]
    assert len(rows(Receipt)) == 1


def test_a_doubled_receipt_is_stored_once_and_one_on_the_way_not_at_all(app: Flask, operator: Operator) -> None:
    with receiving(app, operator):
        for text in ("id:m1 stat:DELIVRD", "id:m1 stat:DELIVRD", "id:m2 stat:ENROUTE"):
            deliver(operator, text, 4)
        until(lambda: len(answers(operator)) == 3)
    assert [receipt.reference for receipt in rows(Receipt)] == ["m1"]


def test_a_receipt_that_names_nothing_is_kept_as_it_came(app: Flask) -> None:
    receiver.store("smpp", Delivered(NUMBER, OURS, 4, 0, b"gibberish", None, None))
    [receipt] = rows(Receipt)
    assert receipt.state == "unknown"
    assert "gibberish" in receipt.raw


def test_a_receiver_comes_back_after_the_connection_broke(app: Flask, operator: Operator) -> None:
    with receiving(app, operator):
        operator.order("drop")
        until(lambda: len(operator.seen("bind_receiver")) == 2)
        deliver(operator, "id:m1 stat:DELIVRD", 4)
        until(lambda: answers(operator))
    assert len(rows(Receipt)) == 1


def change(**values: Any) -> None:
    with db_write() as session:
        row = session.scalars(select(GatewayRow).filter_by(name="smpp")).one()
        for name, value in {**values, "version": row.version + 1}.items():
            setattr(row, name, value)


def test_a_receiver_follows_the_gateways(app: Flask, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "ROWS_SECONDS", 0.05)
    with receiving(app, operator):
        change(active=False)
        until(lambda: operator.seen("unbind") and not operator.order("takes"))
        change(active=True, settings=operator.values(bind="transceiver"))
        until(lambda: operator.seen("bind_transceiver"))
        factories.gateway("second", settings=operator.values())
        until(lambda: len(operator.seen("bind_receiver")) == 2)
        factories.gateway("broken", settings={"host": "127.0.0.1"})
        deliver(operator, "id:m1 stat:DELIVRD", 4)
        until(lambda: answers(operator))
    assert len(operator.seen("unbind")) == 3
    assert rows(Receipt)[0].gateway in ("smpp", "second")


def test_of_a_deactivated_gateway_the_receipts_still_to_come_are_taken(
    app: Flask, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "ROWS_SECONDS", 0.05)
    factories.settings()
    window = begun(factories.campaign(recipients=2, gateway="smpp"))
    claims.record(window, {held.reference: Accepted(f"m{held.id}") for held in window.deliveries})
    first, second = (f"id:m{held.id} stat:DELIVRD" for held in window.deliveries)
    with receiving(app, operator):
        change(active=False)
        until(lambda: len(operator.seen("bind_receiver")) == 2)
        deliver(operator, first, 4)
        until(lambda: answers(operator))
        receipts.apply_stored()
        assert len(operator.seen("unbind")) == 1
        deliver(operator, second, 4)
        until(lambda: len(answers(operator)) == 2)
        receipts.apply_stored()
        until(lambda: len(operator.seen("unbind")) == 2 and not operator.order("takes"))
    assert states(window.campaign_id) == {"delivered": 2}


def test_receipts_are_not_awaited_for_ever(app: Flask) -> None:
    factories.settings()
    window = begun(factories.campaign(gateway="smpp"))
    claims.record(window, {})
    with time_machine.travel(now() + timedelta(hours=71)):
        assert receipts_are_awaited("smpp")
    with time_machine.travel(now() + timedelta(hours=73)):
        assert not receipts_are_awaited("smpp")


def test_a_transceiver_takes_receipts_too(app: Flask, operator: Operator) -> None:
    with receiving(app, operator, bind="transceiver"):
        deliver(operator, "id:m1 stat:DELIVRD", 4)
        until(lambda: answers(operator))
    assert len(rows(Receipt)) == 1


def test_an_incoming_sms_is_stored_with_its_letters(app: Flask, operator: Operator) -> None:
    with receiving(app, operator):
        deliver(operator, "Grüße € 😀", data_coding=8)
        until(lambda: answers(operator))
    [sms] = rows(IncomingSms)
    assert (sms.number, sms.recipient, sms.text, sms.asks_to_stop) == (NUMBER, OURS, "Grüße € 😀", False)


def test_the_same_sms_soon_after_is_the_operators_repetition(any_app: Flask) -> None:
    for _ in range(2):
        arrived("Ja")
    assert len(rows(IncomingSms)) == 1


def test_the_same_sms_later_is_a_new_one(app: Flask, time_machine: Any) -> None:
    time_machine.move_to("2026-11-23 09:00:00", tick=False)
    arrived("Ja")
    time_machine.shift(SAME_WITHIN)
    arrived("Ja")
    assert len(rows(IncomingSms)) == 2


def test_stop_blocks_the_number(any_app: Flask) -> None:
    arrived(" Stop! ")
    assert [(block.e164, block.created_by_id) for block in rows(Block)] == [(NUMBER, None)]
    assert rows(IncomingSms)[0].asks_to_stop


def test_stop_leaves_a_block_as_it_was(any_app: Flask) -> None:
    factories.block(NUMBER)
    arrived("STOP")
    assert len(rows(Block)) == 1


def test_stop_from_a_short_number_blocks_nobody(app: Flask) -> None:
    incoming.store("smpp", Arrived("17163", OURS, "STOP"))
    assert rows(Block) == []


@pytest.mark.parametrize("text", ["STOP", "stopp", " Ende.", "ab melden", "LOPETA!", "Unsubscribe", "„Stop“"])
def test_words_that_ask_to_stop(text: str) -> None:
    assert asks_to_stop(text, STOP_WORDS)


@pytest.mark.parametrize("text", ["", "Am Ende der Woche?", "nicht stoppen", "Stop and go", "1"])
def test_words_that_do_not(text: str) -> None:
    assert not asks_to_stop(text, STOP_WORDS)
