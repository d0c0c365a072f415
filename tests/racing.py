"""Two transactions at once on PostgreSQL, one of them held at a chosen statement until the other waits for it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, get_ident
from typing import Any, Final

from flask import Flask
from sqlalchemy import event, text

from smsapp.errors import AppError
from smsapp.extensions import db

PATIENCE: Final = 20
COMMIT: Final = "COMMIT"


def race(
    app: Flask, first: Callable[[], object], second: Callable[[], object], held_at: str = COMMIT
) -> tuple[object, object]:
    """`first` is held right before the statement that begins like this; `second` ends or waits; then both go on.

    Returns what each returned, or the AppError that it raised.
    """
    with ThreadPoolExecutor(2) as pool, _held(held_at) as (hold, reached, go):
        one = pool.submit(_run, app, lambda: (hold(), first())[1])
        _until(lambda: reached.is_set() or one.done())
        assert reached.is_set()
        other = pool.submit(_run, app, second)
        _until(lambda: other.done() or _somebody_waits())
        go.set()
        return one.result(PATIENCE), other.result(PATIENCE)


@contextmanager
def _held(held_at: str) -> Iterator[tuple[Callable[[], object], Event, Event]]:
    reached, go = Event(), Event()
    held: list[int] = []

    def stop() -> None:
        if held == [get_ident()]:
            reached.set()
            assert go.wait(PATIENCE)

    def before_commit(_connection: Any) -> None:
        if held_at == COMMIT:
            stop()

    def before_statement(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(held_at):
            stop()

    event.listen(db.engine, "commit", before_commit)
    event.listen(db.engine, "before_cursor_execute", before_statement)
    try:
        yield lambda: held.append(get_ident()), reached, go
    finally:
        go.set()
        event.remove(db.engine, "commit", before_commit)
        event.remove(db.engine, "before_cursor_execute", before_statement)


def _run(app: Flask, work: Callable[[], object]) -> object:
    with app.app_context():
        try:
            return work()
        except AppError as error:
            return error


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _somebody_waits() -> bool:
    with db.engine.connect() as connection:
        return connection.scalar(text("SELECT 1 FROM pg_locks WHERE NOT granted")) is not None
