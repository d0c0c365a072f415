"""Reading the incoming SMS: all, and those of a person's numbers."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Select, func, or_, select

from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.delivery.models import Campaign, IncomingSms
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, key_of, matches

NEWEST_FIRST: Final = "-received"
ORDERS: Final[Mapping[str, Any]] = {
    "received": IncomingSms.received_at,
    "number": IncomingSms.number,
    "recipient": IncomingSms.recipient,
    "text": alphabetical(IncomingSms.text),
    "answer": func.nullif(IncomingSms.answer, ""),
}


def incoming(search: str = "", sort: str = NEWEST_FIRST) -> Select[IncomingSms, int | None]:
    """Incoming SMS, each with the id of the send that answers it; found by number, text or who has the number."""
    statement = select(IncomingSms, Campaign.id).outerjoin(Campaign, Campaign.answers_id == IncomingSms.id)
    if search:
        people = select(PhoneNumber.e164).join(Contact, Contact.id == PhoneNumber.contact_id)
        theirs = IncomingSms.number.in_(
            people.where(matches(Contact.search_key, search), PhoneNumber.e164.is_not(None))
        )
        statement = statement.where(or_(matches(key_of(IncomingSms.number, IncomingSms.text), search), theirs))
    return in_order(statement, sort, ORDERS, IncomingSms.id.desc())


def received_from(numbers: Collection[str]) -> Select[IncomingSms, int | None]:
    """What came from these numbers, newest first."""
    return incoming().where(IncomingSms.number.in_(numbers))


def count_received_from(numbers: Collection[str]) -> int:
    """How many SMS came from these numbers."""
    statement = select(func.count()).select_from(IncomingSms).where(IncomingSms.number.in_(numbers))
    return db.session.scalar(statement) or 0


def answered_by(campaign: Campaign) -> IncomingSms | None:
    """The incoming SMS that a send answers."""
    return db.session.get(IncomingSms, campaign.answers_id) if campaign.answers_id else None


def any_incoming() -> bool:
    return db.session.scalar(select(IncomingSms.id).limit(1)) is not None
