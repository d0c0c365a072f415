"""The values of tags for one contact, in Python: what the database's must be equal to."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from smsapp.campaigns.render_sql import SALUTATIONS, country_names
from smsapp.contacts.models import Contact
from smsapp.text.tag_names import FIELDS, TagField


def values_of(contact: Contact, fields: Iterable[str] | None = None) -> dict[str, str]:
    """The values of these tags, all by default; equal to what `render_sql.value_sql` gives."""
    return {field: _VALUES[field](contact) for field in (_VALUES if fields is None else fields)}


def _language(contact: Contact) -> str:
    return "en" if contact.language[:2] == "en" else "de"


def _country(contact: Contact, code: str) -> str:
    return country_names(_language(contact)).get(code, code)


_SPECIAL: Final[Mapping[str, Callable[[Contact], str]]] = {
    "salutation": lambda contact: SALUTATIONS[_language(contact)].get(contact.salutation, ""),
    "country": lambda contact: _country(contact, contact.country),
    "company_country": lambda contact: _country(contact, contact.company.country if contact.company else ""),
}


def _plain(field: TagField) -> Callable[[Contact], str]:
    if field.owner == "contact":
        return lambda contact: getattr(contact, field.key) or ""
    name = field.key.removeprefix("company_")
    return lambda contact: getattr(contact.company, name, None) or ""


_VALUES: Final = {field.key: _SPECIAL.get(field.key) or _plain(field) for field in FIELDS}
