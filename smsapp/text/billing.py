"""The one place that knows how many messages a text is billed as, from the text or from its width alone.

Two rules: `characters_160` is the manual's, 160 code points a message. `network_segments` bills the parts
that the network carries. Under both a text has at most 480 characters; more are an error, never clamped.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smsapp.text.gsm import extension_count, is_gsm
from smsapp.text.segments import PART, SINGLE, Encoding, measure, utf16_units

MAX_CHARACTERS: Final = 480
CHARACTERS_PER_MESSAGE: Final = 160


class Rule(StrEnum):
    """What counts as one billed message."""

    CHARACTERS_160 = "characters_160"
    NETWORK_SEGMENTS = "network_segments"


class TextTooLong(ValueError):
    """A text has more than 480 characters, whatever it would cost."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"{characters} characters, at most {MAX_CHARACTERS} can be sent")
        self.characters = characters


@dataclass(frozen=True, slots=True)
class Width:
    """What a text adds to any text it is put into: joined texts have the sum of their widths.

    `extension` counts the GSM extension characters even in texts that are not GSM, `astral` the code points
    beyond the Basic Multilingual Plane, because only the whole text decides which of them are pairs.
    """

    characters: int = 0
    extension: int = 0
    astral: int = 0
    gsm: bool = True

    def __add__(self, other: "Width") -> "Width":
        return Width(
            self.characters + other.characters,
            self.extension + other.extension,
            self.astral + other.astral,
            self.gsm and other.gsm,
        )

    def times(self, count: int) -> "Width":
        """The width of the text written `count` times."""
        return Width(self.characters * count, self.extension * count, self.astral * count, self.gsm or count == 0)


def billed_messages(text: str, rule: Rule | str) -> int:
    """How many messages the text is billed as; 0 for the empty text, TextTooLong over 480 characters."""
    billed = _billed_by_characters(len(text), Rule(rule))
    return measure(text).segments if billed is None else billed


def billed_from_width(width: Width, rule: Rule | str) -> int | None:
    """`billed_messages` of every text of this width; None when only the text itself can tell."""
    billed = _billed_by_characters(width.characters, Rule(rule))
    return parts_from_width(width) if billed is None else billed


def width_of(text: str) -> Width:
    """The width of exactly this string, never normalised."""
    characters = len(text)
    gsm = is_gsm(text)
    return Width(characters, extension_count(text), 0 if gsm else utf16_units(text) - characters, gsm)


def parts_from_width(width: Width) -> int | None:
    """`measure(text).segments` of every text of this width; None when it depends on where its pairs stand."""
    encoding: Encoding = "gsm7" if width.gsm else "ucs2"
    pairs = width.extension if width.gsm else width.astral
    units = width.characters + pairs
    if units <= SINGLE[encoding]:
        return min(units, 1)
    fewest, most = parts_range(units, pairs, PART[encoding])
    return fewest if fewest == most else None


def parts_range(units: int, pairs: int, size: int) -> tuple[int, int]:
    """Fewest and most parts of `size` units for `units` units, 2 * `pairs` of which belong to pairs.

    `size` is odd, and `units` is more than it. Both answers are exact: some order of the characters needs
    them. Fewest: a part is only full with a single character in it, so k parts hold the pairs in
    k * (size - 1) units and everything in k * size. Most: each boundary but the last can waste one unit, if a
    pair of its own comes next; at the last a waste gains nothing, since the pair pushed on fills two units.
    """
    fewest = max(-(-units // size), -(-2 * pairs // (size - 1)))
    most = 1 + min((units - 2) // (size - 1), (units - 1 + pairs) // size)
    return fewest, most


def _billed_by_characters(characters: int, rule: Rule) -> int | None:
    """What the number of characters alone decides: too long, or the price under the manual's rule."""
    if characters > MAX_CHARACTERS:
        raise TextTooLong(characters)
    if rule is Rule.CHARACTERS_160:
        return -(-characters // CHARACTERS_PER_MESSAGE)
    return None
