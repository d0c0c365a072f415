"""From what a user composed to an order: everything that decides who gets which text at what price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from flask_babel import to_user_timezone, to_utc
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsapp.audiences.models import Audience
from smsapp.campaigns.problems import AudienceNotActive, FieldProblem, ModuleOff
from smsapp.clock import now
from smsapp.contacts.models import PHONE_FIELDS
from smsapp.delivery.models import Campaign
from smsapp.errors import NotThere
from smsapp.settings.models import SenderName, Settings
from smsapp.settings.queries import current_settings
from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS, Rule
from smsapp.text.normalise import ControlCharacter, is_blank, normalise


@dataclass(frozen=True)
class Composed:
    """What the popup's form says. `sender_id` is a sender name's id, None the operator number.

    `leave_empty` holds keys of tag fields whose tags without substitute may stay empty, `deadline` a local time as
    browsers write it ("2026-11-28T18:00") or nothing.
    """

    audience_id: int
    text: str
    sender_id: int | None = None
    phone_field: str = "mobile"
    include_fixed_line: bool = False
    leave_empty: tuple[str, ...] = ()
    deadline: str = ""


@dataclass(frozen=True, slots=True)
class Resend:
    """The failed SMS of a finished send, to be sent again as they were."""

    campaign_id: int
    audience_id: int


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
    deadline: datetime | None = None
    resends_id: int | None = None

    @cached_property
    def template(self) -> tags.Template:
        """The parsed text; a field that may stay empty has the substitute ""."""
        return tags.parse(self.text).with_substitutes(dict.fromkeys(self.leave_empty, ""))

    @property
    def needs_a_value(self) -> bool:
        """Whether the text is nothing but tags without words of their own: contacts with no value get nothing."""
        template = self.template
        said = not is_blank(template.literal_text + "".join(tag.substitute or "" for tag in template.tags))
        return bool(template.tags) and not said

    @property
    def options(self) -> dict[str, Any]:
        """What a campaign records beside text, sender and field; what few orders have is not named by the others."""
        few = {"deadline": self.deadline and self.deadline.isoformat(), "resends": self.resends_id}
        return {
            "include_fixed_line": self.include_fixed_line,
            "leave_empty": sorted(self.leave_empty),
            "allowed_countries": sorted(self.allowed_countries),
            **{name: value for name, value in few.items() if value is not None},
        }


def order_of(session: Session, wanted: Composed | Resend) -> Order:
    """The order by today's settings; raises ModuleOff, NotThere, AudienceNotActive and FieldProblem."""
    return _composed(session, wanted) if isinstance(wanted, Composed) else _again(session, wanted)


def _composed(session: Session, composed: Composed) -> Order:
    """By the audience's saved conditions.

    A blank text is allowed, since the popup counts it, too; see `require_text`.
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
        sender=sender_of(session, settings, composed.sender_id),
        phone_field=composed.phone_field,
        include_fixed_line=composed.include_fixed_line,
        leave_empty=_used(text, composed.leave_empty),
        rule=Rule(settings.billing_rule),
        allowed_countries=tuple(settings.allowed_countries),
        deadline=read_deadline(composed.deadline),
    )


def _again(session: Session, resend: Resend) -> Order:
    """What was ordered then, by today's rules; from a sender that may be used today."""
    settings = require_module(session)
    sendable_audience(session, resend.audience_id)
    before = session.get_one(Campaign, resend.campaign_id)
    return Order(
        audience_id=resend.audience_id,
        tree={},
        text=before.text,
        sender=sender_of(session, settings, _sender_id(session, before.sender)),
        phone_field=before.phone_field,
        include_fixed_line=before.options.get("include_fixed_line", False),
        leave_empty=tuple(before.options.get("leave_empty", ())),
        rule=Rule(settings.billing_rule),
        allowed_countries=tuple(settings.allowed_countries),
        resends_id=before.id,
    )


def _sender_id(session: Session, sender: str) -> int | None:
    """The id of a send's sender name, None for an operator number; 0 for a name that is gone."""
    if sender.startswith("+"):
        return None
    return session.scalar(select(SenderName.id).where(SenderName.name == sender)) or 0


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
        raise NotThere(_("This audience does not exist or no longer exists."))
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
    if is_blank(order.text):
        raise FieldProblem("text", "blank", _("Please write a message."))


def read_deadline(typed: str) -> datetime | None:
    """The moment that is meant by a local time, None where nothing is typed; else FieldProblem."""
    if not typed:
        return None
    try:
        local = datetime.strptime(typed[:16], "%Y-%m-%dT%H:%M")  # the installation's zone
        moment: datetime = to_utc(local)
    except (ValueError, OverflowError) as error:
        message = _("This is no date with a time. Please write it as 2026-11-28T18:00.")
        raise FieldProblem("deadline", "unreadable", message) from error
    return moment.replace(tzinfo=UTC)


def typed_deadline(moment: datetime | None) -> str:
    """The moment as the form has it."""
    return "" if moment is None else to_user_timezone(moment).strftime("%Y-%m-%dT%H:%M")


def require_time(session: Session, order: Order) -> None:
    """There is time to send before the deadline; raises FieldProblem."""
    if order.deadline is None:
        return
    if order.deadline <= now():
        message = _("This moment is over. Please choose a later one, or none.")
        raise FieldProblem("deadline", "over", message)
    undo = current_settings(session).undo_seconds
    if order.deadline <= now() + timedelta(seconds=undo):
        message = _(
            "Sending only begins after the %(count)s seconds for undoing it. Please choose a later moment.", count=undo
        )
        raise FieldProblem("deadline", "too_early", message)


def sender_of(session: Session, settings: Settings, sender_id: int | None) -> str:
    """The sender as recipients see it; raises FieldProblem."""
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
