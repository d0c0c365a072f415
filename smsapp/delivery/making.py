"""Where every send is made, whatever it is for: an audience, a test, or the answer to a STOP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.contacts.numbers import Number
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import CampaignState
from smsapp.gateways.queries import held
from smsapp.quota.service import reserve
from smsapp.settings.models import SenderName
from smsapp.settings.queries import current_settings
from smsapp.text.billing import Rule, billed_messages
from smsapp.text.segments import measure


class Content(Protocol):
    """What is sent and how; an order has it, and so has a plain text."""

    @property
    def text(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def phone_field(self) -> str: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def rule(self) -> Rule: ...


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text that goes as it is: no tags, no audience, no options."""

    text: str
    sender: str
    rule: Rule
    phone_field: str = "mobile"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneSms:
    """What one number gets: the text with all values, and the name of who has the number."""

    number: Number
    text: str
    name: str = ""
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How many get it, how many do not, and what it is billed."""

    recipients: int
    skipped: int
    messages: int


def make_campaign(
    session: Session,
    send_key: str,
    user: User | None,
    content: Content,
    extent: Extent,
    undo_seconds: int = 0,
    **named: Any,
) -> Campaign:
    """A campaign added to the session and with its id; it waits for its undo window, or is sent at once.

    Its gateway is held; raises Conflict if somebody has just deleted that.
    Without a user the program sends by itself. `named`: its name, and what else is not as usual (audience_id and
    audience_name, digest, is_test, gateway, deadline, ...).
    """
    moment = now()
    way = held(session, named.pop("gateway", None) or way_of(session, content.sender))
    campaign = Campaign(
        send_key=send_key,
        user_id=user.id if user else None,
        user_name=user.name if user else _("by itself"),
        text=content.text,
        sender=content.sender,
        phone_field=content.phone_field,
        options=dict(content.options),
        rule=content.rule,
        recipients=extent.recipients,
        skipped=extent.skipped,
        messages=extent.messages,
        gateway=way,
        **{"audience_name": "", "digest": "", **_times(moment, undo_seconds), **named},
    )
    session.add(campaign)
    session.flush()
    return campaign


def queue_one(
    session: Session, send_key: str, user: User | None, content: Content, sms: OneSms, **named: Any
) -> Campaign:
    """A send of its own with one recipient, queued and reserved in the caller's transaction; raises QuotaTooSmall."""
    measured, billed = measure(sms.text), billed_messages(sms.text, content.rule)
    extent = Extent(recipients=1, skipped=0, messages=billed)
    campaign = make_campaign(session, send_key, user, content, extent, **named)
    reserve(session, billed, campaign.id, campaign.user_id)
    delivery = Delivery(
        campaign_id=campaign.id,
        contact_id=sms.contact_id,
        name=sms.name,
        number=sms.number.e164,
        country=sms.number.country,
        text=sms.text,
        billed=billed,
        parts=measured.segments,
        encoding=measured.encoding,
        changed_at=campaign.created_at,
    )
    session.add(delivery)
    session.flush()
    return campaign


def way_of(session: Session, sender: str) -> str:
    """The gateway that a sender's SMS go by: its own, or the default one."""
    own = session.scalar(select(SenderName.gateway).where(SenderName.name == sender))
    return own or current_settings(session).gateway


def _times(moment: datetime, undo_seconds: int) -> dict[str, Any]:
    """When it was made and starts. Without an undo window a worker is woken now, with one by the sweep."""
    return {
        "state": CampaignState.WAITING if undo_seconds else CampaignState.SENDING,
        "created_at": moment,
        "starts_at": moment + timedelta(seconds=undo_seconds),
        "woken_at": None if undo_seconds else moment,
    }
