"""What an import reads of the database: few statements for many rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from smsapp.contacts.data import COMPANY_PLAIN, PLAIN, CompanyData, ContactData
from smsapp.contacts.importing.identity import Identity, Index, Keys, email_key, name_key
from smsapp.contacts.models import Company, Contact, DataRevision, Label, PhoneNumber, contact_label
from smsapp.folding import fold

AT_ONCE: Final = 2000
_PLAIN_COLUMNS: Final = [getattr(Contact, name) for name in PLAIN]
_COMPANY_COLUMNS: Final = [getattr(Company, name) for name in COMPANY_PLAIN]


def index_of(session: Session, keys: Keys) -> Index:
    """All contacts that a row of the file could stand for, by one walk through the contacts."""
    mobile = and_(PhoneNumber.contact_id == Contact.id, PhoneNumber.field == "mobile")
    person = (Contact.id, Contact.email, Contact.first_name, Contact.last_name)
    statement = select(*person, PhoneNumber.e164, Company.name)
    statement = statement.outerjoin(PhoneNumber, mobile).outerjoin(Contact.company)
    index = Index()
    found = session.execute(statement.order_by(Contact.id)).yield_per(AT_ONCE)
    for contact, email, first_name, last_name, e164, company in found:
        who = Identity(email_key(email), name_key(first_name, last_name), e164 or "", fold(company or ""))
        if keys.emails(who.email) or keys.names(who.name):
            index.add(contact, who)
    return index


def companies_of(session: Session, named: set[str]) -> tuple[dict[str, CompanyData], dict[str, int]]:
    """Of each company that the file names (folded) its data and its id; the oldest where several have the name."""
    names = session.execute(select(Company.id, Company.name).order_by(Company.id.desc())).yield_per(AT_ONCE)
    ids = {key: company for company, name in names if (key := fold(name)) in named}
    found = companies_by_ids(session, ids.values())
    return {fold(data.name): data for data in found.values()}, ids


def companies_by_ids(session: Session, ids: Iterable[int]) -> dict[int, CompanyData]:
    """These companies, as far as they still exist."""
    columns = select(Company.id, *_COMPANY_COLUMNS)
    found = (session.execute(columns.where(Company.id.in_(some))) for some in in_portions(ids))
    return {row[0]: CompanyData(**dict(zip(COMPANY_PLAIN, row[1:], strict=True))) for rows in found for row in rows}


def contacts_of(session: Session, ids: Iterable[int]) -> dict[int, ContactData]:
    """These contacts, as far as they still exist: all that can be edited of them."""
    found: dict[int, ContactData] = {}
    for some in in_portions(ids):
        more = _numbers_and_labels(session, some)
        statement = select(Contact.id, Company.name, *_PLAIN_COLUMNS).outerjoin(Contact.company)
        for contact, company, *values in session.execute(statement.where(Contact.id.in_(some))):
            said = dict(zip(PLAIN, values, strict=True))
            found[contact] = ContactData(**said, **more[contact], company=company or "")
    return found


def _numbers_and_labels(session: Session, ids: list[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    numbers = select(PhoneNumber.contact_id, PhoneNumber.field, PhoneNumber.raw)
    for contact, field, raw in session.execute(numbers.where(PhoneNumber.contact_id.in_(ids))):
        found[contact][field] = raw
    labels = select(contact_label.c.contact_id, Label.name).join(Label, Label.id == contact_label.c.label_id)
    carried = session.execute(labels.where(contact_label.c.contact_id.in_(ids)))
    for contact, name in sorted(carried, key=lambda row: fold(row.name)):
        found[contact]["labels"] = (*found[contact].get("labels", ()), name)
    return found


def in_portions(ids: Iterable[int]) -> Iterator[list[int]]:
    """So many ids as go into one statement."""
    wanted = sorted(ids)
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))


def revision(session: Session) -> int:
    """How often contacts and companies have changed."""
    return session.scalars(select(DataRevision.value).where(DataRevision.id == 1)).one()
