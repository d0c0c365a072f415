"""What every gateway is to us: a hand-over with one answer for each SMS, and receipts that come later. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from smsapp.gateways.ending import Until, forever
from smsapp.text.segments import Encoding

WAITS_AT_GATEWAY: Final = "waits_at_gateway"
"""The reason beside an accepted SMS that the gateway keeps for the operator, who is away."""

_REFERENCE = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One SMS to hand over. `reference` names the delivery and the attempt, and is never used again."""

    reference: str
    number: str
    sender: str
    text: str
    encoding: Encoding
    parts: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway has taken it, and calls it by this reference from now on.

    `parts` are the references of the parts of a long SMS, if each gets receipts of its own; `reference` then names
    them all, and no receipt ever does. `reason` is a code for what a person should know of it nevertheless.
    """

    reference: str
    parts: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptedInPart:
    """Some parts were taken and the rest refused: it will not arrive whole, and is not tried again."""

    reference: str
    code: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedForNow:
    """Surely not taken, for a reason that passes: throttled, or refused before the first byte."""

    code: str


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """Surely not taken, and never will be."""

    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken, and nobody can tell."""

    code: str


Result = Accepted | AcceptedInPart | RefusedForNow | RefusedForGood | Unknown

TOO_LATE: Final = RefusedForNow("not_begun")
"""The answer for what was not handed over by the moment after which nothing more may be."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A receipt as it came: `state` is of `states.RECEIPT_STATES`, or an operator's own word, `reason` a code for why.

    `attempt_reference` is ours, where the gateway echoes it.
    """

    reference: str
    attempt_reference: str | None
    state: str
    reason: str | None
    raw: str


class Gateway(Protocol):
    """Hands SMS over, at most `window` in one call.

    `submit` yields each SMS with its answer, in any order. Whoever is not answered when it ends or fails may
    have been taken. Who was unknown, in this call or an earlier one, is yielded once more if an answer comes late.
    It is called without a database transaction open and must not start one of ours. `until` is asked before
    each SMS, and twice a second while it waits to be allowed the next: what is left then is TOO_LATE.
    """

    window: int

    def submit(self, messages: Sequence[Outgoing], until: Until = forever) -> Iterator[tuple[Outgoing, Result]]: ...


@runtime_checkable
class ReceiptSource(Protocol):
    """A gateway that is asked for its receipts (others bring them to us)."""

    def due_receipts(self, now: datetime, limit: int) -> Sequence[Incoming]:
        """The next receipts, again and again until they are forgotten."""

    def forget(self, receipts: Sequence[Incoming]) -> None:
        """These are stored on our side."""


def attempt_reference(delivery_id: int, attempt: int) -> str:
    return f"{delivery_id}-{attempt}"


def parse_attempt_reference(text: str | None) -> tuple[int, int] | None:
    """Delivery and attempt; None for anything that we never wrote."""
    found = _REFERENCE.fullmatch(text or "")
    return (int(found[1]), int(found[2])) if found else None
