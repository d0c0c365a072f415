"""What the forms of all features share: fields that clean what is typed, choices, and the version a user has seen."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectChoice, StringField
from wtforms.widgets import HiddenInput

from smsapp.text.normalise import clean_value

NEVER = datetime.min.replace(tzinfo=UTC)
TOO_LONG = _l("At most %(max)d characters are possible here.")


class CleanField(StringField):
    """One line of text, cleaned as it is kept; `removed` says whether a character had to go."""

    removed = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed."""
        if valuelist:
            self.data, self.removed = clean_value(valuelist[0])


class SeenForm(FlaskForm):
    """A form that knows which version of the stored data its user has seen."""

    seen = CleanField(widget=HiddenInput())

    @property
    def seen_at(self) -> datetime:
        """The version's time; one that no version has where the form did not come with one."""
        try:
            return datetime.fromisoformat(self.seen.data or "").astimezone(UTC)
        except (ValueError, OverflowError):
            return NEVER

    def see(self, updated_at: datetime) -> None:
        """From now on the user has seen this version."""
        self.seen.data = updated_at.isoformat()


def choices_of(words: Mapping[str, Any]) -> list[SelectChoice]:
    """Choices of a select by value and words."""
    return [SelectChoice(value, label) for value, label in words.items()]
