"""Real processes of the product that die at a chosen step; run as a program by the fault tests.

It imports the product once and forks a child for each process, which saves seconds each. A child runs one of our
commands, in which functions of the product are followed by a SIGKILL of the own process: no product code knows about
it. Orders are lines of JSON on standard input: {"start": ["worker", "send"], "step": STEP, "kill": N, "env": {...}}
answers with a process id, {"ended": ID} with how that process ended, or null while it lives. The N-th kill at a step
comes a little later than the one before. FAULT_LEASE_SECONDS in its environment makes leases shorter, FAULT_MUTATION
takes a safeguard out.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import psycopg as psycopg  # so that no child has to load it
from flask import Flask

from smsapp import application as application  # likewise
from smsapp.cli import main
from smsapp.contacts.importing import work
from smsapp.delivery import claims, receipts, sending, service, sweep
from smsapp.gateways.simulator import Simulator
from smsapp.gateways.smpp.session import Session
from smsapp.quota import service as quota
from tests.faults import mutations
from tests.faults.scale import DEEPEST
from tests.quick import RuleOnDemand

Flask.url_rule_class = RuleOnDemand

STEPS: dict[str, Callable[[int], None]] = {
    "never": lambda _: None,
    "claimed": lambda kill: die_after(1 + kill % 2, claims, "claim"),
    "marked": lambda kill: die_after(1 + kill, claims, "begin"),
    "handed_over": lambda kill: die_in_a_window(3 + 7 * kill),
    "sent": lambda kill: die_after(2 + 7 * kill, Session, "send"),  # the bind takes another way
    "answered": lambda kill: die_after(1 + kill, sending, "_hand_over"),
    "being_recorded": lambda kill: die_after(1 + kill, quota, "charge"),  # in the transaction, before its commit
    "recorded": lambda kill: die_after(1 + kill, claims, "record"),
    "claims_ended": lambda _: die_after(1, sweep, "move", in_vain=False),  # in the transaction, before its commit
    "leases_ended": lambda _: die_after(2, sweep, "move", in_vain=False),  # likewise; after the claims
    "receipts_stored": lambda _: die_between_gateway_and_us(),
    "receipts_applied": lambda _: die_after(1, receipts, "move"),  # in the transaction, before its commit
    "to_be_woken": lambda _: die_after(1, sweep, "_mark_woken", in_vain=False),
    "woken": lambda _: die_after(1, sweep, "wake_workers"),
    "finished": lambda _: die_after(1, service, "move_campaign", in_vain=False),  # before the commit
    "closed": lambda _: die_after(1, sweep, "move_campaign", in_vain=False),  # before the commit
    "slice_written": lambda kill: die_in_an_import(2 + kill, "_record"),  # in the transaction, before its commit
    "slice_stored": lambda kill: die_in_an_import(1 + kill, "_store"),
}


def die_after(count: int, owner: Any, name: str, in_vain: bool = True) -> None:
    """Let this function work, and die when it has returned so many times; or so many times with something found."""
    original = getattr(owner, name)
    left = iter(range(count - 1, -1, -1))

    def and_die(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if (in_vain or result) and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, and_die)


def die_between_gateway_and_us() -> None:
    """When the first of them has done its part: we have the receipts, or the gateway has forgotten them."""
    die_after(1, receipts, "store")
    die_after(1, Simulator, "forget")


def die_in_a_window(hand_overs: int) -> None:
    os.environ["SMSAPP_SIMULATOR_DIE_AT"] = str(hand_overs)


def shorten_leases(seconds: float) -> None:
    """So that a test need not wait for a minute; the rest stays in proportion."""
    claims.LEASE = sweep.LEASE = timedelta(seconds=seconds)  # type: ignore[misc]
    claims.MARGIN = timedelta(seconds=seconds / 6)  # type: ignore[misc]


def die_in_an_import(count: int, name: str) -> None:
    work.CHUNK = 20
    die_after(count, work, name)


def be_the_child(order: dict[str, Any]) -> NoReturn:
    """Run the command, with our standard output out of its way."""
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["env"])
    if seconds := os.environ.get("FAULT_LEASE_SECONDS"):
        shorten_leases(float(seconds))
    mutations.apply()
    STEPS[order["step"]](order["kill"] % DEEPEST)
    main(order["start"], prog_name="smsapp")
    raise AssertionError("the command line ends the process")


def obey() -> None:
    gc.freeze()  # no child looks through what is loaded by now
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            answer: int | None = os.fork()
            if answer == 0:
                be_the_child(order)
        else:
            ended, status = os.waitpid(order["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if ended else None
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    obey()
