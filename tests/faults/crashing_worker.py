"""Real processes of the product that die at a chosen step; run as a program by the fault tests.

It imports the product once and forks a child for each process, which saves seconds each. A child runs one of our
commands, in which functions of the product are followed by a SIGKILL of the own process: no product code knows about
it. Orders are lines of JSON on standard input: {"start": ["worker", "send"], "step": STEP, "kill": N, "env": {...}}
answers with a process id, {"wait": ID} with how that process ended. The N-th kill at a step comes a little later than
the one before.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from smsapp.cli import main
from smsapp.contacts.importing import work
from smsapp.delivery import claims, sending
from smsapp.quota import service as quota

STEPS: dict[str, Callable[[int], None]] = {
    "never": lambda _: None,
    "claimed": lambda kill: die_after(1 + kill % 2, claims, "claim"),
    "marked": lambda kill: die_after(1 + kill, claims, "begin"),
    "handed_over": lambda kill: die_in_a_window(3 + 7 * kill),
    "answered": lambda kill: die_after(1 + kill, sending, "_hand_over"),
    "being_recorded": lambda kill: die_after(1 + kill, quota, "charge"),  # in the transaction, before its commit
    "recorded": lambda kill: die_after(1 + kill, claims, "record"),
    "slice_written": lambda kill: die_in_an_import(2 + kill, "_record"),  # in the transaction, before its commit
    "slice_stored": lambda kill: die_in_an_import(1 + kill, "_store"),
}


def die_after(count: int, owner: Any, name: str) -> None:
    """Let this function work, and die when it has returned so many times."""
    original = getattr(owner, name)
    left = iter(range(count - 1, -1, -1))

    def and_die(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, and_die)


def die_in_a_window(hand_overs: int) -> None:
    os.environ["SMSAPP_SIMULATOR_DIE_AT"] = str(hand_overs)


def die_in_an_import(count: int, name: str) -> None:
    work.CHUNK = 20
    die_after(count, work, name)


def be_the_child(order: dict[str, Any]) -> NoReturn:
    """Run the command, with our standard output out of its way."""
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["env"])
    STEPS[order["step"]](order["kill"])
    main(order["start"], prog_name="smsapp")
    raise AssertionError("the command line ends the process")


def obey() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            answer = os.fork()
            if answer == 0:
                be_the_child(order)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])
        print(answer, flush=True)


if __name__ == "__main__":
    obey()
