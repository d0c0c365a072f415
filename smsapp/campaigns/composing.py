"""What the popup and the confirmation show: figures, notes, preview, skipped contacts. Reads only."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.audiences.models import Audience
from smsapp.audiences.queries import count
from smsapp.campaigns import words
from smsapp.campaigns.cheaper import cheaper
from smsapp.campaigns.confirmation import Confirmed, earlier_send
from smsapp.campaigns.forms import ComposeForm, sender_label
from smsapp.campaigns.order import Order, order_of
from smsapp.campaigns.preview import Preview, preview
from smsapp.campaigns.problems import AudienceNotActive, FieldProblem, ModuleOff
from smsapp.campaigns.sender_words import sender_notes
from smsapp.campaigns.signing import new_send_key
from smsapp.campaigns.summary import Figures, figures
from smsapp.clock import now
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.extensions import db
from smsapp.message_templates.queries import template_list
from smsapp.overview.health import worker_is_running
from smsapp.quota.queries import available_messages
from smsapp.quota.words import missing_sentence
from smsapp.text import tags
from smsapp.text.billing import MAX_CHARACTERS
from smsapp.text.insert import DoesNotFit, Edit, substitute_edits, tag_edit, written_tag
from smsapp.text.tag_names import FIELDS, display_name
from smsapp.web import format_clock, format_number, local_time

Note = tuple[str, str]  # a sentence, and its tone: "", "warn", "full" or "bad"
MOST_TEMPLATES = 200
LATE, EARLY, SUNDAY = 20, 8, 6


def order_for(audience: Audience, form: ComposeForm) -> Order | None:
    """The order; None with the complaint at its field, or while nothing can be sent at all."""
    try:
        return order_of(db.session(), form.composed(audience.id))
    except FieldProblem as problem:
        form.add_problem(problem)
    except (ModuleOff, AudienceNotActive):
        pass  # the page around it says so
    return None


def popup_values(audience: Audience, form: ComposeForm, position: int = 1) -> dict[str, Any]:
    """All that the popup shows; how many contacts there are is known even while the text cannot be read."""
    shown = figures_values(audience, form, position)
    found = shown["figures"]
    return {
        **shown,
        "contacts": found.contacts if found else count(audience.tree),
        "tag_choices": tag_choices(),
        "blocker": blocker(),
        **tool_values(),
        "full_sentence": words.full_sentence(),
        "tag_full_sentence": words.tag_full_sentence(),
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
        "cheaper": cheaper(order, found) if order and found else None,
        "empty_fields": list(_empty_fields(order, found)) if order and found else [],
        "preview": preview(db.session(), order, position, found.recipients) if order and found else None,
    }


def tool_values() -> dict[str, Any]:
    """What the popup's tools need: the user's templates, and the key that makes a test SMS happen once."""
    chosen = template_list(current_user.id).limit(MOST_TEMPLATES)
    return {"templates": db.session.scalars(chosen).all(), "test_key": new_send_key()}


def preview_for(audience: Audience, form: ComposeForm, position: int) -> Preview | None:
    """What the recipient at this position gets."""
    order = order_for(audience, form)
    return preview(db.session(), order, position, figures(order).recipients) if order else None


def confirmation_values(audience: Audience, form: ComposeForm, confirmed: Confirmed) -> dict[str, Any]:
    """All that the confirmation shows, but for its token and conflicts."""
    order, plan, available = confirmed.order, confirmed.plan, available_messages()
    return {
        "audience": audience,
        "plan": plan,
        "available": available,
        "sendable": 0 < plan.messages <= available,
        "notes": list(confirmation_notes(confirmed, available)),
        "skip_sentence": words.skip_sentence(plan.skips) if plan.skipped else "",
        "histogram_line": words.histogram_line,
        "sender_label": sender_label(form),
        "phone_label": PHONE_FIELD_LABELS[order.phone_field],
        "deadline": order.deadline,
        "preview": preview(db.session(), order, 1, plan.recipients),
        "hidden": form.hidden(),
    }


def blocker() -> str | None:
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


def asked_edits(text: str, posted: Mapping[str, str]) -> list[Edit]:
    """What "Add tag" or "Use as substitute" changes in the text; raises what `try_edits` words."""
    language = str(get_locale())
    if (field := posted.get("substitute_for")) is not None:
        return substitute_edits(text, field, written_tag(field, language, posted.get(f"substitute_{field}", "")))
    piece = written_tag(posted.get("tag", ""), language, posted.get("substitute", "").strip() or None)
    return [tag_edit(text, piece, posted.get("selection_start", ""), posted.get("selection_end", ""))]


def try_edits(text: str, posted: Mapping[str, str]) -> tuple[list[Edit], str | None]:
    """The edits that were asked for, or none and a sentence that says why not."""
    try:
        return asked_edits(text, posted), None
    except DoesNotFit:
        return [], words.tag_full_sentence()
    except tags.TagError:
        return [], str(_("Please correct the text first: a tag in it cannot be read."))
    except (ValueError, KeyError):
        return [], str(_("A substitute may have no braces and no |."))


def _notes(order: Order, found: Figures, available: int) -> Iterator[Note]:
    left = words.characters_left(len(order.text))
    if left:
        yield left, "warn" if len(order.text) < MAX_CHARACTERS else "full"
    if found.contacts == 0:
        yield _("This audience contains no contacts. Change the conditions and save them."), "bad"
    elif found.recipients == 0 and order.text.strip():
        yield words.nobody_sentence(found.contacts, found.skips), "bad"
    if found.too_long:
        yield words.too_long_sentence(found.too_long), "warn"
    if found.more_parts:
        yield words.more_parts_sentence(found.dearer, found.causes), ""
    yield from sender_notes(order.sender, found.countries)
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


def confirmation_notes(confirmed: Confirmed, available: int) -> Iterator[Note]:
    """What must be told before "Yes"."""
    order, plan = confirmed.order, confirmed.plan
    if plan.messages > available:
        yield missing_sentence(plan.messages, available), "bad"
        return
    earlier = earlier_send(db.session(), order)
    if earlier is not None:
        yield _repeated(format_clock(earlier.created_at), earlier.recipients), "warn"
    moment = local_time(now())
    if moment.weekday() == SUNDAY:
        yield _("It is Sunday, %(time)s. The SMS arrive now.", time=format_clock(now())), "warn"
    elif moment.hour >= LATE or moment.hour < EARLY:
        yield _("It is %(time)s. The SMS arrive now.", time=format_clock(now())), "warn"
    if plan.more_parts:
        yield words.more_parts_sentence(plan.dearer, confirmed.causes), "info"
    yield from ((sentence, tone or "info") for sentence, tone in sender_notes(order.sender, plan.countries))
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
