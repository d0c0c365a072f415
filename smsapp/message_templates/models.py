"""Message templates."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsapp.accounts.models import User
from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime


class MessageTemplate(Base):
    """A text with tags, and the sender and phone field it is meant for; a person's own, or shared with all.

    `sender` is a name, or "" for the operator number: a name that is deleted later is missed, never replaced.
    """

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("owner_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(240))  # folded
    text: Mapped[str] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(Text)  # folded name and text
    sender: Mapped[str] = mapped_column(String(20), default="")
    phone_field: Mapped[str] = mapped_column(String(10), default="mobile")
    shared: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    owner: Mapped[User] = relationship()
