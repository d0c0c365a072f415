"""What composing leaves behind: drafts, figures kept for the popup, what was confirmed, and who was skipped."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime


class Draft(Base):
    """What a user has composed for an audience and not sent; one for each user and audience."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("user_id", "audience_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"))
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("sender_name.id", ondelete="SET NULL"))
    phone_field: Mapped[str] = mapped_column(String(10), default="mobile")
    text: Mapped[str] = mapped_column(Text, default="")
    include_fixed_line: Mapped[bool] = mapped_column(default=False)
    leave_empty: Mapped[list[str]] = mapped_column(JSON, default=list)  # tag fields that may stay empty
    deadline: Mapped[str] = mapped_column(String(16), default="")  # local, as the form has it
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Summary(Base):
    """The popup's figures, worked out once for an audience's conditions, data revision, field, options, tags.

    `joint` has what `figures` leaves out and few texts need: see `campaigns.histogram`.
    """

    __tablename__ = "summary"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of all that decides it
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"), index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    joint: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Confirmation(Base):
    """Who was to get an SMS when a confirmation was shown, so that changes can be named; kept for a day."""

    __tablename__ = "confirmation"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id", ondelete="CASCADE"))
    recipients: Mapped[bytes] = mapped_column(LargeBinary)  # the contacts' ids: see `campaigns.confirmation`
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


class Skip(Base):
    """A contact of the audience who got nothing from a campaign, and why; a snapshot."""

    __tablename__ = "skip"
    __table_args__ = (Index("ix_skip_campaign_reason", "campaign_id", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    contact_id: Mapped[int]  # of then; the contact may be gone
    name: Mapped[str] = mapped_column(String(250))
    raw_number: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(String(250))  # the empty field, or the twin's name
    twin_id: Mapped[int | None]  # of a duplicate: the contact who got the SMS
