"""The parts of long SMS, each with the reference that its receipts name."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_part",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_part_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", "number", name=op.f("pk_delivery_part")),
    )
    op.create_index("ix_delivery_part_reference", "delivery_part", ["reference"])


def downgrade() -> None:
    op.drop_table("delivery_part")
