"""Recipients worth a look before a send: the longest texts, the emptiest fields, some at random, or by search."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from smsapp.audiences.compile import joined
from smsapp.campaigns.order import Order
from smsapp.campaigns.plan_table import ENCODING, GETS_IT, PARTS, billed_sql, fill, plan_row, row
from smsapp.campaigns.preview import Preview
from smsapp.campaigns.render_sql import value_sql
from smsapp.contacts.models import Contact
from smsapp.listing import matches

FEW: Final = 3
MOST_FOUND: Final = 10


class Kind(StrEnum):
    """Which recipients."""

    LONGEST = "longest"
    EMPTIEST = "emptiest"
    RANDOM = "random"
    FOUND = "found"


def examples(session: Session, order: Order, kind: Kind, search: str = "") -> list[Preview]:
    """These recipients' SMS: three, or up to ten whose names or numbers have what is searched for.

    They are taken from the whole plan, so it costs as much as a confirmation.
    """
    fill(session, order)
    total = session.scalar(select(func.count()).select_from(plan_row).where(GETS_IT)) or 0
    return [_preview(found, total) for found in session.execute(_CHOSEN[kind](_recipients(order), order, search))]


def _recipients(order: Order) -> Select[Any]:
    before = aliased(plan_row)
    position = (
        select(func.count())
        .select_from(before)
        .where(before.c.reason.is_(None), before.c.contact_id <= row.contact_id)
        .scalar_subquery()
    )
    columns = (row.contact_id, row.name, row.number, row.text, row.characters)
    shown = (*columns, billed_sql(order.rule).label("billed"), PARTS.label("parts"), ENCODING.label("encoding"))
    return select(position.label("position"), *shown).where(GETS_IT)


def _longest(recipients: Select[Any], _order: Order, _search: str) -> Select[Any]:
    return recipients.order_by(row.characters.desc(), row.contact_id).limit(FEW)


def _emptiest(recipients: Select[Any], order: Order, _search: str) -> Select[Any]:
    empty = sum((case((value_sql(field) == "", 1), else_=0) for field in order.template.fields), literal(0))
    ids = select(row.contact_id).where(GETS_IT)
    counted = select(Contact.id, empty.label("empty")).select_from(joined()).where(Contact.id.in_(ids)).subquery()
    found = recipients.join(counted, counted.c.id == row.contact_id).where(counted.c.empty > 0)
    return found.order_by(counted.c.empty.desc(), row.contact_id).limit(FEW)


def _random(recipients: Select[Any], _order: Order, _search: str) -> Select[Any]:
    some = select(row.contact_id).where(GETS_IT).order_by(func.random()).limit(FEW)
    return recipients.where(row.contact_id.in_(some)).order_by(row.contact_id)


def _found(recipients: Select[Any], _order: Order, search: str) -> Select[Any]:
    ids = select(Contact.id).where(matches(Contact.search_key, search))
    return recipients.where(row.contact_id.in_(ids)).order_by(row.contact_id).limit(MOST_FOUND)


_CHOSEN: Final[dict[Kind, Callable[[Select[Any], Order, str], Select[Any]]]] = {
    Kind.LONGEST: _longest,
    Kind.EMPTIEST: _emptiest,
    Kind.RANDOM: _random,
    Kind.FOUND: _found,
}


def _preview(found: Row[Any], total: int) -> Preview:
    return Preview(total=total, **found._mapping)
