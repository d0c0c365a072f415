"""Which names can be shown as the sender of an SMS."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.settings.senders import CHARACTERS, EDGES, LENGTH, ONLY_DIGITS, chosen_id, name_problem

ALLOWED = string.ascii_letters + string.digits + " &.-_"


@pytest.mark.parametrize("name", ["Kurzpost", "A&B", "Alt-Soehne", "K.P_1", "4you", "Haus 12", "ABCDEFGHIJK", "1-2"])
def test_a_sender_name_that_networks_take(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", LENGTH),
        ("AB", LENGTH),
        ("ABCDEFGHIJKL", LENGTH),
        ("Söhne", CHARACTERS),
        ("Alt+Neu", CHARACTERS),
        ("Alt\nNeu", CHARACTERS),
        ("Alt\n", CHARACTERS),
        ("Alt\u00a0Neu", CHARACTERS),
        ("Kurz€", CHARACTERS),
        ("Аbc", CHARACTERS),  # a Cyrillic A
        (" Alt", EDGES),
        ("Alt ", EDGES),
        ("   ", EDGES),
        ("12345", ONLY_DIGITS),
        ("00000000000", ONLY_DIGITS),
        ("١٢٣٤", CHARACTERS),
    ],
)
def test_a_sender_name_that_they_refuse(name: str, problem: str) -> None:
    assert name_problem(name) == problem


@given(st.text(max_size=13))
def test_what_is_taken_obeys_every_rule(name: str) -> None:
    taken = name_problem(name) is None
    assert taken == (
        3 <= len(name) <= 11
        and all(char in ALLOWED for char in name)
        and not all(char in string.digits for char in name)
        and name[0] != " " != name[-1]
    )


@given(st.text(ALLOWED, min_size=1, max_size=13))
def test_most_names_of_allowed_characters_fail_for_a_named_reason(name: str) -> None:
    assert name_problem(name) in (None, LENGTH, EDGES, ONLY_DIGITS)


@pytest.mark.parametrize(("value", "meant"), [(None, None), ("", None), ("7", 7), ("x", 0), ("-1", 0), ("9" * 10, 0)])
def test_what_a_form_chooses_is_an_id_the_operator_number_or_nobody(value: str | None, meant: int | None) -> None:
    assert chosen_id(value) == meant
