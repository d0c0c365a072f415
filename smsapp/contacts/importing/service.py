"""Commands on imports: upload, correct, check, run, resume, delete. The work itself is done in `work`.

A check and a run are rounds of work: each start counts `round` up, and work of an older round ends by itself, so that
a correction made meanwhile never meets the results of the check before it.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.importing import files
from smsapp.contacts.importing.models import AT_WORK, CHECKED, CHECKING, FAILED, RUNNING, UPLOADED, ImportJob
from smsapp.contacts.importing.words import unreadable_sentence
from smsapp.contacts.tables import Shape, Unreadable, sniff
from smsapp.errors import AppError, Conflict, NotThere
from smsapp.extensions import db, db_write
from smsapp.queue import BACKGROUND, wake
from smsapp.text.normalise import clean_value

FORGOTTEN_AFTER: Final = timedelta(seconds=60)
MOST_WAKES: Final = 5
GAVE_UP: Final = "gave_up"
JOB_SECONDS: Final = 3600
_JOBS: Final = "smsapp.contacts.importing.jobs"
_LONGEST_FILENAME: Final = 200


def upload(stream: IO[bytes], filename: str, user_id: int | None) -> int:
    """Keep an uploaded table and guess how to read it; the import's id. A file that cannot be read leaves nothing."""
    path = _kept(stream)
    _remove_orphans()
    try:
        shape = files.shape_of(path)
        if not shape.records:
            raise Unreadable("no_rows")
        job = ImportJob(user_id=user_id, filename=_shown(filename), path=path.name, size=path.stat().st_size)
        _take_shape(job, path, shape)
        with db_write() as session:
            session.add(job)
        return job.id
    except Unreadable as error:
        path.unlink(missing_ok=True)
        raise AppError(unreadable_sentence(error)) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _kept(stream: IO[bytes]) -> Path:
    try:
        return files.keep(stream)
    except OSError as error:
        raise AppError(_("The file could not be stored. Please tell your administrator.")) from error


def _remove_orphans() -> None:
    """Files whose upload or end was interrupted: no import knows them, and they are a day old."""
    known = set(db.session.scalars(select(ImportJob.path)))
    oldest = time.time() - 86_400
    for path in files.folder().iterdir():
        if path.name not in known and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _shown(filename: str) -> str:
    name = clean_value(filename.replace("\\", "/").rsplit("/", 1)[-1])[0]
    return name[:_LONGEST_FILENAME] or "?"


def _take_shape(job: ImportJob, path: Path, shape: Shape) -> None:
    """How to read the file, and a fresh guess of its columns."""
    job.encoding, job.delimiter, job.has_header = shape.encoding, shape.delimiter, shape.has_header
    job.header, job.total, job.done = list(shape.header), shape.records, 0
    mapping, job.company_address = files.guess(shape, files.sample(path, shape))
    job.columns = {str(index): field for index, field in mapping.items()}


def set_shape(import_id: int, encoding: str, delimiter: str, has_header: bool) -> None:
    """Read the file in another way; the columns are guessed anew. Raises AppError where it cannot be read so."""
    path = files.folder() / _path_of(import_id)
    try:
        shape = sniff(path, encoding, delimiter, has_header)
    except (Unreadable, OSError) as error:
        raise AppError(unreadable_sentence(error)) from error
    with db_write() as session:
        job = _correctable(session, import_id)
        _take_shape(job, path, shape)
        _back_to_start(job)


def _path_of(import_id: int) -> str:
    return _get(db.session(), import_id).path


def check(import_id: int, columns: Mapping[int, str] | None = None, company_address: bool = False) -> None:
    """Begin a check, with these columns or as before."""
    with db_write() as session:
        job = _correctable(session, import_id)
        if columns is not None:
            job.columns = {str(index): field for index, field in columns.items()}
            job.company_address = company_address
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
        job = _get(session, import_id)
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
        job = _get(session, import_id)
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
        job = _get(session, import_id)
        if job.state == RUNNING:
            raise Conflict(_("This import is running. Please wait until it has finished."))
        path = job.path
        session.delete(job)
    if path:
        (files.folder() / path).unlink(missing_ok=True)


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


def _get(session: Session, import_id: int) -> ImportJob:
    job = session.get(ImportJob, import_id)
    if job is None:
        raise NotThere(_("This import does not exist, or not any more."))
    return job


def _correctable(session: Session, import_id: int) -> ImportJob:
    job = session.get(ImportJob, import_id, with_for_update=True)
    if job is None:
        raise NotThere(_("This import does not exist, or not any more."))
    if job.ran or not job.path:
        raise Conflict(_("This import has already begun; its settings cannot be changed any more."))
    return job
