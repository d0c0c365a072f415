"""Random condition trees and contacts, with letters that fold oddly and characters that SQL cares about."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import strategies as st

from smsapp.audiences.conditions import MAX_ROWS
from smsapp.audiences.fields import FIELDS, WITH_VALUES, WITHOUT_VALUE, Field, Kind, Operator

WORDS = (
    "Hamburg", "HAMBURG", "Straße", "STRASSE", "strasse", "İzmir", "izmir", "Çelik", "ÇELIK", "C\u0327elik",
    "😀", "a😀b", "100%", "%", "_", "a_b", "\\", "a\\%b", "'", '"', "''; --", "O'Neil", "Ham", "urg", "ß", "ss", "ſ",
    "ΟΔΟΣ", "οδος", "ǰ", "x",
)  # fmt: skip
DAYS = tuple(date(2000, month, day) for month in (1, 6, 12) for day in (1, 28))
LABELS = ("VIP", "vip", "Straße", "STRASSE", "Messe 100%", "_", "İ")
NUMBERS = ("+491715550101", "+4915155501", "+358457396000")
CODES = ("DE", "de", "FI", "AT")

texts = st.one_of(st.sampled_from(WORDS), st.text(st.sampled_from("aAßsSİiI%_\\'😀Çç\u0327 "), min_size=1, max_size=4))
entered = texts.map(lambda text: unicodedata.normalize("NFC", text.strip()))
values = entered.filter(bool)


@dataclass
class Person:
    """A contact as the oracle sees it: columns by field key, numbers by phone field, labels, maybe a company."""

    columns: dict[str, Any]
    phones: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    company: dict[str, str] | None = None


def _column(known: Field) -> st.SearchStrategy[Any]:
    if known.kind is Kind.DATE:
        return st.none() | st.sampled_from(DAYS)
    if known.kind is Kind.YES_NO:
        return st.sampled_from((True, False, None) if known.nullable else (True, False))
    if known.kind is Kind.CHOICE:
        return st.sampled_from((*known.choices, "") if known.nullable else known.choices)
    if known.kind is Kind.CODE:
        return st.sampled_from(("", "DE", "FI"))
    return st.just("") | entered


CONTACT_FIELDS = [each for each in FIELDS.values() if each.owner == "contact" and each.kind is not Kind.LABELS]
COMPANY_FIELDS = [each for each in FIELDS.values() if each.owner == "company"]
_phone = st.tuples(st.just("raw"), st.none() | st.sampled_from(NUMBERS))
_company = st.fixed_dictionaries({each.column: _column(each) for each in COMPANY_FIELDS})
people = st.lists(
    st.builds(
        Person,
        columns=st.fixed_dictionaries({each.key: _column(each) for each in CONTACT_FIELDS}),
        phones=st.dictionaries(st.sampled_from(("mobile", "work", "home")), _phone),
        labels=st.lists(st.sampled_from(LABELS), max_size=2, unique_by=str.casefold).map(tuple),
        company=st.none() | _company,
    ),
    max_size=4,
)


def _value(known: Field, operator: Operator) -> st.SearchStrategy[Any]:
    if operator is Operator.BETWEEN:
        return st.lists(st.sampled_from(DAYS), min_size=2, max_size=2).map(
            lambda days: [d.isoformat() for d in sorted(days)]
        )
    if operator in WITH_VALUES:
        return st.lists(_one(known), min_size=1, max_size=3)
    return _one(known)


def _one(known: Field) -> st.SearchStrategy[Any]:
    fixed: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.YES_NO: st.booleans(),
        Kind.DATE: st.sampled_from(DAYS).map(date.isoformat),
        Kind.LABELS: st.sampled_from(LABELS),
        Kind.PHONE: st.sampled_from(("+49", "0049 171", "+358", "+4917155501")),
        Kind.CODE: st.sampled_from(CODES),
    }
    if known.kind is Kind.CHOICE:
        return st.sampled_from(known.choices)
    return fixed.get(known.kind, values)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    known = draw(st.sampled_from(list(FIELDS.values())))
    operator = draw(st.sampled_from(known.operators))
    made: dict[str, Any] = {"field": known.key, "operator": operator.value}
    return made if operator in WITHOUT_VALUE else {**made, "value": draw(_value(known, operator))}


def _groups(children: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"match": st.sampled_from(("all", "any", "none")), "children": st.lists(children, min_size=least, max_size=3)}
    )


def trees() -> st.SearchStrategy[dict[str, Any]]:
    """Valid trees of up to three groups within each other."""
    return _groups(rows() | _groups(rows() | _groups(rows())), least=0).filter(lambda tree: _rows_in(tree) <= MAX_ROWS)


def _rows_in(part: dict[str, Any]) -> int:
    return sum(map(_rows_in, part["children"])) if "children" in part else 1
