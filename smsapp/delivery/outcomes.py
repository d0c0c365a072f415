"""What a gateway's answer means for a delivery. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from smsapp.delivery.states import State
from smsapp.gateways.base import TOO_LATE, Accepted, AcceptedInPart, RefusedForGood, RefusedForNow, Result, Unknown

LONGEST_WAIT: Final = timedelta(minutes=10)

MAX_ATTEMPTS: Final = 150
"""After so many refusals "for now" (about a day) a delivery expires."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state to go to, with what is stored beside it; `wait` is for a delivery that is tried again."""

    state: State
    reason: str | None = None
    gateway_ref: str | None = None
    wait: timedelta | None = None
    parts: tuple[str, ...] = ()


def outcome(result: Result, attempt: int, cancelled: bool) -> Outcome:
    """Where a delivery that was being handed over goes; `cancelled`: its campaign was, meanwhile."""
    settled = settling(result)
    if settled:
        return settled
    if isinstance(result, RefusedForNow):
        return _not_taken(result.code, attempt, cancelled)
    return Outcome(State.UNKNOWN, result.code if isinstance(result, Unknown) else None)


def settling(result: Result) -> Outcome | None:
    """Where an answer leads that settles the matter whenever it comes; None if it leaves it open."""
    match result:
        case Accepted(reference, parts, reason):
            return Outcome(State.ACCEPTED, reason, reference, parts=parts)
        case AcceptedInPart(reference, _, parts):
            return Outcome(State.UNDELIVERED, "in_part", reference, parts=parts)
        case RefusedForGood(code):
            return Outcome(State.REJECTED, code)
        case _:
            return None


def back_off(attempt: int) -> timedelta:
    """5, 10, 20 seconds and so on, up to the longest wait."""
    return min(LONGEST_WAIT, timedelta(seconds=5 * 2 ** min(attempt - 1, 10)))


def _not_taken(code: str, attempt: int, cancelled: bool) -> Outcome:
    if cancelled:
        return Outcome(State.CANCELLED, code)
    if attempt >= MAX_ATTEMPTS:
        return Outcome(State.EXPIRED, code)
    if code == TOO_LATE.code:  # it was we who did not begin
        return Outcome(State.QUEUED, code)
    return Outcome(State.QUEUED, code, wait=back_off(attempt))
