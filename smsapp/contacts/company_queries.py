"""Reading companies: the list with the number of contacts, one company, suggestions for a name."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from smsapp.contacts.models import Company, Contact
from smsapp.contacts.service import company_named
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, matches

_contacts = (
    select(func.count())
    .select_from(Contact)
    .where(Contact.company_id == Company.id)
    .correlate(Company)
    .scalar_subquery()
)
ORDERS = {
    "name": Company.search_key,
    "industry": alphabetical(Company.industry),
    "city": alphabetical(Company.city),
    "contacts": _contacts,
}
SUGGESTIONS = 12


def company_list(search: str = "", sort: str = "name") -> Select[Any]:
    """Companies and how many contacts they have, in this order of `ORDERS`."""
    statement = select(Company, _contacts.label("contacts"))
    if search:
        statement = statement.where(matches(Company.search_key, search))
    return in_order(statement, sort, ORDERS, Company.search_key, Company.id)


def get(company_id: int) -> Company:
    """A company; raises NotThere."""
    company = db.session.get(Company, company_id)
    if company is None:
        raise NotThere(_("This company does not exist or no longer exists."))
    return company


def any_company() -> bool:
    return db.session.scalar(select(Company.id).limit(1)) is not None


def is_new(name: str | None) -> bool:
    """Whether saving a contact with this company would create the company."""
    return bool(name) and company_named(db.session(), name or "") is None


def contact_count(company_id: int) -> int:
    """How many contacts belong to the company."""
    return db.session.scalar(select(func.count()).where(Contact.company_id == company_id)) or 0


def suggestions(typed: str) -> Sequence[str]:
    """Names of companies in which all typed words occur; none for nothing typed."""
    if not typed:
        return []
    statement = select(Company.name).where(matches(Company.search_key, typed)).order_by(Company.search_key)
    return db.session.scalars(statement.limit(SUGGESTIONS)).all()


def industries() -> Sequence[str]:
    """The industries that companies have, each once."""
    statement = select(Company.industry).where(Company.industry != "").distinct().order_by(Company.industry)
    return db.session.scalars(statement).all()
