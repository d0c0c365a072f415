"""Where benches run: an application on a SQLite database in a temporary folder; and how they are timed."""

import gc
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from smsapp import create_app
from smsapp.extensions import db
from tests import factories
from tests.bench.data import fill
from tests.conftest import TEST_OVERRIDES, make_config

ROUNDS = 5
TEXT = "Hallo {Vorname|Kunde}, am 3. Dezember laden wir {Firma} zum Winterabend ein: ab 18 Uhr, Kaistraße 7. Ihr Team"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: `limit` says what was asked, `held` whether it was kept."""

    what: str
    ours: str
    baseline: str
    measured: str
    limit: str
    held: bool


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="smsapp-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def application(path: Path) -> Iterator[Flask]:
    """The application on the database in this folder, which is made if there is none."""
    new = not (path / "smsapp.db").exists()
    app = create_app(make_config(path), TEST_OVERRIDES)
    with app.app_context():
        if new:
            upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def prepare(path: Path, contacts: int) -> int:
    """A database with so many contacts, the module on and quota enough; returns the audience of everybody."""
    with application(path):
        factories.settings(undo_seconds=30)
        factories.quota(10 * contacts)
        audience_id = fill(contacts)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    return audience_id


def in_turn(*works: Callable[[], Any], rounds: int = ROUNDS) -> list[list[tuple[float, Any]]]:
    """Do the works one after the other, round after round: seconds and result of each, by work."""
    found: list[list[tuple[float, Any]]] = [[] for _ in works]
    for _ in range(rounds):
        for place, work in enumerate(works):
            gc.collect()
            begin = time.perf_counter()
            result = work()
            found[place].append((time.perf_counter() - begin, result))
    return found


def middle(runs: list[tuple[float, Any]]) -> float:
    """The median of the seconds."""
    return median(seconds for seconds, _ in runs)


def peak_memory() -> float:
    """The most that this program has had in memory, in MB.

    On Linux getrusage also counts what its parent had when it started it, so the kernel's own figure is read.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
