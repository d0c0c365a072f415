"""How wide the values of the used tags are among the recipients, and what a text comes to with them. Pure.

A key stroke changes the words of a text, rarely its tags. So the recipients are counted once by the *shape* that their
values give any text with these tags: which fields are empty (their substitutes come in), characters, pairs, alphabet.
There are hundreds of shapes, however many contacts there are. Every text with the same tags is priced from them.

A text of several parts with pairs in it may depend on where each value stands. For the few shapes where it does, the
recipients are counted by their single values, too: each as its length, or itself where it holds pairs (the joint
histogram). They are kept apart, since most texts never need them.
"""

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from smsapp.text.billing import (
    MAX_CHARACTERS,
    Rule,
    Width,
    billed_from_width,
    billed_messages,
    parts_from_width,
    width_of,
)
from smsapp.text.gsm import EXTENSION, non_gsm_characters
from smsapp.text.segments import measure
from smsapp.text.tags import Template, render

Element = int | str
Joint = list[list[list[tuple[list[Element], int]]]]

NAMED: Final = 20
"""So many characters are named that make texts dearer."""
MOST_CAUSES: Final = NAMED + 1 + len(EXTENSION) + MAX_CHARACTERS
"""So many of a shape are kept: among them those to be named, whichever of the others do not count in a text or are its
own; and one more, to know whether that is all."""
_FOREIGN_LETTER: Final = "ŵ"  # one unit, and no GSM character


class Shape(NamedTuple):
    """What a recipient's values bring to a text. `empty` has a bit for each field, in their order."""

    empty: int
    extension: int
    astral: int
    gsm: bool
    characters: int


@dataclass(slots=True)
class Histogram:
    """Recipients by shape. `groups`: [empty, extension, astral, gsm, [[characters, recipients, causes], ...]].

    `joint` is packed, parallel to `groups`: for every shape the values' elements and their recipients.
    """

    groups: list[list[Any]]
    joint: bytes


@dataclass(slots=True)
class Prices:
    """What a text comes to for all recipients; see `summary.Figures`."""

    histogram: Counter[int] = field(default_factory=Counter)
    too_long: int = 0
    dearer: Counter[tuple[int, int]] = field(default_factory=Counter)
    shortest: int = 0
    longest: int = 0
    causes: dict[str, None] = field(default_factory=dict)


def used_fields(template: Template) -> list[str]:
    """The fields that a histogram of this template counts, in their order."""
    return sorted(template.fields)


def repeats(template: Template) -> list[int]:
    """How often each of these fields is used."""
    used = Counter(tag.field for tag in template.tags)
    return [used[name] for name in used_fields(template)]


def count(rows: Iterable[tuple[Sequence[str], int]], times: Sequence[int]) -> Histogram:
    """The histogram of recipients: rows are values (in the order of `used_fields`) and how many have them."""
    joint: Counter[tuple[Element, ...]] = Counter()
    odd: defaultdict[tuple[Element, ...], set[str]] = defaultdict(set)
    for values, recipients in rows:
        elements = tuple(map(_element, values))
        joint[elements] += recipients
        if any(not isinstance(element, int) or element < 0 for element in elements):
            odd[elements].update(*map(_odd_characters, values))
    return _grouped(joint, odd, times)


def evaluate(groups: Sequence[Sequence[Any]], template: Template, rule: Rule, joint: Callable[[], bytes]) -> Prices:
    """What this text comes to for everybody in the groups; `joint` fetches what few texts need."""
    prices = Prices()
    literal = width_of(template.literal_text)
    unsure: list[tuple[int, int]] = []
    lengths: list[int] = []
    for place, (empty, extension, astral, gsm, shapes) in enumerate(groups):
        base = literal + width_of(_substitutes(template, empty)) + Width(0, extension, astral, bool(gsm))
        lengths += (base.characters + shapes[0][0], base.characters + shapes[-1][0])
        odd = _price_group(prices, base, shapes, rule, place, unsure)
        _add_causes(prices, template, empty, base, odd)
    prices.shortest, prices.longest = min(lengths, default=0), max(lengths, default=0)
    if unsure:
        _measure_one_by_one(prices, groups, template, rule, unpack(joint()), unsure)
    return prices


def _price_group(
    prices: Prices, base: Width, shapes: Sequence[Sequence[Any]], rule: Rule, place: int, unsure: list[tuple[int, int]]
) -> set[str] | None:
    """Price the shapes of one group; the odd characters of those that take more parts, None if there are none."""
    dear: set[str] | None = None
    for number, (characters, recipients, odd) in enumerate(shapes):
        price = _price(base.characters + characters, base.extension, base.astral, base.gsm, rule)
        if price is None:
            prices.too_long += recipients
        elif price[0] is None or price[1] is None:
            unsure.append((place, number))
        else:
            prices.histogram[price[0]] += recipients
            if price[1] > price[0]:
                prices.dearer[price[0], price[1]] += recipients
                dear = (dear or set()) | {odd}
    return dear


