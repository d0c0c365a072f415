"""Moving deliveries from state to state in SQL, and the quota with them in the same transaction (I6)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Row,
    SQLColumnExpression,
    Table,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from smsapp.delivery.models import Campaign, CampaignEvent, Delivery
from smsapp.delivery.states import (
    HELD,
    CampaignState,
    Effect,
    State,
    campaign_states_before,
    check,
    quota_effect,
)
from smsapp.quota import service as quota
from smsapp.settings.models import Settings
from smsapp.types import UtcDateTime

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
DELIVERY: Final = cast(Table, Delivery.__table__)
CAMPAIGN: Final = cast(Table, Campaign.__table__)


def moment_param(name: str) -> BindParameter[datetime]:
    """A moment that is a parameter of a statement which is kept."""
    return bindparam(name, type_=UtcDateTime())


class Books:
    """What the moves of one transaction charge and return; `post` makes one ledger entry per campaign and kind.

    It comes last in a transaction: the account is one row that all sends share.
    """

    def __init__(self) -> None:
        self._sums: Counter[tuple[int, Effect]] = Counter()

    def add(self, campaign_id: int, before: State, after: State, billed: int) -> None:
        """Count one delivery's move."""
        self._sums[campaign_id, quota_effect(before, after)] += billed

    def post(self, session: Session, user_id: int | None = None, reason: str = "") -> None:
        """Move the quota."""
        for (campaign_id, effect), messages in sorted(self._sums.items(), key=str):
            if effect is Effect.CHARGE and messages:
                quota.charge(session, messages, campaign_id)
            elif effect is Effect.GIVE_BACK and messages:
                quota.give_back(session, messages, campaign_id, user_id, reason)
        self._sums.clear()


@dataclass(frozen=True, slots=True)
class Move:
    """A statement that moves deliveries from `before` to `after`; its parameter `at` is the moment."""

    before: State
    after: State
    statement: Executable

    def run(self, session: Session, books: Books, **values: Any) -> Sequence[Row[Any]]:
        """Move those that fit; who they are, by id."""
        moved = sorted(session.connection().execute(self.statement, values).all(), key=lambda row: row.id)
        for row in moved:
            books.add(row.campaign_id, self.before, self.after, row.billed)
        return moved


def moving(
    before: State,
    after: State,
    *where: ColumnElement[bool],
    limit: SQLColumnExpression[int] | None = None,
    also_return: Sequence[SQLColumnExpression[Any]] = (),
    values: Mapping[str, Any] = NOTHING,
) -> Move:
    """The move of the deliveries that are in `before` and fit `where`, the lowest ids first.

    Compare and swap: whoever was faster keeps them. With a limit, rows that another worker is just claiming are
    passed over; without, they are waited for. Columns that belong to the state left behind are cleared.
    To make such a statement takes longer than to run it: who moves often keeps it.
    """
    check(before, after)
    chosen = select(Delivery.id).where(Delivery.state == before, *where).order_by(Delivery.id)
    chosen = chosen.limit(limit).with_for_update(skip_locked=limit is not None)
    named = chosen.cte("chosen")  # a CTE with a lock runs once; a subquery could run again and exceed the limit
    statement = (
        update(DELIVERY)
        .where(Delivery.id.in_(select(named.c.id)), Delivery.state == before)
        .values(columns_of(before, after, moment_param("at")) | dict(values))
        .returning(Delivery.id, Delivery.campaign_id, Delivery.billed, *also_return)
    )
    return Move(before, after, statement)


def move(
    session: Session,
    books: Books,
    before: State,
    after: State,
    *where: ColumnElement[bool],
    at: datetime,
    also_return: Sequence[SQLColumnExpression[Any]] = (),
    values: Mapping[str, Any] = NOTHING,
) -> Sequence[Row[Any]]:
    """Move the deliveries that are in `before` and fit `where`, as `moving` says; those moved, by id."""
    return moving(before, after, *where, also_return=also_return, values=values).run(session, books, at=at)


def columns_of(before: State, after: State, at: datetime | SQLColumnExpression[datetime]) -> dict[str, Any]:
    """What every move sets: owner and lease only while held, `accepted_at` exactly when it is charged."""
    columns: dict[str, Any] = {"state": after, "changed_at": at, "reason": None, "not_before": None}
    if after not in HELD:
        columns |= {"owner": None, "lease_until": None}
    if quota_effect(before, after) is Effect.CHARGE:
        columns["accepted_at"] = at
    return columns


def move_campaign(
    session: Session,
    after: CampaignState,
    *where: ColumnElement[bool],
    at: datetime,
    user_id: int | None = None,
    kind: str | None = None,
    values: Mapping[str, Any] = NOTHING,
) -> list[int]:
    """Move the campaigns that fit `where` and may go there, and note the event; the ids of those moved.

    Locks each campaign's row: it comes before the deliveries' and the account's in every transaction, and lets others
    refer to the row (a ledger entry does), or a hand-over being recorded would be in its way. What fits is
    decided once more under the lock: on PostgreSQL a statement that had to wait for it does not see what others
    did to the deliveries meanwhile.
    """
    fits = (Campaign.state.in_(sorted(campaign_states_before(after))), *where)
    candidates = select(Campaign.id).where(*fits).order_by(Campaign.id).with_for_update(key_share=True)
    locked = list(session.scalars(candidates))
    if not locked:
        return []
    statement = (
        update(CAMPAIGN).where(Campaign.id.in_(locked), *fits).values({"state": after, **values}).returning(Campaign.id)
    )
    moved = sorted(session.scalars(statement))
    session.add_all(CampaignEvent(campaign_id=id_, at=at, kind=kind or after, user_id=user_id) for id_ in moved)
    return moved


def still_sending(session: Session, campaign_id: int, at: datetime) -> bool | None:
    """None unless the campaign is being sent, in time; else whether its first answers are still watched.

    Notes that a worker is at it, and locks it against pause and cancel. Switching the module off pauses every
    campaign; should one be sending nevertheless, it sends nothing.
    """
    watched: bool | None = session.connection().scalar(_still_sending(), {"its_id": campaign_id, "at": at})
    return watched


@cache
def _still_sending() -> Executable:
    at = moment_param("at")
    in_time = or_(Campaign.deadline.is_(None), Campaign.deadline > at)
    module_on = exists().where(Settings.id == 1, Settings.module_on)
    sending = (Campaign.id == bindparam("its_id"), Campaign.state == CampaignState.SENDING)
    return update(CAMPAIGN).where(*sending, in_time, module_on).values(woken_at=at).returning(Campaign.watched)
