"""The temporary table `plan_row`: every contact of an audience, what they would get, or why nothing.

Three statements fill it: one INSERT ... SELECT with the text and the first reason that a row alone can tell, then
one UPDATE for duplicates and one for lengths. A window function in the INSERT did the same in three times the time.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column as Col
from sqlalchemy import (
    ColumnElement,
    Integer,
    MetaData,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable, DropTable

from smsapp.audiences import compile as audience_sql
from smsapp.audiences.conditions import parse
from smsapp.campaigns.order import Order
from smsapp.campaigns.render_sql import text_sql, value_sql
from smsapp.campaigns.skips import SkipReason
from smsapp.contacts.models import Contact, PhoneNumber
from smsapp.contacts.numbers import MISSING, NO_COUNTRY_CODE, UNKNOWN, usable_kinds
from smsapp.contacts.unwanted import is_unwanted, unwanted_numbers
from smsapp.text.billing import CHARACTERS_PER_MESSAGE, MAX_CHARACTERS, Rule

plan_row: Final = Table(
    "plan_row",
    MetaData(),
    Col("contact_id", Integer, primary_key=True, autoincrement=False),
    Col("name", String, nullable=False),
    Col("raw_number", String),
    Col("number", String),
    Col("country", String),
    Col("text", String, nullable=False),
    Col("characters", Integer),
    Col("signed_parts", Integer),  # below zero: as UCS-2
    Col("reason", String),
    Col("detail", String),  # the key of the empty field, or the name of the twin
    Col("twin_id", Integer),  # who gets the SMS instead
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
row = plan_row.c

GETS_IT: Final = row.reason.is_(None)
PARTS: Final[ColumnElement[int]] = func.abs(row.signed_parts, type_=Integer)
ENCODING: Final[ColumnElement[str]] = case((row.signed_parts < 0, "ucs2"), else_="gsm7")


def billed_sql(rule: Rule) -> ColumnElement[int]:
    """How many messages a row that gets an SMS is billed as."""
    if rule is Rule.NETWORK_SEGMENTS:
        return PARTS
    return (row.characters + (CHARACTERS_PER_MESSAGE - 1)) // CHARACTERS_PER_MESSAGE


def fill(session: Session, order: Order) -> None:
    """Make the table anew in the session's transaction and fill it for the order."""
    fill_reachable(session, order, with_text=True)
    characters = func.length(row.text)
    fits = characters <= MAX_CHARACTERS
    measured = {
        "characters": characters,
        "signed_parts": case((fits, func.smsapp_parts(row.text))),
        "reason": case((~fits, _word(SkipReason.TOO_LONG))),
    }
    session.execute(update(plan_row).where(GETS_IT).values(measured))


def fill_reachable(session: Session, order: Order, with_text: bool = False) -> None:
    """Fill the table with all reasons but too_long, the only one that depends on the whole text."""
    session.execute(DropTable(plan_row, if_exists=True))
    session.execute(CreateTable(plan_row))
    session.execute(_insert(order, with_text))
    session.execute(_mark_duplicates())


def candidates(order: Order, among: Select[Any] | None = None) -> Subquery:
    """Every contact of the audience with number, the values of the used tags ("v_<field>") and the first reason.

    The reason is NULL for those who are left before fields and duplicates are looked at. `among` selects the ids of
    the only contacts to look at.
    """
    number = PhoneNumber.__table__
    in_field = and_(number.c.contact_id == Contact.id, number.c.field == order.phone_field)
    source = audience_sql.joined().outerjoin(number, in_field)
    blocked = number.c.e164.in_(unwanted_numbers()) if among is None else is_unwanted(number.c.e164)
    statement = select(
        Contact.id.label("contact_id"),
        func.trim(func.coalesce(Contact.first_name, "") + " " + func.coalesce(Contact.last_name, "")).label("name"),
        number.c.raw.label("raw_number"),
        number.c.e164.label("number"),
        number.c.country,
        _number_reason(order, number.c, blocked).label("reason"),
        *(value_sql(field).label(f"v_{field}") for field in order.template.fields),
    )
    chosen = chosen_by(order) if among is None else Contact.id.in_(among)
    return statement.select_from(source).where(chosen).subquery("candidate")


def chosen_by(order: Order) -> ColumnElement[bool]:
    """The audience's conditions."""
    return audience_sql.where(parse(order.tree))


def reason_and_detail(order: Order, found: Subquery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The first reason that a row alone can tell, and which field is empty."""
    empty = [(found.c[f"v_{field}"] == "", literal(field, String)) for field in order.template.required]
    if order.needs_a_value:
        fields = order.template.fields
        nothing = and_(true(), *(found.c[f"v_{field}"] == "" for field in fields))
        empty.append((nothing, literal(fields[0], String)))
    if not empty:
        return found.c.reason, null()
    known = found.c.reason.is_not(None)
    reason = case((known, found.c.reason), (or_(*(condition for condition, _ in empty)), _word(SkipReason.FIELD_EMPTY)))
    return reason, case((known, null()), *empty)


def values_in(order: Order, found: Subquery) -> Mapping[str, ColumnElement[str]]:
    """The values of the used tags among the candidates, by field."""
    return {field: found.c[f"v_{field}"] for field in order.template.fields}


def _number_reason(order: Order, number: Any, blocked: ColumnElement[bool]) -> ColumnElement[str | None]:
    kinds = usable_kinds(order.include_fixed_line)
    reasons = (
        (or_(number.raw.is_(None), number.problem == MISSING), SkipReason.NO_NUMBER),
        (number.problem == NO_COUNTRY_CODE, SkipReason.NO_COUNTRY_CODE),
        (number.e164.is_(None), SkipReason.INVALID),
        (func.coalesce(number.kind, UNKNOWN).not_in(sorted(kinds)), SkipReason.KIND),
        (func.coalesce(number.country, "").not_in(sorted(order.allowed_countries)), SkipReason.COUNTRY),
        (blocked, SkipReason.BLOCKED),
    )
    return case(*((condition, _word(reason)) for condition, reason in reasons))


def _word(reason: SkipReason) -> ColumnElement[str]:
    return literal(reason, String)


def _insert(order: Order, with_text: bool) -> Any:
    found = candidates(order)
    text = text_sql(order.template, values_in(order, found)) if with_text else literal("", String)
    reason, detail = reason_and_detail(order, found)
    columns = ("contact_id", "name", "raw_number", "number", "country")
    chosen = select(*(found.c[name] for name in columns), text, reason, detail)
    return insert(plan_row).from_select([*columns, "text", "reason", "detail"], chosen, include_defaults=False)


def _mark_duplicates() -> Any:
    """Of several rows with one number the lowest contact id gets the SMS, and the others name it."""
    again = select(row.number).where(GETS_IT).group_by(row.number).having(func.count() > 1)
    window: dict[str, Any] = {"partition_by": row.number, "order_by": row.contact_id}
    twins = _twins(again, window).subquery("twins")
    return (
        update(plan_row)
        .values(reason=_word(SkipReason.DUPLICATE), twin_id=twins.c.twin_id, detail=twins.c.twin_name)
        .where(row.contact_id == twins.c.contact_id, twins.c.contact_id != twins.c.twin_id)
    )


def _twins(again: Select[Any], window: Mapping[str, Any]) -> Select[Any]:
    return select(
        row.contact_id,
        func.first_value(row.contact_id).over(**window).label("twin_id"),
        func.first_value(row.name).over(**window).label("twin_name"),
    ).where(GETS_IT, row.number.in_(again))
