"""What operators bring us by SMPP: receipts and incoming SMS, each acknowledged once it is committed.

The receiver is a process of its own. Workers store what they are brought, too: an operator that knows only
transceivers brings it to any of them.
"""

import hashlib
import json
import logging
import time
from dataclasses import asdict
from threading import Event
from typing import Final

from flask import Flask

from smsapp.delivery import incoming, receipts
from smsapp.delivery.heartbeats import beating
from smsapp.delivery.incoming import Arrived
from smsapp.gateways.base import Incoming
from smsapp.gateways.smpp.gateway import NAME, Smpp
from smsapp.gateways.smpp.pdus import Delivered
from smsapp.gateways.smpp.receipts import is_receipt
from smsapp.gateways.smpp.session import NotBound, Session, Taker
from smsapp.gateways.smpp.settings import SmppSettings
from smsapp.gateways.smpp.statuses import OK

KIND: Final = "receiver"
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0
LOOK_SECONDS: Final = 0.2

log = logging.getLogger(__name__)


def run(app: Flask, settings: SmppSettings, end: Event) -> None:
    """Stay bound until `end`: whenever the connection ends, bind again, after a while that grows."""
    wait = FIRST_WAIT
    with app.app_context(), beating(app, KIND):
        while not end.is_set():
            began = time.monotonic()
            _stay_bound(settings, taker(app), end)
            lasted = time.monotonic() - began > LONGEST_WAIT
            wait = FIRST_WAIT if lasted else min(LONGEST_WAIT, 2 * wait)
            end.wait(wait)


def taker(app: Flask) -> Taker:
    """Stores what is delivered, in any thread."""

    def take(delivered: Delivered) -> int:
        with app.app_context():
            store(delivered)
        return OK

    return take


def store(delivered: Delivered) -> None:
    """Keep a receipt that says something, or an incoming SMS. Committed when this returns."""
    if not is_receipt(delivered.esm_class):
        incoming.store(NAME, Arrived(delivered.source, delivered.destination, delivered.text))
    elif receipt := _receipt(delivered):
        receipts.store(NAME, [receipt])


def equip(app: Flask, gateway: object) -> None:
    """Let a worker's gateway store what it is brought."""
    if isinstance(gateway, Smpp):
        gateway.take = taker(app)


def _stay_bound(settings: SmppSettings, take: Taker, end: Event) -> None:
    kind = "transceiver" if settings.bind == "transceiver" else "receiver"
    try:
        session = Session(settings, kind, take)
    except NotBound:
        return
    log.info("The receiver is bound.")
    while not session.closed.is_set() and not end.wait(LOOK_SECONDS):
        pass
    session.close()


def _receipt(delivered: Delivered) -> Incoming | None:
    """As the inbox keeps it; None if it only says that the SMS is on its way. One that names none is kept, too."""
    fields = asdict(delivered) | {"octets": delivered.octets.decode("latin-1")}
    raw, told = json.dumps(fields), delivered.told()
    if told is None:
        return Incoming("?" + hashlib.sha256(raw.encode()).hexdigest()[:32], None, "unknown", None, raw)
    return told.incoming(raw)
