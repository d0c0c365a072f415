"""The fields of a submit_sm that follow from sender, number and validity. Pure."""

from datetime import timedelta
from functools import cache
from typing import Final, NamedTuple

LONGEST_VALIDITY: Final = timedelta(days=14)

RECEIPT_WANTED: Final = 1
"""registered_delivery: a receipt about the final outcome, success or failure (section 5.2.17)."""


class Address(NamedTuple):
    """An address with its type of number and numbering plan (sections 5.2.5 and 5.2.6)."""

    ton: int
    npi: int
    digits: str


def address(text: str) -> Address:
    """International numbers without their plus, short codes as network specific, anything else as a name."""
    if text.startswith("+"):
        return Address(1, 1, text[1:])
    if text.isascii() and text.isdecimal():
        return Address(3, 0, text)
    return Address(5, 0, text)


def number_of(digits: str, ton: int) -> str:
    """An incoming address as we keep numbers: international ones with a plus, whoever leaves it out."""
    digits = digits.strip()
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + digits if ton == 1 and digits.isdecimal() else digits


@cache
def validity_period(validity: timedelta) -> str:
    """The relative time format of section 7.1.1: years, months, days, hours, minutes, seconds, then 000R."""
    if not timedelta() < validity <= LONGEST_VALIDITY:
        raise ValueError(f"a validity must be positive and at most {LONGEST_VALIDITY.days} days")
    minutes, seconds = divmod(validity.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"0000{validity.days:02}{hours:02}{minutes:02}{seconds:02}000R"
