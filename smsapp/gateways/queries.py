"""Reading the gateways."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from smsapp.extensions import db
from smsapp.gateways.models import GatewayRow

SIMULATOR = "simulator"
"""The one kind that sends nothing."""


def all_gateways() -> Sequence[GatewayRow]:
    """Every gateway, by name."""
    return db.session.scalars(select(GatewayRow).order_by(GatewayRow.name)).all()


def gateway_row(name: str, session: Session | None = None) -> GatewayRow | None:
    """The gateway of this name."""
    return (session or db.session()).scalar(select(GatewayRow).where(GatewayRow.name == name))


def active_names() -> tuple[str, ...]:
    """The gateways that may be chosen."""
    return tuple(db.session.scalars(select(GatewayRow.name).where(GatewayRow.active).order_by(GatewayRow.name)))


def is_real(name: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether the gateway of this name hands SMS to people; one that is not known (any more) counts as such."""
    return name.not_in(_simulators())


def is_simulated(name: str) -> bool:
    """Whether SMS that go this way reach nobody."""
    return db.session.scalar(_simulators().where(GatewayRow.name == name)) is not None


def _simulators() -> Select[str]:
    return select(GatewayRow.name).where(GatewayRow.kind == SIMULATOR)
