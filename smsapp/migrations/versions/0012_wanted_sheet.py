"""Large workbooks are read in the background: which of their sheets."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_job", sa.Column("wanted_sheet", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("import_job", "wanted_sheet")
