"""The popup: composing, counting, confirming, launching. All below /audiences/<id>/send."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.audiences.models import Audience
from smsapp.campaigns import composing, words
from smsapp.campaigns.confirmation import Confirmed
from smsapp.campaigns.confirmation import confirm as confirm_order
from smsapp.campaigns.drafts import load_draft, save_draft
from smsapp.campaigns.forms import ComposeForm, form_of, posted_form
from smsapp.campaigns.launch import Launched
from smsapp.campaigns.launch import launch as launch_campaign
from smsapp.campaigns.order import Composed, order_of, require_module, sendable_audience
from smsapp.campaigns.pages import csv_of_skips, skipped_values
from smsapp.campaigns.problems import FieldProblem, FiguresChanged, NobodyReachable, QuotaMissing
from smsapp.campaigns.signing import new_send_key
from smsapp.delivery.models import Campaign
from smsapp.extensions import db
from smsapp.quota.words import missing_sentence
from smsapp.web import format_clock, is_htmx

blueprint = Blueprint("popup", __name__, url_prefix="/audiences/<int(max=2147483647):audience_id>/send")


def the_audience(audience_id: int) -> Audience:
    """The audience, while the module is on and it can be sent to."""
    require_module(db.session())
    return sendable_audience(db.session(), audience_id)


@blueprint.get("")
@needs(Right.SEND)
def compose(audience_id: int) -> ResponseReturnValue:
    """The popup with this user's draft; opened anew it is a new send."""
    audience = the_audience(audience_id)
    draft = load_draft(current_user.id, audience_id) or Composed(audience_id, "")
    return show_compose(audience, form_of(draft, new_send_key()))


@blueprint.post("/back")
@needs(Right.SEND)
def back(audience_id: int) -> ResponseReturnValue:
    """From the confirmation or the skipped list back to the same popup: the send key stays."""
    return show_compose(the_audience(audience_id), posted_form())


@blueprint.post("/draft")
@needs(Right.SEND)
def keep_draft(audience_id: int) -> ResponseReturnValue:
    """Keep what is typed, and without JavaScript go back to the audience."""
    save_draft(current_user.id, posted_form().composed(the_audience(audience_id).id))
    return redirect(url_for("audiences.conditions", audience_id=audience_id), 303)


@blueprint.post("/figures")
@needs(Right.SEND)
def figures(audience_id: int) -> ResponseReturnValue:
    """The counters for what is typed; without htmx the whole popup."""
    audience, form = the_audience(audience_id), posted_form()
    if not is_htmx():
        return show_compose(audience, form)
    values = composing.figures_values(audience, form, asked_position())
    return render_template("campaigns/_figures.html", **values), 200 if values["figures"] else 422


@blueprint.post("/preview")
@needs(Right.SEND)
def preview(audience_id: int) -> ResponseReturnValue:
    """What another recipient gets."""
    audience, form = the_audience(audience_id), posted_form()
    shown = composing.preview_for(audience, form, asked_position())
    return render_template("campaigns/_preview.html", audience=audience, preview=shown)


@blueprint.post("/tag")
@needs(Right.SEND)
def add_tag(audience_id: int) -> ResponseReturnValue:
    """Where and how the chosen tag goes into the text."""
    start, end = (request.form.get(name, "") for name in ("selection_start", "selection_end"))
    field, substitute = (request.form.get(name, "") for name in ("tag", "substitute"))
    return show_edits(audience_id, lambda text: [composing.tag_edit(text, field, substitute, start, end)])


@blueprint.post("/substitute")
@needs(Right.SEND)
def substitute(audience_id: int) -> ResponseReturnValue:
    """A substitute for the tags of a field that have none."""
    field = request.form.get("substitute_for", "")
    wanted = request.form.get(f"substitute_{field}", "")
    return show_edits(audience_id, lambda text: composing.substitute_edits(text, field, wanted))


@blueprint.post("/skipped")
@needs(Right.SEND)
def skipped(audience_id: int) -> ResponseReturnValue:
    """Who gets nothing, and why."""
    audience, form = the_audience(audience_id), posted_form()
    save_draft(current_user.id, form.composed(audience_id))
    order = composing.order_for(audience, form)
    if order is None:
        return show_compose(audience, form, 422)
    return show("campaigns/_skipped.html", audience=audience, hidden=form.hidden(), **skipped_values(order))


@blueprint.post("/skipped.csv")
@needs(Right.SEND)
def skipped_csv(audience_id: int) -> ResponseReturnValue:
    """Who gets nothing, as a table to download."""
    order = order_of(db.session(), posted_form().composed(the_audience(audience_id).id))
    return csv_of_skips(order)


