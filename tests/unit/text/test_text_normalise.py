"""The form in which typed texts and contact values are kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import any_text, thorough

from smsapp.text.normalise import ControlCharacter, clean_value, is_blank, line_feeds, normalise

dirty = st.text(alphabet=st.sampled_from("a\u0308Å\u212b \t\n\r\v\f\x00\x1b\x1f\x7f\x85\xa0\u2028\u2029\ud800€😀"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\r\r\nb", "a\n\nb"),
        ("a\tb", "a b"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("a\u0308", "ä"),
        ("\u212b", "Å"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("  a  ", "  a  "),
        ("{{7*7}} <script>", "{{7*7}} <script>"),
    ],
)
def test_typed_texts(typed: str, kept: str) -> None:
    assert normalise(typed) == kept


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x08", "\v", "\f", "\x1b", "\x7f", "\x85", "\ud83d", "\ude00"])
def test_other_control_characters_are_errors(character: str) -> None:
    with pytest.raises(ControlCharacter) as caught:
        normalise(f"ab{character}c")
    assert (caught.value.character, caught.value.position) == (character, 2)
    assert f"U+{ord(character):04X}" in str(caught.value)


def test_the_position_counts_line_breaks_once_and_emoji_once() -> None:
    with pytest.raises(ControlCharacter) as caught:
        normalise("a\r\n😀a\u0308\x00")
    assert caught.value.position == 5


@thorough
@given(any_text | dirty)
def test_normalising_is_idempotent_and_leaves_no_control_character(text: str) -> None:
    try:
        kept = normalise(text)
    except ControlCharacter as error:
        assert error.character == line_feeds(text)[error.position]
        assert unicodedata.category(error.character) in ("Cc", "Cs")
    else:
        assert normalise(kept) == kept
        assert {unicodedata.category(character) for character in kept.replace("\n", "")}.isdisjoint(
            {"Cc", "Cs", "Zl", "Zp"}
        )


@pytest.mark.parametrize(
    ("raw", "kept", "removed"),
    [
        ("", "", False),
        (" Anna ", "Anna", False),
        ("\u00a0Anna\u2003", "Anna", False),
        ("Anna\tLena", "Anna Lena", False),
        ("Anna \r\n\t Lena\n", "Anna Lena", False),
        ("Anna\vLena\fAlt", "Anna Lena Alt", False),
        ("Anna  Lena", "Anna  Lena", False),
        ("An\x00na", "Anna", True),
        (" \x00 ", "", True),
        ("\x00", "", True),
        ("Zoe\u0308", "Zoë", False),
        ("Zoe\x00\u0308", "Zoë", True),
        ("a\x85b\x1fc\x7f", "abc", True),
        ("a\ud800b", "ab", True),
        ("{Vorname}", "{Vorname}", False),
        ("<script>", "<script>", False),
        ("=HYPERLINK()", "=HYPERLINK()", False),
    ],
)
def test_contact_values(raw: str, kept: str, removed: bool) -> None:
    assert clean_value(raw) == (kept, removed)


@thorough
@given(any_text | dirty)
def test_a_clean_value_is_clean_and_stays_as_it_is(raw: str) -> None:
    kept, _ = clean_value(raw)
    assert clean_value(kept) == (kept, False)
    assert normalise(kept) == kept
    assert "\n" not in kept
    assert kept == kept.strip()


@pytest.mark.parametrize("text", ["", " ", "\n\u00a0", "\u200b", "\u200d\ufeff", "\u2800", "\u3164", "\ufe0f\u00ad"])
def test_nobody_sees_a_blank_text(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "\u200b.", "😀", "❤\ufe0f", "؟", "{Vorname}"])
def test_everything_else_is_seen(text: str) -> None:
    assert not is_blank(text)


def test_a_very_long_run_of_spaces_is_quick() -> None:
    assert clean_value("a" + " " * 500_000 + "b")[1] is False
