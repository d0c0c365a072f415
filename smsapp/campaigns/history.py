"""What happened to a send, who did it and when: its events, and what people decided about unclear SMS."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from smsapp.accounts.models import User
from smsapp.campaigns.unclear_words import decision_label
from smsapp.delivery import evidence, limits, service
from smsapp.delivery.models import Campaign, CampaignEvent, Delivery, Evidence
from smsapp.delivery.queries import events
from smsapp.delivery.states import CampaignState
from smsapp.extensions import db

RESUMED: Final = _l("Resumed")
KINDS: Final[dict[str, Any]] = {
    CampaignState.SENDING: _l("Sending began"),
    CampaignState.WAITING: RESUMED,
    CampaignState.PAUSED: _l("Paused"),
    CampaignState.HANDED_OVER: _l("Handed over completely"),
    CampaignState.CLOSED: _l("Finished"),
    CampaignState.CANCELLED: _l("Rest cancelled"),
    service.UNDONE: _l("Undone, nothing was sent"),
    service.MODULE_OFF: _l("Paused: the SMS module was switched off"),
    service.GATEWAY_FAILED: _l("Paused: the gateway failed"),
    service.GATEWAY_OFF: _l("Paused: the gateway was deactivated"),
    limits.REFUSED: _l("Paused: more than a fifth of the first SMS were refused for good"),
    limits.DEADLINE: _l("The deadline is over: what still waited was not sent"),
    service.SENT_AGAIN: _l("Opened again for what is sent again"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history; `who` is empty for what happened by itself."""

    at: datetime
    what: str
    who: str = ""


def history(campaign: Campaign) -> list[Happening]:
    """All that happened to the send, oldest first."""
    return sorted([*_confirmed(campaign), *_events(campaign.id), *_decisions(campaign.id)], key=lambda line: line.at)


def event_label(kind: str) -> str:
    """What an event of this kind was."""
    return str(KINDS.get(kind, kind))


def _confirmed(campaign: Campaign) -> Iterator[Happening]:
    messages = format_decimal(campaign.messages)
    what = ngettext(
        "Confirmed: %(count)s recipient, messages: %(messages)s",
        "Confirmed: %(count)s recipients, messages: %(messages)s",
        campaign.recipients,
        count=format_decimal(campaign.recipients),
        messages=messages,
    )
    yield Happening(campaign.created_at, str(what), campaign.user_name)


def _events(campaign_id: int) -> Iterator[Happening]:
    statement = events(campaign_id).add_columns(User.name).outerjoin(User, User.id == CampaignEvent.user_id)
    for event, name in db.session.execute(statement):
        resumed = event.kind == CampaignState.SENDING and event.user_id
        yield Happening(event.at, str(RESUMED) if resumed else event_label(event.kind), name or "")


def _decisions(campaign_id: int) -> Iterator[Happening]:
    """Decisions, those made at once together; one recipient is named."""
    decision = Evidence.detail["decision"].as_string()
    statement = (
        select(Evidence.at, decision, User.name, func.count(), func.min(Delivery.name))
        .join(Delivery, Delivery.id == Evidence.delivery_id)
        .outerjoin(User, User.id == Evidence.user_id)
        .where(Delivery.campaign_id == campaign_id, Evidence.kind == evidence.DECISION)
        .group_by(Evidence.at, decision, User.name)
    )
    for at, decided, name, count, recipient in db.session.execute(statement):
        what = ngettext(
            "Unclear SMS to %(name)s: %(decision)s",
            "%(count)s unclear SMS: %(decision)s",
            count,
            count=format_decimal(count),
            name=recipient or _("(no name)"),
            decision=decision_label(decided),
        )
        yield Happening(at, str(what), name or "")
