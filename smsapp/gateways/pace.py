"""How fast SMS go out: as fast as allowed, half as fast when the operator is throttling, and slowly faster again. Pure.

Times are seconds by any clock that only rises.
"""

from typing import Final

FIRST_GAP: Final = 0.05
LONGEST_GAP: Final = 2.0
RECOVERY: Final = 0.95
"""Each SMS taken makes the gap to the next this much shorter."""
NO_GAP: Final = 0.001
REST: Final = 1.0
"""After throttling nothing goes out for so long; more of it meanwhile (the window under way) changes nothing."""


class Pace:
    """When the next SMS of one session may go. `rate` is the most a second; 0 is no limit."""

    def __init__(self, rate: float = 0.0) -> None:
        self._least = 1 / rate if rate else 0.0
        self.gap = self._least
        self._next = self._resting_until = float("-inf")

    def wait(self, at: float) -> float:
        """Seconds until the next may go; 0 is now."""
        return max(0.0, self._next - at)

    def sent(self, at: float) -> None:
        """One went out."""
        self._next = max(self._next, at) + self.gap if self.gap else self._next

    def throttled(self, at: float) -> None:
        """The operator wants less."""
        if at < self._resting_until:
            return
        self.gap = min(LONGEST_GAP, max(FIRST_GAP, 2 * self.gap))
        self._next = self._resting_until = at + REST

    def taken(self) -> None:
        """The operator took one."""
        shorter = self.gap * RECOVERY
        self.gap = max(self._least, shorter if shorter > NO_GAP else 0.0)
