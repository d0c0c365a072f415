"""Incoming SMS, as gateways bring them."""

import sqlalchemy as sa
from alembic import op

import smsapp.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incoming_sms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("number", sa.String(25), nullable=False),
        sa.Column("recipient", sa.String(25), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asks_to_stop", sa.Boolean(), nullable=False),
        sa.Column("received_at", smsapp.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_sms")),
    )
    op.create_index("ix_incoming_sms_number", "incoming_sms", ["number", "received_at"])


def downgrade() -> None:
    op.drop_table("incoming_sms")
