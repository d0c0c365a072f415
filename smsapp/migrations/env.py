"""Alembic's environment: the application's engine and models."""

from alembic import context
from flask import current_app

from smsapp.extensions import WRITE_OPTION

database = current_app.extensions["migrate"].db


def run() -> None:
    """Run the migrations in one transaction that may write."""
    engine = database.engine.execution_options(**{WRITE_OPTION: True})
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
