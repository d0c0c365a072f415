"""What the start page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from smsapp.audiences.models import Audience
from smsapp.campaigns.queries import UNDER_WAY, Running, Unclear, latest, latest_in, running_sends, sends_with_unclear
from smsapp.contacts.models import Company, Contact
from smsapp.delivery.models import Campaign
from smsapp.delivery.queries import Progress, paused_because, progress
from smsapp.delivery.states import CampaignState
from smsapp.extensions import db
from smsapp.quota.queries import Balances, balances

LAST_SENDS = 5
MOST_SENDS = 5  # of each kind, that the page names
LOW_SHARE = 10  # quota is low below a tenth of all that was granted


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    contacts: int
    companies: int
    audiences: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the start page shows."""

    quota: Balances
    running: Running
    counts: Counts
    unclear: Sequence[Unclear]
    paused: Sequence[tuple[Campaign, str]]
    under_way: Sequence[tuple[Campaign, Progress]]
    last: Sequence[Campaign]

    @property
    def quota_is_low(self) -> bool:
        return self.quota.available * LOW_SHARE < self.quota.granted


def overview() -> Overview:
    """The start page's data."""
    return Overview(
        quota=balances(),
        running=running_sends(),
        counts=counts(),
        unclear=sends_with_unclear(),
        paused=paused(),
        under_way=under_way(),
        last=latest(LAST_SENDS),
    )


def under_way() -> list[tuple[Campaign, Progress]]:
    """The newest sends under way, and how far they are."""
    sends = latest_in(UNDER_WAY, MOST_SENDS)
    return [(send, found) for send in sends if (found := progress(send.id))]


def paused() -> list[tuple[Campaign, str]]:
    """The newest paused sends, each with the kind of event that has paused it."""
    return [(send, paused_because(send.id) or "") for send in latest_in([CampaignState.PAUSED], MOST_SENDS)]


def counts() -> Counts:
    """How many contacts, companies and audiences in use there are."""
    audiences = select(func.count()).where(~Audience.archived)
    totals = (select(func.count()).select_from(Contact), select(func.count()).select_from(Company), audiences)
    return Counts(*(db.session.scalar(statement) or 0 for statement in totals))
