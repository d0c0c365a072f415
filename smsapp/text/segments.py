"""What the network carries: encoding, units and parts of a text (3GPP TS 23.038 and 23.040).

A text of GSM characters goes as septets, 160 in a single message, 153 in each of several parts. Any other
text goes as UTF-16 units, 70 or 67. Parts are filled greedily and never cut a pair (an extension character's
two septets, an emoji's two surrogates): a part may stay one unit short, and ceil(units / 153) is wrong.

Every function takes the text as it is and never normalises. A lone surrogate is no character: such a text
cannot be sent, and all of them raise ValueError (UnicodeEncodeError).
"""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, Literal, NamedTuple

from smsapp.text.gsm import EXTENSION, extension_count, is_gsm

Encoding = Literal["gsm7", "ucs2"]

SINGLE: Final[dict[Encoding, int]] = {"gsm7": 160, "ucs2": 70}
"""Units of a text that goes in one message."""

PART: Final[dict[Encoding, int]] = {"gsm7": 153, "ucs2": 67}
"""Units of each part of a longer text; both are odd, so pairs alone never fill a part."""

_ANY_PAIR: Final = "😀"  # two units in UTF-16, as an extension character is two septets


class Measure(NamedTuple):
    """How a text travels: characters are code points, units are septets or UTF-16 units."""

    encoding: Encoding
    characters: int
    units: int
    segments: int


def measure(text: str) -> Measure:
    """Measure exactly this string; the empty one has 0 units in 0 segments."""
    characters = len(text)
    if is_gsm(text):
        encoding: Encoding = "gsm7"
        units = characters + extension_count(text)
    else:
        encoding = "ucs2"
        units = utf16_units(text)
    if units <= SINGLE[encoding]:
        return Measure(encoding, characters, units, min(units, 1))
    if units == characters:
        return Measure(encoding, characters, units, -(-units // PART[encoding]))
    return Measure(encoding, characters, units, sum(1 for _ in _lengths(text, encoding)))


def split(text: str) -> list[str]:
    """The text of each part in order, packed as `measure` counts them; joined they are the text."""
    found = measure(text)
    if found.segments <= 1:
        return [text] * found.segments
    ends = list(accumulate(_lengths(text, found.encoding), initial=0))
    return [text[start:end] for start, end in pairwise(ends)]


def utf16_units(text: str) -> int:
    """The length as UTF-16 counts it, and with it JavaScript: 2 for an emoji, 1 for most others."""
    return len(text.encode("utf-16-le")) // 2


def _lengths(text: str, encoding: Encoding) -> Iterator[int]:
    """How many characters each part of a multi-part text takes."""
    if encoding == "gsm7":
        for character in EXTENSION:
            text = text.replace(character, _ANY_PAIR)
    data = text.encode("utf-16-le")
    size, start = 2 * PART[encoding], 0
    while len(data) > start:
        end = min(start + size, len(data))
        if data[end - 1] & 0xFC == 0xD8:  # a high surrogate would end the part
            end -= 2
        yield len(data[start:end].decode("utf-16-le"))
        start = end
