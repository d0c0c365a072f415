"""One row of a table, read: what its cells say of a contact and its company. Asks no database.

Only cells that say something give a value, so an empty one can never overwrite. A cell that is not understood rejects
its row. Three things do not reject: an e-mail cell that holds no address ("keine", "a@b") is left out and noted, as
are control characters; a phone number is kept as typed, whatever its problem.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from smsapp.contacts.data import COMPANY_LIMITS, ContactData, check_contact, clean_labels, is_email
from smsapp.contacts.importing.models import BY_COUNTRY, LEAVE
from smsapp.contacts.models import PHONE_FIELDS
from smsapp.contacts.numbers import MISSING, NO_COUNTRY_CODE, UNKNOWN, USABLE_KINDS, display, mend, normalise
from smsapp.contacts.tables import Row
from smsapp.contacts.values import (
    NOTHING,
    BadValue,
    parse_consent,
    parse_country,
    parse_date,
    parse_labels,
    parse_language,
    parse_salutation,
    parse_yes_no,
)
from smsapp.text.normalise import clean_value

PHONE_COLUMNS: Final = {"mobile": "mobile", "work_phone": "work", "home_phone": "home"}
RENAMED: Final = {**PHONE_COLUMNS, "sms_consent": "consent", "consent_date": "consent_on"}
"""Where a column's field key differs from the contact's field."""
COMPANY_FIELDS: Final = ("industry", "website")
ADDRESS: Final = ("street", "postcode", "city", "country")
_PARSERS: Final[dict[str, Callable[[str], Any]]] = {
    "salutation": parse_salutation,
    "country": parse_country,
    "language": parse_language,
    "newsletter": parse_yes_no,
    "labels": lambda cell: clean_labels(parse_labels(cell)),
    "no_sms": parse_yes_no,
    "consent": parse_consent,
}
_SHOWN: Final = 60
_REMEMBERED: Final = 10_000
"""Cells that are not cleaned again: first names, cities and the like come over and over."""

NO_EMAIL = "no_email"
CONTROL_CHARACTERS = "control_characters"


class Rejection(NamedTuple):
    """Why a row is not imported: a code, the contact's field, and the offending value (or the limit) as text.

    Codes: too_many_cells, quote (see tables.Row); those of values.BadValue and data.Problem; and from matching:
    ambiguous_mobile, ambiguous_name, same_contact, nobody.
    """

    reason: str
    field: str = ""
    value: str = ""


class Uncoded(NamedTuple):
    """A number without country code, as typed."""

    field: str
    raw: str


_UNREAD: Final = ContactData()


@dataclass(slots=True)
class Entry:
    """A row, read. `values` and `company` hold only what the row says; `data` is the contact that it would make."""

    number: int
    line: int
    cells: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)
    company: dict[str, str] = field(default_factory=dict)
    rejection: Rejection | None = None
    notices: list[str] = field(default_factory=list)
    uncoded: list[Uncoded] = field(default_factory=list)
    data: ContactData = _UNREAD


Take = Callable[[Entry, str, str], None]
"""What is done with a cell: its row, its text cleaned, and the cell as it stands in the file."""


@dataclass(slots=True)
class Reader:
    """How the rows of one file are read: which field each column holds, and the choices of the user."""

    mapping: Mapping[int, str]
    today: date
    mend: str = LEAVE
    company_address: bool = False
    date_order: str = ""
    _columns: list[tuple[int, Take]] = field(init=False)

    def __post_init__(self) -> None:
        self._columns = [(index, self._taking(column)) for index, column in self.mapping.items()]

    def read(self, number: int, row: Row) -> Entry:
        """Understand one row; what prevents its import is its `rejection`."""
        entry, cells = Entry(number, row.line, row.cells), row.cells
        if row.problem:
            entry.rejection = Rejection(row.problem)
        width = len(cells)
        for index, take in self._columns:
            if index < width and (cell := cells[index]):
                if text := said_in(cell):
                    take(entry, text, cell)
                if not cell.isprintable():
                    _note_control_characters(entry, cell)
        if self.mend:
            self._mend(entry)
        self._share_address(entry)
        entry.data = ContactData(**entry.values)  # every value was cleaned when it was taken
        entry.rejection = entry.rejection or _too_much(entry, self.today)
        return entry

    def _taking(self, column: str) -> Take:
        """What is done with the cells of such a column."""
        name = RENAMED.get(column, column)
        if name in PHONE_FIELDS:
            return partial(_take_number, name)
        if name == "email":
            return _take_email
        if name in COMPANY_FIELDS:
            return partial(_take_of_company, name)
        if name in ("birthday", "consent_on"):
            return partial(_take_parsed, name, partial(parse_date, order=self.date_order, today=self.today))
        parse = _PARSERS.get(name)
        return partial(_take_parsed, name, parse) if parse else partial(_take_text, name)

    def _mend(self, entry: Entry) -> None:
        region = entry.values.get("country", "") if self.mend == BY_COUNTRY else self.mend
        for name, raw in entry.uncoded:
            entry.values[name] = mended(raw, region)

    def _share_address(self, entry: Entry) -> None:
        if self.company_address:
            entry.company |= {name: entry.values[name] for name in ADDRESS if name in entry.values}


@lru_cache(_REMEMBERED)
def said_in(cell: str) -> str:
    """The cell's text, cleaned; "" where it says nothing, which a lone dash does not either."""
    text = clean_value(cell)[0]
    return "" if text in NOTHING else text


