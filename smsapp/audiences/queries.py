"""Reading audiences: the list, one of them, and whom conditions choose. Figures are SQL over all contacts."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, null, or_, select, union_all
from sqlalchemy.orm import joinedload

from smsapp.accounts.models import User
from smsapp.audiences.compile import as_group, matching, where
from smsapp.audiences.conditions import Group
from smsapp.audiences.fields import FIELDS, Kind
from smsapp.audiences.models import Audience
from smsapp.contacts.models import PHONE_FIELDS, Company, Contact, Label, PhoneNumber
from smsapp.contacts.numbers import FIXED_LINE, usable_kinds
from smsapp.contacts.queries import data_revision, uncoded_fields
from smsapp.contacts.unwanted import unwanted_numbers
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, key_of, matches
from smsapp.settings.queries import current_settings

Tree = Mapping[str, Any] | Group
Found = TypeVar("Found")
MOST_SUGGESTIONS = 100
MOST_KEPT = 2_000
"""More than there are audiences, or a list of all by their contacts would count them again each time."""

ORDERS = {
    "name": alphabetical(Audience.name),
    "status": case((Audience.archived, 3), (Audience.active, 1), else_=2),
    "owner": alphabetical(select(User.name).where(User.id == Audience.owner_id).scalar_subquery()),
    "updated": Audience.updated_at,
}
BY_CONTACTS = "contacts"
SORTS = {*ORDERS, BY_CONTACTS}
STATES = {
    "": ~Audience.archived,
    "active": and_(Audience.active, ~Audience.archived),
    "inactive": and_(~Audience.active, ~Audience.archived),
    "archived": Audience.archived,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many contacts a phone field reaches; the five add up to all contacts.

    Usable are the different numbers of a kind that gets SMS: what a send without tags would reach. A contact whose
    usable number another one has, too, is a duplicate. Fixed lines are valid and get SMS only where the sender
    includes them. Not allowed are valid numbers on the block list, of contacts who want no SMS, and of other
    countries. Numbers of all other kinds count as not valid.
    """

    usable: int = 0
    without_valid: int = 0
    duplicates: int = 0
    fixed_line: int = 0
    not_allowed: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """How many contacts match, and whom each phone field reaches."""

    contacts: int
    reach: Mapping[str, Reach]


def existing(audience_id: int) -> Audience:
    """An audience with its owner; raises NotThere."""
    audience = db.session.get(Audience, audience_id, options=[joinedload(Audience.owner)])
    if audience is None:
        raise NotThere(_("This audience does not exist or no longer exists."))
    return audience


def named(ids: Sequence[int]) -> Sequence[Audience]:
    """Those of these audiences that there are."""
    return db.session.scalars(select(Audience).where(Audience.id.in_(ids))).all()


def any_audience() -> bool:
    return db.session.scalar(select(Audience.id).limit(1)) is not None


def audience_list(search: str = "", state: str = "", sort: str = "name") -> Select[Any]:
    """The audiences in this state of `STATES` and this order of `SORTS`, each with its owner."""
    statement = select(Audience).options(joinedload(Audience.owner)).where(STATES[state])
    orders = {**ORDERS, BY_CONTACTS: _counted(state)} if sort.removeprefix("-") == BY_CONTACTS else ORDERS
    if search:
        statement = statement.where(matches(key_of(Audience.name, Audience.description), search))
    return in_order(statement, sort, orders, alphabetical(Audience.name), Audience.id)


def _counted(state: str) -> ColumnElement[int]:
    """How many contacts each audience of this state has, as SQL: no table holds what conditions choose."""
    trees = db.session.execute(select(Audience.id, Audience.tree).where(STATES[state])).all()
    counts: dict[Any, int] = {audience_id: count(tree) for audience_id, tree in trees}
    return case(counts, value=Audience.id) if counts else literal(0)


def owners(present: int | None = None) -> Sequence[User]:
    """Who can own an audience: active users, and whoever owns it now."""
    return db.session.scalars(select(User).where(or_(User.active, User.id == present)).order_by(User.name)).all()


def members(audience: Audience) -> Select[int]:
    """The ids of the contacts that belong to it."""
    return matching(audience.tree)


