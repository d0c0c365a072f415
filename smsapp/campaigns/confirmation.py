"""The confirmation: an order worked out, and signed so that "Ja" sends exactly this (I1)."""

from dataclasses import dataclass

from smsapp.campaigns.order import Composed, Order
from smsapp.campaigns.plan import Plan


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the confirmation shows; `token` goes into its form and comes back with "Ja"."""

    order: Order
    plan: Plan
    token: str


def confirm(composed: Composed, send_key: str, user_id: int) -> Confirmed:
    """Work the order out and sign it for this user and send, for 30 minutes.

    Raises what `order_of` raises, FieldProblem for a blank text and NobodyReachable. The quota is the page's.
    """
    raise NotImplementedError
