"""Deadlines, sends that repeat what failed or answer a STOP, sends that many refusals pause; forgotten receipts."""

import sqlalchemy as sa
from alembic import op

import smsapp.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STOP_WORDS = '["STOP", "STOPP", "ENDE", "ABMELDEN", "LOPETA", "UNSUBSCRIBE"]'
STOP_ANSWER = "Sie erhalten keine SMS mehr von uns."
OF_FEW = ("resends_id", "answers_id")


def upgrade() -> None:
    op.add_column("campaign", sa.Column("deadline", smsapp.types.UtcDateTime(timezone=True)))
    op.add_column("campaign", sa.Column("watched", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in OF_FEW:
        known = sa.text(f"{name} IS NOT NULL")
        op.add_column("campaign", sa.Column(name, sa.Integer()))
        op.create_index(f"ix_campaign_{name}", "campaign", [name], sqlite_where=known, postgresql_where=known)
    op.add_column("draft", sa.Column("deadline", sa.String(16), nullable=False, server_default=""))
    op.add_column("settings", sa.Column("stop_words", sa.JSON(), nullable=False, server_default=STOP_WORDS))
    op.add_column("settings", sa.Column("stop_answer", sa.Text(), nullable=False, server_default=STOP_ANSWER))
    op.add_column("incoming_sms", sa.Column("block_id", sa.Integer()))
    op.add_column("incoming_sms", sa.Column("answer", sa.String(20), nullable=False, server_default=""))
    op.create_table(
        "forgotten_receipts",
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_forgotten_receipts")),
    )


def downgrade() -> None:
    op.drop_table("forgotten_receipts")
    op.drop_column("incoming_sms", "answer")
    op.drop_column("incoming_sms", "block_id")
    op.drop_column("settings", "stop_answer")
    op.drop_column("settings", "stop_words")
    op.drop_column("draft", "deadline")
    for name in OF_FEW:
        op.drop_index(f"ix_campaign_{name}", "campaign")
        op.drop_column("campaign", name)
    op.drop_column("campaign", "watched")
    op.drop_column("campaign", "deadline")
