"""Conditions as SQL choose exactly the contacts that a plain reading of the design chooses."""

import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import Connection, create_engine, func, insert, select

from smsapp.audiences.compile import joined, matching, where
from smsapp.audiences.conditions import EVERYBODY, MAX_ROWS, Group, Row, parse
from smsapp.audiences.fields import FIELDS, Kind, Operator
from smsapp.contacts.models import Company, Contact, Label, PhoneNumber, contact_label
from smsapp.extensions import Base, prepare_engine
from smsapp.folding import fold
from tests.unit.audiences.condition_strategies import CONTACT_FIELDS, Person, people, trees


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    prepare_engine(engine)
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        connection.commit()
        yield connection
    engine.dispose()


def matches(part: Group | Row, person: Person) -> bool:
    """The oracle: the design's section 6 read aloud."""
    if isinstance(part, Row):
        return row_is_true(part, person)
    if not part.children:
        return True
    truths = [matches(child, person) for child in part.children]
    return {"all": all(truths), "any": any(truths), "none": not any(truths)}[part.match]


def row_is_true(row: Row, person: Person) -> bool:
    known = FIELDS[row.field]
    if known.kind is Kind.LABELS:
        return set_is_true(row, {fold(label) for label in person.labels})
    present = value_of(row, person)
    missing = present is None or present == ""
    if row.operator is Operator.IS_EMPTY:
        return missing
    if row.operator is Operator.IS_NOT_EMPTY:
        return not missing
    if missing:
        return row.operator is Operator.IS_NOT
    return compare(row, present)


def value_of(row: Row, person: Person) -> Any:
    known = FIELDS[row.field]
    if known.owner == "company":
        return person.company[known.column] if person.company else None
    if known.owner == "phone":
        raw, e164 = person.phones.get(known.column, ("", None))
        return raw if row.operator in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY) else e164
    return person.columns[known.key]


def set_is_true(row: Row, labels: set[str]) -> bool:
    wanted = {fold(label) for label in ((row.value,) if isinstance(row.value, str) else row.value or ())}  # type: ignore[union-attr]
    truths: dict[Operator, bool] = {
        Operator.HAS: bool(wanted & labels),
        Operator.HAS_ANY_OF: bool(wanted & labels),
        Operator.HAS_NOT: not wanted & labels,
        Operator.IS_EMPTY: not labels,
        Operator.IS_NOT_EMPTY: bool(labels),
    }
    return truths[row.operator]


def compare(row: Row, present: Any) -> bool:
    if isinstance(present, bool):
        return present is row.value
    if isinstance(present, date):
        return compare_days(row, present.isoformat())
    folded = fold(present)
    wanted = [fold(text) for text in (row.value if isinstance(row.value, tuple) else (row.value,))]  # type: ignore[arg-type]
    truths: dict[Operator, Callable[[], bool]] = {
        Operator.IS: lambda: folded == wanted[0],
        Operator.IS_NOT: lambda: folded != wanted[0],
        Operator.CONTAINS: lambda: wanted[0] in folded,
        Operator.BEGINS_WITH: lambda: folded.startswith(wanted[0]),
        Operator.ONE_OF: lambda: folded in wanted,
    }
    return truths[row.operator]()


def compare_days(row: Row, present: str) -> bool:
    first, last = row.value if isinstance(row.value, tuple) else (row.value, row.value)
    assert isinstance(first, str)
    assert isinstance(last, str)
    truths = {
        Operator.IS: present == first,
        Operator.BEFORE: present < first,
        Operator.AFTER: present > first,
        Operator.BETWEEN: first <= present <= last,
    }
    return truths[row.operator]


