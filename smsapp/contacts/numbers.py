"""Phone numbers: what was typed, understood once, when a contact is saved or imported.

A number is never given a country that was not written down. `mend` adds one, and only where a person asked for it.
Validity and kinds are those of the phonenumbers library (Google's numbering plans).
"""

import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
)

MISSING = "missing"
NO_COUNTRY_CODE = "no_country_code"
INVALID = "invalid"

MOBILE = "mobile"
FIXED_LINE_OR_MOBILE = "fixed_line_or_mobile"
UNKNOWN = "unknown"
VOIP = "voip"
FIXED_LINE = "fixed_line"
PREMIUM = "premium"
SHARED_COST = "shared_cost"
TOLL_FREE = "toll_free"
PAGER = "pager"
UAN = "uan"
PERSONAL = "personal"
VOICEMAIL = "voicemail"

USABLE_KINDS = frozenset({MOBILE, FIXED_LINE_OR_MOBILE, UNKNOWN, VOIP})
"""Kinds that get an SMS; `usable_kinds` has FIXED_LINE with them. The others never get one."""

KINDS = {
    PhoneNumberType.MOBILE: MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP: VOIP,
    PhoneNumberType.FIXED_LINE: FIXED_LINE,
    PhoneNumberType.PREMIUM_RATE: PREMIUM,
    PhoneNumberType.SHARED_COST: SHARED_COST,
    PhoneNumberType.TOLL_FREE: TOLL_FREE,
    PhoneNumberType.PAGER: PAGER,
    PhoneNumberType.UAN: UAN,
    PhoneNumberType.PERSONAL_NUMBER: PERSONAL,
    PhoneNumberType.VOICEMAIL: VOICEMAIL,
}

MAX_LENGTH = 64
_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class Number:
    """A number understood (`e164`, `kind`, `country`) or the `problem` that prevents it, never both.

    `country` is the ISO region of the number itself ("001" where it belongs to no country).
    """

    e164: str | None = None
    kind: str | None = None
    problem: str | None = None
    country: str | None = None


_MISSING = Number(problem=MISSING)
_NO_COUNTRY_CODE = Number(problem=NO_COUNTRY_CODE)
_INVALID = Number(problem=INVALID)


