"""The circuit breaker of each gateway, kept in its row: after several failures in a row nothing is tried for a while.

A window fails if nothing of it was taken or refused for good. While the breaker is open no worker claims for this
gateway. Then one window tries, of one campaign and one worker; if it fails, too, the while grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, bindparam, exists, select, update

from smsapp.delivery.models import Campaign
from smsapp.extensions import db, db_write
from smsapp.gateways.base import TOO_LATE, Accepted, AcceptedInPart, RefusedForGood, RefusedForNow, Result
from smsapp.gateways.models import GatewayRow

OPENS_AFTER: Final = 3
FIRST_WHILE: Final = timedelta(seconds=5)
LONGEST_WHILE: Final = timedelta(minutes=10)
TRIAL: Final = timedelta(seconds=60)
"""How long others wait for the one that tries; it may have been killed."""

_ANSWERS: Final = (Accepted, AcceptedInPart, RefusedForGood)
_FAILURES: Final = select(GatewayRow.failures).where(GatewayRow.name == bindparam("its_name"))
_OURS: Final = (RefusedForNow("lease_over"), TOO_LATE)


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether a worker may claim for a gateway, as one of many or as the one that tries."""

    given: bool
    trial: bool = False
    failures: int = 0


def ask(gateway: str, at: datetime) -> Permit:
    """Whether to claim for this gateway now."""
    columns = select(GatewayRow.failures, GatewayRow.open_until).where(GatewayRow.name == gateway)
    row = db.session.execute(columns).one_or_none()
    if row is None or row.open_until is None:
        return Permit(True, failures=row.failures if row else 0)
    if _still_open(row.open_until, at):
        return Permit(False)
    return Permit(_took_trial(gateway, row.open_until, at), trial=True, failures=row.failures)


def give_back(gateway: str, permit: Permit, at: datetime) -> None:
    """There was nothing to try with: somebody else may, at once."""
    if permit.trial:
        with db_write() as session:
            session.execute(update(GatewayRow).where(GatewayRow.name == gateway).values(open_until=at))


def learn(gateway: str, permit: Permit, results: Sequence[Result], at: datetime) -> None:
    """What a window's answers say about the gateway; one of which nothing was handed over says nothing."""
    told = [result for result in results if result not in _OURS]
    if any(isinstance(result, _ANSWERS) for result in told):
        if permit.failures or _failures(gateway):
            _write(gateway, 0, None, None)
    elif told:
        _failed(gateway, permit, getattr(told[0], "code", ""), at)
    else:
        give_back(gateway, permit, at)


def is_open(at: datetime) -> ColumnElement[bool]:
    """Whether a campaign waits for its gateway."""
    while_ = GatewayRow.open_until.between(at, at + LONGEST_WHILE)
    return exists().where(GatewayRow.name == Campaign.gateway, while_, GatewayRow.open_until > at)


def open_until(gateway: str, at: datetime) -> tuple[datetime, str] | None:
    """Until when nothing is tried, and why; None if SMS go."""
    columns = select(GatewayRow.open_until, GatewayRow.open_reason).where(GatewayRow.name == gateway)
    row = db.session.execute(columns).one_or_none()
    if row is None or row.open_until is None or not _still_open(row.open_until, at):
        return None
    return row.open_until, row.open_reason or ""


def _still_open(until: datetime, at: datetime) -> bool:
    """Nobody waits longer than the longest while, unless a clock was set back."""
    return at < until <= at + LONGEST_WHILE


def _took_trial(gateway: str, until: datetime, at: datetime) -> bool:
    """Whether it is we who try: the row is as it was when we looked."""
    seen = (GatewayRow.name == gateway, GatewayRow.open_until == until)
    with db_write() as session:
        taken = update(GatewayRow).where(*seen).values(open_until=at + TRIAL).returning(GatewayRow.id)
        return session.scalar(taken) is not None


def _failed(gateway: str, permit: Permit, code: str, at: datetime) -> None:
    """Count it; what fails beside the one that tries, or after others have counted since we asked, is the same."""
    with db_write() as session:
        row = session.scalar(select(GatewayRow).where(GatewayRow.name == gateway).with_for_update(key_share=True))
        if row is None or (not permit.trial and (row.open_until is not None or row.failures != permit.failures)):
            return
        row.failures += 1
        row.open_reason = code[:40]
        if row.failures >= OPENS_AFTER:
            row.open_until = at + _while(row.failures)


def _failures(gateway: str) -> int:
    """Counted since the permit was given, by an earlier window of it or by others."""
    return db.session.connection().scalar(_FAILURES, {"its_name": gateway}) or 0


def _while(failures: int) -> timedelta:
    doubled: int = 2 ** min(failures - OPENS_AFTER, 10)
    return min(LONGEST_WHILE, FIRST_WHILE * doubled)


def _write(gateway: str, failures: int, until: datetime | None, reason: str | None) -> None:
    values = {"failures": failures, "open_until": until, "open_reason": reason}
    with db_write() as session:
        session.execute(update(GatewayRow).where(GatewayRow.name == gateway).values(values))
