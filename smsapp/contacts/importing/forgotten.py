"""Imports whose work stands still are taken up again."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from smsapp.contacts.importing.models import AT_WORK, ImportJob
from smsapp.contacts.importing.service import GAVE_UP, fail, wake_up
from smsapp.extensions import db, db_write

FORGOTTEN_AFTER: Final = timedelta(seconds=60)
MOST_WAKES: Final = 5


def wake_forgotten_imports(moment: datetime) -> int:
    """Wake imports that have stood still for a minute (killed worker, wiped queue); how many. For the sweep.

    After five wake-ups without any progress an import is marked as failed; a person may still let it go on.
    """
    forgotten = (ImportJob.state.in_(AT_WORK), ImportJob.progress_at < moment - FORGOTTEN_AFTER)
    if db.session.scalar(select(ImportJob.id).where(*forgotten).limit(1)) is None:
        return 0
    with db_write() as session:
        jobs = list(session.scalars(select(ImportJob).where(*forgotten).with_for_update()))
        awake = [(job.id, job.state) for job in jobs if _may_be_woken(job, moment)]
    for import_id, state in awake:
        wake_up(import_id, state)
    return len(awake)


def _may_be_woken(job: ImportJob, moment: datetime) -> bool:
    if job.wakes >= MOST_WAKES:
        fail(job, GAVE_UP)
        return False
    job.wakes, job.progress_at = job.wakes + 1, moment
    return True
