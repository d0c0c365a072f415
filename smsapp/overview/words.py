"""What the health page calls the parts, and what it checks, in plain words."""

from typing import Any, Final

from flask_babel import lazy_gettext as _l

PARTS: Final[dict[str, Any]] = {
    "database": _l("Database"),
    "queue": _l("Queue"),
    "worker": _l("Sending service"),
    "sweep": _l("Sweep"),
}
CHECKED: Final[tuple[Any, ...]] = (
    _l("Each send has exactly the recipients, messages and skipped contacts that were confirmed (I1)."),
    _l("No send has the same number twice (I3)."),
    _l("Every confirmed SMS is waiting, on its way, unclear or done; none is forgotten (I5)."),
    _l("The quota adds up: available, reserved and spent are what was granted, entry by entry (I6)."),
    _l("Nothing was handed over to a number after it was blocked (I7)."),
    _l("No delivery receipt was lost or moved an SMS backwards (I8)."),
)
