"""What a cell of somebody's table means: yes or no, dates, countries, languages and so on. Pure.

An empty cell (blanks or a lone dash) is None and means "nothing said". What is not understood raises BadValue; no
value is guessed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global
from phonenumbers import SUPPORTED_REGIONS

from smsapp.contacts.columns import word

_LOCALES = ("de", "en", "fi", "sv", "fr")
_COUNTRY_NICKNAMES = {
    "D": "DE",
    "A": "AT",
    "BRD": "DE",
    "Bundesrepublik Deutschland": "DE",
    "USA": "US",
    "United States of America": "US",
    "Vereinigte Staaten von Amerika": "US",
    "UK": "GB",
    "Großbritannien": "GB",
    "Great Britain": "GB",
    "England": "GB",
    "Holland": "NL",
    "Czech Republic": "CZ",
    "Tschechische Republik": "CZ",
    "Schweizerische Eidgenossenschaft": "CH",
}
_REMEMBERED = 1_000
"""Cells that are not worked out again: of a table's countries and the like there are few, over and over."""
NOTHING = frozenset(("", "-", "–", "—"))


class BadValue(ValueError):
    """A cell that is not understood: yes_no, date, two_digit_year, ambiguous_date, country, language, salutation."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _words(names: str) -> frozenset[str]:
    return frozenset(word(name) for name in names.split(","))


_YES = _words("ja, j, yes, y, true, wahr, x, 1, on, an, kyllä, k, tosi") | {"✓", "✔", "☑"}
_NO = _words("nein, n, no, false, falsch, 0, off, aus, ei, e, epätosi") | {"☐"}
_CONSENT_YES = _YES | _words("erteilt, eingewilligt, zugestimmt, opt-in, given, granted, annettu")
_CONSENT_NO = _NO | _words(
    "abgelehnt, widerrufen, verweigert, opt-out, refused, revoked, withdrawn, kielletty, peruttu"
)
_CONSENT_UNKNOWN = _words("unbekannt, unknown, nicht gefragt, not asked, offen, keine Angabe, k. A., ei tiedossa") | {
    "?"
}
_MS = _words("Frau, Fr., Fräulein, Ms, Mrs, Miss, Madam, Rouva, Neiti, w, f, weiblich, female")
_MR = _words("Herr, Herrn, Hr., Mr, Mister, Sir, Herra, m, männlich, male")
_NEUTRAL = _words("Divers, d, Mx, keine, keine Angabe, neutral, ohne, none, other, muu")


def _said(raw: str) -> str | None:
    """The cell's text, or None where it says nothing."""
    text = raw.strip().strip("\u200b\ufeff\u200e\u200f").strip()
    return None if text in NOTHING else text


def _key(text: str) -> str:
    return word(text) or text


@lru_cache(_REMEMBERED)
def parse_yes_no(raw: str) -> bool | None:
    """Yes for "ja", "x", "1", "wahr", "kyllä" ..., no for "nein", "0", "falsch", "ei" ...; raises BadValue."""
    text = _said(raw)
    if text is None:
        return None
    if _key(text) in _YES | _NO:
        return _key(text) in _YES
    raise BadValue("yes_no")


_ISO_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}([./-]) ?\d{1,2}\1 ?\d{2}")
_THREE_NUMBERS = re.compile(r"(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})")
ORDERS = ("DMY", "MDY", "YMD")
"""Orders of day, month and year that a person may choose for a file."""
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?Z?$")


def parse_date(raw: str, order: str = "", today: date | None = None) -> date | None:
    """A date as ISO, "31.12.1999" or with slashes where only one reading is possible; raises BadValue.

    Never guessed: 1/2/1999 is ambiguous_date, a year of two digits (born 1915 or 2015?) is two_digit_year. A time
    of midnight, which spreadsheets add, is dropped. Years are 1800 to 2199.

    Where a person has chosen one of `ORDERS`, three numbers are read in that order and no other, unless they begin
    with a year of four digits. Two digits are then the last such year that is not after `today`'s.
    """
    text = _said(raw)
    if text is None:
        return None
    text = _MIDNIGHT.sub("", text)
    if match := _ISO_DATE.fullmatch(text):
        return _date(match[1], match[3], match[4])
    if order:
        return _in_order(text, order, today)
    if match := _DAY_FIRST.fullmatch(text):
        return _date(match[3], match[2], match[1])
    if match := _SLASHED.fullmatch(text):
        return _slashed(int(match[1]), int(match[3]), match[4])
    raise BadValue("two_digit_year" if _TWO_DIGIT_YEAR.fullmatch(text) else "date")


