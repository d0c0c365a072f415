"""The condition tree: what is accepted, what is refused and where, and that it comes back as it went in."""

from typing import Any

import pytest
from hypothesis import given

from smsapp.audiences.conditions import EVERYBODY, MAX_ROWS, ConditionError, Group, Row, examine, parse, rows, to_json
from smsapp.audiences.fields import FIELDS, Kind, Operator
from tests.unit.audiences.condition_strategies import trees


def row(field: str, operator: str, *value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"field": field, "operator": operator}
    return {**made, "value": value[0]} if value else made


def every(*children: dict[str, Any]) -> dict[str, Any]:
    return {"match": "all", "children": list(children)}


def refused(tree: object) -> tuple[str, tuple[int, ...]]:
    with pytest.raises(ConditionError) as caught:
        parse(tree)
    return caught.value.code, caught.value.path


def code_of(field: str, operator: str, *value: Any) -> str:
    code, path = refused(every(row(field, operator, *value)))
    assert path == (0,)
    return code


def value_of(field: str, operator: str, *value: Any) -> Any:
    (child,) = parse(every(row(field, operator, *value))).children
    assert isinstance(child, Row)
    return child.value


@given(trees())
def test_a_tree_comes_back_as_it_went_in(tree: dict[str, Any]) -> None:
    once = to_json(parse(tree))
    assert to_json(parse(once)) == once
    assert parse(once) == parse(tree)


def test_the_empty_root_is_everybody() -> None:
    assert parse(EVERYBODY) == Group("all", ())


def test_the_example_of_the_picture() -> None:
    tree = every(
        row("company_city", "is", "Hamburg"),
        row("labels", "has", "VIP"),
        {
            "match": "any",
            "children": [row("newsletter", "is", True), row("company_industry", "one_of", ["Handel", "Gastronomie"])],
        },
    )
    assert to_json(parse(tree)) == tree
    assert [each.field for each in rows(parse(tree))] == ["company_city", "labels", "newsletter", "company_industry"]


def test_every_field_takes_each_of_its_operators() -> None:
    for field in FIELDS.values():
        assert field.operators
        for operator in field.operators:
            assert code_of(field.key, operator, 5) == "wrong_type"


def test_no_field_takes_an_operator_of_another_kind() -> None:
    for field in FIELDS.values():
        for operator in set(Operator) - set(field.operators):
            assert code_of(field.key, operator, "x") == "unknown_operator"


def test_fields_that_are_never_missing_cannot_be_asked_for_emptiness() -> None:
    assert FIELDS["no_sms"].operators == (Operator.IS,)
    assert FIELDS["consent"].operators == (Operator.IS, Operator.IS_NOT)


@pytest.mark.parametrize("tree", [None, [], "all", {}, {"match": "all"}, {"match": "all", "children": {}}])
def test_what_is_no_group_is_refused(tree: object) -> None:
    assert refused(tree) == ("not_a_group", ())


def test_an_unknown_match_is_refused() -> None:
    assert refused({"match": "some", "children": []}) == ("unknown_match", ())


def test_unknown_keys_are_refused() -> None:
    assert refused({"match": "all", "children": [], "comment": ""}) == ("unknown_key", ())
    assert refused(every({**row("city", "is", "Ulm"), "note": 1})) == ("unknown_key", (0,))


def test_an_empty_nested_group_is_refused() -> None:
    tree = every(row("city", "is", "Ulm"), every())
    assert refused(tree) == ("empty_group", (1,))


def test_groups_nest_three_deep() -> None:
    third = every(row("city", "is", "Ulm"))
    assert parse(every({"match": "any", "children": [third]}))
    assert refused(every(every(every(third)))) == ("too_deep", (0, 0, 0))


def test_a_bottomless_tree_is_refused_without_descending() -> None:
    tree: dict[str, Any] = every(row("city", "is", "Ulm"))
    for _ in range(5000):
        tree = every(tree)
    assert refused(tree)[0] == "too_deep"


