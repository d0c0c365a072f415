"""Functions that our SQL calls and that a database may lack: folding text, and a digest over ordered rows.

On SQLite they are registered on every connection; on PostgreSQL the first migration creates them.
"""

import hashlib
import sqlite3

from smsapp.folding import fold


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


def register(connection: sqlite3.Connection) -> None:
    """Make `smsapp_fold(text)` and the aggregate `smsapp_digest(...)` known to this connection."""
    connection.create_function("smsapp_fold", 1, _fold, deterministic=True)
    connection.create_aggregate("smsapp_digest", -1, Digest)  # type: ignore[arg-type]


POSTGRESQL = (
    # lower() of ICU knows every alphabet; German sharp s is the one letter whose folding differs in practice.
    r"""
    CREATE OR REPLACE FUNCTION smsapp_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT normalize(lower(replace(replace(value, 'ß', 'ss'), 'ẞ', 'ss') COLLATE "und-x-icu"), NFC) $$
    """,
)
