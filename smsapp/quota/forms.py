"""Forms for granting and correcting quota."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length, StopValidation

from smsapp.quota.service import MAX_REASON

_MAX_TYPED = 20
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,'’ \u00a0\u202f])[0-9]{3}(\1[0-9]{3})*")


def whole_number(text: str) -> int | None:
    """The whole number that was typed: "1000", "1.000", "1,000", "1 000", "+50", "-50"; None if it is none."""
    text = text.strip().replace("−", "-").replace("–", "-")
    sign, digits = (-1, text[1:].strip()) if text[:1] == "-" else (1, text.removeprefix("+").strip())
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"[^0-9]", "", digits)
    return sign * int(digits) if re.fullmatch(rf"[0-9]{{1,{_MAX_TYPED}}}", digits) else None


class MessagesField(StringField):
    """A number of messages, with or without the thousands' separators; what was typed is shown again."""

    amount: int = 0

    def pre_validate(self, form: Any) -> None:
        number = whole_number(self.data or "")
        if number is None:
            raise StopValidation(_("Please enter a whole number."))
        self.amount = number


class GrantForm(FlaskForm):
    """More quota."""

    messages = MessagesField(
        _l("Messages"),
        validators=[InputRequired(_l("Please enter a whole number."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off", "maxlength": _MAX_TYPED, "size": 12},
    )
    reason = StringField(
        _l("Reason"),
        validators=[InputRequired(_l("Please give a reason.")), Length(max=MAX_REASON)],
        render_kw={"autocomplete": "off", "maxlength": MAX_REASON},
    )


class CorrectForm(GrantForm):
    """Quota raised or lowered; no number pad, since those of phones have no minus."""

    messages = MessagesField(
        _l("Messages"),
        validators=[InputRequired(_l("Please enter a whole number."))],
        render_kw={"autocomplete": "off", "maxlength": _MAX_TYPED, "size": 12},
    )
