"""What people type into a search field, as SQL over a search key; and the order of lists."""

import re
from collections.abc import Container, Mapping
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, true

from smsapp.database_functions import smsapp_search_key, smsapp_sort_key
from smsapp.folding import contains_pattern, digits_of, search_key
from smsapp.text.normalise import clean_value

LONGEST_SEARCH = 200
MOST_WORDS = 8
_NUMBER = re.compile(r"[+(]?[\d ()/.+\-]*\d[\d ()/.\-]*")


def cleaned(typed: str) -> str:
    """What was typed as it is searched for and shown again: one line, no control characters, not endless."""
    return clean_value(typed)[0][:LONGEST_SEARCH].strip()


def matches(key: Any, typed: str) -> ColumnElement[bool]:
    """All words occur in the search key; or it is a phone number, however written, and its digits occur."""
    words = search_key(cleaned(typed)).split()[:MOST_WORDS]
    all_words = and_(true(), *(_word(key, word) for word in words))
    digits = _significant(typed)
    return or_(all_words, _contains(key, digits)) if digits and len(words) > 1 else all_words


def key_of(*columns: Any) -> ColumnElement[str]:
    """The search key of what these columns say together, for `matches` where none is stored: few rows, or short."""
    return smsapp_search_key(reduce(lambda said, column: said + " " + column, columns))


def _word(key: Any, word: str) -> ColumnElement[bool]:
    digits = _significant(word)
    return or_(_contains(key, word), _contains(key, digits)) if digits not in ("", word) else _contains(key, word)


def _significant(typed: str) -> str:
    """The digits that every writing of this phone number shares; "" for what is no number."""
    text = typed.replace("(0)", "").strip()
    return digits_of(text).lstrip("0") if _NUMBER.fullmatch(text) else ""


def _contains(key: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = key.like(contains_pattern(text), escape="\\")
    return found


def alphabetical(column: Any) -> ColumnElement[str]:
    """A text as people sort it: without case, umlauts with their vowels; empty ones are null."""
    return smsapp_sort_key(column)


def in_order(statement: Select[*tuple[Any, ...]], sort: str, orders: Mapping[str, Any], *then: Any) -> Select[Any]:
    """Sorted by the order of this name, downwards with "-" before it; what has no value comes last either way."""
    column = orders[sort.removeprefix("-")]
    direction = column.desc() if sort.startswith("-") else column.asc()
    return statement.order_by(direction.nulls_last(), *then)


def known_sort(asked: str | None, orders: Container[str], default: str) -> str:
    """The order that was asked for if there is such a one."""
    return asked if asked and asked.removeprefix("-") in orders else default
