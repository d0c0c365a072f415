"""One-time links, failed logins; logins are unique regardless of case."""

import itertools
import secrets

import sqlalchemy as sa
from alembic import op

import smsapp.types
from smsapp.folding import fold, search_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

user = sa.table("user_account", *map(sa.column, ("id", "login", "name", "session_key", "search_key")))


def upgrade() -> None:
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("session_key", sa.String(length=20), nullable=False, server_default=""))
        table.add_column(sa.Column("search_key", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("last_login_at", smsapp.types.UtcDateTime(timezone=True), nullable=True))
    _fill_keys()
    with op.batch_alter_table("user_account") as table:
        table.alter_column("session_key", server_default=None)
        table.alter_column("search_key", server_default=None)
    op.create_table(
        "password_link",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", smsapp.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_password_link_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_link_token_hash")),
    )
    op.create_table(
        "failed_login",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("closed_until", smsapp.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("at", smsapp.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failed_login")),
    )
    op.create_index(op.f("ix_failed_login_at"), "failed_login", ["at"])


def _fill_keys() -> None:
    """Fold the logins; of two that become the same, the older user keeps it and the other one gets a number."""
    connection = op.get_bind()
    users = connection.execute(sa.select(user.c.id, user.c.login, user.c.name).order_by(user.c.id)).all()
    connection.execute(sa.update(user).values(login=sa.literal(" ") + sa.cast(user.c.id, sa.String())))
    taken: set[str] = set()
    for user_id, login, name in users:
        kept = _free(fold(login.strip()), taken)
        taken.add(kept)
        values = {"login": kept, "session_key": secrets.token_urlsafe(12), "search_key": search_key(name, kept)}
        connection.execute(sa.update(user).where(user.c.id == user_id).values(values))


def _free(login: str, taken: set[str]) -> str:
    numbered = (f"{login[:75]}-{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([login[:80]], numbered) if each not in taken)


def downgrade() -> None:
    op.drop_index(op.f("ix_failed_login_at"), table_name="failed_login")
    op.drop_table("failed_login")
    op.drop_table("password_link")
    with op.batch_alter_table("user_account") as table:
        table.drop_column("last_login_at")
        table.drop_column("search_key")
        table.drop_column("session_key")
