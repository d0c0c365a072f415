"""Reading where senders are allowed."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.settings.models import SenderCountry
from smsapp.settings.senders import ANY_NAME, OPERATOR_NUMBER, Standing


def all_sender_countries() -> Sequence[SenderCountry]:
    """All that was entered, by sender and country."""
    return db.session.scalars(select(SenderCountry).order_by(SenderCountry.sender, SenderCountry.country)).all()


def get_sender_country(entry_id: int) -> SenderCountry:
    """This entry; raises NotThere."""
    found = db.session.get(SenderCountry, entry_id)
    if found is None:
        raise NotThere(_("This entry does not exist or no longer exists."))
    return found


def standings(sender: str) -> Mapping[str, tuple[Standing, date | None]]:
    """How a sender, a number or a name, stands by country; what is said of the name itself outweighs any name's."""
    keys = (OPERATOR_NUMBER,) if sender.startswith("+") else (ANY_NAME, sender)
    rows = db.session.scalars(select(SenderCountry).where(SenderCountry.sender.in_(keys)))
    by_weight = sorted(rows, key=lambda each: keys.index(each.sender))
    return {each.country: (Standing(each.status), each.until) for each in by_weight}
