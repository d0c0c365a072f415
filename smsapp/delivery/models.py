"""Campaigns and their deliveries, what is known of each hand-over, and the receipts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.text.billing import Rule
from smsapp.types import UtcDateTime

_WAITING = "applied_at IS NULL"


def _index_of_known(name: str, column: str) -> Index:
    """An index of the rows that have a value there; a launch inserts without one and pays nothing for it."""
    known = text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=known, postgresql_where=known)


class Campaign(Base):
    """One confirmed send: frozen text, sender, field, options and rule. `send_key` makes it happen once (I2)."""

    __tablename__ = "campaign"
    __table_args__ = (
        _index_of_known("ix_campaign_resends_id", "resends_id"),
        _index_of_known("ix_campaign_answers_id", "answers_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    send_key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("audience.id", ondelete="SET NULL"), index=True)
    audience_name: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))
    user_name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(String(20))  # operator number in E.164, or the name
    phone_field: Mapped[str] = mapped_column(String(10))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    rule: Mapped[Rule] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    gateway: Mapped[str] = mapped_column(String(20), default="simulator")
    state: Mapped[str] = mapped_column(String(20), index=True)
    recipients: Mapped[int]
    skipped: Mapped[int]
    messages: Mapped[int]
    is_test: Mapped[bool] = mapped_column(default=False)  # one SMS, to try a text or a gateway
    resends_id: Mapped[int | None]  # the send whose failed SMS these are again
    answers_id: Mapped[int | None]  # the incoming SMS that this one SMS answers by itself
    watched: Mapped[bool] = mapped_column(default=True)  # whether many refusals among its first SMS pause it
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)  # the end of the undo window
    deadline: Mapped[datetime | None] = mapped_column(UtcDateTime)  # what has not gone out by then never does
    woken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a worker was asked, or at work, last
    handed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # nothing more is expected; cancelled ones too


class CampaignEvent(Base):
    """What a person, or the sweep (no user), did to a campaign as a whole."""

    __tablename__ = "campaign_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    kind: Mapped[str] = mapped_column(String(20))  # the state it went to, or what made it go there
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class Delivery(Base):
    """One recipient's SMS. The states and who may write them: `delivery.states` and `delivery.claims`."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),  # I3
        Index("ix_delivery_campaign_state", "campaign_id", "state", "id"),
        _index_of_known("ix_delivery_lease_until", "lease_until"),
        _index_of_known("ix_delivery_gateway_ref", "gateway_ref"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    contact_id: Mapped[int | None] = mapped_column(index=True)  # of then; the contact may be gone
    name: Mapped[str] = mapped_column(String(250))
    number: Mapped[str] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(3))
    text: Mapped[str] = mapped_column(Text)
    billed: Mapped[int]
    parts: Mapped[int]
    encoding: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(20), default="queued")
    owner: Mapped[str | None] = mapped_column(String(40))  # owner and lease: only while claimed or submitting
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempt: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # right before the last attempt's first byte
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)  # after "refused for now"
    gateway_ref: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(40))  # a code; the pages have the words
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # set exactly when it was charged


class DeliveryPart(Base):
    """A part of a long SMS that was taken, if it gets receipts of its own."""

    __tablename__ = "delivery_part"
    __table_args__ = (Index("ix_delivery_part_reference", "reference"),)

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(80))


class Evidence(Base):
    """What became known of a delivery outside the ordinary path: late results, a person's decision."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    attempt: Mapped[int]
    owner: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(30))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"))


class Receipt(Base):
    """A gateway's later word, stored raw first and applied afterwards; the same word is stored once (I8).

    `delivery_id` and `attempt` are what it echoes of our reference, and may be forged: they are no foreign key.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("gateway", "reference", "state"),
        Index("ix_receipt_waiting", "received_at", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(80))  # the gateway's
    delivery_id: Mapped[int | None] = mapped_column(BigInteger)
    attempt: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ForgottenReceipts(Base):
    """How many receipts of a gateway found no delivery within the time that they are kept."""

    __tablename__ = "forgotten_receipts"

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    receipts: Mapped[int]


class IncomingSms(Base):
    """An SMS that somebody sent to us."""

    __tablename__ = "incoming_sms"
    __table_args__ = (Index("ix_incoming_sms_number", "number", "received_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(25))  # who sent it; E.164 if it is a full number
    recipient: Mapped[str] = mapped_column(String(25))
    text: Mapped[str] = mapped_column(Text)
    asks_to_stop: Mapped[bool]
    block_id: Mapped[int | None]  # the entry of the block list that it has made, if there was none
    answer: Mapped[str] = mapped_column(String(20), default="")  # a code: what became of its answer
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Heartbeat(Base):
    """When a process of this installation was last seen alive."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
