"""The form in which texts and values are kept: composed (NFC), LF line breaks, no control characters."""

import re
import unicodedata
from typing import Final

_LINE_BREAK: Final = re.compile("\r\n?|[\u2028\u2029]")
_REFUSED: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SHAPELESS: Final = frozenset("\u034f\u115f\u1160\u2800\u3164\ufe0e\ufe0f\uffa0")
_BREAK_CHARACTERS: Final = "\t\n\v\f\r\u2028\u2029"
_SPACE_RUN: Final = re.compile(f"[ {_BREAK_CHARACTERS}]+")
_BREAK: Final = re.compile(f"[{_BREAK_CHARACTERS}]")


class ControlCharacter(ValueError):
    """A typed text has a character that no SMS can show.

    `position` counts code points from 0 in the text with LF line breaks, as the text field shows it.
    """

    def __init__(self, character: str, position: int) -> None:
        super().__init__(f"control character U+{ord(character):04X} at position {position}")
        self.character = character
        self.position = position


def line_feeds(text: str) -> str:
    """Make every line break LF: CRLF (which forms post), CR, and the line and paragraph separators."""
    return _LINE_BREAK.sub("\n", text)


def normalise(text: str) -> str:
    """The typed text as it is counted and sent: LF line breaks, TAB as a space, then NFC; idempotent.

    Any other control character (form feed, NUL, NEL ...) and a lone surrogate raise ControlCharacter.
    """
    text = line_feeds(text).replace("\t", " ")
    if found := _REFUSED.search(text):
        raise ControlCharacter(found[0], found.start())
    return unicodedata.normalize("NFC", text)


def is_blank(text: str) -> bool:
    """Whether nobody would see anything of it: white space, and characters that have no shape."""
    return all(char.isspace() or char in _SHAPELESS or unicodedata.category(char) == "Cf" for char in text)


def clean_value(raw: str) -> tuple[str, bool]:
    """A contact's value as it is kept, on one line, and whether something had to be removed; idempotent.

    Line breaks and TABs become one space with the spaces around them, which is not reported. Other control
    characters and lone surrogates are removed, which is. White space at the edges goes.
    """
    if raw.isprintable():  # which every character below is not
        return unicodedata.normalize("NFC", raw.strip()), False
    one_line = _SPACE_RUN.sub(lambda run: " " if _BREAK.search(run[0]) else run[0], raw)
    bare = _REFUSED.sub("", one_line)
    return unicodedata.normalize("NFC", bare.strip()), bare != one_line
