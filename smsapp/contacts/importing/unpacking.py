"""The background half of an upload: a sheet of a large workbook is written out as the table that is imported.

The new table gets a name of its own and becomes the import's in one transaction, at the end. So a worker that is killed
has changed nothing, and the next one starts again.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.importing import files
from smsapp.contacts.importing.models import READING, ImportJob
from smsapp.contacts.importing.service import back_to_start, fail
from smsapp.contacts.importing.taking import looked_at, take_files, take_shape
from smsapp.contacts.importing.work import FILE_GONE
from smsapp.contacts.tables import Unreadable
from smsapp.extensions import db_write


class Outdated(Exception):
    """Somebody deleted the import meanwhile, or another worker reads it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt to read a workbook."""

    import_id: int
    round: int
    workbook: Path
    sheet: int | None

    def noted(self, rows: int) -> None:
        """Show on the page how far it is, and the sweep that it goes on. Raises Outdated."""
        with db_write() as session:
            job = self.claimed(session)
            job.counts, job.progress_at, job.wakes = {"read": rows}, now(), 0

    def claimed(self, session: Session) -> ImportJob:
        """The import, if this attempt is the one that counts; else raises Outdated."""
        job = session.get(ImportJob, self.import_id, with_for_update=True)
        if job is None or (job.round, job.state) != (self.round, READING):
            raise Outdated
        return job


def read(import_id: int) -> None:
    """Write the sheet out and go back to the user, who chooses columns; a workbook that is broken is said."""
    task = _begin(import_id)
    if task is None:
        return
    try:
        kept = files.read_workbook(task.workbook, task.sheet, task.noted, (Outdated, SQLAlchemyError))
        _take(task, kept)
    except Outdated:
        return
    except (Unreadable, FileNotFoundError) as error:
        _give_up(task, error.code if isinstance(error, Unreadable) else FILE_GONE)


def _begin(import_id: int) -> Task | None:
    """Take up the reading from its start; whoever reads this import at the same time finds itself outdated."""
    with db_write() as session:
        job = session.get(ImportJob, import_id, with_for_update=True)
        if job is None or job.state != READING:
            return None
        job.round, job.counts, job.progress_at = job.round + 1, {}, now()
        return Task(job.id, job.round, files.folder() / job.workbook, job.wanted_sheet)


def _take(task: Task, kept: files.Kept) -> None:
    try:
        shape, first = looked_at(kept)
        with db_write() as session:
            job = task.claimed(session)
            old = files.folder() / job.path if job.path else None
            take_files(job, kept)
            take_shape(session, job, shape, first)
            back_to_start(job)
    except BaseException:
        files.remove(kept.table)
        raise
    files.remove(old)


def _give_up(task: Task, error: str) -> None:
    with db_write() as session:
        job = session.get(ImportJob, task.import_id, with_for_update=True)
        if job is not None and (job.round, job.state) == (task.round, READING):
            fail(job, error)
