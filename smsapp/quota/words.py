"""The screen words for the movements of the ledger."""

from typing import Final

from flask_babel import lazy_gettext as _l

from smsapp.quota.models import LedgerEntry

_KINDS: Final = {
    "grant": _l("granted"),
    "correct": _l("corrected"),
    "reserve": _l("reserved"),
    "charge": _l("spent"),
    "return": _l("returned"),
}
_EFFECT_ON_AVAILABLE: Final = {"grant": 1, "correct": 1, "reserve": -1, "charge": 0, "return": 1}


def kind_label(kind: str) -> str:
    """The word for a kind of movement."""
    return str(_KINDS[kind])


def effect(entry: LedgerEntry) -> int:
    """By how many messages the entry changed what is available; spending takes from the reserved ones."""
    return _EFFECT_ON_AVAILABLE[entry.kind] * entry.messages
