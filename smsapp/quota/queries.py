"""Reading the quota."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.extensions import db
from smsapp.quota.models import QuotaAccount


def available_messages(session: Session | None = None) -> int:
    """How many messages can still be confirmed."""
    statement = select(QuotaAccount.available).where(QuotaAccount.id == 1)
    return (session or db.session).scalar(statement) or 0
