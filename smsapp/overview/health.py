"""Whether everything that a send needs is alive, and how much waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from smsapp.clock import now
from smsapp.delivery.heartbeats import ALIVE_FOR, living
from smsapp.delivery.models import Campaign, Delivery, ForgottenReceipts, Heartbeat, Receipt
from smsapp.delivery.states import CampaignState, State
from smsapp.extensions import db
from smsapp.queue import BACKGROUND, SEND, connection, queue

RATE, RATES = timedelta(minutes=1), timedelta(minutes=5)
CHUNK = timedelta(minutes=1)  # within which a worker says anew that it is at a send


@dataclass(frozen=True, slots=True)
class Load:
    """How much waits, and how much went out.

    `jobs` are those of both queues, None while the queue is away; `oldest` of the SMS; `loose_receipts` found none.
    """

    jobs: int | None
    sms: int
    messages: int
    oldest: datetime | None
    loose_receipts: int
    last_minute: int
    last_minutes: int


def health() -> dict[str, bool]:
    """For each part, whether it was alive within the last half minute."""
    database = _database_answers()
    return {
        "database": database,
        "queue": _queue_answers(),
        "worker": database and worker_is_running(),
        "sweep": database and living("sweep") > 0,
    }


def worker_is_running(name: str = SEND) -> bool:
    """Whether a worker of the queue of this name was alive lately."""
    return living(f"worker {name}") > 0


def load() -> Load:
    """What waits to be handed over in sends that are being sent, and what the processes were asked to do."""
    totals = select(func.count(), func.coalesce(func.sum(Delivery.billed), 0), func.min(Delivery.changed_at))
    sending = select(Campaign.id).where(Campaign.state == CampaignState.SENDING)
    waiting = totals.where(Delivery.campaign_id.in_(sending), Delivery.state == State.QUEUED)
    sms, messages, oldest = db.session.execute(waiting).one()
    loose = select(func.count()).select_from(Receipt).where(Receipt.applied_at.is_(None))
    forgotten = select(func.sum(ForgottenReceipts.receipts))
    loose_receipts = (db.session.scalar(loose) or 0) + (db.session.scalar(forgotten) or 0)
    rates = (handed_over_within(RATE), handed_over_within(RATES))
    return Load(_jobs(), sms, int(messages), oldest, loose_receipts, *rates)


def handed_over_within(time: timedelta) -> int:
    """How many SMS gateways have taken within this time; only sends that a worker was at so lately are looked at."""
    since = now() - time
    lately = select(Campaign.id).where(Campaign.woken_at >= since - CHUNK)
    taken = select(func.count()).select_from(Delivery)
    return db.session.scalar(taken.where(Delivery.campaign_id.in_(lately), Delivery.accepted_at >= since)) or 0


def processes() -> Sequence[Heartbeat]:
    """Every process that was seen within the last day, those seen last first."""
    return db.session.scalars(select(Heartbeat).order_by(Heartbeat.at.desc(), Heartbeat.name)).all()


def is_alive(beat: Heartbeat) -> bool:
    """Whether the process was seen within the last half minute."""
    return beat.at > now() - ALIVE_FOR


def _jobs() -> int | None:
    try:
        return queue(SEND).count + queue(BACKGROUND).count
    except RedisError:
        return None


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _queue_answers() -> bool:
    try:
        return bool(connection().ping())
    except RedisError:
        return False