def store(connection: Connection, everybody: list[Person]) -> None:
    labels: dict[str, int] = {}
    for number, person in enumerate(everybody, 1):
        if person.company is not None:
            connection.execute(insert(Company).values(id=number, **{"name": "", **person.company}))
        company_id = number if person.company is not None else None
        connection.execute(insert(Contact).values(id=number, company_id=company_id, **person.columns))
        for field, (raw, e164) in person.phones.items():
            values = {"contact_id": number, "field": field, "raw": raw, "e164": e164}
            connection.execute(insert(PhoneNumber).values(**values, problem=None if e164 else "invalid"))
        for label in person.labels:
            if fold(label) not in labels:
                labels[fold(label)] = len(labels) + 1
                connection.execute(insert(Label).values(id=labels[fold(label)], name=label, key=fold(label)))
            connection.execute(insert(contact_label).values(contact_id=number, label_id=labels[fold(label)]))


def nobody_in_particular(**columns: Any) -> Person:
    blank: dict[str, Any] = {each.key: None if each.kind in (Kind.DATE, Kind.YES_NO) else "" for each in CONTACT_FIELDS}
    return Person(columns={**blank, "no_sms": False, "consent": "unknown", **columns})


NEGATED_NULL = {"match": "none", "children": [{"field": "birthday", "operator": "before", "value": "2000-01-01"}]}
NOT_IN_A_COMPANY = {"match": "all", "children": [{"field": "company_city", "operator": "is_not", "value": "Ulm"}]}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(people, trees())
@example([nobody_in_particular()], NEGATED_NULL)
@example([nobody_in_particular()], NOT_IN_A_COMPANY)
def test_sql_and_a_plain_reading_choose_the_same_contacts(
    connection: Connection, everybody: list[Person], tree: dict[str, Any]
) -> None:
    group = parse(tree)
    expected = [number for number, person in enumerate(everybody, 1) if matches(group, person)]
    transaction = connection.begin()
    try:
        store(connection, everybody)
        found = connection.scalars(matching(tree).order_by(Contact.id)).all()
        truths = connection.scalars(select(where(group)).select_from(joined())).all()
    finally:
        transaction.rollback()
    assert found == expected
    assert None not in truths
    assert len(truths) == len(everybody)


def one_matches(connection: Connection, person: Person, field: str, operator: str, value: Any) -> bool:
    transaction = connection.begin()
    try:
        store(connection, [person])
        tree = {"match": "all", "children": [{"field": field, "operator": operator, "value": value}]}
        return bool(connection.scalars(matching(tree)).all())
    finally:
        transaction.rollback()


@pytest.mark.parametrize(
    ("stored", "asked"), [("Straße", "STRASSE"), ("ÇELİK", "çeli̇k"), ("ΟΔΟΣ", "οδος"), ("Ångström", "ÅNGSTRÖM")]
)
def test_case_does_not_matter_in_any_alphabet(connection: Connection, stored: str, asked: str) -> None:
    person = nobody_in_particular(city=unicodedata.normalize("NFC", stored))
    for operator in ("is", "contains", "begins_with"):
        assert one_matches(connection, person, "city", operator, asked)


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "a%", "a_c", "\\%"])
def test_wildcards_stand_for_themselves(connection: Connection, wildcard: str) -> None:
    assert not one_matches(connection, nobody_in_particular(city="abc"), "city", "contains", wildcard)
    assert one_matches(connection, nobody_in_particular(city=f"x{wildcard}y"), "city", "contains", wildcard)


def test_the_beginning_is_not_the_middle(connection: Connection) -> None:
    person = nobody_in_particular(city="Bad Homburg")
    assert one_matches(connection, person, "city", "contains", "homburg")
    assert one_matches(connection, person, "city", "begins_with", "bad h")
    assert not one_matches(connection, person, "city", "begins_with", "homburg")


def test_an_empty_tree_is_everybody(connection: Connection) -> None:
    assert str(where(parse(EVERYBODY))) == "true"


def test_the_largest_tree_runs(connection: Connection) -> None:
    row = {"field": "company_name", "operator": "one_of", "value": [f"Firma {n}" for n in range(100)]}
    third = {"match": "none", "children": [row] * (MAX_ROWS // 2)}
    second = {"match": "any", "children": [third, *[row] * (MAX_ROWS // 2)]}
    statement = matching({"match": "all", "children": [second]})
    assert connection.scalar(select(func.count()).select_from(statement.subquery())) == 0
    connection.rollback()
