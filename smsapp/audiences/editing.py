"""Conditions while they are edited: what the form holds, finished or not, and what can be done with it. Pure.

Names in the form: `n.match` is the root's, `n.1.field`, `n.1.operator`, `n.1.value` those of the part with key 1, and
`n.2.0.field` those of part 0 in group 2. Keys stay what they are when a part is removed, so that a browser's elements
keep their names; the order is that of the form. A list is `value` several times, and `more` for what is still typed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from smsapp.audiences.conditions import MATCHES, Group, Row
from smsapp.audiences.fields import FIELDS, WITH_VALUES, WITHOUT_VALUE, Field, Kind, Operator
from smsapp.contacts.values import BadValue, parse_country, parse_language
from smsapp.text.normalise import clean_value

_NAME: Final = re.compile(r"n((?:\.\d{1,6}){0,4})\.(match|field|operator|value|more)")
_YES_NO: Final = {"yes": True, "no": False}
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A condition as chosen and typed so far."""

    key: int
    field: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()

    @property
    def known(self) -> Field | None:
        return FIELDS.get(self.field)

    @property
    def control(self) -> str:
        """What the value is entered with: none, text, phone, list, choice, code, yes_no, date or dates."""
        if self.known is None or self.operator in WITHOUT_VALUE:
            return "none"
        if self.operator in WITH_VALUES:
            return "list"
        if self.operator == Operator.BETWEEN:
            return "dates"
        return "text" if self.known.kind is Kind.LABELS else self.known.kind.value

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class DraftGroup:
    """A group as it is edited; it may be empty."""

    key: int = 0
    match: str = "all"
    children: "tuple[DraftRow | DraftGroup, ...]" = ()


Part = TypeVar("Part", DraftRow, DraftGroup, DraftRow | DraftGroup)


def draft_of(group: Group, key: int = 0) -> DraftGroup:
    """The editable form of conditions; keys are positions."""
    return DraftGroup(key, group.match, tuple(_draft(child, place) for place, child in enumerate(group.children)))


def _draft(part: Row | Group, key: int) -> DraftRow | DraftGroup:
    if isinstance(part, Group):
        return draft_of(part, key)
    value = part.value
    if isinstance(value, bool):
        value = "yes" if value else "no"
    values = value if isinstance(value, tuple) else (value,) if value is not None else ()
    return DraftRow(key, part.field, part.operator.value, values)


def read(fields: Iterable[tuple[str, str]]) -> DraftGroup:
    """The conditions of a posted form (names and values in its order); operators and values that do not fit the
    field any more make way for ones that do."""
    root: dict[str, Any] = {"parts": {}}
    for name, value in fields:
        if found := _NAME.fullmatch(name):
            part = root
            for key in map(int, found[1].split(".")[1:]):
                part = part["parts"].setdefault(key, {"parts": {}})
            part.setdefault(found[2], []).append(value)
    return _group(0, root)


def _group(key: int, part: dict[str, Any]) -> DraftGroup:
    match = part.get("match", ["all"])[0]
    children = (_group(at, one) if "match" in one else _row(at, one) for at, one in part["parts"].items())
    return DraftGroup(key, match if match in MATCHES else "all", tuple(children))


def _row(key: int, part: dict[str, Any]) -> DraftRow:
    field = part.get("field", [""])[0]
    typed = [text.strip() for more in part.get("more", ()) for text in re.split(r"[,;]", more)]
    values = [text for text in (*part.get("value", ()), *typed) if text]
    row = DraftRow(key, field, part.get("operator", [""])[0], tuple(values))
    return fit(replace(row, values=tuple(part.get("value", ()))) if row.control == "dates" else row)


def fit(row: DraftRow) -> DraftRow:
    """The row with an operator that its field has, and without values that its control cannot show."""
    known = row.known
    if known is None:
        return DraftRow(row.key, row.field)
    if row.operator not in known.operators:
        row = replace(row, operator=known.operators[0].value)
    return replace(row, values=_fitting(row, known))


def _fitting(row: DraftRow, known: Field) -> tuple[str, ...]:
    values = tuple(_code(known, text) for text in row.values) if known.kind is Kind.CODE else row.values
    first = values[:1]
    if row.control == "none":
        return ()
    if row.control == "list":
        return tuple(dict.fromkeys(values))
    if row.control == "code":
        return first if re.fullmatch("[A-Za-z]{2}", "".join(first)) else ()
    if row.control == "dates":
        return (*row.values, "", "")[:2]
    if row.control == "yes_no":
        return first if row.value in _YES_NO else ("yes",)
    if row.control == "choice":
        return first if row.value in known.choices else known.choices[:1]
    if row.control == "date":
        return first if re.fullmatch(r"\d{4,6}-\d\d-\d\d", row.value) else ()
    return first


