"""The sweep: a plain loop on the database that finds what was forgotten, whoever was killed and whenever (I5).

Each step is a conditional change, so two sweeps at once do no harm, and a step that finds nothing writes nothing.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, exists, or_, select, update

from smsapp.clock import now
from smsapp.delivery import heartbeats, receipts, service
from smsapp.delivery.breaker import is_open
from smsapp.delivery.claims import LEASE
from smsapp.delivery.limits import expire_overdue
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.moves import Books, move, move_campaign
from smsapp.delivery.queries import is_due
from smsapp.delivery.states import FINAL, CampaignState, State
from smsapp.delivery.waking import wake_workers
from smsapp.extensions import db, db_write
from smsapp.gateways.registry import receipt_sources
from smsapp.queue import SEND, queue
from smsapp.stop import Stop

EVERY_SECONDS: Final = 1.0
RARELY_SECONDS: Final = 60.0
WAKE_AGAIN: Final = timedelta(seconds=3)
"""An empty queue has lost, or used up, a wake-up call that is older than this."""
WAKE_AGAIN_IN_TURN: Final = timedelta(seconds=60)
"""While others wait in the queue, the call may be among them."""
MANY_JOBS: Final = 50
VALIDITY: Final = timedelta(hours=24)
"""How long an operator tries to deliver."""
NO_RECEIPT_AFTER: Final = VALIDITY + timedelta(hours=24)
CLOSED_AFTER: Final = timedelta(hours=72)
RECEIPTS_AT_ONCE: Final = 500

log = logging.getLogger(__name__)

Step = Callable[[datetime], object]


def run(app: Flask, end: Stop, others: tuple[Step, ...] = ()) -> None:
    """Sweep every second until `end`, also by steps of others; what is slow to come true, every minute.

    How long that is, is told by a clock that nobody sets.
    """
    name = heartbeats.own_name("sweep")
    rarely = _Every(RARELY_SECONDS)
    beating = _Every(heartbeats.EVERY_SECONDS)
    while not end.is_set():
        at = now()
        steps = OFTEN + others + (RARE if rarely.is_due() else ())
        with app.app_context():
            failed = sum(not _tried(step, at) for step in steps)
            if not failed and beating.is_due():
                _tried(lambda at: heartbeats.beat(name, at), at)
        end.wait(EVERY_SECONDS)


class _Every:
    """Due at once, and again so many seconds after it was due last."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic()

    def is_due(self) -> bool:
        moment = time.monotonic()
        if moment < self._next:
            return False
        self._next = moment + self._seconds
        return True


def sweep_once(at: datetime | None = None) -> None:
    """Every step once, as if it were this moment; the first error ends it."""
    at = at or now()
    for step in RARE + OFTEN:
        step(at)


def end_leases(at: datetime) -> None:
    """Take deliveries from workers that are gone: what was claimed waits again, what was begun is unknown (I4).

    A lease cannot end far in the future unless a clock was set back; its worker may be gone as well as not, and if
    not it finds them taken (`claims`).
    """
    over = ~Delivery.lease_until.between(at, at + 2 * LEASE)
    if db.session.scalar(select(Delivery.id).where(over).limit(1)) is None:
        return
    with db_write() as session:
        move(session, Books(), State.CLAIMED, State.QUEUED, over, at=at)
    with db_write() as session:
        move(session, Books(), State.SUBMITTING, State.UNKNOWN, over, at=at, values={"reason": "lease_over"})


def take_receipts(at: datetime) -> None:
    """Fetch what gateways have for us; they forget a receipt only after it is stored."""
    for name, source in receipt_sources():
        while due := source.due_receipts(at, RECEIPTS_AT_ONCE):
            receipts.store(name, due)
            source.forget(due)


def miss_receipts(at: datetime) -> None:
    """Stop waiting for receipts that are long overdue."""
    since = at - NO_RECEIPT_AFTER
    still_open = select(Campaign.id).where(Campaign.closed_at.is_(None), Campaign.starts_at <= since)
    where = (Delivery.campaign_id.in_(still_open), Delivery.accepted_at <= since)
    with db_write() as session:
        move(session, Books(), State.ACCEPTED, State.NO_RECEIPT, *where, at=at)


def close(at: datetime) -> None:
    """Close campaigns of which nothing more is expected, or which are 72 hours old."""
    open_states = sorted(set(State) - FINAL)
    all_final = ~exists().where(Delivery.campaign_id == Campaign.id, Delivery.state.in_(open_states))
    since = at - CLOSED_AFTER
    handed_over = Campaign.state == CampaignState.HANDED_OVER
    cancelled = Campaign.state == CampaignState.CANCELLED
    with db_write() as session:
        over = or_(all_final, Campaign.handed_over_at <= since)
        move_campaign(session, CampaignState.CLOSED, handed_over, over, at=at, values={"closed_at": at})
        over = or_(all_final, Campaign.starts_at <= since)
        done = update(Campaign).where(cancelled, Campaign.closed_at.is_(None), over).values(closed_at=at)
        session.execute(done.execution_options(synchronize_session=False))


def wake_forgotten(at: datetime) -> None:
    """Wake a worker for each campaign with something due that nobody was asked to send, or worked at, lately."""
    patience = _patience()
    if patience is None:
        return
    work = exists().where(Delivery.campaign_id == Campaign.id, is_due(at))
    lately = Campaign.woken_at.between(at - patience, at + WAKE_AGAIN_IN_TURN)  # later: a clock was set back
    forgotten = or_(Campaign.woken_at.is_(None), ~lately)
    for campaign_id in _mark_woken(at, Campaign.state == CampaignState.SENDING, ~is_open(at), forgotten, work):
        wake_workers(campaign_id)


def _patience() -> timedelta | None:
    """How old a wake-up call must be to be repeated; None while the queue is away or has enough to do."""
    try:
        jobs = queue(SEND).count
    except RedisError:
        return None
    if jobs >= MANY_JOBS:
        return None
    return WAKE_AGAIN_IN_TURN if jobs else WAKE_AGAIN


def _mark_woken(at: datetime, *where: ColumnElement[bool]) -> list[int]:
    statement = update(Campaign).where(*where).values(woken_at=at).returning(Campaign.id)
    with db_write() as session:
        return sorted(session.scalars(statement.execution_options(synchronize_session=False)))


def _finish(at: datetime) -> None:
    service.finish(at=at)


def _tried(step: Step, at: datetime) -> bool:
    try:
        step(at)
    except Exception:  # the last resort of all sends must not end because one step cannot be done now
        log.exception("A step of the sweep failed.")
        return False
    return True


OFTEN: Final[tuple[Step, ...]] = (
    service.start_due,
    end_leases,
    take_receipts,
    receipts.apply_stored,
    expire_overdue,
    _finish,
    close,
    wake_forgotten,
)
RARE: Final[tuple[Step, ...]] = (miss_receipts, receipts.forget_unmatched, heartbeats.forget_old)
