"""Reading what went by a gateway."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.delivery.models import Campaign, Delivery, IncomingSms, Receipt
from smsapp.delivery.receipts import KEPT
from smsapp.delivery.states import RUNNING, State
from smsapp.extensions import db


def gateway_is_used(session: Session, name: str) -> bool:
    """Whether anything was ever sent or received by it."""
    found = (exists().where(model.gateway == name) for model in (Campaign, Receipt, IncomingSms))
    return any(session.scalar(select(each)) for each in found)


def unfinished_sends(name: str) -> int:
    """How many sends still have SMS to hand over to it."""
    statement = select(func.count()).select_from(Campaign).where(Campaign.gateway == name, Campaign.state.in_(RUNNING))
    return db.session.scalar(statement) or 0


def receipts_are_awaited(name: str) -> bool:
    """Whether the operator may still tell what became of SMS that it was handed."""
    told_later = Delivery.state.in_([State.SUBMITTING, State.ACCEPTED, State.UNKNOWN])
    lately = Delivery.submitted_at > now() - KEPT
    some = exists().where(Delivery.campaign_id == Campaign.id, told_later, lately)
    open_sends = select(Campaign.id).where(Campaign.gateway == name, Campaign.closed_at.is_(None), some)
    return db.session.scalar(open_sends.limit(1)) is not None
