"""Alembic's environment: the application's engine and models.

All migrations of an upgrade are one transaction on both databases: what fails leaves everything as it was. On SQLite
foreign keys are off meanwhile, as its documentation asks for tables made anew: dropping the old one would cascade. They
are looked through before the commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from smsapp.extensions import WRITE_OPTION

database = current_app.extensions["migrate"].db


def run() -> None:
    """Run the migrations."""
    engine = database.engine.execution_options(**{WRITE_OPTION: True})
    with engine.connect() as connection, _foreign_keys_off(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            _check_foreign_keys(connection)


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Nothing cascades; on SQLite this can only be changed outside of a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"a migration broke references: {broken[:5]}")


run()
