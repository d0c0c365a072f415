"""Numbers of an audience that have no country code: every old and new one, and mending those that are ticked."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from smsapp.accounts.rights import Right, needs
from smsapp.audiences import queries as audience_queries
from smsapp.contacts import queries
from smsapp.contacts.blueprint import blueprint
from smsapp.contacts.importing.models import BY_COUNTRY, LEAVE
from smsapp.contacts.importing.reading import mended
from smsapp.contacts.importing.recording import region
from smsapp.contacts.importing.words import MEND_LABELS
from smsapp.contacts.mending_service import Change, mend_numbers
from smsapp.contacts.models import PHONE_FIELDS, Contact
from smsapp.contacts.numbers import calling_code, normalise
from smsapp.contacts.words import PHONE_FIELD_LABELS, country_name, title_of
from smsapp.settings.queries import current_settings
from smsapp.web import asked_id, asked_sort, format_number, go_to, page_url, paginate

AT_ONCE = 500
"""So many numbers are shown, and mended, at a time."""
_KEY = re.compile(r"(?P<contact>[0-9]{1,9})\|(?P<new>[^|]+)\|(?P<old>.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A contact's number as it is, and as it would become; the same where the choice gives no valid number."""

    contact: Contact
    old: str
    new: str

    @property
    def key(self) -> str:
        """What the page posts for a ticked line: the contact and both numbers, as they were shown."""
        return f"{self.contact.id}|{self.new}|{self.old}"


@blueprint.get("/numbers/mend")
@needs(Right.EDIT)
def mend() -> ResponseReturnValue:
    """An audience's numbers; `audience`, the phone `field` and the choice `mend` are in the URL."""
    return _page()


@blueprint.post("/numbers/mend")
@needs(Right.EDIT)
def mend_ticked() -> ResponseReturnValue:
    """Mend the numbers that are ticked, then show what is left."""
    ticked = request.form.getlist("number")[:AT_ONCE]
    if not ticked:
        return _page(422)
    count = mend_numbers(_field(), [change for key in ticked if (change := _change(key))])
    _tell(count, len(ticked) - count)
    return go_to(page_url(page=None))


def _page(status: int = 200) -> ResponseReturnValue:
    audience, field = audience_queries.existing(asked_id("audience") or 0), _field()
    ways = _ways(current_settings().allowed_countries)
    way = asked if (asked := request.args.get("mend", LEAVE)) in ways else LEAVE
    sort = asked_sort(queries.UNCODED_ORDERS, "name")
    page = paginate(queries.uncoded_numbers(audience_queries.members(audience), field, sort), AT_ONCE, scalars=False)
    lines = [Line(contact, raw, mended(raw, region(way, contact.country))) for contact, raw in page.items]
    choice = {"field": field, "field_labels": PHONE_FIELD_LABELS, "way": way, "ways": ways}
    shown = {"page": page, "sort": sort, "lines": lines, "mendable": any(line.new != line.old for line in lines)}
    words = {"title_of": title_of, "country_name": country_name}
    return render_template("contacts/mend.html", audience=audience, **choice, **shown, **words), status


def _field() -> str:
    field = request.args.get("field", "mobile")
    return field if field in PHONE_FIELDS else abort(404)


def _ways(allowed: Iterable[str]) -> Mapping[str, Any]:
    """The choices and their words: to leave the numbers, the allowed countries, each contact's own country."""
    countries = {
        country: _("add +%(code)s (%(country)s)", code=calling_code(country), country=country_name(country))
        for country in dict.fromkeys(("DE", "FI", *allowed))
    }
    return {LEAVE: MEND_LABELS[LEAVE], **countries, BY_COUNTRY: MEND_LABELS[BY_COUNTRY]}


def _change(key: str) -> Change | None:
    """What a ticked line stands for; None where its new number is not its old one with a country code."""
    found = _KEY.fullmatch(key)
    if found is None or mended(found["old"], normalise(found["new"]).country or "") != found["new"]:
        return None
    return Change(int(found["contact"]), found["old"], found["new"])


def _tell(count: int, stale: int) -> None:
    if count:
        shown = format_number(count)
        flash(ngettext("%(count)s number was mended.", "%(count)s numbers were mended.", count, count=shown))
    if stale:
        message = ngettext(
            "%(count)s number was changed by somebody else meanwhile and left alone.",
            "%(count)s numbers were changed by somebody else meanwhile and left alone.",
            stale,
            count=format_number(stale),
        )
        flash(message, "warn")
