"""The database's disk is full in the middle of a send: SQLite's, and that of a PostgreSQL server.

RLIMIT_FSIZE makes no file grow any more: of the processes that write a SQLite database, or of a server's.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from smsapp.extensions import db
from tests import factories
from tests.conftest import let_go, make_app, make_config, on_sqlite
from tests.faults.aftermath import assert_none_lost_none_double, later
from tests.faults.conftest import SMPP_WINDOW
from tests.faults.forge import Forged, Start, for_seconds, wait_until
from tests.faults.operator import Operator
from tests.faults.scale import KILLS
from tests.postgres import find_binaries, new_database, own_server
from tests.sending import campaign_state

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("smpp_env", "invariants_hold")]

FULL = 1.5
"""Seconds; less than a worker tries to record what it knows."""
SMS = 4000
BLOCK = 8192
TIMES = max(1, KILLS // 10)
LEASE = 20.0
"""Seconds; the sweep soon finds what could not be recorded."""


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    """Leases are shorter than a minute, in all processes."""
    return {**env, "FAULT_LEASE_SECONDS": str(LEASE)}


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database; PostgreSQL's has a server of its own, whose disk may be full."""
    with on_sqlite(migrated, tmp_path) if request.param == "sqlite" else on_own_postgres(tmp_path) as made:
        yield made


@contextmanager
def on_own_postgres(tmp_path: Path) -> Iterator[Flask]:
    """The server's log of what it will write is in small files, or it would be the first to find no room and fall."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("No PostgreSQL: install it")
    with own_server(binaries, "--wal-segsize=1") as server, new_database(server) as url:
        made = make_app(make_config(tmp_path, url.replace("postgresql://", "postgresql+psycopg://")))
        with made.app_context():
            upgrade()
            yield made
            let_go(made)


def limit(pids: list[int], size: str) -> None:
    """No file of these processes grows beyond this size."""
    for pid in pids:
        subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={size}:"], check=True, **as_owner(pid))


def as_owner(pid: int) -> dict[str, Any]:
    """In a container root may not do it to the processes of others; they themselves may."""
    owner = Path(f"/proc/{pid}").stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() != owner.st_uid else {}


def who_writes(processes: tuple[Forged, ...]) -> tuple[list[int], str]:
    """Whose files are the database's, and how large one may be, to be full very soon."""
    if db.engine.dialect.name == "sqlite":
        return [process.pid for process in processes], "4096"
    db.session.rollback()
    clients = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
    pids = list(db.session.scalars(text(clients)))
    table = db.session.scalar(text("SELECT pg_relation_size('delivery')"))
    assert table > 1 << 20, "the server's own log would be in the way"
    return [parent(pids[0]), *pids], str(table + 8 * BLOCK + BLOCK // 2)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_full(size: str) -> bool:
    """Whether PostgreSQL's table has no room any more; SQLite has none at once."""
    db.session.rollback()
    statement = text("SELECT pg_relation_size('delivery')")
    return db.engine.dialect.name == "sqlite" or str(db.session.scalar(statement)) == size


def may_be_unknown(times: int) -> int:
    """A full disk is an error that passes. PostgreSQL 16 calls our limit an internal error, unlike a full disk."""
    server = db.session.connection().dialect.server_version_info
    says_so = db.engine.dialect.name == "sqlite" or server < (16,)
    return 0 if says_so else times * SMPP_WINDOW


def test_a_full_disk_delays_a_send(start: Start, operator: Operator) -> None:
    operator.order("latency", ms=10)
    campaign = factories.campaign(recipients=SMS, gateway="smpp", text="x" * 150)
    later()
    processes = start(), start("sweep")
    for _ in range(TIMES):
        more = len(operator.taken()) + SMPP_WINDOW
        wait_until(lambda more=more: len(operator.taken()) > more, "it is sending")  # type: ignore[misc]
        writers, size = who_writes(processes)
        limit(writers, size)
        wait_until(lambda size=size: is_full(size), "the disk is full")  # type: ignore[misc]
        for_seconds(FULL)
        limit(writers, "unlimited")
    assert len(operator.taken()) < SMS
    wait_until(lambda: campaign_state(campaign.id) == "handed_over", "everything is handed over")
    assert [process.stop() for process in processes] == [0, 0]
    assert_none_lost_none_double(campaign.id, operator.taken(), may_be_unknown(TIMES))
