"""What may be entered for a contact or a company, how it is cleaned, what is wrong with it, and what follows from it.

Nothing here asks a database; the limits are read off the models' columns. Codes, no sentences: the pages and the import
have words for them in `contacts.words`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from operator import attrgetter
from typing import Any, Final, NamedTuple, Self

from smsapp.contacts.models import PHONE_FIELDS, Company, Contact, Label, PhoneNumber
from smsapp.contacts.numbers import MISSING, normalise
from smsapp.folding import digits_of, fold, search_key
from smsapp.text.greeting import letter_greeting
from smsapp.text.normalise import clean_value

LONGEST_KEY: Final = 600
"""A search key is cut here, since PostgreSQL refuses an index entry of more than 2,700 bytes."""
EARLIEST: Final = date(1800, 1, 1)
MOST_LABELS: Final = 50
CHOICES: Final = {"salutation": ("", "ms", "mr"), "consent": ("yes", "no", "unknown")}
_WEBSITE = re.compile(r"(https?://)?[\w.-]+\.[a-z]{2,}(:\d+)?([/?#][^\s<>\"']*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")


class Problem(NamedTuple):
    """What is wrong with a field: too_long (over `limit` characters), too_many (over `limit`), email, choice,
    future, too_early, required, nobody (neither a name, a company nor an e-mail address)."""

    field: str
    code: str
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """All of a contact that can be edited: the numbers as typed by phone field, company and labels by their names."""

    salutation: str = ""
    first_name: str = ""
    last_name: str = ""
    job_title: str = ""
    company: str = ""
    email: str = ""
    language: str = ""
    birthday: date | None = None
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    newsletter: bool | None = None
    no_sms: bool = False
    no_sms_reason: str = ""
    consent: str = "unknown"
    consent_on: date | None = None
    consent_source: str = ""
    mobile: str = ""
    work: str = ""
    home: str = ""
    labels: tuple[str, ...] = ()

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """What is stored now; labels in the order of their folded names."""
        values: dict[str, Any] = {name: getattr(contact, name) for name in PLAIN}
        values |= {number.field: number.raw for number in contact.numbers}
        labels = sorted((label.name for label in contact.labels), key=fold)
        return cls(**values, company=contact.company.name if contact.company else "", labels=tuple(labels))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyData:
    """All of a company that can be edited."""

    name: str = ""
    industry: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    website: str = ""
    phone: str = ""

    @classmethod
    def of(cls, company: Company) -> Self:
        """What is stored now."""
        return cls(**{field.name: getattr(company, field.name) for field in fields(cls)})

    def values(self) -> dict[str, str]:
        """All fields by name."""
        return {name: getattr(self, name) for name in COMPANY_PLAIN}


COMPANY_PLAIN: Final = tuple(field.name for field in fields(CompanyData))
PLAIN: Final = tuple(f.name for f in fields(ContactData) if f.name not in (*PHONE_FIELDS, "company", "labels"))
"""The fields of ContactData that are columns of the contact."""


def _limits(model: type, names: tuple[str, ...]) -> dict[str, int]:
    columns = model.__table__.columns  # type: ignore[attr-defined]
    return {name: columns[name].type.length for name in names if getattr(columns[name].type, "length", None)}


CONTACT_LIMITS: Final = {
    **_limits(Contact, PLAIN),
    "company": Company.__table__.columns.name.type.length,  # type: ignore[attr-defined]
    **dict.fromkeys(PHONE_FIELDS, PhoneNumber.__table__.columns.raw.type.length),  # type: ignore[attr-defined]
}
"""The longest text of each field, in characters."""
COMPANY_LIMITS: Final = _limits(Company, COMPANY_PLAIN)
LABEL_LIMIT: Final[int] = Label.__table__.columns.key.type.length  # type: ignore[attr-defined]


def clean_contact(data: ContactData) -> ContactData:
    """The data as it is kept: every text by `clean_value`, each label once whatever its case, no reason for nothing."""
    texts = _clean_texts(data, CONTACT_LIMITS)
    if not data.no_sms:
        texts["no_sms_reason"] = ""
    return replace(data, **texts, labels=clean_labels(data.labels))


def clean_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Each label once whatever its case, as it was written first."""
    found: dict[str, str] = {}
    for label in labels:
        if name := clean_value(label)[0]:
            found.setdefault(fold(name), name)
    return tuple(found.values())


