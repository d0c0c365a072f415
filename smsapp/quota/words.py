"""The screen words for the movements of the ledger, and for a quota that does not suffice."""

from typing import Final

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from smsapp.quota.models import LedgerEntry

_KINDS: Final = {
    "grant": _l("granted"),
    "correct": _l("corrected"),
    "reserve": _l("reserved"),
    "charge": _l("spent"),
    "return": _l("returned"),
}
EFFECT_ON_AVAILABLE: Final = {"grant": 1, "correct": 1, "reserve": -1, "charge": 0, "return": 1}


def kind_label(kind: str) -> str:
    """The word for a kind of movement."""
    return str(_KINDS[kind])


def effect(entry: LedgerEntry) -> int:
    """By how many messages the entry changed what is available; spending takes from the reserved ones."""
    return EFFECT_ON_AVAILABLE[entry.kind] * entry.messages


def missing_sentence(needed: int, available: int) -> str:
    """What is missing for a send, and what helps."""
    if available == 0:
        return str(_("Your message quota is used up (0 available). Please ask your administrator."))
    missing = needed - available
    return str(
        ngettext(
            "%(missing)s message is missing: needed %(needed)s, available %(available)s. "
            "Shorten the text, make the audience smaller, or have the quota raised.",
            "%(missing)s messages are missing: needed %(needed)s, available %(available)s. "
            "Shorten the text, make the audience smaller, or have the quota raised.",
            missing,
            missing=format_decimal(missing),
            needed=format_decimal(needed),
            available=format_decimal(available),
        )
    )
