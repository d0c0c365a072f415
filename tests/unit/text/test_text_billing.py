"""What a text is billed as, and how much of that its width alone tells."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import any_text, no_pairs, pairs, thorough

from smsapp.text.billing import (
    MAX_CHARACTERS,
    Rule,
    TextTooLong,
    Width,
    billed_from_width,
    billed_messages,
    parts_from_width,
    parts_range,
    width_of,
)
from smsapp.text.segments import measure

short_pairs = pairs.map(lambda text: text[:MAX_CHARACTERS])
rules = st.sampled_from(Rule)


@pytest.mark.parametrize(
    ("characters", "billed"), [(0, 0), (1, 1), (160, 1), (161, 2), (320, 2), (321, 3), (479, 3), (480, 3)]
)
def test_160_characters_are_one_message(characters: int, billed: int) -> None:
    assert billed_messages("a" * characters, Rule.CHARACTERS_160) == billed
    assert billed_messages("😀" * characters, Rule.CHARACTERS_160) == billed


@pytest.mark.parametrize(
    ("text", "billed"),
    [("", 0), ("a" * 160, 1), ("a" * 161, 2), ("a" * 480, 4), ("]" * 153, 3), ("ŵ" * 71, 2), ("😀" * 480, 15)],
)
def test_the_network_rule_bills_parts_without_a_maximum(text: str, billed: int) -> None:
    assert billed_messages(text, Rule.NETWORK_SEGMENTS) == billed


@pytest.mark.parametrize("rule", Rule)
def test_481_characters_are_an_error_and_never_clamped(rule: Rule) -> None:
    with pytest.raises(TextTooLong) as caught:
        billed_messages("a" * 481, rule)
    assert caught.value.characters == 481
    with pytest.raises(TextTooLong):
        billed_from_width(Width(characters=481), rule)


def test_a_stored_rule_is_understood_and_an_unknown_one_is_not() -> None:
    assert billed_messages("a" * 161, "characters_160") == 2
    with pytest.raises(ValueError, match="per_gram"):
        billed_messages("a", "per_gram")


def test_characters_are_code_points_as_they_come() -> None:
    assert billed_messages("a\u0308" * 80, Rule.CHARACTERS_160) == 1
    assert billed_messages("a\u0308" * 81, Rule.CHARACTERS_160) == 2
    assert billed_messages("\r\n" * 81, Rule.CHARACTERS_160) == 2


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", Width(0, 0, 0, True)),
        ("5 €\f", Width(4, 2, 0, True)),
        ("[ŵ]", Width(3, 2, 0, False)),
        ("👨\u200d👩\u200d👧", Width(5, 0, 3, False)),
    ],
)
def test_widths(text: str, width: Width) -> None:
    assert width_of(text) == width


@thorough
@given(st.lists(any_text | pairs, max_size=4))
def test_joined_texts_have_the_sum_of_their_widths(texts: list[str]) -> None:
    assert width_of("".join(texts)) == sum(map(width_of, texts), Width())


@thorough
@given(any_text, st.integers(0, 4))
def test_a_repeated_text_has_its_width_as_often(text: str, count: int) -> None:
    assert width_of(text * count) == width_of(text).times(count)


@thorough
@given(pairs | any_text)
def test_a_width_never_tells_a_wrong_number_of_parts(text: str) -> None:
    assert parts_from_width(width_of(text)) in (measure(text).segments, None)


@thorough
@given(short_pairs | any_text, rules)
def test_a_width_never_tells_a_wrong_price(text: str, rule: Rule) -> None:
    assert billed_from_width(width_of(text), rule) in (billed_messages(text, rule), None)


@thorough
@given(no_pairs)
def test_a_width_without_pairs_tells_the_parts(text: str) -> None:
    assert parts_from_width(width_of(text)) == measure(text).segments


@thorough
@given(short_pairs)
def test_under_the_manual_rule_a_width_always_tells_the_price(text: str) -> None:
    assert billed_from_width(width_of(text), Rule.CHARACTERS_160) == -(-len(text) // 160)


def test_a_width_says_so_when_only_the_text_can_tell() -> None:
    early, late = "€" + "a" * 304, "a" * 152 + "€" + "a" * 152
    assert width_of(early) == width_of(late)
    assert (measure(early).segments, measure(late).segments) == (2, 3)
    assert parts_from_width(width_of(early)) is None
    assert billed_from_width(width_of(early), Rule.NETWORK_SEGMENTS) is None
    assert billed_from_width(width_of(early), Rule.CHARACTERS_160) == 2


def test_a_few_pairs_far_from_a_decision_do_not_matter() -> None:
    assert parts_from_width(width_of("a" * 200 + "€")) == 2
    assert parts_from_width(width_of("]" * 153)) == 3


def orders(units: int) -> Iterator[tuple[int, ...]]:
    """Every sequence of singles (1) and pairs (2) that fills so many units."""
    if units == 0:
        yield ()
    for width in (1, 2):
        if width <= units:
            for rest in orders(units - width):
                yield (width, *rest)


def pack(widths: tuple[int, ...], size: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > size:
            parts, used = parts + 1, 0
        used += width
    return parts


@pytest.mark.parametrize("size", [3, 5, 7])
def test_the_bounds_are_reached_by_some_order_of_the_characters(size: int) -> None:
    for units in range(size + 1, 18):
        by_pairs: dict[int, set[int]] = {}
        for widths in orders(units):
            by_pairs.setdefault(widths.count(2), set()).add(pack(widths, size))
        for count, parts in by_pairs.items():
            assert parts_range(units, count, size) == (min(parts), max(parts)), (units, count)
