"""Reading campaigns and their deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select

from smsapp.clock import now
from smsapp.delivery.breaker import is_open
from smsapp.delivery.models import Campaign, CampaignEvent, Delivery
from smsapp.delivery.outcomes import LONGEST_WAIT
from smsapp.delivery.states import NOT_HANDED_OVER, CampaignState, State
from smsapp.extensions import db
from smsapp.quota.models import LedgerEntry
from smsapp.quota.queries import campaign_quota

PACE_ENTRIES = 20
PACE_IS_OLD = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Route:
    """How a campaign's SMS go."""

    campaign_id: int
    gateway: str
    sender: str
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. `counts` has every state that occurs; the quota figures are messages.

    `seconds_left` is a guess from the pace of the last hand-overs; None while there is no pace.
    """

    campaign_id: int
    state: CampaignState
    recipients: int
    messages: int
    counts: Mapping[State, int]
    reserved: int
    spent: int
    returned: int
    seconds_left: float | None

    @property
    def waiting(self) -> int:
        """Recipients who were not tried yet, or are being tried."""
        return sum(self.counts.get(state, 0) for state in NOT_HANDED_OVER)

    @property
    def done(self) -> int:
        """Recipients who were tried or will not be, whatever came of it."""
        return self.recipients - self.waiting


def route(campaign_id: int) -> Route | None:
    """How this campaign's SMS go; None if there is no such campaign."""
    columns = select(Campaign.id, Campaign.gateway, Campaign.sender, Campaign.deadline)
    row = db.session.execute(columns.where(Campaign.id == campaign_id)).one_or_none()
    return Route(*row) if row else None


def is_stopped(campaign_id: int) -> bool:
    """Whether a person or a rule has stopped it; leaves no transaction open, as somebody may be handing over."""
    state = db.session.scalar(select(Campaign.state).where(Campaign.id == campaign_id))
    db.session.rollback()
    return state in {CampaignState.PAUSED, CampaignState.CANCELLED}


def is_due(at: datetime) -> ColumnElement[bool]:
    """Whether a delivery can be claimed at this moment.

    Nobody waits longer than `LONGEST_WAIT`, unless a clock was set back.
    """
    return is_due_between(literal(at), literal(at + LONGEST_WAIT))


def is_due_between(at: ColumnElement[datetime], latest: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The same with the moment, and the one until which anybody may have to wait, as expressions."""
    until = Delivery.not_before
    return (Delivery.state == State.QUEUED) & or_(until.is_(None), until <= at, until > latest)


def work_is_due(campaign_id: int) -> bool:
    """Whether a worker finds something to send in this campaign right now."""
    moment = now()
    work = exists().where(Delivery.campaign_id == campaign_id, is_due(moment))
    sending = (Campaign.id == campaign_id, Campaign.state == CampaignState.SENDING)
    statement = select(Campaign.id).where(*sending, ~is_open(moment), work)
    return db.session.scalar(statement) is not None


def progress(campaign_id: int) -> Progress | None:
    """How far this campaign is; None if there is no such campaign."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        return None
    counts = count_by_state(campaign_id)
    quota = campaign_quota(campaign_id)
    left = sum(counts.get(state, 0) for state in NOT_HANDED_OVER)
    return Progress(
        campaign_id=campaign_id,
        state=CampaignState(campaign.state),
        recipients=campaign.recipients,
        messages=campaign.messages,
        counts=counts,
        reserved=quota.reserved,
        spent=quota.spent,
        returned=quota.returned,
        seconds_left=_seconds_left(campaign, left),
    )


def count_by_state(campaign_id: int) -> dict[State, int]:
    """How many recipients are in each state that occurs."""
    statement = select(Delivery.state, func.count()).where(Delivery.campaign_id == campaign_id).group_by(Delivery.state)
    return {State(state): count for state, count in db.session.execute(statement)}


def events(campaign_id: int) -> Select[CampaignEvent]:
    """What was done to the campaign as a whole, oldest first."""
    return select(CampaignEvent).where(CampaignEvent.campaign_id == campaign_id).order_by(CampaignEvent.id)


def paused_because(campaign_id: int) -> str | None:
    """The kind of event that has paused a campaign: what came last."""
    last = select(CampaignEvent.kind).where(CampaignEvent.campaign_id == campaign_id)
    return db.session.scalar(last.order_by(CampaignEvent.id.desc()).limit(1))


def _seconds_left(campaign: Campaign, left: int) -> float | None:
    """The messages left by the messages a second of the last charges; each charge is one recorded window."""
    statement = (
        select(LedgerEntry.at, LedgerEntry.messages)
        .where(LedgerEntry.campaign_id == campaign.id, LedgerEntry.kind == "charge")
        .order_by(LedgerEntry.id.desc())
        .limit(PACE_ENTRIES)
    )
    charges = db.session.execute(statement).all()
    if campaign.state != CampaignState.SENDING or len(charges) < 2 or charges[0].at < now() - PACE_IS_OLD:
        return None
    seconds = (charges[0].at - charges[-1].at).total_seconds()
    handed_over: int = sum(charge.messages for charge in charges[:-1])
    return float(left * campaign.messages / campaign.recipients * seconds / handed_over)
