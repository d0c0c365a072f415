"""Taking a finished import back, as a whole or not at all: contacts that it made go, what it changed is as before.

Only while nothing depends on it: none of its contacts was changed or deleted since, and none of those that it made was
sent anything. A company that it made goes if nobody else has come to it and nobody has edited it; one that it
added to gets the earlier values back unless somebody has edited it since. Labels stay; they are only words.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.data import CompanyData, ContactData
from smsapp.contacts.importing import loading, storing
from smsapp.contacts.importing.deciding import OF_COMPANY
from smsapp.contacts.importing.models import CREATED, DONE, UNDONE, UPDATED, ImportJob, ImportRow
from smsapp.contacts.importing.recording import NEW_COMPANY
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import data_changed, hold_revision
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db_write
from smsapp.folding import fold

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing an import would do, or what stands against it."""

    deleted: int
    restored: int
    changed_since: int
    sent_to: int
    in_the_way: tuple[int, ...]
    known: bool

    @property
    def possible(self) -> bool:
        return self.known and not (self.changed_since or self.sent_to) and bool(self.deleted or self.restored)


def outlook(session: Session, job: ImportJob, sent: Select[Any]) -> Undoing:
    """What undoing would do. `sent` selects the ids of contacts to whom anything was ever sent."""
    written = _written(job)
    last = select(ImportRow.contact_id, func.max(ImportRow.written_at).label("at")).where(*written)
    last_written = last.group_by(ImportRow.contact_id).subquery()
    as_left = exists().where(Contact.id == last_written.c.contact_id, Contact.updated_at == last_written.c.at)
    changed = select(last_written.c.contact_id).where(~as_left)
    made = select(ImportRow.contact_id).where(*written, ImportRow.outcome == CREATED)
    sent_to = made.where(ImportRow.contact_id.in_(sent))
    in_the_way = session.scalars(changed.union(sent_to).limit(SHOWN))
    total, created = _count(session, select(last_written.c.contact_id)), _count(session, made)
    nameless = session.scalar(select(_unwritten(job)))
    return Undoing(
        created,
        total - created,
        _count(session, changed),
        _count(session, sent_to),
        tuple(sorted(each for each in in_the_way if each)),
        job.state == DONE and not nameless,
    )


def _written(job: ImportJob) -> tuple[ColumnElement[bool], ...]:
    return ImportRow.import_id == job.id, ImportRow.written_at.is_not(None)


def _unwritten(job: ImportJob) -> ColumnElement[bool]:
    """Whether the import is of a time before it was noted what rows wrote."""
    rows = (ImportRow.import_id == job.id, ImportRow.outcome.in_((CREATED, UPDATED)))
    return exists().where(*rows, or_(ImportRow.written_at.is_(None), ImportRow.contact_id.is_(None)))


def _count(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def undo(import_id: int, sent: Select[Any]) -> Undoing:
    """Take a finished import back in one transaction; raises Conflict where something depends on it."""
    with db_write() as session:
        job = session.get(ImportJob, import_id, with_for_update=True)
        if job is None:
            raise NotThere(_("This import does not exist or no longer exists."))
        hold_revision(session)
        found = outlook(session, job, sent)
        if not found.possible:
            raise Conflict(_("This import cannot be undone any more; nothing was changed."))
        _restore_contacts(session, job)
        made = select(ImportRow.contact_id).where(*_written(job), ImportRow.outcome == CREATED)
        session.execute(delete(Contact).where(Contact.id.in_(made)).execution_options(synchronize_session=False))
        _restore_companies(session, job)
        data_changed(session)
        job.state = UNDONE
    return found


def _restore_contacts(session: Session, job: ImportJob) -> None:
    """The stored contacts that rows changed, backwards: of several changes of a field the first one's old value."""
    made = set(session.scalars(select(ImportRow.contact_id).where(*_written(job), ImportRow.outcome == CREATED)))
    earlier: dict[int, dict[str, Any]] = {}
    for row in _backwards(session, job):
        if row.contact_id not in made:
            own = ((name, old) for name, old, _new in _changes(row) if not name.startswith(OF_COMPANY))
            earlier.setdefault(row.contact_id, {}).update(own)
    earlier = {contact: values for contact, values in earlier.items() if values}
    present = loading.contacts_of(session, earlier)
    before = {contact: replace(present[contact], **_typed(values)) for contact, values in earlier.items()}
    moving = {contact: data.company for contact, data in before.items() if _moves(data, present[contact])}
    ids = _companies(session, {company for company in moving.values() if company})
    moves = {contact: ids.get(fold(company)) for contact, company in moving.items()}
    storing.update_contacts(session, before, moves, now())


def _moves(before: ContactData, present: ContactData) -> bool:
    return fold(before.company) != fold(present.company)


def _companies(session: Session, names: set[str]) -> dict[str, int]:
    """The ids of these companies by folded name; one that is gone or has another name by now is made again."""
    _known, ids = loading.companies_of(session, {fold(name) for name in names})
    missing = {fold(name): CompanyData(name=name) for name in names if fold(name) not in ids}
    made = storing.create_companies(session, list(missing.values()), now())
    return {**ids, **dict(zip(missing, made, strict=True))}


def _restore_companies(session: Session, job: ImportJob) -> None:
    """The companies that the import made or added to, as far as nobody has edited them since."""
    earlier: dict[int, dict[str, str]] = {}
    stamps: dict[int, datetime] = {}
    made: set[int] = set()
    for row in _backwards(session, job, ImportRow.company_id.is_not(None)):
        stamps.setdefault(row.company_id, row.written_at)
        of_company = ((name, old) for name, old, _new in _changes(row) if name.startswith(OF_COMPANY))
        earlier.setdefault(row.company_id, {}).update({name.removeprefix(OF_COMPANY): old for name, old in of_company})
        made |= {row.company_id} if row.detail.get(NEW_COMPANY) else set()
    as_left = _as_left(session, stamps)
    present = loading.companies_by_ids(session, as_left - made)
    storing.update_companies(session, {key: replace(data, **earlier[key]) for key, data in present.items()}, now())
    for some in loading.in_portions(as_left & made):
        unused = ~exists().where(Contact.company_id == Company.id)
        session.execute(
            delete(Company).where(Company.id.in_(some), unused).execution_options(synchronize_session=False)
        )


def _as_left(session: Session, stamps: dict[int, datetime]) -> set[int]:
    """Those of these companies that nobody has edited since the import wrote them."""
    found: set[int] = set()
    for some in loading.in_portions(stamps):
        edited = select(Company.id, Company.updated_at).where(Company.id.in_(some))
        found |= {company for company, moment in session.execute(edited) if moment == stamps[company]}
    return found


def _backwards(session: Session, job: ImportJob, *conditions: ColumnElement[bool]) -> Iterator[Any]:
    columns = (ImportRow.contact_id, ImportRow.company_id, ImportRow.written_at, ImportRow.detail)
    changing = conditions or (ImportRow.outcome == UPDATED,)
    statement = select(*columns).where(*_written(job), *changing).order_by(ImportRow.number.desc())
    return iter(session.execute(statement.execution_options(yield_per=loading.AT_ONCE)))


def _changes(row: Any) -> list[tuple[str, Any, Any]]:
    return [(name, old, new) for name, old, new in row.detail.get("changes", ())]


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Values as they were before JSON kept them; see recording."""
    typed = dict(values)
    for name in ("birthday", "consent_on"):
        if isinstance(typed.get(name), str):
            typed[name] = date.fromisoformat(typed[name])
    if "labels" in typed:
        typed["labels"] = tuple(typed["labels"])
    return typed
