"""Writing message templates. Only their owner and administrators change or delete them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsapp.accounts.models import User
from smsapp.accounts.rights import Right, rights_of
from smsapp.campaigns.order import readable
from smsapp.campaigns.problems import FieldProblem
from smsapp.clock import later_than
from smsapp.contacts.models import PHONE_FIELDS
from smsapp.errors import AppError, NotAllowed, NotThere, refuse_stale
from smsapp.extensions import db_write
from smsapp.folding import fold, search_key
from smsapp.message_templates.models import MessageTemplate
from smsapp.text.normalise import is_blank

LONGEST_NAME = 80


class NameTaken(AppError):
    """This person has a template of this name already."""

    def __init__(self) -> None:
        super().__init__(_("You have a template of this name already. Please choose another name."))


class NotYours(NotAllowed):
    """Somebody else's template, which this person may only use."""

    def __init__(self) -> None:
        super().__init__(_("Only its owner and administrators may change this template."))


@dataclass(frozen=True, slots=True)
class TemplateData:
    """What a template says; `sender` is a name, or "" for the operator number."""

    name: str
    text: str
    sender: str = ""
    phone_field: str = "mobile"
    shared: bool = False


def create(data: TemplateData, owner_id: int) -> int:
    """A new template; its id. Raises FieldProblem for a text that cannot be sent, and NameTaken."""
    with _named(), db_write() as session:
        template = MessageTemplate(owner_id=owner_id)
        _write(session, template, data)
        session.add(template)
        session.flush()
        return template.id


def change(template_id: int, data: TemplateData, user_id: int, seen: datetime) -> None:
    """Write this data; raises what `create` raises, NotThere, NotAllowed, and Changed if saved after `seen`."""
    with _named(), db_write() as session:
        template = _changeable(session, template_id, user_id)
        refuse_stale(template.updated_at, seen)
        _write(session, template, data)
        template.updated_at = later_than(template.updated_at)


def delete(template_id: int, user_id: int) -> None:
    """Forget the template; what was sent with it stays. Raises NotThere and NotAllowed."""
    with db_write() as session:
        session.delete(_changeable(session, template_id, user_id))


def may_change(template: MessageTemplate, user: User) -> bool:
    """Whether it is the person's own, or the person administers and may see it."""
    return template.owner_id == user.id or (template.shared and Right.ADMINISTER in rights_of(user.role))


@contextmanager
def _named() -> Iterator[None]:
    """On PostgreSQL two templates of one name may be saved in the same moment: the later one is told."""
    try:
        yield
    except IntegrityError as error:
        raise NameTaken from error


def _changeable(session: Session, template_id: int, user_id: int) -> MessageTemplate:
    template = session.get(MessageTemplate, template_id, with_for_update=True)
    user = session.get_one(User, user_id)
    if template is None or not (template.shared or template.owner_id == user_id):
        raise NotThere(_("This template does not exist or no longer exists."))
    if not may_change(template, user):
        raise NotYours
    return template


def _write(session: Session, template: MessageTemplate, data: TemplateData) -> None:
    text = readable(data.text)
    if data.phone_field not in PHONE_FIELDS:
        raise FieldProblem("phone_field", "unknown", _("There is no such phone number field."))
    if is_blank(text):
        raise FieldProblem("text", "blank", _("Please write a message."))
    key = fold(data.name)
    same = select(MessageTemplate.id).where(
        MessageTemplate.owner_id == template.owner_id,
        MessageTemplate.name_key == key,
        MessageTemplate.id != (template.id or 0),
    )
    if session.scalar(same) is not None:
        raise NameTaken
    template.name, template.name_key, template.text = data.name, key, text
    template.search_key = search_key(data.name, text)
    template.sender, template.phone_field, template.shared = data.sender, data.phone_field, data.shared
