"""Putting a tag at the caret or over a selection, in the browser's positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import any_text, thorough

from smsapp.text.insert import DoesNotFit, Edit, applied, insert, substitute_edits, tag_edit, written_tag

TAG = "{Vorname}"
hostile = st.integers(-10, 500) | st.integers()


@pytest.mark.parametrize(
    ("text", "start", "end", "result", "caret"),
    [
        ("", 0, 0, "{Vorname}", 9),
        ("Hallo !", 6, 6, "Hallo {Vorname}!", 15),
        ("Hallo Welt!", 6, 10, "Hallo {Vorname}!", 15),
        ("a\nb", 2, 2, "a\n{Vorname}b", 11),
        ("😀b", 2, 2, "😀{Vorname}b", 11),
        ("😀😀b", 4, 5, "😀😀{Vorname}", 13),
        ("😀", 0, 2, "{Vorname}", 9),
        ("👨\u200d👩x", 5, 5, "👨\u200d👩{Vorname}x", 14),
        ("a\u0308b", 2, 2, "a\u0308{Vorname}b", 11),
    ],
)
def test_pieces_go_where_the_browser_says(text: str, start: int, end: int, result: str, caret: int) -> None:
    assert insert(text, start, end, TAG) == (result, caret)


@pytest.mark.parametrize(
    ("start", "end", "result"),
    [
        (-5, -1, "{Vorname}a😀b"),
        (99, 10**30, "a😀b{Vorname}"),
        (-(10**30), 99, "{Vorname}"),
        (4, 1, "a😀b{Vorname}"),
        (2, 2, "a{Vorname}😀b"),
        (2, 3, "a{Vorname}b"),
        (1, 2, "a{Vorname}😀b"),
    ],
)
def test_hostile_positions_do_no_harm(start: int, end: int, result: str) -> None:
    assert insert("a😀b", start, end, TAG).text == result


def test_a_piece_may_fill_the_text_to_480_characters() -> None:
    assert len(insert("😀" * 471, 4, 4, TAG).text) == 480


def test_a_piece_too_many_is_refused() -> None:
    with pytest.raises(DoesNotFit) as caught:
        insert("a" * 472, 0, 0, TAG)
    assert caught.value.characters == 481


def test_what_is_selected_makes_room() -> None:
    assert len(insert("a" * 480, 0, 9, TAG).text) == 480


@thorough
@given(any_text, st.data(), st.sampled_from([TAG, "😀", "é"]))
def test_inserting_does_what_the_browser_would_do(text: str, data: st.DataObject, piece: str) -> None:
    places = st.integers(0, len(text))
    first, last = sorted((data.draw(places), data.draw(places)))
    start, end = (len(text[:place].encode("utf-16-le")) // 2 for place in (first, last))
    result, caret = insert(text, start, end, piece)
    units = text.encode("utf-16-le")
    assert result.encode("utf-16-le") == units[: 2 * start] + piece.encode("utf-16-le") + units[2 * end :]
    assert result.encode("utf-16-le")[: 2 * caret].decode("utf-16-le") == text[:first] + piece


@thorough
@given(any_text, hostile, hostile)
def test_any_position_keeps_the_text_around_the_piece(text: str, start: int, end: int) -> None:
    result, caret = insert(text, start, end, "§§§")
    before = result.encode("utf-16-le")[: 2 * caret].decode("utf-16-le").removesuffix("§§§")
    after = result.encode("utf-16-le")[2 * caret :].decode("utf-16-le")
    assert text.startswith(before)
    assert text.endswith(after)
    assert len(before) + len(after) <= len(text)
    assert start < end or before + after == text


def test_without_positions_a_tag_goes_to_the_end() -> None:
    assert tag_edit("😀 ", TAG, "", "") == Edit(TAG, 3, 3)


def test_a_tag_that_does_not_fit_is_no_edit() -> None:
    with pytest.raises(DoesNotFit):
        tag_edit("x" * 475, TAG, "0", "0")


def test_only_bare_tags_of_the_field_get_the_substitute() -> None:
    text = "😀{Vorname} {Nachname} {{Vorname}} {Vorname|du} {first name}"
    edits = substitute_edits(text, "first_name", "{Vorname|Kunde}")
    assert [(start, end) for _piece, start, end in edits] == [(2, 11), (48, 60)]
    assert applied(text, edits) == "😀{Vorname|Kunde} {Nachname} {{Vorname}} {Vorname|du} {Vorname|Kunde}"


def test_a_tag_is_written_in_the_readers_language() -> None:
    assert written_tag("first_name", "en", None) == "{First name}"
    assert written_tag("first_name", "de", " Kunde ") == "{Vorname|Kunde}"


@pytest.mark.parametrize("substitute", ["{", "a|b", "a\0b"])
def test_a_substitute_that_no_tag_can_have_is_refused(substitute: str) -> None:
    with pytest.raises(ValueError):
        written_tag("first_name", "de", substitute)
