"""What the pages say of a phone number: its normalised form and kind, or its problem and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from smsapp.contacts import numbers
from smsapp.contacts.models import PHONE_FIELDS, Block, Contact, PhoneNumber
from smsapp.contacts.words import KINDS, PHONE_FIELD_LABELS, PROBLEMS, kind_advice, number_advice


@dataclass(frozen=True, slots=True)
class Understood:
    """A number as a person should see it. `tone` is good where it gets SMS; `advice` says what else is to know."""

    e164: str | None
    word: str
    tone: str
    advice: str


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One phone field of a contact's card; `number` is None where the field is empty."""

    field: str
    label: str
    raw: str = ""
    number: Understood | None = None
    block: Block | None = None

    @property
    def can_be_blocked(self) -> bool:
        return self.block is None and self.number is not None and self.number.e164 is not None


def understand(
    raw: str, number: numbers.Number | PhoneNumber, country: str, allowed: Sequence[str]
) -> Understood | None:
    """The words for a number; None for an empty field. `country` (the contact's) only makes the example."""
    if number.problem == numbers.MISSING:
        return None
    if number.problem:
        tone = "warn" if number.problem == numbers.NO_COUNTRY_CODE else "bad"
        advice = number_advice(number.problem, _example(raw, country or next(iter(allowed), "")))
        return Understood(None, str(PROBLEMS[number.problem]), tone, advice)
    kind = number.kind or numbers.UNKNOWN
    advice = kind_advice(kind) or _country_advice(number.country, allowed)
    return Understood(number.e164, str(KINDS[kind]), "warn" if advice else "good", advice)


def _example(raw: str, country: str) -> str | None:
    mended = numbers.mend(raw, country).e164 if country else None
    return numbers.display(mended) if mended else None


def _country_advice(country: str | None, allowed: Sequence[str]) -> str:
    if country in allowed:
        return ""
    return str(_("SMS to this country (%(country)s) are switched off in the settings.", country=country or "–"))


def number_lines(contact: Contact, blocks: Mapping[str, Block], allowed: Sequence[str]) -> list[NumberLine]:
    """All phone fields of the contact, the empty ones too."""
    return [_line(field, contact.number(field), contact.country, blocks, allowed) for field in PHONE_FIELDS]


def _line(
    field: str, stored: PhoneNumber | None, country: str, blocks: Mapping[str, Block], allowed: Sequence[str]
) -> NumberLine:
    label = str(PHONE_FIELD_LABELS[field])
    if stored is None:
        return NumberLine(field, label)
    number = understand(stored.raw, stored, country, allowed)
    return NumberLine(field, label, stored.raw, number, blocks.get(stored.e164 or ""))
