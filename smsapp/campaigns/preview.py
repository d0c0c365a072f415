"""One recipient's SMS, without planning for all the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from smsapp.campaigns.order import Order
from smsapp.campaigns.plan_table import candidates, chosen_by, reason_and_detail, values_in
from smsapp.campaigns.render_sql import text_sql
from smsapp.contacts.models import Contact
from smsapp.text.billing import MAX_CHARACTERS, billed_messages
from smsapp.text.segments import Encoding, measure

FEW, MANY = 10, 10_000
"""Contacts looked at in the first go, since the first recipient is asked for most, and at most in a later one."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One recipient's SMS; `position` counts from 1 in the order of contact ids."""

    position: int
    total: int
    contact_id: int
    name: str
    number: str
    text: str
    characters: int
    billed: int
    parts: int
    encoding: Encoding


def preview(session: Session, order: Order, position: int, total: int) -> Preview | None:
    """The SMS of this recipient of `total` (from the figures); a position out of range is brought to the nearest.

    None when there is no recipient. It reads the contacts up to this one, so late positions take longer.
    """
    position = max(1, min(position, total))
    found = None
    for place, recipient in enumerate(islice(_recipients(session, order), position), start=1):
        found = (place, recipient)
    if found is None:
        return None
    place, recipient = found
    measured = measure(recipient.text)
    return Preview(
        position=place,
        total=max(total, place),
        contact_id=recipient.contact_id,
        name=recipient.name,
        number=recipient.number,
        text=recipient.text,
        characters=measured.characters,
        billed=billed_messages(recipient.text, order.rule),
        parts=measured.segments,
        encoding=measured.encoding,
    )


def _recipients(session: Session, order: Order) -> Iterator[Row[Any]]:
    """Who gets an SMS, by contact id: of several contacts with one number the first, if its text fits."""
    seen: set[str] = set()
    for recipient in _reachable(session, order):
        if recipient.number not in seen:
            seen.add(recipient.number)
            if len(recipient.text) <= MAX_CHARACTERS:
                yield recipient


def _reachable(session: Session, order: Order) -> Iterator[Row[Any]]:
    """Contacts without a reason that their own row tells, duplicates and long texts among them, by contact id."""
    last, size = 0, FEW
    while True:
        among = select(Contact.id).where(chosen_by(order), Contact.id > last).order_by(Contact.id).limit(size)
        rows = session.execute(_texts(order, among)).all()
        yield from (each for each in rows if each.reason is None)
        if len(rows) < size:
            return
        last, size = rows[-1].contact_id, min(4 * size, MANY)


def _texts(order: Order, among: Select[Any]) -> Select[Any]:
    found = candidates(order, among)
    text = text_sql(order.template, values_in(order, found))
    reason, _detail = reason_and_detail(order, found)
    columns = (found.c.contact_id, found.c.name, found.c.number, text.label("text"), reason.label("reason"))
    return select(*columns).order_by(found.c.contact_id)
