"""A plainer way to write the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.text.gsm import is_gsm
from smsapp.text.plainer import PLAINER, plainer, replaced


def plain(text: str) -> str:
    return replaced(text, plainer(text))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("„Sale“ – nur heute…", '"Sale" - nur heute...'),
        ("10\u00a0% für «alle»", '10 % für "alle"'),
        ("Wie geht’s?", "Wie geht's?"),
        ("Donau\u00addampf", "Donaudampf"),
        ("Çelik, Zoë, 😀", "Çelik, Zoë, 😀"),
        ("", ""),
    ],
)
def test_marks_become_plain_and_letters_stay(typed: str, expected: str) -> None:
    assert plain(typed) == expected


def test_tags_and_substitutes_stay_as_they_are() -> None:
    assert plain("{Vorname|„Gast“} – {Firma|–}") == "{Vorname|„Gast“} - {Firma|–}"


def test_every_stand_in_is_cheap_itself() -> None:
    assert all(is_gsm(new) for new in PLAINER.values())
    assert not any(is_gsm(old) for old in PLAINER)


@given(st.text(st.sampled_from([*PLAINER, "a", "ë", "€", " "]), max_size=40))
def test_doing_it_twice_changes_nothing_more(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(st.text(st.sampled_from([*PLAINER, "a", "ë", "\n"]), max_size=40))
def test_each_replacement_names_what_stands_there(text: str) -> None:
    assert all(text[found.start : found.end] == found.old for found in plainer(text))
