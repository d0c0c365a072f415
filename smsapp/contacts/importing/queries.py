"""Reading imports for the pages."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _
from sqlalchemy import Row, Select, select

from smsapp.accounts.models import User
from smsapp.contacts.importing.models import REJECTED, ImportJob, ImportNumber, ImportRow
from smsapp.contacts.models import Contact
from smsapp.errors import NotThere
from smsapp.extensions import db


def imports() -> Select[ImportJob, str]:
    """All imports with the name of who uploaded them, newest first."""
    statement = select(ImportJob, User.name).outerjoin(User, User.id == ImportJob.user_id)
    return statement.order_by(ImportJob.id.desc())


def get(import_id: int) -> ImportJob:
    """An import; raises NotThere."""
    job = db.session.get(ImportJob, import_id)
    if job is None:
        raise NotThere(_("This import does not exist, or not any more."))
    return job


def rows_with(job: ImportJob, outcome: str) -> Select[ImportRow]:
    """What becomes or became of the rows with this outcome, in the order of the file, as far as it has come."""
    mine = (ImportRow.import_id == job.id, ImportRow.number <= job.done)
    return select(ImportRow).where(*mine, ImportRow.outcome == outcome).order_by(ImportRow.number)


def rejected_rows(job: ImportJob) -> Iterator[ImportRow]:
    """All rejected rows, read while they are written out."""
    return iter(db.session.scalars(rows_with(job, REJECTED).execution_options(yield_per=1000)))


def uncoded_numbers(import_id: int) -> Select[ImportNumber]:
    """The numbers without country code, in the order of the file."""
    mine = ImportNumber.import_id == import_id
    return select(ImportNumber).where(mine).order_by(ImportNumber.number, ImportNumber.field)


def contacts_of(rows: Iterable[ImportRow]) -> dict[int, Row[int, str, str]]:
    """The contacts that these rows stand for or are ambiguous about, as far as they still exist."""
    ids: set[int] = set()
    for row in rows:
        ids |= {row.contact_id or 0, *row.detail.get("candidates", ())}
    return named(ids)


def named(ids: Iterable[int]) -> dict[int, Row[int, str, str]]:
    """The names of these contacts, as far as they still exist."""
    wanted = select(Contact.id, Contact.first_name, Contact.last_name).where(Contact.id.in_(ids))
    return {contact.id: contact for contact in db.session.execute(wanted)}
