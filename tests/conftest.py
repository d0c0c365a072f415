"""Fixtures for all tests: an application on a database of its own, and people who use it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_migrate import upgrade
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from smsapp import create_app
from smsapp.accounts import passwords
from smsapp.config import Config
from smsapp.delivery.invariants import violations
from smsapp.extensions import db
from tests import factories
from tests.postgres import database_name, new_database
from tests.postgres import postgres_url as postgres_url
from tests.quick import CHEAP_HASHER, STATEMENTS, TEMPLATES, RuleOnDemand
from tests.servers import QueueServer
from tests.web.checker import CheckingClient

Flask.url_rule_class = RuleOnDemand
passwords._hasher = CHEAP_HASHER
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
SECRET = "test secret"
TEST_OVERRIDES = {"TESTING": True, "WTF_CSRF_ENABLED": False, "SERVER_NAME": None}


def pytest_configure() -> None:
    """Temporary files are in memory where it has room: half of their time tests of databases wait for a disk."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_xdist_auto_num_workers() -> int:
    """Three on two cores: about half of its time a test waits, for a browser, an operator or another process."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2


class TwoBrowsers(LoadFileScheduling):
    """A worker takes whole files; two share those that need the browser, and start the product for them once each.

    On one they would take as long as all the others together: much of their time is waiting.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/browser/"):
            return "tests/browser/test_a-l" if nodeid < "tests/browser/test_m" else "tests/browser/test_m-z"
        return super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    return TwoBrowsers(config, log) if config.getoption("dist") == "loadfile" else None


def make_app(config: Config) -> Flask:
    """The application; its test client looks at every page that it loads.

    Each request forgets who asked the one before, though the tests share an application context.
    """
    app = create_app(config, TEST_OVERRIDES)
    app.jinja_env.bytecode_cache = TEMPLATES
    app.test_client_class = CheckingClient
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=STATEMENTS)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        for name in list(g):
            g.pop(name)

    return app


def let_go(app: Flask) -> None:
    """End the connections of this application; one that is found open later would fail whatever test runs then."""
    db.session.remove()
    db.engine.dispose()
    if queue_connection := app.extensions.pop("smsapp_redis", None):
        queue_connection.close()


def make_config(data: Path, database_url: str | None = None, redis_url: str | None = None) -> Config:
    return Config(
        data=data,
        port=8000,
        database_url=database_url or f"sqlite:///{data / 'smsapp.db'}",
        redis_url=redis_url or "redis://127.0.0.1:1/0",
        secret_key=SECRET,
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite database, made once and copied for every test."""
    data = tmp_path_factory.mktemp("migrated")
    app = create_app(make_config(data), TEST_OVERRIDES)
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return data / "smsapp.db"


@contextmanager
def on_sqlite(migrated: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of that database, with an application context."""
    shutil.copy(migrated, tmp_path / "smsapp.db")
    app = make_app(make_config(tmp_path))
    with app.app_context():
        yield app
        let_go(app)


@pytest.fixture
def app(migrated: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, with an application context."""
    with on_sqlite(migrated, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """An empty, migrated PostgreSQL database, made once and copied for every test."""
    with new_database(postgres_url) as url:
        app = create_app(make_config(Path(), url.replace("postgresql://", "postgresql+psycopg://")), TEST_OVERRIDES)
        with app.app_context():
            upgrade()
            db.engine.dispose()
        yield database_name(url)


@pytest.fixture
def postgres_app(postgres_url: str, migrated_postgres: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh PostgreSQL database, with an application context."""
    with new_database(postgres_url, migrated_postgres) as url:
        config = make_config(tmp_path, url.replace("postgresql://", "postgresql+psycopg://"))
        app = make_app(config)
        with app.app_context():
            yield app
            let_go(app)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_app(request: pytest.FixtureRequest) -> Flask:
    """The application on each database in turn."""
    found: Flask = request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")
    return found


@pytest.fixture
def invariants_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Looks after the test whether the design's promises hold; for every test that touches a send."""
    others = [name for name in ("any_app", "postgres_app") if name in request.fixturenames]
    request.getfixturevalue(others[0] if others else "app")
    yield
    db.session.rollback()
    assert violations() == []


@pytest.fixture
def queue_server() -> Iterator[QueueServer]:
    """A real queue server, running."""
    server = QueueServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a user."""
    return app.test_client()


def logged_in(app: Flask, role: str) -> FlaskClient:
    """A browser in which a new user of this role is logged in."""
    user = factories.user(role=role)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = user.get_id()
        session["_fresh"] = True
    return client


@pytest.fixture
def viewer(app: Flask) -> FlaskClient:
    return logged_in(app, "viewer")


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    return logged_in(app, "editor")


@pytest.fixture
def sender(app: Flask) -> FlaskClient:
    return logged_in(app, "sender")


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return logged_in(app, "admin")
