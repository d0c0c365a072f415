"""Importing a table of new contacts against a bare loop of csv and phonenumbers; each run in a process of its own.

The bare loop reads the file and understands its numbers, and neither looks anybody up nor stores anything: what any
import in Python has to pay. `python -m tests.bench.importing FOLDER ours|bare ROWS` does one run and prints JSON.
"""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import phonenumbers
from sqlalchemy import event, func, select

from smsapp.contacts.importing import service, work
from smsapp.contacts.importing.models import ImportJob
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.extensions import db
from tests.bench import data
from tests.bench.place import Result, application, folder, peak_memory

FASTEST_ASKED: Final = 3_000  # rows a second
MEMORY: Final = 100  # MB
TURNS: Final = 2  # a run of 100,000 rows takes a minute, and is steady
HEADER: Final = (
    "Anrede;Vorname;Nachname;Firma;Branche;Funktion;E-Mail;Mobiltelefon;Telefon geschäftlich;Telefon privat;"
    "PLZ;Ort;Land;Sprache;Geburtsdatum;Newsletter;Stichwörter"
)
MOBILE, WORK = 7, 8


def bench(contacts: int) -> list[Result]:
    with folder() as path:
        with application(path):
            pass
        write_table(path / "table.csv", contacts)
        runs: dict[str, list[dict[str, Any]]] = {"ours": [], "bare": []}
        for _ in range(TURNS):
            for way in runs:
                runs[way].append(_on_a_copy(path, way, contacts))
    assert len({run["result"] for way in runs.values() for run in way}) == 1, "the numbers differ"
    seconds = {way: median(run["seconds"] for run in runs[way]) for way in runs}
    checking, memory, writing = (
        median(run[what] for run in runs["ours"]) for what in ("checking", "memory", "writing")
    )
    rate = contacts / seconds["ours"]
    return [
        Result(
            f"importing {contacts:,} new contacts",
            f"{seconds['ours']:.1f} s ({rate:,.0f} rows/s)",
            f"{seconds['bare']:.1f} s (csv + phonenumbers)",
            f"{seconds['ours'] / seconds['bare']:.2f} times its time",
            f"≥ {FASTEST_ASKED:,} rows/s",
            rate >= FASTEST_ASKED,
        ),
        Result("checking them before", f"{checking:.1f} s ({contacts / checking:,.0f} rows/s)", "", "", "", True),
        Result("memory growth of both", f"{memory:.0f} MB", "", "", f"< {MEMORY} MB", memory < MEMORY),
        Result("a slice holds SQLite's writer, at most", f"{writing:.2f} s", "", "", "", True),
    ]


