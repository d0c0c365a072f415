"""What Kannel's delivery reports say, by their type. Pure.

The types are bits (gw/dlr.h): 1 delivered, 2 not delivered, 4 buffered at the operator, 8 the operator has taken it,
16 the operator has refused it. Of a long SMS only the first part is reported (gw/sms.c): it speaks for the whole.
"""

from typing import Final

from smsapp.gateways.base import Incoming

DELIVERED, UNDELIVERED, BUFFERED, TAKEN, REFUSED = 1, 2, 4, 8, 16
MASK: Final = DELIVERED | UNDELIVERED | TAKEN | REFUSED
"""What we want to be told; that it is buffered says nothing new."""

_STATES: Final[dict[int, tuple[str, str | None]]] = {
    DELIVERED: ("delivered", None),
    UNDELIVERED: ("undelivered", None),
    TAKEN: ("accepted", None),
    REFUSED: ("undelivered", "rejected_later"),
}


def told(kind: str, reference: str, raw: str) -> Incoming | None:
    """As the inbox keeps it; None if it says nothing yet. ValueError if this is no type of Kannel's."""
    number = int(kind) if kind.isascii() and kind.isdecimal() and len(kind) < 3 else 0
    if number == BUFFERED:
        return None
    if number not in _STATES:
        raise ValueError("unknown type")
    state, reason = _STATES[number]
    return Incoming(reference, reference, state, reason, raw)
