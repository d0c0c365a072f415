"""Reading message templates. A person sees the own ones and those that others share."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager

from smsapp.accounts.models import User
from smsapp.errors import NotThere
from smsapp.extensions import db
from smsapp.listing import alphabetical, in_order, matches
from smsapp.message_templates.models import MessageTemplate
from smsapp.types import LARGEST_ID

ORDERS = {
    "name": alphabetical(MessageTemplate.name),
    "sender": alphabetical(MessageTemplate.sender),
    "owner": alphabetical(User.name),
    "updated": MessageTemplate.updated_at,
}


def template_list(user_id: int, search: str = "", sort: str = "name") -> Select[Any]:
    """The templates that this person may use."""
    statement = (
        select(MessageTemplate)
        .join(MessageTemplate.owner)
        .options(contains_eager(MessageTemplate.owner))
        .where(_visible(user_id))
    )
    if search:
        statement = statement.where(matches(MessageTemplate.search_key, search))
    return in_order(statement, sort, ORDERS, MessageTemplate.id)


def any_template(user_id: int) -> bool:
    return db.session.scalar(select(MessageTemplate.id).where(_visible(user_id)).limit(1)) is not None


def get(template_id: int, user_id: int) -> MessageTemplate:
    """A template that this person may use; raises NotThere, also for somebody else's own."""
    statement = select(MessageTemplate).where(MessageTemplate.id == template_id, _visible(user_id))
    found = db.session.scalar(statement) if 0 < template_id <= LARGEST_ID else None
    if found is None:
        raise NotThere(_("This template does not exist or no longer exists."))
    return found


def _visible(user_id: int) -> ColumnElement[bool]:
    return or_(MessageTemplate.owner_id == user_id, MessageTemplate.shared)
