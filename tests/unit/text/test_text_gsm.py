"""The GSM 7 bit default alphabet."""

import unicodedata

import pytest
from hypothesis import given
from text_strategies import any_text, gsm_text, thorough

from smsapp.text.gsm import BASIC, EXTENSION, extension_count, is_gsm, non_gsm_characters


def test_the_tables_have_127_and_10_different_characters() -> None:
    assert (len(BASIC), len(EXTENSION)) == (127, 10)
    assert len(set(BASIC + EXTENSION)) == 137


def test_escape_is_not_a_character_one_may_send() -> None:
    assert not is_gsm("\x1b")
    assert "\x1b" not in BASIC + EXTENSION


def test_basic_characters_stand_in_the_order_of_their_codes() -> None:
    assert BASIC.index("@") == 0x00
    assert BASIC.index("\r") == 0x0D
    assert BASIC.index("_") == 0x11
    assert BASIC.index("Ξ") == 0x1A
    assert BASIC.index("Æ") == 0x1C - 1  # 0x1B is ESC
    assert BASIC.index("A") == ord("A") - 1
    assert BASIC.index("z") == ord("z") - 1
    assert BASIC.index("à") == 0x7F - 1


def test_the_alphabet_is_composed() -> None:
    assert unicodedata.normalize("NFC", BASIC + EXTENSION) == BASIC + EXTENSION


@pytest.mark.parametrize("text", ["", "Grüße, 5 €\n", "^{}\\[~]|€\f", "ÄÖÜäöüß§ñÑ", "ΔΦΓΛΩΠΨΣΘΞ", "é è Ç É", "a\r\nb"])
def test_gsm_texts(text: str) -> None:
    assert is_gsm(text)
    assert non_gsm_characters(text) == ""


@pytest.mark.parametrize("text", ["ç", "ë", "`", "„", "“", "…", "–", "\t", "\x00", "a\u0308", "\u2126", "😀", "\u00a0"])
def test_texts_that_are_not_gsm(text: str) -> None:
    assert not is_gsm(text)


def test_foreign_characters_are_named_once_in_order() -> None:
    assert non_gsm_characters("Zoë grüßt Noël … Zoë 😀") == "ë…😀"


@thorough
@given(gsm_text)
def test_every_text_of_the_alphabet_is_gsm(text: str) -> None:
    assert is_gsm(text)


@thorough
@given(any_text)
def test_foreign_characters_are_exactly_those_outside_the_alphabet(text: str) -> None:
    foreign = non_gsm_characters(text)
    assert set(foreign) == set(text) - set(BASIC + EXTENSION)
    assert len(set(foreign)) == len(foreign)
    assert is_gsm(text) == (not foreign)


@thorough
@given(any_text | gsm_text)
def test_extension_characters_are_counted_in_any_text(text: str) -> None:
    assert extension_count(text) == sum(character in EXTENSION for character in text)
