"""What shall run, as data, and the rule for starting again what ended."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One process to run. Those after one with a `socket` in a list start once that Unix socket answers."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    socket: Path | None = None
    keep_fds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Restarts:
    """Start again after 0.5, 1, 2, 4 seconds; give up at the fifth end within a minute."""

    first_delay: float = 0.5
    limit: int = 5
    within: float = 60.0

    def delay(self, ends: Sequence[float]) -> float | None:
        """Seconds to wait after the last of these ends (times in seconds, rising); None: give up."""
        recent = sum(1 for end in ends if end > ends[-1] - self.within)
        return None if recent >= self.limit else self.first_delay * 2 ** (recent - 1)


def how_it_ended(returncode: int) -> str:
    """A return code as subprocess gives it, in words."""
    if returncode >= 0:
        return f"ended with exit status {returncode}"
    try:
        return f"was ended by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"was ended by signal {-returncode}"
