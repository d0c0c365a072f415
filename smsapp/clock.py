"""The time, always UTC, from one place that tests can move."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, UTC, aware."""
    return datetime.now(UTC)
