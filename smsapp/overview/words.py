"""What the health page calls the parts, and what it checks, in plain words."""

from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from smsapp.clock import now
from smsapp.delivery.words import reason_label
from smsapp.gateways.models import GatewayRow
from smsapp.web import format_clock

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


def gateway_state(row: GatewayRow) -> tuple[str, str, str]:
    """How a gateway fares: a word, its tone, and what failed last."""
    if not row.active:
        return str(_("inactive")), "plain", ""
    why = reason_label(row.open_reason) if row.open_reason else ""
    if row.open_until and row.open_until > now():
        return (
            str(_("pauses")),
            "warn",
            str(_("%(reason)s; next attempt at %(time)s", reason=why, time=format_clock(row.open_until))),
        )
    if row.failures:
        failed = ngettext("failed %(n)s time in a row", "failed %(n)s times in a row", row.failures, n=row.failures)
        return str(_("not stable")), "warn", f"{failed} ({why})" if why else str(failed)
    return str(_("active")), "good", ""
