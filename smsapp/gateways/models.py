"""The ways that SMS go, as administrators have set them up."""

from datetime import datetime

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smsapp.clock import now
from smsapp.extensions import Base
from smsapp.types import UtcDateTime


class GatewayRow(Base):
    """A gateway. Campaigns and receipts keep its name, so that stays.

    `version` rises with every change that its connections must follow, so not with the pace and the failures.
    """

    __tablename__ = "gateway"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # of `registry.KINDS`
    settings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    password: Mapped[str | None] = mapped_column(Text)  # encrypted: `secret_box`
    rate: Mapped[float | None]  # SMS a second of all workers together; none is no limit
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the next SMS may go
    failures: Mapped[int] = mapped_column(default=0)  # one after the other, since it worked last
    open_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # until then nothing is tried
    open_reason: Mapped[str | None] = mapped_column(String(40))
