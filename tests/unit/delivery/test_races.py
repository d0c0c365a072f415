"""What PostgreSQL lets happen at once: one transaction is held right before its commit until the other waits for it.

SQLite has one writer at a time, so none of this can happen there.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, get_ident
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from smsapp.campaigns.confirmation import confirm
from smsapp.campaigns.launch import launch
from smsapp.campaigns.order import Composed
from smsapp.clock import now
from smsapp.delivery import claims, receipts, service, sweep
from smsapp.delivery.models import Campaign
from smsapp.errors import AppError
from smsapp.extensions import db, db_write
from smsapp.gateways.base import Accepted, Incoming, Unknown
from smsapp.settings.models import Settings
from smsapp.settings.service import switch_off
from tests import factories
from tests.sending import campaign_state, simulate, states

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("invariants_hold")]

PATIENCE = 20


@pytest.fixture(autouse=True)
def ready(postgres_app: Flask) -> None:
    factories.settings(undo_seconds=0)
    simulate(silent=1.0)


def race(
    app: Flask, first: Callable[[], object], second: Callable[[], object], before: str = "COMMIT"
) -> tuple[object, object]:
    """`first` writes and is held before its commit (or such a statement); `second` begins, and ends or waits; then both
    go on.

    Returns what each returned, or the AppError that it raised.
    """
    with ThreadPoolExecutor(2) as pool, _held_before(before) as (hold, written, go):
        one = pool.submit(_run, app, lambda: (hold(), first())[1])
        _until(lambda: written.is_set() or one.done())
        other = pool.submit(_run, app, second)
        _until(lambda: other.done() or _somebody_waits())
        go.set()
        return one.result(PATIENCE), other.result(PATIENCE)


@contextmanager
def _held_before(what: str) -> Iterator[tuple[Callable[[], object], Event, Event]]:
    written, go = Event(), Event()
    held: list[int] = []

    def wait(*_details: Any) -> None:
        if held == [get_ident()]:
            written.set()
            assert go.wait(PATIENCE)

    def look(_connection: Any, _cursor: Any, statement: str, *_details: Any) -> None:
        if statement.startswith(what):
            wait()

    moment, listener = ("commit", wait) if what == "COMMIT" else ("before_cursor_execute", look)
    event.listen(db.engine, moment, listener)
    try:
        yield lambda: held.append(get_ident()), written, go
    finally:
        go.set()
        event.remove(db.engine, moment, listener)


def _run(app: Flask, work: Callable[[], object]) -> object:
    with app.app_context():
        try:
            return work()
        except AppError as error:
            return error


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _somebody_waits() -> bool:
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    with db.engine.connect() as connection:
        return connection.scalar(text(waiting)) is not None


def off() -> None:
    switch_off(service.pause_all)


def running() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Campaign.state)))


def confirmed() -> Callable[[], object]:
    """What "Ja" does after a confirmation."""
    factories.contact(mobile="+49 171 1234567")
    factories.quota(10)
    composed, user = Composed(factories.audience().id, "Hallo"), factories.user()
    token = confirm(composed, "0" * 32, user.id).token
    db.session.rollback()
    return lambda: launch(composed, token, user.id)


def unknown() -> int:
    """A delivery of a send of which nothing else is left, and whose end nobody has noted yet."""
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    claims.record(window, {held.reference: Unknown("connection_lost") for held in window.deliveries})
    return window.deliveries[0].id


def test_no_send_is_launched_while_the_module_is_switched_off(postgres_app: Flask) -> None:
    _, launched = race(postgres_app, off, confirmed())
    assert isinstance(launched, AppError)
    assert running() == []


def test_a_send_launched_before_the_module_is_off_is_paused(postgres_app: Flask) -> None:
    race(postgres_app, confirmed(), off)
    assert running() == ["paused"]


def test_no_send_goes_on_while_the_module_is_switched_off(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(state="paused"), factories.user()
    _, resumed = race(postgres_app, off, lambda: service.resume(campaign.id, user.id))
    assert isinstance(resumed, AppError)
    assert running() == ["paused"]


def test_a_send_resumed_before_the_module_is_off_is_paused_again(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(state="paused"), factories.user()
    race(postgres_app, lambda: service.resume(campaign.id, user.id), off)
    assert running() == ["paused"]


def test_nothing_is_sent_again_while_the_module_is_switched_off(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    service.finish()
    race(postgres_app, off, lambda: service.settle({delivery_id: 1}, "queued", user.id))
    assert running() == ["handed_over"]


def test_no_worker_claims_or_begins_while_the_module_is_off() -> None:
    campaign = factories.campaign(recipients=2)
    claimed = claims.claim(campaign.id, "w", 1)
    with db_write() as session:
        session.get_one(Settings, 1).module_on = False
    assert claims.begin(campaign.id, "w", claimed).deliveries == []
    assert claims.claim(campaign.id, "w", 2) == []


def test_a_send_is_not_handed_over_while_a_person_sends_one_again(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    race(postgres_app, lambda: service.settle({delivery_id: 1}, "queued", user.id), service.finish)
    assert running() == ["sending"]


def test_a_send_that_was_handed_over_goes_on_when_a_person_sends_one_again(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    race(postgres_app, service.finish, lambda: service.settle({delivery_id: 1}, "queued", user.id))
    assert running() == ["sending"]


def test_a_send_that_is_just_closing_goes_on_when_a_person_sends_one_again(postgres_app: Flask) -> None:
    delivery_id, user = unknown(), factories.user()
    service.finish()
    later = now() + sweep.CLOSED_AFTER + timedelta(hours=1)
    race(postgres_app, lambda: sweep.close(later), lambda: service.settle({delivery_id: 1}, "queued", user.id))
    assert running() == ["sending"]


def test_a_receipt_that_another_move_overtook_is_applied_all_the_same(postgres_app: Flask) -> None:
    campaign = factories.campaign(recipients=1)
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 1))
    claims.record(window, {held.reference: Accepted("r0") for held in window.deliveries})
    receipts.store("simulator", [Incoming("r0", None, "delivered", None, "raw")])
    later = now() + sweep.NO_RECEIPT_AFTER + timedelta(minutes=1)
    race(postgres_app, lambda: sweep.miss_receipts(later), receipts.apply_stored)
    assert states(campaign.id) == {"delivered": 1}


def test_who_is_just_released_is_cancelled_with_the_rest(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=3), factories.user()
    claims.claim(campaign.id, "w", 3)
    later = now() + claims.LEASE + timedelta(seconds=1)
    race(postgres_app, lambda: sweep.end_leases(later), lambda: service.cancel_rest(campaign.id, user.id))
    assert states(campaign.id) == {"cancelled": 3}
    assert campaign_state(campaign.id) == "cancelled"


def test_who_is_just_put_back_is_cancelled_with_the_rest(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=3), factories.user()
    claims.claim(campaign.id, "w", 3)
    race(postgres_app, lambda: claims.release(campaign.id, "w"), lambda: service.cancel_rest(campaign.id, user.id))
    assert states(campaign.id) == {"cancelled": 3}


def test_cancelling_the_rest_and_recording_a_hand_over_do_not_wait_for_each_other(postgres_app: Flask) -> None:
    campaign, user = factories.campaign(recipients=4), factories.user()
    window = claims.begin(campaign.id, "w", claims.claim(campaign.id, "w", 2))
    taken = {held.reference: Accepted(f"g{held.reference}") for held in window.deliveries}
    db.session.rollback()
    race(
        postgres_app,
        lambda: service.cancel_rest(campaign.id, user.id),
        lambda: claims.record(window, taken),
        before="WITH chosen",
    )
    assert states(campaign.id) == {"accepted": 2, "cancelled": 2}
