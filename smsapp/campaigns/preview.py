"""One recipient's SMS, without planning for all the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from smsapp.campaigns.order import Order
from smsapp.campaigns.plan_table import candidates, reason_and_detail, values_in
from smsapp.campaigns.render_sql import text_sql
from smsapp.text.billing import MAX_CHARACTERS, billed_messages
from smsapp.text.segments import Encoding, measure

CHUNK = 500


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
    with session.execute(_reachable(order), execution_options={"yield_per": CHUNK}) as rows:
        for row in rows:
            if row.number not in seen:
                seen.add(row.number)
                if len(row.text) <= MAX_CHARACTERS:
                    yield row


def _reachable(order: Order) -> Select[Any]:
    """Contacts without a reason that their own row tells, duplicates and long texts still among them."""
    found = candidates(order)
    text = text_sql(order.template, values_in(order, found))
    reason, _detail = reason_and_detail(order, found)
    columns = (found.c.contact_id, found.c.name, found.c.number, text.label("text"))
    return select(*columns).where(reason.is_(None)).order_by(found.c.contact_id)
