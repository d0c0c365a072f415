"""The forms of the settings: one for each thing that is decided, each saved on its own."""

from collections.abc import Mapping, Sequence
from unicodedata import category

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from phonenumbers import SUPPORTED_REGIONS
from wtforms import IntegerField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from smsapp.contacts.words import by_country_name, country_name
from smsapp.settings import senders
from smsapp.settings.models import Settings
from smsapp.settings.service import LONGEST_PRODUCT_NAME, LONGEST_UNDO
from smsapp.text.billing import Rule
from smsapp.web import format_number

RULES = {
    Rule.CHARACTERS_160: (
        _l("By characters: 160 characters are 1 message"),
        _l("1 to 160 characters are 1 message, up to 320 are 2, up to 480 are 3, whichever characters they are."),
    ),
    Rule.NETWORK_SEGMENTS: (
        _l("By parts: what the network carries"),
        _l(
            "A text of simple characters goes out in parts of 160 (153 if it takes several). A single other"
            " character, such as ë, ş or an emoji, makes them 70 (67 if it takes several). A text of 480 characters can"
            " so be up to 8 messages."
        ),
    ),
}


class OperatorNumberForm(FlaskForm):
    """The number that is the sender by default."""

    operator_number = StringField(
        _l("Operator number"),
        validators=[InputRequired(_l("Please enter the number."))],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )


class SenderForm(FlaskForm):
    """A new sender name."""

    sender_name = StringField(
        _l("New sender name"),
        validators=[InputRequired(_l("Please enter a name."))],
        render_kw={"autocomplete": "off", "maxlength": senders.LONGEST},
    )


class BillingForm(FlaskForm):
    """What counts as one message."""

    billing_rule = RadioField(
        _l("Billing rule"), choices=[SelectChoice(rule.value, label) for rule, (label, _text) in RULES.items()]
    )


class CountryForm(FlaskForm):
    """One more country to send to."""

    country = SelectField(_l("Add a country"), validators=[InputRequired(_l("Please choose a country."))])

    def offer(self, allowed: Sequence[str], numbers: Mapping[str, int]) -> None:
        """Offer every country that is not allowed yet, by its name, with how many numbers it would add."""
        others = by_country_name(SUPPORTED_REGIONS - set(allowed))
        self.country.choices = [
            SelectChoice("", _("Please choose")),
            *(SelectChoice(code, with_numbers(country_name(code), numbers.get(code, 0))) for code in others),
        ]


class UndoForm(FlaskForm):
    """How long a confirmed send can be taken back."""

    undo_seconds = IntegerField(
        _l("Seconds until a send starts"),
        validators=[InputRequired(_l("Please enter a number of seconds."))],
        render_kw={"min": 0, "max": LONGEST_UNDO},
    )


def without_controls(typed: str | None) -> str:
    """What was typed, but for characters that nobody can see, send, or have in a page."""
    return "".join(each for each in typed or "" if each in "\r\n\t" or category(each) != "Cc")


class StopForm(FlaskForm):
    """By which words people unsubscribe, and what they are answered."""

    stop_words = TextAreaField(
        _l("Words to unsubscribe"),
        filters=[without_controls],
        validators=[InputRequired(_l("Please enter a word."))],
        render_kw={"rows": 6, "spellcheck": "false"},
    )
    stop_answer = TextAreaField(_l("Answer"), filters=[without_controls], render_kw={"rows": 2})


class ProductNameForm(FlaskForm):
    """What the application is called."""

    product_name = StringField(
        _l("Name on the screen"),
        validators=[InputRequired(_l("Please enter a name."))],
        render_kw={"autocomplete": "off", "maxlength": LONGEST_PRODUCT_NAME},
    )


def with_numbers(name: str, numbers: int) -> str:
    """The name, and how many numbers of contacts belong to it, if there are any."""
    if not numbers:
        return name
    said = {"name": name, "count": format_number(numbers)}
    return str(ngettext("%(name)s (%(count)s number)", "%(name)s (%(count)s numbers)", numbers, **said))


def forms(settings: Settings, numbers: Mapping[str, int]) -> dict[str, FlaskForm]:
    """All forms of the page with what is stored now."""
    country = CountryForm(None)
    country.offer(settings.allowed_countries, numbers)
    return {
        "operator": OperatorNumberForm(None, obj=settings),
        "sender": SenderForm(None),
        "billing": BillingForm(None, obj=settings),
        "country": country,
        "stop": StopForm(None, stop_words="\n".join(settings.stop_words), stop_answer=settings.stop_answer),
        "undo": UndoForm(None, obj=settings),
        "product": ProductNameForm(None, obj=settings),
    }
