"""Writing the gateways; each function is one transaction. Passwords go in, and never out again."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.errors import AppError, Conflict, NotThere, refuse_stale
from smsapp.extensions import db_write
from smsapp.gateways import secret_box
from smsapp.gateways.models import GatewayRow
from smsapp.gateways.reading import Reader
from smsapp.gateways.registry import KINDS, settings_of
from smsapp.settings.models import SenderName, Settings

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,18}[A-Za-z0-9])?", re.ASCII)
LEAST_RATE, MOST_RATE = 0.01, 10_000.0


@dataclass(frozen=True, slots=True)
class GatewayData:
    """What was entered. No password means: the stored one stays."""

    settings: Mapping[str, str]
    rate: str = ""
    password: str = field(default="", repr=False)


class NameProblem(AppError):
    """The name cannot be, or is taken."""


def create(name: str, kind: str, data: GatewayData) -> int:
    """A new gateway, active at once; its id. Raises NameProblem and Unusable."""
    if kind not in KINDS:
        raise NotThere(_("There are no gateways of this kind."))
    if not _NAME.fullmatch(name):
        raise NameProblem(_("Please enter 1 to 20 letters without accents, digits, spaces, - or _."))
    with db_write() as session:
        _refuse_taken(session, name)
        row = GatewayRow(name=name, kind=kind)
        _fill(row, data)
        session.add(row)
        session.flush()
        return row.id


def change(gateway_id: int, data: GatewayData, seen: datetime | None = None) -> str:
    """Other settings from now on; workers and receiver follow within seconds. The name. Raises Unusable and Changed."""
    with db_write() as session:
        row = _locked(session, gateway_id)
        refuse_stale(row.updated_at, seen)
        _fill(row, data)
        _is_changed(row)
        return row.name


def activate(gateway_id: int) -> str:
    """It may be used again; the name. Raises Unusable."""
    with db_write() as session:
        row = _locked(session, gateway_id)
        settings_of(row)
        row.active = True
        _is_changed(row)
        return row.name


def deactivate(gateway_id: int, pause: Callable[[Session, str], object]) -> str:
    """No SMS go this way any more; the name. What new sends would take cannot be switched off.

    In the same transaction `pause` holds what is on its way there.
    """
    with db_write() as session:
        row = _locked(session, gateway_id)
        _refuse_needed(session, row.name)
        row.active = False
        _is_changed(row)
        session.flush()
        pause(session, row.name)
        return row.name


def delete(gateway_id: int, is_used: Callable[[Session, str], bool]) -> str:
    """Delete a gateway that nothing was sent or received by; the name. `is_used` looks in the same transaction."""
    with db_write() as session:
        row = _locked(session, gateway_id, to_delete=True)
        _refuse_needed(session, row.name)
        if is_used(session, row.name):
            raise Conflict(_("“%(name)s” has been used and stays. Deactivate it instead.", name=row.name))
        session.delete(row)
        return row.name


def set_ways(default: str, senders: Mapping[int, str]) -> None:
    """Which way the sends that are confirmed from now on go: in general, and by sender name ("": as in general)."""
    with db_write() as session:
        active = set(session.scalars(select(GatewayRow.name).where(GatewayRow.active).with_for_update(read=True)))
        if default not in active or not set(senders.values()) <= active | {""}:
            raise AppError(_("Please choose a gateway that is active."))
        session.get_one(Settings, 1).gateway = default
        for sender in session.scalars(select(SenderName).where(SenderName.id.in_(senders))):
            sender.gateway = senders[sender.id] or None


def _fill(row: GatewayRow, data: GatewayData) -> None:
    row.settings = {name: value for name, value in data.settings.items() if value}
    row.rate = Reader({"rate": data.rate}).decimal("rate", LEAST_RATE, MOST_RATE) if data.rate else None
    if data.password:
        row.password = secret_box.encrypt(data.password)
    settings_of(row)  # whatever it complains about must not be stored


def _is_changed(row: GatewayRow) -> None:
    row.version += 1
    row.updated_at = now()
    row.failures, row.open_until, row.open_reason = 0, None, None


def _locked(session: Session, gateway_id: int, to_delete: bool = False) -> GatewayRow:
    """A send that is being launched (`held`) is waited for by who would delete its gateway, and by nobody else."""
    which = select(GatewayRow).where(GatewayRow.id == gateway_id)
    row = session.scalar(which.with_for_update(key_share=not to_delete))
    if row is None:
        raise NotThere(_("This gateway does not exist or no longer exists."))
    return row


def _refuse_taken(session: Session, name: str) -> None:
    """Each has a variable of its own for its password, so "A b" and "a-B" cannot both be."""
    taken = {secret_box.variable(each) for each in session.scalars(select(GatewayRow.name))}
    if secret_box.variable(name) in taken:
        raise NameProblem(_("There is already a gateway of this name, or of one too much like it."))


def _refuse_needed(session: Session, name: str) -> None:
    if session.get_one(Settings, 1, with_for_update={"read": True}).gateway == name:
        raise Conflict(_("“%(name)s” is the default gateway. Choose another one first.", name=name))
    if session.scalar(select(func.count()).select_from(SenderName).where(SenderName.gateway == name)):
        raise Conflict(_("Sender names use “%(name)s”. Choose another gateway for them first.", name=name))
