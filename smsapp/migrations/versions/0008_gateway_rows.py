"""Gateways are rows. The simulator is the first; what was sent to by another name is kept, to be set up again."""

import sqlalchemy as sa
from alembic import op

import smsapp.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

USED = "SELECT gateway FROM campaign UNION SELECT gateway FROM receipt UNION SELECT gateway FROM settings"


def upgrade() -> None:
    table = op.create_table(
        "gateway",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("rate", sa.Double(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", smsapp.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", smsapp.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", smsapp.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("open_reason", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway")),
        sa.UniqueConstraint("name", name=op.f("uq_gateway_name")),
    )
    others = set(op.get_bind().scalars(sa.text(USED))) - {"simulator"}
    for name in ["simulator", *sorted(others)]:
        kind = "simulator" if name == "simulator" else "smpp"
        values = {"name": name, "kind": kind, "settings": {}, "active": kind == "simulator"}
        op.execute(sa.insert(table).values(**values, version=1, failures=0, updated_at=sa.func.now()))


def downgrade() -> None:
    op.drop_table("gateway")
