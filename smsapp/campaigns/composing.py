"""What the popup and the confirmation show: figures, notes, preview, skipped contacts. Reads only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from smsapp.audiences.models import Audience
from smsapp.campaigns import words
from smsapp.campaigns.forms import ComposeForm, sender_label
from smsapp.campaigns.order import Order, order_of
from smsapp.campaigns.plan import Plan
from smsapp.campaigns.preview import Preview, preview
from smsapp.campaigns.problems import FieldProblem
from smsapp.campaigns.queries import sent_today
from smsapp.campaigns.summary import Figures, figures
from smsapp.clock import now
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.extensions import db
from smsapp.overview.health import worker_is_running
from smsapp.quota.queries import available_messages
from smsapp.quota.words import missing_sentence
from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.insert import DoesNotFit, insert
from smsapp.text.normalise import ControlCharacter, normalise
from smsapp.text.tag_names import FIELDS, display_name
from smsapp.web import format_clock, format_number, local_time

Note = tuple[str, str]  # a sentence, and its tone: "", "warn" or "bad"
LATE, EARLY, SUNDAY = 20, 8, 6


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece to put into the text that was posted, over what stands from `start` to `end` in UTF-16 units."""

    piece: str
    start: int
    end: int


EditsOf = Callable[[str], list[Edit]]


def order_for(audience: Audience, form: ComposeForm) -> Order | None:
    """The order, or None with the complaint at its field."""
    try:
        return order_of(db.session(), form.composed(audience.id))
    except FieldProblem as problem:
        form.add_problem(problem)
        return None


def popup_values(audience: Audience, form: ComposeForm, position: int = 1) -> dict[str, Any]:
    """All that the popup shows."""
    return {
        **figures_values(audience, form, position),
        "tag_choices": tag_choices(),
        "blocker": blocker(audience),
    }


def figures_values(audience: Audience, form: ComposeForm, position: int = 1) -> dict[str, Any]:
    """The counters and what belongs to them; None for figures while the text cannot be read."""
    order = order_for(audience, form)
    found = figures(order) if order else None
    available = available_messages()
    return {
        "audience": audience,
        "form": form,
        "characters": len(form.typed),
        "figures": found,
        "announcement": words.counter_sentence(len(form.typed), found.recipients, found.messages) if found else "",
        "available": available,
        "notes": list(_notes(order, found, available)) if order and found else [],
        "empty_fields": list(_empty_fields(order, found)) if order and found else [],
        "preview": preview(db.session(), order, position, found.recipients) if order and found else None,
    }


def preview_for(audience: Audience, form: ComposeForm, position: int) -> Preview | None:
    """What the recipient at this position gets."""
    order = order_for(audience, form)
    return preview(db.session(), order, position, figures(order).recipients) if order else None


def confirmation_values(audience: Audience, form: ComposeForm, order: Order, plan: Plan) -> dict[str, Any]:
    """All that the confirmation shows, but for its token and conflicts."""
    available = available_messages()
    return {
        "audience": audience,
        "plan": plan,
        "available": available,
        "sendable": 0 < plan.messages <= available,
        "notes": list(_confirmation_notes(audience, order, plan, available)),
        "skip_sentence": words.skip_sentence(plan.skips) if plan.skipped else "",
        "histogram_line": words.histogram_line,
        "sender_label": sender_label(form),
        "phone_label": PHONE_FIELD_LABELS[order.phone_field],
        "preview": preview(db.session(), order, 1, plan.recipients),
        "hidden": form.hidden(),
    }


def blocker(audience: Audience) -> str | None:
    """Why nothing can be sent now, whatever is typed."""
    if available_messages() == 0:
        return missing_sentence(1, 0)
    return None


def tag_choices() -> list[tuple[str, str]]:
    """The tags of the contact and of its company, as the list above the message field offers them."""
    language = str(get_locale())
    owners = {"contact": _("Contact"), "company": _("Company")}
    return [(field.key, f"{owners[field.owner]}: {_own_name(field.key, language)}") for field in FIELDS]


def _own_name(key: str, language: str) -> str:
    """A company's field without the word company before it; the company's name itself is "Name"."""
    name = display_name(key, language)
    if key == "company_name":
        return str(_("Name"))
    if not key.startswith("company_"):
        return name
    own = name.split(" ", 1)[1]
    return own[0].upper() + own[1:]


