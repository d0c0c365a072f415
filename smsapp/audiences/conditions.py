"""Conditions that choose contacts: the tree, its fields and operators, and what can be wrong with one. Pure.

As JSON: {"match": "all", "children": [{"field": "company_city", "operator": "is", "value": "Hamburg"}, {"match":
"any", "children": [...]}]}. A group is true if all, any or none of its children are; without children only the root
is allowed, and that is everybody. Text is compared without case. A missing value (nothing entered, no company)
satisfies "is not" and "is empty" and nothing else.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from smsapp.audiences.fields import FIELDS, WITH_VALUES, WITHOUT_VALUE, Field, Kind, Operator
from smsapp.folding import fold

MAX_DEPTH: Final = 3  # groups within each other, the root included
MAX_ROWS: Final = 20  # each may cost a tenth of a second with 100,000 contacts on SQLite
MAX_VALUES: Final = 100
MAX_TEXT: Final = 200

EVERYBODY: Final[dict[str, Any]] = {"match": "all", "children": []}
MATCHES: Final = ("all", "any", "none")

Value = str | bool | tuple[str, ...] | None
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One condition. Dates are ISO texts; `between` has both days in a tuple, the first not after the last."""

    field: str
    operator: Operator
    value: Value = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all, any or none must be true."""

    match: str
    children: "tuple[Row | Group, ...]" = ()


class ConditionError(ValueError):
    """What is wrong, and where: `path` are the positions from the root to the faulty part.

    Codes: not_a_group, unknown_key, unknown_match, empty_group, too_deep, too_many_rows, no_field, unknown_field,
    unknown_operator, wrong_type, empty_value, too_long, too_many_values, control_character, unknown_choice, bad_date,
    dates_reversed, no_country_code.
    """

    def __init__(self, code: str, path: Path = ()) -> None:
        super().__init__(f"{code} at {list(path)}")
        self.code = code
        self.path = path


@dataclass(slots=True)
class Examined:
    """The part of a tree that is right, and everything that is wrong with the rest, in order."""

    group: Group = Group("all")
    problems: list[ConditionError] = field(default_factory=list)
    rows: int = 0


def parse(tree: object) -> Group:
    """The conditions of a JSON tree, texts stripped and composed; raises the first ConditionError."""
    examined = examine(tree)
    if examined.problems:
        raise examined.problems[0]
    return examined.group


def examine(tree: object) -> Examined:
    """Everything that is wrong with a tree, and what is left of it without those parts."""
    found = Examined()
    try:
        found.group = _group(tree, (), found)
    except ConditionError as error:
        found.problems.insert(0, error)
    return found


def to_json(part: Group | Row) -> dict[str, Any]:
    """The tree as it is stored; `parse` gives it back."""
    if isinstance(part, Group):
        return {"match": part.match, "children": [to_json(child) for child in part.children]}
    stored: dict[str, Any] = {"field": part.field, "operator": part.operator.value}
    if part.value is not None:
        stored["value"] = list(part.value) if isinstance(part.value, tuple) else part.value
    return stored


def rows(group: Group) -> Iterator[Row]:
    """All conditions, groups opened."""
    for child in group.children:
        if isinstance(child, Row):
            yield child
        else:
            yield from rows(child)


def _group(tree: object, path: Path, found: Examined) -> Group:
    if len(path) >= MAX_DEPTH:
        raise ConditionError("too_deep", path)
    if not isinstance(tree, Mapping) or not isinstance(tree.get("children"), list | tuple):
        raise ConditionError("not_a_group", path)
    if set(tree) - {"match", "children"}:
        raise ConditionError("unknown_key", path)
    if tree.get("match") not in MATCHES:
        raise ConditionError("unknown_match", path)
    if path and not tree["children"]:
        raise ConditionError("empty_group", path)
    children = tuple(_children(tree["children"], path, found))
    return Group(tree["match"], children)


def _children(trees: Sequence[object], path: Path, found: Examined) -> Iterator[Row | Group]:
    """The children that are right; the problems of the others are noted."""
    for position, tree in enumerate(trees):
        here = (*path, position)
        is_group = isinstance(tree, Mapping) and ("children" in tree or "match" in tree)
        found.rows += 0 if is_group else 1
        if found.rows > MAX_ROWS:
            found.problems.append(ConditionError("too_many_rows", path))
            return
        try:
            child = _group(tree, here, found) if is_group else _row(tree, here)
        except ConditionError as error:
            found.problems.append(error)
            continue
        if isinstance(child, Row) or child.children:
            yield child


def _row(tree: object, path: Path) -> Row:
    if not isinstance(tree, Mapping):
        raise ConditionError("wrong_type", path)
    if set(tree) - {"field", "operator", "value"}:
        raise ConditionError("unknown_key", path)
    known = FIELDS.get(tree["field"]) if isinstance(tree.get("field"), str) else None
    if known is None:
        raise ConditionError("unknown_field" if tree.get("field") else "no_field", path)
    if tree.get("operator") not in known.operators:
        raise ConditionError("unknown_operator", path)
    operator = Operator(tree["operator"])
    try:
        return Row(known.key, operator, _value(known, operator, tree.get("value")))
    except ConditionError as error:
        raise ConditionError(error.code, path) from None


def _value(known: Field, operator: Operator, raw: object) -> Value:
    if operator in WITHOUT_VALUE:
        if raw is not None:
            raise ConditionError("wrong_type")
        return None
    if raw is None:
        raise ConditionError("empty_value")
    if known.kind is Kind.YES_NO:
        return _yes_no(raw)
    if operator in WITH_VALUES:
        return tuple(dict.fromkeys(_one(known, text) for text in _texts(raw)))
    if operator is Operator.BETWEEN:
        return _days(raw)
    return _one(known, _text(raw))


def _one(known: Field, text: str) -> str:
    if known.kind is Kind.DATE:
        return _day(text)
    if known.kind is Kind.PHONE:
        return _number_start(text)
    if known.kind is Kind.CODE:
        return _code(known, text)
    if known.kind is Kind.CHOICE and text not in known.choices:
        raise ConditionError("unknown_choice")
    return text


def _code(known: Field, text: str) -> str:
    """A country as "DE", a language as "de"."""
    if not re.fullmatch("[A-Za-z]{2}", text):
        raise ConditionError("unknown_choice")
    return text.upper() if known.column == "country" else text.lower()


def _yes_no(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ConditionError("empty_value" if raw == "" else "wrong_type")
    return raw


def _text(raw: object) -> str:
    if raw is not None and not isinstance(raw, str):
        raise ConditionError("wrong_type")
    text = unicodedata.normalize("NFC", (raw or "").strip())
    if not text:
        raise ConditionError("empty_value")
    if len(text) > MAX_TEXT:
        raise ConditionError("too_long")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise ConditionError("control_character")
    return text


def _texts(raw: object) -> tuple[str, ...]:
    """Each text once, whatever its case."""
    if not isinstance(raw, list | tuple):
        raise ConditionError("wrong_type")
    if not raw:
        raise ConditionError("empty_value")
    if len(raw) > MAX_VALUES:
        raise ConditionError("too_many_values")
    found: dict[str, str] = {}
    for text in map(_text, raw):
        found.setdefault(fold(text), text)
    return tuple(found.values())


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConditionError("bad_date") from None


def _days(raw: object) -> tuple[str, str]:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise ConditionError("wrong_type")
    first, last = (_day(_text(each)) for each in raw)
    if first > last:
        raise ConditionError("dates_reversed")
    return first, last


def _number_start(text: str) -> str:
    """The beginning of an E.164 number: "0049 (171)" is "+49171"."""
    start = re.sub(r"[\s()/.-]", "", text)
    start = "+" + start[2:] if start.startswith("00") else start
    if not re.fullmatch(r"\+[1-9][0-9]{0,14}", start):
        raise ConditionError("no_country_code")
    return start
