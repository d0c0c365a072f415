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
from smsapp.contacts.numbers import Number, is_usable, normalise
from smsapp.contacts.unwanted import is_marked
from smsapp.delivery.making import OneSms, PlainText, queue_one
from smsapp.delivery.models import Campaign, Delivery, IncomingSms
from smsapp.errors import Conflict
from smsapp.gateways.queries import gateway_row
from smsapp.quota.service import QuotaTooSmall
from smsapp.settings.models import Settings
from smsapp.settings.queries import current_settings, module_held_on

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
    GATEWAY_OFF = "gateway_off"
    NO_GATEWAY = "no_gateway"  # deleted in the moment in which the SMS came by it


def answer(session: Session, incoming: IncomingSms) -> int | None:
    """Queue the answer to a STOP, stored in this transaction; the id of its send. Notes why there is none.

    Whatever is in the way of the answer is none of the STOP's.
    """
    settings, number = current_settings(session), normalise(incoming.number)
    incoming.answer = _hindered(session, incoming, settings, number) or Answer.QUEUED
    if incoming.answer != Answer.QUEUED:
        return None
    try:
        with session.begin_nested():
            return _queue(session, incoming, settings, number)
    except QuotaTooSmall:
        incoming.answer = Answer.NO_QUOTA
    except Conflict:
        incoming.answer = Answer.NO_GATEWAY
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
    if number.e164 != incoming.number or not is_usable(number, settings.allowed_countries):
        return Answer.NOT_USABLE
    before = select(Campaign.id).where(Campaign.send_key == _key(incoming))
    if incoming.block_id is None or session.scalar(before):
        return Answer.REPEATED
    if session.scalar(select(is_marked(literal(incoming.number)))):
        return Answer.UNWANTED
    if not settings.operator_number:
        return Answer.NO_SENDER
    if not module_held_on(session):
        return Answer.MODULE_OFF
    way = gateway_row(incoming.gateway, session)
    return Answer.GATEWAY_OFF if way and not way.active else None


def _key(incoming: IncomingSms) -> str:
    """No number is answered twice, whoever repeats what, and however often."""
    return f"stop:{incoming.number}"


def _queue(session: Session, incoming: IncomingSms, settings: Settings, number: Number) -> int:
    contact = session.scalar(_whose(number))
    content = PlainText(settings.stop_answer, settings.operator_number, settings.billing_rule)
    name, contact_id = (contact.full_name, contact.id) if contact else ("", None)
    campaign = queue_one(
        session,
        _key(incoming),
        None,
        content,
        OneSms(number, content.text, name, contact_id),
        name=_("Answer to “%(text)s”", text=incoming.text.strip()[:20]),
        answers_id=incoming.id,
        gateway=incoming.gateway,
        watched=False,
        deadline=now() + IN_TIME,
    )
    return campaign.id


def _whose(number: Number) -> Select[Contact]:
    """The first contact with this number."""
    with_it = select(PhoneNumber.contact_id).where(PhoneNumber.e164 == number.e164)
    return select(Contact).where(Contact.id.in_(with_it)).order_by(Contact.id).limit(1)
