"""The database is held by somebody else in the middle of a send: nothing is lost or doubled."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import create_engine

from smsapp.extensions import db
from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double, later
from tests.faults.forge import WINDOW, Start, for_seconds, wait_until
from tests.faults.scale import LOCKED
from tests.sending import campaign_state, handed_over

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]


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
