"""The time, always UTC, from one place that tests can move."""

from datetime import UTC, datetime, timedelta
from typing import Final

_TICK: Final = timedelta(microseconds=1)


def now() -> datetime:
    """The current time, UTC, aware."""
    return datetime.now(UTC)


def later_than(before: datetime) -> datetime:
    """The current time, but in any case later than this: however fast two people save, each save has its own."""
    return max(now(), before + _TICK)
