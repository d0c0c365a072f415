"""What a user said of the columns of a file, kept for the next one with the same header."""

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from smsapp.contacts.importing.models import ImportJob, ImportMapping
from smsapp.folding import fold


def remembered(session: Session, job: ImportJob) -> ImportMapping | None:
    """What the import's user said last of a file with this header."""
    if job.user_id is None or not job.has_header:
        return None
    return session.get(ImportMapping, (job.user_id, header_key(job.header)))


def remember(session: Session, job: ImportJob) -> None:
    """Keep what this import's columns are; a file without a header cannot be known again."""
    if job.user_id is not None and job.has_header:
        said = {"columns": job.columns, "company_address": job.company_address, "date_order": job.date_order}
        session.merge(ImportMapping(user_id=job.user_id, header=header_key(job.header), **said))


def header_key(header: Sequence[str]) -> str:
    """The same for headers that differ in case alone."""
    return hashlib.sha256(json.dumps([fold(heading) for heading in header]).encode()).hexdigest()
