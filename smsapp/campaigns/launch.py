"""Launching: one transaction from a signed confirmation to a campaign with its deliveries (I1, I2, I3, I6, I7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, String, insert, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.audiences.models import Audience
from smsapp.campaigns.confirmation import confirm_again, repeated, require_key
from smsapp.campaigns.drafts import drop_draft
from smsapp.campaigns.models import Skip
from smsapp.campaigns.naming import name_of
from smsapp.campaigns.order import Composed, Order, Resend, order_of, require_text, require_time
from smsapp.campaigns.plan import Plan, work_out
from smsapp.campaigns.plan_table import ENCODING, GETS_IT, PARTS, billed_sql, row
from smsapp.campaigns.problems import FiguresChanged, ModuleOff, NotYourConfirmation, QuotaMissing
from smsapp.campaigns.signing import Signed, read
from smsapp.delivery.making import Extent, make_campaign
from smsapp.delivery.models import Campaign, Delivery
from smsapp.delivery.states import CampaignState, State
from smsapp.delivery.waking import wake_workers
from smsapp.errors import NotThere
from smsapp.extensions import db, db_write
from smsapp.quota.service import QuotaTooSmall, reserve
from smsapp.settings.queries import current_settings, module_held_on
from smsapp.types import UtcDateTime


@dataclass(frozen=True, slots=True)
class Launched:
    """The campaign; `again` when it had been launched before and nothing was done now."""

    campaign_id: int
    again: bool


class _NotAsConfirmed(Exception):
    """The digest is another one: nothing may be written."""


def launch(wanted: Composed | Resend, token: str, user_id: int) -> Launched:
    """Send what was confirmed, once.

    Raises NotYourConfirmation (400), ModuleOff and NotThere (404), AudienceNotActive, FieldProblem and
    NobodyReachable (422), FiguresChanged and QuotaMissing (409); nothing is sent then.
    """
    signed, expired = read(token, user_id, wanted.audience_id)
    require_key(signed, wanted)
    if earlier := _launched(db.session(), signed):
        return earlier
    if expired:
        raise _changed(wanted, signed, expired=True)
    try:
        with db_write() as session:
            launched = _launched(session, signed) or _launch(session, wanted, signed)
    except _NotAsConfirmed:
        raise _changed(wanted, signed) from None
    except QuotaTooSmall as error:
        raise QuotaMissing(error.needed, error.available) from error
    except IntegrityError:  # on PostgreSQL the same send was being launched in this very moment
        db.session.rollback()
        if earlier := _launched(db.session(), signed):
            return earlier
        raise
    _wake(launched)
    return launched


def _launched(session: Session, signed: Signed) -> Launched | None:
    """The campaign that this send has become already; raises NotYourConfirmation if the key is another's.

    The key for sending failed SMS again is everybody's: two people who do it at once mean one send.
    """
    campaign = session.scalar(select(Campaign).where(Campaign.send_key == signed.send_key))
    if campaign is None:
        return None
    own = campaign.user_id == signed.user_id or campaign.resends_id
    if not own or campaign.audience_id != signed.audience_id:
        raise NotYourConfirmation
    return Launched(campaign.id, again=True)


def _changed(wanted: Composed | Resend, signed: Signed, expired: bool = False) -> FiguresChanged:
    confirmed, changes = confirm_again(wanted, signed, expired)
    return FiguresChanged(changes, confirmed)


def _launch(session: Session, wanted: Composed | Resend, signed: Signed) -> Launched:
    """Everything or nothing, in the caller's transaction."""
    if not module_held_on(session):
        raise ModuleOff
    order = order_of(session, wanted)
    require_text(order)
    require_time(session, order)
    plan = work_out(session, order)
    if plan.digest != signed.digest:
        raise _NotAsConfirmed
    campaign = _campaign(session, order, plan, signed)
    reserve(session, plan.messages, campaign.id, signed.user_id)  # from here on launches wait for each other
    if repeated(session, order) != signed.repeats:
        raise _NotAsConfirmed
    session.execute(_deliveries(campaign.id, order, campaign.created_at))
    session.execute(_skips(campaign.id))
    if isinstance(wanted, Composed):
        drop_draft(session, signed.user_id, wanted)
    return Launched(campaign.id, again=False)


def _campaign(session: Session, order: Order, plan: Plan, signed: Signed) -> Campaign:
    user = session.get(User, signed.user_id)
    if user is None:
        raise NotThere(_("This user does not exist any more."))
    return make_campaign(
        session,
        signed.send_key,
        user,
        order,
        Extent(plan.recipients, plan.skipped, plan.messages),
        current_settings(session).undo_seconds,
        name=name_of(order.template, user.language),
        resends_id=order.resends_id,
        audience_id=order.audience_id,
        audience_name=session.get_one(Audience, order.audience_id).name,
        digest=plan.digest,
        deadline=order.deadline,
    )


def _deliveries(campaign_id: int, order: Order, moment: datetime) -> Any:
    """INSERT ... SELECT of everybody who gets an SMS, from the plan in this transaction."""
    values = {
        "campaign_id": literal(campaign_id, Integer),
        "contact_id": row.contact_id,
        "name": row.name,
        "number": row.number,
        "country": row.country,
        "text": row.text,
        "billed": billed_sql(order.rule),
        "parts": PARTS,
        "encoding": ENCODING,
        "state": literal(State.QUEUED, String),
        "attempt": literal(0, Integer),
        "changed_at": literal(moment, UtcDateTime),
    }
    chosen = select(*values.values()).where(GETS_IT).order_by(row.contact_id)
    return insert(Delivery).from_select(list(values), chosen, include_defaults=False)


def _skips(campaign_id: int) -> Any:
    """INSERT ... SELECT of everybody who gets nothing."""
    columns = (row.contact_id, row.name, row.raw_number, row.reason, row.detail, row.twin_id)
    chosen = select(literal(campaign_id, Integer), *columns).where(~GETS_IT).order_by(row.contact_id)
    names = ["campaign_id", *(column.name for column in columns)]
    return insert(Skip).from_select(names, chosen, include_defaults=False)


def _wake(launched: Launched) -> None:
    """Without an undo window a worker may begin at once; with one, the sweep starts the send when it is over."""
    if not launched.again and db.session.get_one(Campaign, launched.campaign_id).state == CampaignState.SENDING:
        wake_workers(launched.campaign_id)
