"""Conditions read back as a sentence, in English and in German."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import HealthCheck, given, settings

from smsapp.audiences.conditions import ConditionError, parse
from smsapp.audiences.fields import FIELDS, Operator
from smsapp.audiences.sentence import sentence
from smsapp.audiences.words import FIELD_LABELS, OPERATORS, PROBLEMS, field_choices, problem_text
from tests.unit.audiences.condition_strategies import trees

Read = Callable[..., str]


@pytest.fixture(scope="module")
def flask() -> Flask:
    """An application for its translations only, without a database."""
    from flask_babel import Babel

    app = Flask("smsapp")
    Babel(app, locale_selector=lambda: g.language)
    return app


@pytest.fixture
def read(flask: Flask) -> Iterator[Read]:
    """Reads a tree's children back, in English."""
    with flask.test_request_context():
        g.language = "en"
        yield lambda *children, match="all": sentence(parse({"match": match, "children": list(children)}), 600)


def row(field: str, operator: str, *value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"field": field, "operator": operator}
    return {**made, "value": value[0]} if value else made


def group(match: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"match": match, "children": list(children)}


CITY = row("company_city", "is", "Hamburg")
VIP = row("labels", "has", "VIP")
NEWSLETTER = row("newsletter", "is", True)
INDUSTRY = row("company_industry", "one_of", ["Handel", "Gastronomie"])


def test_no_conditions_are_all_contacts(read: Read) -> None:
    assert read() == "All 600 contacts."


def test_the_example_of_the_picture(read: Read) -> None:
    assert read(CITY, VIP, group("any", NEWSLETTER, INDUSTRY)) == (
        "Contacts whose company is in Hamburg and who have the label VIP and who either receive the newsletter"
        " or whose company belongs to Handel or Gastronomie."
    )


def test_a_choice_is_closed_before_more_follows(read: Read) -> None:
    assert read(group("any", NEWSLETTER, VIP), CITY) == (
        "Contacts who either receive the newsletter or who have the label VIP, and whose company is in Hamburg."
    )


def test_a_group_of_one_is_what_it_holds(read: Read) -> None:
    assert read(group("any", NEWSLETTER)) == "Contacts who receive the newsletter."


def test_none_is_an_exception(read: Read) -> None:
    assert read(NEWSLETTER, VIP, match="none") == (
        "All contacts except those who receive the newsletter or who have the label VIP."
    )
    assert read(CITY, group("none", NEWSLETTER)) == (
        "Contacts whose company is in Hamburg and who are not among those who receive the newsletter."
    )


def test_and_within_or_is_closer(read: Read) -> None:
    assert read(CITY, group("all", VIP, NEWSLETTER), match="any") == (
        "Contacts whose company is either in Hamburg or who have the label VIP and also who receive the newsletter."
    )


def test_days_are_written_as_people_write_them(read: Read) -> None:
    assert read(row("birthday", "between", ["1990-01-01", "1990-12-31"])) == (
        "Contacts who were born between Jan 1, 1990 and Dec 31, 1990."
    )


def test_values_are_never_read_as_placeholders(read: Read) -> None:
    assert "100 %(value)s %s {{x}}" in read(row("city", "contains", "100 %(value)s %s {{x}}"), VIP)


def test_codes_have_names(read: Read) -> None:
    assert read(row("country", "is", "DE")) == "Contacts whose country is Germany."
    assert read(row("salutation", "is", "ms")) == "Contacts who are addressed as Ms."


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(trees())
def test_every_tree_can_be_read(read: Read, tree: dict[str, Any]) -> None:
    text = sentence(parse(tree), 1)
    assert text.endswith(".")
    assert "None" not in text
    assert "  " not in text.replace("\u00a0", " ") or "  " in str(tree)


def test_german_reads_as_drawn(flask: Flask) -> None:
    with flask.test_request_context():
        g.language = "de"
        tree = group("all", CITY, VIP, group("any", NEWSLETTER, INDUSTRY))
        assert sentence(parse(tree), 600) == (
            "Kontakte, deren Firma in Hamburg sitzt und die das Stichwort VIP haben und die entweder den Newsletter"
            " beziehen oder deren Firma zu Handel oder Gastronomie gehört."
        )
        assert sentence(parse(group("all")), 600) == "Alle 600 Kontakte."


def test_everything_has_its_word(flask: Flask) -> None:
    assert set(FIELD_LABELS) == set(FIELDS)
    assert set(OPERATORS) == set(Operator)
    with flask.test_request_context():
        g.language = "en"
        labels = [label for _, fields in field_choices() for _, label in fields]
        assert len(set(labels)) == len(FIELDS)
        for code in PROBLEMS:
            assert problem_text(ConditionError(code))
        assert problem_text(ConditionError("unknown_operator"))
