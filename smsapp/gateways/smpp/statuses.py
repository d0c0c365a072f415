"""What a command_status means for an SMS, and what the answers of its parts mean together. Pure.

The table is from section 5.1.3 (table 5-2) of the specification, and section 4.3 for generic_nack. A status that is
not in it (vendors use 0x400 to 0x4FF) or says nothing definite (system error, unknown error) leaves open whether the
SMS was taken.
"""

from collections.abc import Sequence
from typing import Final

from smsapp.gateways.base import Accepted, AcceptedInPart, RefusedForGood, RefusedForNow, Result, Unknown

LONGEST_REFERENCE: Final = 80
"""Characters that we keep; the specification allows 64."""

OK: Final = 0x00
NOT_BOUND: Final = 0x04
THROTTLED: Final = 0x58
TEMPORARY: Final = 0x64
"""ESME_RX_T_APPN: what we answer when we could not store an incoming message. The operator tries again."""
PERMANENT: Final = 0x65
"""ESME_RX_P_APPN: what we answer to what cannot be read at all. The operator forgets it."""

SLOW_DOWN: Final = frozenset({0x14, THROTTLED})
"""The operator wants less of us."""

_FOR_NOW: Final = {
    NOT_BOUND: "not_connected",  # ESME_RINVBNDSTS
    0x14: "queue_full",  # ESME_RMSGQFUL
    THROTTLED: "throttled",  # ESME_RTHROTTLED
    TEMPORARY: "temporary_error",  # ESME_RX_T_APPN
}
_FOR_GOOD: Final = {
    0x01: "text_length",  # ESME_RINVMSGLEN
    0x02: "not_understood",  # ESME_RINVCMDLEN, also by generic_nack
    0x03: "not_understood",  # ESME_RINVCMDID, also by generic_nack
    0x06: "not_understood",  # ESME_RINVPRTFLG
    0x07: "not_understood",  # ESME_RINVREGDLVFLG
    0x0A: "sender_refused",  # ESME_RINVSRCADR
    0x0B: "number_refused",  # ESME_RINVDSTADR
    0x15: "not_understood",  # ESME_RINVSERTYP
    0x33: "number_refused",  # ESME_RINVNUMDESTS
    0x43: "not_understood",  # ESME_RINVESMCLASS
    0x45: "not_allowed",  # ESME_RSUBMITFAIL
    0x48: "sender_refused",  # ESME_RINVSRCTON
    0x49: "sender_refused",  # ESME_RINVSRCNPI
    0x50: "number_refused",  # ESME_RINVDSTTON
    0x51: "number_refused",  # ESME_RINVDSTNPI
    0x53: "not_understood",  # ESME_RINVSYSTYP
    0x54: "not_understood",  # ESME_RINVREPFLAG
    0x61: "not_understood",  # ESME_RINVSCHED
    0x62: "validity_refused",  # ESME_RINVEXPIRY
    0x63: "not_understood",  # ESME_RINVDFTMSGID
    PERMANENT: "not_allowed",  # ESME_RX_P_APPN
    0x66: "not_allowed",  # ESME_RX_R_APPN
    0xC0: "not_understood",  # ESME_RINVOPTPARSTREAM
    0xC1: "not_understood",  # ESME_ROPTPARNOTALLWD
    0xC2: "not_understood",  # ESME_RINVPARLEN
    0xC3: "not_understood",  # ESME_RMISSINGOPTPARAM
    0xC4: "not_understood",  # ESME_RINVOPTPARAMVAL
}


def result(status: int, message_id: str) -> Result:
    """The answer to one submit_sm."""
    if status == OK:
        return Accepted(message_id[:LONGEST_REFERENCE])
    if status in _FOR_NOW:
        return RefusedForNow(_FOR_NOW[status])
    if status in _FOR_GOOD:
        return RefusedForGood(_FOR_GOOD[status])
    return Unknown(f"smpp_status_{status:#x}")


def verdict(answers: Sequence[Result]) -> Result:
    """The answer to a whole SMS from those of all its parts: any unknown is unknown, all accepted is accepted."""
    if len(answers) == 1:
        return answers[0]
    accepted = tuple(each.reference for each in answers if isinstance(each, Accepted))
    together = " ".join(accepted)[:LONGEST_REFERENCE]
    if unknown := [each for each in answers if isinstance(each, Unknown)]:
        return unknown[0]
    if len(accepted) == len(answers):
        return Accepted(together, accepted)
    for_good = [each for each in answers if isinstance(each, RefusedForGood)]
    for_now = [each for each in answers if isinstance(each, RefusedForNow)]
    refused = (for_good or for_now)[0]
    return AcceptedInPart(together, refused.code, accepted) if accepted else refused
