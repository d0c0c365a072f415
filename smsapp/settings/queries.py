"""Reading the settings."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.settings.models import SenderName, Settings


def current_settings(session: Session | None = None) -> Settings:
    """The settings row; without migrations there is none, and nothing works."""
    found = (session or db.session).get(Settings, 1)
    if found is None:
        raise RuntimeError("the settings row is missing: run the migrations")
    return found


def module_held_on(session: Session) -> bool:
    """Whether the SMS module is on; if so, it stays on until this transaction ends."""
    statement = select(Settings.module_on).where(Settings.id == 1).with_for_update(read=True)
    return bool(session.scalar(statement))


def active_senders() -> list[SenderName]:
    """The sender names that may be chosen."""
    statement = select(SenderName).where(SenderName.active).order_by(SenderName.name)
    return list(db.session.scalars(statement))


def all_senders() -> list[SenderName]:
    """All sender names, for the settings."""
    return list(db.session.scalars(select(SenderName).order_by(SenderName.name)))


def get_sender(sender_id: int, session: Session | None = None) -> SenderName:
    """This sender name; raises NotThere."""
    sender = (session or db.session).get(SenderName, sender_id)
    if sender is None:
        raise NotThere(_("This sender name does not exist or no longer exists."))
    return sender
