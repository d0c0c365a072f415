"""The call that makes a worker look at a campaign."""

from smsapp.queue import SEND, wake

DRAIN = "smsapp.delivery.jobs.drain"


def wake_drain(campaign_id: int) -> bool:
    """Ask a worker to drain this campaign; call it after the commit. Whether the queue took it."""
    return wake(SEND, DRAIN, campaign_id)
