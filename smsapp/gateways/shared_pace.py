"""How fast SMS go to one gateway from all workers together: each reserves its turn in the gateway's row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from smsapp.clock import now
from smsapp.extensions import db, db_write
from smsapp.gateways.models import GatewayRow

TURN: Final = 1.0
"""Seconds that one turn takes, unless a single SMS takes longer: so workers alternate, and bursts are short."""
AHEAD: Final = timedelta(seconds=10)
"""No turn is reserved that begins later: what a worker has claimed must not run out while it waits."""
MOST_PARTS: Final = 8
"""Of one SMS; operators count each."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How many SMS may go, and in how many seconds; none if all of the near future is reserved."""

    count: int
    wait: float


def rate_of(name: str) -> float:
    """SMS a second, or infinitely many."""
    rate = db.session.scalar(select(GatewayRow.rate).where(GatewayRow.name == name))
    return rate or math.inf


def most_at_once(rate: float, window: int) -> int:
    """How many SMS are worth claiming for one turn."""
    return max(1, int(min(window, rate * TURN)))


def reserve(name: str, parts: Sequence[int], at: datetime | None = None) -> Turn:
    """Reserve the next turn at this gateway for the first of these SMS, given by how many parts each has.

    The turns of all workers follow one another: each is written before the next is read.
    """
    at = at or now()
    with db_write() as session:
        row = session.scalar(select(GatewayRow).where(GatewayRow.name == name).with_for_update(key_share=True))
        if row is None or not row.rate:
            return Turn(len(parts), 0.0)
        start = _start(row.next_at, row.rate, at)
        count = _fitting(parts, row.rate) if start <= at + AHEAD else 0
        row.next_at = start + timedelta(seconds=sum(parts[:count]) / row.rate)
    return Turn(count, (start - at).total_seconds())


def _start(next_at: datetime | None, rate: float, at: datetime) -> datetime:
    """When the next turn begins.

    A clock that was set back leaves it far in the future: then it begins after the last that may really be reserved.
    """
    latest = at + AHEAD + timedelta(seconds=max(TURN, MOST_PARTS / rate))
    return max(at, min(next_at or at, latest))


def _fitting(parts: Sequence[int], rate: float) -> int:
    """How many fit in a turn; at least one, however long it takes."""
    total = 0
    for count, each in enumerate(parts):
        total += each
        if count and total > rate * TURN:
            return count
    return len(parts)
