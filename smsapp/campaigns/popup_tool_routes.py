"""What helps while composing: templates, a cheaper wording, other recipients' texts, a test SMS."""

from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.audiences.models import Audience
from smsapp.campaigns import composing, words
from smsapp.campaigns.cheaper import cheaper
from smsapp.campaigns.examples import Kind, examples
from smsapp.campaigns.forms import ComposeForm, posted_form, problem_text
from smsapp.campaigns.popup_routes import asked_position, blueprint, show_compose, the_audience
from smsapp.campaigns.problems import FieldProblem
from smsapp.campaigns.signing import new_send_key
from smsapp.campaigns.summary import figures
from smsapp.campaigns.testing import NobodyToShow, NoOwnNumber, send_test
from smsapp.delivery.models import Campaign
from smsapp.errors import AppError, Conflict
from smsapp.extensions import db
from smsapp.message_templates import queries as template_queries
from smsapp.text.insert import Edit, applied
from smsapp.text.normalise import line_feeds
from smsapp.text.segments import utf16_units
from smsapp.web import go_to, is_htmx


@blueprint.post("/template")
@needs(Right.SEND)
def use_template(audience_id: int) -> ResponseReturnValue:
    """The chosen template in place of what is typed, which the browser's undo brings back."""
    audience, form = the_audience(audience_id), posted_form()
    template = template_queries.get(request.form.get("template", 0, type=int), current_user.id)
    previous = form.typed if form.typed.strip() and form.typed != template.text else ""
    form.choose(template.sender, template.phone_field)
    edits = [Edit(template.text, 0, utf16_units(form.typed))]
    return show_edits(audience, form, edits, chosen_anew=True, previous=previous)


@blueprint.post("/restore")
@needs(Right.SEND)
def restore(audience_id: int) -> ResponseReturnValue:
    """What was typed before a template took its place."""
    audience, form = the_audience(audience_id), posted_form()
    previous = line_feeds(request.form.get("previous", ""))
    return show_edits(audience, form, [Edit(previous, 0, utf16_units(form.typed))])


@blueprint.post("/plainer")
@needs(Right.SEND)
def use_plainer(audience_id: int) -> ResponseReturnValue:
    """The cheaper wording that was offered."""
    audience, form = the_audience(audience_id), posted_form()
    order = composing.order_for(audience, form)
    found = cheaper(order, figures(order)) if order else None
    return show_edits(audience, form, found.edits if found else [])


def show_edits(audience: Audience, form: ComposeForm, edits: list[Edit], **values: Any) -> ResponseReturnValue:
    """Edits for the script to make, or without htmx the popup with the text already changed."""
    if is_htmx():
        return render_template("campaigns/_inserted.html", audience=audience, edits=edits, form=form, **values)
    form.text.data = applied(form.typed, edits)
    return show_compose(audience, form, **values)


@blueprint.post("/examples/<kind>")
@needs(Right.SEND)
def show_examples(audience_id: int, kind: str) -> ResponseReturnValue:
    """Recipients worth a look, each leading to the preview."""
    if kind not in list(Kind):
        abort(404)
    audience, form = the_audience(audience_id), posted_form()
    order = composing.order_for(audience, form)
    found = examples(db.session(), order, Kind(kind), request.form.get("who", "")) if order else []
    values: dict[str, Any] = {"examples": found, "asked": True, "unreadable": order is None}
    if is_htmx():
        return render_template("campaigns/_examples.html", audience=audience, **values)
    return show_compose(audience, form, **values)


@blueprint.post("/test")
@needs(Right.SEND)
def test(audience_id: int) -> ResponseReturnValue:
    """A test SMS to oneself, with the values of the recipient that the preview shows."""
    audience, form = the_audience(audience_id), posted_form()
    key = request.form.get("test_key") or new_send_key()
    try:
        launched = send_test(form.composed(audience_id), asked_position(), key, current_user.id)
    except (FieldProblem, NobodyToShow, NoOwnNumber, Conflict) as error:
        return not_tested(audience, form, error)
    campaign = db.session.get_one(Campaign, launched.campaign_id)
    message = words.tested_sentence(current_user.phone, campaign.messages)
    if is_htmx():
        return render_template("campaigns/_tested.html", message=message, campaign=campaign, test_key=new_send_key())
    flash(message)
    return go_to(url_for("campaigns.show", campaign_id=campaign.id))


def not_tested(audience: Audience, form: ComposeForm, error: AppError) -> ResponseReturnValue:
    """Why no test SMS was sent; the popup stays as it is."""
    message = problem_text(error, len(form.typed)) if isinstance(error, FieldProblem) else error.message
    if not is_htmx():
        return show_compose(audience, form, error.status, trouble=message)
    needs_profile = isinstance(error, NoOwnNumber)
    values = {"trouble": message, "needs_profile": needs_profile, "test_key": new_send_key()}
    return render_template("campaigns/_tested.html", **values), error.status
