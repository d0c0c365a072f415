"""The ledger as people read it: with the names of the sends and of the people."""

from typing import Any

from sqlalchemy import Select, case, func

from smsapp.accounts.models import User
from smsapp.delivery.models import Campaign
from smsapp.listing import alphabetical, in_order
from smsapp.quota.models import LedgerEntry
from smsapp.quota.queries import entries
from smsapp.quota.words import EFFECT_ON_AVAILABLE

NEWEST_FIRST = "-time"
ORDERS = {
    "time": LedgerEntry.id,
    "kind": case({kind: place for place, kind in enumerate(EFFECT_ON_AVAILABLE)}, value=LedgerEntry.kind),
    "messages": LedgerEntry.messages * case(dict(EFFECT_ON_AVAILABLE), value=LedgerEntry.kind),
    "available": LedgerEntry.available,
    "reserved": LedgerEntry.reserved,
    "spent": LedgerEntry.spent,
    "reason": func.coalesce(alphabetical(Campaign.name), alphabetical(LedgerEntry.reason)),
    "by": alphabetical(User.name),
}


def ledger(campaign_id: int | None = None, sort: str = NEWEST_FIRST) -> Select[Any]:
    """The quota's movements in this order of `ORDERS`, each with the name of its campaign and of the person."""
    statement = (
        entries(campaign_id)
        .add_columns(Campaign.name.label("campaign"), Campaign.is_test.label("is_test"), User.name.label("user"))
        .outerjoin(Campaign, Campaign.id == LedgerEntry.campaign_id)
        .outerjoin(User, User.id == LedgerEntry.user_id)
    )
    return in_order(statement, sort, ORDERS, LedgerEntry.id.desc())
