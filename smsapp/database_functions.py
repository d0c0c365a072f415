"""Functions that our SQL calls and that a database may lack: folding and measuring text, a digest of ordered rows.

On SQLite they are registered on every connection; on PostgreSQL the first migration creates them.
"""

import hashlib
import re
import sqlite3
from functools import lru_cache
from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from smsapp.folding import fold, search_key, sort_key
from smsapp.text.gsm import BASIC, EXTENSION
from smsapp.text.segments import PART, SINGLE, measure

_REMEMBERED = 20_000
_BASIC_ONLY = re.compile(f"[{re.escape(BASIC)}]*")
_MARKS = r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"


class smsapp_search_key(GenericFunction[str]):  # noqa: N801  # as it is called in SQL
    """`search_key` of a text that has none stored. PostgreSQL needs no function of ours for it."""

    type = Text()
    inherit_cache = True


@compiles(smsapp_search_key, "postgresql")
def _search_key_in_postgresql(element: smsapp_search_key, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return _lower(text, f"normalize(regexp_replace(normalize(smsapp_fold({text}), NFKD), '{_MARKS}', '', 'g'), NFC)")


class smsapp_sort_key(GenericFunction[str]):  # noqa: N801  # as it is called in SQL
    """`sort_key` of a text; one call, as SQLite calls it for every row of a list."""

    type = Text()
    inherit_cache = True


@compiles(smsapp_sort_key, "postgresql")
def _sort_key_in_postgresql(element: smsapp_sort_key, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    key = _lower(text, f"translate(smsapp_fold({text}), 'äöü', 'aou')")
    return f"nullif({key}, '')"


def _lower(text: str, otherwise: str) -> str:
    """SQL for a text of ASCII, which most are, in lower case; folding by ICU takes several times as long."""
    is_ascii, lower = f"octet_length({text}) = char_length({text})", f'lower({text} COLLATE "C") COLLATE "default"'
    return f"CASE WHEN {is_ascii} THEN {lower} ELSE {otherwise} END"


class Digest:
    """Aggregate: SHA-256 over the rows in the order in which they arrive, each value with its length.

    The length before each value keeps ("ab", "c") and ("a", "bc") apart.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def step(self, *values: object) -> None:
        for value in values:
            data = str(value).encode()
            self._hash.update(b"%d:" % len(data))
            self._hash.update(data)

    def finalize(self) -> str:
        return self._hash.hexdigest()


def _fold(value: object) -> str | None:
    return None if value is None else fold(str(value))


@lru_cache(_REMEMBERED)
def _sort_key(value: object) -> str | None:
    return None if value is None else sort_key(str(value)) or None


def _search_key(value: object) -> str | None:
    return None if value is None else search_key(str(value))


def signed_parts(text: str | None) -> int | None:
    """The parts that the network carries for a text, below zero when they go as UCS-2: `measure` in one number.

    Texts of one-septet characters alone, which most are, take a short cut.
    """
    if text is None:
        return None
    if _BASIC_ONLY.fullmatch(text):
        return min(len(text), 1) if len(text) <= SINGLE["gsm7"] else -(-len(text) // PART["gsm7"])
    found = measure(text)
    return found.segments if found.encoding == "gsm7" else -found.segments


def register(connection: sqlite3.Connection) -> None:
    """Make these functions of a text, and the aggregate `smsapp_digest(...)`, known to it."""
    connection.create_function("smsapp_fold", 1, _fold, deterministic=True)
    connection.create_function("smsapp_sort_key", 1, _sort_key, deterministic=True)
    connection.create_function("smsapp_search_key", 1, _search_key, deterministic=True)
    connection.create_function("smsapp_parts", 1, signed_parts, deterministic=True)
    connection.create_aggregate("smsapp_digest", -1, Digest)  # type: ignore[arg-type]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _letters(characters: str) -> str:
    """The characters as they stand in a character class of a regular expression."""
    return re.sub(r"([\\\]\[^-])", r"\\\1", characters)


_FOREIGN = f"[^{_letters(BASIC + EXTENSION)}]"
_EXTENDED = f"[{_letters(EXTENSION)}]"
_ASTRAL = r"[\U00010000-\U0010FFFF]"

POSTGRESQL = (
    # lower() of ICU knows every alphabet; German sharp s is the one letter whose folding differs in practice.
    r"""
    CREATE OR REPLACE FUNCTION smsapp_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT normalize(lower(replace(replace(value, 'ß', 'ss'), 'ẞ', 'ss') COLLATE "und-x-icu"), NFC) $$
    """,
    # `signed_parts`: only texts of several parts with pairs in them are walked through character by character.
    f"""
    CREATE OR REPLACE FUNCTION smsapp_parts(value text) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      gsm constant boolean := value !~ {_quoted(_FOREIGN)};
      sign constant integer := CASE WHEN gsm THEN 1 ELSE -1 END;
      single constant integer := CASE WHEN gsm THEN {SINGLE["gsm7"]} ELSE {SINGLE["ucs2"]} END;
      part constant integer := CASE WHEN gsm THEN {PART["gsm7"]} ELSE {PART["ucs2"]} END;
      characters constant integer := char_length(value);
      pair constant text := CASE WHEN gsm THEN {_quoted(_EXTENDED)} ELSE {_quoted(_ASTRAL)} END;
      pairs constant integer := CASE
        WHEN value ~ pair THEN characters - char_length(regexp_replace(value, pair, '', 'g')) ELSE 0 END;
      used integer := 0;
      parts integer := 1;
      width integer;
      letter text;
    BEGIN
      IF characters + pairs <= single THEN
        RETURN sign * least(characters, 1);
      ELSIF pairs = 0 THEN
        RETURN sign * ((characters + part - 1) / part);
      END IF;
      FOREACH letter IN ARRAY string_to_array(value, NULL) LOOP
        width := 1 + (letter ~ pair)::integer;
        IF used + width > part THEN
          parts := parts + 1;
          used := 0;
        END IF;
        used := used + width;
      END LOOP;
      RETURN sign * parts;
    END $$
    """,
)
