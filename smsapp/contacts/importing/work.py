"""The background half of the import's service: checking a table, and importing it.

Rows are worked off in slices of `CHUNK`. What a slice did and how far the import is are one transaction, so a worker
that is killed has either stored a slice whole or not at all, and the next one goes on behind it. A check that is killed
starts again. The writer of SQLite is held for one slice at a time; a slice is read and understood before that.
"""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.importing import files, loading
from smsapp.contacts.importing.deciding import Decision
from smsapp.contacts.importing.models import (
    CHECKED,
    CHECKING,
    DONE,
    RUNNING,
    UNCHANGED,
    ImportJob,
    ImportNumber,
    ImportRow,
)
from smsapp.contacts.importing.reading import Entry
from smsapp.contacts.importing.recording import Written, number_values, row_values, tally
from smsapp.contacts.importing.rounds import Book, Task
from smsapp.contacts.importing.service import fail, wake_up
from smsapp.contacts.tables import Unreadable
from smsapp.extensions import db, db_write

CHUNK = 500
RUN_SECONDS: Final = 60.0
"""A run lets other background work in after this time and is woken again."""
FILE_GONE: Final = "file_gone"


def check(import_id: int, chunk: int | None = None) -> None:
    """Work out what an import would do, and write down only that."""
    task = _begin_check(import_id)
    if task is not None:
        _unless_unreadable(task, lambda: _check(task, chunk or CHUNK))


def run(import_id: int, seconds: float = RUN_SECONDS, chunk: int | None = None) -> None:
    """Import, going on behind what is stored already; after this time it asks to be woken again for the rest."""
    job = db.session.get(ImportJob, import_id)
    if job is not None and job.state == RUNNING:
        task = Task.of(job)
        _unless_unreadable(task, lambda: _run(task, seconds, chunk or CHUNK))


def _unless_unreadable(task: Task, work: Callable[[], None]) -> None:
    try:
        with _only_new_garbage():
            work()
    except (Unreadable, OSError) as error:
        with db_write() as session:
            if (job := session.get(ImportJob, task.import_id)) and job.round == task.round:
                fail(job, error.code if isinstance(error, Unreadable) else FILE_GONE)


@contextmanager
def _only_new_garbage() -> Iterator[None]:
    """What the program has loaded is not looked through for garbage meanwhile: that took a tenth of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _begin_check(import_id: int) -> Task | None:
    """Take up a check from its start; whoever checks this import at the same time finds itself outdated."""
    with db_write() as session:
        job = session.get(ImportJob, import_id, with_for_update=True)
        if job is None or job.state != CHECKING:
            return None
        job.round, job.done, job.counts = job.round + 1, 0, {}
        job.revision = loading.revision(session)
        return Task.of(job)


def _check(task: Task, chunk: int) -> None:
    reading = db.session()
    book = Book.open(reading, task)
    for entries in task.slices(0, chunk):
        stored = loading.contacts_of(reading, book.decider.candidates(entries))
        decisions = book.decider.decide(entries, stored)
        if not _note(task, decisions):
            return
    with db_write() as session:
        if job := _claimed(session, task, task.shape.records):
            job.state, job.finished_at = CHECKED, now()
            for table in (ImportRow, ImportNumber):
                session.execute(delete(table).where(table.import_id == job.id, table.number > job.total))


def _note(task: Task, decisions: list[Decision]) -> bool:
    """Write down what a check decided; whether it is still wanted."""
    with db_write() as session:
        job = _claimed(session, task, decisions[0].entry.number - 1)
        if job is not None:
            _record(session, job, decisions, None)
            _record_numbers(session, job.id, decisions)
    return job is not None


def _run(task: Task, seconds: float, chunk: int) -> None:
    until = time.monotonic() + seconds
    book = Book.open(db.session(), task)
    db.session.rollback()
    for entries in task.slices(task.done, chunk):
        if not _store(task, book, entries):
            return
        if time.monotonic() >= until and entries[-1].number < task.shape.records:
            wake_up(task.import_id, RUNNING)
            return
    _finish(task)


def _store(task: Task, book: Book, entries: list[Entry]) -> bool:
    """Import a slice of rows in one transaction; whether it is still wanted."""
    with db_write() as session:
        job = _claimed(session, task, entries[0].number - 1)
        if job is None:
            return False
        book.renew(session)
        stored = loading.contacts_of(session, book.decider.candidates(entries))
        decisions = book.decider.decide(entries, stored)
        written = book.write(session, decisions, stored)
        _record(session, job, decisions, written)
    book.decider.settle(written.contacts)
    return True


def _finish(task: Task) -> None:
    """The import is done: its file and what only served the work go."""
    with db_write() as session:
        job = _claimed(session, task, task.shape.records)
        if job is None:
            return
        kept = files.of(job)
        job.state, job.finished_at, job.path, job.workbook = DONE, now(), "", ""
        session.execute(delete(ImportRow).where(ImportRow.import_id == job.id, ImportRow.outcome == UNCHANGED))
        session.execute(delete(ImportNumber).where(ImportNumber.import_id == job.id))
    files.remove(*kept)


def _claimed(session: Session, task: Task, done: int) -> ImportJob | None:
    """The import, if this round of work still goes on and stands exactly here."""
    job = session.get(ImportJob, task.import_id, with_for_update=True)
    if job is None or (job.round, job.state, job.done) != (task.round, task.state, done):
        return None
    return job


def _record(session: Session, job: ImportJob, decisions: list[Decision], written: Written | None) -> None:
    """Keep the decisions of a slice; a check has `written` nothing."""
    first, last = decisions[0].entry.number, decisions[-1].entry.number
    session.execute(delete(ImportRow).where(ImportRow.import_id == job.id, ImportRow.number.between(first, last)))
    rows = [row_values(job.id, decision, written) for decision in decisions]
    session.execute(insert(ImportRow.__table__), rows)  # type: ignore[arg-type]
    job.counts = dict(Counter(job.counts) + tally(decisions, mending=written is None))
    job.done, job.progress_at, job.wakes = last, now(), 0


def _record_numbers(session: Session, import_id: int, decisions: list[Decision]) -> None:
    first, last = decisions[0].entry.number, decisions[-1].entry.number
    old = (ImportNumber.import_id == import_id, ImportNumber.number.between(first, last))
    session.execute(delete(ImportNumber).where(*old))
    if numbers := [number for decision in decisions for number in number_values(import_id, decision)]:
        session.execute(insert(ImportNumber), numbers)
