"""The popup: composing, counting, confirming, launching. All below /audiences/<id>/send."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, is_htmx, needs
from smsapp.audiences.models import Audience
from smsapp.campaigns import composing, drafts
from smsapp.campaigns.composing import popup_audience
from smsapp.campaigns.forms import ComposeForm, TagForm
from smsapp.campaigns.launch import launch as launch_campaign
from smsapp.contacts.export import csv_response
from smsapp.errors import AppError, Conflict

blueprint = Blueprint("popup", __name__, url_prefix="/audiences/<int:audience_id>/send")


@blueprint.get("")
@needs(Right.SEND)
def compose(audience_id: int) -> ResponseReturnValue:
    """The popup, with what this user had composed for this audience; a new send key is a new send."""
    audience = popup_audience(audience_id)
    return show_compose(audience, composing.form_from_draft(audience_id, current_user.id))


@blueprint.post("/back")
@needs(Right.SEND)
def back(audience_id: int) -> ResponseReturnValue:
    """From the confirmation or the skipped list back to the same popup: the send key stays."""
    audience = popup_audience(audience_id)
    return show_compose(audience, composing.posted_form())


@blueprint.post("/figures")
@needs(Right.SEND)
def figures(audience_id: int) -> ResponseReturnValue:
    """The counters for what is typed; without htmx the whole popup."""
    audience = popup_audience(audience_id)
    form = composing.posted_form()
    valid = composing.text_is_valid(form)
    if not is_htmx():
        return show_compose(audience, form)
    return render_template("campaigns/_figures.html", **composing.figures_of(audience, form)), 200 if valid else 422


@blueprint.post("/preview")
@needs(Right.SEND)
def preview(audience_id: int) -> ResponseReturnValue:
    """What another recipient gets."""
    audience = popup_audience(audience_id)
    form = composing.posted_form()
    composing.text_is_valid(form)
    shown = composing.preview_of(audience, form, request.form.get("preview", 1, type=int))
    return render_template("campaigns/_preview.html", audience=audience, preview=shown)


def show_compose(audience: Audience, form: ComposeForm, status: int = 200) -> ResponseReturnValue:
    """The popup as a fragment, or as a page of its own without htmx."""
    values = composing.popup_values(audience, form)
    return show("campaigns/_compose.html", audience, status, **values)


def show(fragment: str, audience: Audience, status: int = 200, **values: object) -> ResponseReturnValue:
    """A state of the popup: the fragment, or the page that includes it."""
    template = fragment if is_htmx() else "campaigns/compose.html"
    return render_template(template, fragment=fragment, audience=audience, **values), status
