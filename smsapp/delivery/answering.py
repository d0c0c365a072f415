"""The one SMS that answers a STOP: a send of its own that costs quota, is recorded, and goes once to a number, ever.

It is queued by the transaction that blocks the number, and goes past exactly the entry of the block list that this
STOP has made (I7): not past an entry that was there before or came later, nor past "keine SMS" of anybody.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import Select, SQLColumnExpression, func, literal, select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.contacts.numbers import UNKNOWN, USABLE_KINDS, Number, normalise
from smsapp.contacts.unwanted import is_marked
from smsapp.delivery.models import Campaign, Delivery, IncomingSms
from smsapp.delivery.states import CampaignState
from smsapp.quota.service import QuotaTooSmall, reserve
from smsapp.settings.models import Settings
from smsapp.settings.queries import current_settings, module_held_on
from smsapp.text.billing import billed_messages
from smsapp.text.segments import measure

IN_TIME: Final = timedelta(hours=24)
"""Who has asked to get no more is not written to days later."""


class Answer(StrEnum):
    """What became of the answer to an incoming SMS."""

    NONE = ""  # it did not ask to stop
    QUEUED = "queued"
    SWITCHED_OFF = "switched_off"  # no text is set
    REPEATED = "repeated"  # the number was blocked or answered before
    UNWANTED = "unwanted"  # somebody who has the number is marked "keine SMS"
    NOT_USABLE = "not_usable"  # no full number, or of a kind or country to which nothing is sent
    NO_SENDER = "no_sender"
    MODULE_OFF = "module_off"
    NO_QUOTA = "no_quota"


def answer(session: Session, incoming: IncomingSms) -> int | None:
    """Queue the answer to a STOP, stored in this transaction; the id of its send. Notes why there is none."""
    settings, number = current_settings(session), normalise(incoming.number)
    incoming.answer = _hindered(session, incoming, settings, number) or Answer.QUEUED
    if incoming.answer != Answer.QUEUED:
        return None
    try:
        with session.begin_nested():
            return _queue(session, incoming, settings, number)
    except QuotaTooSmall:
        incoming.answer = Answer.NO_QUOTA
        return None


def own_block() -> SQLColumnExpression[int]:
    """The entry of the block list that a delivery may go past: the one made by the STOP that it answers; 0 for none."""
    made = (
        select(IncomingSms.block_id)
        .join(Campaign, Campaign.answers_id == IncomingSms.id)
        .where(Campaign.id == Delivery.campaign_id, IncomingSms.number == Delivery.number, IncomingSms.asks_to_stop)
    )
    return func.coalesce(made.correlate(Delivery).scalar_subquery(), 0)


def _hindered(session: Session, incoming: IncomingSms, settings: Settings, number: Number) -> Answer | None:
    """Why it is not answered."""
    if not settings.stop_answer:
        return Answer.SWITCHED_OFF
    if number.e164 != incoming.number or not _is_usable(number, settings):
        return Answer.NOT_USABLE
    before = select(Campaign.id).where(Campaign.send_key == _key(incoming))
    if incoming.block_id is None or session.scalar(before):
        return Answer.REPEATED
    if session.scalar(select(is_marked(literal(incoming.number)))):
        return Answer.UNWANTED
    if not settings.operator_number:
        return Answer.NO_SENDER
    return None if module_held_on(session) else Answer.MODULE_OFF


def _is_usable(number: Number, settings: Settings) -> bool:
    return (number.kind or UNKNOWN) in USABLE_KINDS and number.country in settings.allowed_countries


def _key(incoming: IncomingSms) -> str:
    """No number is answered twice, whoever repeats what, and however often."""
    return f"stop:{incoming.number}"


def _queue(session: Session, incoming: IncomingSms, settings: Settings, number: Number) -> int:
    billed = billed_messages(settings.stop_answer, settings.billing_rule)
    campaign = _campaign(incoming, settings, billed)
    session.add(campaign)
    session.flush()
    reserve(session, billed, campaign.id, None)
    session.add(_delivery(session, campaign, number, billed))
    session.flush()
    return campaign.id


def _campaign(incoming: IncomingSms, settings: Settings, billed: int) -> Campaign:
    moment = now()
    return Campaign(
        send_key=_key(incoming),
        answers_id=incoming.id,
        name=str(_("Answer to “%(text)s”", text=incoming.text.strip()[:20])),
        audience_name="",
        user_name=str(_("by itself")),
        text=settings.stop_answer,
        sender=settings.operator_number,
        phone_field="mobile",
        options={},
        rule=settings.billing_rule,
        digest="",
        gateway=incoming.gateway,
        state=CampaignState.SENDING,
        recipients=1,
        skipped=0,
        messages=billed,
        watched=False,
        created_at=moment,
        starts_at=moment,
        deadline=moment + IN_TIME,
        woken_at=moment,
    )


def _delivery(session: Session, campaign: Campaign, number: Number, billed: int) -> Delivery:
    contact, measured = session.scalar(_whose(number)), measure(campaign.text)
    return Delivery(
        campaign_id=campaign.id,
        contact_id=contact.id if contact else None,
        name=contact.full_name if contact else "",
        number=number.e164,
        country=number.country,
        text=campaign.text,
        billed=billed,
        parts=measured.segments,
        encoding=measured.encoding,
        changed_at=campaign.created_at,
    )


def _whose(number: Number) -> Select[Contact]:
    """The first contact with this number."""
    with_it = select(PhoneNumber.contact_id).where(PhoneNumber.e164 == number.e164)
    return select(Contact).where(Contact.id.in_(with_it)).order_by(Contact.id).limit(1)
