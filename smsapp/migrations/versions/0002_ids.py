"""Ids of what was deleted are never used again; indexes of receipts that still wait and of who wants no SMS.

SQLite gives the highest id anew once its row is deleted, unless the table is AUTOINCREMENT, so these tables are made
anew. Contacts go on above all ids that what was sent or imported still names. PostgreSQL never did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHECKS: dict[str, dict[str, str]] = {
    "company": {},
    "contact": {
        "consent": "consent IN ('yes', 'no', 'unknown')",
        "salutation": "salutation IN ('', 'ms', 'mr')",
    },
    "block": {},
    "import_job": {"done_of_total": "done <= total"},
    "confirmation": {},
}
"""The tables, with what SQLAlchemy does not read back of them."""

NAMED = {
    "contact": ("id",),
    "delivery": ("contact_id",),
    "skip": ("contact_id", "twin_id"),
    "import_row": ("contact_id",),
}
"""Where contacts are named; they may be gone."""


def upgrade() -> None:
    op.drop_index("ix_receipt_applied_at", "receipt")
    waiting = sa.text("applied_at IS NULL")
    op.create_index("ix_receipt_waiting", "receipt", ["received_at"], sqlite_where=waiting, postgresql_where=waiting)
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(autoincrement=True)
        _go_on_above_named_contacts()
    op.create_index(
        "ix_contact_no_sms",
        "contact",
        ["id"],
        sqlite_where=sa.text("no_sms = 1"),
        postgresql_where=sa.text("no_sms"),
    )


def downgrade() -> None:
    op.drop_index("ix_contact_no_sms", "contact")
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(autoincrement=False)
    op.drop_index("ix_receipt_waiting", "receipt")
    op.create_index("ix_receipt_applied_at", "receipt", ["applied_at"])


def _make_anew(autoincrement: bool) -> None:
    for table, checks in CHECKS.items():
        constraints = tuple(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in checks.items())
        kind = {"sqlite_autoincrement": autoincrement}
        with op.batch_alter_table(table, recreate="always", table_args=constraints, table_kwargs=kind):
            pass


def _go_on_above_named_contacts() -> None:
    columns = [sa.table(table, sa.column(name)).c[name] for table, names in NAMED.items() for name in names]
    highest = max(op.get_bind().scalar(sa.select(sa.func.coalesce(sa.func.max(column), 0))) or 0 for column in columns)
    sequence = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    op.execute(sa.delete(sequence).where(sequence.c.name == "contact"))
    op.execute(sa.insert(sequence).values(name="contact", seq=highest))
