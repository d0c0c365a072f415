"""The Flask extensions and the database: reading in the request's session, writing in `db_write()`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import has_app_context
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import Connection, Engine, ExceptionContext, MetaData, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from smsapp import database_functions

WRITE_OPTION = "smsapp_write"


class Base(DeclarativeBase):
    """The declarative base of every model."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
htmx = Htmx()


@contextmanager
def db_write() -> Iterator[Session]:
    """A transaction that may write, in a session of its own; commits at the end, or rolls everything back.

    On SQLite it starts with BEGIN IMMEDIATE, so what is read inside is what is written upon: load inside
    what you change, never pass in objects of the request's session. The request's session forgets what it
    had read, so that a page shown afterwards is fresh.
    """
    engine = db.engine.execution_options(**{WRITE_OPTION: True})
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session
    if has_app_context():
        db.session.rollback()


def insert_new(session: Session, model: type[Base]) -> Any:
    """An INSERT that passes over the rows of which a unique constraint knows another one already."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.get_bind().dialect.name]
    return dialect.insert(model).on_conflict_do_nothing()


def prepare_engine(engine: Engine) -> None:
    """Make connections of this engine durable, quick, and our functions known to them."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _without_jit)
        event.listen(engine, "handle_error", _without_values)
        return

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")
        database_functions.register(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITE_OPTION, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _without_jit(connection: Any, _record: Any) -> None:
    """PostgreSQL compiles no statements: that takes longer than the lists for which it would do so."""
    connection.execute("SET jit = off")
    connection.commit()


def _without_values(context: ExceptionContext) -> None:
    """People's data has no place in a log: what PostgreSQL quotes of a row ("DETAIL: Key (number)=...") is left out."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])
