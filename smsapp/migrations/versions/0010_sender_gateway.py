"""A sender name may have a gateway of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sender_name", sa.Column("gateway", sa.String(20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sender_name") as batch:
        batch.drop_column("gateway")
