"""Reading sends as a whole: how many are under way, which need a person, what was sent before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

from flask_babel import to_user_timezone, to_utc
from sqlalchemy import Select, case, exists, func, select, union, union_all
from sqlalchemy.orm import Session

from smsapp.campaigns.models import Draft
from smsapp.clock import now
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import CANCELLABLE, CampaignState, State, campaign_states_before
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, key_of, matches
from smsapp.settings.models import SenderName

UNDER_WAY = sorted(campaign_states_before(CampaignState.PAUSED))
STATES: Final = frozenset(map(str, CampaignState))
NEWEST_FIRST: Final = "-confirmed"
ORDERS: Final[Mapping[str, Any]] = {
    "name": alphabetical(Campaign.name),
    "audience": alphabetical(Campaign.audience_name),
    "confirmed": Campaign.created_at,
    "by": alphabetical(Campaign.user_name),
    "recipients": Campaign.recipients,
    "messages": Campaign.messages,
    "state": case({state: place for place, state in enumerate(CampaignState)}, value=Campaign.state),
}


@dataclass(frozen=True, slots=True)
class Running:
    """The sends under way, and how many of their messages were not handed over yet."""

    campaigns: int
    messages: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """A send with SMS of which nobody knows whether they were taken."""

    campaign_id: int
    name: str
    deliveries: int


def running_sends() -> Running:
    """What would pause if the module were switched off now."""
    campaigns = select(func.count()).select_from(Campaign).where(Campaign.state.in_(UNDER_WAY))
    waiting = (
        select(func.coalesce(func.sum(Delivery.billed), 0))
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Campaign.state.in_(UNDER_WAY), Delivery.state.in_(CANCELLABLE))
    )
    return Running(db.session.scalar(campaigns) or 0, int(db.session.scalar(waiting) or 0))


def paused_sends() -> int:
    """How many sends are paused."""
    return db.session.scalar(select(func.count()).where(Campaign.state == CampaignState.PAUSED)) or 0


def sends(search: str = "", state: str = "", sort: str = NEWEST_FIRST) -> Select[Campaign]:
    """The sends in this state with all the words in name, audience, person or text."""
    statement = select(Campaign)
    if state in STATES:
        statement = statement.where(Campaign.state == state)
    if search:
        said = key_of(Campaign.name, Campaign.audience_name, Campaign.user_name, Campaign.text)
        statement = statement.where(matches(said, search))
    return in_order(statement, sort, ORDERS, Campaign.id.desc())


def latest_in(states: Sequence[str], limit: int) -> Sequence[Campaign]:
    """The sends in these states, newest first."""
    statement = select(Campaign).where(Campaign.state.in_(states)).order_by(Campaign.id.desc())
    return db.session.scalars(statement.limit(limit)).all()


def latest(limit: int) -> Sequence[Campaign]:
    """The sends confirmed last."""
    return db.session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(limit)).all()


def resends_of(campaign_id: int) -> Sequence[Campaign]:
    """The sends by which failed SMS of this one were sent again, oldest first."""
    return db.session.scalars(select(Campaign).where(Campaign.resends_id == campaign_id).order_by(Campaign.id)).all()


def sends_with_unclear() -> list[Unclear]:
    """The sends with unclear SMS, newest first."""
    here = (Delivery.campaign_id == Campaign.id, Delivery.state == State.UNKNOWN)
    unclear = select(func.count()).select_from(Delivery).where(*here).scalar_subquery()
    statement = select(Campaign.id, Campaign.name, unclear).where(exists().where(*here)).order_by(Campaign.id.desc())
    return [Unclear(*row) for row in db.session.execute(statement)]


def used_senders() -> frozenset[str]:
    """The senders that any send has used, or that a draft has chosen."""
    return frozenset(db.session.scalars(union(select(Campaign.sender), _drafted_senders())))


def sender_is_used(session: Session, name: str) -> bool:
    """Whether a send has used this sender, or a draft has chosen it, which must not fall back to another unseen."""
    sends = select(Campaign.sender).where(Campaign.sender == name)
    return session.scalar(union_all(sends, _drafted_senders(name)).limit(1)) is not None


def _drafted_senders(name: str | None = None) -> Select[Any]:
    names = select(SenderName.name).join(Draft, Draft.sender_id == SenderName.id)
    return names if name is None else names.where(SenderName.name == name)


def sent_today(session: Session, audience_id: int, text: str) -> Campaign | None:
    """The latest send of this very text (normalised, with its tags) to this audience since local midnight.

    One that was cancelled before anything went out does not count.
    """
    went_out = exists().where(Delivery.campaign_id == Campaign.id, Delivery.state != State.CANCELLED)
    statement = (
        select(Campaign)
        .where(Campaign.audience_id == audience_id, Campaign.text == text, Campaign.created_at >= _midnight())
        .where(went_out)
        .order_by(Campaign.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def _midnight() -> datetime:
    today: datetime = to_user_timezone(now())
    utc: datetime = to_utc(datetime.combine(today.date(), time()))
    return utc.replace(tzinfo=UTC)
