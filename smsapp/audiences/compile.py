"""Conditions as SQL. Knows nothing of Flask.

Every row becomes an expression that is true or false, never NULL, so that groups may negate it. Text is folded by
the database on both sides of a comparison, for only then "is" holds for equal texts on every database. Conditions on
companies are worked out over the companies first: there are far fewer of them.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from smsapp.audiences.conditions import Group, Row, parse
from smsapp.audiences.fields import FIELDS, Field, Kind, Operator
from smsapp.contacts.models import Company, Contact, Label, PhoneNumber, contact_label
from smsapp.folding import contains_pattern, fold

_POSITIVE = {
    Operator.IS_NOT: Operator.IS,
    Operator.IS_EMPTY: Operator.IS_NOT_EMPTY,
    Operator.HAS_NOT: Operator.HAS,
}


def where(group: Group) -> ColumnElement[bool]:
    """Which contacts match; for statements that select from `contact`, with or without its company."""
    parts = [where(child) if isinstance(child, Group) else _row(child) for child in group.children]
    if not parts:
        return true()
    if group.match == "all":
        return and_(*parts)
    return or_(*parts) if group.match == "any" else not_(or_(*parts))


def joined() -> FromClause:
    """The contacts with their companies, where they have one."""
    contacts, companies = Contact.__table__, Company.__table__
    return contacts.outerjoin(companies, companies.c.id == contacts.c.company_id)


def matching(tree: Mapping[str, Any] | Group) -> Select[int]:
    """The ids of the contacts that match; raises ConditionError for a stored tree that is wrong."""
    return select(Contact.id).where(where(as_group(tree)))


def as_group(tree: Mapping[str, Any] | Group) -> Group:
    """A stored tree parsed; a group as it is."""
    return tree if isinstance(tree, Group) else parse(tree)


def _row(row: Row) -> ColumnElement[bool]:
    field = FIELDS[row.field]
    if row.operator in _POSITIVE:
        return not_(_true(field, _POSITIVE[row.operator], row.value))
    return _true(field, row.operator, row.value)


def _true(field: Field, operator: Operator, value: Any) -> ColumnElement[bool]:
    if field.kind is Kind.LABELS:
        return _label(operator, value)
    if field.kind is Kind.PHONE:
        return _phone(field, operator, value)
    if field.owner == "company":
        return _company(field, operator, value)
    return _column(getattr(Contact, field.column), field.kind, operator, value)


def _company(field: Field, operator: Operator, value: Any) -> ColumnElement[bool]:
    company = aliased(Company)
    ids = select(company.id).where(_column(getattr(company, field.column), field.kind, operator, value))
    return and_(Contact.company_id.is_not(None), Contact.company_id.in_(ids))


def _label(operator: Operator, value: Any) -> ColumnElement[bool]:
    carrying = select(contact_label.c.contact_id)
    if operator is not Operator.IS_NOT_EMPTY:
        names = (value,) if isinstance(value, str) else value
        keys = select(Label.id).where(Label.key.in_([fold(name) for name in names]))
        carrying = carrying.where(contact_label.c.label_id.in_(keys))
    return Contact.id.in_(carrying)


def _phone(field: Field, operator: Operator, value: Any) -> ColumnElement[bool]:
    number = aliased(PhoneNumber)
    having = select(number.contact_id).where(number.field == field.column)
    if operator is not Operator.IS_NOT_EMPTY:
        having = having.where(number.e164.startswith(value))
    return Contact.id.in_(having)


def _column(column: Any, kind: Kind, operator: Operator, value: Any) -> ColumnElement[bool]:
    if kind is Kind.DATE:
        return _date(column, operator, value)
    if kind is Kind.YES_NO:
        known: ColumnElement[bool] = column.is_not(None) if operator is Operator.IS_NOT_EMPTY else column.is_(value)
        return known
    return _text(column, operator, value)


def _date(column: Any, operator: Operator, value: Any) -> ColumnElement[bool]:
    if operator is Operator.IS_NOT_EMPTY:
        known: ColumnElement[bool] = column.is_not(None)
        return known
    first, last = (date.fromisoformat(day) for day in (value if isinstance(value, tuple) else (value, value)))
    compared = {
        Operator.IS: column == first,
        Operator.BEFORE: column < first,
        Operator.AFTER: column > first,
        Operator.BETWEEN: column.between(first, last),
    }
    return and_(column.is_not(None), compared[operator])


def _text(column: Any, operator: Operator, value: Any) -> ColumnElement[bool]:
    if operator is Operator.IS_NOT_EMPTY:
        return _known(column, column != "")
    folded = func.smsapp_fold(column, type_=String)
    if operator is Operator.ONE_OF:
        return _known(column, folded.in_([_folded(text) for text in value]))
    if operator is Operator.IS:
        return _known(column, folded == _folded(value))
    pattern = contains_pattern(value)
    pattern = pattern if operator is Operator.CONTAINS else pattern[1:]
    return _known(column, folded.like(_folded(pattern), escape="\\"))


def _folded(text: str) -> ColumnElement[str]:
    return func.smsapp_fold(text, type_=String)


def _known(column: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition, false instead of NULL where the column may be NULL."""
    may_be_null = getattr(column, "nullable", None) is not False
    return and_(column.is_not(None), condition) if may_be_null else condition
