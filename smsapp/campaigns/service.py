"""What else concerns sends: a fresh send key for each popup, and the guard against sending a text twice."""

import secrets
from datetime import UTC, datetime, time

from flask_babel import to_user_timezone, to_utc
from sqlalchemy import exists, select

from smsapp.campaigns.problems import ModuleOff
from smsapp.clock import now
from smsapp.delivery.models import Campaign, Delivery
from smsapp.extensions import db
from smsapp.settings.queries import current_settings


def new_send_key() -> str:
    """What makes one opened popup one send (I2): 32 hexadecimal digits that nobody can guess."""
    return secrets.token_hex(16)


def require_module() -> None:
    """Raises ModuleOff while the SMS module is switched off."""
    if not current_settings().module_on:
        raise ModuleOff


def sent_today(audience_id: int, text: str) -> Campaign | None:
    """The latest send of this very text (normalised, with its tags) to this audience since local midnight.

    One that was cancelled before anything went out does not count.
    """
    went_out = exists().where(Delivery.campaign_id == Campaign.id, Delivery.state != "cancelled")
    statement = (
        select(Campaign)
        .where(Campaign.audience_id == audience_id, Campaign.text == text, Campaign.created_at >= _midnight())
        .where(went_out)
        .order_by(Campaign.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def _midnight() -> datetime:
    today: datetime = to_user_timezone(now())
    utc: datetime = to_utc(datetime.combine(today.date(), time()))
    return utc.replace(tzinfo=UTC)
