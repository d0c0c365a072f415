"""The whole path of a send by SMPP: claim, mark, hand over, record; by real workers to an operator on a socket.

Compared with a bare loop of smpplib that keeps nothing, with a Celery task for each SMS, and two workers with one.
All have the same operator and as many SMS without an answer; its log must be the same for all. The clock runs from the
first SMS that it takes until the last one is recorded.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from smpplib.client import Client
from sqlalchemy import event, func, select

from smsapp.delivery import sending
from smsapp.delivery.heartbeats import living
from smsapp.delivery.invariants import violations
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.waking import wake_workers
from smsapp.extensions import WRITE_OPTION, db
from smsapp.gateways.smpp.fields import RECEIPT_WANTED, validity_period
from smsapp.gateways.smpp.gateway import Smpp
from tests import factories
from tests.bench.place import ROUNDS, Result, application, folder
from tests.faults.forge import ROOT, Forge, Forged, starting, wait_until
from tests.faults.operator import Operator
from tests.sending import campaign_state, states, use_gateway
from tests.servers import QueueServer

WINDOW = 30
"""Operators grant 10 to 100. Ours marks one window at once, and what a killed worker leaves unknown is at most that."""
SLOW = 20
"""The operator's answer time in milliseconds."""
COUNTS = {"ours": {0: 6000, SLOW: 2500}, "bare": {0: 6000, SLOW: 2500}, "celery": {0: 300, SLOW: 300}}
LEAST = {0: 0.3, SLOW: 0.8}
THAN_CELERY, BY_TWO = 5.0, 1.6
_serial = count(1)


def bench(_contacts: int) -> list[Result]:
    """The number of contacts does not matter here: all are rates."""
    with ExitStack() as stack:
        place = _Place(stack)
        rates: dict[tuple[str, int], list[float]] = {}
        ways: dict[tuple[str, int], Callable[[int], float]] = {}
        for ms in LEAST:
            ways |= {("ours", ms): place.ours, ("bare", ms): place.bare, ("celery", ms): place.celery}
        ways["two", SLOW] = lambda ms: place.ours(ms, workers=2)
        for _ in range(ROUNDS):
            for (name, ms), way in ways.items():
                rates.setdefault((name, ms), []).append(way(ms))
        assert violations() == []
        commits = place.commits()
    return _results({key: median(found) for key, found in rates.items()}, commits)


