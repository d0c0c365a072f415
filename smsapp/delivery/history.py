"""What was sent to one contact: the snapshots of its deliveries, which outlive the contact."""

from typing import Any

from sqlalchemy import Select, case, func, select

from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import State
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order

NEWEST_FIRST = "-time"
ORDERS = {
    "time": func.coalesce(Delivery.accepted_at, Campaign.created_at),
    "send": alphabetical(Campaign.name),
    "messages": Delivery.billed,
    "state": case({state: place for place, state in enumerate(State)}, value=Delivery.state),
}


def sent_to(contact_id: int, sort: str = NEWEST_FIRST) -> Select[Any]:
    """The contact's deliveries with their campaigns, in this order of `ORDERS`."""
    statement = (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.contact_id == contact_id)
    )
    return in_order(statement, sort, ORDERS, Delivery.id.desc())


def count_sent_to(contact_id: int) -> int:
    """How many SMS campaigns have held for the contact, whatever became of them."""
    return db.session.scalar(select(func.count(Delivery.id)).where(Delivery.contact_id == contact_id)) or 0
