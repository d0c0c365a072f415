"""Signs of life: a row for each process, written every few seconds."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from smsapp.clock import now
from smsapp.delivery.models import Heartbeat
from smsapp.extensions import db, db_write

EVERY_SECONDS = 5.0
KEPT = timedelta(days=1)
ALIVE_FOR = timedelta(seconds=30)

log = logging.getLogger(__name__)


def own_name(kind: str) -> str:
    """The kind of this process, and which one it is."""
    return f"{kind}@{socket.gethostname()[:30]}-{os.getpid()}"


def beat(name: str, at: datetime | None = None) -> None:
    """Say that this process is alive."""
    with db_write() as session:
        session.merge(Heartbeat(name=name, at=at or now()))


def living(kind: str) -> int:
    """How many processes of this kind were alive lately."""
    recent = Heartbeat.at > now() - ALIVE_FOR
    return db.session.scalar(select(func.count()).where(Heartbeat.name.startswith(f"{kind}@"), recent)) or 0


def forget(name: str) -> None:
    """This process ends on purpose."""
    with db_write() as session:
        session.execute(delete(Heartbeat).where(Heartbeat.name == name))


def forget_old(at: datetime) -> None:
    """Drop the rows of processes that ended long ago without a word."""
    with db_write() as session:
        session.execute(delete(Heartbeat).where(Heartbeat.at < at - KEPT))


@contextmanager
def beating(app: Flask, kind: str) -> Iterator[None]:
    """Beat from a thread of its own, whatever the process is busy with."""
    name, end = own_name(kind), Event()
    thread = Thread(target=_beat_until, args=(app, name, end), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
        with app.app_context():
            forget(name)


def _beat_until(app: Flask, name: str, end: Event) -> None:
    while not end.is_set():
        try:
            with app.app_context():
                beat(name)
        except SQLAlchemyError:
            log.exception("The heartbeat could not be written; trying again.")
        end.wait(EVERY_SECONDS)
