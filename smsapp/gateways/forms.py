"""The forms of the gateways, made of the table of their settings."""

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from smsapp.contacts.numbers import display
from smsapp.forms import CleanField, SeenForm, choices_of
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.reading import Unusable
from smsapp.gateways.service import GatewayData
from smsapp.gateways.words import SETTINGS, Setting, problem_sentence
from smsapp.settings.models import SenderName
from smsapp.settings.senders import chosen_id

OFF = {"autocomplete": "off", "spellcheck": "false"}
NUMBERS = ("rate", "validity_hours", "answer_seconds", "enquire_seconds")


class GatewayForm(SeenForm):
    """What all kinds have; `form_of` adds the settings of one. The password is never shown again."""

    settings: tuple[Setting, ...] = ()

    name = CleanField(_l("Name"), render_kw={**OFF, "maxlength": 20})
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "new-password"})
    rate = CleanField(_l("At most SMS a second"), render_kw={**OFF, "inputmode": "decimal", "size": 8})

    def entered(self) -> GatewayData:
        """What was typed; numbers may have a comma."""
        values = {each.name: str(self[each.name].data or "") for each in self.settings} | {"rate": self.rate.data or ""}
        values |= {name: values[name].replace(",", ".") for name in NUMBERS if name in values}
        rate = values.pop("rate")
        return GatewayData(values, rate, self.password.data or "")

    def complain(self, problem: Unusable) -> None:
        """Say what is wrong at its field."""
        self._fields.get(problem.field, self.name).errors = [problem_sentence(problem)]


def form_of(kind: str, row: GatewayRow | None = None, typed: bool = True) -> GatewayForm:
    """The form for a gateway of this kind: as it was typed, or with what is stored."""
    settings = SETTINGS.get(kind, ())
    fields = {each.name: _field(each) for each in settings}
    made: type[GatewayForm] = type("KindForm", (GatewayForm,), {**fields, "settings": settings})
    stored = {each.name: each.default for each in settings}
    if row:
        stored |= {**row.settings, "name": row.name, "rate": f"{row.rate:g}" if row.rate else ""}
    form = made(data=stored) if typed else made(None, data=stored)
    if row and not form.is_submitted():
        form.see(row.updated_at)
    return form


def _field(setting: Setting) -> Any:
    if setting.choices:
        return SelectField(setting.label, choices=choices_of(setting.choices), validate_choice=False)
    return CleanField(setting.label, render_kw=OFF)


class TestSmsForm(FlaskForm):
    """A test SMS by one gateway."""

    number = CleanField(
        _l("Number"),
        validators=[InputRequired(_l("Please enter the number."))],
        render_kw={**OFF, "inputmode": "tel", "maxlength": 30},
    )
    sender = SelectField(_l("Sender"), validate_choice=False)
    key = CleanField()

    def offer(self, operator_number: str, senders: Collection[SenderName]) -> None:
        """Offer the operator number and these names."""
        names = [SelectChoice(str(each.id), each.name) for each in senders]
        operator = _("Operator number %(number)s", number=display(operator_number))
        self.sender.choices = [SelectChoice("", operator), *names]

    @property
    def sender_id(self) -> int | None:
        """The chosen name's id, None for the operator number; 0 is none that exists."""
        return chosen_id(self.sender.data)


class WaysForm(FlaskForm):
    """Which way sends go; `ways_form` adds a field for each sender name."""

    default = SelectField(_l("In general"))

    def chosen(self) -> dict[int, str]:
        """The gateway by the id of each sender name, "" where it goes as in general."""
        return {int(field.name.removeprefix("sender-")): field.data for field in self.sender_fields()}

    def sender_fields(self) -> list[Field]:
        """The fields of the sender names."""
        return [field for field in self if field.name.startswith("sender-")]


def ways_form(default: str, senders: Collection[SenderName], names: Collection[str]) -> WaysForm:
    """The form with what is stored; what is chosen and not active any more is shown as that."""
    fields = {f"sender-{each.id}": _way(each.name, names, each.gateway, as_default=True) for each in senders}
    fields["default"] = _way(_l("In general"), names, default)
    data = {f"sender-{each.id}": each.gateway or "" for each in senders} | {"default": default}
    made: type[WaysForm] = type("AllWaysForm", (WaysForm,), fields)
    return made(data=data)


def _way(label: Any, names: Collection[str], chosen: str | None, as_default: bool = False) -> SelectField:
    lost = [SelectChoice(chosen, _("%(name)s (not active)", name=chosen))] if chosen and chosen not in names else []
    general = [SelectChoice("", _("as in general"))] if as_default else []
    return SelectField(label, choices=[*general, *lost, *(SelectChoice(name, name) for name in names)])