def test_twenty_rows_are_the_most() -> None:
    half = {"match": "any", "children": [row("city", "is", "Ulm")] * (MAX_ROWS // 2)}
    assert len(list(rows(parse(every(half, half))))) == MAX_ROWS
    assert refused(every(half, half, row("city", "is", "Ulm"))) == ("too_many_rows", ())


def test_an_unknown_field_is_refused() -> None:
    assert code_of("password", "is", "x") == "unknown_field"
    assert code_of("", "is", "x") == "no_field"
    assert refused(every({"field": ["city"], "operator": "is", "value": "x"})) == ("unknown_field", (0,))


def test_a_text_may_not_be_blank_or_endless() -> None:
    assert code_of("city", "is", " \t ") == "empty_value"
    assert code_of("city", "is") == "empty_value"
    assert value_of("city", "is", "x" * 200)
    assert code_of("city", "is", "x" * 201) == "too_long"


@pytest.mark.parametrize("char", ["\0", "\x1f", "\x7f", "\n", "\ud800"])
def test_characters_that_no_database_keeps_are_refused(char: str) -> None:
    assert code_of("city", "contains", f"a{char}b") == "control_character"


def test_texts_are_stripped_and_composed() -> None:
    assert value_of("city", "is", "  Mu\u0308nchen ") == "München"


def test_a_list_keeps_each_text_once_whatever_its_case() -> None:
    assert value_of("company_industry", "one_of", ["Handel", " HANDEL", "Straße", "STRASSE"]) == ("Handel", "Straße")
    assert code_of("company_industry", "one_of", []) == "empty_value"
    assert code_of("company_industry", "one_of", ["a", ""]) == "empty_value"
    assert code_of("company_industry", "one_of", "Handel") == "wrong_type"
    assert code_of("labels", "has_any_of", [str(n) for n in range(101)]) == "too_many_values"


def test_emptiness_takes_no_value() -> None:
    assert value_of("city", "is_empty") is None
    assert value_of("city", "is_empty", None) is None
    assert code_of("city", "is_empty", "") == "wrong_type"


def test_yes_and_no_are_booleans() -> None:
    assert value_of("newsletter", "is", False) is False
    assert code_of("newsletter", "is", "yes") == "wrong_type"
    assert code_of("newsletter", "is", 1) == "wrong_type"
    assert code_of("newsletter", "is", "") == "empty_value"


def test_choices_are_among_the_offered() -> None:
    assert value_of("salutation", "is", "ms") == "ms"
    assert code_of("salutation", "is", "Frau") == "unknown_choice"
    assert code_of("consent", "is", "maybe") == "unknown_choice"


def test_countries_and_languages_are_codes() -> None:
    assert value_of("company_country", "is", "de") == "DE"
    assert value_of("language", "one_of", ["DE", "fi", "de"]) == ("de", "fi")
    assert code_of("country", "is", "Deutschland") == "unknown_choice"


def test_days_are_dates() -> None:
    assert value_of("birthday", "before", "1990-02-28") == "1990-02-28"
    assert code_of("birthday", "is", "1990-02-30") == "bad_date"
    assert code_of("birthday", "is", "28.02.1990") == "bad_date"
    assert value_of("birthday", "between", ["1990-01-01", "1990-01-01"]) == ("1990-01-01", "1990-01-01")
    assert code_of("birthday", "between", ["1990-01-02", "1990-01-01"]) == "dates_reversed"
    assert code_of("birthday", "between", ["1990-01-02"]) == "wrong_type"
    assert code_of("birthday", "between", ["1990-01-02", ""]) == "empty_value"


def test_the_beginning_of_a_number_has_its_country_code() -> None:
    assert value_of("mobile", "begins_with", "0049 (171)") == "+49171"
    assert value_of("mobile", "begins_with", "+358") == "+358"
    assert code_of("mobile", "begins_with", "0171") == "no_country_code"
    assert code_of("mobile", "begins_with", "+49%") == "no_country_code"


def test_what_is_right_is_kept_beside_what_is_wrong() -> None:
    inner = {"match": "any", "children": [row("city", "is", "")]}
    found = examine(every(row("city", "is", "Ulm"), row("", ""), inner, row("email", "is_empty")))
    assert found.group == Group("all", (Row("city", Operator.IS, "Ulm"), Row("email", Operator.IS_EMPTY)))
    assert [(each.code, each.path) for each in found.problems] == [("no_field", (1,)), ("empty_value", (2, 0))]


def test_kinds_without_a_field_do_not_exist() -> None:
    assert {field.kind for field in FIELDS.values()} == set(Kind)
