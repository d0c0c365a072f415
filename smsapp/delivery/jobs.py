"""Jobs of the send queue."""

from smsapp.delivery import sending
from smsapp.delivery.waking import wake_drain


def drain(campaign_id: int) -> None:
    """Send a campaign's deliveries for a while, and ask for another turn when more are due."""
    if sending.drain(campaign_id):
        wake_drain(campaign_id)
