"""Form fields that clean what is typed and keep it, right or wrong, for showing it again."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from phonenumbers import SUPPORTED_REGIONS
from wtforms import DateField, Field, SelectChoice, SelectField

from smsapp.contacts.data import Problem
from smsapp.contacts.values import BadValue, parse_date
from smsapp.contacts.words import by_country_name, country_name, language_name, problem_sentence
from smsapp.forms import choices_of

LANGUAGES = ("de", "en", "fi", "sv", "fr", "it", "nl", "pl", "tr")
DAY_ERRORS = {
    "ambiguous_date": _l("Please write the date as 31.12.1999; this could be read in two ways."),
    "two_digit_year": _l("Please write the year with four digits."),
}


class DayField(DateField):
    """A day as the browser posts it or as people write it."""

    data: date | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; it is not guessed where it could be read in two ways."""
        if not valuelist:
            return
        try:
            self.data = parse_date(valuelist[0])
        except BadValue as error:
            self.data = None
            unknown = _("This is not a date. Please write it as 31.12.1999.")
            raise ValueError(str(DAY_ERRORS.get(error.code, unknown))) from None


class YesNoField(SelectField):
    """Yes, no, or not known."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        choices = choices_of({"": _l("unknown"), "yes": _l("yes"), "no": _l("no")})
        coerce = {True: "yes", False: "no", None: ""}
        super().__init__(label, choices=choices, coerce=lambda value: coerce.get(value, value), **kwargs)

    @property
    def value(self) -> bool | None:
        """What was chosen."""
        return {"yes": True, "no": False}.get(str(self.data))


class DataForm(FlaskForm):
    """A form whose values are checked where they are kept, too: the problems found there are shown at the fields."""

    def show(self, problems: Sequence[Problem]) -> None:
        """Put each problem at its field."""
        for problem in problems:
            self[problem.field].errors = [*self[problem.field].errors, problem_sentence(problem)]

    @property
    def removed_from(self) -> list[str]:
        """The labels of the fields from which control characters were removed."""
        return [str(field.label.text) for field in self if getattr(field, "removed", False)]


def countries(first: Sequence[str], present: str) -> list[SelectChoice]:
    """Choices of countries by name in the user's language: none, those written to most, then all others."""
    others = by_country_name({*SUPPORTED_REGIONS, present} - {"", *first})
    often, rest = str(_("Often used")), str(_("All others"))
    return [
        SelectChoice("", "–"),
        *(SelectChoice(code, country_name(code), optgroup=often) for code in first),
        *(SelectChoice(code, country_name(code), optgroup=rest) for code in others),
    ]


def languages(present: str) -> list[SelectChoice]:
    """Choices of languages by name in the user's language, whatever is stored among them."""
    codes = dict.fromkeys(code for code in (*LANGUAGES, present) if code)
    return choices_of({"": "–", **{code: language_name(code) for code in codes}})


def typed_text(field: Field) -> str:
    """What a text field holds; "" where the form did not come with it."""
    return field.data or ""