def clean_company(data: CompanyData) -> CompanyData:
    """The data as it is kept: every text by `clean_value`."""
    return replace(data, **_clean_texts(data, COMPANY_LIMITS))


def _clean_texts(data: ContactData | CompanyData, limits: dict[str, int]) -> dict[str, Any]:
    return {name: clean_value(getattr(data, name))[0] for name in limits}


def check_contact(data: ContactData, today: date) -> list[Problem]:
    """What prevents this cleaned data from being kept. A number without country code does not: it is kept as typed."""
    problems = _too_long(data, CONTACT_LIMITS)
    if data.email and not is_email(data.email):
        problems.append(Problem("email", "email"))
    if not (data.first_name or data.last_name or data.company or data.email):
        problems.append(Problem("last_name", "nobody"))
    problems += [Problem(name, "choice") for name, known in CHOICES.items() if getattr(data, name) not in known]
    for name in ("birthday", "consent_on"):
        problems += _bad_day(name, getattr(data, name), today)
    if any(len(label) > LABEL_LIMIT or len(fold(label)) > LABEL_LIMIT for label in data.labels):
        problems.append(Problem("labels", "too_long", LABEL_LIMIT))
    if len(data.labels) > MOST_LABELS:
        problems.append(Problem("labels", "too_many", MOST_LABELS))
    return problems


def check_company(data: CompanyData) -> list[Problem]:
    """What prevents this cleaned data from being kept."""
    return _too_long(data, COMPANY_LIMITS) + ([] if data.name else [Problem("name", "required")])


def is_email(text: str) -> bool:
    """Whether this looks like one e-mail address; only sending would tell whether it is one."""
    return _EMAIL.fullmatch(text) is not None


def web_address(website: str) -> str | None:
    """The address that a link may lead to; None where a browser could take it for something else than a web page."""
    if not _WEBSITE.fullmatch(website):
        return None
    return website if website.lower().startswith(("http://", "https://")) else f"https://{website}"


def number_row(field: str, raw: str) -> dict[str, str | None] | None:
    """What is stored of a number typed into this phone field; None where nothing was."""
    number = normalise(raw)
    if number.problem == MISSING:
        return None
    understood = {"e164": number.e164, "kind": number.kind, "country": number.country, "problem": number.problem}
    return {"field": field, "raw": raw, **understood}


def derived(data: ContactData) -> dict[str, str]:
    """What follows from the other fields: the greeting of letters, and the key that people search by."""
    typed = (raw for raw in (data.mobile, data.work, data.home) if raw)
    digits = (digits_of(normalise(raw).e164 or raw) for raw in typed)
    key = search_key(data.last_name, data.first_name, data.company, data.email, data.city, *digits)
    greeting = letter_greeting(data.salutation, data.first_name, data.last_name, data.language)
    return {"letter_greeting": greeting, "search_key": key[:LONGEST_KEY]}


def company_key(data: CompanyData) -> str:
    """The key that people search a company by."""
    return search_key(data.name, data.industry, data.city, data.postcode, data.website)[:LONGEST_KEY]


def _too_long(data: ContactData | CompanyData, limits: dict[str, int]) -> list[Problem]:
    texts = attrgetter(*limits)(data)
    pairs = zip(limits.items(), texts, strict=True)
    return [Problem(name, "too_long", limit) for (name, limit), text in pairs if len(text) > limit]


def _bad_day(name: str, day: date | None, today: date) -> list[Problem]:
    if day is None or EARLIEST <= day <= today:
        return []
    return [Problem(name, "future" if day > today else "too_early")]
