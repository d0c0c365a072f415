"""Incoming SMS: stored before they are acknowledged; one that asks for no more blocks its number."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.models import Block
from smsapp.contacts.numbers import normalise
from smsapp.contacts.service import data_changed, hold_revision
from smsapp.delivery.answering import answer
from smsapp.delivery.models import IncomingSms
from smsapp.delivery.receipts import storable
from smsapp.delivery.stop_words import asks_to_stop
from smsapp.delivery.waking import wake_drain
from smsapp.extensions import db_write, insert_new
from smsapp.settings.queries import current_settings

SAME_WITHIN: Final = timedelta(minutes=10)
"""An operator that did not see our acknowledgement sends the SMS again: within this time the same is the same."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An SMS as it came; both numbers in E.164 if they are full ones."""

    number: str
    recipient: str
    text: str


def store(gateway: str, sms: Arrived) -> None:
    """Keep it and, if it asks to stop, put its number on the block list and answer. Committed when this returns."""
    row = IncomingSms(
        gateway=gateway,
        number=storable(sms.number, 25),
        recipient=storable(sms.recipient, 25),
        text=storable(sms.text, 4000),
        asks_to_stop=asks_to_stop(sms.text, current_settings().stop_words),
        received_at=now(),
    )
    with db_write() as session:
        _take_turns(session, row)
        known = _is_known(session, row)
        if row.asks_to_stop:  # also again: somebody may have let the number in since
            row.block_id = _block(session, row.number)
        if known:
            return
        session.add(row)
        session.flush()
        answered = answer(session, row) if row.asks_to_stop else None
    if answered:
        wake_drain(answered)


def _take_turns(session: Session, row: IncomingSms) -> None:
    """Two who are brought the same at the same moment store it one after the other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        same = "\0".join((row.gateway, row.number, row.recipient, row.text))
        digest = hashlib.sha256(same.encode()).digest()
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))


def _is_known(session: Session, row: IncomingSms) -> bool:
    same = exists().where(
        IncomingSms.number == row.number,
        IncomingSms.received_at > row.received_at - SAME_WITHIN,
        IncomingSms.gateway == row.gateway,
        IncomingSms.recipient == row.recipient,
        IncomingSms.text == row.text,
    )
    return bool(session.scalar(select(same)))


def _block(session: Session, number: str) -> int | None:
    """Only full numbers are ever sent to; a number that is on the list stays there with its first reason.

    The new entry's id, None if there is no new one.
    """
    if normalise(number).e164 != number:
        return None
    hold_revision(session)
    values = {"e164": number, "reason": str(_("Asked by SMS to get no more")), "created_at": now()}
    made = insert_new(session, Block).values(values).returning(Block.id)
    block_id: int | None = session.scalar(made)
    data_changed(session)
    return block_id
