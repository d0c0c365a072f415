"""Writing where senders are allowed; each function is one transaction."""

from datetime import date

from flask_babel import gettext as _
from phonenumbers import SUPPORTED_REGIONS
from sqlalchemy import select

from smsapp.errors import AppError
from smsapp.extensions import db_write
from smsapp.settings.models import SenderCountry, SenderName
from smsapp.settings.senders import ANY_NAME, OPERATOR_NUMBER, Standing


def set_standing(sender: str, country: str, standing: Standing, until: date | None) -> None:
    """What is known of a sender in a country from now on; a date belongs to a registration alone."""
    if country not in SUPPORTED_REGIONS:
        raise AppError(_("Please choose a country."))
    with db_write() as session:
        if sender not in (OPERATOR_NUMBER, ANY_NAME, *session.scalars(select(SenderName.name))):
            raise AppError(_("Please choose a sender."))
        same = select(SenderCountry).filter_by(sender=sender, country=country).with_for_update()
        entry = session.scalar(same) or SenderCountry(sender=sender, country=country)
        entry.status = standing
        entry.until = until if standing is Standing.REGISTERED else None
        session.add(entry)


def forget_standing(entry_id: int) -> None:
    """Know nothing of its own for this sender and country any more."""
    with db_write() as session:
        if entry := session.get(SenderCountry, entry_id):
            session.delete(entry)
