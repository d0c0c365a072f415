"""Putting a tag into a typed text at the caret, or over what is selected, as the browser counts positions."""

from collections.abc import Iterable
from typing import NamedTuple

from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.normalise import normalise
from smsapp.text.segments import utf16_units
from smsapp.text.tag_names import display_name


class Edit(NamedTuple):
    """A piece to put over what stands from `start` to `end` of the text, in UTF-16 units."""

    piece: str
    start: int
    end: int


class DoesNotFit(ValueError):
    """With the piece the text would have more than 480 characters (`characters`); it stays as it was."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"{characters} characters, at most {MAX_CHARACTERS} fit")
        self.characters = characters


def tag_edit(text: str, piece: str, start: str, end: str) -> Edit:
    """The piece over the selection from `start` to `end`, or at the end of the text where no positions came.

    The text has LF line breaks (a form posts CRLF: see `normalise.line_feeds`). Positions are UTF-16 units as
    in `selectionStart`; beyond the text they mean its end, within a surrogate pair the place before it, and
    an end before the start means no selection. Raises DoesNotFit.
    """
    first = int(start) if start.isdecimal() else utf16_units(text)
    edit = Edit(piece, first, max(first, int(end)) if end.isdecimal() else first)
    characters = len(applied(text, [edit]))
    if characters > MAX_CHARACTERS:
        raise DoesNotFit(characters)
    return edit


def substitute_edits(text: str, field: str, piece: str) -> list[Edit]:
    """The piece over every tag of this field without substitute; raises DoesNotFit and what `tags.parse` raises."""
    spans = [(start, end) for start, end, tag in tags.places(text) if tag == tags.Tag(field)]
    characters = len(text) + sum(len(piece) - (end - start) for start, end in spans)
    if characters > MAX_CHARACTERS:
        raise DoesNotFit(characters)
    return [Edit(piece, utf16_units(text[:start]), utf16_units(text[:end])) for start, end in spans]


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they do not overlap."""
    for piece, start, end in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: _code_points(text, start)] + piece + text[_code_points(text, end) :]
    return text


def written_tag(field: str, language: str, substitute: str | None) -> str:
    """A tag as this language writes it; KeyError for no such field, ValueError for what no substitute may have."""
    return tags.write(display_name(field, language), None if substitute is None else normalise(substitute).strip())


def _code_points(text: str, units: int) -> int:
    """How many code points lie wholly within the first `units` UTF-16 units."""
    head = text.encode("utf-16-le")[: 2 * units]
    return len(head.decode("utf-16-le", errors="ignore"))
