"""Reading the recipients of a send as its page lists them: by state, search and order."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from smsapp.campaigns.models import Skip
from smsapp.contacts.models import Contact
from smsapp.delivery.models import Delivery
from smsapp.delivery.states import NOT_HANDED_OVER, State
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, key_of, matches

SENDING: Final = "sending"
"""Claimed and submitting are one thing to people."""

SHOWN: Final = (
    State.DELIVERED, State.ACCEPTED, State.NO_RECEIPT, State.UNDELIVERED, State.EXPIRED, State.REJECTED,
    State.UNKNOWN, SENDING, State.CANCELLED, State.SUPPRESSED, State.QUEUED,
)  # fmt: skip
"""The states in the order in which the page shows them."""


def states_of(shown: str) -> tuple[State, ...]:
    """The delivery states behind what the page shows as one."""
    return (State.CLAIMED, State.SUBMITTING) if shown == SENDING else (State(shown),)


ORDERS: Final[Mapping[str, Any]] = {
    "name": alphabetical(Delivery.name),
    "number": Delivery.number,
    "text": Delivery.text,
    "messages": Delivery.billed,
    "state": case(
        {state: place for place, shown in enumerate(SHOWN) for state in states_of(shown)}, value=Delivery.state
    ),
    "time": Delivery.changed_at,
}


def recipients(campaign_id: int, shown: str = "", search: str = "", sort: str = "") -> Select[Delivery]:
    """A send's recipients in one of the shown states, whose name or number contains what is searched for."""
    statement = select(Delivery).where(Delivery.campaign_id == campaign_id)
    if shown in SHOWN:
        statement = statement.where(Delivery.state.in_(states_of(shown)))
    if search:
        statement = statement.where(_found(search))
    return in_order(statement, sort, ORDERS, Delivery.id) if sort else statement.order_by(Delivery.id)


def key_of_page(sort: str) -> Any:
    """What finds a page in this order, as `paginate` wants it; nothing where an index has the order."""
    return None if sort in ("", "number") else Delivery.id


def _found(search: str) -> ColumnElement[bool]:
    """Name or number of then contain what is searched for; or the contact does."""
    contacts = select(Contact.id).where(matches(Contact.search_key, search))
    return or_(
        matches(key_of(Delivery.name), search), matches(Delivery.number, search), Delivery.contact_id.in_(contacts)
    )


def messages_waiting(campaign_id: int) -> int:
    """How many messages of a send have not been handed over yet."""
    statement = select(func.coalesce(func.sum(Delivery.billed), 0))
    waiting = Delivery.state.in_(sorted(NOT_HANDED_OVER))
    return int(db.session.scalar(statement.where(Delivery.campaign_id == campaign_id, waiting)) or 0)


def contacts_left(rows: Collection[Delivery | Skip]) -> frozenset[int]:
    """Those of the rows' contacts that still exist: what was sent outlives them."""
    ids = {row.contact_id for row in rows}
    return frozenset(db.session.scalars(select(Contact.id).where(Contact.id.in_(ids))))
