"""Companies, contacts with their numbers and labels, the block list, and the revision of all this data."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime

PHONE_FIELDS = ("mobile", "work", "home")

contact_label = Table(
    "contact_label",
    Base.metadata,
    Column("contact_id", ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True),
    Column("label_id", ForeignKey("label.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Company(Base):
    __tablename__ = "company"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    industry: Mapped[str] = mapped_column(String(100), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(20), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")  # shown only; never a recipient
    search_key: Mapped[str] = mapped_column(Text, default="", index=True)  # folded; begins with the name
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    contacts: Mapped[list["Contact"]] = relationship(back_populates="company", passive_deletes=True)


class Label(Base):
    """A word (Stichwort) that contacts carry; `key` is its folded name."""

    __tablename__ = "label"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(60), unique=True)


class Contact(Base):
    """A person. `letter_greeting` and `search_key` follow from the other fields and are kept by the service."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("consent IN ('yes', 'no', 'unknown')", name="consent"),
        CheckConstraint("salutation IN ('', 'ms', 'mr')", name="salutation"),
        Index("ix_contact_no_sms", "id", sqlite_where=text("no_sms = 1"), postgresql_where=text("no_sms")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    salutation: Mapped[str] = mapped_column(String(10), default="")
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    job_title: Mapped[str] = mapped_column(String(100), default="")
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="SET NULL"), index=True)
    email: Mapped[str] = mapped_column(String(200), default="", index=True)
    language: Mapped[str] = mapped_column(String(5), default="")
    birthday: Mapped[date | None]
    street: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(20), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    newsletter: Mapped[bool | None]
    no_sms: Mapped[bool] = mapped_column(default=False)
    no_sms_reason: Mapped[str] = mapped_column(String(200), default="")
    consent: Mapped[str] = mapped_column(String(10), default="unknown")
    consent_on: Mapped[date | None]
    consent_source: Mapped[str] = mapped_column(String(200), default="")
    letter_greeting: Mapped[str] = mapped_column(String(250), default="")
    search_key: Mapped[str] = mapped_column(Text, default="", index=True)  # folded; begins with the last name
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    company: Mapped[Company | None] = relationship(back_populates="contacts")
    labels: Mapped[list[Label]] = relationship(secondary=contact_label, order_by=Label.name)
    numbers: Mapped[list["PhoneNumber"]] = relationship(back_populates="contact", cascade="all, delete-orphan")

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def number(self, field: str) -> "PhoneNumber | None":
        """The number in this phone field, if anything was entered there."""
        return next((number for number in self.numbers if number.field == field), None)


class PhoneNumber(Base):
    """What was entered in one of a contact's phone fields, and its normalised form or its problem.

    No row means that the field is empty. Exactly one of `e164` and `problem` is set.
    """

    __tablename__ = "phone_number"
    __table_args__ = (
        CheckConstraint("field IN ('mobile', 'work', 'home')", name="field"),
        CheckConstraint("(e164 IS NULL) <> (problem IS NULL)", name="e164_or_problem"),
        Index("ix_phone_number_field_e164", "field", "e164"),
    )

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(String(10), primary_key=True)
    raw: Mapped[str] = mapped_column(String(100))
    e164: Mapped[str | None] = mapped_column(String(20), index=True)
    kind: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(3))
    problem: Mapped[str | None] = mapped_column(String(20))

    contact: Mapped[Contact] = relationship(back_populates="numbers")


class Block(Base):
    """A number that must never get a message."""

    __tablename__ = "block"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(String(20), unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class DataRevision(Base):
    """One row that counts changes of contacts, companies, numbers and blocks; summaries are kept by it."""

    __tablename__ = "data_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)
