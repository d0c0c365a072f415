"""The whole product killed in mid-send by a SIGKILL of its supervisor: the next start sends the rest, nothing twice."""

import signal
from pathlib import Path

import pytest
from flask import Flask

from tests import factories
from tests.faults.aftermath import assert_none_lost_none_double, later
from tests.faults.forge import WINDOW, simulator_env
from tests.faults.machine import Machine, wait_until, wait_until_gone
from tests.faults.scale import DEEPEST, KILLS
from tests.faults.test_machine import START, free_port
from tests.sending import campaign_state, handed_over, how_many_handed_over

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("invariants_hold")]

PER_KILL = 6 * WINDOW


@pytest.fixture
def env(app: Flask) -> dict[str, str]:
    """The whole product on this test's database, with a queue server of its own."""
    factories.settings()
    config = app.extensions["smsapp_config"]
    where = {"SMSAPP_DATA": str(config.data), "DATABASE_URL": config.database_url, "PORT": str(free_port())}
    return {**simulator_env(silent=1), **where, "REDIS_URL": "", "SMSAPP_DEMO": "0"}


def test_all_die_with_the_supervisor_and_the_next_goes_on(tmp_path: Path, env: dict[str, str]) -> None:
    sent = factories.campaign(recipients=(KILLS + 1) * PER_KILL).id
    for kill in range(KILLS):
        enough = how_many_handed_over() + WINDOW + 7 * (kill % DEEPEST + 1)
        with Machine(tmp_path, *START, env={**env, **simulator_env(latency_ms=10, silent=1)}) as machine:
            wait_until(lambda n=enough: how_many_handed_over() >= n, lambda: machine.printed)  # type: ignore[misc]
            everyone = machine.descendants()
            machine.signal_and_wait(signal.SIGKILL)
        wait_until_gone(everyone)
        assert campaign_state(sent) == "sending"
        later()
    with Machine(tmp_path, *START, env=env) as machine:
        wait_until(lambda: campaign_state(sent) == "handed_over", lambda: machine.printed)
        assert machine.signal_and_wait(signal.SIGINT) == 0
    assert_none_lost_none_double(sent, handed_over(), KILLS * WINDOW)
