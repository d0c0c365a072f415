"""Sending the failed SMS of a finished send again: asked with number and price, and done once."""

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns import words
from smsapp.campaigns.composing import confirmation_notes
from smsapp.campaigns.confirmation import Confirmed, confirm_resend
from smsapp.campaigns.launch import launch
from smsapp.campaigns.order import Resend
from smsapp.campaigns.popup_routes import launched_message
from smsapp.campaigns.problems import FiguresChanged, NobodyReachable, QuotaMissing
from smsapp.campaigns.routes import blueprint
from smsapp.campaigns.send_page import the_campaign
from smsapp.contacts.numbers import display
from smsapp.contacts.words import PHONE_FIELD_LABELS
from smsapp.errors import NotThere
from smsapp.quota.queries import available_messages
from smsapp.quota.words import missing_sentence
from smsapp.web import dialog, go_to


@blueprint.get("/<id:campaign_id>/resend")
@needs(Right.SEND)
def ask_to_resend(campaign_id: int) -> ResponseReturnValue:
    """How many SMS are sent again at what price, asked before it is done."""
    return _ask(campaign_id)


@blueprint.post("/<id:campaign_id>/resend")
@needs(Right.SEND)
def resend(campaign_id: int) -> ResponseReturnValue:
    """ "Yes": a new send, once; said again, by whomever, it leads to the send that it was."""
    campaign = the_campaign(campaign_id)
    if campaign.audience_id is None:
        raise NotThere(_("This send does not exist."))
    wanted = Resend(campaign_id, campaign.audience_id)
    try:
        launched = launch(wanted, request.form.get("token", ""), current_user.id)
    except FiguresChanged as error:
        return _show(campaign_id, error.confirmed, words.changes_sentence(error.changes))
    except QuotaMissing as error:
        return _ask(campaign_id, missing_sentence(error.needed, error.available))
    except NobodyReachable as error:
        return _nobody(campaign_id, error)
    flash(launched_message(launched))
    return go_to(url_for("campaigns.show", campaign_id=launched.campaign_id))


def _ask(campaign_id: int, conflict: str = "") -> ResponseReturnValue:
    try:
        confirmed = confirm_resend(campaign_id, current_user.id)
    except NobodyReachable as error:
        return _nobody(campaign_id, error)
    return _show(campaign_id, confirmed, conflict)


def _show(campaign_id: int, confirmed: Confirmed, conflict: str) -> ResponseReturnValue:
    order, plan, available = confirmed.order, confirmed.plan, available_messages()
    notes = [note for note in confirmation_notes(confirmed, available) if note[0] != conflict]
    return _dialog(
        campaign_id,
        409 if conflict else 200,
        plan=plan,
        available=available,
        sendable=0 < plan.messages <= available,
        notes=notes,
        skip_sentence=words.skip_sentence(plan.skips) if plan.skipped else "",
        histogram_line=words.histogram_line,
        sender_label=display(order.sender),
        phone_label=PHONE_FIELD_LABELS[order.phone_field],
        token=confirmed.token,
        conflict=conflict,
    )


def _nobody(campaign_id: int, error: NobodyReachable) -> ResponseReturnValue:
    """All that failed is blocked by now, or has another number."""
    reasons = words.skip_sentence(error.plan.skips)
    return _dialog(campaign_id, 422, conflict=f"{error.message} {reasons}")


def _dialog(campaign_id: int, status: int, **values: Any) -> ResponseReturnValue:
    back = url_for("campaigns.show", campaign_id=campaign_id)
    title = _("Send the failed SMS again?")
    return dialog("campaigns/_resend.html", title, back, status, campaign=the_campaign(campaign_id), **values)
