"""The quota account and its ledger."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime


class QuotaAccount(Base):
    """The one account (id 1): available + reserved + spent = granted, none below zero (I6)."""

    __tablename__ = "quota_account"
    __table_args__ = (
        CheckConstraint("available >= 0 AND reserved >= 0 AND spent >= 0", name="not_negative"),
        CheckConstraint("available + reserved + spent = granted", name="adds_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    granted: Mapped[int] = mapped_column(default=0)
    available: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)


class LedgerEntry(Base):
    """One movement of the account, with the balances after it. Entries are only ever added."""

    __tablename__ = "ledger_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    kind: Mapped[str] = mapped_column(String(20))  # grant, correct, reserve, charge, return
    messages: Mapped[int]  # how many moved; negative only for a correction downwards
    available: Mapped[int]
    reserved: Mapped[int]
    spent: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200), default="")
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
