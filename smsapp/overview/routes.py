"""The start page and the health check."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from smsapp.accounts.rights import Right, needs, public
from smsapp.overview.health import health

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@needs(Right.READ)
def start() -> ResponseReturnValue:
    """What is going on."""
    return render_template("overview/page.html")


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """JSON about the parts; 503 when one is down."""
    parts = health()
    state = {name: "up" if alive else "down" for name, alive in parts.items()}
    return state, 200 if all(parts.values()) else 503
