"""Drafts: what a user composed for an audience and has not sent."""

from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.campaigns.models import Draft
from smsapp.campaigns.order import Composed
from smsapp.clock import now
from smsapp.extensions import db, db_write
from smsapp.settings.models import SenderName
from smsapp.text.normalise import line_feeds

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
    )


def save_draft(user_id: int, composed: Composed) -> None:
    """Keep it, whatever its text is like; the last one saved counts. The audience must exist."""
    try:
        _save(user_id, composed)
    except IntegrityError:  # two tabs saved the first draft in the same moment
        _save(user_id, composed)


def drop_draft(session: Session, user_id: int, audience_id: int) -> None:
    """Forget it in an open transaction, since it was sent or thrown away."""
    session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.audience_id == audience_id))


def _save(user_id: int, composed: Composed) -> None:
    values: dict[str, Any] = {
        "phone_field": composed.phone_field[:10],
        "text": line_feeds(composed.text.replace("\0", ""))[:LONGEST_DRAFT],
        "include_fixed_line": composed.include_fixed_line,
        "leave_empty": list(composed.leave_empty),
        "updated_at": now(),
    }
    with db_write() as session:
        sender = session.get(SenderName, composed.sender_id) if composed.sender_id else None
        values["sender_id"] = sender.id if sender else None  # a sender deleted meanwhile is no reason to lose the text
        mine = (Draft.user_id == user_id, Draft.audience_id == composed.audience_id)
        if not session.scalar(select(Draft.id).where(*mine)):
            session.add(Draft(user_id=user_id, audience_id=composed.audience_id, **values))
        else:
            session.execute(update(Draft).where(*mine).values(values))


def _own(user_id: int, audience_id: int) -> Select[Any]:
    return select(Draft).where(Draft.user_id == user_id, Draft.audience_id == audience_id)
