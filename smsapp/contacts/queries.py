"""Reading contacts: the list, one contact with all that its card shows, labels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from smsapp.contacts.models import Block, Company, Contact, DataRevision, Label, PhoneNumber, contact_label
from smsapp.contacts.numbers import NO_COUNTRY_CODE
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, matches

_blocked = Contact.id.in_(select(PhoneNumber.contact_id).join(Block, Block.e164 == PhoneNumber.e164))  # they are few
_first_label = (
    select(func.min(Label.key))
    .join(contact_label, contact_label.c.label_id == Label.id)
    .where(contact_label.c.contact_id == Contact.id)
    .scalar_subquery()
)
_mobile = (
    select(func.coalesce(PhoneNumber.e164, PhoneNumber.problem))
    .where(PhoneNumber.contact_id == Contact.id, PhoneNumber.field == "mobile")
    .correlate(Contact)
    .scalar_subquery()
)
# Subqueries instead of joins: SQLite then reads the contacts in their order on the disk, five times as fast. For
# PostgreSQL see `JOINS`.
ORDERS = {
    "name": Contact.search_key,
    "company": select(Company.search_key).where(Company.id == Contact.company_id).correlate(Contact).scalar_subquery(),
    "job": alphabetical(Contact.job_title),
    "city": alphabetical(Contact.city),
    "mobile": _mobile,
    "labels": _first_label,
    "status": case((Contact.no_sms, 1), (_blocked, 2)),
}
_its_mobile = aliased(PhoneNumber)
_first_labels = (
    select(contact_label.c.contact_id, func.min(Label.key).label("key"))
    .join(Label, Label.id == contact_label.c.label_id)
    .group_by(contact_label.c.contact_id)
    .subquery()
)
JOINS: Mapping[str, tuple[Any, ColumnElement[bool], Any]] = {
    "company": (Company, Company.id == Contact.company_id, Company.search_key),
    "mobile": (
        _its_mobile,
        and_(_its_mobile.contact_id == Contact.id, _its_mobile.field == "mobile"),
        func.coalesce(_its_mobile.e164, _its_mobile.problem),
    ),
    "labels": (_first_labels, _first_labels.c.contact_id == Contact.id, _first_labels.c.key),
}
"""What PostgreSQL joins to sort by these of `ORDERS`: it would run the subquery for each contact, twice as slow."""
# Never null and in one direction, so that the index on the search key serves.
BY_NAME = {"name": (Contact.search_key, Contact.id), "-name": (Contact.search_key.desc(), Contact.id.desc())}


def contact_list(search: str = "", sort: str = "name", label_id: int | None = None) -> Select[Any]:
    """The contacts in this order of `ORDERS`, with company, numbers and labels, in a fixed number of queries."""
    statement = select(Contact).options(
        selectinload(Contact.company), selectinload(Contact.numbers), selectinload(Contact.labels)
    )
    if search:
        statement = statement.where(matches(Contact.search_key, search))
    if label_id is not None:
        has_label = exists().where(contact_label.c.contact_id == Contact.id, contact_label.c.label_id == label_id)
        statement = statement.where(has_label)
    if sort in BY_NAME:
        return statement.order_by(*BY_NAME[sort])
    if (name := sort.removeprefix("-")) in JOINS and db.engine.dialect.name == "postgresql":
        table, on, column = JOINS[name]
        return in_order(statement.outerjoin(table, on), sort, {name: column}, Contact.search_key, Contact.id)
    return in_order(statement, sort, ORDERS, Contact.search_key, Contact.id)


def key_of_page(sort: str) -> Any:
    """What finds a page in this order, as `paginate` wants it; nothing where an index has the order."""
    return None if sort in BY_NAME else Contact.id


def contacts_of_company(company_id: int, sort: str = "name") -> Select[Any]:
    """The company's contacts, as in `contact_list`."""
    return contact_list(sort=sort).where(Contact.company_id == company_id)


_uncoded = aliased(PhoneNumber)
UNCODED_ORDERS = {
    "name": Contact.search_key,
    "country": func.nullif(Contact.country, ""),
    "old": _uncoded.raw,
}


def uncoded_numbers(contact_ids: Select[int], field: str, sort: str = "name") -> Select[Contact, str]:
    """Which of these contacts have a number without country code in this phone field, and that number."""
    statement = (
        select(Contact, _uncoded.raw)
        .join(_uncoded, and_(_uncoded.contact_id == Contact.id, _uncoded.field == field))
        .where(_uncoded.problem == NO_COUNTRY_CODE, Contact.id.in_(contact_ids))
        .options(selectinload(Contact.company))
    )
    return in_order(statement, sort, UNCODED_ORDERS, Contact.search_key, Contact.id)


def uncoded_fields(contact_ids: Select[int]) -> set[str]:
    """The phone fields in which some of these contacts have a number without country code."""
    statement = select(PhoneNumber.field).distinct()
    found = statement.where(PhoneNumber.problem == NO_COUNTRY_CODE, PhoneNumber.contact_id.in_(contact_ids))
    return set(db.session.scalars(found))


def get(contact_id: int) -> Contact:
    """A contact with company, numbers and labels; raises NotThere."""
    options = (joinedload(Contact.company), selectinload(Contact.numbers), selectinload(Contact.labels))
    contact = db.session.scalar(select(Contact).where(Contact.id == contact_id).options(*options))
    if contact is None:
        raise NotThere(_("This contact does not exist or no longer exists."))
    return contact


def data_revision() -> int | None:
    """How often contacts, companies, numbers, labels and blocks have changed."""
    return db.session.scalar(select(DataRevision.value).where(DataRevision.id == 1))


def any_contact() -> bool:
    return db.session.scalar(select(Contact.id).limit(1)) is not None


def blocks_of(contacts: Iterable[Contact]) -> dict[str, Block]:
    """The entries of the block list for any number of these contacts, by number."""
    numbers = {number.e164 for contact in contacts for number in contact.numbers if number.e164}
    return {block.e164: block for block in db.session.scalars(select(Block).where(Block.e164.in_(numbers)))}


def used_labels() -> Sequence[Label]:
    """The labels that contacts carry, by name."""
    used = select(contact_label.c.label_id)
    return db.session.scalars(select(Label).where(Label.id.in_(used)).order_by(Label.key)).all()


def label(label_id: int | None) -> Label | None:
    """The label with this id, if there is such a one."""
    return None if label_id is None else db.session.get(Label, label_id)