@blueprint.post("/confirm")
@needs(Right.SEND)
def confirm(audience_id: int) -> ResponseReturnValue:
    """The confirmation: worked out afresh and signed."""
    audience, form = the_audience(audience_id), posted_form()
    composed = form.composed(audience_id)
    save_draft(current_user.id, composed)
    try:
        confirmed = confirm_order(composed, form.send_key.data or "", current_user.id)
    except FieldProblem as problem:
        form.add_problem(problem)
        return show_compose(audience, form, 422)
    except NobodyReachable as problem:
        return show_compose(audience, form, 422, nobody=nobody_text(problem))
    return show_confirmation(audience, form, confirmed)


@blueprint.post("/launch")
@needs(Right.SEND)
def launch(audience_id: int) -> ResponseReturnValue:
    """ "Yes": the send, once."""
    audience, form = the_audience(audience_id), posted_form()
    try:
        launched = launch_campaign(form.composed(audience_id), request.form.get("token", ""), current_user.id)
    except FiguresChanged as problem:
        return show_confirmation(audience, form, problem.confirmed, 409, [words.changes_sentence(problem.changes)])
    except QuotaMissing as problem:
        return refused(audience, form, missing_sentence(problem.needed, problem.available))
    except FieldProblem as problem:
        form.add_problem(problem)
        return show_compose(audience, form, 422)
    except NobodyReachable as problem:
        return show_compose(audience, form, 422, nobody=nobody_text(problem))
    flash(launched_message(launched))
    return leave_to(url_for("campaigns.show", campaign_id=launched.campaign_id))


def launched_message(launched: Launched) -> str:
    """What happened, for the page of the send."""
    campaign = db.session.get_one(Campaign, launched.campaign_id)
    if launched.again:
        return words.again_sentence(format_clock(campaign.created_at))
    return words.launched_sentence(campaign.recipients, campaign.messages)


def refused(audience: Audience, form: ComposeForm, message: str) -> ResponseReturnValue:
    """The confirmation worked out again, with what is in the way."""
    confirmed = confirm_order(form.composed(audience.id), form.send_key.data or "", current_user.id)
    return show_confirmation(audience, form, confirmed, 409, [message])


def show_confirmation(
    audience: Audience, form: ComposeForm, confirmed: Confirmed, status: int = 200, conflicts: list[str] | None = None
) -> ResponseReturnValue:
    """The confirmation as a fragment or a page."""
    values = composing.confirmation_values(audience, form, confirmed.order, confirmed.plan)
    values["notes"] = [note for note in values["notes"] if note[0] not in (conflicts or [])]
    return show("campaigns/_confirm.html", status=status, token=confirmed.token, conflicts=conflicts or [], **values)


def show_edits(audience_id: int, edits_of: composing.EditsOf) -> ResponseReturnValue:
    """Edits for the script to make at the caret, or the popup with the text already changed."""
    audience, form = the_audience(audience_id), posted_form()
    edits, error = composing.try_edits(form.typed, edits_of)
    if is_htmx():
        return render_template("campaigns/_inserted.html", edits=edits, error=error), 422 if error else 200
    form.text.data = composing.apply_edits(form.typed, edits)
    return show_compose(audience, form, 422 if error else 200, tag_error=error)


def show_compose(audience: Audience, form: ComposeForm, status: int = 200, **values: Any) -> ResponseReturnValue:
    """The popup, with everything that was typed."""
    chosen = {"chosen_tag": request.form.get("tag"), "substitute": request.form.get("substitute")}
    return show(
        "campaigns/_compose.html",
        status=status,
        **composing.popup_values(audience, form, asked_position()),
        **chosen,
        **values,
    )


def show(fragment: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """A state of the popup: the fragment, or without htmx the page that includes it."""
    template = fragment if is_htmx() else "campaigns/compose.html"
    return render_template(template, fragment=fragment, **values), status


def leave_to(address: str) -> ResponseReturnValue:
    """On to another page, out of the popup."""
    return Response(status=204, headers={"HX-Redirect": address}) if is_htmx() else redirect(address, 303)


def asked_position() -> int:
    """The recipient whose text the preview shows: the one asked for, or the one shown before."""
    return request.values.get("preview", type=int) or request.form.get("preview_position", type=int) or 1


def nobody_text(problem: NobodyReachable) -> str:
    """Why nobody can get the message."""
    if problem.plan.contacts == 0:
        return str(_("This audience contains no contacts. Change the conditions and save them."))
    return words.nobody_sentence(problem.plan.contacts, problem.plan.skips)
