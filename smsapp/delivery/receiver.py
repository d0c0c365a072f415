"""What operators bring us by SMPP: receipts and incoming SMS, each acknowledged once it is committed.

The receiver is a process of its own, with a thread for each gateway. Workers store what they are brought, too: an
operator that knows only transceivers brings it to any of them.
"""

import hashlib
import json
import logging
import time
from dataclasses import asdict
from threading import Event, Thread
from typing import Final

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from smsapp.delivery import incoming, receipts
from smsapp.delivery.gateway_queries import receipts_are_awaited
from smsapp.delivery.heartbeats import beating
from smsapp.delivery.incoming import Arrived
from smsapp.gateways.base import Incoming
from smsapp.gateways.queries import all_gateways
from smsapp.gateways.reading import Unusable
from smsapp.gateways.registry import SMPP, settings_of
from smsapp.gateways.smpp.gateway import Smpp
from smsapp.gateways.smpp.pdus import Delivered
from smsapp.gateways.smpp.receipts import is_receipt
from smsapp.gateways.smpp.session import NotBound, Session, Taker
from smsapp.gateways.smpp.settings import SmppSettings
from smsapp.gateways.smpp.statuses import OK
from smsapp.stop import Stop

KIND: Final = "receiver"
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0
LOOK_SECONDS: Final = 0.2
ROWS_SECONDS: Final = 2.0
"""How often the gateways are read again."""

log = logging.getLogger(__name__)

Version = tuple[str, int]
"""A gateway's name and the version of its row."""


def run(app: Flask, end: Stop) -> None:
    """Keep a bound receiver for each SMPP gateway until `end`, following every change of them.

    For one that is deactivated only while receipts of what it was handed are still to come.
    """
    bound: dict[Version, _Bound] = {}
    with app.app_context(), beating(app, KIND):
        while not end.is_set():
            try:
                _follow(app, bound)
            except SQLAlchemyError:
                log.exception("The gateways cannot be read now; trying again.")
            end.wait(ROWS_SECONDS)
        _end(list(bound.values()))


class _Bound:
    """The thread that stays bound to one gateway until `end`: if the connection ends it binds again, in a while."""

    def __init__(self, app: Flask, name: str, settings: SmppSettings) -> None:
        self.end = Event()
        self.thread = Thread(target=self._run, args=(settings, taker(app, name)), name=f"receiver {name}", daemon=True)
        self.thread.start()

    def _run(self, settings: SmppSettings, take: Taker) -> None:
        wait = FIRST_WAIT
        while not self.end.is_set():
            began = time.monotonic()
            _stay_bound(settings, take, self.end)
            lasted = time.monotonic() - began > LONGEST_WAIT
            wait = FIRST_WAIT if lasted else min(LONGEST_WAIT, 2 * wait)
            self.end.wait(wait)


def _follow(app: Flask, bound: dict[Version, _Bound]) -> None:
    """End what was bound to a gateway as it is no longer, and bind to those that are new."""
    wanted = _wanted(app)
    _end([bound.pop(version) for version in list(bound) if version not in wanted])
    for version, settings in wanted.items():
        if version not in bound:
            bound[version] = _Bound(app, version[0], settings)


def _wanted(app: Flask) -> dict[Version, SmppSettings]:
    found = {}
    with app.app_context():
        for row in all_gateways():
            if row.kind == SMPP and (row.active or receipts_are_awaited(row.name)):
                try:
                    found[row.name, row.version] = settings_of(row)
                except Unusable as error:
                    log.debug("The gateway %s cannot be used: %s", row.name, error)
    return found


def _end(those: list[_Bound]) -> None:
    for each in those:
        each.end.set()
    for each in those:
        each.thread.join()


def taker(app: Flask, name: str) -> Taker:
    """Stores what is delivered by the gateway of this name, in any thread."""

    def take(delivered: Delivered) -> int:
        with app.app_context():
            store(name, delivered)
        return OK

    return take


def store(name: str, delivered: Delivered) -> None:
    """Keep a receipt that says something, or an incoming SMS. Committed when this returns."""
    if not is_receipt(delivered.esm_class):
        incoming.store(name, Arrived(delivered.source, delivered.destination, delivered.text))
    elif receipt := _receipt(delivered):
        receipts.store(name, [receipt])


def equip(app: Flask, name: str, gateway: object) -> None:
    """Let a worker's gateway store what it is brought."""
    if isinstance(gateway, Smpp):
        gateway.take = taker(app, name)


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
