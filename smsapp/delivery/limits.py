"""What ends or holds up a send by itself: the moment after which nothing more shall go out, and many refusals."""

from datetime import datetime
from typing import Final

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from smsapp.delivery.models import Campaign, CampaignEvent, Delivery
from smsapp.delivery.moves import Books, move, move_campaign
from smsapp.delivery.states import TAKEN, CampaignState, State
from smsapp.extensions import db, db_write

DEADLINE: Final = "deadline"
REFUSED: Final = "refused"
FIRST: Final = 100
"""So many of a send's SMS are its first ones."""
FEWEST: Final = 20
"""Fewer answers tell nothing."""
SHARE: Final = 5
"""Too many are refused if they are more than a fifth of the answers."""


def expire_overdue(at: datetime, campaign_id: int | None = None) -> int:
    """End what still waits in sends (or this one) whose deadline is over, and return its quota; how many SMS."""
    queued = exists().where(Delivery.campaign_id == Campaign.id, Delivery.state == State.QUEUED)
    over = [Campaign.state.in_([CampaignState.SENDING, CampaignState.PAUSED]), Campaign.deadline <= at, queued]
    if campaign_id is not None:
        over.append(Campaign.id == campaign_id)
    if db.session.scalar(select(Campaign.id).where(*over).limit(1)) is None:
        return 0
    with db_write() as session:
        locked = select(Campaign.id).where(*over).order_by(Campaign.id).with_for_update(key_share=True)
        campaigns, books = list(session.scalars(locked)), Books()
        where, why = Delivery.campaign_id.in_(campaigns), {"reason": DEADLINE}
        moved = move(session, books, State.QUEUED, State.EXPIRED, where, at=at, values=why)
        _note(session, {row.campaign_id for row in moved}, at)
        books.post(session, reason=DEADLINE)
        return len(moved)


def _note(session: Session, campaigns: set[int], at: datetime) -> None:
    """In the history once; an SMS that comes back from a busy gateway expires later than the others."""
    noted = select(CampaignEvent.campaign_id).where(CampaignEvent.kind == DEADLINE)
    known = set(session.scalars(noted.where(CampaignEvent.campaign_id.in_(campaigns))))
    session.add_all(CampaignEvent(campaign_id=id_, at=at, kind=DEADLINE) for id_ in sorted(campaigns - known))


def pause_if_refused(session: Session, campaign_id: int, at: datetime) -> bool:
    """Pause a watched campaign, locked by the caller, if too many of its SMS were refused for good; whether it was.

    A campaign is watched until its first ones are answered, or until it was paused once: who resumes it then knows why.
    """
    campaign = session.get_one(Campaign, campaign_id)
    refused, answered = _answers(session, campaign_id)
    if answered < FEWEST:
        return False
    too_many = refused * SHARE > answered
    campaign.watched = answered < FIRST and not too_many
    if too_many:
        move_campaign(session, CampaignState.PAUSED, Campaign.id == campaign_id, at=at, kind=REFUSED)
        move(session, Books(), State.CLAIMED, State.QUEUED, Delivery.campaign_id == campaign_id, at=at)
    return too_many


def _answers(session: Session, campaign_id: int) -> tuple[int, int]:
    """How many SMS were refused for good, and how many were or have been taken."""
    refused = func.count(case((Delivery.state == State.REJECTED, 1)))
    answered = Delivery.state.in_(TAKEN | {State.REJECTED})
    statement = select(refused, func.count()).where(Delivery.campaign_id == campaign_id, answered)
    row = session.execute(statement).one()
    return row[0], row[1]
