"""Writing companies. The search keys of a company's contacts hold its name and follow it."""

from dataclasses import asdict
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.clock import now
from smsapp.contacts.data import CompanyData, check_company, clean_company, company_key
from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import WHOLE, BadData, company_named, data_changed, derive, hold_revision
from smsapp.errors import AppError, NotThere, refuse_stale
from smsapp.extensions import db_write
from smsapp.folding import fold


class NameTaken(AppError):
    """There is another company of this name; contacts find their company by its name."""


def save_company(data: CompanyData, company_id: int | None = None, seen: datetime | None = None) -> int:
    """Create or change a company; its id. `seen` as in `save_contact`. Raises BadData, NameTaken, Changed, NotThere."""
    data = clean_company(data)
    if problems := check_company(data):
        raise BadData(problems)
    with db_write() as session:
        hold_revision(session)
        company = Company() if company_id is None else _company(session, company_id)
        refuse_stale(company.updated_at, seen)
        _refuse_taken_name(session, data.name, company)
        renamed = company_id is not None and company.name != data.name
        write_company(company, data)
        session.add(company)
        session.flush()
        if renamed:
            _contacts_follow(session, company)
        data_changed(session)
        return company.id


def delete_company(company_id: int) -> int:
    """Delete a company; its contacts stay, without a company. How many these are."""
    with db_write() as session:
        hold_revision(session)
        company = _company(session, company_id)
        contacts = _contacts_of(session, company)
        for contact in contacts:
            contact.company = None
            contact.updated_at = now()
            derive(contact)
        session.flush()
        session.delete(company)
        data_changed(session)
        return len(contacts)


def write_company(company: Company, data: CompanyData) -> None:
    """Write this cleaned data upon a company of an open session, and the key that people search by."""
    for name, value in asdict(data).items():
        setattr(company, name, value)
    company.search_key = company_key(data)
    company.updated_at = now()


def _refuse_taken_name(session: Session, name: str, company: Company) -> None:
    if company.id and fold(company.name) == fold(name):
        return
    if company_named(session, name) is not None:
        raise NameTaken(_("There is already a company of this name."))


def _contacts_follow(session: Session, company: Company) -> None:
    for contact in _contacts_of(session, company):
        derive(contact)


def _contacts_of(session: Session, company: Company) -> list[Contact]:
    statement = select(Contact).where(Contact.company_id == company.id).options(*WHOLE)
    return list(session.scalars(statement))


def _company(session: Session, company_id: int) -> Company:
    company = session.get(Company, company_id)
    if company is None:
        raise NotThere(_("This company does not exist or no longer exists."))
    return company
