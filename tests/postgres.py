"""A PostgreSQL server for the tests: TEST_POSTGRES_URL, else one of our own in a temporary folder, without a port.

It listens on a unix socket only, runs as an unprivileged user when the tests run as root, and keeps nothing
(no fsync): it lives as long as the test session.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

URL = "TEST_POSTGRES_URL"
OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
_serial = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a server where databases may be created ("postgresql://...?host=...")."""
    if os.environ.get(URL):
        yield os.environ[URL]
        return
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(f"No PostgreSQL: install it, or name a server with {URL}")
    with own_server(binaries) as url:
        yield url


def find_binaries() -> Path | None:
    """The newest PostgreSQL of this machine: where pg_ctl and initdb are."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


@contextmanager
def own_server(binaries: Path, *options: str) -> Iterator[str]:
    """A server that is started here and ends here; the options are initdb's.

    The folder's name is short, for a socket's path has 107 bytes.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")))
    user = _unprivileged()
    if user:
        shutil.chown(folder, user)
    run = _Runner(user, folder)
    data, socket, log = folder / "data", folder, folder / "log"
    try:
        how = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(binaries / "initdb", "-D", data, *how, *options)
        run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{OPTIONS} -k {socket}", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={socket}"
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: str, template: str = "template0") -> Iterator[str]:
    """A database of its own, copied from the template; yields its address and drops it afterwards."""
    name = f"smsapp_{os.getpid()}_{next(_serial)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield _with_database(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def database_name(url: str) -> str:
    """The database that an address names."""
    return psycopg.conninfo.conninfo_to_dict(url)["dbname"]  # type: ignore[return-value]


def _with_database(server: str, name: str) -> str:
    head, question, options = server.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{question}{options}"


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: whose name it gets then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


class _Runner:
    """Runs a program as a user, in a folder of theirs; what it prints goes to a file, never through a pipe."""

    def __init__(self, user: str | None, folder: Path) -> None:
        self.user, self.folder = user, folder

    def __call__(self, *command: object) -> None:
        output = self.folder / "output"
        with output.open("ab") as file:
            done = subprocess.run(
                [str(part) for part in command],
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {output.read_text(errors='replace')[-2000:]}")
