"""Sending again what has finally failed: the same texts to the same numbers, as a send of its own.

It is confirmed, signed and launched like every other (I1, I2), only that its plan is read from the failed deliveries
instead of an audience. Unclear SMS and those without delivery receipt may have arrived: they are never among them.
"""

from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, case, exists, func, insert, literal, null, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.schema import CreateTable, DropTable

from smsapp.campaigns.order import Order, Resend
from smsapp.campaigns.plan_table import plan_row
from smsapp.campaigns.skips import SkipReason
from smsapp.contacts.models import PhoneNumber
from smsapp.contacts.unwanted import unwanted_numbers
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import State
from smsapp.errors import Conflict, NotThere
from smsapp.extensions import db

FAILED: Final = (State.UNDELIVERED, State.REJECTED, State.EXPIRED)
"""Surely not arrived, and nothing more is expected."""

_Again, _ItsDelivery = aliased(Campaign), aliased(Delivery)


def failed(campaign_id: int) -> ColumnElement[bool]:
    """Which deliveries have failed finally and were not sent again yet; one cancelled in time was not."""
    sent_again = exists().where(
        _Again.resends_id == campaign_id,
        _ItsDelivery.campaign_id == _Again.id,
        _ItsDelivery.number == Delivery.number,
        _ItsDelivery.state != State.CANCELLED,
    )
    return and_(Delivery.campaign_id == campaign_id, Delivery.state.in_(FAILED), ~sent_again)


def failed_left(campaign: Campaign) -> int:
    """How many SMS of a send can be sent again; none while it goes on, nor of one without audience."""
    if campaign.closed_at is None or campaign.audience_id is None:
        return 0
    return db.session.scalar(select(func.count()).select_from(Delivery).where(failed(campaign.id))) or 0


def resend_of(campaign_id: int) -> Resend:
    """What the failed SMS of a finished send are sent again by; raises NotThere, and Conflict where there are none."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotThere(_("This send does not exist."))
    if campaign.audience_id is None or not failed_left(campaign):
        raise Conflict(_("Nothing of this send can be sent again, or it was done already."))
    return Resend(campaign_id, campaign.audience_id)


def resend_key(campaign_id: int) -> str:
    """The send key of the next time: whoever confirms before the other has launched it means the same send (I2)."""
    before = select(func.count()).select_from(Campaign).where(Campaign.resends_id == campaign_id)
    return f"{_prefix(campaign_id)}{db.session.scalar(before)}"


def is_key_of(send_key: str, campaign_id: int) -> bool:
    """Whether this key is for sending the failed SMS of this send again."""
    return send_key.startswith(_prefix(campaign_id))


def _prefix(campaign_id: int) -> str:
    return f"again:{campaign_id}:"


def fill_again(session: Session, order: Order) -> None:
    """Make the plan's table anew and fill it with what has failed; the counterpart of `plan_table.fill`."""
    session.execute(DropTable(plan_row, if_exists=True))
    session.execute(CreateTable(plan_row))
    columns: dict[str, Any] = {
        "contact_id": Delivery.contact_id,
        "name": Delivery.name,
        "raw_number": Delivery.number,
        "number": Delivery.number,
        "country": Delivery.country,
        "text": Delivery.text,
        "characters": func.length(Delivery.text),
        "signed_parts": case((Delivery.encoding == "ucs2", -Delivery.parts), else_=Delivery.parts),
        "reason": _reason(order),
        "detail": null(),
        "twin_id": null(),
    }
    chosen = select(*columns.values()).where(failed(order.resends_id or 0))
    session.execute(insert(plan_row).from_select(list(columns), chosen, include_defaults=False))


def _reason(order: Order) -> ColumnElement[str | None]:
    """Why not again: what holds for every send, and that the contact is not to be reached by this number any more."""
    theirs = exists().where(PhoneNumber.contact_id == Delivery.contact_id, PhoneNumber.e164 == Delivery.number)
    reasons = (
        (~theirs, SkipReason.GONE),
        (func.coalesce(Delivery.country, "").not_in(sorted(order.allowed_countries)), SkipReason.COUNTRY),
        (Delivery.number.in_(unwanted_numbers()), SkipReason.BLOCKED),
    )
    return case(*((condition, literal(reason.value)) for condition, reason in reasons))
