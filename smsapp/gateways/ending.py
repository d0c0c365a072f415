"""When a gateway shall begin with nothing more. Pure."""

import math
from collections.abc import Callable
from typing import Final

Until = Callable[[], float]
"""Tells the moment, by `time.monotonic`, from which on no SMS may be begun. It is asked again: it may be moved up."""
LOOK_SECONDS: Final = 0.5
"""How often who waits to be allowed the next SMS asks at least."""


def forever() -> float:
    """Nothing ends the hand-over early."""
    return math.inf
