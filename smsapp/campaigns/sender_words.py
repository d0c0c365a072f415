"""What is said of a sender in the countries of its recipients. It warns; nobody is skipped for it."""

from collections.abc import Iterator, Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from smsapp.clock import now
from smsapp.contacts.words import country_name
from smsapp.settings.country_queries import standings
from smsapp.settings.senders import Standing
from smsapp.web import format_day, format_number, local_time

UNKNOWN = (Standing.UNKNOWN, None)


def sender_notes(sender: str, countries: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """A sentence and its tone ("warn" or "") for each country where the sender is not known to be allowed."""
    known, today = standings(sender), local_time(now()).date()
    for country, recipients in sorted(countries.items(), key=lambda each: (-each[1], each[0])):
        standing, until = known.get(country, UNKNOWN)
        if said := _said(standing, until, today):
            tone = "" if standing is Standing.UNKNOWN else "warn"
            yield f"{_where(country, recipients)} {said}", tone


def _said(standing: Standing, until: date | None, today: date) -> str:
    """What is wrong with it there, if anything."""
    if standing is Standing.FORBIDDEN:
        return str(_("This sender is not allowed there."))
    if standing is Standing.UNKNOWN:
        return str(_("It is not known whether this sender is allowed there."))
    if standing is Standing.ALLOWED or (until and until >= today):
        return ""
    if until:
        return str(_("The registration of this sender there ended on %(day)s.", day=format_day(until)))
    return str(_("This sender must be registered there, and no registration is entered."))


def _where(country: str, recipients: int) -> str:
    return str(
        ngettext(
            "%(country)s, %(count)s recipient:",
            "%(country)s, %(count)s recipients:",
            recipients,
            country=country_name(country),
            count=format_number(recipients),
        )
    )
