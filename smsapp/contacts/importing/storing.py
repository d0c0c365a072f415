"""Writing many contacts and companies at once, without an object for each; the caller's transaction and commit.

What is written of a contact is the same as on its card: both take it from `contacts.data`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from smsapp.contacts.data import PLAIN, CompanyData, ContactData, company_key, derived, number_row
from smsapp.contacts.importing.loading import in_portions
from smsapp.contacts.models import PHONE_FIELDS, Company, Contact, PhoneNumber, contact_label
from smsapp.contacts.service import Names
from smsapp.folding import fold

_DATABASES_THAT_SORT: Final = ("postgresql",)


def create_contacts(
    session: Session, people: Sequence[ContactData], companies: Mapping[str, int], moment: datetime
) -> list[int]:
    """New contacts, of companies by their folded names; their ids in the same order."""
    stamps = {"is_sample": False, "created_at": moment, "updated_at": moment}
    rows = [{**_columns(data), "company_id": companies.get(fold(data.company)), **stamps} for data in people]
    ids = _inserted(session, Contact, rows)
    _add_numbers_and_labels(session, dict(zip(ids, people, strict=True)))
    return ids


def update_contacts(
    session: Session, people: Mapping[int, ContactData], companies: Mapping[int, int | None], moment: datetime
) -> None:
    """Stored contacts as they are from now on; `companies` are the companies' ids of those who move to another."""
    if not people:
        return
    rows = [{"id": contact, **_columns(data), "updated_at": moment} for contact, data in people.items()]
    session.execute(update(Contact), rows)
    if companies:
        session.execute(update(Contact), [{"id": contact, "company_id": to} for contact, to in companies.items()])
    for some in in_portions(people):
        session.execute(delete(PhoneNumber).where(PhoneNumber.contact_id.in_(some)))
        session.execute(delete(contact_label).where(contact_label.c.contact_id.in_(some)))
    _add_numbers_and_labels(session, people)


def _columns(data: ContactData) -> dict[str, Any]:
    return {**{name: getattr(data, name) for name in PLAIN}, **derived(data)}


def _add_numbers_and_labels(session: Session, people: Mapping[int, ContactData]) -> None:
    numbers = [{"contact_id": contact, **row} for contact, data in people.items() for row in _number_rows(data)]
    if numbers:
        session.execute(insert(PhoneNumber.__table__), numbers)  # type: ignore[arg-type]
    ids = _label_ids(session, {label for data in people.values() for label in data.labels})
    pairs = {(contact, ids[fold(label)]) for contact, data in people.items() for label in data.labels}
    if pairs:
        session.execute(insert(contact_label), [{"contact_id": one, "label_id": other} for one, other in pairs])


def _number_rows(data: ContactData) -> list[dict[str, str | None]]:
    typed = ((field, getattr(data, field)) for field in PHONE_FIELDS)
    return [row for field, raw in typed if raw and (row := number_row(field, raw))]


def _label_ids(session: Session, labels: Iterable[str]) -> dict[str, int]:
    """The ids of these labels by folded name; those that are new are made."""
    wanted = sorted(labels)
    if not wanted:
        return {}
    names = Names(session)
    names.know(wanted)
    return {fold(label): names.label(label).id for label in wanted}


def create_companies(session: Session, companies: Sequence[CompanyData], moment: datetime) -> list[int]:
    """New companies; their ids in the same order."""
    stamps = {"created_at": moment, "updated_at": moment}
    return _inserted(session, Company, [{**_company_columns(data), **stamps} for data in companies])


def update_companies(session: Session, companies: Mapping[int, CompanyData], moment: datetime) -> None:
    """Stored companies as they are from now on. Their names stay, since their contacts' search keys hold them."""
    if companies:
        rows = [{"id": key, **_company_columns(data), "updated_at": moment} for key, data in companies.items()]
        session.execute(update(Company), rows)


def _company_columns(data: CompanyData) -> dict[str, str]:
    return {**data.values(), "search_key": company_key(data)}


def _inserted(session: Session, model: type[Contact | Company], rows: list[dict[str, Any]]) -> list[int]:
    """Insert these rows; their ids in the same order.

    SQLite numbers the rows of one statement in their order but may return them in any, and SQLAlchemy would insert one
    by one for its sake: they are sorted, and each is seen to be where it belongs.
    """
    if not rows:
        return []
    table, sorts = model.__table__, session.get_bind().dialect.name in _DATABASES_THAT_SORT
    statement = insert(table).returning(  # type: ignore[arg-type]
        table.c.id, table.c.search_key, sort_by_parameter_order=sorts
    )
    found = session.execute(statement, rows).all()
    found = found if sorts else sorted(found)
    if [key for _id, key in found] != [row["search_key"] for row in rows]:
        raise RuntimeError("the database has numbered new rows in another order than they were given")
    return [row_id for row_id, _key in found]
