"""What tests of a send share: the simulator as they need it, its witness, and what became of a campaign."""

import json
from collections import Counter
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from smsapp.delivery import claims
from smsapp.delivery.claims import Window
from smsapp.delivery.models import Campaign, Delivery, Evidence
from smsapp.delivery.queries import count_by_state
from smsapp.extensions import db
from smsapp.gateways.base import Gateway, Result
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.simulator import Behaviour, Simulator
from smsapp.quota.models import LedgerEntry
from tests.lines import whole_lines

PROMPT = {"latency_ms": 0.0, "receipt_seconds_min": 0.0, "receipt_seconds_max": 0.0}
FAITHFUL = {"rejected": 0.0, "undelivered": 0.0}
OWNER = "a worker"


def simulate(**behaviour: float) -> Simulator:
    """Make this application's simulator prompt and faithful, but for what is named."""
    folder: Path = current_app.extensions["smsapp_config"].data / "simulator"
    made = Simulator(folder, Behaviour(**{**PROMPT, **FAITHFUL, **behaviour}))  # type: ignore[arg-type]
    use_gateway(made)
    return made


def use_gateway(gateway: Gateway, name: str = "simulator") -> None:
    """What goes to the gateway of this name goes to this one, until its row changes."""
    version = db.session.scalar(select(GatewayRow.version).where(GatewayRow.name == name))
    current_app.extensions["smsapp_gateways"] = {name: (version, gateway)}


def handed_over(data: Path | None = None) -> list[str]:
    """The numbers that the simulator took, in order: the witness."""
    return [json.loads(line)["number"] for line in whole_lines(_witness(data))]


def how_many_handed_over() -> int:
    """The same, only counted: for those who wait for it."""
    log = _witness()
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _witness(data: Path | None = None) -> Path:
    return (data or current_app.extensions["smsapp_config"].data) / "simulator" / "handed_over.log"


def states(campaign_id: int) -> dict[str, int]:
    """How many deliveries are in each state, now."""
    db.session.rollback()
    return {str(state): count for state, count in count_by_state(campaign_id).items()}


def campaign_state(campaign_id: int) -> str:
    db.session.rollback()
    return str(db.session.scalar(select(Campaign.state).where(Campaign.id == campaign_id)))


def deliveries(campaign_id: int) -> list[Delivery]:
    db.session.rollback()
    return list(db.session.scalars(select(Delivery).where(Delivery.campaign_id == campaign_id).order_by(Delivery.id)))


def seen(*chosen: Delivery) -> dict[int, int]:
    """What a person who decides about these deliveries has seen: their attempts."""
    return {delivery.id: delivery.attempt for delivery in chosen}


def evidence(campaign_id: int) -> list[Evidence]:
    db.session.rollback()
    statement = select(Evidence).join(Delivery, Delivery.id == Evidence.delivery_id)
    return list(db.session.scalars(statement.where(Delivery.campaign_id == campaign_id).order_by(Evidence.id)))


def movements(campaign_id: int) -> Counter[str]:
    """How many ledger entries of each kind a campaign has."""
    db.session.rollback()
    return Counter(db.session.scalars(select(LedgerEntry.kind).where(LedgerEntry.campaign_id == campaign_id)))


def begun(campaign: Campaign, count: int = 50) -> Window:
    """A window right before its first byte."""
    return claims.begin(campaign.id, OWNER, claims.claim(campaign.id, OWNER, count))


def everybody(window: Window, result: Result) -> dict[str, Result]:
    return {held.reference: result for held in window.deliveries}
