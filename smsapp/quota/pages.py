"""The ledger as people read it: with the names of the sends and of the people."""

from typing import Any

from sqlalchemy import Select

from smsapp.accounts.models import User
from smsapp.delivery.models import Campaign
from smsapp.quota.models import LedgerEntry
from smsapp.quota.queries import entries


def ledger(campaign_id: int | None = None) -> Select[Any]:
    """The quota's movements, the newest first, each with the name of its campaign and of the person."""
    return (
        entries(campaign_id)
        .add_columns(Campaign.name.label("campaign"), Campaign.is_test.label("is_test"), User.name.label("user"))
        .outerjoin(Campaign, Campaign.id == LedgerEntry.campaign_id)
        .outerjoin(User, User.id == LedgerEntry.user_id)
    )
