"""The database is held by somebody else, or its disk is full, in the middle of a send: nothing is lost or doubled."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer

import pytest
from flask import Flask
from sqlalchemy import create_engine

from smsapp.extensions import db
from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double, later
from tests.faults.forge import WINDOW, Forged, Start, wait_until
from tests.faults.operator import Operator
from tests.faults.scale import LOCKED
from tests.sending import campaign_state, handed_over

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]

FULL = 1.5
"""Seconds; less than a worker tries to record what it knows."""


@contextmanager
def held() -> Iterator[None]:
    """Nobody else writes meanwhile."""
    db.session.rollback()
    engine = create_engine(db.engine.url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE campaign, delivery, quota_account IN EXCLUSIVE MODE")
        yield
        connection.rollback()
    engine.dispose()


def for_seconds(seconds: float) -> None:
    passed = Event()
    Timer(seconds, passed.set).start()
    assert passed.wait(seconds + 30)


def test_a_database_that_somebody_holds_delays_a_send(app: Flask, start: Start) -> None:
    campaign = factories.campaign(recipients=300)
    later()
    worker = start(latency_ms=2, silent=1)
    wait_until(lambda: len(handed_over()) > WINDOW, "it is sending")
    with held():
        for_seconds(LOCKED)
        assert len(handed_over()) < 300
    wait_until(lambda: campaign_state(campaign.id) == "handed_over", "everything is handed over")
    assert worker.stop() == 0
    assert_none_lost_none_double(campaign.id, handed_over(), 0)


def limit_files(process: Forged, size: int) -> None:
    """As a full disk would, this lets no file of the process grow beyond this size."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.usefixtures("smpp_env")
def test_a_full_disk_delays_a_send(start: Start, operator: Operator) -> None:
    """SQLite's, which the worker and the sweep write themselves; a server's disk is not theirs."""
    room = 4096 if db.engine.dialect.name == "sqlite" else resource.RLIM_INFINITY
    operator.order("latency", ms=20)
    campaign = factories.campaign(recipients=1500, gateway="smpp")
    later()
    processes = start(), start("sweep")
    wait_until(lambda: len(operator.taken()) > WINDOW, "it is sending")
    for process in processes:
        limit_files(process, room)
    for_seconds(FULL)
    assert len(operator.taken()) < 1500
    for process in processes:
        limit_files(process, resource.RLIM_INFINITY)
    wait_until(lambda: campaign_state(campaign.id) == "handed_over", "everything is handed over")
    assert [process.stop() for process in processes] == [0, 0]
    assert_none_lost_none_double(campaign.id, operator.taken(), 0)
