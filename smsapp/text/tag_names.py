"""The tags there are: the field each stands for and its name in every language of the user interface."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple


class TagField(NamedTuple):
    """A field of the contact or of its company that a tag inserts."""

    key: str
    owner: Literal["contact", "company"]
    de: str
    en: str


FIELDS: Final = (
    TagField("salutation", "contact", "Anrede", "Salutation"),
    TagField("letter_greeting", "contact", "Briefanrede", "Greeting"),
    TagField("first_name", "contact", "Vorname", "First name"),
    TagField("last_name", "contact", "Nachname", "Last name"),
    TagField("job_title", "contact", "Funktion", "Job title"),
    TagField("email", "contact", "E-Mail", "Email"),
    TagField("street", "contact", "Straße", "Street"),
    TagField("postcode", "contact", "PLZ", "Postcode"),
    TagField("city", "contact", "Ort", "City"),
    TagField("country", "contact", "Land", "Country"),
    TagField("company_name", "company", "Firma", "Company"),
    TagField("company_industry", "company", "Firma Branche", "Company industry"),
    TagField("company_street", "company", "Firma Straße", "Company street"),
    TagField("company_postcode", "company", "Firma PLZ", "Company postcode"),
    TagField("company_city", "company", "Firma Ort", "Company city"),
    TagField("company_country", "company", "Firma Land", "Company country"),
    TagField("company_website", "company", "Firma Website", "Company website"),
)
"""All tags in the order in which they are offered."""

_BY_KEY: Final = {field.key: field for field in FIELDS}


def fold(name: str) -> str:
    """The form in which names are compared: without case, outer spaces, and repeated inner ones."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {fold(name): field.key for field in FIELDS for name in (field.de, field.en)}
)
"""Folded name in any language -> field key."""

SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {fold(name): name for field in FIELDS for name in (field.de, field.en)}
)
"""Folded name in any language -> the name as it is written."""


def display_name(key: str, language: str) -> str:
    """The tag's name in a language ("en", "en_GB"); German for any that has none. KeyError: no such field."""
    field = _BY_KEY[key]
    return field.en if language.lower().replace("_", "-").split("-")[0] == "en" else field.de
