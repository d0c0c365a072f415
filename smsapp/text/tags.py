"""Tags in a text: `{Vorname}` stands for a value, `{Vorname|Kunde}` has a substitute for an empty one.

The whole grammar, read once from left to right:

- `{{` is a literal `{` and `}}` a literal `}`. So `{{Vorname}}` is the text {Vorname}, and `{{{Vorname}}}` is
  the first name in braces: `{{`, then `{Vorname}`, then `}}`.
- Any other `{` begins a tag, which ends at the next `}`; no brace may come between. A name ignores case and
  extra spaces. A substitute is plain text without braces or `|`; spaces at its edges do not count, and an
  empty one says "leave empty".
- A brace that is neither is an error, never text.

This is no template engine: values are inserted once and never read again.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar, Final

from smsapp.text.tag_names import NAMES, SPELLINGS, fold

_BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_RESERVED: Final = re.compile(r"[{}|]")
_LONGEST_GUESS: Final = 60  # a longer name is no misspelt tag, and comparing it takes long


class TagError(ValueError):
    """A text cannot be read. `position` counts code points from 0 to the brace at fault.

    `name` is what was written there, `suggestion` what may have been meant or None.
    """

    code: ClassVar[str]

    def __init__(self, position: int, name: str, suggestion: str | None = None) -> None:
        super().__init__(f"{self.code} at {position}: {name!r}")
        self.position = position
        self.name = name
        self.suggestion = suggestion


class UnknownTag(TagError):
    """No field has this name; the suggestion is the closest name there is, in its usual spelling."""

    code = "unknown_tag"


class LoneBrace(TagError):
    """A brace without its partner; the name is the brace, the suggestion the doubled one."""

    code = "lone_brace"


class EmptyTag(TagError):
    """A tag without a name: `{}` or `{|Kunde}`."""

    code = "empty_tag"


class SecondBar(TagError):
    """A substitute with a `|`, as in `{Vorname|Nachname|Kunde}`: a chain of fields is not understood."""

    code = "second_bar"


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that every recipient gets as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A field's value; `substitute` stands in for an empty one ("": leave empty; None: not decided)."""

    field: str
    substitute: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was read: literals (never two in a row, never empty) and tags in their order."""

    parts: tuple[Literal | Tag, ...]

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Every tag in order, as often as it is used."""
        return tuple(part for part in self.parts if isinstance(part, Tag))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields used, each once, in order of appearance."""
        return tuple(dict.fromkeys(tag.field for tag in self.tags))

    @property
    def required(self) -> tuple[str, ...]:
        """The fields of tags without substitute, each once: where a contact may lack a value."""
        return tuple(dict.fromkeys(tag.field for tag in self.tags if tag.substitute is None))

    @property
    def literal_text(self) -> str:
        """All literals joined. A rendered text's width is this one's plus the widths of the values."""
        return "".join(part.text for part in self.parts if isinstance(part, Literal))

    def with_substitutes(self, substitutes: Mapping[str, str]) -> "Template":
        """Give tags without substitute the one of their field; it is any text and is never parsed."""
        return Template(tuple(_with_substitute(part, substitutes) for part in self.parts))


def parse(text: str, names: Mapping[str, str] = NAMES) -> Template:
    """Read a text; `names` maps folded tag names to field keys. Raises a TagError at the first fault."""
    return Template(tuple(_joined(part for _start, _end, part in _tokens(text, names))))


def render(template: Template, values: Mapping[str, str | None]) -> str:
    """The text for one recipient: each value inserted once; one that is empty, None or not there is replaced
    by the tag's substitute, or by nothing.
    """
    return "".join(
        part.text if isinstance(part, Literal) else values.get(part.field) or part.substitute or ""
        for part in template.parts
    )


def write(name: str, substitute: str | None = None) -> str:
    """The text of a tag; ValueError if the name is blank or one of them has a brace or `|`."""
    if not name.strip() or _RESERVED.search(name + (substitute or "")):
        raise ValueError(f"not to be written as a tag: {name!r}, {substitute!r}")
    return f"{{{name}}}" if substitute is None else f"{{{name}|{substitute}}}"


def escape(text: str) -> str:
    """The text with doubled braces, so that `parse` reads it as nothing but itself."""
    return text.replace("{", "{{").replace("}", "}}")


def places(text: str) -> Iterator[tuple[int, int, Tag]]:
    """Where the tags stand: start and end in code points, and the tag. Raises what `parse` raises."""
    return ((start, end, part) for start, end, part in _tokens(text, NAMES) if isinstance(part, Tag))


def _tokens(text: str, names: Mapping[str, str]) -> Iterator[tuple[int, int, Literal | Tag]]:
    """The text cut into literals and tags, with where each starts and ends in code points."""
    end = 0
    for found in _BRACES.finditer(text):
        yield end, found.start(), Literal(text[end : found.start()])
        end = found.end()
        yield found.start(), end, _token(found, names)
    yield end, len(text), Literal(text[end:])


def _token(found: re.Match[str], names: Mapping[str, str]) -> Literal | Tag:
    if found[0] in ("{{", "}}"):
        return Literal(found[0][0])
    if found[1] is None:
        raise LoneBrace(found.start(), found[0], found[0] * 2)
    return _tag(found[1], found.start(), names)


def _tag(inner: str, position: int, names: Mapping[str, str]) -> Tag:
    name, bar, substitute = inner.partition("|")
    folded = fold(name)
    if not folded:
        raise EmptyTag(position, name)
    if folded not in names:
        raise UnknownTag(position, name.strip(), _closest(folded, names))
    if "|" in substitute:
        raise SecondBar(position, name.strip())
    return Tag(names[folded], substitute.strip() if bar else None)


def _closest(folded: str, names: Mapping[str, str]) -> str | None:
    if len(folded) > _LONGEST_GUESS:
        return None
    close = difflib.get_close_matches(folded, names, n=1)
    return SPELLINGS.get(close[0], close[0]) if close else None


def _joined(parts: Iterable[Literal | Tag]) -> Iterator[Literal | Tag]:
    """The same parts with neighbouring literals made one and empty ones left out."""
    for is_literal, group in groupby(parts, lambda part: isinstance(part, Literal)):
        if not is_literal:
            yield from group
        elif text := "".join(part.text for part in group if isinstance(part, Literal)):
            yield Literal(text)


def _with_substitute(part: Literal | Tag, substitutes: Mapping[str, str]) -> Literal | Tag:
    if isinstance(part, Tag) and part.substitute is None:
        return replace(part, substitute=substitutes.get(part.field))
    return part
