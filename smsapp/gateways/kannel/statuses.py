"""What Kannel's answers mean for an SMS. Pure.

It answers a status with a sentence (gw/smsbox.c). A sentence is looked for by its beginning; what is in no table
leaves open whether the SMS was taken. A 202 comes only after the bearerbox has the SMS, unless Kannel is set to
answer at once ("Sent."). "3: Queued" is taken, too: Kannel hands it over as soon as its operator is back.
"""

from typing import Final

from smsapp.gateways.base import WAITS_AT_GATEWAY, Accepted, RefusedForGood, RefusedForNow, Result, Unknown

BUSY: Final = frozenset({"throttled", "queue_full"})
"""Kannel wants less of us."""

_ACCEPTED: Final[dict[str, str | None]] = {"0:": None, "Sent.": None, "3:": WAITS_AT_GATEWAY}

_FOR_NOW: Final = {
    **{(status, ""): "wrong_address" for status in (301, 302, 303, 307, 308, 404, 405)},
    (401, ""): "bind_refused",
    (403, "Authorization failed"): "bind_refused",
    (429, ""): "throttled",
    (503, "Temporal failure"): "queue_full",  # the queue to the operator; Kannel has thrown the SMS away
    (503, "Throttl"): "throttled",
}
"""Surely not taken. A wrong login or address is a person's to mend; then all goes on."""

_FOR_GOOD: Final = {
    (400, "Number(s) has/have been denied"): "number_refused",
    (400, "Missing receiver"): "number_refused",
    (400, "Empty receiver"): "number_refused",
    (400, "Sender missing"): "sender_refused",
    (400, "Validity field"): "validity_refused",
    (400, ""): "not_understood",
    (403, "Not routable"): "not_allowed",  # a black list, or no connection for this number
    (413, ""): "text_length",
    (414, ""): "text_length",
    (415, ""): "not_understood",
}


def result(status: int, body: str, reference: str) -> Result:
    """The answer to one request. Kannel names no reference of its own: ours is what its receipts bring back."""
    if status == 202:
        found = next((begins for begins in _ACCEPTED if body.startswith(begins)), None)
        return Unknown("kannel_202") if found is None else Accepted(reference, reason=_ACCEPTED[found])
    for_now, for_good = _code(_FOR_NOW, status, body), _code(_FOR_GOOD, status, body)
    if for_now:
        return RefusedForNow(for_now)
    return RefusedForGood(for_good) if for_good else Unknown(f"kannel_{status}")


def _code(table: dict[tuple[int, str], str], status: int, body: str) -> str | None:
    fitting = (code for (each, begins), code in table.items() if each == status and body.startswith(begins))
    return next(fitting, None)
