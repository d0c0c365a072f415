"""What the start page shows, and what the settings must know of the sends: reads across all features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.audiences.models import Audience
from smsapp.contacts.models import Company, Contact
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import CampaignState, State, campaign_states_before
from smsapp.extensions import db
from smsapp.quota.models import LedgerEntry
from smsapp.quota.queries import Balances, balances, entries

UNDER_WAY = sorted(campaign_states_before(CampaignState.PAUSED))
LAST_SENDS = 5
MOST_SENDS = 5  # of each kind that needs a person, that the page names
LOW_SHARE = 10  # quota is low below a tenth of all that was granted


@dataclass(frozen=True, slots=True)
class Running:
    """The sends under way, and how many of their messages were not handed over yet."""

    campaigns: int
    messages: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    contacts: int
    companies: int
    audiences: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """A send with SMS of which nobody knows whether they were taken."""

    campaign_id: int
    name: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the start page shows."""

    quota: Balances
    running: Running
    counts: Counts
    unclear: Sequence[Unclear]
    paused: Sequence[Campaign]
    last: Sequence[Campaign]

    @property
    def quota_is_low(self) -> bool:
        return self.quota.available * LOW_SHARE < self.quota.granted


def overview() -> Overview:
    """The start page's data."""
    return Overview(balances(), running_sends(), counts(), unclear(), paused(), last_sends())


def running_sends() -> Running:
    """What would pause if the module were switched off now."""
    campaigns = select(func.count()).select_from(Campaign).where(Campaign.state.in_(UNDER_WAY))
    waiting = (
        select(func.coalesce(func.sum(Delivery.billed), 0))
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Campaign.state.in_(UNDER_WAY), Delivery.state.in_((State.QUEUED, State.CLAIMED)))
    )
    return Running(db.session.scalar(campaigns) or 0, int(db.session.scalar(waiting) or 0))


def paused_sends() -> int:
    """How many sends are paused."""
    return db.session.scalar(select(func.count()).where(Campaign.state == CampaignState.PAUSED)) or 0


def ledger() -> Select[Any]:
    """The quota's movements, the newest first, each with the name of its campaign and of the person."""
    return (
        entries()
        .add_columns(Campaign.name.label("campaign"), User.name.label("user"))
        .outerjoin(Campaign, Campaign.id == LedgerEntry.campaign_id)
        .outerjoin(User, User.id == LedgerEntry.user_id)
    )


def counts() -> Counts:
    """How many contacts, companies and audiences in use there are."""
    audiences = select(func.count()).where(~Audience.archived)
    totals = (select(func.count()).select_from(Contact), select(func.count()).select_from(Company), audiences)
    return Counts(*(db.session.scalar(statement) or 0 for statement in totals))


def unclear() -> list[Unclear]:
    """The sends with unclear SMS, newest first."""
    statement = (
        select(Campaign.id, Campaign.name, func.count())
        .join(Delivery, Delivery.campaign_id == Campaign.id)
        .where(Delivery.state == State.UNKNOWN)
        .group_by(Campaign.id, Campaign.name)
        .order_by(Campaign.id.desc())
        .limit(MOST_SENDS)
    )
    return [Unclear(*row) for row in db.session.execute(statement)]


def paused() -> Sequence[Campaign]:
    """The paused sends, newest first."""
    statement = select(Campaign).where(Campaign.state == CampaignState.PAUSED).order_by(Campaign.id.desc())
    return db.session.scalars(statement.limit(MOST_SENDS)).all()


def last_sends() -> Sequence[Campaign]:
    """The sends confirmed last."""
    return db.session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(LAST_SENDS)).all()


def used_senders() -> frozenset[str]:
    """The senders that any send has used."""
    return frozenset(db.session.scalars(select(Campaign.sender).distinct()))


def sender_is_used(session: Session, name: str) -> bool:
    """Whether a send has used this sender."""
    return session.scalar(select(Campaign.id).where(Campaign.sender == name).limit(1)) is not None
