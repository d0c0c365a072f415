"""Where a sender is allowed. The first rows say what is known of any name, and of the operator number at home."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER, ANY_NAME = "", "*"
KNOWN = {
    NUMBER: {"DE": "allowed", "AT": "allowed", "CH": "allowed", "FI": "allowed", "US": "unknown", "CA": "unknown"},
    ANY_NAME: {
        **{"DE": "allowed", "AT": "allowed", "CH": "allowed"},
        "FI": "registered",  # names are registered at Traficom; none is yet
        **{"US": "forbidden", "CA": "forbidden"},  # operators carry no names
    },
}


def upgrade() -> None:
    table = op.create_table(
        "sender_country",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(20), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_country")),
        sa.UniqueConstraint("sender", "country", name=op.f("uq_sender_country_sender_country")),
    )
    rows = [
        {"sender": sender, "country": country, "status": status}
        for sender, countries in KNOWN.items()
        for country, status in countries.items()
    ]
    op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_table("sender_country")
