"""Whoever takes a safeguard out turns the tests red: they run once more without it, in a pytest of their own."""

import os
import subprocess
import sys

import pytest

from tests.faults.forge import ROOT

pytestmark = pytest.mark.faults

DRAIN = "tests/unit/delivery/test_drain.py::"
KILLED = "tests/faults/test_kill_worker.py::test_a_worker_killed_again_and_again_at_one_step[sqlite-handed_over]"

CAUGHT = {
    "no_fence": f"{DRAIN}test_a_worker_that_meets_its_own_older_attempt_keeps_them_apart",
    "no_mark": KILLED,
    "no_last_look": f"{DRAIN}test_a_lease_that_ends_before_the_first_byte_hands_nothing_over",
}


@pytest.mark.parametrize("mutation", CAUGHT)
def test_a_safeguard_taken_out_turns_the_tests_red(mutation: str) -> None:
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.faults.mutations", "-p", "no:cacheprovider"]
    env = {**os.environ, "FAULT_MUTATION": mutation, "FAULT_KILLS": "1", "FAULT_DATABASES": "sqlite"}
    done = subprocess.run([*argv, CAUGHT[mutation]], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout
    assert "AssertionError" in done.stdout or "assert " in done.stdout