def _code(known: Field, text: str) -> str:
    """The code of a country or language whose name was typed; whatever is neither stays."""
    try:
        return (parse_country(text) if known.column == "country" else parse_language(text)) or text
    except BadValue:
        return text


def to_tree(part: DraftGroup | DraftRow) -> dict[str, Any]:
    """The draft as a JSON tree, to be examined by `audiences.conditions`; the root's empty groups included."""
    if isinstance(part, DraftGroup):
        return {"match": part.match, "children": [to_tree(child) for child in part.children]}
    tree: dict[str, Any] = {"field": part.field, "operator": part.operator}
    return tree if part.control == "none" else {**tree, "value": _typed(part)}


def _typed(row: DraftRow) -> Any:
    if row.control in ("list", "dates"):
        return list(row.values)
    return _YES_NO.get(row.value, row.value) if row.control == "yes_no" else row.value


def visible(part: Part) -> Part:
    """The draft as a page can show it, without control characters; `to_tree` of the draft itself finds them."""
    if isinstance(part, DraftGroup):
        return replace(part, children=tuple(visible(child) for child in part.children))
    return replace(part, values=tuple(clean_value(value)[0] for value in part.values))


def find(root: DraftGroup, path: Path) -> DraftRow | DraftGroup:
    """The part at this path of keys; raises LookupError."""
    part: DraftRow | DraftGroup = root
    for key in path:
        children = part.children if isinstance(part, DraftGroup) else ()
        part = next(iter([child for child in children if child.key == key]), None) or _lost(path)
    return part


def _lost(path: Path) -> DraftRow:
    raise LookupError(f"no part at {list(path)}")


def add_row(root: DraftGroup, path: Path = ()) -> tuple[DraftGroup, Path]:
    """The root with a new condition at the end of the group at this path, and where that is; raises LookupError."""
    key = _next_key(root, path)
    return _changed(root, path, lambda group: (*group.children, DraftRow(key))), (*path, key)


def add_group(root: DraftGroup, path: Path = ()) -> tuple[DraftGroup, Path]:
    """The root with a new group that has one condition yet to be chosen, and where the group is."""
    key = _next_key(root, path)
    group = DraftGroup(key, "any", (DraftRow(0),))
    return _changed(root, path, lambda parent: (*parent.children, group)), (*path, key)


def remove(root: DraftGroup, path: Path) -> DraftGroup:
    """The root without the part at this path; raises LookupError."""
    if not path:
        raise LookupError("the root stays")
    find(root, path)
    return _changed(root, path[:-1], lambda group: tuple(c for c in group.children if c.key != path[-1]))


def drop_value(root: DraftGroup, path: Path, place: int) -> DraftGroup:
    """The root without the list value at this place of the row at this path; raises LookupError."""
    row = find(root, path)
    if not isinstance(row, DraftRow) or not 0 <= place < len(row.values):
        raise LookupError("no such value")
    shorter = replace(row, values=row.values[:place] + row.values[place + 1 :])
    return _changed(root, path[:-1], lambda group: tuple(shorter if c is row else c for c in group.children))


def _next_key(root: DraftGroup, path: Path) -> int:
    group = find(root, path)
    if not isinstance(group, DraftGroup):
        raise LookupError("this is no group")
    return max((child.key for child in group.children), default=-1) + 1


def _changed(group: DraftGroup, path: Path, change: Any) -> DraftGroup:
    """The group with other children where the path leads."""
    if not path:
        return replace(group, children=change(group))
    children = (
        _changed(child, path[1:], change) if isinstance(child, DraftGroup) and child.key == path[0] else child
        for child in group.children
    )
    return replace(group, children=tuple(children))


def keys_of(root: DraftGroup, positions: Path) -> Path:
    """The path of keys to the part at these positions, of which ConditionError speaks."""
    keys: list[int] = []
    part: DraftRow | DraftGroup = root
    for position in positions:
        part = part.children[position] if isinstance(part, DraftGroup) else part
        keys.append(part.key)
    return tuple(keys)


def path_of(text: str) -> Path:
    """A path as the form writes it ("2.0", "" for the root); raises ValueError."""
    return tuple(int(key) for key in text.split(".")) if text else ()


def name_of(path: Path) -> str:
    """What the form calls the part at this path: "n", "n.2.0"."""
    return ".".join(("n", *map(str, path)))