def unpack(joint: bytes) -> Joint:
    found: Joint = json.loads(zlib.decompress(joint))
    return found


def _grouped(
    joint: Counter[tuple[Element, ...]], odd: dict[tuple[Element, ...], set[str]], times: Sequence[int]
) -> Histogram:
    shapes: defaultdict[Shape, list[tuple[tuple[Element, ...], int]]] = defaultdict(list)
    for elements, recipients in joint.items():
        shapes[_shape(elements, times)].append((elements, recipients))
    groups: dict[tuple[int, ...], list[list[Any]]] = {}
    kept: dict[tuple[int, ...], list[Any]] = {}
    for shape in sorted(shapes):
        members = shapes[shape]
        causes = sorted(set().union(*(odd.get(elements, ()) for elements, _ in members)))[:MOST_CAUSES]
        entry = [shape.characters, sum(recipients for _, recipients in members), "".join(causes)]
        groups.setdefault(shape[:4], []).append(entry)
        kept.setdefault(shape[:4], []).append(members)
    packed = zlib.compress(json.dumps(list(kept.values())).encode(), 1)
    return Histogram([[*key[:3], int(key[3]), entries] for key, entries in groups.items()], packed)


def _shape(elements: Sequence[Element], times: Sequence[int]) -> Shape:
    width = Width()
    empty = 0
    for place, (element, often) in enumerate(zip(elements, times, strict=True)):
        width += _width(element).times(often)
        empty |= (element == 0) << place
    extension = width.extension if width.gsm else 0
    return Shape(empty, extension, width.astral, width.gsm, width.characters)


@lru_cache(65_536)
def _element(value: str) -> Element:
    """The value's length; below zero if it is not GSM; the value itself if it has pairs."""
    width = width_of(value)
    if width.astral or (width.gsm and width.extension):
        return value
    return width.characters if width.gsm else -width.characters


@lru_cache(65_536)
def _width(element: Element) -> Width:
    return width_of(element) if isinstance(element, str) else Width(abs(element), gsm=element >= 0)


@lru_cache(65_536)
def _odd_characters(value: str) -> frozenset[str]:
    """What makes a text with this value UCS-2, or takes two septets in it."""
    return frozenset(non_gsm_characters(value)) | (frozenset(value) & frozenset(EXTENSION))


@lru_cache(65_536)
def _price(characters: int, extension: int, astral: int, gsm: bool, rule: Rule) -> tuple[int | None, int | None] | None:
    """(billed, parts) of every text of this width, None for what only the text can tell; None if it is too long."""
    if characters > MAX_CHARACTERS:
        return None
    width = Width(characters, extension, astral, gsm)
    return billed_from_width(width, rule), parts_from_width(width)


def _substitutes(template: Template, empty: int) -> str:
    """What stands in for the empty fields."""
    if not empty:
        return ""
    places = {name: place for place, name in enumerate(used_fields(template))}
    return "".join(tag.substitute or "" for tag in template.tags if empty >> places[tag.field] & 1)


def _add_causes(prices: Prices, template: Template, empty: int, width: Width, odd: Iterable[str] | None) -> None:
    """The characters because of which texts of this width take more parts; none if their length alone does."""
    if odd is None:
        return
    characters = template.literal_text + _substitutes(template, empty) + "".join(sorted(odd))
    if not width.gsm:
        prices.causes.update(dict.fromkeys(non_gsm_characters(characters)))
    elif width.extension:
        prices.causes.update(dict.fromkeys(each for each in characters if each in EXTENSION))


def _measure_one_by_one(
    prices: Prices,
    groups: Sequence[Sequence[Any]],
    template: Template,
    rule: Rule,
    joint: Joint,
    unsure: Iterable[tuple[int, int]],
) -> None:
    """Price the shapes that a width alone cannot: a text of the same form stands for all of a joint entry."""
    fields = used_fields(template)
    for place, number in unsure:
        for elements, recipients in joint[place][number]:
            text = render(template, dict(zip(fields, map(_sample, elements), strict=True)))
            billed, parts = billed_messages(text, rule), measure(text).segments
            prices.histogram[billed] += recipients
            if parts > billed:
                prices.dearer[billed, parts] += recipients
                _add_causes(prices, template, groups[place][0], width_of(text), [groups[place][4][number][2]])


def _sample(element: Element) -> str:
    """Some value of this element."""
    if isinstance(element, str):
        return element
    return "a" * element if element >= 0 else _FOREIGN_LETTER * -element
