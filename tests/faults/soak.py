"""`python -m tests.faults.soak`: 20,000 SMS by SMPP while workers, sweep and queue server are killed at random.

Kills come for SOAK_SECONDS (300); then everything must come to its end, with none lost and none double by the witness.
"""

import logging
import os
import signal
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

from flask import Flask

from smsapp.delivery.invariants import violations
from smsapp.gateways.smpp.gateway import CALLS_PER_WINDOW
from tests import factories
from tests.bench.place import application
from tests.faults import forge
from tests.faults.aftermath import assert_none_lost_none_double, later
from tests.faults.forge import Forge, Forged, Start, starting, wait_until
from tests.faults.operator import Operator
from tests.sending import campaign_state, states
from tests.servers import QueueServer

SECONDS = float(os.environ.get("SOAK_SECONDS", "300"))
SMS = int(os.environ.get("SOAK_SMS", "20000"))
WINDOW = 10
ROLES = (("worker", "send"), ("worker", "send"), ("sweep",), ("receiver",))


def main() -> None:
    logging.disable(logging.WARNING)
    forge.PATIENCE = 600.0
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smsapp-soak-")))
        queue = stack.enter_context(closing(QueueServer()))
        queue.start()
        app: Flask = stack.enter_context(application(path))
        queue.use(app)
        operator = stack.enter_context(closing(Operator(path)))
        operator.order("latency", ms=100)
        factories.settings(gateway="smpp")
        factories.gateway(settings=operator.values(window=WINDOW, answer_seconds=5), password=None)
        env = {"SMSAPP_DATA": str(path), "REDIS_URL": queue.url, "FAULT_LEASE_SECONDS": "12"}
        env |= {"DATABASE_URL": app.extensions["smsapp_config"].database_url}
        env |= {"SMSAPP_GATEWAY_SMPP_PASSWORD": "geheim"}
        made = stack.enter_context(closing(Forge()))
        soak(stack.enter_context(starting(made, env)), operator, queue)


def soak(start: Start, operator: Operator, queue: QueueServer) -> None:
    dice, killed = Random(), 0
    sent = factories.campaign(recipients=SMS, gateway="smpp")
    running: list[Forged] = [start(*role) for role in ROLES]
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and campaign_state(sent.id) == "sending":
        time.sleep(dice.uniform(0.5, 4.0))
        place = dice.randrange(len(ROLES) + 1)
        if place == len(ROLES):
            queue.restart_empty()
            continue
        running[place].signal(signal.SIGKILL)
        running[place].wait()
        running[place] = start(*ROLES[place])
        killed += ROLES[place] == ("worker", "send")
    print(f"{killed} workers killed; {states(sent.id)}")
    wait_until(lambda: campaign_state(sent.id) in {"handed_over", "closed"}, "everything is handed over")
    assert {each.stop() for each in running} == {0}
    later()
    assert_none_lost_none_double(sent.id, operator.taken(), killed * WINDOW * CALLS_PER_WINDOW)
    assert violations() == []
    print(f"none lost, none double: {states(sent.id)}")


if __name__ == "__main__":
    main()
