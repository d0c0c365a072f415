"""What a setting would change, in figures, so that the pages can say it before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from smsapp.campaigns.models import Draft
from smsapp.contacts.models import PhoneNumber
from smsapp.contacts.numbers import USABLE_KINDS
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import CampaignState
from smsapp.extensions import db
from smsapp.message_templates.models import MessageTemplate
from smsapp.settings.models import SenderName
from smsapp.text.billing import CHARACTERS_PER_MESSAGE


@dataclass(frozen=True, slots=True)
class Uses:
    """Who would miss a sender name."""

    drafts: int
    templates: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A send, and its messages as each rule counts them."""

    recipients: int
    by_characters: int
    by_parts: int


def numbers_by_country() -> Mapping[str, int]:
    """How many of the contacts' numbers could get SMS if their country is allowed, by its ISO code."""
    usable = (PhoneNumber.e164.is_not(None), PhoneNumber.kind.in_(USABLE_KINDS))
    statement = select(PhoneNumber.country, func.count()).where(*usable).group_by(PhoneNumber.country)
    return {str(country): count for country, count in db.session.execute(statement)}


def uses_of(sender: SenderName) -> Uses:
    """The drafts and templates with this sender name."""
    drafts = select(func.count()).select_from(Draft).where(Draft.sender_id == sender.id)
    templates = select(func.count()).select_from(MessageTemplate).where(MessageTemplate.sender == sender.name)
    return Uses(db.session.scalar(drafts) or 0, db.session.scalar(templates) or 0)


def waiting_sends() -> int:
    """How many sends can still be taken back."""
    statement = select(func.count()).select_from(Campaign).where(Campaign.state == CampaignState.WAITING)
    return db.session.scalar(statement) or 0


def last_send_by_both_rules() -> Compared | None:
    """What the last send to an audience would have cost under each rule."""
    last = (
        select(Campaign.id)
        .where(~Campaign.is_test, Campaign.answers_id.is_(None), Campaign.recipients > 0)
        .order_by(Campaign.id.desc())
        .limit(1)
    )
    campaign_id = db.session.scalar(last)
    if campaign_id is None:
        return None
    characters = (func.length(Delivery.text) + CHARACTERS_PER_MESSAGE - 1) // CHARACTERS_PER_MESSAGE
    counts = select(func.count(), func.sum(characters), func.sum(Delivery.parts))
    row = db.session.execute(counts.where(Delivery.campaign_id == campaign_id)).one()
    return Compared(*map(int, row)) if row[0] else None
