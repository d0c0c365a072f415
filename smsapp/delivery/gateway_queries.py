"""Reading what went by a gateway."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from smsapp.delivery.models import Campaign, IncomingSms, Receipt
from smsapp.delivery.states import CampaignState
from smsapp.extensions import db


def gateway_is_used(session: Session, name: str) -> bool:
    """Whether anything was ever sent or received by it."""
    found = (exists().where(model.gateway == name) for model in (Campaign, Receipt, IncomingSms))
    return any(session.scalar(select(each)) for each in found)


def unfinished_sends(name: str) -> int:
    """How many sends still have SMS to hand over to it."""
    states = (CampaignState.WAITING, CampaignState.SENDING, CampaignState.PAUSED)
    statement = select(func.count()).select_from(Campaign).where(Campaign.gateway == name, Campaign.state.in_(states))
    return db.session.scalar(statement) or 0
