"""Reading the settings."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.extensions import db
from smsapp.settings.models import SenderName, Settings


def current_settings(session: Session | None = None) -> Settings:
    """The settings; before the first migration's row exists, the defaults."""
    found = (session or db.session).get(Settings, 1)
    if found is None:
        raise RuntimeError("the settings row is missing: run the migrations")
    return found


def active_senders(session: Session | None = None) -> list[SenderName]:
    """The sender names that may be chosen."""
    statement = select(SenderName).where(SenderName.active).order_by(SenderName.name)
    return list((session or db.session).scalars(statement))
