"""What the pages of the gateways show."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from flask_babel import gettext as _

from smsapp.clock import now
from smsapp.gateways import secret_box
from smsapp.gateways.forms import TestSmsForm, WaysForm, ways_form
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.queries import active_names, all_gateways
from smsapp.gateways.reading import Unusable
from smsapp.gateways.registry import KANNEL, links_of, settings_of
from smsapp.gateways.words import kind_label, problem_with_field
from smsapp.settings.queries import active_senders, all_senders, current_settings
from smsapp.web import format_clock


@dataclass(frozen=True, slots=True)
class Shown:
    """A gateway in the list: what is said of it, and the senders whose SMS it carries."""

    row: GatewayRow
    kind: str
    state: str
    tone: str
    trouble: str
    is_default: bool
    senders: list[str]
    incoming: str  # the address where a Kannel brings SMS


def gateways() -> Iterator[Shown]:
    """All of them, for the list."""
    for row in all_gateways():
        yield shown(row)


def shown(row: GatewayRow) -> Shown:
    """One of them."""
    state, tone, trouble = _state(row)
    senders = [each.name for each in all_senders() if each.gateway == row.name]
    is_default = current_settings().gateway == row.name
    incoming = links_of(row.name, row.settings.get("base_url", "")).incoming() if row.kind == KANNEL else ""
    return Shown(row, kind_label(row.kind), state, tone, trouble, is_default, senders, incoming)


def ways() -> WaysForm:
    """The form that decides which way sends go."""
    return ways_form(current_settings().gateway, all_senders(), active_names())


def test_form(typed: bool) -> TestSmsForm:
    """The form of the test SMS, as it was typed or empty; its key lets one form send once."""
    form = TestSmsForm(prefix="test") if typed else TestSmsForm(None, prefix="test")
    form.offer(current_settings().operator_number, active_senders())
    form.key.data = form.key.data or uuid4().hex
    return form


def password_hint(row: GatewayRow | None) -> str:
    """Where the password comes from, and what an empty field means."""
    if row is None:
        return str(_("It is stored encrypted and never shown again."))
    if secret_box.from_environment(row.name):
        return str(
            _("It comes from the environment (%(name)s), whatever is stored.", name=secret_box.variable(row.name))
        )
    if row.password:
        return str(_("One is stored. Leave this empty to keep it."))
    return str(_("None is stored yet. It is stored encrypted and never shown again."))


def _state(row: GatewayRow) -> tuple[str, str, str]:
    """A word, its tone, and what is wrong."""
    if not row.active:
        return _("inactive"), "plain", ""
    try:
        settings_of(row)
    except Unusable as problem:
        return _("cannot be used"), "bad", problem_with_field(row.kind, problem)
    if row.open_until and row.open_until > now():
        return _("pauses"), "warn", _("It does not answer; tried again at %(time)s.", time=format_clock(row.open_until))
    return _("active"), "good", ""
