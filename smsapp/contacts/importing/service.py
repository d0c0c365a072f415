"""Commands on imports: upload, correct, check, run, resume, delete. The work itself is done in `work`.

Reading a large workbook, a check and a run are rounds of work: each start counts `round` up, and work of an older round
ends by itself, so that a correction made meanwhile never meets the results of the check before it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.importing import files, workbooks
from smsapp.contacts.importing.models import (
    AT_WORK,
    CHECKED,
    CHECKING,
    FAILED,
    READING,
    RUNNING,
    UPLOADED,
    ImportJob,
)
from smsapp.contacts.importing.remembering import remember
from smsapp.contacts.importing.taking import looked_at, new_job, take_shape
from smsapp.contacts.importing.words import unreadable_sentence
from smsapp.contacts.tables import Unreadable, sniff
from smsapp.errors import AppError, Conflict, NotThere
from smsapp.extensions import db, db_write
from smsapp.queue import BACKGROUND, wake

GAVE_UP: Final = "gave_up"
JOB_SECONDS: Final = 3600
_JOBS: Final = "smsapp.contacts.importing.jobs"


def upload(stream: IO[bytes], filename: str, user_id: int | None) -> int:
    """Keep an uploaded table and guess how to read it; the import's id. A file that cannot be read leaves nothing."""
    known = db.session.execute(select(ImportJob.path, ImportJob.workbook))
    files.remove_orphans({name for names in known for name in names})
    try:
        kept = files.keep(stream)
    except Unreadable as error:
        raise AppError(unreadable_sentence(error)) from error
    except OSError as error:
        raise AppError(_("The file could not be stored. Please tell your administrator.")) from error
    try:
        return _taken(kept, filename, user_id)
    except Unreadable as error:
        kept.remove()
        raise AppError(unreadable_sentence(error)) from error
    except BaseException:
        kept.remove()
        raise


def _taken(kept: files.Kept, filename: str, user_id: int | None) -> int:
    job = new_job(kept, filename, user_id)
    if kept.table is None:
        job.state = READING
        with db_write() as session:
            session.add(job)
        wake_up(job.id, READING)
        return job.id
    shape, first = looked_at(kept)
    with db_write() as session:
        take_shape(session, job, shape, first)
        session.add(job)
    return job.id


def set_shape(import_id: int, encoding: str, delimiter: str, has_header: bool) -> None:
    """Read the file in another way; the columns are guessed anew. Raises AppError where it cannot be read so."""
    _read_anew(import_id, files.folder() / _get(db.session(), import_id).path, (encoding, delimiter, has_header))


def set_sheet(import_id: int, sheet: int, has_header: bool) -> None:
    """Read another sheet of a workbook, or the same with or without a header. Raises AppError as `set_shape`.

    Another sheet of a large workbook is read in the background.
    """
    job, way = _get(db.session(), import_id), (workbooks.ENCODING, workbooks.DELIMITER, has_header)
    if not 0 <= sheet < len(job.sheets):
        raise NotThere(_("This sheet does not exist."))
    old = files.folder() / job.path
    if sheet == job.sheet:
        _read_anew(import_id, old, way)
        return
    try:
        kept = files.read_at_once(files.folder() / job.workbook, sheet)
    except (Unreadable, OSError) as error:
        raise AppError(unreadable_sentence(error)) from error
    if kept is None or kept.table is None:
        _read_later(import_id, sheet)
        return
    try:
        _read_anew(import_id, kept.table, way, sheet)
    except BaseException:
        files.remove(kept.table)
        raise
    files.remove(old)


def _read_later(import_id: int, sheet: int) -> None:
    with db_write() as session:
        job = _correctable(session, import_id)
        _start(job, READING)
        job.wanted_sheet = sheet
    wake_up(import_id, READING)


