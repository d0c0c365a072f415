"""Safeguards of the send taken out on purpose: the tests must notice each (`test_mutations`).

FAULT_MUTATION names one; it is a plugin of pytest, and the processes of the fault tests apply it, too.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.delivery import claims
from smsapp.delivery.claims import Held, Window
from smsapp.delivery.models import Delivery
from smsapp.delivery.moves import DELIVERY
from smsapp.delivery.states import State
from smsapp.gateways.base import Result


def no_fence() -> None:
    """What a worker writes names neither owner nor attempt any more, only the delivery and its state."""

    def still_submitting(session: Session, window: Window) -> set[tuple[int, int]]:
        ids = {held.id: held.attempt for held in window.deliveries}
        statement = select(Delivery.id).where(Delivery.id.in_(ids), Delivery.state == State.SUBMITTING)
        return {(each, ids[each]) for each in session.scalars(statement)}

    def write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
        fields = [{key: value for key, value in row.items() if key not in ("its_owner", "its_attempt")} for row in rows]
        if fields:
            session.connection().execute(update(DELIVERY).where(Delivery.id == bindparam("its_id")), fields)

    claims._still_submitting = still_submitting
    claims._write = write


def no_mark() -> None:
    """`submitting` is not committed before the first byte: it is written with the results."""
    begin, record = claims.begin, claims.record

    def hold(campaign_id: int, owner: str, claimed: Sequence[Held]) -> Window:
        marked = [replace(held, attempt=held.attempt + 1) for held in claimed]
        return Window(campaign_id, owner, now() + claims.LEASE, time.monotonic() + 50, marked)

    def mark_and_record(window: Window, results: Mapping[str, Result]) -> None:
        begin(window.campaign_id, window.owner, window.deliveries)
        record(window, results)

    claims.begin, claims.record = hold, mark_and_record


def no_last_look() -> None:
    """The lease is not looked at again right before the first byte."""
    Window.runs = lambda _: True  # type: ignore[method-assign]


MUTATIONS: dict[str, Callable[[], None]] = {f.__name__: f for f in (no_fence, no_mark, no_last_look)}


def apply() -> None:
    """Take out what FAULT_MUTATION names, if it names something."""
    if name := os.environ.get("FAULT_MUTATION"):
        MUTATIONS[name]()


def pytest_configure() -> None:
    apply()
