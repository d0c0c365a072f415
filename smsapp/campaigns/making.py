"""The one place where a send's row is made, whatever it is for: an audience, or a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.delivery.models import Campaign
from smsapp.delivery.states import CampaignState
from smsapp.settings.models import SenderName
from smsapp.settings.queries import current_settings
from smsapp.text.billing import Rule


class Content(Protocol):
    """What is sent and how; an order has it, and so has an earlier campaign."""

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
class Extent:
    """How many get it, how many do not, and what it is billed."""

    recipients: int
    skipped: int
    messages: int


def make_campaign(
    session: Session, send_key: str, user: User, content: Content, extent: Extent, undo_seconds: int = 0, **named: Any
) -> Campaign:
    """A campaign added to the session and with its id; it waits for its undo window, or is sent at once.

    `named`: name, audience_name, and what else is not as usual (audience_id, digest, is_test, gateway).
    """
    moment = now()
    campaign = Campaign(
        send_key=send_key,
        user_id=user.id,
        user_name=user.name,
        text=content.text,
        sender=content.sender,
        phone_field=content.phone_field,
        options=dict(content.options),
        rule=content.rule,
        recipients=extent.recipients,
        skipped=extent.skipped,
        messages=extent.messages,
        **{"digest": "", "gateway": way_of(session, content.sender), **_times(moment, undo_seconds), **named},
    )
    session.add(campaign)
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
