"""Reading the quota."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from smsapp.extensions import db
from smsapp.quota.models import LedgerEntry, QuotaAccount


@dataclass(frozen=True, slots=True)
class Balances:
    """The account as it stands: available + reserved + spent = granted."""

    granted: int
    available: int
    reserved: int
    spent: int


@dataclass(frozen=True, slots=True)
class CampaignQuota:
    """What became of the messages that a campaign reserved."""

    reserved: int
    spent: int
    returned: int


def available_messages(session: Session | None = None) -> int:
    """How many messages can still be confirmed."""
    statement = select(QuotaAccount.available).where(QuotaAccount.id == 1)
    return (session or db.session).scalar(statement) or 0


def balances(session: Session | None = None) -> Balances:
    """The account."""
    account = QuotaAccount
    statement = select(account.granted, account.available, account.reserved, account.spent).where(account.id == 1)
    return Balances(*(session or db.session).execute(statement).one())


def campaign_quota(campaign_id: int) -> CampaignQuota:
    """A campaign's messages by its ledger entries."""
    statement = (
        select(LedgerEntry.kind, func.sum(LedgerEntry.messages))
        .where(LedgerEntry.campaign_id == campaign_id)
        .group_by(LedgerEntry.kind)
    )
    sums: dict[str, int] = {kind: int(total) for kind, total in db.session.execute(statement)}
    spent, returned = sums.get("charge", 0), sums.get("return", 0)
    return CampaignQuota(sums.get("reserve", 0) - spent - returned, spent, returned)


def entries(campaign_id: int | None = None) -> Select[LedgerEntry]:
    """The ledger; of one campaign, or all."""
    statement = select(LedgerEntry)
    return statement if campaign_id is None else statement.where(LedgerEntry.campaign_id == campaign_id)
