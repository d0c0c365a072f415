"""Reading imports for the pages."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, case, func, select

from smsapp.accounts.models import User
from smsapp.contacts.importing.models import OUTCOMES, REJECTED, STATES, ImportJob, ImportNumber, ImportRow
from smsapp.contacts.models import PHONE_FIELDS, Contact
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order


def _number_of(outcome: str) -> ColumnElement[int | None]:
    """How many rows of an import came out like this; null before it ran, when the page shows none."""
    return case((ImportJob.started_at.is_not(None), func.coalesce(ImportJob.counts[outcome].as_integer(), 0)))


def _said(key: str) -> ColumnElement[str]:
    return alphabetical(func.coalesce(ImportRow.detail[key].as_string(), ""))


NEWEST_FIRST = "-uploaded"
ORDERS: Mapping[str, Any] = {
    "file": alphabetical(ImportJob.filename),
    "state": case({state: place for place, state in enumerate(STATES)}, value=ImportJob.state),
    "uploaded": ImportJob.id,
    "by": alphabetical(User.name),
    "rows": ImportJob.total,
    **{outcome: _number_of(outcome) for outcome in OUTCOMES},
}
ROW_ORDERS: Mapping[str, Any] = {
    "line": ImportRow.number,
    "name": _said("name"),
    "company": _said("company"),
    "email": _said("email"),
    "mobile": _said("mobile"),
    "changes": func.json_array_length(ImportRow.detail["changes"]),
    "reason": ImportRow.reason,
}
NUMBER_ORDERS: Mapping[str, Any] = {
    "line": ImportNumber.number,
    "name": alphabetical(ImportNumber.name),
    "field": case({field: place for place, field in enumerate(PHONE_FIELDS)}, value=ImportNumber.field),
    "country": func.nullif(ImportNumber.country, ""),
    "old": ImportNumber.raw,
}


def imports(sort: str = NEWEST_FIRST) -> Select[Any]:
    """All imports with the name of who uploaded them, in this order of `ORDERS`."""
    statement = select(ImportJob, User.name).outerjoin(User, User.id == ImportJob.user_id)
    return in_order(statement, sort, ORDERS, ImportJob.id.desc())


def get(import_id: int) -> ImportJob:
    """An import; raises NotThere."""
    job = db.session.get(ImportJob, import_id)
    if job is None:
        raise NotThere(_("This import does not exist or no longer exists."))
    return job


def rows_with(job: ImportJob, outcome: str, sort: str = "line") -> Select[ImportRow]:
    """What becomes or became of the rows with this outcome, as far as it has come, in this order of `ROW_ORDERS`."""
    mine = (ImportRow.import_id == job.id, ImportRow.number <= job.done)
    return in_order(select(ImportRow).where(*mine, ImportRow.outcome == outcome), sort, ROW_ORDERS, ImportRow.number)


def rejected_rows(job: ImportJob) -> Iterator[ImportRow]:
    """All rejected rows, read while they are written out."""
    return iter(db.session.scalars(rows_with(job, REJECTED).execution_options(yield_per=1000)))


def uncoded_numbers(import_id: int, sort: str = "line") -> Select[ImportNumber]:
    """The numbers without country code, in this order of `NUMBER_ORDERS`."""
    statement = select(ImportNumber).where(ImportNumber.import_id == import_id)
    return in_order(statement, sort, NUMBER_ORDERS, ImportNumber.number, ImportNumber.field)


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
