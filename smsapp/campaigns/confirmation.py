"""The confirmation: an order worked out, and signed so that "Ja" sends exactly this (I1)."""

import re
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from smsapp.campaigns.models import Confirmation
from smsapp.campaigns.order import Composed, Order, Resend, order_of, require_text, require_time
from smsapp.campaigns.plan import Plan, dear_characters, recipient_ids, work_out
from smsapp.campaigns.problems import Changes, NobodyReachable, NotYourConfirmation
from smsapp.campaigns.queries import sent_today
from smsapp.campaigns.resending import is_key_of, resend_key, resend_of
from smsapp.campaigns.signing import Signed, sign
from smsapp.clock import now
from smsapp.delivery.models import Campaign
from smsapp.extensions import db, db_write

KEPT = timedelta(days=1)
CHUNK = 10_000
SEND_KEY: Final = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the confirmation shows; `token` goes into its form and comes back with "Ja".

    `causes` are the characters because of which texts carry more parts than are billed.
    """

    order: Order
    plan: Plan
    causes: str
    token: str


def confirm(composed: Composed, send_key: str, user_id: int) -> Confirmed:
    """Work the order out and sign it for this user and send, for 30 minutes.

    Raises what `order_of` raises, NotYourConfirmation for a key that no popup has made, FieldProblem for a blank
    text, and NobodyReachable. The quota is the page's.
    """
    if not SEND_KEY.fullmatch(send_key):
        raise NotYourConfirmation
    return _confirm(composed, send_key, user_id)[0]


def confirm_resend(campaign_id: int, user_id: int) -> Confirmed:
    """The same for the failed SMS of a send; raises what `resend_of`, `order_of` and NobodyReachable say."""
    return _confirm(resend_of(campaign_id), resend_key(campaign_id), user_id)[0]


def require_key(signed: Signed, wanted: Composed | Resend) -> None:
    """The key is one of this kind of send; raises NotYourConfirmation."""
    own = isinstance(wanted, Resend) and is_key_of(signed.send_key, wanted.campaign_id)
    if not own and (isinstance(wanted, Resend) or not SEND_KEY.fullmatch(signed.send_key)):
        raise NotYourConfirmation


def confirm_again(wanted: Composed | Resend, signed: Signed, expired: bool) -> tuple[Confirmed, Changes]:
    """A fresh confirmation in place of one that holds no more, and what differs; raises what `confirm` raises."""
    confirmed, recipients = _confirm(wanted, signed.send_key, signed.user_id)
    before = _remembered(signed)
    changes = Changes(
        recipients_before=signed.recipients,
        recipients=confirmed.plan.recipients,
        new=len(set(recipients).difference(before)),
        gone=len(set(before).difference(recipients)),
        messages_before=signed.messages,
        messages=confirmed.plan.messages,
        expired=expired,
    )
    return confirmed, changes


def _confirm(wanted: Composed | Resend, send_key: str, user_id: int) -> "tuple[Confirmed, array[int]]":
    session = db.session()
    order = order_of(session, wanted)
    require_text(order)
    require_time(session, order)
    plan = work_out(session, order)
    if plan.recipients == 0:
        raise NobodyReachable(plan)
    recipients = array("q", session.scalars(recipient_ids()).yield_per(CHUNK))
    causes = dear_characters(session, order) if plan.more_parts else ""
    confirmation_id = _remember(user_id, order.audience_id, recipients)
    signed = Signed(
        send_key=send_key,
        digest=plan.digest,
        user_id=user_id,
        audience_id=order.audience_id,
        confirmation_id=confirmation_id,
        recipients=plan.recipients,
        messages=plan.messages,
        repeats=repeated(session, order),
    )
    return Confirmed(order, plan, causes, sign(signed)), recipients


def repeated(session: Session, order: Order) -> int:
    """The id of the send that this order repeats unawares, 0 if there is none."""
    earlier = earlier_send(session, order)
    return earlier.id if earlier else 0


def earlier_send(session: Session, order: Order) -> Campaign | None:
    """Today's latest send of this text to this audience, unless the order sends again what failed in one."""
    return None if order.resends_id else sent_today(session, order.audience_id, order.text)


def _remember(user_id: int, audience_id: int, recipients: "array[int]") -> int:
    """Keep the recipients' ids for a day: each as its distance from the one before, which packs well."""
    gaps = array("q", (after - before for before, after in zip([0, *recipients[:-1]], recipients, strict=True)))
    packed = zlib.compress(gaps.tobytes(), 1)
    with db_write() as session:
        _forget_old(session)
        confirmation = Confirmation(user_id=user_id, audience_id=audience_id, recipients=packed)
        session.add(confirmation)
        session.flush()
        return confirmation.id


def _remembered(signed: Signed) -> Iterable[int]:
    """The ids that were kept; nobody when it was more than a day ago."""
    confirmation = db.session.get(Confirmation, signed.confirmation_id)
    if confirmation is None:
        return []
    gaps: array[int] = array("q")
    gaps.frombytes(zlib.decompress(confirmation.recipients))
    return list(accumulate(gaps))


def _forget_old(session: Session) -> None:
    session.execute(delete(Confirmation).where(Confirmation.created_at < now() - KEPT))
