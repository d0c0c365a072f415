"""`python -m tests.faults.soak`: 20,000 SMS by SMPP while workers, sweep and queue server are killed at random.

Kills come for SOAK_SECONDS (300), and the operator takes its time so that the SMS last as long; then everything must
come to its end, with none lost and none double by the witness.
"""

import logging
import math
import os
import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

from flask import Flask

from smsapp.delivery.invariants import violations
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
SENDER = ("worker", "send")
ROLES = (SENDER, SENDER, ("sweep",), ("receiver",))
LATENCY = SECONDS / SMS * ROLES.count(SENDER) * WINDOW
"""Seconds for an answer: with as many, workers that nobody kills need just the time that there is."""


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
        operator.order("latency", ms=round(1000 * LATENCY))
        factories.settings(gateway="smpp")
        factories.gateway(settings=operator.values(window=WINDOW, answer_seconds=5 + math.ceil(LATENCY)), password=None)
        env = {"SMSAPP_DATA": str(path), "REDIS_URL": queue.url, "FAULT_LEASE_SECONDS": "12"}
        env |= {"DATABASE_URL": app.extensions["smsapp_config"].database_url}
        env |= {"SMSAPP_GATEWAY_SMPP_PASSWORD": "geheim"}
        made = stack.enter_context(closing(Forge()))
        soak(stack.enter_context(starting(made, env)), operator, queue)


def soak(start: Start, operator: Operator, queue: QueueServer) -> None:
    sent = factories.campaign(recipients=SMS, gateway="smpp")
    running: list[Forged] = [start(*role) for role in ROLES]
    killed = kill_for_a_while(start, running, queue)
    assert campaign_state(sent.id) == "sending", "it was over before the kills were"
    bound = killed[" ".join(SENDER)] * WINDOW
    print(f"{SECONDS:.0f} seconds, killed: {dict(killed)}; {states(sent.id)}", flush=True)
    operator.order("latency", ms=0)
    wait_until(lambda: campaign_state(sent.id) in {"handed_over", "closed"}, "everything is handed over")
    assert {each.stop() for each in running} == {0}
    later()
    assert_none_lost_none_double(sent.id, operator.taken(), bound)
    assert violations() == []
    unknown = states(sent.id).get("unknown", 0)
    print(f"{SMS} SMS, none lost, none double, I1-I8 hold; {unknown} unknown of at most {bound}: {states(sent.id)}")


def kill_for_a_while(start: Start, running: list[Forged], queue: QueueServer) -> Counter[str]:
    """Kill one after the other, and start it again; how many of each."""
    dice, killed = Random(), Counter[str]()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        time.sleep(dice.uniform(0.5, 4.0))
        place = dice.randrange(len(ROLES) + 1)
        if place == len(ROLES):
            queue.restart_empty()
            killed["queue"] += 1
            continue
        running[place].signal(signal.SIGKILL)
        running[place].wait()
        running[place] = start(*ROLES[place])
        killed[" ".join(ROLES[place])] += 1
    return killed


if __name__ == "__main__":
    main()
