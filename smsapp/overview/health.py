"""Whether everything that a send needs is alive."""

from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from smsapp.clock import now
from smsapp.delivery.models import Heartbeat
from smsapp.extensions import db
from smsapp.queue import connection

ALIVE_FOR = timedelta(seconds=30)
PARTS = ("database", "queue", "worker", "sweep")


def health() -> dict[str, bool]:
    """For each part, whether it was alive within the last half minute."""
    database = _database_answers()
    beats = _recent_heartbeats() if database else set()
    return {
        "database": database,
        "queue": _queue_answers(),
        "worker": "worker send" in beats,
        "sweep": "sweep" in beats,
    }


def worker_is_running(queue: str = "send") -> bool:
    """Whether a worker of this queue was alive lately."""
    return f"worker {queue}" in _recent_heartbeats()


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


def _recent_heartbeats() -> set[str]:
    """The kinds of process seen lately; a heartbeat's name is its kind, "@" and which one it is."""
    names = db.session.scalars(select(Heartbeat.name).where(Heartbeat.at > now() - ALIVE_FOR))
    return {name.partition("@")[0] for name in names}
