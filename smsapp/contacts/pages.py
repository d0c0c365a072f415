"""What the pages of contacts, companies and the block list share."""

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import flash
from flask_babel import gettext as _
from wtforms import Field, SelectField

from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.fields import DataForm
from smsapp.folding import fold
from smsapp.web import format_day


def tell_of_removed(form: DataForm) -> None:
    """Say which fields had characters that nobody can see or send."""
    if fields := form.removed_from:
        flash(_("Invisible control characters were removed from: %(fields)s.", fields=", ".join(fields)), "warn")


def differences(form: Any, stored: ContactData | CompanyData) -> list[tuple[str, str]]:
    """Label and stored value of each field in which the form differs from what is stored."""
    entered, now = asdict(form.entered()), asdict(stored)
    names = [name for name in now if _comparable(now[name]) != _comparable(entered[name])]
    return [(str(form[name].label.text), in_words(form[name], now[name])) for name in names]


def _comparable(value: Any) -> Any:
    return sorted(value, key=fold) if isinstance(value, tuple) else value


def in_words(field: Field, value: Any) -> str:
    """A stored value as the form's user would read it."""
    if isinstance(value, tuple):
        value = ", ".join(value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, date):
        return format_day(value)
    words = {chosen: label for chosen, label, *_rest in field.iter_choices()} if isinstance(field, SelectField) else {}
    return str(words.get(value) or value or _("(empty)"))
