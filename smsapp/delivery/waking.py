"""The calls that make workers look at a campaign."""

from smsapp.delivery.heartbeats import living
from smsapp.queue import SEND, wake

DRAIN = "smsapp.delivery.jobs.drain"


def wake_drain(campaign_id: int) -> bool:
    """Ask a worker to drain this campaign; call it after the commit. Whether the queue took it."""
    return wake(SEND, DRAIN, campaign_id)


def wake_workers(campaign_id: int) -> None:
    """Ask every worker that lives, as they share a send; call it after the commit. One call waits if none lives."""
    for _ in range(max(1, living("worker send"))):
        if not wake_drain(campaign_id):
            break
