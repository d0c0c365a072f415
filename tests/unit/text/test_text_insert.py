"""Putting a tag at the caret or over a selection, in the browser's positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import any_text, thorough

from smsapp.text.insert import DoesNotFit, Edit, applied, substitute_edits, tag_edit, written_tag

TAG = "{Vorname}"
hostile = st.integers(0, 500) | st.integers(0)


def placed(text: str, start: int, end: int, piece: str = TAG) -> str:
    """The text with the piece put at these positions."""
    return applied(text, [tag_edit(text, piece, str(start), str(end))])


@pytest.mark.parametrize(
    ("text", "start", "end", "result"),
    [
        ("", 0, 0, "{Vorname}"),
        ("Hallo !", 6, 6, "Hallo {Vorname}!"),
        ("Hallo Welt!", 6, 10, "Hallo {Vorname}!"),
        ("a\nb", 2, 2, "a\n{Vorname}b"),
        ("😀b", 2, 2, "😀{Vorname}b"),
        ("😀😀b", 4, 5, "😀😀{Vorname}"),
        ("😀", 0, 2, "{Vorname}"),
        ("👨\u200d👩x", 5, 5, "👨\u200d👩{Vorname}x"),
        ("a\u0308b", 2, 2, "a\u0308{Vorname}b"),
    ],
)
def test_pieces_go_where_the_browser_says(text: str, start: int, end: int, result: str) -> None:
    assert placed(text, start, end) == result


@pytest.mark.parametrize(
    ("start", "end", "result"),
    [
        (-5, -1, "a😀b{Vorname}"),
        (99, 10**30, "a😀b{Vorname}"),
        (0, 99, "{Vorname}"),
        (4, 1, "a😀b{Vorname}"),
        (1, 0, "a{Vorname}😀b"),
        (2, 2, "a{Vorname}😀b"),
        (2, 3, "a{Vorname}b"),
        (1, 2, "a{Vorname}😀b"),
    ],
)
def test_hostile_positions_do_no_harm(start: int, end: int, result: str) -> None:
    assert placed("a😀b", start, end) == result


def test_a_piece_may_fill_the_text_to_480_characters() -> None:
    assert len(placed("😀" * 471, 4, 4)) == 480


def test_a_piece_too_many_is_refused() -> None:
    with pytest.raises(DoesNotFit) as caught:
        placed("a" * 472, 0, 0)
    assert caught.value.characters == 481


def test_what_is_selected_makes_room() -> None:
    assert len(placed("a" * 480, 0, 9)) == 480


@thorough
@given(any_text, st.data(), st.sampled_from([TAG, "😀", "é"]))
def test_inserting_does_what_the_browser_would_do(text: str, data: st.DataObject, piece: str) -> None:
    positions = st.integers(0, len(text))
    first, last = sorted((data.draw(positions), data.draw(positions)))
    start, end = (len(text[:position].encode("utf-16-le")) // 2 for position in (first, last))
    units = text.encode("utf-16-le")
    wanted = units[: 2 * start] + piece.encode("utf-16-le") + units[2 * end :]
    assert placed(text, start, end, piece).encode("utf-16-le") == wanted


@thorough
@given(any_text.filter(lambda text: "§" not in text), hostile, hostile)
def test_any_position_keeps_the_text_around_the_piece(text: str, start: int, end: int) -> None:
    before, after = placed(text, start, end, "§§§").split("§§§")
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
