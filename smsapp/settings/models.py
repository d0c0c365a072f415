"""The settings (one row) and the sender names."""

from datetime import date, datetime

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.text.billing import Rule
from smsapp.types import UtcDateTime

STOP_WORDS = ("STOP", "STOPP", "ENDE", "ABMELDEN", "LOPETA", "UNSUBSCRIBE")


class Settings(Base):
    """What administrators decide; the one row has id 1."""

    __tablename__ = "settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_name: Mapped[str] = mapped_column(String(40), default="Kurzpost")
    module_on: Mapped[bool] = mapped_column(default=False)
    operator_number: Mapped[str] = mapped_column(String(20), default="")
    billing_rule: Mapped[Rule] = mapped_column(String(20), default=Rule.CHARACTERS_160)
    allowed_countries: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["DE", "AT", "CH", "FI"])
    undo_seconds: Mapped[int] = mapped_column(default=30)
    gateway: Mapped[str] = mapped_column(String(20), default="simulator")
    stop_words: Mapped[list[str]] = mapped_column(JSON, default=lambda: list(STOP_WORDS))  # as they were typed
    stop_answer: Mapped[str] = mapped_column(Text, default="")  # what a STOP is answered; empty: nothing


class SenderName(Base):
    """An alphanumeric sender; offered in the popup only while active."""

    __tablename__ = "sender_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(11), unique=True)
    active: Mapped[bool] = mapped_column(default=False)
    gateway: Mapped[str | None] = mapped_column(String(20))  # its SMS go this way; none is the default's
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SenderCountry(Base):
    """How a sender stands in a country: a name, or `senders.OPERATOR_NUMBER`, or `senders.ANY_NAME` for all others."""

    __tablename__ = "sender_country"
    __table_args__ = (UniqueConstraint("sender", "country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(12))  # a `senders.Standing`
    until: Mapped[date | None]  # of a registration; none while it is missing
