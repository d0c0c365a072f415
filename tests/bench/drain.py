"""Draining a send in windows, against one RQ job for each SMS with the same states, the same commits, the same code.

Both go through a real queue server and our worker, which does not fork. Enqueueing the many jobs is not counted.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from statistics import median
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from smsapp.delivery import claims, service
from smsapp.delivery.invariants import violations
from smsapp.delivery.models import Delivery
from smsapp.delivery.queries import route
from smsapp.delivery.waking import wake_drain
from smsapp.delivery.worker import AppWorker
from smsapp.extensions import db
from smsapp.gateways.registry import gateway
from smsapp.queue import SEND, queue
from tests import factories
from tests.bench.place import ROUNDS, Result, application, folder
from tests.sending import handed_over, simulate
from tests.servers import QueueServer

ONE_BY_ONE = 300
IN_WINDOWS = 3000
FASTER = 50

Sent = list[tuple[str, str, str, int, bool]]
_serial = count(1)


def bench(_contacts: int) -> list[Result]:
    """The number of contacts does not matter here: both are rates."""
    with ExitStack() as stack:
        path: Path = stack.enter_context(folder())
        server = stack.enter_context(closing(QueueServer()))
        server.start()
        app: Flask = stack.enter_context(application(path))
        server.use(app)
        factories.settings()
        simulate(rejected=0.01, silent=1.0)
        _check_they_do_the_same(app)
        return [_compared(app)]


def send_one(campaign_id: int) -> None:
    """The baseline's job: one SMS, claimed, marked, handed over, recorded."""
    way, owner = route(campaign_id), uuid4().hex
    assert way
    window = claims.begin(campaign_id, owner, claims.claim(campaign_id, owner, 1))
    messages = [held.outgoing(way.sender) for held in window.deliveries]
    answers = gateway(way.gateway).submit(messages)
    claims.record(window, {message.reference: result for message, result in answers})


def one_by_one(app: Flask, recipients: int) -> tuple[float, Sent]:
    """Seconds for each SMS, and what became of them."""

    def enqueue(campaign_id: int) -> None:
        for _ in range(recipients):
            queue(SEND).enqueue(send_one, campaign_id, result_ttl=0)

    return _timed(app, recipients, enqueue)


def in_windows(app: Flask, recipients: int) -> tuple[float, Sent]:
    """Seconds for each SMS, and what became of them."""
    return _timed(app, recipients, wake_drain)


def _timed(app: Flask, recipients: int, enqueue: Callable[[int], object]) -> tuple[float, Sent]:
    campaign = factories.campaign(recipients=recipients, name=f"Bench {next(_serial)}")
    before = len(handed_over())
    enqueue(campaign.id)
    begin = time.perf_counter()
    AppWorker(app, SEND).work(burst=True, logging_level="WARNING")
    seconds = (time.perf_counter() - begin) / recipients
    service.finish(campaign.id)
    sent = _sent(campaign.id)
    assert {state for _, _, state, _, _ in sent} == {"accepted", "rejected"}
    taken = [number for number, _, state, _, _ in sent if state == "accepted"]
    assert sorted(handed_over()[before:]) == sorted(taken)
    return seconds, sent


def _sent(campaign_id: int) -> Sent:
    db.session.rollback()
    statement = select(
        Delivery.number, Delivery.text, Delivery.state, Delivery.attempt, Delivery.gateway_ref.is_not(None)
    )
    rows = db.session.execute(statement.where(Delivery.campaign_id == campaign_id).order_by(Delivery.id))
    return [tuple(row) for row in rows]


def _check_they_do_the_same(app: Flask) -> None:
    _, one = one_by_one(app, ONE_BY_ONE)
    _, many = in_windows(app, ONE_BY_ONE)
    assert one == many, "the results differ"
    assert violations() == []


def _compared(app: Flask) -> Result:
    ones, manys = [], []
    for _ in range(ROUNDS):
        ones.append(one_by_one(app, ONE_BY_ONE)[0])
        manys.append(in_windows(app, IN_WINDOWS)[0])
    ratio = median(ones) / median(manys)
    return Result(
        "draining, by SMS",
        f"{1000 * median(manys):.3f} ms ({IN_WINDOWS} SMS)",
        f"{1000 * median(ones):.2f} ms (one job each, {ONE_BY_ONE} SMS)",
        f"{ratio:.0f} times faster",
        f"≥ {FASTER} times",
        ratio >= FASTER,
    )
