"""Putting a tag into a typed text at the caret, or over what is selected, as the browser counts positions."""

from typing import NamedTuple

from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.segments import utf16_units


class Inserted(NamedTuple):
    """The new text, and the caret behind what was inserted in UTF-16 units."""

    text: str
    caret: int


class DoesNotFit(ValueError):
    """With the piece the text would have more than 480 characters (`characters`); it stays as it was."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"{characters} characters, at most {MAX_CHARACTERS} fit")
        self.characters = characters


def insert(text: str, start: int, end: int, piece: str) -> Inserted:
    """Replace the selection from `start` to `end` by the piece; nothing else of the text changes.

    The text has LF line breaks (a form posts CRLF: see `normalise.line_feeds`). Positions are UTF-16 units as
    in `selectionStart`; beyond the text they mean its edge, within a surrogate pair the place before it, and
    an end before the start means no selection.
    """
    first = _code_points(text, start)
    last = max(first, _code_points(text, end))
    upto_caret = text[:first] + piece
    result = upto_caret + text[last:]
    if len(result) > MAX_CHARACTERS:
        raise DoesNotFit(len(result))
    return Inserted(result, utf16_units(upto_caret))


def _code_points(text: str, units: int) -> int:
    """How many code points lie wholly within the first `units` UTF-16 units."""
    head = text.encode("utf-16-le")[: 2 * max(units, 0)]
    return len(head.decode("utf-16-le", errors="ignore"))
