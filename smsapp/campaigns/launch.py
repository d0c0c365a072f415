"""Launching: one transaction from a signed confirmation to a campaign with its deliveries (I1, I2, I3, I6, I7)."""

from dataclasses import dataclass

from smsapp.campaigns.order import Composed


@dataclass(frozen=True, slots=True)
class Launched:
    """The campaign; `again` when it had been launched before and nothing was done now."""

    campaign_id: int
    again: bool


def launch(composed: Composed, token: str, user_id: int) -> Launched:
    """Send what was confirmed, once.

    Raises NotYourConfirmation (400), ModuleOff and NotThere (404), AudienceNotActive, FieldProblem and
    NobodyReachable (422), FiguresChanged and QuotaMissing (409); nothing is sent then.
    """
    raise NotImplementedError
