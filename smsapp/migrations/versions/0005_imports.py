"""What an import remembers: sheets, date order, a user's columns, and what each row wrote so that it can be undone."""

import sqlalchemy as sa
from alembic import op

import smsapp.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_job", sa.Column("workbook", sa.String(100), nullable=False, server_default=""))
    op.add_column("import_job", sa.Column("sheets", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("import_job", sa.Column("sheet", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("import_job", sa.Column("remembered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("import_job", sa.Column("date_order", sa.String(3), nullable=False, server_default=""))
    op.add_column("import_row", sa.Column("company_id", sa.Integer(), nullable=True))
    op.add_column("import_row", sa.Column("written_at", smsapp.types.UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "import_mapping",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("header", sa.String(64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("company_address", sa.Boolean(), nullable=False),
        sa.Column("date_order", sa.String(3), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_import_mapping_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "header", name=op.f("pk_import_mapping")),
    )


def downgrade() -> None:
    op.drop_table("import_mapping")
    for name in ("written_at", "company_id"):
        op.drop_column("import_row", name)
    for name in ("date_order", "remembered", "sheet", "sheets", "workbook"):
        op.drop_column("import_job", name)
