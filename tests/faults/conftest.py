"""Fixtures of the fault tests: real processes on a real queue, on each database that is asked for."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from flask import Flask

from tests import factories
from tests.conftest import on_sqlite
from tests.faults.forge import Forge, Start, simulator_env, starting
from tests.faults.operator import Operator
from tests.faults.scale import DATABASES
from tests.sending import simulate
from tests.servers import QueueServer

LONGEST = "test_kill_supervisor.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin at once, on several processes: each is given two tests at first, and the second is short."""
    longest = [item for item in items if item.path.name == LONGEST]
    others = [item for item in items if item.path.name != LONGEST]
    pairs = chain.from_iterable(zip(longest, others, strict=False))
    items[:] = [*pairs, *longest[len(others) :], *others[len(longest) :]]


@pytest.fixture(params=DATABASES)
def app(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, with an application context."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_app")
    else:
        with on_sqlite(migrated, tmp_path) as made:
            yield made


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
    config = app.extensions["smsapp_config"]
    where = {"SMSAPP_DATA": str(config.data), "DATABASE_URL": config.database_url, "REDIS_URL": queue_server.url}
    return {**simulator_env(), **where}


@pytest.fixture
def start(forge: Forge, env: dict[str, str]) -> Iterator[Start]:
    """Starts a process on this test's database and queue."""
    with starting(forge, env) as start_one:
        yield start_one


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """An SMPP operator; its log is the witness."""
    made = Operator(tmp_path)
    yield made
    made.close()


SMPP_WINDOW = 10


@pytest.fixture
def smpp_env(env: dict[str, str], operator: Operator) -> dict[str, str]:
    """The processes know the operator."""
    factories.gateway(settings=operator.values(window=SMPP_WINDOW, answer_seconds=2), password=None)
    env["SMSAPP_GATEWAY_SMPP_PASSWORD"] = "geheim"
    return env
