"""Conditions while they are edited: from the form to the tree and back, and what adding and removing does."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from smsapp.audiences.conditions import ConditionError, parse, to_json
from smsapp.audiences.editing import (
    DraftGroup,
    DraftRow,
    add_group,
    add_row,
    draft_of,
    drop_value,
    find,
    fit,
    keys_of,
    name_of,
    path_of,
    read,
    remove,
    to_tree,
)
from tests.unit.audiences.condition_strategies import trees


def posted(group: DraftGroup, path: tuple[int, ...] = ()) -> Iterator[tuple[str, str]]:
    """What a browser posts for a draft: a group's match, then its parts."""
    yield f"{name_of(path)}.match", group.match
    for child in group.children:
        here = (*path, child.key)
        if isinstance(child, DraftGroup):
            yield from posted(child, here)
            continue
        yield f"{name_of(here)}.field", child.field
        if child.field:
            yield f"{name_of(here)}.operator", child.operator
        yield from ((f"{name_of(here)}.value", value) for value in child.values)


def row(field: str, operator: str = "", *values: str) -> DraftRow:
    return DraftRow(0, field, operator, values)


@given(trees())
def test_conditions_survive_the_form(tree: dict[str, Any]) -> None:
    group = parse(tree)
    draft = draft_of(group)
    assert read(posted(draft)) == draft
    assert parse(to_tree(draft)) == group


def test_an_empty_form_is_everybody() -> None:
    assert to_tree(read([])) == {"match": "all", "children": []}


def test_the_order_is_that_of_the_form_and_keys_may_have_gaps() -> None:
    fields = [("n.match", "any"), ("n.7.field", "city"), ("n.3.field", "email"), ("n.7.operator", "is_empty")]
    draft = read(fields)
    assert [child.key for child in draft.children] == [7, 3]
    assert to_tree(draft)["children"][0] == {"field": "city", "operator": "is_empty"}


def test_other_fields_of_the_form_are_left_alone() -> None:
    assert (
        read([("csrf_token", "x"), ("n.x.field", "city"), ("n.0.0.0.0.0.field", "city"), ("name", "n.0")])
        == DraftGroup()
    )


def test_a_list_takes_what_is_still_typed_as_well() -> None:
    fields = [("n.0.field", "company_industry"), ("n.0.operator", "one_of"), ("n.0.value", "Bau, Holz & Co")]
    draft = read([*fields, ("n.0.more", " Handel, Gastronomie;; ")])
    assert find(draft, (0,)) == row("company_industry", "one_of", "Bau, Holz & Co", "Handel", "Gastronomie")


def test_a_typed_country_becomes_its_code() -> None:
    fields = [("n.0.field", "country"), ("n.0.operator", "one_of"), ("n.0.more", "Deutschland, suomi, Atlantis")]
    assert find(read(fields), (0,)) == row("country", "one_of", "DE", "FI", "Atlantis")


def test_another_field_of_the_same_kind_keeps_operator_and_value() -> None:
    assert fit(row("company_city", "contains", "burg")) == row("company_city", "contains", "burg")


def test_another_kind_of_field_gets_an_operator_that_it_has() -> None:
    assert fit(row("birthday", "contains", "burg")) == row("birthday", "is")
    assert fit(row("newsletter", "is", "burg")) == row("newsletter", "is", "yes")
    assert fit(row("salutation", "is", "burg")) == row("salutation", "is", "ms")
    assert fit(row("country", "is", "Hamburg")) == row("country", "is")


def test_two_days_have_two_places() -> None:
    assert fit(row("birthday", "between", "1990-01-01")) == row("birthday", "between", "1990-01-01", "")
    fields = [("n.0.field", "birthday"), ("n.0.operator", "between"), ("n.0.value", ""), ("n.0.value", "1990-01-01")]
    assert find(read(fields), (0,)) == row("birthday", "between", "", "1990-01-01")


def test_emptiness_needs_no_value() -> None:
    assert fit(row("city", "is_empty", "Ulm")) == row("city", "is_empty")


def test_a_row_yet_to_be_chosen_is_incomplete() -> None:
    draft, path = add_row(DraftGroup())
    assert path == (0,)
    with pytest.raises(ConditionError) as caught:
        parse(to_tree(draft))
    assert (caught.value.code, caught.value.path) == ("no_field", (0,))


def test_new_parts_take_unused_keys_at_the_end() -> None:
    draft = DraftGroup(children=(replace(row("city", "is_empty"), key=4), row("email", "is_empty")))
    draft, path = add_row(draft)
    assert path == (5,)
    draft, path = add_group(draft)
    assert path == (6,)
    assert find(draft, (6, 0)) == DraftRow(0)
    draft, path = add_row(draft, (6,))
    assert path == (6, 1)
    assert [child.key for child in draft.children] == [4, 0, 5, 6]


def test_removing_leaves_the_keys_of_the_others() -> None:
    draft = draft_of(
        parse({"match": "all", "children": [{"field": f, "operator": "is_empty"} for f in ("city", "email", "street")]})
    )
    assert [child.key for child in remove(draft, (1,)).children] == [0, 2]
    nested, _ = add_group(draft)
    assert find(remove(nested, (3, 0)), (3,)) == DraftGroup(3, "any")


def test_a_value_of_a_list_can_be_dropped() -> None:
    draft = DraftGroup(children=(row("labels", "has_any_of", "VIP", "Messe"),))
    assert find(drop_value(draft, (0,), 0), (0,)) == row("labels", "has_any_of", "Messe")


def test_what_is_not_there_cannot_be_changed() -> None:
    draft = DraftGroup(children=(row("city", "is", "Ulm"),))
    for change in (
        lambda: remove(draft, (1,)),
        lambda: remove(draft, ()),
        lambda: remove(draft, (0, 0)),
        lambda: add_row(draft, (0,)),
        lambda: add_group(draft, (9,)),
        lambda: drop_value(draft, (0,), 1),
        lambda: drop_value(draft, (), 0),
    ):
        with pytest.raises(LookupError):
            change()


def test_problems_are_found_by_their_keys() -> None:
    group = DraftGroup(7, "any", (DraftRow(3), DraftRow(9)))
    assert keys_of(DraftGroup(children=(DraftRow(4), group)), (1, 1)) == (7, 9)


def test_paths_are_written_and_read() -> None:
    assert path_of("") == ()
    assert path_of("2.0") == (2, 0)
    assert name_of((2, 0)) == "n.2.0"
    assert name_of(()) == "n"
    with pytest.raises(ValueError):
        path_of("2.x")


@given(trees())
def test_the_tree_of_the_form_is_what_is_stored(tree: dict[str, Any]) -> None:
    stored = to_json(parse(tree))
    assert to_json(parse(to_tree(read(posted(draft_of(parse(stored))))))) == stored
