"""Texts as Kannel takes and brings them. Pure."""

from typing import Final

from smsapp.contacts.numbers import normalise
from smsapp.text.segments import PART, Encoding, measure

CODING: Final[dict[Encoding, int]] = {"gsm7": 0, "ucs2": 2}
_SECOND_HALVES: Final = range(0xDC, 0xE0)
"""How the second unit of a surrogate pair begins."""


def would_be_cut(text: str, max_messages: int) -> str | None:
    """Why Kannel would not carry this text whole, or None.

    It drops what is beyond its `max-messages` without a word, and cuts UCS-2 after every 67 units, even within an
    emoji, whose halves are nothing on many phones.
    """
    found = measure(text)
    if found.segments > max_messages:
        return "too_many_parts"
    if found.encoding == "ucs2" and found.segments > 1:
        octets, part = text.encode("utf-16-be"), 2 * PART["ucs2"]
        if any(octets[edge] in _SECOND_HALVES for edge in range(part, len(octets), part)):
            return "emoji_cut"
    return None


def brought(coding: str, digits: str) -> str:
    """An incoming text from its octets in hex; ValueError if they are not. What cannot be read is replaced."""
    octets = bytes.fromhex(digits)
    return octets.decode("utf-16-be" if coding == "2" else "utf-8", errors="replace")


def number_of(text: str) -> str:
    """A number as we keep it: a full one with its plus, whichever way Kannel's connection writes it."""
    digits = text.strip()
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.isascii() and digits.isdecimal() and normalise("+" + digits).e164 == "+" + digits:
        return "+" + digits
    return digits
