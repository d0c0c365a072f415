"""Drafts: what a user composed for an audience and has not sent."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.audiences.models import Audience
from smsapp.campaigns.models import Draft
from smsapp.campaigns.order import Composed, typed_deadline
from smsapp.clock import now
from smsapp.delivery.models import Campaign
from smsapp.errors import NotThere
from smsapp.extensions import db, db_write
from smsapp.settings.models import SenderName
from smsapp.text.normalise import ControlCharacter, line_feeds, normalise

LONGEST_DRAFT = 10_000
"""Characters that are kept of a text; what can be sent is far shorter."""


def load_draft(user_id: int, audience_id: int) -> Composed | None:
    """What this user composed for this audience, as far as it was kept."""
    draft = db.session.scalar(_own(user_id, audience_id))
    if draft is None:
        return None
    return Composed(
        audience_id=audience_id,
        text=draft.text,
        sender_id=draft.sender_id,
        phone_field=draft.phone_field,
        include_fixed_line=draft.include_fixed_line,
        leave_empty=tuple(draft.leave_empty),
        deadline=draft.deadline,
    )


def save_draft(user_id: int, composed: Composed, send_key: str = "") -> None:
    """Keep it, whatever its text is like and whether or not it can be sent now; the last one saved counts.

    The popup of a send that was launched keeps its text no more. Raises NotThere if there is no such audience.
    """
    try:
        _save(user_id, composed, send_key)
    except IntegrityError:  # two tabs saved the first draft in the same moment
        _save(user_id, composed, send_key)


def restore_draft(campaign: Campaign) -> None:
    """What was undone is its sender's draft again, unless they have composed something else for the audience since.

    Failed SMS that were to be sent again can be sent again from the send that they are of.
    """
    if campaign.audience_id is None or campaign.user_id is None or campaign.resends_id:
        return
    present = load_draft(campaign.user_id, campaign.audience_id)
    if present is None or not present.text.strip():
        save_draft(campaign.user_id, _composed_again(campaign, campaign.audience_id))


def _composed_again(campaign: Campaign, audience_id: int) -> Composed:
    return Composed(
        audience_id=audience_id,
        text=campaign.text,
        sender_id=db.session.scalar(select(SenderName.id).where(SenderName.name == campaign.sender)),
        phone_field=campaign.phone_field,
        include_fixed_line=campaign.options["include_fixed_line"],
        leave_empty=tuple(campaign.options["leave_empty"]),
        deadline=typed_deadline(campaign.deadline),
    )


def drop_draft(session: Session, user_id: int, composed: Composed) -> None:
    """Forget it in an open transaction, since it was sent; what another tab has kept meanwhile stays."""
    own = (Draft.user_id == user_id, Draft.audience_id == composed.audience_id)
    session.execute(delete(Draft).where(*own, Draft.text == _kept(composed.text)))


def _save(user_id: int, composed: Composed, send_key: str) -> None:
    values: dict[str, Any] = {
        "phone_field": composed.phone_field[:10],
        "text": _kept(composed.text),
        "include_fixed_line": composed.include_fixed_line,
        "leave_empty": list(composed.leave_empty),
        "deadline": composed.deadline.replace("\0", "")[:16],
        "updated_at": now(),
    }
    with db_write() as session:
        if session.get(Audience, composed.audience_id) is None:
            raise NotThere(_("This audience does not exist or no longer exists."))
        if _was_sent(session, send_key, values["text"]):
            return
        sender = session.get(SenderName, composed.sender_id) if composed.sender_id else None
        values["sender_id"] = sender.id if sender else None  # a sender deleted meanwhile is no reason to lose the text
        mine = (Draft.user_id == user_id, Draft.audience_id == composed.audience_id)
        if not session.scalar(select(Draft.id).where(*mine)):
            session.add(Draft(user_id=user_id, audience_id=composed.audience_id, **values))
        else:
            session.execute(update(Draft).where(*mine).values(values))


def _kept(text: str) -> str:
    """The text as a draft has it."""
    return line_feeds(text.replace("\0", ""))[:LONGEST_DRAFT]


def _was_sent(session: Session, send_key: str, text: str) -> bool:
    """Whether this popup's send was launched with this very text."""
    sent = session.scalar(select(Campaign.text).where(Campaign.send_key == send_key)) if send_key else None
    try:
        return sent is not None and sent == normalise(text)
    except ControlCharacter:
        return False


def _own(user_id: int, audience_id: int) -> Select[Any]:
    return select(Draft).where(Draft.user_id == user_id, Draft.audience_id == audience_id)
