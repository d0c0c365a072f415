"""What an import remembers: what each row wrote, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

import smsapp.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_row") as rows:
        rows.add_column(sa.Column("company_id", sa.Integer(), nullable=True))
        rows.add_column(sa.Column("written_at", smsapp.types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("import_row") as rows:
        rows.drop_column("written_at")
        rows.drop_column("company_id")