def _kept(work: Callable[..., Found], *about: Hashable) -> Found:
    """What this work finds: done once in this process, and anew whenever the data has changed in any process.

    The revision is read first, so what is kept for it may be newer, but never older.
    """
    memory = current_app.extensions.setdefault("audience_figures", lru_cache(MOST_KEPT)(_worked_out))
    found: Found = memory(data_revision(), work, *about)
    return found


def _worked_out(_revision: int, work: Callable[..., Found], *about: Hashable) -> Found:
    return work(*about)


def count(tree: Tree) -> int:
    """How many contacts match."""
    return _kept(_count, as_group(tree))


def _count(group: Group) -> int:
    return db.session.scalar(select(func.count()).select_from(matching(group).subquery())) or 0


def mendable_fields(tree: Tree) -> set[str]:
    """The phone fields in which some of them have a number without country code."""
    return _kept(_mendable_fields, as_group(tree))


def _mendable_fields(group: Group) -> set[str]:
    return uncoded_fields(matching(group))


def figures(tree: Tree, fields: Sequence[str] = PHONE_FIELDS) -> Figures:
    """How many contacts match and whom these phone fields reach."""
    return _kept(_figures, as_group(tree), tuple(fields), tuple(current_settings().allowed_countries))


def _figures(group: Group, fields: Sequence[str], allowed_countries: Sequence[str]) -> Figures:
    """In one statement that evaluates the tree once."""
    chosen = matching(group).cte("chosen")
    total = select(null().label("field"), func.count().label("contacts"), literal(0), literal(0), literal(0))
    allowed = and_(
        PhoneNumber.country.in_(allowed_countries),
        PhoneNumber.e164.not_in(unwanted_numbers()),
    )
    usable_number = case((and_(PhoneNumber.kind != FIXED_LINE, allowed), PhoneNumber.e164))
    fixed_line = case((and_(PhoneNumber.kind == FIXED_LINE, allowed), 1))
    counts = (func.count(), func.count(usable_number), func.count(usable_number.distinct()), func.count(fixed_line))
    valid = (
        select(PhoneNumber.field, *counts)
        .join(Contact, Contact.id == PhoneNumber.contact_id)
        .where(PhoneNumber.kind.in_(sorted(usable_kinds(fixed_line=True))))
        .where(PhoneNumber.contact_id.in_(select(chosen.c.id)))
        .group_by(PhoneNumber.field)
    )
    if set(fields) != set(PHONE_FIELDS):
        valid = valid.where(PhoneNumber.field.in_(fields))
    rows: Sequence[Any] = db.session.execute(union_all(total.select_from(chosen), valid)).all()
    found = {field: counts for field, *counts in rows}
    contacts = found.pop(None)[0]
    return Figures(contacts, {field: _reach(contacts, *found.get(field, (0, 0, 0, 0))) for field in fields})


def _reach(contacts: int, valid: int, usable: int, numbers: int, fixed_line: int) -> Reach:
    return Reach(numbers, contacts - valid, usable - numbers, fixed_line, valid - usable - fixed_line)


def samples(tree: Tree, most: int = 3) -> Sequence[Row[str, str, str, int, str | None]]:
    """The first contacts by name: first and last name, e-mail, id, company name."""
    return _kept(_samples, as_group(tree), most)


def _samples(group: Group, most: int) -> Sequence[Row[str, str, str, int, str | None]]:
    return db.session.execute(
        select(Contact.first_name, Contact.last_name, Contact.email, Contact.id, Company.name.label("company"))
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(where(group))
        .order_by(Contact.search_key, Contact.id)
        .limit(most)
    ).all()


def suggestions(key: str) -> list[str]:
    """Values that occur in this field, those of most contacts or companies first; none for names and the like."""
    field = FIELDS[key]
    if field.kind is Kind.LABELS:
        return list(db.session.scalars(select(Label.name).order_by(Label.key).limit(MOST_SUGGESTIONS)))
    if field.kind is not Kind.CODE and field.column not in ("city", "industry", "job_title", "postcode"):
        return []
    column = getattr(Company if field.owner == "company" else Contact, field.column)
    statement = select(column).where(column != "").group_by(column).order_by(func.count().desc(), column)
    return list(db.session.scalars(statement.limit(MOST_SUGGESTIONS)))
