"""Migrations keep every row, the models are what they lead to, and what is deleted leaves its id to nobody."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    delete,
    insert,
    text,
)
from sqlalchemy.types import JSON

from smsapp import create_app
from smsapp.contacts.models import Contact
from smsapp.extensions import db, db_write
from tests import factories
from tests.conftest import TEST_OVERRIDES, make_config
from tests.postgres import new_database

ROWS = 3
ALLOWED = {
    "consent": "yes",
    "salutation": "ms",
    "field": "mobile",
    "problem": None,
    "state": "paused",
    "granted": 0,
    "available": 0,
    "reserved": 0,
    "spent": 0,
}
SINGLE = {"settings", "quota_account", "data_revision", "alembic_version"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each database in turn, without any table."""
    if request.param == "sqlite":
        yield from _application(tmp_path, None)
    else:
        with new_database(request.getfixturevalue("postgres_url")) as url:
            yield from _application(tmp_path, url.replace("postgresql://", "postgresql+psycopg://"))


def _application(data: Path, url: str | None) -> Iterator[Flask]:
    app = create_app(make_config(data, url), TEST_OVERRIDES)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> list[Table]:
    found = MetaData()
    found.reflect(db.engine)
    return [table for table in found.sorted_tables if table.name not in SINGLE]


def a_value(column: Column[Any], number: int) -> Any:
    if column.nullable and column.name != "e164" and number == ROWS:
        return None
    if column.name in ALLOWED:
        return ALLOWED[column.name]
    values = {
        Boolean: True,
        DateTime: datetime(2026, 11, 23, number, tzinfo=UTC),
        Date: date(2026, 11, number),
        JSON: {"number": number},
        LargeBinary: b"\0\1",
    }
    kind = next((kind for kind in values if isinstance(column.type, kind)), None)
    if kind:
        return values[kind]
    return number if isinstance(column.type, Integer) else f"{number}"


def fill_every_table() -> None:
    for table in tables():
        with db_write() as session:
            for number in range(1, ROWS + 1):
                session.execute(insert(table).values({c.name: a_value(c, number) for c in table.columns}))


def everything(columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """All rows of these columns of each table."""
    with db.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(f"SELECT {', '.join(names)} FROM {name}"))), key=repr)
            for name, names in columns.items()
        }


@pytest.mark.parametrize("first", ["0001", "0007"])
def test_an_upgrade_and_a_downgrade_keep_every_row(empty_app: Flask, first: str) -> None:
    upgrade(revision=first)
    fill_every_table()
    columns = {table.name: [f'"{column.name}"' for column in table.columns] for table in tables()}
    before = everything(columns)
    assert all(len(rows) == ROWS for rows in before.values())
    upgrade(revision="+1")
    assert everything(columns) == before
    upgrade()
    assert everything(columns) == before
    downgrade(revision=first)
    assert everything(columns) == before


def test_the_models_are_what_the_migrations_lead_to(any_app: Flask) -> None:
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_foreign_keys_are_on_again_after_an_upgrade(app: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_on_sqlite_exactly_what_the_models_say_is_autoincrement(app: Flask) -> None:
    with db.engine.connect() as connection:
        made = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")))
    assert made == {table.name for table in db.metadata.tables.values() if table.kwargs.get("sqlite_autoincrement")}
    assert made >= {"contact", "company", "block", "import_job", "confirmation"}


def test_nothing_checked_is_lost_by_making_tables_anew(app: Flask) -> None:
    with db.engine.connect() as connection:
        made = " ".join(connection.scalars(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")))
    constraints = (each for table in db.metadata.tables.values() for each in table.constraints)
    names = [str(each.name) for each in constraints if not isinstance(each, PrimaryKeyConstraint)]
    assert len(names) > 40
    assert [name for name in names if name not in made] == []


@pytest.mark.parametrize("make", [factories.contact, factories.company, lambda: factories.block("+491711234567")])
def test_an_id_is_never_used_again(any_app: Flask, make: Any) -> None:
    first = make()
    with db_write() as session:
        session.execute(delete(type(first)))
    assert make().id > first.id


def test_a_new_contact_never_gets_the_id_of_one_who_was_sent_to_long_ago(empty_app: Flask) -> None:
    upgrade(revision="0001")
    fill_every_table()
    with db_write() as session:
        session.execute(delete(Contact).where(Contact.id == ROWS))
        session.execute(text("UPDATE skip SET twin_id = 70 WHERE id = 1"))
        if db.engine.dialect.name == "postgresql":
            session.execute(text("SELECT setval('contact_id_seq', 70)"))
    upgrade()
    assert factories.contact().id == 71
