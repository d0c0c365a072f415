"""What a row makes of the contact that it stands for. Asks no database.

What the row does not say stays. Beyond that, a table never makes data worse: a number with a problem does not replace
a usable one, the same number or address in another writing is no change, labels are added and never taken away, "keine
SMS" is set and never lifted, and a refused consent is only replaced by one of a later date. A company gets what the row
says of it where it has nothing yet.
"""

from dataclasses import fields, replace
from datetime import date
from typing import Any, Final

from smsapp.contacts.data import CompanyData, ContactData, clean_contact
from smsapp.contacts.models import PHONE_FIELDS
from smsapp.contacts.numbers import normalise
from smsapp.folding import fold

CONSENT: Final = ("consent", "consent_on", "consent_source")
_FIELDS: Final = tuple(field.name for field in fields(ContactData))

Change = tuple[str, Any, Any]
"""Field, old and new value."""


def merged(before: ContactData, values: dict[str, Any]) -> ContactData:
    """The contact after a row that stands for it."""
    taken = {name: value for name, value in values.items() if _is_news(name, getattr(before, name), value)}
    if not _may_consent(before, values):
        taken = {name: value for name, value in taken.items() if name not in CONSENT}
    if "labels" in taken:
        taken["labels"] = (*before.labels, *taken["labels"])
    return clean_contact(replace(before, **taken)) if taken else before


def changes(before: ContactData, after: ContactData) -> list[Change]:
    """What differs, field by field."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in _FIELDS)
    return [(name, old, new) for name, old, new in pairs if old != new]


def filled(company: CompanyData, said: dict[str, str]) -> CompanyData:
    """The company with what a row says of it, where nothing was known. An address is taken whole or not at all."""
    empty = {name: text for name, text in said.items() if not getattr(company, name)}
    if any((company.street, company.postcode, company.city)):
        empty = {name: text for name, text in empty.items() if name in ("industry", "website")}
    return replace(company, **empty)


def _is_news(name: str, old: Any, new: Any) -> bool:
    if name in ("email", "company"):
        return fold(old) != fold(new)
    if name == "labels":
        return bool({fold(label) for label in new} - {fold(label) for label in old})
    if name in PHONE_FIELDS:
        return _is_better_number(old, new)
    return bool(old != new)


def _is_better_number(old: str, new: str) -> bool:
    known, said = normalise(old), normalise(new)
    if known.e164:
        return bool(said.e164) and said.e164 != known.e164
    return old != new


def _may_consent(before: ContactData, values: dict[str, Any]) -> bool:
    said, on = values.get("consent"), values.get("consent_on")
    if said == "unknown":
        return before.consent == "unknown"
    if before.consent == "no" and said == "yes":
        return isinstance(on, date) and on > (before.consent_on or date.max)
    return True