def mended(raw: str, region: str) -> str:
    """The number with the region's country code as people write it; as typed where that gives no valid number."""
    e164 = mend(raw, region).e164 if region else None
    return display(e164) if e164 else raw


def gets_sms(raw: str, region: str) -> bool:
    """Whether it would get SMS with the region's code: a mobile number of one country is a landline of another."""
    number = mend(raw, region)
    return bool(number.e164) and (number.kind or UNKNOWN) in USABLE_KINDS


def _note_control_characters(entry: Entry, cell: str) -> None:
    if CONTROL_CHARACTERS not in entry.notices and clean_value(cell)[1]:
        entry.notices.append(CONTROL_CHARACTERS)


def _take_number(name: str, entry: Entry, text: str, _cell: str) -> None:
    problem = normalise(text).problem
    if problem != MISSING:
        entry.values[name] = text
    if problem == NO_COUNTRY_CODE:
        entry.uncoded.append(Uncoded(name, text))


def _take_email(entry: Entry, text: str, _cell: str) -> None:
    if is_email(text):
        entry.values["email"] = text
    else:
        entry.notices.append(NO_EMAIL)


def _take_of_company(name: str, entry: Entry, text: str, _cell: str) -> None:
    entry.company[name] = text


def _take_text(name: str, entry: Entry, text: str, _cell: str) -> None:
    entry.values[name] = text


def _take_parsed(name: str, parse: Callable[[str], Any], entry: Entry, text: str, cell: str) -> None:
    try:
        value = parse(cell if name == "labels" else text)
    except BadValue as problem:
        entry.rejection = entry.rejection or Rejection(problem.code, name, text[:_SHOWN])
        return
    if value is None or value == () or (name == "no_sms" and not value):
        return  # nothing said; and "keine SMS" is set by a table, but never taken away
    entry.values[name] = value


def _too_much(entry: Entry, today: date) -> Rejection | None:
    if rejection := unfit(entry.data, today):
        return rejection
    for name, text in entry.company.items():
        if len(text) > COMPANY_LIMITS[name]:
            return Rejection("too_long", name, str(COMPANY_LIMITS[name]))
    return None


def unfit(data: ContactData, today: date) -> Rejection | None:
    """Why this contact could not be kept; that it has no name is another matter."""
    for problem in check_contact(data, today):
        if problem.code != "nobody":
            value = str(problem.limit) if problem.limit else str(getattr(data, problem.field))[:_SHOWN]
            return Rejection(problem.code, problem.field, value)
    return None
