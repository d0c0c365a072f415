"""What was sent to one contact: the snapshots of its deliveries, which outlive the contact."""

from sqlalchemy import Select, select

from smsapp.delivery.models import Campaign, Delivery


def sent_to(contact_id: int) -> Select[Delivery, Campaign]:
    """The contact's deliveries with their campaigns, newest first."""
    return (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.contact_id == contact_id)
        .order_by(Delivery.id.desc())
    )
