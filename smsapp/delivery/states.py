"""The states of deliveries and campaigns, as data: which moves exist, who holds quota, what a receipt may do.

Pure. Whatever writes a state looks its move up here first (`check`), and asks `quota_effect` what it costs.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Final


class State(StrEnum):
    """The states of a delivery."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    NO_RECEIPT = "no_receipt"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class CampaignState(StrEnum):
    """The states of a campaign."""

    WAITING = "waiting"
    SENDING = "sending"
    PAUSED = "paused"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Effect(Enum):
    """What a move does to the quota that the delivery had reserved."""

    NONE = "none"
    CHARGE = "charge"
    GIVE_BACK = "return"


class WrongMove(ValueError):
    """A move that the design does not know: a fault of ours, never of a user."""


_S, _C = State, CampaignState

MOVES: Final[Mapping[State, frozenset[State]]] = {
    _S.QUEUED: frozenset({_S.CLAIMED, _S.CANCELLED, _S.SUPPRESSED, _S.EXPIRED}),
    _S.CLAIMED: frozenset({_S.SUBMITTING, _S.QUEUED, _S.CANCELLED, _S.SUPPRESSED}),
    # UNDELIVERED: some parts were taken and the rest refused. Refused for now is QUEUED again, unless the campaign
    # is cancelled meanwhile (CANCELLED) or it was refused too often (EXPIRED).
    _S.SUBMITTING: frozenset(
        {_S.ACCEPTED, _S.UNDELIVERED, _S.REJECTED, _S.UNKNOWN, _S.QUEUED, _S.CANCELLED, _S.EXPIRED}
    ),
    _S.ACCEPTED: frozenset({_S.DELIVERED, _S.UNDELIVERED, _S.EXPIRED, _S.NO_RECEIPT}),
    _S.NO_RECEIPT: frozenset({_S.DELIVERED, _S.UNDELIVERED, _S.EXPIRED}),
    # QUEUED only by a person's decision, who knows that the SMS may arrive twice (I4).
    _S.UNKNOWN: frozenset({_S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED, _S.EXPIRED, _S.REJECTED, _S.QUEUED}),
    **dict.fromkeys((_S.DELIVERED, _S.UNDELIVERED, _S.EXPIRED, _S.REJECTED, _S.CANCELLED, _S.SUPPRESSED), frozenset()),
}

RESERVED: Final = frozenset({_S.QUEUED, _S.CLAIMED, _S.SUBMITTING, _S.UNKNOWN})
"""States whose billed messages are reserved (I6)."""

HELD: Final = frozenset({_S.CLAIMED, _S.SUBMITTING})
"""States in which exactly one worker owns the delivery, for as long as its lease runs."""

CANCELLABLE: Final = frozenset({_S.QUEUED, _S.CLAIMED})
"""Not being handed over yet: it can still be taken back."""

NOT_HANDED_OVER: Final = frozenset({_S.QUEUED, _S.CLAIMED, _S.SUBMITTING})
"""States that a campaign is not handed over with."""

TAKEN: Final = frozenset({_S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED, _S.NO_RECEIPT})
"""Surely handed over, and so charged; `expired` may be either."""

FINAL: Final = frozenset({state for state, to in MOVES.items() if not to} | {_S.NO_RECEIPT})
"""Nothing more is expected, though a late receipt still moves `no_receipt`."""

RECEIPT_STATES: Final = frozenset({_S.ACCEPTED, _S.DELIVERED, _S.UNDELIVERED, _S.EXPIRED})
"""What a receipt can say. Accepted is the operator's word that it has the SMS, where a gateway in between tells us."""

RECEIPT_MOVES_FROM: Final = frozenset({_S.ACCEPTED, _S.NO_RECEIPT, _S.UNKNOWN})
"""Where a receipt still moves a delivery; anywhere else it changes nothing, or comes too early (I8)."""

CAMPAIGN_MOVES: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    _C.WAITING: frozenset({_C.SENDING, _C.PAUSED, _C.CANCELLED}),
    _C.SENDING: frozenset({_C.PAUSED, _C.HANDED_OVER, _C.CANCELLED}),
    _C.PAUSED: frozenset({_C.WAITING, _C.SENDING, _C.HANDED_OVER, _C.CANCELLED}),
    _C.HANDED_OVER: frozenset({_C.CLOSED, _C.SENDING}),  # SENDING: a person sends an unknown one again
    _C.CLOSED: frozenset({_C.SENDING}),
    _C.CANCELLED: frozenset(),
}


RUNNING: Final = (_C.WAITING, _C.SENDING, _C.PAUSED)
"""States of campaigns that have something left to hand over."""


def check(before: State, after: State) -> None:
    """Raise WrongMove unless the design knows this move."""
    if after not in MOVES[before]:
        raise WrongMove(f"{before} -> {after}")


def campaign_states_before(after: CampaignState) -> frozenset[CampaignState]:
    """The states from which a campaign may go to this one."""
    return frozenset(state for state, to in CAMPAIGN_MOVES.items() if after in to)


def quota_effect(before: State, after: State) -> Effect:
    """Leaving the reserved states charges, or returns if nothing was handed over; nothing else moves quota.

    `expired` is both: before the hand-over it returns, by the receipt of an unknown delivery it charges.
    """
    if before not in RESERVED or after in RESERVED:
        return Effect.NONE
    never_taken = after in {_S.REJECTED, _S.CANCELLED, _S.SUPPRESSED} or (
        after is _S.EXPIRED and before is not _S.UNKNOWN
    )
    return Effect.GIVE_BACK if never_taken else Effect.CHARGE


def receipt_moves(before: State, said: State) -> bool:
    """Whether a receipt that says this moves a delivery in that state; the first final word stands."""
    if said is State.ACCEPTED:
        return before is State.UNKNOWN
    return said in RECEIPT_STATES and before in RECEIPT_MOVES_FROM