def write_table(path: Path, contacts: int, seed: int = 1) -> None:
    """An export as offices have it: cp1252, semicolons, numbers in several writings, some of no use."""
    dice = Random(seed)
    companies = max(1, contacts // data.CONTACTS_PER_COMPANY)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write(HEADER + "\r\n")
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerows(_cells(dice, number, companies) for number in range(contacts))


def _cells(dice: Random, number: int, companies: int) -> tuple[str, ...]:
    company = dice.randrange(companies + companies // 6)
    first, last = dice.choice(data.FIRST_NAMES), f"{dice.choice(data.LAST_NAMES)}-{_syllables(number)}"
    return (
        dice.choice(("Frau", "Herr")),
        first,
        last,
        f"{data.TRADES[company % 6]} {company} {data.FORMS[company % 7]}" if company < companies else "",
        data.TRADES[company % 6] if company < companies else "",
        dice.choice(("", "Einkauf", "Geschäftsführung", "Technik")),
        f"{first[:2].lower()}.{number}@example.org".replace("ö", "oe") if number % 9 else "",
        _mobile(dice, number),
        f"+49 40 {10_000_000 + number}" if number % 3 == 0 else "",
        "",
        f"{dice.randrange(10_000, 99_999)}",
        dice.choice(data.CITIES),
        dice.choice(("DE", "DE", "DE", "Finnland")),
        dice.choice(("de", "de", "fi", "")),
        f"{dice.randrange(1, 29):02}.{dice.randrange(1, 13):02}.{dice.randrange(1940, 2005)}" if number % 2 else "",
        dice.choice(("ja", "nein", "")),
        dice.choice(("", "", "VIP", "VIP, Messe 2026")),
    )


def _syllables(number: int) -> str:
    """A name of its own for each number."""
    return "".join("bdfgklmnrst"[int(digit)] + "aeiou"[int(digit) % 5] for digit in str(number)).capitalize()


def _mobile(dice: Random, number: int) -> str:
    digits = f"{5_000_000 + number}"
    return (
        f"+49 171 {digits}",
        f"+49 (0)160 {digits}",
        f"0049 170/{digits}",
        f"+49170{digits[:3]}-{digits[3:]}",
        f"+358 40 {digits}",
        f"0171 {digits}",
        f"+43 664 {digits}",
    )[dice.randrange(7)]


def _on_a_copy(path: Path, way: str, contacts: int) -> dict[str, Any]:
    with folder() as copy:
        for name in ("smsapp.db", "table.csv"):
            shutil.copy(path / name, copy / name)
        command = [sys.executable, "-m", "tests.bench.importing", str(copy), way, str(contacts)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def import_it(path: Path, contacts: int) -> dict[str, Any]:
    """Upload, check and import: seconds of check and import, growth in MB, the longest write, what was stored."""
    _without_a_queue()
    with path.open("rb") as file:
        import_id = service.upload(file, path.name, None)
    before = peak_memory()
    service.check(import_id)
    checking = _timed(lambda: work.check(import_id))
    db.session.rollback()
    service.run(import_id, db.session.get_one(ImportJob, import_id).round)
    db.session.rollback()
    with _writing() as slices:
        seconds = _timed(lambda: work.run(import_id, seconds=3600))
    after = peak_memory()
    db.session.rollback()
    job = db.session.get_one(ImportJob, import_id)
    assert job.counts["created"] == contacts == db.session.scalar(select(func.count(Contact.id))), job.counts
    stored = select(Contact.first_name, Contact.last_name, PhoneNumber.field, PhoneNumber.e164)
    found = db.session.execute(stored.join(Contact.numbers).where(PhoneNumber.e164.is_not(None)))
    return {
        "seconds": seconds,
        "checking": checking,
        "memory": after - before,
        "writing": max(slices),
        "result": _digest(tuple(row) for row in found),
    }


def read_it(path: Path, _contacts: int) -> dict[str, Any]:
    """The bare loop."""
    found: list[tuple[str, str, str, str]] = []
    seconds = _timed(lambda: found.extend(_read(path)))
    return {"seconds": seconds, "result": _digest(found)}


def _read(path: Path) -> Iterator[tuple[str, str, str, str]]:
    with path.open(encoding="cp1252", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)
        for row in rows:
            for field, index in (("mobile", MOBILE), ("work", WORK)):
                if number := _e164(row[index]):
                    yield row[1], row[2], field, number


def _e164(text: str) -> str | None:
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        parsed = phonenumbers.parse(text.replace("(0)", ""), None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _digest(found: Iterable[tuple[str, ...]]) -> str:
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()


def _timed(do: Callable[[], object]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


@contextmanager
def _writing() -> Iterator[list[float]]:
    """How long each transaction that wrote has held SQLite's writer."""
    slices: list[float] = []
    begun: list[float] = []

    def execute(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement == "BEGIN IMMEDIATE":
            begun.append(time.perf_counter())

    def commit(_connection: Any) -> None:
        if begun:
            slices.append(time.perf_counter() - begun.pop())

    event.listen(db.engine, "after_cursor_execute", execute)
    event.listen(db.engine, "commit", commit)
    yield slices


def _without_a_queue() -> None:
    """The bench is its own worker."""
    setattr(service, "wake", lambda *_, **__: False)  # noqa: B010


def main() -> None:
    path, way, contacts = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with application(path):
        print(json.dumps({"ours": import_it, "bare": read_it}[way](path / "table.csv", contacts)))


if __name__ == "__main__":
    main()