def _in_order(text: str, order: str, today: date | None) -> date:
    match = _THREE_NUMBERS.fullmatch(text)
    if match is None:
        raise BadValue("date")
    parts = dict(zip(order, match.group(1, 3, 4), strict=True))
    if len(parts["M"]) > 2 or len(parts["D"]) > 2 or len(parts["Y"]) not in (2, 4):
        raise BadValue("date")
    return _date(_whole_year(parts["Y"], today), parts["M"], parts["D"])


def _whole_year(year: str, today: date | None) -> str:
    if len(year) == 4:
        return year
    latest = (today or date.today()).year
    return str(latest - (latest - int(year)) % 100)


def possible_orders(cells: Iterable[str], today: date) -> list[str]:
    """The orders in which all these dates can be read; first "", where nothing has to be chosen."""
    known = [cell for cell in cells if _said(cell)]
    return [order for order in ("", *ORDERS) if all(_is_date(cell, order, today) for cell in known)]


def likely_order(cells: Sequence[str], today: date) -> str:
    """The one order in which these dates can be read, or day first where dots part them; "" where a person must say."""
    orders = possible_orders(cells, today)
    if not orders or not orders[0]:
        return ""
    return orders[0] if len(orders) == 1 or (orders[0] == "DMY" and all("." in cell for cell in cells)) else ""


def _is_date(cell: str, order: str, today: date) -> bool:
    try:
        parse_date(cell, order, today)
    except BadValue:
        return False
    return True


def _date(year: str, month: str | int, day: str | int) -> date:
    if not 1800 <= int(year) < 2200:
        raise BadValue("date")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise BadValue("date") from None


def _slashed(first: int, second: int, year: str) -> date:
    if first <= 12 and second <= 12 and first != second:
        raise BadValue("ambiguous_date")
    return _date(year, second, first) if first > 12 or first == second else _date(year, first, second)


@cache
def _countries() -> dict[str, str]:
    known = {code: code for code in SUPPORTED_REGIONS}
    names = [(name, code) for locale in _LOCALES for code, name in Locale(locale).territories.items() if code in known]
    aliases = [
        (old, new[0]) for old, new in get_global("territory_aliases").items() if len(old) == 3 and new[0] in known
    ]
    return {_key(name): code for name, code in [*aliases, *names, *known.items(), *_COUNTRY_NICKNAMES.items()]}


@lru_cache(_REMEMBERED)
def parse_country(raw: str) -> str | None:
    """The ISO code of a country by its code ("DE", "DEU", "D") or its name in five languages; raises BadValue."""
    text = _said(raw)
    if text is None:
        return None
    try:
        return _countries()[_key(text)]
    except KeyError:
        raise BadValue("country") from None


@cache
def _languages() -> dict[str, str]:
    names = [(n, code) for locale in _LOCALES for code, n in Locale(locale).languages.items() if len(code) == 2]
    return {_key(name): code for name, code in [*names, *((code, code) for _, code in names)]}


@lru_cache(_REMEMBERED)
def parse_language(raw: str) -> str | None:
    """The two letters of a language by code ("de", "de-AT") or name ("Deutsch", "saksa"); raises BadValue."""
    text = _said(raw)
    if text is None:
        return None
    whole, base = _key(text), _key(re.split("[-_]", text)[0])
    code = _languages().get(whole) or (_languages().get(base) if len(base) == 2 else None)
    if code is None:
        raise BadValue("language")
    return code


def parse_labels(raw: str) -> tuple[str, ...]:
    """Labels parted by comma, semicolon, bar or line break; each once whatever its case, in order."""
    found: dict[str, str] = {}
    for part in re.split(r"[,;|\r\n\u2028]", raw):
        label = " ".join(part.split())
        if label not in NOTHING:
            found.setdefault(label.casefold(), label)
    return tuple(found.values())


@lru_cache(_REMEMBERED)
def parse_salutation(raw: str) -> str | None:
    """ "ms", "mr", or "" for people addressed without; academic titles after it are ignored; raises BadValue."""
    text = _said(raw)
    if text is None:
        return None
    key = word(text.split()[0])
    for names, salutation in ((_MS, "ms"), (_MR, "mr"), (_NEUTRAL, "")):
        if key in names or word(text) in names:
            return salutation
    raise BadValue("salutation")


@lru_cache(_REMEMBERED)
def parse_consent(raw: str) -> str | None:
    """ "yes", "no" or "unknown" (somebody wrote that it is unknown); raises BadValue("yes_no")."""
    text = _said(raw)
    if text is None:
        return None
    for names, consent in ((_CONSENT_YES, "yes"), (_CONSENT_NO, "no"), (_CONSENT_UNKNOWN, "unknown")):
        if _key(text) in names:
            return consent
    raise BadValue("yes_no")
