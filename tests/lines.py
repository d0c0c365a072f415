"""Reading a log while somebody else writes it."""

from pathlib import Path


def whole_lines(log: Path) -> list[str]:
    """Its lines so far, none if there is no such file; the last may be half written, and is left out then."""
    return log.read_text().rpartition("\n")[0].splitlines() if log.exists() else []
