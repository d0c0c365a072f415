"""What becomes known of a delivery outside the ordinary path, kept, and what it moves."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from smsapp.delivery.models import Delivery, DeliveryPart, Evidence
from smsapp.delivery.moves import Books, move
from smsapp.delivery.outcomes import settling
from smsapp.delivery.states import State
from smsapp.gateways.base import Result

LATE_RESULT = "late_result"
DECISION = "decision"


def take_late_results(
    session: Session, books: Books, owner: str, late: Sequence[tuple[int, int, Result]], at: datetime
) -> None:
    """Keep what a worker learned about deliveries (id, attempt) that it had lost; it moves unknown ones forward.

    Only an answer that settles the matter does: "refused for now" is kept, and left to a person.
    """
    for delivery_id, attempt, result in late:
        detail = {"result": type(result).__name__, **asdict(result)}
        keep(session, delivery_id, attempt, LATE_RESULT, detail, at=at, owner=owner)
        found = settling(result)
        if found:
            where = (Delivery.id == delivery_id, Delivery.attempt == attempt)
            values = {"reason": found.reason, "gateway_ref": found.gateway_ref}
            if move(session, books, State.UNKNOWN, found.state, *where, at=at, values=values):
                keep_parts(session, delivery_id, attempt, found.parts)


def keep_parts(session: Session, delivery_id: int, attempt: int, references: Sequence[str]) -> None:
    """Remember what the parts of a long SMS are called, so that their receipts find it."""
    session.add_all(
        DeliveryPart(delivery_id=delivery_id, attempt=attempt, number=number, reference=reference)
        for number, reference in enumerate(references, 1)
    )


def keep(
    session: Session,
    delivery_id: int,
    attempt: int,
    kind: str,
    detail: dict[str, Any],
    *,
    at: datetime,
    owner: str | None = None,
    user_id: int | None = None,
) -> None:
    """Store one piece of evidence."""
    session.add(
        Evidence(
            delivery_id=delivery_id, attempt=attempt, kind=kind, detail=detail, at=at, owner=owner, user_id=user_id
        )
    )
