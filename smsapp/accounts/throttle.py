"""Slowing down those who guess passwords: counted by login and by address, in the database that all processes share.

An attempt counts before its password is looked at, so that many at once are no way around. While a count is closed
nothing is looked at and nothing counted, so it opens by itself. A stranger who fails on purpose shuts out only browsers
in which the person has never logged in: those in which they have (`device`) are counted on their own.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from smsapp.accounts.models import FailedLogin
from smsapp.folding import fold
from smsapp.types import UtcDateTime

FIRST_DELAY: Final = timedelta(minutes=1)
LONGEST_DELAY: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
FREE_BY_LOGIN: Final = 5
FREE_BY_ADDRESS: Final = 20  # several people may share one


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that failures are counted by; `free` of them cost no waiting. `own` ones end with a success."""

    key: str
    free: int
    own: bool = True


def counts(login: str, address: str, device: str | None) -> Sequence[Count]:
    """What an attempt is counted by: the device that the person has used before, else login and address."""
    if device:
        return [Count(_key("device", device), FREE_BY_LOGIN)]
    by_login = Count(_key("login", fold(login.strip())), FREE_BY_LOGIN)
    return [by_login, Count(_key("address", _network(address)), FREE_BY_ADDRESS, own=False)]


def own_password_count(user_id: int) -> Sequence[Count]:
    """By what the old password is counted when somebody who is logged in changes it."""
    return [Count(_key("user", str(user_id)), FREE_BY_LOGIN)]


def delay(failures: int, free: int) -> timedelta:
    """How long nobody may try after so many failures: 1, 2, 4, 8, then 15 minutes."""
    if failures < free:
        return timedelta()
    return min(FIRST_DELAY * (1 << min(failures - free, 10)), LONGEST_DELAY)


def begin(session: Session, by: Sequence[Count], at: datetime) -> timedelta | None:
    """Count an attempt as failed; or the time to wait, and then it must not be made."""
    session.execute(delete(FailedLogin).where(FailedLogin.at < at - FORGOTTEN_AFTER))
    rows = _locked(session, by, at)
    wait = max((row.closed_until - at for row in rows if row.closed_until), default=timedelta())
    if wait > timedelta():
        return wait
    for row, count in zip(rows, by, strict=True):
        row.failures += 1
        pause = delay(row.failures, count.free)
        row.at, row.closed_until = at, at + pause if pause else None
    return None


def succeed(session: Session, by: Sequence[Count], at: datetime) -> None:
    """The attempt was none that failed: forget the person's own failures, and this one of the address."""
    for row, count in zip(_locked(session, by, at), by, strict=True):
        row.failures = 0 if count.own else max(row.failures - 1, 0)
        row.closed_until = None


def _locked(session: Session, by: Sequence[Count], at: datetime) -> list[FailedLogin]:
    """A row for each count, held until the transaction ends; in one order, so that nobody waits in a ring."""
    for key in sorted(count.key for count in by):
        session.execute(_ENSURE, {"key": key, "at": at})
    statement = select(FailedLogin).where(FailedLogin.key.in_([count.key for count in by])).order_by(FailedLogin.key)
    rows = {row.key: row for row in session.scalars(statement.with_for_update())}
    return [rows[count.key] for count in by]


_ENSURE = text(
    "INSERT INTO failed_login (key, failures, at) VALUES (:key, 0, :at) ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("at", type_=UtcDateTime))


def _key(kind: str, value: str) -> str:
    """Hashed: people type passwords into the field for the login."""
    return f"{kind}:{hashlib.sha256(value.encode(errors='surrogatepass')).hexdigest()}"


def _network(address: str) -> str:
    """The address; of IPv6 the network, since one person has all its addresses."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
