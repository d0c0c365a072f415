"""Encoding, units and parts, against checked examples and a walk character by character."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from text_strategies import any_text, no_pairs, pairs, thorough

from smsapp.text.gsm import BASIC, EXTENSION
from smsapp.text.segments import Measure, measure, split, utf16_units

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "sms_vectors.json").read_text("utf-8"))

long_texts = any_text | no_pairs | pairs


def walk(text: str) -> tuple[Measure, list[str]]:
    """The rules spelled out one character at a time."""
    gsm = set(text) <= set(BASIC + EXTENSION)
    wide = [character in EXTENSION if gsm else ord(character) > 0xFFFF for character in text]
    units = len(text) + sum(wide)
    single, size = (160, 153) if gsm else (70, 67)
    parts, used = [""], 0
    for character, is_pair in zip(text, wide, strict=True):
        if units > single and used + 1 + is_pair > size:
            parts, used = [*parts, ""], 0
        parts[-1] += character
        used += 1 + is_pair
    parts = parts if text else []
    return Measure("gsm7" if gsm else "ucs2", len(text), units, len(parts)), parts


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["note"])
def test_the_checked_examples(vector: dict[str, Any]) -> None:
    found = measure(vector["text"])
    assert found == (vector["encoding"], len(vector["text"]), vector["units"], vector["segments"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("gsm7", 0, 0, 0)),
        ("a" * 161, ("gsm7", 161, 161, 2)),
        ("a" * 307, ("gsm7", 307, 307, 3)),
        ("€" * 80, ("gsm7", 80, 160, 1)),
        ("a" * 152 + "€" * 5, ("gsm7", 157, 162, 2)),
        ("a" * 152 + "€" + "a" * 151, ("gsm7", 304, 305, 2)),
        ("a" * 152 + "€" + "a" * 152, ("gsm7", 305, 306, 3)),
        ("a" * 151 + "€" + "a" * 153, ("gsm7", 305, 306, 2)),
        ("€" * 480, ("gsm7", 480, 960, 7)),
        ("ŵ" * 71, ("ucs2", 71, 71, 2)),
        ("ŵ" * 66 + "😀" + "ŵ" * 65, ("ucs2", 132, 133, 2)),
        ("ŵ" * 66 + "😀" + "ŵ" * 66, ("ucs2", 133, 134, 3)),
        ("€" * 70 + "ŵ", ("ucs2", 71, 71, 2)),
        ("\x1b", ("ucs2", 1, 1, 1)),
    ],
)
def test_boundaries(text: str, expected: tuple[str, int, int, int]) -> None:
    assert measure(text) == expected


def test_nothing_is_normalised() -> None:
    assert measure("a\u0308") == ("ucs2", 2, 2, 1)
    assert measure("\u00e4") == ("gsm7", 1, 1, 1)
    assert measure("a\r\nb").units == 4


def test_a_lone_surrogate_is_an_error() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        measure("a\ud83d")
    with pytest.raises(ValueError, match="surrogates"):
        split("\ude00" * 100)


def test_an_emoji_at_the_boundary_moves_to_the_next_part_whole() -> None:
    assert split("ŵ" * 66 + "😀" + "ŵ" * 66) == ["ŵ" * 66, "😀" + "ŵ" * 65, "ŵ"]


def test_a_euro_sign_at_the_boundary_moves_to_the_next_part_whole() -> None:
    assert split("a" * 152 + "€" + "b" * 152) == ["a" * 152, "€" + "b" * 151, "b"]


def test_splitting_little_or_nothing() -> None:
    assert split("") == []
    assert split("Hallo 😀") == ["Hallo 😀"]


@thorough
@given(long_texts)
def test_measuring_agrees_with_a_walk_through_the_text(text: str) -> None:
    assert measure(text) == walk(text)[0]


@thorough
@given(long_texts)
def test_splitting_agrees_with_a_walk_through_the_text(text: str) -> None:
    assert split(text) == walk(text)[1]


@thorough
@given(long_texts)
def test_parts_join_to_the_text_and_each_fits(text: str) -> None:
    parts, found = split(text), measure(text)
    assert "".join(parts) == text
    assert len(parts) == found.segments
    if found.segments > 1:
        limit = {"gsm7": 153, "ucs2": 67}[found.encoding]
        units = [walk(part)[0].units if found.encoding == "gsm7" else utf16_units(part) for part in parts]
        assert max(units) <= limit
        assert min(units[:-1]) >= limit - 1


@thorough
@given(any_text)
def test_utf16_units_count_as_browsers_do(text: str) -> None:
    assert utf16_units(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)
