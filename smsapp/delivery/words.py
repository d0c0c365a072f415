"""The screen words and colours of the states. "Handed over" is never called "delivered"."""

from typing import Any, Final

from flask_babel import lazy_gettext as _l

from smsapp.delivery.answering import Answer
from smsapp.delivery.states import CampaignState, State

_STATES: Final[dict[str, tuple[Any, str]]] = {
    State.QUEUED: (_l("queued"), "plain"),
    State.CLAIMED: (_l("being sent"), "info"),
    State.SUBMITTING: (_l("being sent"), "info"),
    State.ACCEPTED: (_l("handed over"), "info"),
    State.DELIVERED: (_l("delivered"), "good"),
    State.UNDELIVERED: (_l("not delivered"), "bad"),
    State.EXPIRED: (_l("expired"), "warn"),
    State.NO_RECEIPT: (_l("without delivery receipt"), "plain"),
    State.REJECTED: (_l("rejected"), "bad"),
    State.UNKNOWN: (_l("unclear"), "warn"),
    State.CANCELLED: (_l("cancelled"), "plain"),
    State.SUPPRESSED: (_l("blocked"), "plain"),
}
_CAMPAIGN_STATES: Final[dict[str, tuple[Any, str]]] = {
    CampaignState.WAITING: (_l("scheduled"), "plain"),
    CampaignState.SENDING: (_l("being sent"), "info"),
    CampaignState.PAUSED: (_l("paused"), "warn"),
    CampaignState.HANDED_OVER: (_l("handed over"), "info"),
    CampaignState.CLOSED: (_l("finished"), "good"),
    CampaignState.CANCELLED: (_l("cancelled"), "plain"),
}
_REASONS: Final[dict[str, Any]] = {
    "number_unassigned": _l("number not assigned"),
    "phone_off": _l("phone not reachable"),
    "connection_lost": _l("connection lost"),
    "not_allowed": _l("not allowed by the operator"),
    "throttled": _l("operator busy, tried again later"),
    "lease_over": _l("sending service was interrupted"),
    "interrupted": _l("interrupted while being handed over"),
    "in_part": _l("handed over only in part"),
    "decided": _l("decided by a person"),
    "not_connected": _l("no connection to the operator"),
    "bind_refused": _l("operator refuses the login"),
    "waits_at_gateway": _l("waits at the gateway, as the operator is away"),
    "wrong_address": _l("the gateway's address is not right"),
    "too_many_parts": _l("more parts than the gateway carries"),
    "emoji_cut": _l("the gateway would cut an emoji in two; a character more or less before it helps"),
    "no_answer": _l("no answer from the operator"),
    "queue_full": _l("operator busy, tried again later"),
    "temporary_error": _l("operator busy, tried again later"),
    "number_refused": _l("number refused by the operator"),
    "sender_refused": _l("sender refused by the operator"),
    "sample_contact": _l("contact of the sample data"),
    "contact_deleted": _l("contact was deleted"),
    "deadline": _l("not sent before the deadline"),
    "not_begun": _l("stopped before it was handed over"),
    "blocked": _l("block list or “no SMS”"),
}
_ANSWERS: Final[dict[str, Any]] = {
    Answer.QUEUED: _l("answered"),
    Answer.SWITCHED_OFF: _l("not answered: no answer is set"),
    Answer.REPEATED: _l("not answered: blocked or answered before"),
    Answer.UNWANTED: _l("not answered: marked “no SMS”"),
    Answer.NOT_USABLE: _l("not answered: nothing is sent to this number"),
    Answer.NO_SENDER: _l("not answered: no operator number is set"),
    Answer.MODULE_OFF: _l("not answered: the SMS module was off"),
    Answer.NO_QUOTA: _l("not answered: the quota was used up"),
    Answer.GATEWAY_OFF: _l("not answered: the gateway was deactivated"),
    Answer.NO_GATEWAY: _l("not answered: the gateway does not exist any more"),
}


def answer_label(answer: str) -> str:
    """What became of the answer to a STOP."""
    return str(_ANSWERS.get(answer, answer))


def reason_label(reason: str) -> str:
    """Why, in words; a gateway's code that we do not know is shown as it is."""
    return str(_REASONS.get(reason, reason))


def state_label(state: str) -> str:
    """The word for a delivery's state."""
    return str(_STATES[state][0])


def state_tone(state: str) -> str:
    """The colour of a delivery's state: good, warn, bad, info, plain."""
    return _STATES[state][1]


def campaign_label(state: str) -> str:
    """The word for a campaign's state."""
    return str(_CAMPAIGN_STATES[state][0])


def campaign_tone(state: str) -> str:
    """The colour of a campaign's state."""
    return _CAMPAIGN_STATES[state][1]
