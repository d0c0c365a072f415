"""The popup: composing, counting, confirming, launching. All below /audiences/<id>/send."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from smsapp.accounts.rights import Right, may, needs
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
from smsapp.errors import AppError, FormExpired, error_page, form_expired
from smsapp.extensions import db
from smsapp.quota.words import missing_sentence
from smsapp.text.insert import applied
from smsapp.web import format_clock, go_to, is_htmx, render

blueprint = Blueprint("popup", __name__, url_prefix="/audiences/<id:audience_id>/send")


def the_audience(audience_id: int) -> Audience:
    """The audience, while the module is on and it can be sent to."""
    require_module(db.session())
    return sendable_audience(db.session(), audience_id)


def kept_form(audience_id: int) -> ComposeForm:
    """What is typed, kept as a draft whether or not it can be sent."""
    form = posted_form()
    save_draft(current_user.id, form.composed(audience_id), form.send_key.data or "")
    return form


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
    kept_form(audience_id)
    return ("", 204) if is_htmx() else redirect(url_for("audiences.conditions", audience_id=audience_id), 303)


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


@blueprint.post("/tag", endpoint="add_tag")
@blueprint.post("/substitute", endpoint="substitute")
@needs(Right.SEND)
def edit(audience_id: int) -> ResponseReturnValue:
    """Edits for the script to make where the caret is, or the popup with the text already changed."""
    audience, form = the_audience(audience_id), posted_form()
    edits, error = composing.try_edits(form.typed, request.form)
    status = 422 if error else 200
    if is_htmx():
        return render_template("campaigns/_inserted.html", edits=edits, error=error), status
    form.text.data = applied(form.typed, edits)
    return show_compose(audience, form, status, tag_error=error)


@blueprint.post("/skipped")
@needs(Right.SEND)
def skipped(audience_id: int) -> ResponseReturnValue:
    """Who gets nothing, and why."""
    form = kept_form(audience_id)
    audience = the_audience(audience_id)
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
    return show_fresh_confirmation(audience_id, kept_form(audience_id))


@blueprint.post("/launch")
@needs(Right.SEND)
def launch(audience_id: int) -> ResponseReturnValue:
    """ "Yes": the send, once; said again it leads to the send that it was."""
    form = posted_form()
    try:
        launched = launch_campaign(form.composed(audience_id), request.form.get("token", ""), current_user.id)
    except AppError as error:
        return refused(error, audience_id, form)
    flash(launched_message(launched))
    return go_to(url_for("campaigns.show", campaign_id=launched.campaign_id))


def launched_message(launched: Launched) -> str:
    """What happened, for the page of the send."""
    campaign = db.session.get_one(Campaign, launched.campaign_id)
    if launched.again:
        return words.again_sentence(format_clock(campaign.created_at))
    return words.launched_sentence(campaign.recipients, campaign.messages)


def refused(error: AppError, audience_id: int, form: ComposeForm) -> ResponseReturnValue:
    """The one answer to each thing that is wrong with a send; what no form can mend is `nothing_sent`."""
    match error:
        case FiguresChanged():
            changes = words.changes_sentence(error.changes)
            return show_confirmation(the_audience(audience_id), form, error.confirmed, changes)
        case QuotaMissing():
            return show_fresh_confirmation(audience_id, form, missing_sentence(error.needed, error.available))
        case FieldProblem():
            form.add_problem(error)
            return show_compose(the_audience(audience_id), form, 422)
        case NobodyReachable():  # the figures say why
            return show_compose(the_audience(audience_id), form, 422, focus_notes=True)
    raise error


@blueprint.errorhandler(AppError)
def nothing_sent(error: AppError) -> ResponseReturnValue:
    """What is in the way. htmx leaves the form as it is; without it the page comes back with all that was typed."""
    audience = db.session.get(Audience, (request.view_args or {})["audience_id"])
    if is_htmx() and request.endpoint == "popup.launch":
        return error_page(error.status, error.message, "campaigns/_not_launched.html")
    if is_htmx() or request.method == "GET" or audience is None:
        return error_page(error.status, error.message)
    return show_compose(audience, posted_form(), error.status, trouble=error.message)


@blueprint.errorhandler(CSRFError)
def expired(error: CSRFError) -> ResponseReturnValue:
    """The form's token is of an earlier session; for this user's eyes the form comes back with a new one."""
    return form_expired(error) if is_htmx() or not may(Right.SEND) else nothing_sent(FormExpired())


def show_fresh_confirmation(audience_id: int, form: ComposeForm, conflict: str = "") -> ResponseReturnValue:
    """The confirmation worked out now, with what was in the way of an earlier one."""
    try:
        confirmed = confirm_order(form.composed(audience_id), form.send_key.data or "", current_user.id)
    except AppError as error:
        return refused(error, audience_id, form)
    return show_confirmation(the_audience(audience_id), form, confirmed, conflict)


def show_confirmation(
    audience: Audience, form: ComposeForm, confirmed: Confirmed, conflict: str = ""
) -> ResponseReturnValue:
    """The confirmation as a fragment or a page; with a conflict it is 409."""
    values = composing.confirmation_values(audience, form, confirmed)
    values["notes"] = [note for note in values["notes"] if note[0] != conflict]
    status = 409 if conflict else 200
    return show("campaigns/_confirm.html", status, token=confirmed.token, conflict=conflict, **values)


def show_compose(audience: Audience, form: ComposeForm, status: int = 200, **values: Any) -> ResponseReturnValue:
    """The popup, with everything that was typed."""
    chosen = {"chosen_tag": request.form.get("tag"), "substitute": request.form.get("substitute")}
    shown = composing.popup_values(audience, form, asked_position())
    return show("campaigns/_compose.html", status, **shown, **chosen, **values)


def show(fragment: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """A state of the popup: the fragment, or without htmx the page that includes it."""
    return render("campaigns/compose.html", fragment, status, fragment=fragment, **values)


def asked_position() -> int:
    """The recipient whose text the preview shows: the one asked for, or the one shown before."""
    return request.values.get("preview", type=int) or request.form.get("preview_position", type=int) or 1