def _read_anew(import_id: int, path: Path, way: tuple[str, str, bool], sheet: int | None = None) -> None:
    """Take the present table read this way, or that of another sheet."""
    try:
        shape = sniff(path, *way)
        first = files.sample(path, shape)
    except (Unreadable, OSError) as error:
        raise AppError(unreadable_sentence(error)) from error
    with db_write() as session:
        job = _correctable(session, import_id)
        if sheet is None and job.path != path.name:  # another sheet was chosen meanwhile
            return
        job.path, job.sheet = path.name, job.sheet if sheet is None else sheet
        take_shape(session, job, shape, first)
        back_to_start(job)


def check(
    import_id: int, columns: Mapping[int, str] | None = None, company_address: bool = False, date_order: str = ""
) -> None:
    """Begin a check, with these columns or as before."""
    with db_write() as session:
        job = _correctable(session, import_id)
        if columns is not None:
            job.columns = {str(index): field for index, field in columns.items()}
            job.company_address, job.date_order = company_address, date_order
            remember(session, job)
        _start(job, CHECKING)
    wake_up(import_id, CHECKING)


def mend(import_id: int, way: str) -> None:
    """Choose what is done with numbers without country code; that changes whom rows stand for, so check again."""
    with db_write() as session:
        job = _correctable(session, import_id)
        job.mend = way
        _start(job, CHECKING)
    wake_up(import_id, CHECKING)


def run(import_id: int, seen_round: int) -> None:
    """Begin the import that was checked. `seen_round` is the check that the user saw; asking twice starts it once."""
    with db_write() as session:
        job = _get(session, import_id, lock=True)
        if job.ran:
            return
        if job.state != CHECKED or job.round != seen_round:
            raise Conflict(_("The check has changed meanwhile. Please look at its result first; nothing was imported."))
        _start(job, RUNNING)
        job.started_at = now()
    wake_up(import_id, RUNNING)


def resume(import_id: int) -> None:
    """Go on with work that stands still; a run goes on behind the last row that it has stored."""
    with db_write() as session:
        job = _get(session, import_id, lock=True)
        if job.state == FAILED and (job.path or job.workbook):
            job.state = RUNNING if job.ran else READING if job.unread else CHECKING
            job.error, job.finished_at = None, None
        if job.state not in AT_WORK:
            return
        job.wakes, job.progress_at = 0, now()
        state = job.state
    wake_up(import_id, state)


def delete(import_id: int) -> None:
    """Forget an import with its file and rows; the contacts stay."""
    with db_write() as session:
        job = _get(session, import_id, lock=True)
        if job.state == RUNNING:
            raise Conflict(_("This import is running. Please wait until it has finished."))
        kept = files.of(job)
        session.delete(job)
    files.remove(*kept)


def fail(job: ImportJob, error: str) -> None:
    """Work on this import ends here; the page says why, and from where it would go on.

    Where only another sheet could not be read, the present one stays.
    """
    if job.state == READING and job.path:
        back_to_start(job)
        job.error = error
    else:
        job.state, job.error, job.finished_at = FAILED, error, now()


def wake_up(import_id: int, state: str) -> None:
    """Ask a worker to read, to check or to import."""
    name = {READING: "read", RUNNING: "run"}.get(state, "check")
    wake(BACKGROUND, f"{_JOBS}.{name}", import_id, timeout=JOB_SECONDS)


def _start(job: ImportJob, state: str) -> None:
    job.state, job.round, job.done, job.counts = state, job.round + 1, 0, {}
    job.wakes, job.progress_at, job.error, job.finished_at = 0, now(), None, None
    job.wanted_sheet = None


def back_to_start(job: ImportJob) -> None:
    """The columns are chosen next."""
    _start(job, UPLOADED)


def _get(session: Session, import_id: int, lock: bool = False) -> ImportJob:
    job = session.get(ImportJob, import_id, with_for_update=lock)
    if job is None:
        raise NotThere(_("This import does not exist or no longer exists."))
    return job


def _correctable(session: Session, import_id: int) -> ImportJob:
    job = _get(session, import_id, lock=True)
    if job.state == READING:
        raise Conflict(_("The workbook is still being read. Please wait until that is done."))
    if job.ran or not job.path:
        raise Conflict(_("This import has already begun; its settings cannot be changed any more."))
    return job
