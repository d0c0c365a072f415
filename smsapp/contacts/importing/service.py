"""Commands on imports: upload, correct, check, run, resume, delete. The work itself is done in `work`.

A check and a run are rounds of work: each start counts `round` up, and work of an older round ends by itself, so that
a correction made meanwhile never meets the results of the check before it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
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
    RUNNING,
    UPLOADED,
    ImportJob,
)
from smsapp.contacts.importing.remembering import remember, remembered
from smsapp.contacts.importing.words import unreadable_sentence
from smsapp.contacts.tables import Row, Shape, Unreadable, sniff
from smsapp.contacts.values import likely_order
from smsapp.errors import AppError, Conflict, NotThere
from smsapp.extensions import db, db_write
from smsapp.queue import BACKGROUND, wake

FORGOTTEN_AFTER: Final = timedelta(seconds=60)
MOST_WAKES: Final = 5
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
    shape = _shape_of(kept)
    if not shape.records:
        raise Unreadable("no_rows")
    size, name = (kept.workbook or kept.table).stat().st_size, files.shown_name(filename)
    job = ImportJob(user_id=user_id, filename=name, path=kept.table.name, size=size)
    job.workbook, job.sheets, job.sheet = kept.workbook.name if kept.workbook else "", list(kept.sheets), kept.sheet
    first = files.sample(kept.table, shape)
    with db_write() as session:
        _take_shape(session, job, shape, first)
        session.add(job)
    return job.id


def _shape_of(kept: files.Kept) -> Shape:
    if kept.workbook:
        return files.shape_of(kept.table, workbooks.ENCODING, workbooks.DELIMITER)
    return files.shape_of(kept.table)


def _take_shape(session: Session, job: ImportJob, shape: Shape, first: list[Row]) -> None:
    """How to read the file, and its columns: as the user said of the last file with this header, else a guess."""
    job.encoding, job.delimiter, job.has_header = shape.encoding, shape.delimiter, shape.has_header
    job.header, job.total, job.done = list(shape.header), shape.records, 0
    if known := remembered(session, job):
        job.columns, job.company_address, job.date_order = known.columns, known.company_address, known.date_order
    else:
        mapping, job.company_address = files.guess(shape, first)
        job.columns = {str(index): field for index, field in mapping.items()}
        job.date_order = likely_order(files.dates(mapping, first), now().date())
    job.remembered = known is not None


def set_shape(import_id: int, encoding: str, delimiter: str, has_header: bool) -> None:
    """Read the file in another way; the columns are guessed anew. Raises AppError where it cannot be read so."""
    _read_anew(import_id, files.folder() / _get(db.session(), import_id).path, (encoding, delimiter, has_header))


def set_sheet(import_id: int, sheet: int, has_header: bool) -> None:
    """Read another sheet of a workbook, or the same with or without a header. Raises AppError as `set_shape`."""
    job = _get(db.session(), import_id)
    if not 0 <= sheet < len(job.sheets):
        raise NotThere(_("This sheet does not exist."))
    workbook = files.folder() / job.workbook
    try:
        table = files.written_out(workbook, sheet)
    except (Unreadable, OSError) as error:
        raise AppError(unreadable_sentence(error)) from error
    try:
        if not table.stat().st_size:
            raise AppError(_("This sheet is empty."))
        old = files.folder() / job.path
        _read_anew(import_id, table, (workbooks.ENCODING, workbooks.DELIMITER, has_header), sheet)
    except BaseException:
        files.remove(table)
        raise
    files.remove(old)


def _read_anew(import_id: int, path: Path, way: tuple[str, str, bool], sheet: int = 0) -> None:
    try:
        shape = sniff(path, *way)
        first = files.sample(path, shape)
    except (Unreadable, OSError) as error:
        raise AppError(unreadable_sentence(error)) from error
    with db_write() as session:
        job = _correctable(session, import_id)
        job.path, job.sheet = path.name, sheet
        _take_shape(session, job, shape, first)
        _back_to_start(job)


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
    wake(BACKGROUND, f"{_JOBS}.check", import_id, timeout=JOB_SECONDS)


def mend(import_id: int, way: str) -> None:
    """Choose what is done with numbers without country code; that changes whom rows stand for, so check again."""
    with db_write() as session:
        job = _correctable(session, import_id)
        job.mend = way
        _start(job, CHECKING)
    wake(BACKGROUND, f"{_JOBS}.check", import_id, timeout=JOB_SECONDS)


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
    wake(BACKGROUND, f"{_JOBS}.run", import_id, timeout=JOB_SECONDS)


def resume(import_id: int) -> None:
    """Go on with work that stands still; a run goes on behind the last row that it has stored."""
    with db_write() as session:
        job = _get(session, import_id, lock=True)
        if job.state == FAILED and job.path:
            job.state, job.error, job.finished_at = (RUNNING if job.ran else CHECKING), None, None
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


def wake_forgotten_imports(moment: datetime) -> int:
    """Wake imports that have stood still for a minute (killed worker, wiped queue); how many. For the sweep.

    After five wake-ups without any progress an import is marked as failed; a person may still let it go on.
    """
    forgotten = (ImportJob.state.in_(AT_WORK), ImportJob.progress_at < moment - FORGOTTEN_AFTER)
    if db.session.scalar(select(ImportJob.id).where(*forgotten).limit(1)) is None:
        return 0
    with db_write() as session:
        jobs = list(session.scalars(select(ImportJob).where(*forgotten).with_for_update()))
        awake = [(job.id, job.state) for job in jobs if _maywake_up(job, moment)]
    for import_id, state in awake:
        wake_up(import_id, state)
    return len(awake)


def _maywake_up(job: ImportJob, moment: datetime) -> bool:
    if job.wakes >= MOST_WAKES:
        fail(job, GAVE_UP)
        return False
    job.wakes, job.progress_at = job.wakes + 1, moment
    return True


def fail(job: ImportJob, error: str) -> None:
    """Work on this import ends here; the page says why, and from where it would go on."""
    job.state, job.error, job.finished_at = FAILED, error, now()


def wake_up(import_id: int, state: str) -> None:
    """Ask a worker to check or to import."""
    wake(BACKGROUND, f"{_JOBS}.{'run' if state == RUNNING else 'check'}", import_id, timeout=JOB_SECONDS)


def _start(job: ImportJob, state: str) -> None:
    job.state, job.round, job.done, job.counts = state, job.round + 1, 0, {}
    job.wakes, job.progress_at, job.error, job.finished_at = 0, now(), None, None


def _back_to_start(job: ImportJob) -> None:
    _start(job, UPLOADED)


def _get(session: Session, import_id: int, lock: bool = False) -> ImportJob:
    job = session.get(ImportJob, import_id, with_for_update=lock)
    if job is None:
        raise NotThere(_("This import does not exist, or not any more."))
    return job


def _correctable(session: Session, import_id: int) -> ImportJob:
    job = _get(session, import_id, lock=True)
    if job.ran or not job.path:
        raise Conflict(_("This import has already begun; its settings cannot be changed any more."))
    return job
