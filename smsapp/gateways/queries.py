"""Reading the gateways."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db
from smsapp.gateways.models import GatewayRow
from smsapp.settings.models import SenderName
from smsapp.settings.queries import current_settings

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


def held(session: Session, name: str) -> str:
    """This name, once nobody can delete its gateway before the transaction ends; raises Conflict if somebody has.

    It holds up neither the workers, who note pace and failures in the row, nor other changes.
    """
    row = select(GatewayRow.name).where(GatewayRow.name == name).with_for_update(read=True, key_share=True)
    if session.scalar(row) is None:
        raise Conflict(_("The gateway “%(name)s” has just been deleted. Please try again.", name=name))
    return name


def is_real(name: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether the gateway of this name hands SMS to people; one that is not known (any more) counts as such."""
    return name.not_in(_simulators())


def sends_nothing() -> bool:
    """Whether whatever is confirmed now goes to a simulator, by any sender."""
    own = select(SenderName.gateway).where(SenderName.active, SenderName.gateway.is_not(None))
    ways = {current_settings().gateway, *db.session.scalars(own)}
    return ways <= set(db.session.scalars(_simulators()))


def get_gateway(gateway_id: int) -> GatewayRow:
    """This gateway; raises NotThere."""
    row = db.session.get(GatewayRow, gateway_id)
    if row is None:
        raise NotThere(_("This gateway does not exist or no longer exists."))
    return row


def _simulators() -> Select[str]:
    return select(GatewayRow.name).where(GatewayRow.kind == SIMULATOR)
