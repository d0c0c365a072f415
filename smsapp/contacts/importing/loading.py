"""What an import reads of the database: few statements for many rows."""

from collections.abc import Iterable

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from smsapp.contacts.data import CompanyData
from smsapp.contacts.importing.identity import Identity, Index, Keys, email_key, name_key
from smsapp.contacts.models import Company, Contact, DataRevision, PhoneNumber
from smsapp.folding import fold

_AT_ONCE = 2000


def index_of(session: Session, keys: Keys) -> Index:
    """All contacts that a row of the file could stand for, by one walk through the contacts."""
    mobile = and_(PhoneNumber.contact_id == Contact.id, PhoneNumber.field == "mobile")
    person = (Contact.id, Contact.email, Contact.first_name, Contact.last_name)
    statement = select(*person, PhoneNumber.e164, Company.name)
    statement = statement.outerjoin(PhoneNumber, mobile).outerjoin(Contact.company)
    index = Index()
    found = session.execute(statement.order_by(Contact.id)).yield_per(_AT_ONCE)
    for contact, email, first_name, last_name, e164, company in found:
        who = Identity(email_key(email), name_key(first_name, last_name), e164 or "", fold(company or ""))
        if keys.emails(who.email) or keys.names(who.name):
            index.add(contact, who)
    return index


def companies_of(session: Session, named: set[str]) -> tuple[dict[str, CompanyData], dict[str, int]]:
    """Of each company that the file names (folded) its data and its id; the oldest where several have the name."""
    found: dict[str, CompanyData] = {}
    ids: dict[str, int] = {}
    names = session.execute(select(Company.id, Company.name).order_by(Company.id.desc())).yield_per(_AT_ONCE)
    ids = {key: company for company, name in names if (key := fold(name)) in named}
    for company in companies_by_ids(session, ids.values()):
        found[fold(company.name)] = CompanyData.of(company)
    return found, ids


def companies_by_ids(session: Session, ids: Iterable[int]) -> Iterable[Company]:
    """These companies, as far as they still exist."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        yield from session.scalars(select(Company).where(Company.id.in_(wanted[start : start + _AT_ONCE])))


def contacts_of(session: Session, ids: Iterable[int]) -> dict[int, Contact]:
    """These contacts, as far as they still exist, with all that can be edited of them."""
    options = (joinedload(Contact.company), selectinload(Contact.numbers), selectinload(Contact.labels))
    statement = select(Contact).where(Contact.id.in_(sorted(ids))).options(*options)
    return {contact.id: contact for contact in session.scalars(statement)}


def revision(session: Session, hold: bool = False) -> int:
    """How often contacts and companies have changed; `hold` keeps others from changing them before our commit."""
    statement = select(DataRevision.value).where(DataRevision.id == 1)
    return session.scalars(statement.with_for_update() if hold else statement).one()