class _Place:
    """An application with one gateway, the operator behind it, and the processes that send."""

    def __init__(self, stack: ExitStack) -> None:
        path: Path = stack.enter_context(folder())
        self.queue = stack.enter_context(closing(QueueServer()))
        self.queue.start()
        self.app: Flask = stack.enter_context(application(path))
        self.queue.use(self.app)
        self.operator = stack.enter_context(closing(Operator(path)))
        self.forge = stack.enter_context(closing(Forge()))
        factories.settings(gateway="smpp")
        factories.gateway(settings=self.operator.values(window=WINDOW, answer_seconds=10), password=None)
        url = self.app.extensions["smsapp_config"].database_url
        self.env = {"SMSAPP_DATA": str(path), "DATABASE_URL": url, "REDIS_URL": self.queue.url}
        self.env |= {"SMSAPP_GATEWAY_SMPP_PASSWORD": "geheim"}
        self.env |= {"BENCH_BROKER": f"redis+socket://{self.queue.socket}"}
        self._expected: dict[int, list[Any]] = {}

    def ours(self, ms: int, workers: int = 1) -> float:
        """SMS a second by so many workers of ours."""
        campaign, before = self._campaign("ours", ms, workers), self._taken()
        with starting(self.forge, self.env) as start:
            processes: list[Forged] = [start() for _ in range(workers)]
            wait_until(lambda: _workers() == workers, "the workers are there")
            wake_workers(campaign.id)
            wait_until(lambda: campaign_state(campaign.id) == "handed_over", "all are handed over")
            for each in processes:
                each.stop()
        return self._rate(campaign, before)

    def celery(self, ms: int) -> float:
        """SMS a second by a Celery worker with as many threads as SMS without an answer."""
        campaign, before = self._campaign("celery", ms), self._taken()
        for _ in range(campaign.recipients):
            self._send_by_celery(campaign.id)
        with self._celery_worker() as worker:
            while states(campaign.id) != {"accepted": campaign.recipients}:
                assert worker.poll() is None, "the Celery worker has ended"
                time.sleep(0.1)
        return self._rate(campaign, before)

    def bare(self, ms: int) -> float:
        """SMS a second by a loop that keeps nothing."""
        self.operator.order("latency", ms=ms)
        number, before = COUNTS["bare"][ms], self._taken()
        begun = bare_loop(self.operator.port, number)
        seconds = time.time() - begun
        self._check(before, number)
        return number / seconds

    def commits(self) -> float:
        """How many transactions that write one SMS takes, its share of them."""
        campaign, found = self._campaign("ours", 0), count()

        @event.listens_for(db.engine, "commit")
        def committed(connection: Any) -> None:
            if connection.get_execution_options().get(WRITE_OPTION):
                next(found)

        with closing(Smpp(self.operator.settings(window=WINDOW))) as gateway:
            use_gateway(gateway, "smpp")
            sending.drain(campaign.id, seconds=600)
        event.remove(db.engine, "commit", committed)
        assert states(campaign.id) == {"accepted": campaign.recipients}
        return next(found) / campaign.recipients

    def _campaign(self, way: str, ms: int, workers: int = 1) -> Campaign:
        self.operator.order("latency", ms=ms)
        name = f"Bench {next(_serial)}"
        return factories.campaign(recipients=COUNTS[way][ms] * workers, name=name, gateway="smpp")

    def _taken(self) -> int:
        return int(self.operator.order("taken"))

    def _rate(self, campaign: Campaign, before: int) -> float:
        first = self._check(before, campaign.recipients)
        db.session.rollback()
        last = db.session.scalar(select(func.max(Delivery.changed_at)).where(Delivery.campaign_id == campaign.id))
        assert last
        return campaign.recipients / (last.timestamp() - first)

    def _check(self, before: int, number: int) -> float:
        """The operator took the same as from the others; when the first."""
        seen = self.operator.seen("taken")[before:]
        fields = ("source_addr", "destination_addr", "text", "data_coding", "registered_delivery")
        found = sorted([each[field] for field in fields] for each in seen)
        assert found == self._expected.setdefault(number, found), "the results differ"
        assert len(found) == number
        return float(seen[0]["at"]) / 1000

    def _send_by_celery(self, campaign_id: int) -> None:
        if not hasattr(self, "_producer"):
            from celery import Celery

            self._producer = Celery("bench", broker=self.env["BENCH_BROKER"])
        self._producer.send_task("tests.bench.tasks.send_one", (campaign_id,))

    @contextmanager
    def _celery_worker(self) -> Iterator[subprocess.Popen[bytes]]:
        argv = [sys.executable, "-m", "celery", "-A", "tests.bench.tasks", "worker", "--pool", "threads"]
        argv += ["--concurrency", str(WINDOW), "--loglevel", "ERROR", "--without-gossip", "--without-mingle"]
        env = {**os.environ, "PYTHONWARNINGS": "ignore", **self.env}  # it warns of root
        with subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as worker:
            try:
                yield worker
            finally:
                worker.send_signal(signal.SIGTERM)
                worker.wait(60)


def _workers() -> int:
    db.session.rollback()
    return living("worker send")


def bare_loop(port: int, number: int) -> float:
    """Send so many with a window, as smpplib's users do; the time of the first."""
    client = Client("127.0.0.1", port, allow_unknown_opt_params=True)
    answers: list[Any] = []
    client.set_message_sent_handler(lambda pdu: answers.append(pdu))
    client.connect()
    client.bind_transmitter(system_id="kurzpost", password="geheim")
    validity, sent, begun = validity_period(timedelta(hours=24)), 0, time.time()
    while len(answers) < number:
        while sent < number and sent - len(answers) < WINDOW:
            client.send_message(
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr="358457396000",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=f"4917155{sent:06}",
                short_message=f"Hallo! {sent}".encode(),
                validity_period=validity,
                registered_delivery=RECEIPT_WANTED,
            )
            sent += 1
        client.read_once()
    client.unbind()
    client.disconnect()
    return begun


def _results(rates: dict[tuple[str, int], float], commits: float) -> list[Result]:
    found = [
        _compared(f"SMS by SMPP, answers after {ms} ms", rates["ours", ms], rates["bare", ms], "bare smpplib", least)
        for ms, least in LEAST.items()
    ]
    found += [
        _compared(f"the same, {ms} ms", rates["ours", ms], rates["celery", ms], "a Celery task each", THAN_CELERY)
        for ms in LEAST
    ]
    found.append(_compared(f"two workers, {SLOW} ms", rates["two", SLOW], rates["ours", SLOW], "one", BY_TWO))
    return [*found, Result("commits for each SMS", f"{commits:.3f}", "", "", "", True)]


def _compared(what: str, ours: float, others: float, name: str, least: float) -> Result:
    ratio = ours / others
    return Result(
        what, f"{ours:.0f} a second", f"{others:.0f} ({name})", f"{ratio:.2f} times", f"≥ {least} times", ratio >= least
    )
