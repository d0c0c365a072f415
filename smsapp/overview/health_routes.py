"""The health page for administrators: what runs, what waits, and whether everything adds up."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from smsapp.accounts.rights import Right, needs
from smsapp.clock import now
from smsapp.delivery.invariants import violations
from smsapp.gateways.queries import all_gateways
from smsapp.overview.health import health, is_alive, load, processes
from smsapp.overview.words import CHECKED, PARTS, gateway_state
from smsapp.web import render

blueprint = Blueprint("health", __name__, url_prefix="/settings/health")


@blueprint.get("/")
@needs(Right.ADMINISTER)
def index() -> ResponseReturnValue:
    """What runs and what waits."""
    return _page()


@blueprint.get("/check")
@needs(Right.ADMINISTER)
def check() -> ResponseReturnValue:
    """The same, and whether every send and the quota add up: looked up in all data, so only when asked for."""
    return _page(found=violations(), checked_at=now())


def _page(**values: Any) -> ResponseReturnValue:
    return render(
        "overview/health.html",
        "overview/_check.html",
        parts=[(name, PARTS[name], alive) for name, alive in health().items()],
        load=load(),
        processes=processes(),
        gateways=[(row, *gateway_state(row)) for row in all_gateways()],
        is_alive=is_alive,
        promises=CHECKED,
        **values,
    )
