"""Receipts: stored as they came, committed, and only then applied (I8).

One that overtook the answer to its own hand-over finds no delivery yet and is looked at again for 72 hours. One that
is forged, doubled, late or out of order finds nothing that it may move. Quota moves only with a delivery that was
unknown: it leaves the reserved ones, because the receipt proves that it was taken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, func, or_, select, union, update
from sqlalchemy.orm import Session, aliased

from smsapp.clock import now
from smsapp.delivery.models import Campaign, Delivery, DeliveryPart, ForgottenReceipts, Receipt
from smsapp.delivery.moves import Books, move
from smsapp.delivery.states import NOT_HANDED_OVER, RECEIPT_MOVES_FROM, RECEIPT_STATES, State, receipt_moves
from smsapp.extensions import db, db_write, insert_new
from smsapp.gateways.base import WAITS_AT_GATEWAY, Incoming, parse_attempt_reference

BATCH = 500
KEPT = timedelta(hours=72)
"""How long a receipt that finds no delivery is looked at again; afterwards it is forgotten, and only counted."""

_SAME_GATEWAY = and_(Campaign.id == Delivery.campaign_id, Campaign.gateway == Receipt.gateway)
_ARRIVED = State.DELIVERED


def store(gateway: str, incoming: Sequence[Incoming]) -> None:
    """Keep receipts of this gateway; what is known already stays as it is. Committed when this returns."""
    if not incoming:
        return
    rows = [_row(gateway, receipt, now()) for receipt in incoming]
    with db_write() as session:
        session.execute(insert_new(session, Receipt), rows)


def apply_stored(at: datetime | None = None) -> int:
    """Apply all receipts that have found their delivery; how many."""
    at = at or now()
    applied = 0
    while db.session.scalar(_matched(at).limit(1)) is not None:
        with db_write() as session:
            applied += _apply_batch(session, at)
    db.session.rollback()
    return applied


def unmatched(at: datetime | None = None) -> int:
    """How many receipts have not found a delivery in 72 hours, and never will."""
    kept = db.session.scalar(select(func.count()).select_from(Receipt).where(_belongs_to_nothing(at or now()))) or 0
    return kept + (db.session.scalar(select(func.sum(ForgottenReceipts.receipts))) or 0)


def forget_unmatched(at: datetime) -> None:
    """Drop them and keep their number, by gateway."""
    if db.session.scalar(select(Receipt.id).where(_belongs_to_nothing(at)).limit(1)) is None:
        return
    with db_write() as session:
        dropped = delete(Receipt).where(_belongs_to_nothing(at)).returning(Receipt.gateway)
        for gateway, count in sorted(Counter(session.scalars(dropped)).items()):
            row = ForgottenReceipts(gateway=gateway, receipts=0)
            known = session.get(ForgottenReceipts, gateway, with_for_update=True) or row
            known.receipts += count
            session.add(known)


def _belongs_to_nothing(at: datetime) -> ColumnElement[bool]:
    """Kept in vain; one about a part of a long SMS waits for those of the other parts, and is none of these."""
    of_part = exists().where(DeliveryPart.reference == Receipt.reference)
    return and_(Receipt.applied_at.is_(None), Receipt.received_at < at - KEPT, ~of_part)


def _row(gateway: str, receipt: Incoming, at: datetime) -> dict[str, Any]:
    delivery_id, attempt = parse_attempt_reference(receipt.attempt_reference) or (None, None)
    return {
        "gateway": gateway,
        "reference": storable(receipt.reference, 80),
        "delivery_id": delivery_id,
        "attempt": attempt,
        "state": storable(receipt.state, 20),
        "reason": receipt.reason and storable(receipt.reason, 40),
        "raw": storable(receipt.raw, 4000),
        "received_at": at,
    }


def storable(text: str, length: int) -> str:
    """Whatever a stranger wrote, so that any database takes it."""
    return text.replace("\0", "").encode(errors="replace").decode()[:length]


def _matched(at: datetime) -> Select[*tuple[Any, ...]]:
    """Receipts not yet applied with the delivery that each one means, if its hand-over is recorded."""
    by_reference = _found(at).join(Delivery, Delivery.gateway_ref == Receipt.reference)
    echoed = and_(Delivery.id == Receipt.delivery_id, Delivery.attempt == Receipt.attempt)
    ways = by_reference, _found(at).join(Delivery, echoed), _found_by_part(at)
    found = union(*(way.join(Campaign, _SAME_GATEWAY) for way in ways)).subquery()
    return select(found).order_by(found.c.receipt_id)


def _found_by_part(at: datetime) -> Select[*tuple[Any, ...]]:
    """By a part of a long SMS, which failed if one of them did and is delivered once all are."""
    other, told = aliased(DeliveryPart), aliased(Receipt)
    arrived = exists().where(told.gateway == Receipt.gateway, told.reference == other.reference, told.state == _ARRIVED)
    missing = exists().where(
        other.delivery_id == DeliveryPart.delivery_id, other.attempt == DeliveryPart.attempt, ~arrived
    )
    means_all = or_(Receipt.state != _ARRIVED, ~missing, Delivery.state.not_in(sorted(RECEIPT_MOVES_FROM)))
    its_own = and_(Delivery.id == DeliveryPart.delivery_id, Delivery.attempt == DeliveryPart.attempt)
    by_part = _found(at).join(DeliveryPart, DeliveryPart.reference == Receipt.reference)
    return by_part.join(Delivery, its_own).where(means_all)


def _found(at: datetime) -> Select[*tuple[Any, ...]]:
    """Receipts that wait, with the delivery that a join adds."""
    return (
        select(
            Receipt.id.label("receipt_id"),
            Receipt.state.label("said"),
            Receipt.reason,
            Delivery.id.label("delivery_id"),
            Delivery.state.label("before"),
        )
        .select_from(Receipt)
        .where(
            Receipt.applied_at.is_(None), Receipt.received_at >= at - KEPT, Receipt.state.in_(sorted(RECEIPT_STATES))
        )
        .where(Delivery.state.not_in(sorted(NOT_HANDED_OVER)))
    )


def _apply_batch(session: Session, at: datetime) -> int:
    """Apply the next receipts; a delivery that somebody else moved in this moment keeps its receipts for later."""
    found = session.execute(_matched(at).limit(BATCH)).all()
    books = Books()
    states = {row.delivery_id: State(row.before) for row in found}
    for (before, said, reason), ids in sorted(_moves(found).items(), key=str):
        rows = move(session, books, before, said, Delivery.id.in_(ids), at=at, values={"reason": reason})
        states |= {row.id: said for row in rows}
    books.post(session)
    _forget_waiting(session, found)
    waiting = {row.receipt_id for row in found if receipt_moves(states[row.delivery_id], State(row.said))}
    applied = {row.receipt_id for row in found} - waiting
    done = update(Receipt).where(Receipt.id.in_(applied)).values(applied_at=at)
    session.execute(done.execution_options(synchronize_session=False))
    return len(applied)


def _forget_waiting(session: Session, found: Iterable[Row[Any]]) -> None:
    """The operator has it by now: it does not wait at a gateway in between any more."""
    taken = [row.delivery_id for row in found if row.said == State.ACCEPTED]
    waits = (Delivery.id.in_(taken), Delivery.state == State.ACCEPTED, Delivery.reason == WAITS_AT_GATEWAY)
    if taken:
        session.execute(update(Delivery).where(*waits).values(reason=None).execution_options(synchronize_session=False))


def _moves(found: Iterable[Row[Any]]) -> dict[tuple[State, State, str | None], list[int]]:
    """Which deliveries go from where to where: of several receipts that move one delivery the first counts."""
    moves = defaultdict(list)
    seen = set()
    for row in found:
        before, said = State(row.before), State(row.said)
        if row.delivery_id not in seen and receipt_moves(before, said):
            moves[before, said, row.reason].append(row.delivery_id)
            seen.add(row.delivery_id)
    return moves
