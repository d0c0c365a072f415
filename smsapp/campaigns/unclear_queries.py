"""Reading the unclear SMS: of which nobody knows whether the gateway took them, and all that is known of each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select, tuple_

from smsapp.accounts.models import User
from smsapp.campaigns.queries import sends_with_unclear
from smsapp.delivery.models import Campaign, Delivery, Evidence, Receipt
from smsapp.delivery.states import State
from smsapp.extensions import db

MOST_RECEIPTS = 200
"""Of those that may belong to a page's SMS, the newest; more would not help anybody to decide."""

MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one SMS: evidence with the person's name, oldest first, and receipts that may belong to it."""

    evidence: Sequence[tuple[Evidence, str | None]]
    receipts: Sequence[Receipt]


def unclear(campaign_id: int | None = None) -> Select[Delivery, Campaign]:
    """The unclear deliveries with their sends, the newest send first; of one send, or of all."""
    with_unclear = [each.campaign_id for each in sends_with_unclear()]
    chosen = [each for each in with_unclear if campaign_id in (None, each)]
    return (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.campaign_id.in_(chosen), Delivery.state == State.UNKNOWN)
        .order_by(Campaign.id.desc(), Delivery.id)
    )


def still_unclear(seen: Mapping[int, int]) -> Sequence[tuple[Delivery, Campaign]]:
    """Those of these deliveries whose attempt is unclear now, with their sends."""
    statement = (
        select(Delivery, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(tuple_(Delivery.id, Delivery.attempt).in_(sorted(seen.items())), Delivery.state == State.UNKNOWN)
        .order_by(Delivery.id)
    )
    return [(delivery, campaign) for delivery, campaign in db.session.execute(statement)]


def known_of(rows: Iterable[tuple[Delivery, Campaign]]) -> Mapping[int, Known]:
    """All that is known of these deliveries, by their ids."""
    rows = list(rows)
    evidence = _evidence([delivery.id for delivery, _ in rows])
    receipts = _loose_receipts([delivery for delivery, _ in rows])
    return {
        delivery.id: Known(
            evidence[delivery.id],
            [each for each in receipts if each.gateway == campaign.gateway and _may_belong(each, delivery)],
        )
        for delivery, campaign in rows
    }


def _evidence(ids: Collection[int]) -> Mapping[int, list[tuple[Evidence, str | None]]]:
    statement = select(Evidence, User.name).outerjoin(User, User.id == Evidence.user_id)
    found: defaultdict[int, list[tuple[Evidence, str | None]]] = defaultdict(list)
    for evidence, name in db.session.execute(statement.where(Evidence.delivery_id.in_(ids)).order_by(Evidence.id)):
        found[evidence.delivery_id].append((evidence, name))
    return found


def _loose_receipts(deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
    """Receipts that no delivery could be found for, and that name one of these: by our id, or by its number."""
    since = min((each.submitted_at for each in deliveries if each.submitted_at), default=None)
    if since is None:
        return []
    named = (Receipt.raw.contains(each.number.removeprefix("+"), autoescape=True) for each in deliveries)
    echoed = Receipt.delivery_id.in_([each.id for each in deliveries])
    statement = (
        select(Receipt)
        .where(Receipt.applied_at.is_(None), Receipt.received_at >= since, or_(echoed, *named))
        .order_by(Receipt.id.desc())
    )
    return db.session.scalars(statement.limit(MOST_RECEIPTS)).all()


def _may_belong(receipt: Receipt, delivery: Delivery) -> bool:
    if receipt.delivery_id is not None:
        return receipt.delivery_id == delivery.id
    later = delivery.submitted_at is not None and receipt.received_at >= delivery.submitted_at
    return later and delivery.number.removeprefix("+") in receipt.raw
