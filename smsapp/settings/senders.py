"""Which alphanumeric names can be shown as the sender of an SMS, and how a sender can stand in a country. Pure."""

import re
from enum import StrEnum
from typing import Final

SHORTEST: Final = 3
LONGEST: Final = 11

LENGTH = "length"
CHARACTERS = "characters"
EDGES = "edges"
ONLY_DIGITS = "only_digits"

OPERATOR_NUMBER: Final = ""
ANY_NAME: Final = "*"
"""What stands for a sender where countries are entered; no name is either."""

_ALLOWED = re.compile(r"[0-9A-Za-z &.\-_]*", re.ASCII)


class Standing(StrEnum):
    """How a sender stands in a country."""

    ALLOWED = "allowed"
    REGISTERED = "registered"  # until a day, which is missing while the registration is
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


def name_problem(name: str) -> str | None:
    """Why networks would refuse this sender name, the first of the codes above that applies; None if they take it.

    3 to 11 characters of 0-9 A-Z a-z, space and `&.-_`; no space at the edges; not all digits, which phones would
    take for a number to answer to.
    """
    if not SHORTEST <= len(name) <= LONGEST:
        return LENGTH
    if not _ALLOWED.fullmatch(name):
        return CHARACTERS
    if name != name.strip(" "):
        return EDGES
    return ONLY_DIGITS if name.isdigit() else None


def chosen_id(value: str | None) -> int | None:
    """The id of the sender name that a form's choice means: None is the operator number, 0 a name that there is not."""
    if not value:
        return None
    return int(value) if value.isdecimal() and len(value) < 10 else 0
