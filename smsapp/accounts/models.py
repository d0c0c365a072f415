"""Users."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.accounts.rights import Role
from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime


class User(Base):
    """A person who logs in. Flask-Login reads the properties at the end."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(String(20), default=Role.VIEWER)
    language: Mapped[str] = mapped_column(String(5), default="de")
    phone: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        """What the session cookie keeps: it ends when the password or the account changes."""
        return f"{self.id}:{self.password_hash[-12:]}"
