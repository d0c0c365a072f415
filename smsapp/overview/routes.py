"""The start page and the health check."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from smsapp.accounts.rights import Right, needs, public
from smsapp.campaigns.history import event_label
from smsapp.delivery.words import campaign_label, campaign_tone
from smsapp.overview.health import health, worker_is_running
from smsapp.overview.queries import MOST_SENDS, overview
from smsapp.web import render

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@needs(Right.READ)
def start() -> ResponseReturnValue:
    """What is going on, and what needs a person."""
    return render(
        "overview/page.html",
        overview=overview(),
        most_sends=MOST_SENDS,
        worker_is_running=worker_is_running(),
        event_label=event_label,
        campaign_label=campaign_label,
        campaign_tone=campaign_tone,
    )


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """JSON about the parts; 503 when one is down."""
    parts = health()
    state = {name: "up" if alive else "down" for name, alive in parts.items()}
    return state, 200 if all(parts.values()) else 503
