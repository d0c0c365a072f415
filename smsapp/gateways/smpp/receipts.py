"""What a delivery receipt says, from its parameters or else from its text. Pure.

Parameters and their values are in sections 5.3.2.26, 5.3.2.35 and 5.2.28 of the specification, the text in its
appendix B: "id:123 sub:001 dlvrd:001 submit date:... done date:... stat:DELIVRD err:000 text:...". Operators write it
in many ways; id, stat and err are looked for one by one, and never behind "text:", which the recipient's SMS follows.
"""

import re
from dataclasses import dataclass
from typing import Final

from smsapp.gateways.base import Incoming

RECEIPT: Final = 0x04
INTERMEDIATE: Final = 0x20
MESSAGE_TYPE: Final = 0x3C
"""The bits of a deliver_sm's esm_class that tell what it is (section 5.2.12)."""

_STATES: Final[dict[str, str | None]] = {
    "ENROUTE": None,
    "ACCEPTD": None,
    "DELIVRD": "delivered",
    "EXPIRED": "expired",
    "DELETED": "undelivered",
    "UNDELIV": "undelivered",
    "REJECTD": "undelivered",
    "UNKNOWN": "unknown",
}
"""None is on the way: nothing that has to be kept. What we do not know is kept as it is, and moves nothing."""

_MESSAGE_STATES: Final = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_REASONS: Final = {"DELETED": "deleted", "REJECTD": "rejected_later"}


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt as it was read: the operator's reference, our word for the state (None: on the way), a reason."""

    reference: str
    state: str | None
    reason: str | None

    def incoming(self, raw: str) -> Incoming | None:
        """What is kept of it; None if it says nothing yet. SMPP echoes no reference of ours."""
        return Incoming(self.reference, None, self.state, self.reason, raw) if self.state else None


def is_receipt(esm_class: int) -> bool:
    return esm_class & MESSAGE_TYPE in (RECEIPT, INTERMEDIATE)


def told(text: str, receipted_id: str | None = None, message_state: int | None = None) -> Told | None:
    """What a receipt says; its parameters, if it has them, outweigh its text. None if it names no message."""
    head = re.split(r"\btext:", text, maxsplit=1, flags=re.IGNORECASE)[0]
    reference = receipted_id or _value("id", head)
    if not reference:
        return None
    code = _MESSAGE_STATES.get(message_state or 0) or _value("stat", head).upper()
    state = _STATES.get(code, code.lower() or "unknown")
    return Told(reference, state, _reason(code, _value("err", head)) if state != "delivered" else None)


def _value(name: str, head: str) -> str:
    found = re.search(rf"(?:^|\s){name}:\s*(\S+)", head, re.IGNORECASE)
    return found[1] if found else ""


def _reason(code: str, error: str) -> str | None:
    if error.strip("0"):
        return f"err_{error}"[:40]
    return _REASONS.get(code)