class _Plain(dict[int, str]):
    """Translation table: any digit, dash, blank or apostrophe to its ASCII form, invisible marks to nothing.

    Superscripts and fractions are no digits here: "...567²" is a footnote, not a longer number.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            return str(digit)
        if char.isspace():
            return " "
        return {"Cf": "", "Pd": "-"}.get(unicodedata.category(char), char)


_PLAIN = _Plain({code: chr(code) for code in range(128)})
_PLAIN.update({ord(char): " " for char in "\t\v\f"})
_PLAIN.update({ord(char): "/" for char in "\r\n／⁄∕"})  # a line break may part two numbers, as a slash does
_PLAIN.update({ord(char): "-" for char in "−⁃"})
_PLAIN.update({ord(char): "'" for char in "`´‘’ʼ＇"})
_PLAIN.update({ord(key): value for key, value in zip("＋﹢（）．", "++().", strict=True)})

_LEAD = re.compile(r"[ ']*(?:tel:)?[ ']*", re.IGNORECASE)
_FORM = re.compile(r"\(? *\+?[0-9 ().\-/]+")
_INTERNATIONAL = re.compile(r"\(? *(?:\+|00)")
_TRUNK_ZERO = re.compile(r"(\(?(?:\+|00)([1-9][0-9]{0,2})\)?[-./]?)\(0\)")
_E164 = re.compile(r"\+[1-9][0-9]{4,14}")
_PLAIN_REST = re.compile(r"[1-9][0-9]{4,13}")
_NOT_DIGITS = re.compile(r"[^0-9]+")


def normalise(raw: str) -> Number:
    """Understand one typed number; never raises and never guesses a country.

    `invalid` is whatever phonenumbers.is_valid_number refuses, a possible length in no known range included,
    as well as letters, extensions and two numbers in one field.
    """
    text = raw.strip()
    return _INVALID if len(text) > MAX_LENGTH else _normalise(text)


@lru_cache(_REMEMBERED)
def _normalise(raw: str) -> Number:
    text = _plain(raw)
    if not text.strip(" -"):
        return _MISSING
    if not _FORM.fullmatch(text):
        return _INVALID
    if _INTERNATIONAL.match(text):
        return _INVALID if _holds_two(text) else _international(text)
    return _NO_COUNTRY_CODE if 4 <= len(_digits(text)) <= 16 and "+" not in text else _INVALID


def mend(raw: str, region: str) -> Number:
    """What a number without country code becomes in this ISO region; every other number is left as it is.

    The trunk zero goes where the country has one (not in Italy). "49171..." is read as "+49171..." where the
    region's code is 49; where both readings are valid the one that can be a mobile wins. May still be invalid.
    """
    number = normalise(raw)
    region = region.upper()
    code = phonenumbers.country_code_for_region(region)
    if number.problem != NO_COUNTRY_CODE or not code:
        return number
    digits = _digits(_plain(raw.strip()))
    readings = [_understood(f"+{digits}", None)] if digits.startswith(str(code)) else []
    readings.append(_understood(digits, region, code))
    valid = [reading for reading in readings if reading]
    return next((reading for reading in valid if reading.kind in USABLE_KINDS), (valid or [_INVALID])[0])


def usable_kinds(fixed_line: bool) -> frozenset[str]:
    """The kinds that get an SMS, where fixed lines are included or not."""
    return USABLE_KINDS | {FIXED_LINE} if fixed_line else USABLE_KINDS


def is_usable(number: Number, countries: Container[str | None], fixed_line: bool = False) -> bool:
    """Whether SMS are sent to numbers of this kind, and to this country."""
    return (number.kind or UNKNOWN) in usable_kinds(fixed_line) and number.country in countries


def calling_code(region: str) -> int:
    """The country code of an ISO region, as 49 of DE; 0 where there is none."""
    return phonenumbers.country_code_for_region(region)


def display(e164: str) -> str:
    """International writing for people, "+49 171 5550101"; whatever is no E.164 number comes back unchanged."""
    return _display(e164) if _E164.fullmatch(e164) else e164


@lru_cache(_REMEMBERED)
def _display(e164: str) -> str:
    try:
        shown = phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164
    return shown if _digits(shown) == e164[1:] else e164


def _plain(text: str) -> str:
    text = text.translate(_PLAIN).strip()
    return text[_LEAD.match(text).end() :].strip()  # type: ignore[union-attr]  # the pattern matches nothing, too


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", text)


def _international(text: str) -> Number:
    return next((number for form in _forms(text) if (number := _understood(form, None))), _INVALID)


def _forms(text: str) -> Iterator[str]:
    """The number without the "(0)" that follows a country code; as written second, for Italy keeps its zero."""
    text = text.replace(" ", "")
    trunk = _TRUNK_ZERO.match(text)
    if trunk and int(trunk[2]) in COUNTRY_CODE_TO_REGION_CODE:
        yield "+" + _digits(trunk[1]).removeprefix("00") + _digits(text[trunk.end() :])
    yield "+" + _digits(text).removeprefix("00" if "+" not in text else "")


def _holds_two(text: str) -> bool:
    """Whether a whole number (9 digits or more) ends before a slash that is followed by more digits."""
    heads = (text[: slash.start()] for slash in re.finditer("/", text) if _digits(text[slash.end() :]))
    whole = (head for head in heads if len(_digits(head)) >= 9)
    return any(len(_international(head).e164 or "") >= 10 for head in whole)


def _understood(text: str, region: str | None, code: int | None = None) -> Number | None:
    try:
        parsed = _plainly_parsed(text) or phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    kind = KINDS.get(phonenumbers.number_type(parsed))  # no type is exactly what is_valid_number calls invalid
    if kind is None or (code and parsed.country_code != code):
        return None
    return Number(_e164(parsed), kind, None, phonenumbers.region_code_for_number(parsed))


def _plainly_parsed(text: str) -> PhoneNumber | None:
    """What phonenumbers.parse makes of "+" and digits, in a fifth of its time; None where that is not plain.

    It only is where the country writes nothing before its numbers that could have to go (no national prefix matches)
    and no zero begins them.
    """
    codes = (text[1:end] for end in (2, 3, 4)) if text[:1] == "+" and text[1:2] != "0" else ()
    code = next((code for code in codes if code.isdecimal() and int(code) in COUNTRY_CODE_TO_REGION_CODE), "")
    rest = text[1 + len(code) :]
    if not code or not _PLAIN_REST.fullmatch(rest) or _NATIONAL_PREFIXES[int(code)].match(rest):
        return None
    return PhoneNumber(country_code=int(code), national_number=int(rest))


class _NationalPrefixes(dict[int, re.Pattern[str]]):
    """By country code what may have to be taken off the beginning of a national number."""

    def __missing__(self, code: int) -> re.Pattern[str]:
        region = phonenumbers.region_code_for_country_code(code)
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        self[code] = re.compile((metadata and metadata.national_prefix_for_parsing) or "(?!)")
        return self[code]


_NATIONAL_PREFIXES = _NationalPrefixes()


def _e164(parsed: PhoneNumber) -> str:
    return f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
