"""The only place that moves quota: each movement changes the account and adds a ledger entry, together.

Every change is one conditional UPDATE, so that no two processes can spend the same message, and the entry
holds the balances that this very UPDATE left behind (I6). The campaign's movements take the open session of
the transaction that moves the deliveries; granting and correcting are transactions of their own.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from sqlalchemy import Executable, Integer, Table, bindparam, insert, or_, update
from sqlalchemy.orm import Session

from smsapp.errors import AppError, Conflict
from smsapp.extensions import db_write
from smsapp.quota.models import LedgerEntry, QuotaAccount
from smsapp.quota.queries import available_messages, balances
from smsapp.quota.words import missing_sentence

ACCOUNT: Final = 1
ACCOUNTS: Final = cast(Table, QuotaAccount.__table__)
ENTRIES: Final = cast(Table, LedgerEntry.__table__)
GAIN, LOSE = 1, -1
FLOWS: Final[Mapping[str, Mapping[str, int]]] = {
    "reserve": {"available": LOSE, "reserved": GAIN},
    "charge": {"reserved": LOSE, "spent": GAIN},
    "return": {"reserved": LOSE, "available": GAIN},
    "grant": {"available": GAIN, "granted": GAIN},
    "correct": {"available": GAIN, "granted": GAIN},
}
"""Which balances a kind of movement changes, and how."""
MAX_MESSAGES = 100_000_000
MAX_GRANTED = 2_000_000_000
"""What the account holds in all: with one movement more it still fits the database's whole numbers."""
MAX_REASON = 200


class QuotaTooSmall(Conflict):
    """There are fewer messages available than a send needs."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(missing_sentence(needed, available))
        self.needed = needed
        self.available = available


class QuotaBooksBroken(RuntimeError):
    """More should leave `reserved` than is in it: a fault of ours, and the transaction must not commit."""


def reserve(session: Session, messages: int, campaign_id: int, user_id: int | None) -> None:
    """Take messages from `available` for a campaign, all of them or none: raises QuotaTooSmall."""
    if not _move(session, "reserve", messages, campaign_id, user_id):
        raise QuotaTooSmall(messages, available_messages(session))


def charge(session: Session, messages: int, campaign_id: int) -> None:
    """Reserved messages are spent: their SMS were handed over."""
    if not _move(session, "charge", messages, campaign_id):
        raise QuotaBooksBroken(f"campaign {campaign_id} charges {messages} messages that are not reserved")


def give_back(session: Session, messages: int, campaign_id: int, user_id: int | None = None, reason: str = "") -> None:
    """Reserved messages are available again: their SMS will not be sent. `reason` is a code."""
    if not _move(session, "return", messages, campaign_id, user_id, reason):
        raise QuotaBooksBroken(f"campaign {campaign_id} returns {messages} messages that are not reserved")


def grant(messages: int, reason: str, user_id: int | None) -> None:
    """Add messages to the quota, for a reason that the ledger keeps."""
    _check_number(messages, at_least=1)
    reason = _checked_reason(reason)
    with db_write() as session:
        if not _move(session, "grant", messages, None, user_id, reason):
            raise Conflict(_room(balances(session).granted))


def correct(messages: int, reason: str, user_id: int | None) -> None:
    """Raise or lower the quota by this many messages; downwards at most by what is available."""
    _check_number(messages, at_least=-MAX_MESSAGES)
    reason = _checked_reason(reason)
    with db_write() as session:
        if not _move(session, "correct", messages, None, user_id, reason):
            account = balances(session)
            raise Conflict(_room(account.granted) if messages > 0 else _at_most(account.available))


def _move(
    session: Session,
    kind: str,
    messages: int,
    campaign_id: int | None,
    user_id: int | None = None,
    reason: str = "",
) -> bool:
    """Change the balances and add the entry; whether it was done: none may fall below zero or rise too high."""
    if messages == 0 or (messages < 0 and kind != "correct"):
        raise ValueError(f"{messages} messages cannot be moved as {kind}")
    after = session.execute(_moving(kind), {"messages": messages}).one_or_none()
    if after is None:
        return False
    entry: dict[str, Any] = {**after._mapping, "kind": kind, "messages": messages, "reason": reason}
    session.execute(insert(ENTRIES).values(**entry, campaign_id=campaign_id, user_id=user_id))
    return True


@cache
def _moving(kind: str) -> Executable:
    """Kept, as a send charges many times a second."""
    moved = bindparam("messages", type_=Integer)
    after = {name: ACCOUNTS.c[name] + sign * moved for name, sign in FLOWS[kind].items()}
    possible = [balance >= 0 for balance in after.values()]
    if "granted" in after:
        possible.append(or_(moved < 0, after["granted"] <= MAX_GRANTED))
    kept = (ACCOUNTS.c.available, ACCOUNTS.c.reserved, ACCOUNTS.c.spent)
    return update(ACCOUNTS).where(ACCOUNTS.c.id == ACCOUNT, *possible).values(after).returning(*kept)


def _check_number(messages: int, at_least: int) -> None:
    if messages == 0 and at_least < 0:
        raise AppError(str(_("Please enter a sensible number of messages.")))
    if not at_least <= messages <= MAX_MESSAGES:
        least, most = format_decimal(at_least), format_decimal(MAX_MESSAGES)
        raise AppError(str(_("Please enter a whole number from %(least)s to %(most)s.", least=least, most=most)))


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise AppError(str(_("Please give a reason of at most %(count)s characters.", count=MAX_REASON)))
    return reason


def _at_most(available: int) -> str:
    return str(
        ngettext(
            "At most %(count)s message can be taken away; the others are reserved or spent.",
            "At most %(count)s messages can be taken away; the others are reserved or spent.",
            available,
            count=format_decimal(available),
        )
    )


def _room(granted: int) -> str:
    room = max(MAX_GRANTED - granted, 0)
    return str(
        ngettext(
            "At most %(count)s more message can be granted; %(most)s in total are the limit.",
            "At most %(count)s more messages can be granted; %(most)s in total are the limit.",
            room,
            count=format_decimal(room),
            most=format_decimal(MAX_GRANTED),
        )
    )
