"""Single rows of a plan without planning everything: a recipient's text, and who is skipped and why."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from smsapp.campaigns.order import Order
from smsapp.text.segments import Encoding


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

    None when there is no recipient.
    """
    raise NotImplementedError


def skipped(order: Order, reason: str | None = None) -> Select[Any]:
    """Who gets nothing, by contact id: rows of contact_id, name, raw_number, reason, detail, twin_id.

    For a page (`web.paginate(..., scalars=False)`) and for the CSV (`session.execute(...).yield_per(...)`).
    `detail` is the key of the empty field, or the name of the contact (`twin_id`) who gets the SMS instead.
    """
    raise NotImplementedError
