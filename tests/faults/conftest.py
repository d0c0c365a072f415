"""Fixtures of the fault tests: real processes on a real queue."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests import factories
from tests.faults.forge import Forge, Start, simulator_env, starting
from tests.sending import simulate
from tests.servers import QueueServer


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    """Imports the product once for all processes of the tests."""
    made = Forge()
    yield made
    made.close()


@pytest.fixture
def env(app: Flask, queue_server: QueueServer) -> dict[str, str]:
    """What a process needs to know of this test's database and queue; the module is on."""
    factories.settings()
    simulate()
    queue_server.use(app)
    data = str(app.extensions["smsapp_config"].data)
    return {**simulator_env(), "SMSAPP_DATA": data, "REDIS_URL": queue_server.url}


@pytest.fixture
def start(forge: Forge, env: dict[str, str]) -> Iterator[Start]:
    """Starts a process on this test's database and queue."""
    with starting(forge, env) as start_one:
        yield start_one
