"""What was sent to one contact: the snapshots of its deliveries, which outlive the contact."""

from sqlalchemy import Select, func, select

from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db


def sent_to(contact_id: int) -> Select[Delivery, Campaign]:
    """The contact's deliveries with their campaigns, newest first."""
    return (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.contact_id == contact_id)
        .order_by(Delivery.id.desc())
    )


def count_sent_to(contact_id: int) -> int:
    """How many SMS campaigns have held for the contact, whatever became of them."""
    return db.session.scalar(select(func.count(Delivery.id)).where(Delivery.contact_id == contact_id)) or 0
