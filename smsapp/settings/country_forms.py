"""The form that says where a sender is allowed."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from phonenumbers import SUPPORTED_REGIONS
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional

from smsapp.contacts.numbers import display
from smsapp.contacts.words import by_country_name, country_name
from smsapp.forms import choices_of
from smsapp.settings.models import SenderCountry
from smsapp.settings.queries import all_senders, current_settings
from smsapp.settings.senders import ANY_NAME, OPERATOR_NUMBER, Standing
from smsapp.web import format_day

STANDINGS = {
    Standing.ALLOWED: _l("allowed"),
    Standing.REGISTERED: _l("registered until"),
    Standing.FORBIDDEN: _l("not allowed"),
    Standing.UNKNOWN: _l("unknown"),
}
TONES = {Standing.ALLOWED: "good", Standing.REGISTERED: "good", Standing.FORBIDDEN: "bad", Standing.UNKNOWN: "plain"}


class StandingForm(FlaskForm):
    """What is known of a sender in a country."""

    sender = SelectField(_l("Sender"))
    country = SelectField(_l("Country"), validators=[InputRequired(_l("Please choose a country."))])
    standing = SelectField(_l("There it is"), choices=choices_of({str(key): word for key, word in STANDINGS.items()}))
    until = DateField(_l("Registered until"), validators=[Optional()])

    def offer(self) -> None:
        """Offer every sender and every country, by its name."""
        names = [each.name for each in all_senders()]
        self.sender.choices = [SelectChoice(key, sender_label(key)) for key in (OPERATOR_NUMBER, ANY_NAME, *names)]
        self.country.choices = [
            SelectChoice("", _("Please choose")),
            *(SelectChoice(code, country_name(code)) for code in by_country_name(SUPPORTED_REGIONS)),
        ]

    def show(self, entry: SenderCountry) -> None:
        """Start from what is stored."""
        self.sender.data, self.country.data = entry.sender, entry.country
        self.standing.data, self.until.data = entry.status, entry.until


def sender_label(key: str) -> str:
    """A sender as the list names it."""
    if key == OPERATOR_NUMBER:
        return str(_("Operator number %(number)s", number=display(current_settings().operator_number)))
    return str(_("Any other name")) if key == ANY_NAME else key


def standing_badge(entry: SenderCountry, today: date) -> tuple[str, str]:
    """The standing in words, and its tone."""
    standing = Standing(entry.status)
    if standing is not Standing.REGISTERED:
        return str(STANDINGS[standing]), TONES[standing]
    if entry.until is None:
        return str(_("must be registered")), "warn"
    if entry.until < today:
        return str(_("registration ended on %(day)s", day=format_day(entry.until))), "bad"
    return str(_("registered until %(day)s", day=format_day(entry.until))), "good"
