"""From what a user composed to an order: everything that decides who gets which text at what price."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from smsapp.audiences.models import Audience
from smsapp.campaigns.problems import AudienceNotActive, FieldProblem, ModuleOff
from smsapp.contacts.models import PHONE_FIELDS
from smsapp.errors import NotThere
from smsapp.settings.models import SenderName, Settings
from smsapp.settings.queries import current_settings
from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS, Rule
from smsapp.text.normalise import ControlCharacter, normalise


@dataclass(frozen=True)
class Composed:
    """What the popup's form says. `sender_id` is a sender name's id, None the operator number.

    `leave_empty` holds keys of tag fields whose tags without substitute may stay empty.
    """

    audience_id: int
    text: str
    sender_id: int | None = None
    phone_field: str = "mobile"
    include_fixed_line: bool = False
    leave_empty: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """All that decides a plan. `text` is normalised and has tags; `sender` is as recipients see it."""

    audience_id: int
    tree: Mapping[str, Any]
    text: str
    sender: str
    phone_field: str = "mobile"
    include_fixed_line: bool = False
    leave_empty: tuple[str, ...] = ()
    rule: Rule = Rule.CHARACTERS_160
    allowed_countries: tuple[str, ...] = ()

    @cached_property
    def template(self) -> tags.Template:
        """The parsed text; a field that may stay empty has the substitute ""."""
        return tags.parse(self.text).with_substitutes(dict.fromkeys(self.leave_empty, ""))

    @property
    def needs_a_value(self) -> bool:
        """Whether the text is nothing but tags without words of their own: contacts with no value get nothing."""
        template = self.template
        said = template.literal_text.strip() or any(tag.substitute for tag in template.tags)
        return bool(template.tags) and not said

    @property
    def options(self) -> dict[str, Any]:
        """What a campaign records beside text, sender and field."""
        return {
            "include_fixed_line": self.include_fixed_line,
            "leave_empty": sorted(self.leave_empty),
            "allowed_countries": sorted(self.allowed_countries),
        }


def order_of(session: Session, composed: Composed) -> Order:
    """The order by today's settings and the audience's saved conditions.

    A blank text is allowed, since the popup counts it, too; see `require_text`. Raises ModuleOff, NotThere,
    AudienceNotActive and FieldProblem.
    """
    settings = require_module(session)
    audience = sendable_audience(session, composed.audience_id)
    if composed.phone_field not in PHONE_FIELDS:
        raise FieldProblem("phone_field", "unknown", _("There is no such phone number field."))
    text = readable(composed.text)
    return Order(
        audience_id=audience.id,
        tree=audience.tree,
        text=text,
        sender=_sender(session, settings, composed.sender_id),
        phone_field=composed.phone_field,
        include_fixed_line=composed.include_fixed_line,
        leave_empty=_used(text, composed.leave_empty),
        rule=Rule(settings.billing_rule),
        allowed_countries=tuple(settings.allowed_countries),
    )


def require_module(session: Session) -> Settings:
    """The settings, if the SMS module is switched on; raises ModuleOff."""
    settings = current_settings(session)
    if not settings.module_on:
        raise ModuleOff
    return settings


def sendable_audience(session: Session, audience_id: int) -> Audience:
    """The audience, if messages may go to it; raises NotThere and AudienceNotActive."""
    audience = session.get(Audience, audience_id)
    if audience is None:
        raise NotThere(_("This audience does not exist, or not any more."))
    if audience.archived or not audience.active:
        raise AudienceNotActive
    return audience


def readable(text: str) -> str:
    """The typed text normalised, if its tags can be read and it has at most 480 characters; else FieldProblem."""
    try:
        text = normalise(text)
        tags.parse(text)
    except ControlCharacter as error:
        raise FieldProblem("text", "bad_character", _("The text has a character that cannot be sent.")) from error
    except tags.TagError as error:
        raise FieldProblem("text", error.code, _("The text has a tag that cannot be read.")) from error
    if len(text) > MAX_CHARACTERS:
        raise FieldProblem("text", "too_long", _("The text is too long."))
    return text


def require_text(order: Order) -> None:
    """Nobody gets an empty SMS; raises FieldProblem."""
    if not order.text.strip():
        raise FieldProblem("text", "blank", _("Please write a message."))


def _sender(session: Session, settings: Settings, sender_id: int | None) -> str:
    if sender_id is None:
        if not settings.operator_number:
            raise FieldProblem("sender", "unknown", _("No operator number is set. Please ask your administrator."))
        return settings.operator_number
    name = session.get(SenderName, sender_id)
    if name is None or not name.active:
        raise FieldProblem("sender", "not_active", _("This sender is not active any more. Please choose another."))
    return name.name


def _used(text: str, leave_empty: tuple[str, ...]) -> tuple[str, ...]:
    """Only what decides something: fields of tags without substitute, in one order."""
    return tuple(sorted(set(leave_empty) & set(tags.parse(text).required)))
