"""Users, the one-time links by which they choose a password, and the counts of failed logins."""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, validates

from smsapp.accounts.rights import Role
from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.folding import fold, search_key
from smsapp.types import UtcDateTime


def new_session_key() -> str:
    """What makes the sessions that a person has now valid; another one ends them all."""
    return secrets.token_urlsafe(12)


class User(Base):
    """A person who logs in. Flask-Login reads the properties at the end.

    Logins are kept folded, so that the unique index holds regardless of case.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200), default="")  # empty until the person chose a password
    role: Mapped[Role] = mapped_column(String(20), default=Role.VIEWER)
    language: Mapped[str] = mapped_column(String(5), default="de")
    phone: Mapped[str | None] = mapped_column(String(20))  # the person's own, E.164
    active: Mapped[bool] = mapped_column(default=True)
    session_key: Mapped[str] = mapped_column(String(20), default=new_session_key)
    search_key: Mapped[str] = mapped_column(Text, default="")  # folded; begins with the name
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    is_authenticated = True
    is_anonymous = False

    @validates("login", "name")
    def _keep_keys(self, attribute: str, value: str) -> str:
        kept = fold(value.strip()) if attribute == "login" else value
        named = {"login": self.login, "name": self.name, attribute: kept}
        self.search_key = search_key(named["name"], named["login"])
        return kept

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        """What the session cookie keeps."""
        return f"{self.id}:{self.session_key}"


class PasswordLink(Base):
    """The one link by which a person may choose a password; only the hash of its secret is kept."""

    __tablename__ = "password_link"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FailedLogin(Base):
    """How often logging in failed lately, and until when nobody may try: see `accounts.throttle`."""

    __tablename__ = "failed_login"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    closed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # of the last attempt