def tag_edit(text: str, field: str, substitute: str, start: str, end: str) -> Edit:
    """Where the tag goes: at the caret, over the selection, or without either at the end of the text.

    Raises DoesNotFit, and ValueError for a substitute with a brace or bar.
    """
    piece = tags.write(display_name(field, str(get_locale())), clean_substitute(substitute) or None)
    last = len(text.encode("utf-16-le")) // 2
    first = int(start) if start.isdecimal() else last
    until = int(end) if end.isdecimal() else first
    insert(text, first, until, piece)
    return Edit(piece, first, until)


def substitute_edits(text: str, field: str, substitute: str) -> list[Edit]:
    """Give every tag of this field that has none the substitute; raises what `tag_edit` raises, and TagError."""
    piece = tags.write(display_name(field, str(get_locale())), clean_substitute(substitute))
    spans = [(start, end) for start, end, tag in tags.places(text) if tag == tags.Tag(field)]
    if len(text) + sum(len(piece) - (end - start) for start, end in spans) > MAX_CHARACTERS:
        raise DoesNotFit(len(text))
    return [Edit(piece, _utf16(text, start), _utf16(text, end)) for start, end in spans]


def try_edits(text: str, edits_of: EditsOf) -> tuple[list[Edit], str | None]:
    """The edits, or none and a sentence that says why not."""
    try:
        return edits_of(text), None
    except DoesNotFit:
        return [], str(_("The tag does not fit into the 480 characters any more. The text is unchanged."))
    except tags.TagError:
        return [], str(_("Please correct the text first: a tag in it cannot be read."))
    except (ValueError, KeyError):
        return [], str(_("A substitute may have no braces and no |."))


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text with all edits made, for a page without JavaScript."""
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = insert(text, edit.start, edit.end, edit.piece).text
    return text


def clean_substitute(substitute: str) -> str:
    """A substitute as it can be sent; ValueError when it cannot."""
    try:
        return normalise(substitute).strip()
    except ControlCharacter as error:
        raise ValueError(str(error)) from error


def _utf16(text: str, position: int) -> int:
    return len(text[:position].encode("utf-16-le")) // 2


def _notes(order: Order, found: Figures, available: int) -> Iterator[Note]:
    left = words.characters_left(len(order.text), MAX_CHARACTERS)
    if left:
        yield left, "warn"
    if found.contacts == 0:
        yield _("This audience contains no contacts. Change the conditions and save them."), "bad"
    elif found.recipients == 0 and order.text.strip():
        yield words.nobody_sentence(found.contacts, found.skips), "bad"
    if found.too_long:
        yield words.counted_reason("too_long", found.too_long), "warn"
    if found.more_parts:
        yield words.more_parts_sentence(found.more_parts, found.causes), ""
    if found.messages > available > 0:
        yield missing_sentence(found.messages, available), "bad"
    if not order.sender.startswith("+"):
        yield _("This sender cannot be answered. In advertising, name a way to unsubscribe."), ""


def _empty_fields(order: Order, found: Figures) -> Iterator[tuple[str, str, int]]:
    """Tags without substitute that are empty for some: field, name, number of contacts."""
    language = str(get_locale())
    for field in tags.parse(order.text).required:
        if found.empty.get(field):
            yield field, display_name(field, language), found.empty[field]


def _confirmation_notes(audience: Audience, order: Order, plan: Plan, available: int) -> Iterator[Note]:
    if plan.messages > available:
        yield missing_sentence(plan.messages, available), "bad"
    earlier = sent_today(audience.id, order.text)
    if earlier is not None:
        yield _repeated(format_clock(earlier.created_at), earlier.recipients), "warn"
    moment = local_time(now())
    if moment.hour >= LATE or moment.hour < EARLY or moment.weekday() == SUNDAY:
        yield _("It is %(time)s. The SMS arrive now.", time=format_clock(now())), "warn"
    if plan.more_parts:
        yield words.more_parts_sentence(plan.more_parts, ""), "info"
    if not order.sender.startswith("+"):
        yield _("This sender cannot be answered. In advertising, name a way to unsubscribe."), "info"
    if not worker_is_running():
        yield _("The sending service is not running at the moment. You can confirm; it is sent later."), "warn"


def _repeated(time: str, recipients: int) -> str:
    return str(
        ngettext(
            "This text went to this audience today at %(time)s already (%(count)s recipient).",
            "This text went to this audience today at %(time)s already (%(count)s recipients).",
            recipients,
            time=time,
            count=format_number(recipients),
        )
    )
