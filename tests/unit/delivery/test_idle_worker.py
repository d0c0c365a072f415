"""A worker lets go of gateways that were switched off, and outlives a database that is away and a wiped queue."""

from typing import Any

import pytest
from flask import Flask
from rq.exceptions import StopRequested
from sqlalchemy import event, update
from sqlalchemy.exc import OperationalError

from smsapp.delivery import jobs
from smsapp.delivery.waking import wake_drain
from smsapp.delivery.worker import AppWorker
from smsapp.extensions import db, db_write
from smsapp.gateways import registry
from smsapp.gateways.models import GatewayRow
from smsapp.queue import SEND, connection
from tests import factories
from tests.servers import QueueServer


def test_it_ends_the_connection_to_a_gateway_that_is_switched_off(app: Flask, queue_server: QueueServer) -> None:
    queue_server.use(app)
    factories.gateway(settings={"host": "smpp.example", "system_id": "kurzpost"})
    closed: list[str] = []
    registry.gateway("smpp").close = lambda: closed.append("smpp")  # type: ignore[attr-defined]
    worker = AppWorker(app, SEND)
    worker.heartbeat()
    assert closed == []
    with db_write() as session:
        session.execute(update(GatewayRow).filter_by(name="smpp").values(active=False))
    worker.heartbeat()
    assert closed == ["smpp"]


def test_it_outlives_a_database_that_is_away(app: Flask, queue_server: QueueServer) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("SELECT", {}, OSError("the disk is gone"))

    queue_server.use(app)
    worker = AppWorker(app, SEND)
    event.listen(db.engine, "before_cursor_execute", fail)
    worker.heartbeat()
    event.remove(db.engine, "before_cursor_execute", fail)


def test_a_queue_that_was_wiped_meanwhile_is_no_fault_of_the_job(
    app: Flask, queue_server: QueueServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue_server.use(app)
    monkeypatch.setattr(jobs, "drain", lambda _campaign_id: connection().flushall())
    monkeypatch.setattr(AppWorker, "_install_signal_handlers", lambda _: None)
    wake_drain(1)
    AppWorker(app, SEND).work(burst=True, logging_level="WARNING")
    assert "has lost a job that was at work" in caplog.text
    assert "Traceback" not in caplog.text


def test_told_to_end_while_it_reads_the_gateways_it_reads_them_to_the_end(
    app: Flask, queue_server: QueueServer
) -> None:
    """A statement broken off in its middle leaves a connection that cannot even be rolled back."""
    read: list[str] = []

    def told(*_: Any) -> None:
        worker.end()

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        read.append(statement)

    queue_server.use(app)
    worker = AppWorker(app, SEND)
    event.listen(db.engine, "before_cursor_execute", told)
    event.listen(db.engine, "after_cursor_execute", count)
    with pytest.raises(StopRequested):
        worker.dequeue_job_and_maintain_ttl(1)
    event.remove(db.engine, "before_cursor_execute", told)
    event.remove(db.engine, "after_cursor_execute", count)
    assert "FROM gateway" in read[-1]
