"""The pages of sends: the list, one send with its progress and recipients, and what can be done with it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from smsapp.accounts.rights import Right, needs
from smsapp.campaigns import queries
from smsapp.campaigns.drafts import restore_draft
from smsapp.campaigns.pages import SKIP_ORDERS, campaign_skips, csv_of_campaign_skips, reason_writer
from smsapp.campaigns.recipient_queries import contacts_left
from smsapp.campaigns.send_page import (
    cancellable,
    page_values,
    progress_of,
    progress_values,
    recipient_values,
    the_campaign,
)
from smsapp.delivery import service
from smsapp.delivery.states import CampaignState
from smsapp.delivery.words import campaign_label, campaign_tone
from smsapp.errors import Conflict
from smsapp.extensions import db
from smsapp.listing import cleaned
from smsapp.quota import pages as quota_pages
from smsapp.quota.words import effect, kind_label
from smsapp.web import asked_sort, dialog, format_number, is_htmx, list_is_at, paginate, render

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("/")
@needs(Right.READ)
def index() -> ResponseReturnValue:
    """All sends, newest first; search, state, order and page are in the URL."""
    search = cleaned(request.args.get("q", ""))
    state = request.args.get("state", "")
    sort = asked_sort(queries.ORDERS, queries.NEWEST_FIRST)
    page = paginate(queries.sends(search, state, sort), 25)
    return render(
        "campaigns/index.html",
        "campaigns/_list.html",
        page=page,
        search=search,
        state=state,
        sort=sort,
        states=[(each, campaign_label(each)) for each in CampaignState],
        any_send=bool(page.total or queries.latest(1)),
        campaign_label=campaign_label,
        campaign_tone=campaign_tone,
    )


@blueprint.get("/<id:campaign_id>")
@needs(Right.READ)
def show(campaign_id: int) -> ResponseReturnValue:
    """One send; to htmx only its recipients, by state, search and order of the URL."""
    campaign = the_campaign(campaign_id)
    values = recipient_values(campaign) if is_htmx() else page_values(campaign)
    return render("campaigns/show.html", "campaigns/_recipients.html", **values)


@blueprint.get("/<id:campaign_id>/progress")
@needs(Right.READ)
def progress(campaign_id: int) -> ResponseReturnValue:
    """The progress card, which asks for itself again until there is no more to come."""
    values = progress_values(the_campaign(campaign_id))
    return render_template("campaigns/_progress.html", oob=is_htmx(), **values)


@blueprint.get("/<id:campaign_id>/skipped")
@needs(Right.READ)
def skipped(campaign_id: int) -> ResponseReturnValue:
    """Who got nothing, and why."""
    campaign = the_campaign(campaign_id)
    sort = asked_sort(SKIP_ORDERS, "")
    page = paginate(campaign_skips(campaign_id, sort))
    return render_template(
        "campaigns/skipped.html",
        campaign=campaign,
        page=page,
        sort=sort,
        contacts_left=contacts_left(page.items),
        reason_text=reason_writer(),
    )


@blueprint.get("/<id:campaign_id>/skipped.csv")
@needs(Right.READ)
def skipped_csv(campaign_id: int) -> ResponseReturnValue:
    """Who got nothing, as a table to download."""
    return csv_of_campaign_skips(the_campaign(campaign_id).id)


@blueprint.get("/<id:campaign_id>/ledger")
@needs(Right.READ)
def ledger(campaign_id: int) -> ResponseReturnValue:
    """The movements of quota that this send caused."""
    campaign = the_campaign(campaign_id)
    sort = asked_sort(quota_pages.ORDERS, quota_pages.NEWEST_FIRST)
    page = paginate(quota_pages.ledger(campaign_id, sort), scalars=False)
    words = {"kind_label": kind_label, "effect": effect}
    return render_template("campaigns/ledger.html", campaign=campaign, page=page, sort=sort, **words)


@blueprint.post("/<id:campaign_id>/undo")
@needs(Right.SEND)
def undo(campaign_id: int) -> ResponseReturnValue:
    """Take the whole send back while nothing has gone out."""
    service.undo(campaign_id, current_user.id)
    restore_draft(the_campaign(campaign_id))
    return done(
        campaign_id, _("The send is undone. Nothing was sent, the quota is returned. The text is a draft again.")
    )


@blueprint.post("/<id:campaign_id>/pause")
@needs(Right.SEND)
def pause(campaign_id: int) -> ResponseReturnValue:
    """Stop handing over, for now."""
    service.pause(campaign_id, current_user.id)
    return done(campaign_id, _("The send is paused."))


@blueprint.post("/<id:campaign_id>/resume")
@needs(Right.SEND)
def resume(campaign_id: int) -> ResponseReturnValue:
    """Go on."""
    service.resume(campaign_id, current_user.id)
    return done(campaign_id, _("The send goes on."))


@blueprint.get("/<id:campaign_id>/cancel-rest")
@needs(Right.SEND)
def ask_to_cancel_rest(campaign_id: int) -> ResponseReturnValue:
    """Ask before the rest is cancelled."""
    campaign = the_campaign(campaign_id)
    waiting = cancellable(progress_of(campaign))
    back = url_for("campaigns.show", campaign_id=campaign_id)
    return dialog("campaigns/_cancel_rest.html", _("Cancel the rest"), back, campaign=campaign, waiting=waiting)


@blueprint.post("/<id:campaign_id>/cancel-rest")
@needs(Right.SEND)
def cancel_rest(campaign_id: int) -> ResponseReturnValue:
    """Cancel what has not been handed over."""
    count = service.cancel_rest(campaign_id, current_user.id)
    message = ngettext("%(n)s SMS was cancelled.", "%(n)s SMS were cancelled.", count, n=format_number(count))
    return done(campaign_id, message)


@blueprint.errorhandler(Conflict)
def too_late(error: Conflict) -> ResponseReturnValue:
    """The send has gone on meanwhile: its page as it is now, with what cannot be done any more."""
    db.session.rollback()
    flash(error.message, "warn")
    campaign = the_campaign((request.view_args or {})["campaign_id"])
    list_is_at(url_for("campaigns.show", campaign_id=campaign.id))
    return render("campaigns/show.html", status=409, **page_values(campaign))


def done(campaign_id: int, message: str) -> ResponseReturnValue:
    """Back to the send's page, with what happened."""
    flash(message)
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)
